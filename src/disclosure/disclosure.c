/* disclosure.c: drafts: making, reading and saving them; versions, their hash and their freezing. */
#include "disclosure/disclosure_internal.h"
#include <openssl/evp.h>

static void disclosure_from_row(const struct db_rows *r, struct disclosure *d) {
    *d = (struct disclosure){
        .id = db_i(r, 0, 0),
        .public_id = db_s(r, 0, 1),
        .unit_id = db_i(r, 0, 2),
        .item_id = db_i(r, 0, 3),
        .field_id = db_i(r, 0, 4),
        .duty_id = db_i(r, 0, 5),
        .index_number = db_s(r, 0, 6),
        .state = db_s(r, 0, 7),
        .draft_version_id = db_i(r, 0, 8),
        .public_version_id = db_i(r, 0, 9),
        .title = db_s(r, 0, 10),
        .number = db_s(r, 0, 11),
        .five = db_s(r, 0, 12),
        .kind = db_s(r, 0, 13),
        .drafter_id = db_i(r, 0, 14),
        .signed_by = db_i(r, 0, 15),
        .signed_at = db_i(r, 0, 16),
        .publish_at = db_i(r, 0, 17),
        .published_at = db_i(r, 0, 18),
        .changed_at = db_i(r, 0, 19),
        .withdrawn_at = db_i(r, 0, 20),
        .withdraw_reason = db_s(r, 0, 21),
        .demo = db_i(r, 0, 22),
        .revision = db_i(r, 0, 23),
        .unit_name = db_s(r, 0, 25),
        .unit_code = db_s(r, 0, 26),
        .unit_kind = db_s(r, 0, 27),
        .org_code = db_s(r, 0, 28),
        .expired_at = db_i(r, 0, 29),
    };
}

int disclosure_get(struct work *w, int64_t id, struct disclosure *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_disclosure_by_id, &r, DB_INT(id));
    if (n < 0)
        return -1;
    if (n == 0)
        return fail(w, ERR_NOT_FOUND, "没有这条公开信息");
    disclosure_from_row(&r, ret);
    return 0;
}

int version_get(struct work *w, int64_t id, struct version *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_disclosure_version_get, &r, DB_INT(id));
    if (n < 0)
        return -1;
    if (n == 0)
        return fail(w, ERR_NOT_FOUND, "没有这个版本");
    *ret = (struct version){
        .id = db_i(&r, 0, 0),
        .disclosure_id = db_i(&r, 0, 1),
        .number_of_version = db_i(&r, 0, 2),
        .frozen = db_i(&r, 0, 3),
        .title = db_s(&r, 0, 4),
        .number = db_s(&r, 0, 5),
        .body = db_s(&r, 0, 6),
        .body_text = db_s(&r, 0, 7),
        .summary = db_s(&r, 0, 8),
        .keywords = db_s(&r, 0, 9),
        .attribute = db_s(&r, 0, 10),
        .ground = db_s(&r, 0, 11),
        .ground_note = db_s(&r, 0, 12),
        .genre = db_s(&r, 0, 13),
        .theme = db_s(&r, 0, 14),
        .validity = db_s(&r, 0, 15),
        .source = db_s(&r, 0, 16),
        .formed = db_s(&r, 0, 17),
        .effective = db_s(&r, 0, 18),
        .expires = db_s(&r, 0, 19),
        .sha256 = db_s(&r, 0, 20),
        .public_from = db_i(&r, 0, 21),
        .public_to = db_i(&r, 0, 22),
        .made_by = db_i(&r, 0, 23),
        .concealed_at = db_i(&r, 0, 25),
        .conceal_reason = db_s(&r, 0, 26),
        .elements = db_s(&r, 0, 27),
    };
    return 0;
}

/* 皋政办发〔2020〕147号, 皋政办发[2020]147号 and 皋政办发（2020）147 fold alike. */
struct str number_fold(struct arena *a, struct str number) {
    static const char *const drop[] = {"〔", "〕", "[", "]", "(", ")", "【", "】", "号", " ", "\xe3\x80\x80", "第"};
    struct str s = utf8_halfwidth(a, number);
    for (size_t i = 0; i < countof(drop); i++)
        s = str_replace(a, s, str_z(drop[i]), S(""));
    return s;
}

/* The field of an item, 0 when it has none; the item must be in force and owned by the unit. */
static int check_item(struct work *w, int64_t unit_id, int64_t item_id, int64_t *ret_field) {
    *ret_field = 0;
    if (item_id == 0)
        return 0;
    struct item item;
    int n = item_in_force(w, item_id, work_today(w), &item);
    if (n < 0)
        return -1;
    if (n == 0)
        return fail_field(w, "item_id", "unknown", "所选目录事项不存在或已停用，请重新选择");
    json_t *owners = item_owners(w, item.version_id), *o;
    size_t i;
    bool owned = false;
    json_array_foreach(owners, i, o) owned |= json_integer_value(json_object_get(o, "unit_id")) == unit_id;
    json_decref(owners);
    if (!owned)
        return fail_field(w, "item_id", "not_owner", "本单位不是所选目录事项的公开主体");
    *ret_field = item.field_id;
    return 0;
}

/* The duty it is written for belongs to the same unit and item. */
static int check_duty(struct work *w, int64_t unit_id, const struct disclosure_input *x) {
    if (x->duty_id == 0)
        return 0;
    struct duty duty;
    if (duty_get(w, x->duty_id, &duty) < 0)
        return -1;
    if (duty.unit_id != unit_id || duty.item_id != x->item_id)
        return fail_field(w, "duty_id", "mismatch", "应公开任务与单位或目录事项不一致");
    return 0;
}

/* Sanitised body and its plain text. */
static int clean_body(struct work *w, const struct disclosure_input *x, struct str *ret_html, struct str *ret_text) {
    if (html_sanitise(w, x->body, ret_html) < 0)
        return -1;
    *ret_text = html_text(w->arena, *ret_html);
    return 0;
}

static struct db_value day_value(struct work *w, day_t d) {
    return d == DAY_NONE ? DB_NULL : DB_TEXT(day_str(w->arena, d));
}

int disclosure_event(struct work *w, const struct disclosure *d, const char *verb, enum event_visibility visibility,
                     json_t *payload, json_t *secret) {
    struct event e = {
        .room = "disclosure",
        .verb = verb,
        .subject_kind = "disclosure",
        .subject_id = d->id,
        .unit_id = d->unit_id,
        .visibility = visibility,
        .payload = payload,
        .secret = secret,
    };
    int rc = event_append(w, &e, NULL);
    json_decref(payload);
    json_decref(secret);
    return rc;
}

static int version_insert(struct work *w, int64_t id, const struct disclosure_input *x, struct str html,
                          struct str text, struct str elements) {
    struct db_rows r;
    struct str validity = x->validity.n ? x->validity : S("valid");
    if (db_one(w, &sql_disclosure_version_insert, &r, DB_INT(id), DB_INT(1), DB_TEXT(x->title), DB_TEXT(x->number),
               DB_TEXT(html), DB_TEXT(text), DB_TEXT(x->summary), DB_TEXT(x->keywords), DB_TEXT(x->attribute),
               DB_TEXT(x->ground), DB_TEXT(x->ground_note), DB_TEXT(x->genre), DB_TEXT(x->theme), DB_TEXT(validity),
               DB_TEXT(x->source), day_value(w, x->formed), day_value(w, x->effective), day_value(w, x->expires),
               DB_ID(w->actor.person_id), DB_INT(w->now), DB_TEXT(elements)) < 0)
        return -1;
    return db_exec(w, &sql_disclosure_set_draft_version, DB_INT(id), DB_INT(db_i(&r, 0, 0))) < 0 ? -1 : 0;
}

/* Parts of the portal are written by its editors only (门户编辑). */
static int may_edit_kind(struct work *w, const struct kind *k) {
    return (k->flags & KIND_PART) && !actor_may(&w->actor, PERM_PORTAL_EDIT)
               ? fail(w, ERR_FORBIDDEN, "编辑门户的栏目、专题和首页，须有“门户编辑”职责")
               : 0;
}

int disclosure_create(struct work *w, int64_t unit_id, const struct disclosure_input *x, int64_t *ret_id) {
    int64_t field_id;
    struct str html, text, elements;
    const struct kind *k = kind_of(x->kind);
    if (org_may(w, PERM_DISCLOSURE_EDIT, unit_id) < 0 || may_edit_kind(w, k) < 0 ||
        check_item(w, unit_id, x->item_id, &field_id) < 0 || check_duty(w, unit_id, x) < 0 ||
        elements_read(w, k, x, &elements) < 0 || clean_body(w, x, &html, &text) < 0)
        return -1;
    struct db_rows r;
    if (db_one(w, &sql_disclosure_insert, &r, DB_TEXT(random_token(w->arena, 9)), DB_INT(unit_id), DB_ID(x->item_id),
               DB_ID(field_id), DB_ID(x->duty_id), DB_TEXT(x->title), DB_TEXT(x->number),
               DB_TEXT(number_fold(w->arena, x->number)), DB_TEXT(x->five), DB_TEXT(x->kind), DB_ID(w->actor.person_id),
               DB_BOOL(x->demo), DB_INT(w->now), DB_BOOL(k->flags & KIND_PART)) < 0)
        return -1;
    struct disclosure d = {.id = db_i(&r, 0, 0), .unit_id = unit_id};
    if (version_insert(w, d.id, x, html, text, elements) < 0)
        return -1;
    json_t *payload = json_object();
    json_set_str(payload, "title", x->title);
    json_set_int(payload, "item_id", x->item_id);
    json_set_int(payload, "duty_id", x->duty_id);
    if (disclosure_event(w, &d, "created", EVENT_RESTRICTED, payload, NULL) < 0)
        return -1;
    *ret_id = d.id;
    return 0;
}

/* A draft may be edited in state draft only, by the unit's editors. */
static int may_edit(struct work *w, const struct disclosure *d) {
    if (org_may(w, PERM_DISCLOSURE_EDIT, d->unit_id) < 0)
        return -1;
    if (!str_is(d->state, "draft"))
        return fail(w, ERR_WRONG_STATE, "此件已提交审核，退回后才能修改");
    return 0;
}

int disclosure_save(struct work *w, int64_t id, const struct disclosure_input *x) {
    struct disclosure d;
    struct db_rows lock;
    int64_t field_id;
    struct str html, text, elements;
    if (db_lock(w, &sql_disclosure_lock, &lock, DB_INT(id)) < 0 || disclosure_get(w, id, &d) < 0 ||
        may_edit(w, &d) < 0 || may_edit_kind(w, kind_of(d.kind)) < 0 ||
        check_item(w, d.unit_id, x->item_id, &field_id) < 0 || check_duty(w, d.unit_id, x) < 0 ||
        elements_read(w, kind_of(d.kind), x, &elements) < 0 || clean_body(w, x, &html, &text) < 0)
        return -1;
    if (d.public_version_id && (x->item_id != d.item_id || !str_eq(x->five, d.five)))
        return fail_field(w, x->item_id != d.item_id ? "item_id" : "five", "fixed",
                          "更正不能改变目录事项和五公开类别；确需改变的，请撤回后重新公开");
    if (d.revision != x->revision)
        return fail(w, ERR_CONFLICT, "您编辑期间，他人已保存过此稿。下面保留了您输入的内容，请对照后再保存");
    struct str validity = x->validity.n ? x->validity : S("valid");
    int head = db_exec(w, &sql_disclosure_draft_head, DB_INT(id), DB_TEXT(x->title), DB_TEXT(x->number),
                       DB_TEXT(number_fold(w->arena, x->number)), DB_TEXT(x->five), DB_ID(x->item_id), DB_ID(field_id),
                       DB_ID(x->duty_id), DB_INT(x->revision));
    int body =
        head < 0 ? -1
                 : db_exec(w, &sql_disclosure_version_update, DB_INT(d.draft_version_id), DB_TEXT(x->title),
                           DB_TEXT(x->number), DB_TEXT(html), DB_TEXT(text), DB_TEXT(x->summary), DB_TEXT(x->keywords),
                           DB_TEXT(x->attribute), DB_TEXT(x->ground), DB_TEXT(x->ground_note), DB_TEXT(x->genre),
                           DB_TEXT(x->theme), DB_TEXT(validity), DB_TEXT(x->source), day_value(w, x->formed),
                           day_value(w, x->effective), day_value(w, x->expires), DB_TEXT(elements));
    if (head < 0 || body < 0)
        return -1;
    if (head != 1 || body != 1)
        return fail(w, ERR_CONFLICT, "此稿刚刚被他人修改，请对照后再保存");
    if (x->autosave)
        return 0;
    json_t *payload = json_object();
    json_set_str(payload, "title", x->title);
    json_set_int(payload, "characters", (int64_t)utf8_length(text));
    return disclosure_event(w, &d, "saved", EVENT_RESTRICTED, payload, NULL);
}

/* ── versions ── */

json_t *attachment_digests(struct work *w, int64_t version_id, bool sm3) {
    struct db_rows r;
    json_t *files = json_array();
    if (db_query(w, &sql_disclosure_attachments, &r, DB_INT(version_id)) == 0)
        for (size_t i = 0; i < r.n; i++) {
            json_t *f = json_object();
            json_set_str(f, "name", db_s(&r, i, 1));
            json_set_str(f, "sha256", db_s(&r, i, 3));
            if (sm3)
                json_set_str(f, "sm3", db_s(&r, i, 10));
            json_array_append_new(files, f);
        }
    return files;
}

static json_t *content_json(struct work *w, const struct version *v) {
    json_t *o = json_object();
    const struct {
        const char *key;
        struct str value;
    } parts[] = {
        {"title", v->title},   {"number", v->number},       {"body", v->body},       {"summary", v->summary},
        {"genre", v->genre},   {"theme", v->theme},         {"source", v->source},   {"attribute", v->attribute},
        {"formed", v->formed}, {"effective", v->effective}, {"expires", v->expires}, {"keywords", v->keywords},
    };
    for (size_t i = 0; i < countof(parts); i++)
        json_set_str(o, parts[i].key, parts[i].value);
    json_t *elements = v->elements.n ? json_loadb(v->elements.p, v->elements.n, 0, NULL) : NULL;
    if (elements) /* only where there are any: older digests do not know them */
        json_object_set_new(o, "elements", elements);
    json_object_set_new(o, "attachments", attachment_digests(w, v->id, false)); /* a digest must never change */
    return o;
}

int version_content(struct work *w, const struct version *v, struct str *ret_text, struct str *ret_sha256) {
    unsigned char md[32];
    unsigned n = 0;
    json_t *o = content_json(w, v);
    struct str text = json_canonical(w->arena, o);
    json_decref(o);
    if (!text.p || EVP_Digest(text.p, text.n, md, &n, EVP_sha256(), NULL) != 1)
        return fail(w, ERR_INTERNAL, "内容摘要计算失败");
    *ret_text = text;
    *ret_sha256 = hex_encode(w->arena, md, n);
    return 0;
}

int version_freeze(struct work *w, const struct version *v) {
    struct str text, sha256;
    if (version_content(w, v, &text, &sha256) < 0)
        return -1;
    int rows = db_exec(w, &sql_disclosure_version_freeze, DB_INT(v->id), DB_TEXT(sha256));
    if (rows < 0)
        return -1;
    return rows == 1 ? 0 : fail(w, ERR_WRONG_STATE, "此稿已经提交");
}

int version_continue(struct work *w, const struct disclosure *d, int64_t from_version, int64_t *ret_id) {
    struct db_rows last, made;
    if (db_one(w, &sql_disclosure_version_last, &last, DB_INT(d->id)) < 0 ||
        db_one(w, &sql_disclosure_version_copy, &made, DB_INT(from_version), DB_INT(db_i(&last, 0, 0) + 1),
               DB_ID(w->actor.person_id), DB_INT(w->now)) < 0)
        return -1;
    int64_t id = db_i(&made, 0, 0);
    if (db_exec(w, &sql_disclosure_attachment_copy, DB_INT(from_version), DB_INT(id)) < 0 ||
        db_exec(w, &sql_disclosure_set_draft_version, DB_INT(d->id), DB_INT(id)) < 0)
        return -1;
    *ret_id = id;
    return 0;
}
