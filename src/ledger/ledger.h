/* ledger.h: events and the append-only Merkle log they are sequenced into.
 * An event is written in the transaction of the change it tells of; the sequencer gives committed events
 * contiguous numbers, one at a time in the whole installation, and extends the tree (RFC 6962 hashing). */
#ifndef MINGTANG_LEDGER_H
#define MINGTANG_LEDGER_H

#include "base/base.h"
#include "db/db.h"
#include <jansson.h>

enum event_visibility {
    EVENT_PUBLIC = 1, /* leaf = canonical JSON of the public payload */
    EVENT_INTERNAL,   /* leaf = salted commitment; payload for staff */
    EVENT_RESTRICTED, /* leaf = salted commitment; payload for those who may see the matter; can be erased */
};
struct event {
    const char *room, *verb;  /* "disclosure", "published" */
    const char *subject_kind; /* "disclosure", "duty", "item", "person" … */
    int64_t subject_id;
    int64_t unit_id;    /* the unit the matter belongs to; 0: the actor's */
    int64_t dossier_id; /* 0: none */
    enum event_visibility visibility;
    json_t *payload; /* borrowed; public part when EVENT_PUBLIC, else the protected part. May be NULL */
    json_t *secret;  /* borrowed; extra protected part of a public event (who, address, remarks). May be NULL */
};
/* Appends in the open transaction; sets w->events and w->public_event. 0 or -1. ret_id may be NULL. */
int event_append(struct work *w, const struct event *e, int64_t *ret_id);

/* Many at once, in their order: on PostgreSQL without waiting for each. All of them or none (the level is spoilt). */
int event_append_many(struct work *w, const struct event *list, size_t n);

/* Events of one subject, oldest first: id, seq (from 0; absent: not yet sequenced), at and at_text, person, post, unit
 * (names of the moment), room, verb, verb_name, subject_kind, subject_id, unit_id (of the matter), and the payload
 * objects "public" and, only when with_secret, "secret" and "address". New reference, NULL on error. */
json_t *event_list(struct work *w, const char *subject_kind, int64_t subject_id, bool with_secret);
/* Latest events of a unit (0: all), newest first, keyed by id (INT64_MAX to start). New reference. */
json_t *event_recent(struct work *w, int64_t unit_id, int64_t before_id, int limit);

/* Chinese words of a room's verb ("disclosure", "published" → 发布), for timelines; the verb itself when unknown. */
const char *event_verb_name(const char *room, const char *verb);

/* The sequencer's thread of this node. Kicked after each commit with events; also polls. */
int ledger_start(struct db_pool *pool, const struct app_config *config, char *why, size_t cap);
void ledger_stop(void);
/* Waits (≤ 2 s) until all events committed before now are sequenced. -1 (ERR_BUSY): the change is saved all the same.
 */
int ledger_settled(struct work *w);
uint64_t ledger_generation(void); /* public events sequenced, as known to this node */
struct ledger_head {
    int64_t size, public_size;
    unsigned char root[32];
};
int ledger_head(struct work *w, struct ledger_head *ret);
/* One pass of the sequencer, for commands and tests: number of events sequenced, or -1. */
int ledger_sequence_once(struct work *w);
/* ── keys and checkpoints ── */
/* At start, outside a transaction: completes the tree's nodes of an older log, reads this node's signing keys (makes
 * the first one) and registers them by the event ledger/key_set. -1: the key file is not the registered one. */
int ledger_open(struct work *w);
void ledger_forget(void); /* keys and generation: at the end of the process, and between databases in tests */
int ledger_rotate(struct work *w,
                  const char *algorithm); /* "ed25519", "sm2"; inside a transaction; event key_rotated */
json_t *ledger_keys(struct work *w);      /* public keys, the active first. New reference */
/* A signed head (C2SP tlog-checkpoint). Views into the arena. */
struct ledger_checkpoint {
    int64_t size, at; /* entries; ms UTC */
    struct str root;  /* hex */
    struct str note;  /* with the log's own signatures */
};
/* 1, 0 (none), -1. covering: the first one that binds the entry. */
int ledger_checkpoint_latest(struct work *w, struct ledger_checkpoint *ret);
int ledger_checkpoint_at(struct work *w, int64_t size, struct ledger_checkpoint *ret);
int ledger_checkpoint_covering(struct work *w, int64_t seq, struct ledger_checkpoint *ret);
/* What a receipt of this event shows: the newest head that a witness has cosigned, when it binds the event, else the
 * newest. 0: the event is not signed yet. */
int ledger_checkpoint_for(struct work *w, int64_t event_id, struct ledger_checkpoint *ret);
struct str ledger_checkpoint_note(struct work *w, const struct ledger_checkpoint *c); /* with witnesses' lines */
json_t *ledger_checkpoints(struct work *w, int64_t below, int limit);                 /* newest first. New reference */

/* ── what outsiders read (C2SP tlog-tiles); level -1: entry bundles ── */
int ledger_tile(struct work *w, int level, int64_t index, unsigned width, struct str *ret); /* ERR_NOT_FOUND past it */
const char *ledger_tile_path(struct work *w, int level, int64_t index);
/* The full tile as a file: 1, 0 (it could not be written: send ledger_tile), -1. */
int ledger_tile_file(struct work *w, int level, int64_t index, const char **ret_path);
int ledger_leaf(struct work *w, int64_t seq, struct str *ret);        /* the exact bytes of an entry */
json_t *ledger_inclusion(struct work *w, int64_t seq, int64_t size);  /* {seq, size, hashes} */
json_t *ledger_consistency(struct work *w, int64_t from, int64_t to); /* {from, to, hashes} */
json_t *ledger_proof_of(struct work *w, int64_t event_id, const struct ledger_checkpoint *c); /* {seq, leaf, proof} */
/* What the commitment of an event covers and its salt, for those who may see all of it. 1, 0 erased, -1. */
int ledger_protected(struct work *w, int64_t event_id, struct str *ret_salt, struct str *ret_text);

/* ── witnesses (C2SP tlog-witness) ── */
/* Asks every configured witness to cosign the newest checkpoint and keeps what they say. A job; also a command. -1:
 * one of them refused or did not answer, w->error says which. */
int ledger_ask_witnesses(struct work *w, json_t *args);
json_t *ledger_witnesses(struct work *w); /* [{name, vkey, address, size, at_text}] as configured. New reference */

/* ── erasure (个人信息删除) ── */
/* Destroys the protected part of an event and its salt, and records that; proofs stay valid. In a transaction. */
int event_erase(struct work *w, int64_t event_id, struct str reason);

/* ── verification ── */
/* What is wrong, row by row: [{kind, id, seq, text, since}]; since: the first checkpoint that binds what it was. */
struct ledger_report {
    json_t *findings; /* owned by whoever began it; at most LEDGER_FINDINGS */
    int64_t entries, public_entries, erased, checkpoints, cosignatures, tiles;
    bool more; /* there was more to say */
};
#define LEDGER_FINDINGS 200
/* seq: of the entry concerned, -1 none. For the rooms that check their own rows against the log. */
void ledger_finding(struct work *w, struct ledger_report *r, const char *kind, int64_t id, int64_t seq, const char *fmt,
                    ...) PRINTF_LIKE(6, 7);
/* Recomputes everything from the tables, and the tile files; against: checkpoints kept elsewhere (notes), the log must
 * be consistent with each. 0 all good, -1 with the first finding in w->error and all of them in the report. */
int ledger_verify(struct work *w, const struct str *against, size_t against_count,
                  void (*progress)(int64_t done, int64_t total), struct ledger_report *ret);
void ledger_report_free(struct ledger_report *r);

struct str json_canonical(struct arena *a, const json_t *v); /* RFC 8785 */

#endif
