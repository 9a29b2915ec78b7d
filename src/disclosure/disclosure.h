/* disclosure.h: published information (公开信息): its life cycle, immutable versions, attribute at source,
 * reviews, publication, correction, withdrawal. */
#ifndef MINGTANG_DISCLOSURE_H
#define MINGTANG_DISCLOSURE_H
#include "base/base.h"
#include "blob/blob.h"
#include "catalogue/catalogue.h"
#include "db/db.h"
#include "duty/duty.h"
#include "flow/flow.h"
#include "http/http.h"
#include "ledger/ledger.h"
#include "search/search.h"
#include <jansson.h>

/* Fields that only one kind has (disclosure_kinds.c). */
enum element {
    ELEMENT_INTERPRETS,
    ELEMENT_OPINIONS_UNTIL,
    ELEMENT_OPINIONS_TO,
    ELEMENT_YEAR,
    ELEMENT_ADDRESS,
    ELEMENT_HOURS,
    ELEMENT_TELEPHONE,
    ELEMENT_HEAD,
    ELEMENT_SHORT_REASON,
    ELEMENT_OPINIONS_RESULT,
    ELEMENT_CODE, /* of parts of the portal from here on */
    ELEMENT_SEARCH,
    ELEMENT_LINK,
    ELEMENT_ORDER,
    ELEMENT__MAX
};
/* What a person or program may set of a draft. Views; body is raw HTML, sanitised inside. */
struct disclosure_input {
    struct str title, number; /* 标题, 文号 */
    struct str body, summary, keywords;
    struct str attribute, ground, ground_note; /* active/request/none; ND1…ND8 (rules.md §1.2); why */
    struct str genre, theme;                   /* 体裁, 主题分类 */
    struct str validity;                       /* 有效性 */
    struct str five;                           /* 五公开: decision/execution/management/service/result */
    day_t formed, effective, expires;          /* 生成日期, 实施日期, 失效日期 */
    int64_t item_id, duty_id;
    struct str source; /* 信息来源 */
    int64_t revision;  /* the draft's revision that was edited: a stale one is ERR_CONFLICT */
    int64_t unit_id;   /* when made by a post over several units; 0: the actor's */
    bool autosave;     /* saved by the editor between two saves on purpose: no event */
    struct str kind; /* "" ordinary, "policy", "interpretation" …; fixed at creation. "plan": by this program only */
    struct str el[ELEMENT__MAX]; /* fields of the kind, as typed; "" not given */
    bool demo;                   /* demonstration data; set by the loader, never by a form */
};
int disclosure_create(struct work *w, int64_t unit_id, const struct disclosure_input *x, int64_t *ret_id);
int disclosure_save(struct work *w, int64_t id, const struct disclosure_input *x);
/* One step of the life cycle: verb of disclosure_flow. */
struct disclosure_step {
    struct str reason;     /* for going back, correction, withdrawal */
    struct str conclusion; /* secrecy review: agree/partial/refuse/refer */
    struct str removal;    /* withdrawal: "law" shown at no past instant either (also when empty), "plain" */
    int64_t publish_at;    /* 0: now */
    bool accept_warnings;  /* personal data found was looked at and is lawful to publish */
    int64_t revision;
};
int disclosure_step(struct work *w, int64_t id, const char *verb, const struct disclosure_step *x);
/* Job: asks every address of every node (probe_addresses) until all answer with the tombstone; files how long it took
 * as the event withdrawal_checked. */
int disclosure_probe(struct work *w, json_t *args);
int disclosure_publish_due(struct work *w, json_t *args); /* job: scheduled publications, expiry */
/* Public reading: only what is public now. 1, 0 (unknown or never public), -1 (ERR_GONE: model is the tombstone). */
json_t *disclosure_public(struct work *w, struct str public_id);
/* One public edition (公开的一版), counted from 1: what receipts are about. Views into the arena; content and title are
 * empty, attachments NULL, when law forbids to show it. */
struct disclosure_edition {
    int64_t disclosure_id, version, edition, editions, public_from, public_to;
    int64_t event_id; /* of its publication; 0: none on record */
    bool current, withdrawn, concealed, demo;
    struct str public_id, index_number, title, unit_name, unit_code, sha256;
    struct str content;  /* canonical JSON: its SHA-256 is on record */
    json_t *attachments; /* new reference */
};
int disclosure_edition(struct work *w, struct str public_id, int64_t edition, struct disclosure_edition *ret);
/* The public id behind an index number (索引号) or a public id. 1, 0, -1. */
int disclosure_id_of(struct work *w, struct str text, struct str *ret_public_id);
struct disclosure_filter {
    int64_t unit_id, item_id, field_id; /* 0: any */
    struct str five, kind;              /* "": any */
    struct str q;                       /* in title and 文号 */
    struct str after;                   /* cursor */
    int64_t page_size;
};
/* kind: "plan" … */
json_t *disclosure_latest(struct work *w, const struct disclosure_filter *f, struct str *ret_after);
/* New in 30 days per field: {"01": n, …}. New reference. */
json_t *disclosure_fresh_by_field(struct work *w);
/* What waits for the actor: [{id,title,state,state_name,clock…}] by the steps the actor may take. New reference. */
json_t *disclosure_waiting(struct work *w);
/* Attaches a stored blob to a draft; takes one off again by its position. */
int disclosure_attach(struct work *w, int64_t id, int64_t blob_id, struct str name);
int disclosure_detach(struct work *w, int64_t id, int64_t position);
json_t *disclosure_actions(struct work *w, int64_t id); /* flow_actions for the actor */
/* Adds a task of a work plan (挂图作战) to a disclosure of kind "plan". */
int disclosure_plan_task(struct work *w, int64_t id, struct str serial, struct str title, struct str content,
                         struct str units_text, day_t due);
/* 1 when a disclosure with this 文号 exists (any brackets), 0 or -1. */
int disclosure_number_known(struct work *w, struct str number);
/* Enters what was public before this system was used (补录), or generated load: published at w->now without the
 * reviews of the life cycle, recorded as the event "entered". Only for the system itself (no person, no token). */
int disclosure_enter_existing(struct work *w, int64_t id);
/* Every version that was ever public against the digest its event put on record; findings of kind "version". */
int disclosure_verify(struct work *w, struct ledger_report *report);
const char *disclosure_kind_name(struct str kind); /* "" for the ordinary one */
bool disclosure_kind_needs_item(struct str kind);  /* belongs to a catalogue item */
/* Elements (公开内容要素) of the item in force on a day that appear neither in the version's title and text nor in its
 * attachments' names and texts: ["批复文号", …], a new reference even after an error. 0 or -1. */
int disclosure_elements_missing(struct work *w, int64_t item_id, day_t on, int64_t version_id, json_t **ret);
/* More of an attachment can be read now (OCR): public matters that hold it say so by an event, which search follows. */
int disclosure_text_read(struct work *w, int64_t blob_id);
/* The public profile (机构概况) of a unit, newest: 1 and its page's model, 0 none, -1. New reference. */
int disclosure_profile(struct work *w, int64_t unit_id, json_t **ret);
/* The words of a code in this room's records: member "from", "to" (states), "attribute", "conclusion", "removal",
 * "ground"; "" when it is none of them. */
const char *disclosure_word(const char *member, struct str code);
/* For the replay of a matter: {id, unit_id, title, unit_name, duty_id, public_id, index_number, versions: [{version,
 * title, number, body_text, sha256, attachments, public_from, public_to}]} oldest first. No check of rights. New
 * reference. */
json_t *disclosure_replay(struct work *w, int64_t id);
/* Puts on record that the actor looked at the matter inside (谁看过), at most once in 30 minutes while nothing happens.
 * Outside a transaction. A failure is logged and costs the reader nothing. */
void disclosure_read_on_record(struct work *w, int64_t id);
/* Parts of the portal (disclosure_part.c): kinds "column", "topic", "block", "link", "banner".
 * [{id, public_id, kind, title, body_sanitised_html, has_body, summary, keywords, code, search, link, order, image,
 * image_name, demo}], by order, as public at w->now (also of a past instant). NULL after an error. New reference. */
json_t *disclosure_parts(struct work *w, const char *kind);
/* The working version of one in the same form, for a preview; the actor must be allowed to read it. NULL: error. */
json_t *disclosure_part_draft(struct work *w, int64_t id);
/* The parts of the actor's unit, in work or public: [{id, kind, kind_name, title, state_name, is_public …}]. */
json_t *disclosure_part_work_list(struct work *w);
/* Where a path of this site has moved to: 1, 0 it has not, -1. */
int disclosure_moved(struct work *w, struct str path, struct str *ret_to);
/* Ends a handler: 301 to where the request's path moved, else ERR_NOT_FOUND with these words ("" the usual ones). */
int moved_redirect(struct http_request *in, struct http_response *out, const char *otherwise);
/* A list of moved addresses, "old,new" a line; all or none. In the open transaction. */
int disclosure_moved_load(struct work *w, const char *file, int64_t *ret_count);
/* What was public at the past instant w->as_of, newest first, at most so many: each as search would know it (address,
 * title, number, published_at, ended, shown, facets), without its texts. kind: "" any. fn: non-zero stops. What fn
 * returned last, or -1. */
int disclosure_each_then(struct work *w, struct str kind, int64_t most,
                         int (*fn)(void *ctx, const struct search_doc *doc), void *ctx);
/* Publications in one part of the site map: the protocol allows 50,000 addresses and 50 MB. */
#define DISCLOSURE_PART_IDS 20000
/* What is public and listed, by id in (after, last]: rows of public_id and changed_at. The next one after an id: 1, 0.
 */
int disclosure_public_range(struct work *w, int64_t after, int64_t last,
                            int (*fn)(void *ctx, const struct db_rows *one), void *ctx);
int disclosure_public_after(struct work *w, int64_t after, int64_t *ret_id);
extern const struct search_source disclosure_search_source; /* for search_register() */
extern const struct flow disclosure_flow;
extern const struct route disclosure_routes[]; /* public: list, page, print, attachment; staff: draft, review */
extern const size_t disclosure_route_count;
#endif
