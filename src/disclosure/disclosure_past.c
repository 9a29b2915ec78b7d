/* disclosure_past.c: what the public saw: the version of an instant, the tombstone of what went, the history of what
 * changed. A past instant shows what then stood, unless law forbids to show it: then it says so. */
#include "disclosure/disclosure_internal.h"

int disclosure_by_public_id(struct work *w, struct str public_id, struct disclosure *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_disclosure_id_by_public, &r, DB_TEXT(public_id));
    if (n < 0 || (n == 1 && disclosure_get(w, db_i(&r, 0, 0), ret) < 0))
        return -1;
    return n == 1 && ret->published_at != 0;
}

static int not_then(struct work *w, const struct disclosure *d) {
    if (d->published_at > w->now)
        return fail(w, ERR_NOT_FOUND, "%.*s 时这条信息还没有公开，它在 %.*s 首次公开",
                    STR_ARG(instant_text(w->arena, w->now)), STR_ARG(instant_text(w->arena, d->published_at)));
    return fail(w, ERR_GONE, "此信息已撤回");
}

int public_version_now(struct work *w, const struct disclosure *d, int64_t *ret_id) {
    struct db_rows r;
    struct version v;
    if (w->as_of == 0 && !d->public_version_id)
        return not_then(w, d), 0;
    *ret_id = d->public_version_id;
    if (w->as_of == 0)
        return 1;
    int n = db_one(w, &sql_disclosure_version_at, &r, DB_INT(d->id), DB_INT(w->as_of));
    if (n < 0)
        return -1;
    if (n == 0)
        return not_then(w, d), 0;
    *ret_id = db_i(&r, 0, 0);
    if (version_get(w, *ret_id, &v) < 0)
        return -1;
    if (v.concealed_at == 0)
        return 1;
    fail(w, ERR_GONE, "此信息依法不再显示");
    return 0;
}

/* ── editions ── */

/* Verbs that make a version public. */
static bool publishes(const char *verb) {
    return strcmp(verb, "published") == 0 || strcmp(verb, "corrected") == 0 || strcmp(verb, "entered") == 0;
}

json_t *publication_event(struct work *w, int64_t disclosure_id, int64_t version) {
    json_t *all = event_list(w, "disclosure", disclosure_id, false), *e, *found = NULL;
    size_t i;
    json_array_foreach(all, i, e) {
        const char *verb = json_string_value(json_object_get(e, "verb"));
        if (json_integer_value(json_object_get(json_object_get(e, "public"), "version")) == version && publishes(verb))
            found = e;
    }
    json_incref(found);
    json_decref(all);
    return found;
}

json_t *versions_json(struct work *w, const struct disclosure *d) {
    struct db_rows r;
    json_t *list = json_array();
    if (db_query(w, &sql_disclosure_versions_public, &r, DB_INT(d->id)) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++) {
        if (w->as_of && db_i(&r, i, 3) > w->as_of)
            continue;
        json_t *o = json_object();
        bool ended = db_i(&r, i, 4) && (!w->as_of || db_i(&r, i, 4) <= w->as_of), concealed = db_i(&r, i, 6) != 0;
        json_set_int(o, "edition", (int64_t)(r.n - i));
        if (!concealed)
            json_set_str(o, "title", db_s(&r, i, 2));
        json_set_instant(w->arena, o, "public_from", db_i(&r, i, 3));
        if (ended)
            json_set_instant(w->arena, o, "public_to", db_i(&r, i, 4));
        json_set_str(o, "sha256", db_s(&r, i, 5));
        json_set_bool(o, "current", !ended);
        json_set_bool(o, "concealed", concealed);
        json_set_str(o, "check", str_printf(w->arena, "/verify/%.*s/%zu", STR_ARG(d->public_id), r.n - i));
        json_array_append_new(list, o);
    }
    return list;
}

int disclosure_id_of(struct work *w, struct str text, struct str *ret_public_id) {
    struct db_rows r;
    int n = db_one(w, &sql_disclosure_public_id_of, &r, DB_TEXT(text));
    if (n == 1)
        *ret_public_id = db_s(&r, 0, 0);
    return n;
}

int disclosure_edition(struct work *w, struct str public_id, int64_t edition, struct disclosure_edition *ret) {
    struct db_rows r;
    struct disclosure d;
    struct version v;
    int n = disclosure_by_public_id(w, public_id, &d);
    if (n < 0 || (n == 1 && db_query(w, &sql_disclosure_versions_public, &r, DB_INT(d.id)) < 0))
        return -1;
    if (n == 0 || edition < 1 || edition > (int64_t)r.n)
        return fail(w, ERR_NOT_FOUND, "没有这条公开信息的这一版，请核对凭证上的网址");
    if (version_get(w, db_i(&r, r.n - (size_t)edition, 0), &v) < 0)
        return -1;
    *ret = (struct disclosure_edition){
        .disclosure_id = d.id,
        .version = v.number_of_version,
        .edition = edition,
        .editions = (int64_t)r.n,
        .public_from = v.public_from,
        .public_to = v.public_to,
        .current = v.id == d.public_version_id,
        .withdrawn = !d.public_version_id,
        .concealed = v.concealed_at != 0,
        .demo = d.demo,
        .public_id = d.public_id,
        .index_number = d.index_number,
        .unit_name = d.unit_name,
        .unit_code = d.unit_code,
        .sha256 = v.sha256,
        .content = STR_NONE,
    };
    json_t *event = publication_event(w, d.id, v.number_of_version);
    ret->event_id = json_integer_value(json_object_get(event, "id"));
    json_decref(event);
    /* The text is shown again only where the page itself would show it: now, or by a past instant. */
    struct str sha256;
    if (ret->concealed || ret->withdrawn)
        return 0;
    ret->title = v.title;
    ret->attachments = attachments_json(w, &d, v.id, false);
    return version_content(w, &v, &ret->content, &sha256);
}

/* ── tombstones ── */

/* The last withdrawal up to the instant of the work, from the record. */
static json_t *withdrawal_event(struct work *w, const struct disclosure *d) {
    json_t *all = event_list(w, "disclosure", d->id, false), *e, *found = NULL;
    struct str now = instant_rfc3339(w->arena, w->now);
    size_t i;
    json_array_foreach(all, i, e) {
        struct str at = str_z(json_string_value(json_object_get(e, "at")));
        if (str_is(str_z(json_string_value(json_object_get(e, "verb"))), "withdrawn") && str_cmp(at, now) <= 0)
            found = e;
    }
    json_incref(found);
    json_decref(all);
    return found;
}

static void tombstone_withdrawal(struct work *w, const struct disclosure *d, json_t *o) {
    json_t *e = withdrawal_event(w, d), *public = json_object_get(e, "public");
    if (e) {
        json_object_set(o, "withdrawn", json_object_get(e, "at"));
        json_object_set(o, "withdrawn_text", json_object_get(e, "at_text"));
        if (json_object_get(public, "reason"))
            json_object_set(o, "reason", json_object_get(public, "reason"));
        if (json_object_get(e, "seq"))
            json_object_set(o, "seq", json_object_get(e, "seq"));
    } else if (d->withdrawn_at) {
        json_set_instant(w->arena, o, "withdrawn", d->withdrawn_at);
        json_set_str(o, "reason", d->withdraw_reason);
    }
    json_decref(e);
}

json_t *tombstone_json(struct work *w, const struct disclosure *d) {
    struct db_rows r;
    json_t *o = json_object();
    json_set_str(o, "public_id", d->public_id);
    json_set_str(o, "index_number", d->index_number);
    json_object_set_new(
        o, "unit",
        json_pack("{s:s%, s:s%}", "name", d->unit_name.p, d->unit_name.n, "code", d->unit_code.p, d->unit_code.n));
    struct version v = {0};
    bool past = w->as_of && db_one(w, &sql_disclosure_version_at, &r, DB_INT(d->id), DB_INT(w->as_of)) == 1 &&
                version_get(w, db_i(&r, 0, 0), &v) == 0;
    if (past && v.concealed_at) { /* it stood then; law forbids to show it now */
        json_set_bool(o, "concealed", true);
        json_set_instant(w->arena, o, "concealed_at", v.concealed_at);
        json_set_str(o, "reason", v.conceal_reason);
    } else {
        tombstone_withdrawal(w, d, o);
    }
    json_object_set_new(o, "versions", versions_json(w, d));
    return o;
}

/* ── lists of a past instant ── */

static struct str like_escaped(struct arena *a, struct str s) {
    s = str_replace(a, str_replace(a, s, S("!"), S("!!")), S("%"), S("!%"));
    return str_replace(a, s, S("_"), S("!_"));
}

void like_patterns(struct work *w, struct str q, struct str *ret_title, struct str *ret_number) {
    struct str folded = number_fold(w->arena, q);
    *ret_title = str_printf(w->arena, "%%%.*s%%", STR_ARG(like_escaped(w->arena, q)));
    *ret_number = folded.n ? str_printf(w->arena, "%%%.*s%%", STR_ARG(like_escaped(w->arena, folded))) : S("!");
}

int latest_as_of(struct work *w, const struct disclosure_filter *f, int64_t key, int64_t id, int64_t size,
                 struct db_rows *r) {
    struct str title = S(""), number = S("");
    if (f->q.n)
        like_patterns(w, f->q, &title, &number);
    return db_query(w, &sql_disclosure_latest_as_of, r, DB_INT(key), DB_INT(id), DB_INT(size), DB_INT(w->as_of),
                    DB_ID(f->unit_id), DB_ID(f->item_id), DB_ID(f->field_id), DB_TEXT(f->five), DB_TEXT(f->kind),
                    DB_TEXT(title), DB_TEXT(number));
}

/* ── the public history of one matter ── */

static const char *const public_verbs[] = {"entered", "published", "corrected", "expired", "withdrawn", "concealed"};

/* The changes between one edition and the one before; nothing where either is concealed. */
static void add_difference(struct work *w, json_t *o, int64_t before_id, int64_t after_id) {
    struct version a, b;
    if (version_get(w, before_id, &a) < 0 || version_get(w, after_id, &b) < 0 || a.concealed_at || b.concealed_at)
        return;
    json_object_set_new(o, "title_changes", text_diff(w->arena, a.title, b.title));
    json_object_set_new(o, "body_changes", text_diff(w->arena, a.body_text, b.body_text));
    json_set_bool(o, "same_title", str_eq(a.title, b.title));
    json_set_bool(o, "same_body", str_eq(a.body_text, b.body_text));
    json_set_bool(o, "differs", true);
}

static json_t *step_json(struct work *w, const struct disclosure *d, const json_t *e, const struct db_rows *versions) {
    json_t *o = json_object(), *public = json_object_get(e, "public");
    int64_t version = json_integer_value(json_object_get(public, "version"));
    static const char *const kept[] = {"at", "at_text", "verb", "verb_name", "seq"};
    for (size_t i = 0; i < countof(kept); i++)
        if (json_object_get(e, kept[i]))
            json_object_set(o, kept[i], json_object_get(e, kept[i]));
    if (json_object_get(public, "reason"))
        json_object_set(o, "reason", json_object_get(public, "reason"));
    for (size_t i = 0; version && i < versions->n; i++) {
        if (db_i(versions, i, 1) != version)
            continue;
        json_set_int(o, "edition", (int64_t)(versions->n - i));
        json_set_str(o, "sha256", db_s(versions, i, 5));
        json_set_bool(o, "hidden", db_i(versions, i, 6) != 0);
        json_set_str(o, "check", str_printf(w->arena, "/verify/%.*s/%zu", STR_ARG(d->public_id), versions->n - i));
        if (i + 1 < versions->n)
            add_difference(w, o, db_i(versions, i + 1, 0), db_i(versions, i, 0));
    }
    return o;
}

/* A matter that law took away entirely keeps its steps and reasons, not its texts. */
int public_history(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct disclosure d;
    struct db_rows versions;
    int n = disclosure_by_public_id(w, http_path_part(in, "id"), &d);
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这条公开信息，请核对网址");
    if (db_query(w, &sql_disclosure_versions_public, &versions, DB_INT(d.id)) < 0)
        return -1;
    json_t *all = event_list(w, "disclosure", d.id, false), *e, *steps = json_array();
    size_t i;
    if (!all)
        return -1;
    json_array_foreach(all, i, e) {
        const char *verb = json_string_value(json_object_get(e, "verb"));
        bool twice = strcmp(verb, "entered") == 0 && !json_object_get(json_object_get(e, "public"), "version");
        for (size_t k = 0; k < countof(public_verbs) && !twice; k++) /* older logs say "published" after it */
            if (strcmp(verb, public_verbs[k]) == 0)
                json_array_insert_new(steps, 0, step_json(w, &d, e, &versions));
    }
    json_decref(all);
    json_t *model = json_object(), *o = json_object();
    bool shown = d.public_version_id != 0;
    json_set_str(o, "public_id", d.public_id);
    json_set_str(o, "index_number", d.index_number);
    json_set_str(o, "unit_name", d.unit_name);
    json_set_bool(o, "public", shown);
    if (shown)
        json_set_str(o, "title", d.title);
    json_object_set_new(model, "disclosure", o);
    json_object_set_new(model, "steps", steps);
    return view_page(out, "disclosure/history", model);
}
