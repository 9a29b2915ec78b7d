/* catalogue_internal.h: what the files of this room share: the columns of an item, a change to a catalogue, the plan of
 * an import, the rows of a table read from a file. */
#ifndef MINGTANG_CATALOGUE_INTERNAL_H
#define MINGTANG_CATALOGUE_INTERNAL_H

#include "catalogue/catalogue.h"
#include "catalogue_sql.h"
#include "flow/flow.h"
#include "ledger/ledger.h"
#include "view/view.h"

/* ── item_columns.c: the columns of the standard table, once ── */
struct item_columns {
    int64_t serial; /* 序号 within its field */
    struct str level1, level2, elements, basis, limit_text, owners_text, channels, audience_group;
    bool audience_all, mode_active, mode_request, level_city, level_town;
};
enum column_kind { COLUMN_TEXT = 1, COLUMN_TICK };
struct column {
    const char *name, *label;
    enum column_kind kind;
    size_t offset; /* into struct item_columns: struct str or bool */
    size_t max;    /* characters of a text */
};
extern const struct column item_column[];
extern const size_t item_column_count;
struct str column_text(const struct item_columns *c, const struct column *k);
bool column_tick(const struct item_columns *c, const struct column *k);
json_t *columns_json(const struct item_columns *c); /* new reference */
/* Views into j, which must outlive the result. */
void columns_from_json(const json_t *j, struct item_columns *ret);
/* [{"column","label","before","after","diff"}] of what differs; the serial is not content. New reference */
json_t *columns_diff(struct arena *a, const struct item_columns *before, const struct item_columns *after);
bool columns_equal(const struct item_columns *x, const struct item_columns *y);
/* C7: no item takes effect without 公开主体, 公开时限, 公开依据; names must be there and of sane length. Collects field
 * errors. */
int columns_check(struct work *w, const struct item_columns *c);
struct item_columns columns_dup(struct arena *a, const struct item_columns *c);

/* ── time limits as stored ── */
struct limit_stored {
    struct str rules; /* JSON array */
    bool settled;     /* false: a person must settle it */
};
int limit_store(struct work *w, struct str limit_text, struct limit_stored *ret);
json_t *rules_interned(
    struct str text); /* the parsed array, kept for the life of the process; borrowed, never NULL, not to be changed */

/* ── item.c ── */
struct item_row { /* struct item, and what only this room needs */
    struct item item;
    int64_t serial;
    bool settled;
    struct str rules_text, extra;
};
void item_row_read(const struct db_rows *r, size_t i, struct item_row *ret);
struct item_columns item_row_columns(const struct item_row *r);
bool item_row_current(const struct item *i, day_t on);
int item_newest(struct work *w, int64_t item_id, struct item_row *ret);     /* 1, 0, -1 */
int item_row_get(struct work *w, int64_t version_id, struct item_row *ret); /* 0, -1 ERR_NOT_FOUND */

/* ── owners.c: 公开主体 cells as units ── */
struct owner_names; /* remembers names already looked up in this work */
struct owner_names *owner_names_new(struct work *w);
struct owners {
    int64_t unit[40];
    size_t n;
    struct str unknown; /* the first name no unit has; "" when all are known */
    bool too_many;
};
/* 镇政府 and the like mean the catalogue's own unit in a town's catalogue, and nobody in the city's. */
int owners_resolve(struct work *w, struct owner_names *names, const struct catalogue *c, struct str text,
                   struct owners *ret);
bool owner_is_town(struct str name);

/* ── item_change.c: the one way items come into force ── */
enum change_op { CHANGE_ADD = 1, CHANGE_EDIT, CHANGE_END };
struct item_change {
    enum change_op op;
    int64_t item_id;         /* of an added one: filled in */
    int64_t base_version_id; /* the version the change was made to; 0 when added */
    int64_t field_id, source_item_id;
    struct str code; /* of an added one */
    struct item_columns after;
    struct limit_stored limit; /* of after */
    struct str extra;          /* JSON text of further columns; "" is {} */
    const int64_t *owners;
    size_t owner_count;
    /* out */
    int64_t version_id, version;
};
struct change_set {
    const struct catalogue *catalogue;
    struct item_change *v;
    size_t n;
    day_t effective;
    int64_t proposal_id; /* 0: at init */
};
/* Writes items, versions, owners, in few statements; calls the hook for each version that comes into force. No events:
 * the caller's, which knows what to say. Inside a transaction. */
int changes_write(struct work *w, struct change_set *s);
/* The next free code of a new item: "320682-10-02-005". Codes given before are in `codes` (item_level1_codes) and in
 * the set itself; call in order. */
struct code_book;
int code_book_open(struct work *w, const struct catalogue *c, struct code_book **ret);
struct str code_book_next(struct code_book *b, int64_t field_id, struct str level1);
int64_t code_book_serial(struct code_book *b, int64_t field_id); /* the next 序号 of a field */
struct str code_prefix(struct arena *a, const struct catalogue *c);

/* ── proposals ── */
#define PROPOSAL_CHANGES 5000 /* more are divided by field */
#define PROPOSAL_SHOWN 100    /* changes on one page */
struct proposal {
    int64_t id, import_id, revision, proposed_by, decided_by, created_at, decided_at;
    struct str state, title, ground, reason, changes_text;
    day_t effective;
    struct catalogue catalogue;
};
int proposal_get(struct work *w, int64_t id, struct proposal *ret);
json_t *proposal_changes(struct work *w, const struct proposal *p); /* the array. New reference */
int may_propose(struct work *w, const struct catalogue *c,
                int64_t item_id); /* the catalogue's unit and those above it, or an owner of the item */
/* The catalogue as the changes meet it: the newest version of each item, by id and by name. */
struct catalogue_state;
int catalogue_state_open(struct work *w, const struct catalogue *c, struct catalogue_state **ret);
const struct item_row *state_by_id(const struct catalogue_state *s, int64_t item_id);
const struct item_row *state_by_name(const struct catalogue_state *s, int64_t field_id, struct str level1,
                                     struct str level2);
const struct item_row *state_by_code(const struct catalogue_state *s, struct str code);
size_t state_rows(const struct catalogue_state *s, const struct item_row **ret);
/* Why a change no longer fits, or "": the item has changed, ended, or a new one has its name. */
struct str change_conflict(struct work *w, const struct catalogue_state *s, const json_t *change);
/* Fills base, before and checks; collects field errors, naming the change when there are several. */
int change_prepare(struct work *w, const struct catalogue *c, const struct catalogue_state *s,
                   struct owner_names *names, json_t *change, bool several);
enum change_op change_op(const json_t *change);
int proposal_apply(struct work *w, struct proposal *p); /* takes force now; ERR_CONFLICT when it does not fit */
json_t *proposal_actions(struct work *w, const struct proposal *p); /* flow_actions. New reference */
int proposal_event(struct work *w, const struct proposal *p, const char *verb, struct str reason);
json_t *duplicate_warnings(struct work *w, const struct catalogue *c, struct str level1,
                           struct str level2); /* texts. New reference */

/* ── imports ── */
json_t *import_json(struct work *w, int64_t id); /* {id, state, file_name, catalogue…, report} New reference */
json_t *import_list(struct work *w, int64_t catalogue_id);
/* The plan as a draft proposal; with_ended: items missing from the file end. */
int import_apply(struct work *w, int64_t id, struct str ground, day_t effective, bool with_ended,
                 int64_t *ret_proposal_id);

/* ── fields ── */
struct field_names; /* names and aliases of the 26 fields; NULL knows none */
int field_names_open(struct work *w, struct field_names **ret);
int64_t field_by_name(const struct field_names *f, struct str name); /* exact or alias; 0: none */
int64_t field_in_text(const struct field_names *f, struct str text); /* the field a title names; 0: none or several */
struct str field_name_of(const struct field_names *f, int64_t id);
json_t *field_asset(struct work *w); /* data/fields.json. New reference */

const char *catalogue_kind_name(struct str kind);
const char *catalogue_level_name(struct str level);
#endif
