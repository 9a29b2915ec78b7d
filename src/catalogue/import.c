/* import.c: a table uploaded: read into a plan with a report (dry run), kept, and turned into a change proposal. */
#include "catalogue/import_plan.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

static struct str file_digest(struct arena *a, const char *path) {
    unsigned char out[EVP_MAX_MD_SIZE], piece[65536];
    unsigned n = 0;
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    if (!c || EVP_DigestInit_ex(c, EVP_sha256(), NULL) != 1)
        abort();
    while (fd >= 0 && (got = read(fd, piece, sizeof piece)) > 0)
        EVP_DigestUpdate(c, piece, (size_t)got);
    EVP_DigestFinal_ex(c, out, &n);
    EVP_MD_CTX_free(c);
    if (fd >= 0)
        close(fd);
    return hex_encode(a, out, n);
}

static int import_event(struct work *w, const struct catalogue *c, int64_t id, const char *verb, json_t *payload) {
    struct event e = {.room = "catalogue",
                      .verb = verb,
                      .subject_kind = "import",
                      .subject_id = id,
                      .unit_id = c->unit_id,
                      .visibility = EVENT_INTERNAL,
                      .payload = payload};
    return event_append(w, &e, NULL);
}

static json_t *counts_of(const json_t *report) {
    static const char *const keys[] = {"file_name", "rows", "added", "changed", "unchanged", "ended", "errors"};
    json_t *o = json_object();
    for (size_t i = 0; i < countof(keys); i++)
        json_object_set(o, keys[i], json_object_get(report, keys[i]));
    return o;
}

static int keep(struct work *w, const struct import_options *o, const struct catalogue *c, json_t *report,
                const json_t *plan) {
    struct db_rows r;
    char *report_text = json_dumps(report, JSON_COMPACT), *plan_text = json_dumps(plan, JSON_COMPACT);
    json_t *counts = counts_of(report);
    int rc = report_text && plan_text ? 0 : fail(w, ERR_INTERNAL, "导入结果无法保存");
    if (rc == 0 && (rc = db_begin(w)) == 0) {
        rc = db_one(w, &sql_import_insert, &r, DB_INT(c->id), DB_TEXT(utf8_head(o->file_name, 120)),
                    DB_TEXT(file_digest(w->arena, o->path)), DB_TEXTZ(report_text), DB_TEXTZ(plan_text),
                    DB_ID(w->actor.person_id), DB_INT(w->now)) < 0
                 ? -1
                 : 0;
        if (rc == 0) {
            json_set_int(report, "import_id", db_i(&r, 0, 0));
            rc = import_event(w, c, db_i(&r, 0, 0), "import_read", counts);
        }
        if (rc < 0)
            db_rollback(w);
        else
            rc = db_commit(w);
    }
    json_decref(counts);
    free(report_text);
    free(plan_text);
    return rc;
}

/* With apply: the plan goes on to a draft proposal at once, whole, nothing ended. */
static int go_on(struct work *w, const struct import_options *o, json_t *report) {
    int64_t proposal;
    struct str ground = str_printf(w->arena, "导入表格《%.*s》", STR_ARG(o->file_name));
    if (!o->apply)
        return 0;
    if (db_begin(w) < 0)
        return -1;
    if (import_apply(w, json_integer_value(json_object_get(report, "import_id")), ground, o->effective, false,
                     &proposal) < 0) {
        db_rollback(w);
        return -1;
    }
    json_set_int(report, "proposal_id", proposal);
    return db_commit(w);
}

int catalogue_import(struct work *w, const struct import_options *o, json_t **ret_report) {
    struct catalogue c;
    if (catalogue_get(w, o->catalogue_id, &c) < 0)
        return -1;
    struct import_plan *plan = plan_new(w, &c);
    if (!plan)
        return -1;
    int rc = plan_read(plan, o->path, o->file_name);
    json_t *report = rc == 0 ? plan_report(plan, o->file_name) : NULL, *json = rc == 0 ? plan_json(plan) : NULL;
    plan_free(plan);
    if (rc == 0)
        rc = keep(w, o, &c, report, json);
    if (rc == 0)
        rc = go_on(w, o, report);
    json_decref(json);
    if (rc == 0)
        *ret_report = report;
    else
        json_decref(report);
    return rc == 0 ? 0 : -1;
}

json_t *import_json(struct work *w, int64_t id) {
    struct db_rows r, p;
    struct catalogue c;
    int n = db_one(w, &sql_import_by_id, &r, DB_INT(id));
    if (n <= 0) {
        if (n == 0)
            fail(w, ERR_NOT_FOUND, "没有这次导入");
        return NULL;
    }
    int64_t catalogue_id = db_i(&r, 0, 1);
    int has_proposal = db_one(w, &sql_import_proposal, &p, DB_INT(id));
    if (has_proposal < 0 || catalogue_get(w, catalogue_id, &c) < 0)
        return NULL;
    json_t *o = json_object(), *report = json_loadb(db_s(&r, 0, 5).p, db_s(&r, 0, 5).n, 0, NULL),
           *catalogue = catalogue_json(w, &c);
    json_set_int(o, "id", id);
    json_set_str(o, "file_name", db_s(&r, 0, 2));
    json_set_str(o, "state", db_s(&r, 0, 4));
    json_set_bool(o, "applied", str_is(db_s(&r, 0, 4), "applied"));
    json_set_instant(w->arena, o, "created", db_i(&r, 0, 6));
    json_object_set_new(o, "report", report ? report : json_object());
    json_object_set_new(o, "catalogue", catalogue ? catalogue : json_object());
    if (has_proposal)
        json_set_int(o, "proposal_id", db_i(&p, 0, 0));
    return o;
}

json_t *import_list(struct work *w, int64_t catalogue_id) {
    struct db_rows r;
    if (db_query(w, &sql_import_list, &r, DB_INT(catalogue_id)) < 0)
        return NULL;
    json_t *list = db_json(&r), *o;
    size_t i;
    json_array_foreach(list, i, o) {
        json_set_instant(w->arena, o, "created", db_i(&r, i, 3));
        json_set_str(o, "state_name", str_is(db_s(&r, i, 2), "applied") ? S("已转为目录调整") : S("预检"));
    }
    return list;
}

/* ── apply ── */

static void add_endings(json_t *changes, const json_t *ended) {
    const json_t *o;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)ended, i, o) {
        json_t *change = json_object();
        json_object_set_new(change, "op", json_string("end"));
        json_object_set(change, "item_id", json_object_get(o, "item_id"));
        json_array_append_new(changes, change);
    }
}

static int make_proposal(struct work *w, int64_t id, const json_t *import, json_t *plan, struct proposal_new *p,
                         bool with_ended, int64_t *ret) {
    const json_t *report = json_object_get(import, "report");
    if (!json_is_true(json_object_get(report, "applicable")))
        return fail(w, ERR_WRONG_STATE, "%s",
                    json_string_value(json_object_get(report, "why_not"))
                        ? json_string_value(json_object_get(report, "why_not"))
                        : "这次导入不能生效");
    p->changes = json_object_get(plan, "changes");
    p->import_id = id;
    p->catalogue_id = json_integer_value(json_object_get(json_object_get(import, "catalogue"), "id"));
    if (with_ended)
        add_endings(p->changes, json_object_get(plan, "ended"));
    p->title = str_printf(w->arena, "导入《%s》", json_string_value(json_object_get(import, "file_name")));
    if (proposal_create(w, p, ret) < 0)
        return -1;
    int n = db_exec(w, &sql_import_set_applied, DB_INT(id), DB_INT(w->now));
    return n < 0 ? -1 : n == 1 ? 0 : fail(w, ERR_WRONG_STATE, "这次导入已经转为目录调整");
}

int import_apply(struct work *w, int64_t id, struct str ground, day_t effective, bool with_ended,
                 int64_t *ret_proposal_id) {
    struct db_rows r;
    struct catalogue c;
    struct proposal_new p = {.ground = ground, .effective = effective};
    json_t *import = import_json(w, id);
    if (!import || db_one(w, &sql_import_plan, &r, DB_INT(id)) < 0) {
        json_decref(import);
        return -1;
    }
    json_t *plan = json_loadb(db_s(&r, 0, 0).p, db_s(&r, 0, 0).n, 0, NULL),
           *counts = counts_of(json_object_get(import, "report"));
    int rc = str_is(db_s(&r, 0, 1), "dry") && plan ? 0 : fail(w, ERR_WRONG_STATE, "这次导入已经转为目录调整");
    if (rc == 0)
        rc = make_proposal(w, id, import, plan, &p, with_ended, ret_proposal_id);
    if (rc == 0)
        rc = catalogue_get(w, p.catalogue_id, &c) < 0 ? -1 : import_event(w, &c, id, "import_proposed", counts);
    json_decref(plan);
    json_decref(counts);
    json_decref(import);
    return rc;
}
