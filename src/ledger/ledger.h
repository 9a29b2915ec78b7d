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

/* Events of one subject, oldest first: id, seq (from 0; absent: not yet sequenced), at and at_text, person, post, unit
 * (names of the moment), room, verb, verb_name, subject_kind, subject_id, and the payload objects "public" and, only
 * when with_secret, "secret" and "address". New reference, NULL on error. */
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
/* Recomputes all leaves and the root from the tables; 0, or -1 with the first difference in w->error. */
int ledger_verify(struct work *w, void (*progress)(int64_t done, int64_t total), int64_t *ret_size);
struct str json_canonical(struct arena *a, const json_t *v); /* RFC 8785 */

#endif
