/* rule_edit.c: rules as a manager writes them: checked, kept as versions, each with its event. A version once written
 * never changes; a change is a further version, and what is switched on stays on until that one is switched on. */
#include "supervision/rule_internal.h"
#include <openssl/evp.h>

#define NAME_MAX_CHARS 60
#define GROUND_MAX_CHARS 1000
#define WEIGHT_MAX 10000

int rule_may(struct work *w, int permission) {
    if (!actor_may(&w->actor, permission))
        return fail(w, ERR_FORBIDDEN, "您的岗位没有“%s”的权限", permission_name(permission));
    if (!w->actor.all_units)
        return fail(w, ERR_FORBIDDEN, "监督规则适用于全市各单位，只有管全市的岗位可以查看和管理");
    return 0;
}

json_t *rule_json_of(struct str text) {
    json_t *v = text.n ? json_loadb(text.p, text.n, 0, NULL) : NULL;
    return v ? v : json_object();
}

/* ── reading ── */

static struct str digest_of(struct work *w, struct str check, const json_t *parameters, const json_t *scope,
                            const json_t *ladder) {
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    json_t *o = json_object();
    json_set_str(o, "check", check);
    json_object_set(o, "parameters", (json_t *)(uintptr_t)parameters);
    json_object_set(o, "scope", (json_t *)(uintptr_t)scope);
    json_object_set(o, "ladder", (json_t *)(uintptr_t)ladder);
    struct str text = json_canonical(w->arena, o);
    json_decref(o);
    EVP_Digest(text.p, text.n, md, &n, EVP_sha256(), NULL);
    return hex_encode(w->arena, md, n);
}

static struct str row_digest(struct work *w, const struct rule_row *r) {
    json_t *p = rule_json_of(r->parameters), *s = rule_json_of(r->scope), *l = rule_json_of(r->ladder);
    struct str d = digest_of(w, r->check_code, p, s, l);
    json_decref(p);
    json_decref(s);
    json_decref(l);
    return d;
}

int rule_row_get(struct work *w, int64_t id, int64_t version, struct rule_row *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_rulebook_get, &r, DB_INT(id), DB_INT(version));
    if (n <= 0)
        return n;
    *ret = (struct rule_row){.id = db_i(&r, 0, 0),
                             .code = db_s(&r, 0, 1),
                             .check_code = db_s(&r, 0, 2),
                             .state = db_s(&r, 0, 3),
                             .on_version_id = db_i(&r, 0, 4),
                             .on_version = db_i(&r, 0, 5),
                             .on_at = db_i(&r, 0, 6),
                             .asked_by = db_i(&r, 0, 7),
                             .asked_version_id = db_i(&r, 0, 8),
                             .asked_by_name = db_s(&r, 0, 9),
                             .shipped = db_i(&r, 0, 10) != 0,
                             .version_id = db_i(&r, 0, 11),
                             .version = db_i(&r, 0, 12),
                             .name = db_s(&r, 0, 13),
                             .parameters = db_s(&r, 0, 14),
                             .scope = db_s(&r, 0, 15),
                             .ladder = db_s(&r, 0, 16),
                             .weight = db_i(&r, 0, 17),
                             .ground = db_s(&r, 0, 18),
                             .status = db_s(&r, 0, 19),
                             .effective = db_s(&r, 0, 20),
                             .made_by = db_i(&r, 0, 21),
                             .made_by_name = db_s(&r, 0, 22),
                             .created_at = db_i(&r, 0, 23),
                             .frozen = db_i(&r, 0, 24) != 0,
                             .newest = db_i(&r, 0, 25)};
    ret->check = check_find(ret->check_code);
    ret->digest = row_digest(w, ret);
    return 1;
}

/* ── checking ── */

static void head_check(struct work *w, const struct rule_draft *d) {
    size_t n = utf8_length(str_trim(d->name));
    if (n < 2 || n > NAME_MAX_CHARS)
        fail_field(w, "name", n ? "range" : "required", "请填写规则名称，2 至 %d 个字", NAME_MAX_CHARS);
    n = utf8_length(str_trim(d->ground));
    if (n < 2 || n > GROUND_MAX_CHARS)
        fail_field(w, "ground", n ? "range" : "required", "请写明依据的法律、条款或者文件，不超过 %d 个字",
                   GROUND_MAX_CHARS);
    if (!d->status.n || !*field_option_label(rule_statuses, d->status))
        fail_field(w, "status", "unknown", "请选择依据的性质");
    if (d->weight < 0 || d->weight > WEIGHT_MAX)
        fail_field(w, "weight", "range", "权重应在 0 到 100 之间，最多两位小数");
    if (d->effective == DAY_NONE)
        fail_field(w, "effective", "required", "请填写生效日期");
}

static int draft_check(struct work *w, const struct check *c, const struct rule_draft *d) {
    struct rule probe = {0};
    rule_scope_check(w, c, d->scope); /* first: it reads on only where nothing is wrong yet */
    if (rule_ladder_read(w, d->ladder, &probe) == 0 && probe.steps == 0)
        fail_field(w, "ladder", "required", "至少要有一步提醒，否则预警没有人知道");
    if (json_object_size(d->parameters) > 0 || (c->parameters && c->parameters->name))
        rule_parameters_check(w, c, d->parameters);
    head_check(w, d);
    return w->error.code ? -1 : 0;
}

/* ── keeping ── */

int rule_event(struct work *w, const struct rule_row *r, const char *verb, struct str reason, json_t *more) {
    json_t *o = more ? more : json_object();
    json_set_str(o, "code", r->code);
    json_set_str(o, "name", r->name);
    json_set_str(o, "check", r->check_code);
    json_set_int(o, "version", r->version);
    json_set_str(o, "digest", r->digest);
    if (reason.n)
        json_set_str(o, "reason", reason);
    int rc = event_append(w,
                          &(struct event){.room = "supervision",
                                          .verb = verb,
                                          .subject_kind = "rule",
                                          .subject_id = r->id,
                                          .visibility = EVENT_INTERNAL,
                                          .payload = o},
                          NULL);
    json_decref(o);
    return rc;
}

static int version_insert(struct work *w, int64_t rule, int64_t version, const struct rule_draft *d) {
    struct db_rows r;
    int n = db_one(w, &sql_rule_version_insert, &r, DB_INT(rule), DB_INT(version), DB_BOOL(false),
                   DB_TEXT(str_trim(d->name)), DB_TEXT(json_canonical(w->arena, d->parameters)),
                   DB_TEXT(json_canonical(w->arena, d->scope)), DB_TEXT(json_canonical(w->arena, d->ladder)),
                   DB_INT(d->weight), DB_TEXT(str_trim(d->ground)), DB_TEXT(d->status),
                   DB_TEXT(day_str(w->arena, d->effective)), DB_ID(w->actor.person_id), DB_INT(w->now));
    return n == 1 ? 0 : -1;
}

/* As kept now; its event. */
static int saved_event(struct work *w, int64_t id, bool asked) {
    struct rule_row now;
    json_t *more = NULL;
    if (rule_row_get(w, id, 0, &now) != 1)
        return -1;
    if (asked)
        json_set_bool(more = json_object(), "request_dropped", true);
    return rule_event(w, &now, "rule_saved", STR_NONE, more);
}

int rule_make(struct work *w, struct str check_code, const struct rule_draft *d, int64_t *ret_id) {
    const struct check *c = check_find(check_code);
    struct db_rows r;
    if (rule_may(w, PERM_RULE_EDIT) < 0)
        return -1;
    if (!c)
        return fail_field(w, "check", "unknown", "请从检查项目录中选择一项");
    if (draft_check(w, c, d) < 0 ||
        db_one(w, &sql_rule_insert, &r, DB_TEXT(random_token(w->arena, 12)), DB_TEXTZ(c->code), DB_TEXTZ("draft"),
               DB_INT(0), DB_BOOL(false), DB_INT(w->now)) != 1)
        return -1;
    int64_t id = db_i(&r, 0, 0);
    struct str code = str_printf(w->arena, "r-%lld", (long long)id);
    if (db_exec(w, &sql_rulebook_set_code, DB_INT(id), DB_TEXT(code)) < 0 || version_insert(w, id, 1, d) < 0 ||
        saved_event(w, id, false) < 0)
        return -1;
    *ret_id = id;
    return 0;
}

static bool unchanged(struct work *w, const struct rule_row *r, const struct rule_draft *d) {
    return str_eq(r->digest, digest_of(w, r->check_code, d->parameters, d->scope, d->ladder)) &&
           str_eq(r->name, str_trim(d->name)) && str_eq(r->ground, str_trim(d->ground)) &&
           str_eq(r->status, d->status) && r->weight == d->weight &&
           str_eq(r->effective, day_str(w->arena, d->effective));
}

int rule_save(struct work *w, int64_t id, int64_t base, const struct rule_draft *d, int64_t *ret_version) {
    struct rule_row r;
    struct db_rows lock;
    if (rule_may(w, PERM_RULE_EDIT) < 0 || db_lock(w, &sql_rulebook_lock, &lock, DB_INT(id)) < 0)
        return -1;
    int n = rule_row_get(w, id, 0, &r);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这条监督规则");
    if (!r.check)
        return fail(w, ERR_WRONG_STATE, "这条规则使用的检查项已经不在系统中，不能再修改");
    if (str_is(r.state, "ended"))
        return fail(w, ERR_WRONG_STATE, "规则已经废止，不能再修改；需要时另建一条");
    if (base != r.version)
        return fail(w, ERR_CONFLICT, "您打开之后，%.*s已保存第 %lld 版，请对照后再保存",
                    STR_ARG(r.made_by_name.n ? r.made_by_name : S("他人")), (long long)r.version);
    if (draft_check(w, r.check, d) < 0)
        return -1;
    if (unchanged(w, &r, d))
        return fail_field(w, "name", "unchanged", "内容与第 %lld 版相同，没有需要保存的修改", (long long)r.version);
    if (version_insert(w, id, r.version + 1, d) < 0 ||
        db_exec(w, &sql_rulebook_set_asked, DB_INT(id), DB_NULL, DB_NULL) < 0 || saved_event(w, id, r.asked_by) < 0)
        return -1;
    *ret_version = r.version + 1;
    return 0;
}
