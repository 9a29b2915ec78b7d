/* ledger_internal.h: what the files of this room share: the tree, an event's row, its leaf, the pass. */
#ifndef MINGTANG_LEDGER_INTERNAL_H
#define MINGTANG_LEDGER_INTERNAL_H

#include "ledger/ledger.h"

#include <openssl/evp.h>

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
#define TILE_HEIGHT 8
#define TILE_WIDTH 256
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
/* The same, telling of each subtree of 256^level leaves that the leaf completes, lowest first. node may be NULL. */
typedef void merkle_node_fn(void *ctx, unsigned level, uint64_t position, const struct hash *h);
void merkle_append_telling(struct merkle_range *r, const struct hash *leaf, merkle_node_fn *node, void *ctx);
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
/* The bytes of the leaf: what anyone may read under /ledger/. logged: ms, the instant of its entry. */
#define LEAF_FORMAT 2
#define LEAF_BYTES 65535 /* an entry of a C2SP bundle */
void leaf_add(struct buf *out, const struct event_row *e, int64_t format, int64_t logged);
/* Members of a public payload that enter the leaf, and with it the world for ever: digests, numbers, codes and days.
 * The rest (titles, names, reasons) is public too but only committed to, so that it can be erased. Both are new
 * references, NULL when empty. */
void leaf_split(const json_t *payload, json_t **ret_leaf, json_t **ret_open);
/* The bytes the commitment covers: all that the leaf does not say, and `secret` (event_secret.payload). */
void protected_add(struct buf *out, const struct event_row *e, struct str secret);
/* hex SHA-256(salt || protected bytes). salt: hex. 0, or -1: the salt is not hex or the row is too large. */
int commitment_of(const struct event_row *e, struct str salt, struct str secret, char ret[2 * HASH_BYTES + 1]);

/* ── pass.c ── */
enum pass_result { PASS_BUSY = -2, PASS_FAILED = -1 }; /* busy: another node holds the lock */
/* One pass in its own transaction: events sequenced, or a pass_result. w must be outside a transaction. */
int ledger_pass(struct work *w, int64_t *ret_public_size);

/* The same as the last part of a publication's transaction (db_before_commit); what fails is left to the thread. */
void ledger_before_commit(struct work *w);

/* ── tree.c: hashes of a log of a given size, read from the tables by tiles ── */
struct tree;
struct tree *tree_open(struct work *w, int64_t size); /* in the arena of w */
/* The hashes of a tile (C2SP tlog-tiles) as far as the size has filled it. 0 or -1. Views into the arena. */
int tree_tile(struct tree *t, unsigned level, uint64_t index, const struct hash **ret, unsigned *ret_n);
int tree_root(struct tree *t, struct hash *ret);
/* RFC 6962 §2.1.1, §2.1.2. At most 64 hashes each; counts are set. -1: out of range or unreadable, w->error set. */
#define PROOF_HASHES 64
int tree_inclusion(struct tree *t, uint64_t seq, struct hash ret[PROOF_HASHES], unsigned *ret_n);
int tree_consistency(struct tree *t, uint64_t from, struct hash ret[PROOF_HASHES], unsigned *ret_n);
int tree_mend(struct work *w); /* writes missing nodes of a log made before there were any; opens a transaction */

/* ── note.c: C2SP signed notes; pure functions ── */
#define NOTE_NAME_BYTES 200
enum note_type { NOTE_ED25519 = 1, NOTE_COSIGNATURE = 4, NOTE_SM2 = 255 };
struct note_key {
    enum note_type type;
    char name[NOTE_NAME_BYTES + 1];
    unsigned char id[4];
    EVP_PKEY *key; /* owned; public or private */
};
/* "name+hex(id)+base64(type, public key)". 0 or -1. */
int note_key_parse(struct str vkey, struct note_key *ret);
int note_key_from(struct note_key *ret, enum note_type type, const char *name, EVP_PKEY *key); /* takes the key */
void note_key_free(struct note_key *k);
struct str note_vkey(struct arena *a, const struct note_key *k);
/* "— name base64(id, signature)\n" over text. at: seconds, for a cosignature. Empty view when signing fails. */
struct str note_sign(struct arena *a, const struct note_key *k, struct str text, int64_t at);
/* Is there a line of this key in the note, and is it good? 1 yes, 0 none, -1 a bad one. at: of a cosignature. */
int note_verify(struct arena *a, struct str note, const struct note_key *k, struct str *ret_line, int64_t *ret_at);
struct str note_text(struct str note); /* without signatures; "" when it is no note */
/* The three lines of a checkpoint. 0 or -1. */
struct checkpoint_head {
    struct str origin;
    int64_t size;
    struct hash root;
};
int checkpoint_parse(struct arena *a, struct str note, struct checkpoint_head *ret);
struct str checkpoint_text(struct arena *a, struct str origin, int64_t size, const struct hash *root);

/* ── key.c: this node's signing keys ── */
/* Signs the head inside the transaction of its pass. Without a key, or with one the log does not know: no row, and
 * the log line says so once. */
int checkpoint_sign(struct work *w, int64_t size, const struct hash *root, int64_t at);

/* ── node.c ── */
void ledger_kick(void *unused);                  /* there may be events to number; never blocks */
void ledger_committed(void *work);               /* after a commit with events; never blocks */
void ledger_set_generation(int64_t public_size); /* forward only */
void ledger_generation_reset(void);
#endif
