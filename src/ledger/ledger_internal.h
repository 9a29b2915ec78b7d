/* ledger_internal.h: what the files of this room share: the tree, an event's row, its leaf, the pass. */
#ifndef MINGTANG_LEDGER_INTERNAL_H
#define MINGTANG_LEDGER_INTERNAL_H

#include "ledger/ledger.h"

#define LEDGER_BATCH 1000                  /* events in one pass */
#define LEDGER_PAYLOAD_BYTES (1024 * 1024) /* canonical JSON of one event: more belongs into an attachment */
#define LEDGER_SALT_BYTES 32
#define LEDGER_LOCK "ledger"             /* db_try_lock: one sequencer in the whole installation */
#define LEDGER_CHANNEL "mingtang_ledger" /* db_notify: the log has grown */

/* ── canonical.c ── */
#define CANONICAL_DEPTH 64
/* Adds the canonical form; a value that has none (NaN, an integer past 2^53, invalid UTF-8, too deep) sets out->failed.
 */
void canonical_add(struct buf *out, const json_t *v);
void canonical_string(struct buf *out, struct str s);
int canonical_double(char out[32], double d); /* length, or -1: not a number JSON has */

/* ── merkle.c: RFC 6962 hashing; pure functions ── */
#define HASH_BYTES 32
struct hash {
    unsigned char b[HASH_BYTES];
};
void hash_bytes(struct hash *ret, const void *p, size_t n);                          /* plain SHA-256 */
void hash_leaf(struct hash *ret, struct str content);                                /* SHA-256(0x00 || content) */
void hash_node(struct hash *ret, const struct hash *left, const struct hash *right); /* SHA-256(0x01 || l || r) */
bool hash_eq(const struct hash *a, const struct hash *b);

/* The compact range of a whole log: roots of the full subtrees of [0, size), widest first. Everything that appending
 * and the root need; 64 levels are more leaves than any disk holds. */
struct merkle_range {
    uint64_t size;
    unsigned n; /* = bits set in size */
    struct hash h[64];
};
void merkle_append(struct merkle_range *r, const struct hash *leaf);
void merkle_root(const struct merkle_range *r, struct hash *ret); /* of nothing: SHA-256 of "" */
#define MERKLE_TEXT_BYTES (64 * (2 * HASH_BYTES + 1) + 1)
void merkle_text(const struct merkle_range *r, char out[MERKLE_TEXT_BYTES]); /* hex, space-separated */
int merkle_parse(struct str text, uint64_t size, struct merkle_range *ret);  /* 0, or -1: not a range of that size */
void hash_hex(char out[2 * HASH_BYTES + 1], const struct hash *h);
int hash_parse(struct str hex, struct hash *ret); /* 0 or -1; lower case only */

/* ── public_leaf.c ── */
/* A row of table event, in the column order of ledger_pending_batch. Views into the result. */
struct event_row {
    int64_t id, at, person_id, post_id, token_id, actor_unit_id, unit_id, subject_id, dossier_id, visibility;
    struct str person_name, post_name, actor_unit_name, room, verb, subject_kind, payload, commitment;
};
void event_row_read(struct event_row *ret, const struct db_rows *r, size_t i);
/* The bytes of the leaf: what anyone may read under /ledger/. */
void leaf_add(struct buf *out, const struct event_row *e);
/* The bytes the commitment covers: all that the leaf does not say, and `secret` (event_secret.payload). */
void protected_add(struct buf *out, const struct event_row *e, struct str secret);
/* hex SHA-256(salt || protected bytes). salt: hex. 0, or -1: the salt is not hex or the row is too large. */
int commitment_of(const struct event_row *e, struct str salt, struct str secret, char ret[2 * HASH_BYTES + 1]);

/* ── pass.c ── */
enum pass_result { PASS_BUSY = -2, PASS_FAILED = -1 }; /* busy: another node holds the lock */
/* One pass in its own transaction: events sequenced, or a pass_result. w must be outside a transaction. */
int ledger_pass(struct work *w, int64_t *ret_public_size);

/* ── node.c ── */
void ledger_kick(void *unused); /* after a commit with events; never blocks */
void ledger_set_generation(int64_t public_size);
#endif
