/* doctor.c: what is stored, held against itself. Says each finding on stdout, progress on stderr; exit code 1 when
 * something differs. --recompute reads every duty and every subject of every rule anew. */
#include "app/app.h"
#include <time.h>
#include <unistd.h>

#define DIFFERENCES_MAX 200
#define SETTLE_TRIES 20 /* half a second each */

struct doctor {
    struct command_work *cw;
    json_t *checks;
    bool json;
    int bad;
};

static void say(struct doctor *d, const char *name, bool good, struct str words) {
    d->bad += !good;
    if (!d->json) {
        printf("%s: %.*s\n", name, STR_ARG(words));
        fflush(stdout);
        return;
    }
    json_t *o = json_object();
    json_set_str(o, "check", str_z(name));
    json_object_set_new(o, "good", json_boolean(good));
    json_set_str(o, "text", words);
    json_array_append_new(d->checks, o);
}

static void said_more(struct doctor *d, const char *key, json_t *list) { /* takes the list */
    json_t *last = json_array_get(d->checks, json_array_size(d->checks) - 1);
    if (last && json_array_size(list))
        json_object_set(last, key, list);
    json_decref(list);
}

static void count_check(struct doctor *d, const char *name, int (*check)(struct work *w)) {
    struct work *w = &d->cw->w;
    int n = check(w);
    say(d, name, n == 0, n == 0 ? S("agree") : n == 1 ? S("DIFFER") : str_z(error_text(&w->error)));
    error_clear(w);
}

static void log_check(struct doctor *d) {
    struct work *w = &d->cw->w;
    struct ledger_report r;
    ledger_sequence_all(w);
    int n = ledger_verify_all(w, NULL, 0, &r);
    if (!d->json)
        ledger_print_findings(&r);
    say(d, "ledger, publications, stored files", n == 0,
        str_printf(w->arena, "%lld entries, %s", (long long)r.entries,
                   n == 0   ? "verified"
                   : n == 1 ? "TAMPERED"
                            : error_text(&w->error)));
    if (d->json && n == 1)
        said_more(d, "findings", json_incref(r.findings));
    ledger_report_free(&r);
    error_clear(w);
}

/* ── from nothing ── */

static const char *progress_of = "";

static void progress(int64_t done, int64_t total) {
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%s: %lld of %lld%s", progress_of, (long long)done, (long long)total,
                done >= total ? "\n" : "");
    else if (done >= total || done % 50000 < 500)
        fprintf(stderr, "%s: %lld of %lld\n", progress_of, (long long)done, (long long)total);
}

static void differences(struct doctor *d, const char *name, int rc, json_t *list) { /* takes the list */
    struct work *w = &d->cw->w;
    size_t i, n = json_array_size(list);
    json_t *o;
    say(d, name, rc >= 0 && n == 0,
        rc < 0   ? str_z(error_text(&w->error))
        : n == 0 ? S("agree")
                 : str_printf(w->arena, "%zu%s DIFFER", n, n >= DIFFERENCES_MAX ? " or more" : ""));
    error_clear(w);
    if (d->json) {
        said_more(d, "differences", list);
        return;
    }
    json_array_foreach(list, i, o)
        printf("  %s %s%s%lld: kept %s, follows %s\n", json_string_value(json_object_get(o, "what")),
               json_string_value(json_object_get(o, "rule")), *json_string_value(json_object_get(o, "rule")) ? " " : "",
               (long long)json_integer_value(json_object_get(o, "subject")),
               json_string_value(json_object_get(o, "kept")), json_string_value(json_object_get(o, "truth")));
    json_decref(list);
}

/* A server at work is never far behind; a stopped one may be by days, and that is no difference. */
static bool settled(struct doctor *d) {
    struct work *w = &d->cw->w;
    int n = 0;
    for (int i = 0; i < SETTLE_TRIES && (n = supervision_settled(w)) == 0; i++) {
        nanosleep(&(struct timespec){0, 500000000}, NULL);
        w->now = clock_now(&w->config->clock);
    }
    if (n <= 0)
        say(d, "supervision from the records", false,
            n < 0 ? str_z(error_text(&w->error))
                  : S("BEHIND: events and moments wait to be followed; is a server running?"));
    error_clear(w);
    return n > 0;
}

static void recompute(struct doctor *d) {
    struct work *w = &d->cw->w;
    json_t *list = json_array();
    progress_of = "duties";
    int rc = duty_recompute(w, progress, list, DIFFERENCES_MAX);
    differences(d, "duties from their records", rc, list);
    if (!settled(d))
        return;
    list = NULL;
    progress_of = "supervision";
    rc = supervision_recompute(w, progress, &list);
    differences(d, "supervision from the records", rc, list ? list : json_array());
}

int cmd_doctor(struct app_config *c, int argc, char **argv) {
    struct command_work cw;
    struct doctor d = {.cw = &cw, .checks = json_array()};
    bool anew = false;
    char why[2000] = "";
    for (int i = 1; i < argc; i++) {
        bool json = strcmp(argv[i], "--json") == 0, again = strcmp(argv[i], "--recompute") == 0;
        if (!json && !again)
            return 2;
        d.json |= json;
        anew |= again;
    }
    if (command_open(c, &cw) < 0) /* settings, connection, migrations and their checksums: said on stderr */
        return 1;
    say(&d, "settings and schema", true, S("good, up to date"));
    int n = db_prepare_all(cw.pool, why, sizeof why);
    say(&d, "statements", n == 0, str_printf(cw.w.arena, "%u, failing %d %s", db_statement_count, n, why));
    count_check(&d, "duty counts", duty_recount_check);
    if (statistics_filled(&cw.w) > 0)
        count_check(&d, "statistics", statistics_recount_check);
    else
        say(&d, "statistics", !cw.w.error.code, S("not yet counted: the server does it in the background"));
    log_check(&d);
    if (anew)
        recompute(&d);
    if (d.json) {
        json_t *o = json_pack("{s:b, s:o}", "good", d.bad == 0, "checks", d.checks);
        json_dumpf(o, stdout, JSON_INDENT(1));
        putchar('\n');
        json_decref(o);
    } else {
        json_decref(d.checks);
    }
    command_close(&cw);
    return d.bad ? 1 : 0;
}
