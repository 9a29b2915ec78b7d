/* rule_shipped.c: the rules that come with the program (data/rules.json), and what becomes of a rule's alerts when it
 * is switched off. */
#include "supervision/supervision_internal.h"

static struct str text(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

static struct str dump(struct work *w, const json_t *v, const char *otherwise) {
    char *s = v ? json_dumps(v, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    struct str out = str_dup(w->arena, str_z(s ? s : otherwise));
    free(s);
    return out;
}

static int known(struct work *w, struct str code) {
    struct db_rows r;
    return db_one(w, &sql_rule_by_code, &r, DB_TEXT(code));
}

static int shipped_event(struct work *w, int64_t rule, int64_t version, const char *verb) {
    json_t *p = json_object();
    json_set_int(p, "version", version);
    int rc = event_append(w,
                          &(struct event){.room = "supervision",
                                          .verb = verb,
                                          .subject_kind = "rule",
                                          .subject_id = rule,
                                          .visibility = EVENT_INTERNAL,
                                          .payload = p},
                          NULL);
    json_decref(p);
    return rc;
}

static int load_one(struct work *w, const json_t *o, bool later) {
    const struct check *c = check_find(text(o, "check"));
    struct db_rows r;
    struct rule probe = {0};
    bool on = json_is_true(json_object_get(o, "on"));
    if (!c)
        return fail(w, ERR_INTERNAL, "data/rules.json：没有检查项 %.*s", STR_ARG(text(o, "check")));
    if (rule_parameters_check(w, c, json_object_get(o, "parameters")) < 0 ||
        rule_ladder_read(w, json_object_get(o, "ladder"), &probe) < 0)
        return -1;
    if (db_one(w, &sql_rule_insert, &r, DB_TEXT(text(o, "code")), DB_TEXTZ(c->code), DB_TEXTZ(on ? "on" : "draft"),
               DB_INT(on ? w->now : 0), DB_BOOL(true), DB_INT(w->now)) != 1)
        return -1;
    int64_t id = db_i(&r, 0, 0);
    struct str effective = text(o, "effective");
    if (db_one(w, &sql_rule_version_insert, &r, DB_INT(id), DB_INT(1), DB_BOOL(on), DB_TEXT(text(o, "name")),
               DB_TEXT(dump(w, json_object_get(o, "parameters"), "{}")),
               DB_TEXT(dump(w, json_object_get(o, "scope"), "{}")),
               DB_TEXT(dump(w, json_object_get(o, "ladder"), "[]")),
               DB_INT(json_integer_value(json_object_get(o, "weight"))), DB_TEXT(text(o, "ground")),
               DB_TEXT(text(o, "status")), DB_TEXT(effective.n ? effective : S("2020-01-01")), DB_NULL,
               DB_INT(w->now)) != 1)
        return -1;
    int64_t version = db_i(&r, 0, 0);
    if (shipped_event(w, id, version, "rule_saved") < 0)
        return -1;
    if (!on)
        return 0;
    json_t *args = json_object();
    json_set_int(args, "rule", id);
    int rc =
        db_exec(w, &sql_rule_set_version, DB_INT(id), DB_INT(version)) < 0 ||
                shipped_event(w, id, version, "rule_on") < 0 ||
                (later && job_add(w, "supervision_enrol", args, 0, str_printf(w->arena, "%lld", (long long)id)) < 0)
            ? -1
            : 0;
    json_decref(args);
    return rc;
}

int supervision_init(struct work *w, json_t *rules, bool later) {
    size_t i;
    json_t *o;
    json_array_foreach(rules, i, o) {
        int n = known(w, text(o, "code"));
        if (n < 0 || (n == 0 && load_one(w, o, later) < 0))
            return -1;
    }
    return 0;
}

/* ── letting go ── */

int rule_touched(struct work *w, int64_t rule, int64_t after, int64_t *ids, size_t cap) {
    struct db_rows r;
    if (db_query(w, &sql_rule_touched, &r, DB_INT(rule), DB_INT(after), DB_INT(cap)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        ids[i] = db_i(&r, i, 0);
    return (int)r.n;
}

int rule_let_go(struct work *w, int64_t rule, int64_t subject) {
    struct db_rows r;
    struct alert a;
    int n = db_one(w, &sql_alert_open_of, &r, DB_INT(rule), DB_INT(subject));
    if (n < 0 || db_exec(w, &sql_watch_delete, DB_INT(rule), DB_INT(subject)) < 0)
        return -1;
    if (n == 0)
        return 0;
    alert_from_row(&r, 0, &a);
    struct alert before = a;
    a.state = S("closed");
    a.outcome = S("rule_ended");
    a.closed_at = w->now;
    return alert_save(w, &before, &a, "cleared");
}
