/* catalogue.h: the three catalogues (三张目录): fields, items and their versions, time-limit rules, change
 * proposals, import and export of the standard table, powers and public services. Knows no duties. */
#ifndef MINGTANG_CATALOGUE_H
#define MINGTANG_CATALOGUE_H
#include "base/base.h"
#include "calendar/calendar.h"
#include "db/db.h"
#include "http/http.h"
#include "org/org.h"
#include "search/search.h"
#include <jansson.h>

/* ── time limits: a phrase of 公开时限 → machine rules (rules.md §3.4). A compound phrase gives several. ── */
enum limit_kind {
    LIMIT_EVENT = 1,    /* n units after the trigger */
    LIMIT_PERIODIC,     /* each period; due `due_offset` after its end */
    LIMIT_IMMEDIATE,    /* 实时、立即: 24 hours, hard limit 1 working day [P] */
    LIMIT_PROMPT,       /* 及时: target 5 working days [P], cap 20 (条例第二十六条) */
    LIMIT_FIXED_DATE,   /* each year by MM-DD */
    LIMIT_MIN_DISPLAY,  /* stays public at least n units */
    LIMIT_BEFORE_EVENT, /* n units before the event */
    LIMIT_CONTINUOUS,   /* 长期公开: must exist; a change within 20 working days */
    LIMIT_MANUAL,       /* not understood: cap 20 working days, for a person to settle */
};
enum limit_trigger {
    TRIGGER_FORMED = 1, /* 信息形成或变更 */
    TRIGGER_DECIDED,    /* 作出决定 */
    TRIGGER_APPROVED,   /* 批准、批复 */
    TRIGGER_RECEIVED,   /* 收到 */
    TRIGGER_ENDED,      /* 活动、程序结束 */
    TRIGGER_PERIOD_END,
    TRIGGER_EVENT_START, /* 活动、供地、采购… 开始 */
    TRIGGER_DATE,
};
enum limit_period {
    PERIOD_DAY = 1,
    PERIOD_WEEK,
    PERIOD_MONTH,
    PERIOD_QUARTER,
    PERIOD_HALF,
    PERIOD_YEAR,
    PERIOD_WORKDAYS /* every n working days */
};
struct limit_rule {
    enum limit_kind kind;
    enum limit_trigger trigger;
    struct limit limit; /* n and unit */
    enum limit_period period;
    struct limit due_offset; /* after the period's end */
    int month, day;          /* LIMIT_FIXED_DATE */
    struct str scope;        /* what it applies to: "行政处罚决定", "其他", "" the whole item */
    struct str text;         /* the clause of the cell it came from */
    const char *status;      /* "C", "P", "U": as in rules.md; P and U are editable defaults */
    struct limit cap; /* the last day allowed when `limit` is only the target (及时, 实时); n 0: limit itself */
};
/* At most max rules; returns how many (0: nothing understood), in the order of the text. Pure: no database. */
int limit_parse(struct arena *a, struct str phrase, struct limit_rule *ret, int max);
json_t *limit_rule_json(const struct limit_rule *r); /* as stored in item_version.limit_rules. New reference */
int limit_rule_from_json(struct work *w, const json_t *j, struct limit_rule *ret);
struct limit limit_rule_last(const struct limit_rule *r); /* what is owed: cap when there is one, else limit */
/* Default numbers of days (data/limits.json), once at start, before threads. 0 or -1: not readable, nothing changed.
 * Without it the embedded asset is used. */
int limit_defaults_load(struct str json);
struct str limit_rule_text(struct arena *a,
                           const struct limit_rule *r); /* plain Chinese: 信息形成或变更后20个工作日内 */

/* ── catalogues: one list of one unit and level ── */
struct catalogue {
    int64_t id, unit_id, adopted_from;            /* adopted_from 0: compiled here */
    struct str code, kind, level, name, compiled; /* compiled: here, adopted (承接) */
    struct str unit_code, unit_name;
};
int catalogue_get(struct work *w, int64_t id, struct catalogue *ret);       /* 0, or -1 ERR_NOT_FOUND */
int catalogue_id_by_code(struct work *w, struct str code, int64_t *ret_id); /* 1, 0, -1 */
/* {id, code, kind, kind_name, level, level_name, unit_id, unit_code, unit_name, name, compiled, compiled_name,
 * adopted_from_name}. New reference */
json_t *catalogue_json(struct work *w, const struct catalogue *c);
/* Those of a kind (NULL: all), each as above with items (in force today), in official order. New reference */
json_t *catalogues_list(struct work *w, const char *kind);
/* The standard table as it is in force today, field by field: {"row_count", "tables": [{"field": {id, code, name} or
 * null, "rows": [{item_id, code, serial, level1, level2, elements, basis, limit_text, owners_text, channels,
 * audience_all, audience_group, mode_active, mode_request, level_city, level_town, rowspan}]}]}. rowspan only on the
 * first row of a run with the same 一级事项. field_id 0: every field. New reference */
json_t *catalogue_table(struct work *w, int64_t catalogue_id, int64_t field_id);

/* ── items ── */
struct item {
    int64_t id, version_id, catalogue_id, field_id;
    struct str code; /* 320682-01-02-003 (towns: 320682108-…) stable */
    int version;
    struct str kind, level; /* of its catalogue: standard/supplementary/village; city/town/village */
    int64_t catalogue_unit_id;
    struct str level1, level2, elements, basis, limit_text, owners_text, channels, audience_group;
    bool audience_all, mode_active, mode_request, level_city, level_town;
    json_t *rules;              /* array of limit_rule_json; borrowed from the arena's json pool: do not decref */
    day_t valid_from, valid_to; /* valid_to DAY_NONE: open */
};
int item_in_force(struct work *w, int64_t item_id, day_t on, struct item *ret); /* 1, 0, -1 */
int item_version_get(struct work *w, int64_t version_id, struct item *ret);
int item_by_code(struct work *w, struct str code, struct item *ret); /* latest or in force; 1, 0, -1 */
/* All columns; field {id, code, name} or null, catalogue {id, code, name}, unit_id, unit_name (of the catalogue),
 * owners
 * [{unit_id, code, name}], rules [{…, text}] in words, elements_list, ended (not in force today), unchecked (recalled,
 * 待核对). */
json_t *item_json(struct work *w, const struct item *i);
/* Newest first: [{version_id, version, valid_from, valid_to, current, ground}]. New reference */
json_t *item_versions(struct work *w, int64_t item_id);
json_t *item_elements(struct arena *a, struct str elements); /* 公开内容（要素） split: ["批复文号", …] */
json_t *item_owners(struct work *w, int64_t version_id);     /* [{unit_id, code, name}] */
json_t *items_of_unit(struct work *w, int64_t unit_id);      /* in force, owned by the unit: [{id, code, level1, level2,
                                                                field_name}] in catalogue order. New reference */
json_t *field_list(struct work *w); /* 26 fields: id, code "01", name, compiled_here, departments */
json_t *
field_aliases(struct work *w); /* {"04": "住房保障 …"}: other names people use (data/fields.json). New reference */

/* Import of the standard table: XLSX or CSV (UTF-8 or GBK). Dry run writes nothing but keeps the parsed plan as an
 * import row, with a report by row and column; apply takes that plan whole or not at all. */
struct import_options {
    int64_t catalogue_id;
    const char *path;
    struct str file_name;
    day_t effective;
    bool apply;
};
int catalogue_import(struct work *w, const struct import_options *o, json_t **ret_report);
/* The standard table as XLSX bytes on disk (a temporary file in data_dir/tmp) or CSV. */
int catalogue_export(struct work *w, int64_t catalogue_id, int64_t field_id, const char *format, const char **ret_path);

/* ── change proposals (动态调整) ── draft → submitted → approved → in force on its day | rejected with a reason.
 * changes: [{"op": "add"|"change"|"end", "item_id", "field_id", "after": {columns of the table}, "limit_rules":
 * [rule…]}]; what they are based on (before, base_version_id) is filled in. The approver is never the proposer. */
struct proposal_new {
    int64_t catalogue_id;
    struct str title, ground;
    day_t effective;   /* a past day means the day of approval */
    json_t *changes;   /* borrowed */
    int64_t import_id; /* 0: none */
};
int proposal_create(struct work *w, const struct proposal_new *p,
                    int64_t *ret_id); /* a draft; field errors when a change is no good */
int proposal_step(struct work *w, int64_t id, const char *verb,
                  struct str reason); /* submit, withdraw, approve, reject, rebase */
/* Everything a decision needs: changes with differences, conflicts and warnings, units touched, actions. from: first
 * change shown. */
json_t *proposal_json(struct work *w, int64_t id, size_t from);

/* Hook: told inside the transaction about each item version coming into force (duty/ registers itself in app/). */
typedef int item_in_force_hook(struct work *w, const struct item *i);
void catalogue_on_in_force(item_in_force_hook *fn);

/* Job: proposals approved for a day that has come take force, each in its own transaction. Call outside one. */
int catalogue_apply_due(struct work *w, json_t *args);

int catalogue_init_data(
    struct work *w, day_t effective); /* data/fields.json and the CSV files of data/catalogue, at init; idempotent */
extern const struct search_source item_search_source; /* for search_register() */
extern const struct route catalogue_routes[];
extern const size_t catalogue_route_count;
extern const struct flow *const catalogue_proposal_flow;
#endif
