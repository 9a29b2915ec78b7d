/* public_leaf.c: what an event shows the world, in one place.
 *
 * The leaf of a public event says: when, where, what happened to which matter, and those members of its public
 * payload that the list below names. The leaf of any other event says only that something was recorded at that instant.
 * Neither ever names a person, a post or an address. All the rest is bound by the commitment, a salted hash: whoever is
 * shown the record and the salt can check it against the log; once the salt is destroyed nobody can guess it back.
 *
 * Both texts are canonical JSON written directly, members in canonical order: payloads are stored canonical, so
 * they are put in as they stand, and a payload altered in the table no longer hashes to the same leaf.
 * Reviewed for personal data; a member added here is published for ever. */
#include "ledger/ledger_internal.h"

#include <openssl/crypto.h>

/* Every member name that may enter a leaf, at any depth. None of them ever holds free text or names a person; a
 * title or a reason can, so they stay outside and only the commitment binds them. Sorted. */
static const char *const leaf_members[] = {
    "attachments", "bytes",   "code",     "days",         "disclosure", "due",      "edition",
    "effective",   "event",   "formed",   "index_number", "item",       "items",    "key",
    "makeup",      "met",     "number",   "off",          "period_key", "previous", "provisional",
    "public_id",   "removal", "revision", "serial",       "sha256",     "size",     "sm3",
    "source",      "status",  "unit",     "units",        "version",    "year",
};

static int by_name(const void *key, const void *row) {
    return strcmp(key, *(const char *const *)row);
}

static bool leaf_member(const char *name) {
    return bsearch(name, leaf_members, countof(leaf_members), sizeof leaf_members[0], by_name) != NULL;
}

/* A listed member whose value is an object, or a list of them, is split again inside. */
static json_t *listed_only(const json_t *v) {
    if (json_is_array(v)) {
        json_t *list = json_array();
        for (size_t i = 0; i < json_array_size(v); i++)
            json_array_append_new(list, listed_only(json_array_get(v, i)));
        return list;
    }
    if (!json_is_object(v))
        return json_incref((json_t *)(uintptr_t)v);
    json_t *o = json_object(), *one;
    const char *name;
    json_object_foreach((json_t *)(uintptr_t)v, name, one) if (leaf_member(name))
        json_object_set_new(o, name, listed_only(one));
    return o;
}

void leaf_split(const json_t *payload, json_t **ret_leaf, json_t **ret_open) {
    json_t *leaf = json_object(), *open = json_object(), *v;
    const char *name;
    json_object_foreach((json_t *)(uintptr_t)payload, name, v) {
        json_t *kept = leaf_member(name) ? listed_only(v) : NULL;
        if (kept)
            json_object_set(leaf, name, kept);
        if (!kept || !json_equal(kept, v))
            json_object_set(open, name, v); /* the whole of it, so that it reads as it was */
        json_decref(kept);
    }
    *ret_leaf = json_object_size(leaf) ? json_incref(leaf) : NULL;
    *ret_open = json_object_size(open) ? json_incref(open) : NULL;
    json_decref(leaf);
    json_decref(open);
}

void event_row_read(struct event_row *ret, const struct db_rows *r, size_t i) {
    *ret = (struct event_row){
        .id = db_i(r, i, 0),
        .at = db_i(r, i, 1),
        .person_id = db_i(r, i, 2),
        .person_name = db_s(r, i, 3),
        .post_id = db_i(r, i, 4),
        .post_name = db_s(r, i, 5),
        .token_id = db_i(r, i, 6),
        .actor_unit_id = db_i(r, i, 7),
        .actor_unit_name = db_s(r, i, 8),
        .unit_id = db_i(r, i, 9),
        .room = db_s(r, i, 10),
        .verb = db_s(r, i, 11),
        .subject_kind = db_s(r, i, 12),
        .subject_id = db_i(r, i, 13),
        .dossier_id = db_i(r, i, 14),
        .visibility = db_i(r, i, 15),
        .payload = db_s(r, i, 16),
        .commitment = db_s(r, i, 17),
    };
}

static void add_text(struct buf *out, const char *key, struct str s) {
    buf_printf(out, "\"%s\":", key);
    canonical_string(out, s);
    buf_addc(out, ',');
}

static void add_int(struct buf *out, const char *key, int64_t v) {
    buf_printf(out, "\"%s\":%lld,", key, (long long)v);
}

/* YYYY-MM-DDThh:mm:ss[.mmm]+08:00 */
static void add_instant(struct buf *out, const char *key, int64_t ms, bool exact) {
    char day[11], part[8] = "";
    day_t d = day_of(ms);
    int64_t s = (ms - day_start(d)) / 1000;
    if (exact)
        snprintf(part, sizeof part, ".%03d", (int)(ms % 1000));
    buf_printf(out, "\"%s\":\"%sT%02d:%02d:%02d%s+08:00\",", key, day_text(day, d), (int)(s / 3600), (int)(s / 60 % 60),
               (int)(s % 60), part);
}

static void add_subject(struct buf *out, const struct event_row *e) {
    buf_addz(out, "\"subject\":{");
    buf_printf(out, "\"id\":%lld,\"kind\":", (long long)e->subject_id);
    canonical_string(out, e->subject_kind);
    buf_addz(out, "},");
}

void leaf_add(struct buf *out, const struct event_row *e, int64_t format, int64_t logged) {
    buf_addc(out, '{');
    add_instant(out, "at", e->at, false);
    if (e->commitment.n)
        add_text(out, "commitment", e->commitment);
    add_int(out, "id", e->id);
    if (format > 1)
        add_instant(out, "logged", logged, true);
    if (e->visibility == EVENT_PUBLIC) {
        if (e->payload.n) {
            buf_addz(out, "\"payload\":");
            buf_add(out, e->payload);
            buf_addc(out, ',');
        }
        add_text(out, "room", e->room);
        add_subject(out, e);
        if (e->unit_id)
            add_int(out, "unit", e->unit_id);
    }
    buf_printf(out, "\"v\":%lld", (long long)format);
    if (e->visibility == EVENT_PUBLIC) {
        buf_addz(out, ",\"verb\":");
        canonical_string(out, e->verb);
    }
    buf_addc(out, '}');
}

/* Numbers 0 stand for "none". The event's id is not here: it is not known before the row is written; the leaf ties
 * id and commitment together. */
void protected_add(struct buf *out, const struct event_row *e, struct str secret) {
    buf_addz(out, "{\"actor\":{");
    add_int(out, "person", e->person_id);
    add_text(out, "person_name", e->person_name);
    add_int(out, "post", e->post_id);
    add_text(out, "post_name", e->post_name);
    add_int(out, "token", e->token_id);
    add_int(out, "unit", e->actor_unit_id);
    buf_addz(out, "\"unit_name\":");
    canonical_string(out, e->actor_unit_name);
    buf_addz(out, "},");
    add_int(out, "at", e->at);
    add_int(out, "dossier", e->dossier_id);
    add_text(out, "payload", e->payload);
    add_text(out, "room", e->room);
    add_text(out, "secret", secret);
    add_subject(out, e);
    add_int(out, "unit", e->unit_id);
    add_text(out, "verb", e->verb);
    buf_printf(out, "\"visibility\":%lld}", (long long)e->visibility);
}

int commitment_of(const struct event_row *e, struct str salt, struct str secret, char ret[2 * HASH_BYTES + 1]) {
    struct buf b;
    struct hash h;
    if (hash_parse(salt, &h) < 0)
        return -1;
    buf_init(&b, 8 * LEDGER_PAYLOAD_BYTES); /* two payloads, escaped once more */
    buf_add(&b, (struct str){(const char *)h.b, HASH_BYTES});
    protected_add(&b, e, secret);
    bool failed = b.failed;
    if (!failed) {
        hash_bytes(&h, b.p, b.n);
        hash_hex(ret, &h);
        OPENSSL_cleanse(b.p, b.n);
    }
    buf_release(&b);
    return failed ? -1 : 0;
}
