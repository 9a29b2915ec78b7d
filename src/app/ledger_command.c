/* ledger_command.c: the ledger from the command line. */
#include "app/app.h"
#include <errno.h>
#include <unistd.h>

void ledger_sequence_all(struct work *w) {
    while (ledger_sequence_once(w) > 0)
        ;
    error_clear(w); /* a damaged log cannot be continued: the verification says what is wrong with it */
}

static void progress(int64_t done, int64_t total) {
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\rverified %lld of %lld%s", (long long)done, (long long)total, done >= total ? "\n" : "");
    else
        fprintf(stderr, "verified %lld of %lld\n", (long long)done, (long long)total);
}

/* ── verify ── */

void ledger_print_findings(const struct ledger_report *r) {
    json_t *o, *since;
    size_t i;
    json_array_foreach(r->findings, i, o) {
        printf("%s: %s\n", json_string_value(json_object_get(o, "kind")),
               json_string_value(json_object_get(o, "text")));
        if ((since = json_object_get(o, "since")))
            printf("  自检查点（%lld 号，%s）起，此处由签名固定，改动发生在其后\n",
                   (long long)json_integer_value(json_object_get(since, "size")),
                   json_string_value(json_object_get(since, "at")));
    }
    if (r->more)
        printf("……（还有更多，只列前 %d 项）\n", LEDGER_FINDINGS);
}

/* The log, then what the rooms hold against it: publications and stored files. */
int ledger_verify_all(struct work *w, const struct str *against, size_t n, struct ledger_report *r) {
    int rc = ledger_verify(w, against, n, progress, r);
    if (rc < 0 && json_array_size(r->findings) == 0)
        return -1;
    error_clear(w);
    if (disclosure_verify(w, r) < 0 || blob_verify(w, r) < 0 || sealed_verify(w, r) < 0)
        return -1;
    return json_array_size(r->findings) ? 1 : 0;
}

static int file_read(struct arena *a, const char *path, struct str *ret) {
    char *p = arena_alloc(a, 65536);
    FILE *f = fopen(path, "re");
    if (!f) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    *ret = (struct str){p, fread(p, 1, 65535, f)};
    fclose(f);
    return 0;
}

static int cmd_verify(struct work *w, int argc, char **argv, bool json) {
    struct str against[64];
    size_t n = 0;
    struct ledger_report r;
    struct ledger_head head;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            continue;
        if (strcmp(argv[i], "--against") != 0 || ++i == argc || n == countof(against))
            return 2;
        if (file_read(w->arena, argv[i], &against[n++]) < 0)
            return 1;
    }
    int rc = ledger_verify_all(w, against, n, &r);
    if (rc < 0 || ledger_head(w, &head) < 0) {
        ledger_report_free(&r);
        return command_error(w);
    }
    if (json) {
        json_t *o = json_pack("{s:I, s:I, s:s, s:I, s:I, s:I, s:I, s:O}", "size", (json_int_t)head.size, "public_size",
                              (json_int_t)head.public_size, "root", hex_encode(w->arena, head.root, 32).p,
                              "checkpoints", (json_int_t)r.checkpoints, "cosignatures", (json_int_t)r.cosignatures,
                              "tiles", (json_int_t)r.tiles, "erased", (json_int_t)r.erased, "findings", r.findings);
        json_dumpf(o, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(o);
    } else {
        ledger_print_findings(&r);
        printf("size %lld, public %lld, root %.*s\n%lld checkpoints, %lld cosignatures, %lld tile files, %lld erased: "
               "%s\n",
               (long long)head.size, (long long)head.public_size, STR_ARG(hex_encode(w->arena, head.root, 32)),
               (long long)r.checkpoints, (long long)r.cosignatures, (long long)r.tiles, (long long)r.erased,
               rc ? "TAMPERED" : "verified");
    }
    ledger_report_free(&r);
    return rc;
}

/* ── the small ones ── */

static int cmd_head(struct work *w, bool json) {
    struct ledger_head head;
    if (ledger_head(w, &head) < 0)
        return command_error(w);
    printf(json ? "{\"size\": %lld, \"public_size\": %lld, \"root\": \"%.*s\"}\n"
                : "size %lld, public %lld, root %.*s\n",
           (long long)head.size, (long long)head.public_size, STR_ARG(hex_encode(w->arena, head.root, 32)));
    return 0;
}

static int cmd_checkpoint(struct work *w) {
    struct ledger_checkpoint c;
    int n = ledger_checkpoint_latest(w, &c);
    if (n < 0)
        return command_error(w);
    if (n == 0) {
        fprintf(stderr, "nothing has been signed yet\n");
        return 1;
    }
    printf("%.*s", STR_ARG(ledger_checkpoint_note(w, &c)));
    return 0;
}

static int cmd_prove(struct work *w, int argc, char **argv) {
    struct ledger_checkpoint c;
    struct str leaf;
    int64_t seq, size = -1;
    if (argc < 3 || str_int(str_z(argv[2]), &seq) < 0 || (argc > 3 && str_int(str_z(argv[3]), &size) < 0))
        return 2;
    int n = size < 0 ? ledger_checkpoint_latest(w, &c) : ledger_checkpoint_at(w, size, &c);
    if (n < 0)
        return command_error(w);
    if (n == 0) {
        fprintf(stderr, "no checkpoint of that size\n");
        return 1;
    }
    json_t *proof = ledger_inclusion(w, seq, c.size);
    if (!proof || ledger_leaf(w, seq, &leaf) < 0) {
        json_decref(proof);
        return command_error(w);
    }
    struct str note = ledger_checkpoint_note(w, &c);
    json_t *o = json_pack("{s:s%, s:o, s:s%}", "leaf", leaf.p, leaf.n, "proof", proof, "checkpoint", note.p, note.n);
    json_dumpf(o, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(o);
    return 0;
}

static int cmd_witness(struct work *w) {
    int rc = ledger_ask_witnesses(w, NULL);
    if (rc < 0)
        command_error(w);
    json_t *list = ledger_witnesses(w), *o;
    size_t i;
    json_array_foreach(list, i, o) {
        const char *at = json_string_value(json_object_get(o, "at_text"));
        printf("%s: %lld %s\n", json_string_value(json_object_get(o, "name")),
               (long long)json_integer_value(json_object_get(o, "size")), at ? at : "never");
    }
    if (list && json_array_size(list) == 0)
        fprintf(stderr, "no witness is configured (ledger_witnesses)\n");
    json_decref(list);
    return rc < 0 ? 1 : 0;
}

static int rotate_step(struct work *w, void *arg) {
    return ledger_rotate(w, arg ? arg : "ed25519");
}

struct erase_arg {
    int64_t event_id;
    struct str reason;
};
static int erase_step(struct work *w, void *arg) {
    struct erase_arg *e = arg;
    return event_erase(w, e->event_id, e->reason);
}

static int cmd_erase(struct work *w, int argc, char **argv) {
    struct erase_arg e;
    if (argc != 5 || str_int(str_z(argv[2]), &e.event_id) < 0 || strcmp(argv[3], "--reason") != 0)
        return 2;
    e.reason = str_z(argv[4]);
    return command_transaction(w, erase_step, &e);
}

static int ledger_run(struct work *w, int argc, char **argv) {
    const char *verb = argv[1];
    bool json = strcmp(argv[argc - 1], "--json") == 0;
    int rc = 2;
    ledger_sequence_all(w);
    if (strcmp(verb, "verify") == 0)
        rc = cmd_verify(w, argc, argv, json);
    else if (strcmp(verb, "head") == 0)
        rc = cmd_head(w, json);
    else if (strcmp(verb, "checkpoint") == 0 && argc == 2)
        rc = cmd_checkpoint(w);
    else if (strcmp(verb, "prove") == 0)
        rc = cmd_prove(w, argc, argv);
    else if (strcmp(verb, "witness") == 0 && argc == 2)
        rc = cmd_witness(w);
    else if (strcmp(verb, "rotate") == 0 && argc <= 3)
        rc = command_transaction(w, rotate_step, argc == 3 ? argv[2] : NULL);
    else if (strcmp(verb, "erase") == 0)
        rc = cmd_erase(w, argc, argv);
    ledger_sequence_all(w);
    return rc;
}

int cmd_ledger(struct app_config *c, int argc, char **argv) {
    struct command_work cw;
    if (argc < 2)
        return 2;
    if (command_open(c, &cw) < 0)
        return 1;
    int rc = ledger_run(&cw.w, argc, argv);
    command_close(&cw);
    return rc;
}
