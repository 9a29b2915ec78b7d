/* command.c: what commands share, and the small ones. */
#include "app/app.h"
#include <errno.h>
#include <sys/stat.h>

int command_error(struct work *w) {
    fprintf(stderr, "mingtang: %s (%s)\n", error_text(&w->error), error_name(w->error.code));
    for (size_t i = 0; i < w->error.field_count; i++)
        fprintf(stderr, "  %s: %s\n", w->error.fields[i].field, w->error.fields[i].message);
    return 1;
}

/* data_dir and what is in it: made private on first use. */
static int make_dirs(const struct app_config *c) {
    static const char *const parts[] = {"", "/blobs", "/tmp"};
    for (size_t i = 0; i < countof(parts); i++) {
        char path[4096];
        int n = snprintf(path, sizeof path, "%s%s", c->data_dir, parts[i]);
        if (n < 0 || (size_t)n >= sizeof path || (mkdir(path, 0700) < 0 && errno != EEXIST)) {
            fprintf(stderr, "%s: %s\n", path, strerror(errno));
            return -1;
        }
    }
    return 0;
}

int command_open(struct app_config *c, struct command_work *cw) {
    char why[512] = "";
    memset(cw, 0, sizeof *cw);
    if (make_dirs(c) < 0 || config_secret(c) < 0 || app_load_defaults(c) < 0)
        return -1;
    cw->pool = db_pool_open(c->database, c->db_pool, why, sizeof why);
    if (!cw->pool) {
        fprintf(stderr, "database: %s\n", why);
        return -1;
    }
    app_modules();
    if (app_migrate(cw->pool, clock_now(&c->clock)) < 0) {
        db_pool_close(cw->pool);
        return -1;
    }
    cw->w.arena = arena_new(1024u * 1024 * 1024);
    cw->w.now = clock_now(&c->clock);
    cw->w.config = c;
    cw->w.actor.all_units = true;
    cw->w.actor.person_name = S("系统");
    for (size_t i = 0; i < countof(cw->w.actor.rights); i++)
        cw->w.actor.rights[i] = UINT64_MAX;
    if (db_attach(&cw->w, cw->pool) < 0 || calendar_load(&cw->w) < 0 || ledger_open(&cw->w) < 0) {
        command_error(&cw->w);
        command_close(cw);
        return -1;
    }
    return 0;
}

void command_close(struct command_work *cw) {
    if (cw->w.db)
        db_detach(&cw->w);
    db_pool_close(cw->pool);
    arena_free(cw->w.arena);
    ledger_forget();
}

int command_transaction(struct work *w, int (*fn)(struct work *w, void *arg), void *arg) {
    if (db_begin(w) < 0)
        return command_error(w);
    if (fn(w, arg) < 0) {
        db_rollback(w);
        return command_error(w);
    }
    return db_commit(w) < 0 ? command_error(w) : 0;
}

int cmd_migrate(struct app_config *c, int argc, char **argv) {
    struct command_work cw;
    (void)argv;
    if (argc != 1)
        return 2;
    if (command_open(c, &cw) < 0)
        return 1;
    command_close(&cw);
    fprintf(stderr, "schema is up to date\n");
    return 0;
}

int cmd_config(struct app_config *c, int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "check") == 0) {
        fprintf(stderr, "settings are good\n");
        return 0;
    }
    if (argc > 2 || (argc == 2 && strcmp(argv[1], "--json") != 0))
        return 2;
    config_print(c, argc == 2);
    return 0;
}

struct moved {
    const char *file;
    int64_t count;
};
static int moved_load(struct work *w, void *arg) {
    struct moved *m = arg;
    return disclosure_moved_load(w, m->file, &m->count);
}

int cmd_moved(struct app_config *c, int argc, char **argv) {
    struct command_work cw;
    struct moved m = {.file = argc == 2 ? argv[1] : NULL};
    if (!m.file)
        return 2;
    if (command_open(c, &cw) < 0)
        return 1;
    int rc = command_transaction(&cw.w, moved_load, &m);
    if (rc == 0)
        printf("moved addresses: %lld\n", (long long)m.count);
    command_close(&cw);
    return rc == 0 ? 0 : 1;
}

int cmd_search(struct app_config *c, int argc, char **argv) {
    struct command_work cw;
    if (argc != 2 || strcmp(argv[1], "rebuild") != 0)
        return 2;
    int asked = search_ask_rebuild(c); /* a running server does it itself: its readers go on meanwhile */
    if (asked)
        return asked > 0 ? 0 : 1;
    if (command_open(c, &cw) < 0)
        return 1;
    struct db_pool *pool = cw.pool;
    db_detach(&cw.w);
    cw.w.db = NULL;
    int rc = search_rebuild(pool, c, true);
    command_close(&cw);
    return rc < 0 ? 1 : 0;
}

int cmd_openapi(struct app_config *c, int argc, char **argv) {
    const struct route *const *tables;
    const size_t *counts;
    size_t n;
    char why[256] = "";
    (void)argv;
    if (argc != 1)
        return 2;
    app_routes(&tables, &counts, &n);
    struct app_config quiet = *c;
    quiet.listen = "127.0.0.1:0";
    struct http_server *s = http_start(&quiet, NULL, tables, counts, n, &app_hooks, why, sizeof why);
    if (!s) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    json_t *o = http_openapi(s, permission_code);
    json_dumpf(o, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(o);
    http_stop(s);
    return 0;
}

static int user_list(struct work *w) {
    json_t *list = account_list(w), *o;
    size_t i;
    json_array_foreach(list, i, o) printf("%-24s %s%s\n", json_string_value(json_object_get(o, "login")),
                                          json_string_value(json_object_get(o, "name")),
                                          json_is_true(json_object_get(o, "disabled")) ? "（已停用）" : "");
    json_decref(list);
    return 0;
}

struct user_step {
    const char *login;
    bool password;
    struct str given;
};
static int user_change(struct work *w, void *arg) {
    struct user_step *u = arg;
    int64_t id;
    int n = account_find(w, str_z(u->login), &id);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有账号 %s", u->login);
    if (!u->password)
        return account_unlock(w, id);
    u->given = str_printf(w->arena, "Mt-%.*s9", STR_ARG(random_token(w->arena, 12)));
    return account_set_password(w, id, u->given, true);
}

int cmd_user(struct app_config *c, int argc, char **argv) {
    struct command_work cw;
    struct user_step u = {.login = argc == 3 ? argv[2] : NULL,
                          .password = argc == 3 && strcmp(argv[1], "password") == 0};
    bool list = argc == 2 && strcmp(argv[1], "list") == 0;
    if (!list && !(argc == 3 && (u.password || strcmp(argv[1], "unlock") == 0)))
        return 2;
    if (command_open(c, &cw) < 0)
        return 1;
    int rc = list ? user_list(&cw.w) : command_transaction(&cw.w, user_change, &u);
    if (rc == 0 && u.password)
        printf("%.*s\n", STR_ARG(u.given));
    command_close(&cw);
    return rc;
}

/* How time-limit phrases are understood: the shipped catalogues' phrases, or a file's, one a line. */
static int limits_line(struct arena *a, char *line, bool json, int *understood) {
    struct limit_rule rules[8];
    line[strcspn(line, "\r\n")] = 0;
    int n = limit_parse(a, str_z(line), rules, (int)countof(rules));
    bool good = n > 0;
    for (int i = 0; i < n; i++)
        good &= rules[i].kind != LIMIT_MANUAL;
    *understood += good;
    if (json)
        return 0;
    printf("%s %s\n", good ? "+" : "-", line);
    for (int i = 0; i < n; i++)
        printf("    %.*s\n", STR_ARG(limit_rule_text(a, &rules[i])));
    return 0;
}

int cmd_limits(struct app_config *c, int argc, char **argv) {
    bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
    const char *file = argc > 1 + json ? argv[1 + json] : NULL;
    struct arena *a = arena_new(64 << 20);
    if (app_load_defaults(c) < 0)
        return 1;
    const struct asset *own = asset_find(c, a, "data/time-limits.txt");
    FILE *f = file ? fopen(file, "re") : own ? fmemopen((void *)(uintptr_t)own->bytes.p, own->bytes.n, "r") : NULL;
    if (!f) {
        fprintf(stderr, "%s: %s\n", file ? file : "data/time-limits.txt", strerror(errno));
        arena_free(a);
        return 1;
    }
    char line[4096];
    int lines = 0, understood = 0;
    while (fgets(line, sizeof line, f)) {
        if (line[0] == '\n' || line[0] == '#')
            continue;
        lines++;
        limits_line(a, line, json, &understood);
    }
    fclose(f);
    printf(json ? "{\"phrases\": %d, \"understood\": %d}\n" : "phrases %d, understood %d\n", lines, understood);
    arena_free(a);
    return 0;
}

struct import_step {
    struct import_options o;
    json_t *report;
};

static int catalogue_import_command(struct command_work *cw, int argc, char **argv) {
    struct import_step s = {.o = {.path = argv[3], .file_name = str_z(argv[3]), .effective = work_today(&cw->w)}};
    int64_t id = 0;
    if (catalogue_id_by_code(&cw->w, str_z(argv[2]), &id) <= 0) {
        fprintf(stderr, "no catalogue with code %s\n", argv[2]);
        return 1;
    }
    for (int i = 4; i + 1 < argc; i += 2)
        if (strcmp(argv[i], "--effective") == 0 && day_parse(str_z(argv[i + 1]), &s.o.effective) < 0)
            return 2;
    s.o.catalogue_id = id;
    if (catalogue_import(&cw->w, &s.o, &s.report) < 0)
        return command_error(&cw->w);
    json_dumpf(s.report, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(s.report);
    fprintf(stderr, "dry run only: the report is kept; apply it in the workbench (目录管理 → 导入记录)\n");
    return 0;
}

static int catalogue_export_command(struct command_work *cw, char **argv, const char *format, const char *to) {
    const char *path;
    int64_t id;
    if (catalogue_id_by_code(&cw->w, str_z(argv[2]), &id) <= 0) {
        fprintf(stderr, "no catalogue with code %s\n", argv[2]);
        return 1;
    }
    if (catalogue_export(&cw->w, id, 0, format, &path) < 0)
        return command_error(&cw->w);
    FILE *in = fopen(path, "re"), *out = fopen(to, "we");
    char block[65536];
    size_t n;
    bool good = in && out;
    while (good && (n = fread(block, 1, sizeof block, in)) > 0)
        good = fwrite(block, 1, n, out) == n;
    if (in)
        fclose(in);
    if (out && fclose(out) != 0)
        good = false;
    remove(path);
    if (!good)
        fprintf(stderr, "%s: %s\n", to, strerror(errno));
    return good ? 0 : 1;
}

int cmd_catalogue(struct app_config *c, int argc, char **argv) {
    struct command_work cw;
    bool import = argc >= 4 && strcmp(argv[1], "import") == 0;
    bool export = (argc == 4 || argc == 5) && strcmp(argv[1], "export") == 0;
    if (!import && !export)
        return 2;
    if (command_open(c, &cw) < 0)
        return 1;
    int rc = import ? catalogue_import_command(&cw, argc, argv)
                    : catalogue_export_command(&cw, argv, argc == 5 ? argv[3] : "xlsx", argv[argc - 1]);
    command_close(&cw);
    return rc;
}
