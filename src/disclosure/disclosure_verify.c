/* disclosure_verify.c: what was ever public, held against the ledger: the text of each version gives the digest that
 * its publication put on record, it was public from and until the instants on record, and nothing else is shown. */
#include "disclosure/disclosure_internal.h"

struct check {
    struct work *w;
    struct ledger_report *report;
};

static void differs(struct check *c, const struct db_rows *r, const char *what) {
    ledger_finding(c->w, c->report, "version", db_i(r, 0, 2), db_null(r, 0, 3) ? -1 : db_i(r, 0, 3),
                   "公开信息 %lld：%s", (long long)db_i(r, 0, 1), what);
}

static int check_version(struct check *c, const struct db_rows *event, int64_t version_id, struct str recorded) {
    struct work part = *c->w; /* memory of its own: texts are long and many */
    struct version v;
    struct str text, sha256;
    part.arena = arena_new(LIMIT_ARENA_BYTES);
    int rc = version_get(&part, version_id, &v);
    if (rc == 0)
        rc = version_content(&part, &v, &text, &sha256);
    if (rc == 0 && (!str_eq(sha256, recorded) || !str_eq(v.sha256, recorded)))
        differs(c, event, "公开过的内容与发布时登记的摘要不符");
    if (rc < 0)
        c->w->error = part.error;
    arena_free(part.arena);
    return rc;
}

/* One publication on record. */
static int check_event(void *ctx, const struct db_rows *r) {
    struct check *c = ctx;
    struct db_rows v;
    json_t *p = json_loadb(db_s(r, 0, 4).p, db_s(r, 0, 4).n, 0, NULL);
    const char *sha256 = json_string_value(json_object_get(p, "sha256"));
    struct str recorded = str_dup(c->w->arena, str_z(sha256));
    int64_t number = json_integer_value(json_object_get(p, "version"));
    json_decref(p);
    if (!sha256) {
        differs(c, r, "发布记录中没有内容摘要");
        return 0;
    }
    int n = db_one(c->w, &sql_disclosure_version_by_number, &v, DB_INT(db_i(r, 0, 1)), DB_INT(number));
    if (n < 0)
        return -1;
    if (n == 0) {
        differs(c, r, "发布过的版本已不在数据库中");
        return 0;
    }
    if (db_i(&v, 0, 1) != db_i(r, 0, 5) || db_i(&v, 0, 2) != db_i(r, 0, 6))
        differs(c, r, "版本的公开起止时间与发布、更正、撤回的记录不符");
    return check_version(c, r, db_i(&v, 0, 0), recorded);
}

int disclosure_verify(struct work *w, struct ledger_report *report) {
    struct check c = {w, report};
    struct db_rows r;
    if (db_each(w, &sql_disclosure_publications, NULL, 0, check_event, &c) != 0)
        return w->error.code ? -1 : fail(w, ERR_INTERNAL, "公开信息不可读");
    if (db_query(w, &sql_disclosure_public_unrecorded, &r) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        ledger_finding(w, report, "version", db_i(&r, i, 0), -1, "公开信息 %lld：公开的版本数与账本里的发布记录数不符",
                       (long long)db_i(&r, i, 0));
    if (db_query(w, &sql_disclosure_public_misplaced, &r) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        ledger_finding(w, report, "version", db_i(&r, i, 0), -1, "公开信息 %lld：现在显示的版本不是按记录公开的版本",
                       (long long)db_i(&r, i, 0));
    return 0;
}
