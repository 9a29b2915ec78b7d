/* event.c: writing an event in the transaction of its change, and reading events back. */
#include "ledger/ledger_internal.h"
#include "ledger_sql.h"

/* Canonical text of a payload, "" for NULL; -1 with w->error when it has none. */
static int payload_text(struct work *w, const json_t *v, struct str *ret) {
    if (!v) {
        *ret = S("");
        return 0;
    }
    struct str s = json_canonical(w->arena, v);
    if (!s.p) {
        log_line(LOG_ERROR, "event_payload", "reason=\"not representable in canonical JSON\"");
        return fail(w, ERR_INTERNAL, "办理记录无法保存");
    }
    if (s.n > LEDGER_PAYLOAD_BYTES)
        return fail(w, ERR_TOO_LARGE, "办理记录超过 1 MB，请缩短内容或改用附件");
    *ret = s;
    return 0;
}

/* What only the commitment covers: the address the actor came from, the protected payload, and of a public event
 * what everyone may read but the leaf does not say (open). */
static int secret_text(struct work *w, const struct event *e, json_t *open, struct str *ret) {
    json_t *protected = e->visibility == EVENT_PUBLIC ? e->secret : e->payload;
    json_t *o = json_object();
    if (open)
        json_object_set(o, "open", open);
    if (w->actor.address[0])
        json_object_set_new(o, "address", json_string(w->actor.address));
    if (protected)
        json_object_set(o, "payload", protected);
    if (e->visibility != EVENT_PUBLIC && e->secret)
        json_object_set(o, "secret", e->secret);
    int r = payload_text(w, o, ret);
    json_decref(o);
    return r;
}

static struct event_row row_of(const struct work *w, const struct event *e, struct str payload) {
    const struct actor *a = &w->actor;
    return (struct event_row){
        .at = w->now,
        .person_id = a->person_id,
        .post_id = a->post_id,
        .token_id = a->token_id,
        .actor_unit_id = a->unit_id,
        .unit_id = e->unit_id ? e->unit_id : a->unit_id,
        .subject_id = e->subject_id,
        .dossier_id = e->dossier_id,
        .visibility = e->visibility,
        .person_name = a->person_name,
        .post_name = a->post_name,
        .actor_unit_name = a->unit_name,
        .room = str_z(e->room),
        .verb = str_z(e->verb),
        .subject_kind = str_z(e->subject_kind),
        .payload = payload,
    };
}

#define EVENT_COLUMNS 17
#define APPEND_COLUMNS (EVENT_COLUMNS + 2)

/* The event's columns, its salt and its protected payload, as the statements take them. */
static void append_values(const struct event_row *e, struct str salt, struct str secret,
                          struct db_value ret[APPEND_COLUMNS]) {
    const struct db_value v[] = {
        DB_INT(e->at),          DB_ID(e->person_id),  DB_TEXT(e->person_name), DB_ID(e->post_id),
        DB_TEXT(e->post_name),  DB_ID(e->token_id),   DB_ID(e->actor_unit_id), DB_TEXT(e->actor_unit_name),
        DB_ID(e->unit_id),      DB_TEXT(e->room),     DB_TEXT(e->verb),        DB_TEXT(e->subject_kind),
        DB_INT(e->subject_id),  DB_ID(e->dossier_id), DB_INT(e->visibility),   DB_TEXT(e->payload),
        DB_TEXT(e->commitment), DB_TEXT(salt),        DB_TEXT(secret)};
    memcpy(ret, v, sizeof v);
}

/* One round trip on PostgreSQL; four statements in the process on SQLite. */
static int event_insert(struct work *w, const struct db_value v[APPEND_COLUMNS], int64_t *ret_id) {
    struct db_rows r;
    if (db_pool_engine(db_pool_of(w)) == DB_POSTGRESQL) {
        if (db_one_n(w, &sql_ledger_event_append, &r, v, APPEND_COLUMNS) != 1)
            return -1;
        *ret_id = db_i(&r, 0, 0);
        return 0;
    }
    if (db_exec_n(w, &sql_ledger_event_insert, v, EVENT_COLUMNS) != 1 || db_one(w, &sql_ledger_event_inserted, &r) != 1)
        return -1;
    int64_t id = db_i(&r, 0, 0);
    if (db_exec(w, &sql_ledger_secret_insert, DB_INT(id), v[EVENT_COLUMNS], v[EVENT_COLUMNS + 1]) < 0 ||
        db_exec(w, &sql_ledger_pending_insert, DB_INT(id)) < 0)
        return -1;
    *ret_id = id;
    return 0;
}

/* The texts of an event: what the leaf says, and what only the commitment covers. */
static int event_texts(struct work *w, const struct event *e, struct str *ret_leaf, struct str *ret_secret) {
    json_t *leaf = NULL, *open = NULL;
    if (e->visibility == EVENT_PUBLIC && e->payload)
        leaf_split(e->payload, &leaf, &open);
    int rc = payload_text(w, leaf, ret_leaf) < 0 || secret_text(w, e, open, ret_secret) < 0 ? -1 : 0;
    json_decref(leaf);
    json_decref(open);
    if (rc == 0 && ret_leaf->n > LEAF_BYTES - 1024)
        return fail(w, ERR_TOO_LARGE, "公开的办理记录超过 64 KB，请分几次办理");
    return rc;
}

/* Everything of an event but its id, ready for the statements. */
static int event_prepare(struct work *w, const struct event *e, struct db_value ret[APPEND_COLUMNS]) {
    struct str payload = STR_NONE, secret = STR_NONE;
    unsigned char random[LEDGER_SALT_BYTES];
    char commitment[2 * HASH_BYTES + 1];
    if (event_texts(w, e, &payload, &secret) < 0)
        return -1;
    struct event_row row = row_of(w, e, payload);
    random_bytes(random, sizeof random);
    struct str salt = hex_encode(w->arena, random, sizeof random);
    if (commitment_of(&row, salt, secret, commitment) < 0) {
        log_line(LOG_ERROR, "event_append", "room=%s verb=%s reason=\"a name is not valid UTF-8\"", e->room, e->verb);
        return fail(w, ERR_INTERNAL, "办理记录无法保存");
    }
    row.commitment = str_dup(w->arena, str_z(commitment));
    append_values(&row, salt, secret, ret);
    return 0;
}

static void appended(struct work *w, const struct event *e) {
    if (w->events++ == 0)
        db_on_commit(w, ledger_committed, w);
    w->public_event = w->public_event || e->visibility == EVENT_PUBLIC;
}

int event_append(struct work *w, const struct event *e, int64_t *ret_id) {
    struct db_value v[APPEND_COLUMNS];
    int64_t id;
    if (event_prepare(w, e, v) < 0 || event_insert(w, v, &id) < 0)
        return -1;
    appended(w, e);
    if (ret_id)
        *ret_id = id;
    return 0;
}

int event_append_many(struct work *w, const struct event *list, size_t n) {
    struct db_value *v = arena_many(w->arena, struct db_value, n * APPEND_COLUMNS + 1);
    bool pipelined = db_pool_engine(db_pool_of(w)) == DB_POSTGRESQL;
    int64_t id;
    for (size_t i = 0; i < n; i++) {
        struct db_value *one = v + i * APPEND_COLUMNS;
        if (event_prepare(w, &list[i], one) < 0 || (!pipelined && event_insert(w, one, &id) < 0))
            return -1;
    }
    if (pipelined && n && db_exec_many(w, &sql_ledger_event_append, v, APPEND_COLUMNS, n) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        appended(w, &list[i]);
    return 0;
}

/* ── reading ── */

static json_t *parsed(struct str s) {
    json_t *v = s.n ? json_loadb(s.p, s.n, JSON_DECODE_ANY, NULL) : NULL;
    return v;
}

static void set_text(json_t *o, const char *key, struct str s) {
    json_object_set_new(o, key, json_stringn(s.p ? s.p : "", s.n));
}

static json_t *event_json(struct work *w, const struct db_rows *r, size_t i, bool with_secret) {
    json_t *o = json_object();
    json_object_set_new(o, "id", json_integer(db_i(r, i, 0)));
    if (!db_null(r, i, 1))
        json_object_set_new(o, "seq", json_integer(db_i(r, i, 1)));
    set_text(o, "at", instant_rfc3339(w->arena, db_i(r, i, 2)));
    set_text(o, "at_text", instant_text(w->arena, db_i(r, i, 2)));
    set_text(o, "person", db_s(r, i, 3));
    set_text(o, "post", db_s(r, i, 4));
    set_text(o, "unit", db_s(r, i, 5));
    set_text(o, "room", db_s(r, i, 6));
    set_text(o, "verb", db_s(r, i, 7));
    set_text(o, "verb_name", str_z(event_verb_name(db_s(r, i, 6).p, db_s(r, i, 7).p)));
    set_text(o, "subject_kind", db_s(r, i, 8));
    json_object_set_new(o, "subject_id", json_integer(db_i(r, i, 9)));
    json_object_set_new(o, "unit_id", json_integer(db_i(r, i, 13)));
    json_t *public = parsed(db_s(r, i, 11)), *hidden = parsed(db_s(r, i, 12)), *open = json_object_get(hidden, "open");
    if (open && !public)
    public = json_object();
    if (open)
        json_object_update(public, open);
    if (public)
        json_object_set_new(o, "public", public);
    if (with_secret && json_object_get(hidden, "payload"))
        json_object_set(o, "secret", json_object_get(hidden, "payload"));
    if (with_secret && json_object_get(hidden, "address"))
        json_object_set(o, "address", json_object_get(hidden, "address"));
    json_decref(hidden);
    return o;
}

static json_t *events_json(struct work *w, const struct db_rows *r, bool with_secret) {
    json_t *list = json_array();
    for (size_t i = 0; i < r->n; i++)
        json_array_append_new(list, event_json(w, r, i, with_secret));
    return list;
}

json_t *event_list(struct work *w, const char *subject_kind, int64_t subject_id, bool with_secret) {
    struct db_rows r;
    if (db_query(w, &sql_ledger_event_list, &r, DB_TEXTZ(subject_kind), DB_INT(subject_id)) < 0)
        return NULL;
    return events_json(w, &r, with_secret);
}

json_t *event_recent(struct work *w, int64_t unit_id, int64_t before_id, int limit) {
    struct db_rows r;
    if (limit < 1 || limit > LIMIT_PAGE_SIZE)
        limit = LIMIT_PAGE_SIZE;
    int rc = unit_id
                 ? db_query(w, &sql_ledger_event_recent_of_unit, &r, DB_INT(unit_id), DB_INT(before_id), DB_INT(limit))
                 : db_query(w, &sql_ledger_event_recent, &r, DB_INT(before_id), DB_INT(limit));
    return rc < 0 ? NULL : events_json(w, &r, false);
}

int event_erase(struct work *w, int64_t event_id, struct str reason) {
    struct db_rows r;
    if (str_trim(reason).n == 0)
        return fail_field(w, "reason", "required", "请写明删除个人信息的依据和理由");
    int n = db_one(w, &sql_ledger_entry_of_event, &r, DB_INT(event_id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "账本中没有记录 %lld", (long long)event_id);
    n = db_exec(w, &sql_ledger_secret_destroy, DB_INT(event_id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_WRONG_STATE, "记录 %lld 的受保护内容已经删除", (long long)event_id);
    json_t *p = json_pack("{s:I, s:s%}", "event", (json_int_t)event_id, "reason", reason.p, reason.n);
    struct event e = {.room = "ledger",
                      .verb = "erased",
                      .subject_kind = "event",
                      .subject_id = event_id,
                      .visibility = EVENT_INTERNAL,
                      .payload = p};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    return rc;
}
