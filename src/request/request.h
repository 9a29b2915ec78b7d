/* request.h: FOI on request (依申请公开, 条例第四章): applications and correction requests from receipt to archive,
 * their clocks, letters, remedies. Above disclosure: an answer may become public through that room's life cycle.
 *
 * Who applies is sealed, masked in lists, shown to staff by a step that is on record; in no event but as a masked name.
 * An applicant is recognised by number and query code (查询码), never by an account. Days are Asia/Shanghai. */
#ifndef MINGTANG_REQUEST_H
#define MINGTANG_REQUEST_H
#include "base/base.h"
#include "db/db.h"
#include "flow/flow.h"
#include "http/http.h"
#include "job/job.h"
#include <jansson.h>

/* data/foi.json: limits, outcomes, tariff, channels. Once at start; -1 with the reason on stderr's log. */
int request_rules_load(struct str json);

/* What an application says (条例第二十九条); purpose is never asked. Views; "" not given. */
struct request_input {
    struct str matter;                                          /* access (default), correction */
    struct str applicant;                                       /* person company research welfare legal other */
    struct str name, id_type, id_number;                        /* id_card passport hk_macao taiwan other; a credit code
                                                                   (统一社会信用代码) for organisations */
    struct str contact_name, head;                              /* organisations: 联系人, 法定代表人 */
    struct str workplace, address, postcode, mobile, mail, fax; /* mobile or telephone; mobile gets SMS */
    struct str subject, info_number, description;               /* at least one */
    struct str evidence;                                        /* correction: what shows that the record is wrong */
    struct str carrier, delivery, help;
    bool other_way;
    int64_t unit_id;
    struct str channel;  /* "internet" from the portal */
    day_t came_day;      /* desk: submitted or signed for on; DAY_NONE today */
    day_t received_day;  /* desk: 收到申请之日 when known already; DAY_NONE: by the channel's rule */
    int64_t file_ids[8]; /* sealed files taken in before: identity first, then material; 0 none */
    size_t file_count;
    struct str seed; /* random text that the sender alone holds: the query code is made of it; "" none */
    bool demo;
};
struct request_made {
    int64_t id;
    struct str number, code; /* the query code is shown once */
};
/* Takes in an application: from a citizen (no person in w->actor) or at the unified desk. Field errors by name. Twice
 * the same within a minute from the same applicant is ERR_DUPLICATE. */
int request_submit(struct work *w, const struct request_input *x, struct request_made *ret);
/* The checks of request_submit that need no channel, for a form in steps: normalises *x; field errors by name. */
int request_check(struct work *w, struct request_input *x);
/* After ERR_DUPLICATE (ret->number is then the earlier one): 1 and its code when that was sent with this seed, 0, -1.
 */
int request_again(struct work *w, struct str seed, struct str number, struct request_made *ret);

/* One step of request_flow; which members count depends on the verb (request_flow.c says). */
struct request_step {
    struct str reason, text; /* text: what is asked, answered, replied, proven */
    struct str party, contact;
    struct str answer;  /* agree refuse given accepted refused upheld … */
    struct str outcome; /* R01 … */
    struct str basis, way, kind, organ, number, result;
    struct str search_record, where; /* reply: 检索记录, 获取方式、途径 */
    day_t day, until;
    int64_t n, unit_id, ask_id, remedy_id, file_id, revision;
    struct str parts; /* split: one wanted information a line */
};
int request_step(struct work *w, int64_t id, const char *verb, const struct request_step *x);

/* A document of the case that the program has at hand, not a person's upload: role "source", "released", "opinion" or
 * "proof". In the open transaction. */
int request_attach(struct work *w, int64_t id, struct str role, struct str name, struct str type, struct str bytes);

/* The job "request_tick": lapses, reminders, clocks to be counted anew (calendar changed), retention. */
int request_tick(struct work *w, json_t *args);

/* Information-processing fee in fen (国办函〔2020〕109号): pieces: those of one calendar month from `before`+1 to
 * `before`+n; pages: of one application. */
int64_t request_fee_pieces(int64_t before, int64_t n);
int64_t request_fee_pages(int64_t pages);

/* An outcome of data/foi.json; NULL when unknown. */
struct request_outcome {
    const char *code, *name, *article, *row, *status; /* row of the annual table: "r3.3.4"; "" none */
    bool releasable;                                  /* the information is handed out, whole or in part */
    bool refusal;                                     /* 不予公开 in whole or in part */
};
const struct request_outcome *request_outcome(struct str code);
size_t request_outcomes(const struct request_outcome **ret);

/* What waits for the actor, most urgent first: [{id, number, title, note, due_at, clock, href, action}]. */
json_t *request_waiting(struct work *w, int64_t limit);
/* For the replay of a matter (as disclosure_replay): {id, unit_id, title, unit_name, …}; no check of rights. */
json_t *request_replay(struct work *w, int64_t id);
/* The clock as it ran at an instant: from the marks made by then. NULL: none ran. */
json_t *request_replay_clock(struct work *w, int64_t id, int64_t at);
/* The reply limit as it stood in [from, until), by the marks made by then: for the course of a case. INT64_MAX: still.
 */
struct request_stretch {
    int64_t from, until, due_at; /* due_at while it stands still: as if it went on at the end of that day */
    bool stands;                 /* the clock stands still: others are asked, or the applicant */
};
#define REQUEST_STRETCHES 400
/* In order of time, without gaps. How many (0: the clock never ran), or -1. No check of rights. */
int request_stretches(struct work *w, int64_t id, struct request_stretch *list, size_t cap);
/* Words of a code in this room's records, for timelines; "" when it is none of them. */
const char *request_word(const char *member, struct str code);
extern const struct flow request_flow;
extern const struct route request_routes[]; /* for applicants */
extern const size_t request_route_count;
extern const struct route request_desk_routes[]; /* for staff */
extern const size_t request_desk_route_count;
#endif
