/* verify_internal.h: one verification under way; shared by verify*.c only. */
#ifndef MINGTANG_LEDGER_VERIFY_INTERNAL_H
#define MINGTANG_LEDGER_VERIFY_INTERNAL_H

#include "ledger/ledger_internal.h"

struct verify {
    struct work *w;
    struct ledger_report *report;
    struct merkle_range stored, computed; /* of the kept leaf hashes; of the leaves computed anew, once they part */
    bool parted;
    struct ledger_head head;
    struct buf leaf;
    int64_t at, nodes, last_good, rewritten;
    struct str origin;
    struct note_key *keys;
    size_t key_count;
    struct db_rows checkpoints; /* the next ones, ascending */
    size_t checkpoint;
    int64_t checkpoint_size;
    const struct str *against;
    size_t against_count;
    bool *against_done;
    void (*progress)(int64_t done, int64_t total);
};

/* verify_keys.c: keys, and what was signed with them. Errors of the database stay in w->error. */
int verify_keys_load(struct verify *v);
bool verify_signed(struct verify *v, struct str note, bool own); /* own: no line that is not of a known key */
void verify_keys(struct verify *v);                              /* after the entries: each key as the log names it */
void verify_cosignatures(struct verify *v);

/* Every file under data_dir/ledger/tile is what the tables give, and nothing else lies there. */
int verify_tiles(struct verify *v);

#endif
