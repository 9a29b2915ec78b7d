/* request_internal.h: what the files of this room share. */
#ifndef MINGTANG_REQUEST_INTERNAL_H
#define MINGTANG_REQUEST_INTERNAL_H
#include "auth/auth.h"
#include "blob/blob.h"
#include "calendar/calendar.h"
#include "duty/duty.h"
#include "ledger/ledger.h"
#include "letter/letter.h"
#include "notify/notify.h"
#include "org/org.h"
#include "request/request.h"
#include "request_sql.h"
#include "view/view.h"

/* A case's row. Views live in the work's arena. */
struct request {
    int64_t id, parent_id, unit_id, submitted_at, officer_id, officer_post, due_at, calendar_version, next_at,
        letter_id;
    int64_t replied_at, delivered_at, archived_at, days_used, rating, erased_at, revision, created_at;
    struct str number, code_key, matter, state, channel, applicant, person, masked, person_key, name_key, subject;
    struct str info_number, description, fingerprint, carrier, delivery, help, certificate, warned, outcome, reply;
    struct str rating_text, unit_name, unit_code, unit_short, officer; /* officer: the name of the post */
    day_t received_day, closed_day;
    bool other_way, suspended, provisional, late, extended, demo;
};
int request_get(struct work *w, int64_t id, struct request *ret);              /* ERR_NOT_FOUND */
int request_by_number(struct work *w, struct str number, struct request *ret); /* 1, 0, -1 */
/* Many rows at once for a list, in the order of the ids; person, certificate and reply stay empty. How many there are
 * (all: cases are not removed), or -1. */
int request_rows(struct work *w, const int64_t *ids, size_t n, struct request **ret);
const int64_t *request_ids(struct work *w, const struct db_rows *r); /* column 0 of a list's statement */
/* Unsealed identity and contact: {name, id_type, id_number, mobile …}; {} once erased. New reference. */
json_t *request_person(struct work *w, const struct request *c);
/* The row for staff: masked, with state_name, tone, clock, outcome_name, channel_name … New reference. */
json_t *request_json(struct work *w, const struct request *c);
/* Restricted event of a case; takes both references. Payload never holds the applicant's name, number or address. */
int request_event(struct work *w, const struct request *c, const char *verb, json_t *payload, json_t *secret);
struct str request_clock_words(struct work *w, int64_t due_at); /* 2026年12月21日 */

/* ── data/foi.json ── */
enum rule {
    RULE_CONFIRM,
    RULE_CLARIFY_NOTICE,
    RULE_SUPPLEMENT,
    RULE_REPLY,
    RULE_EXTEND,
    RULE_THIRD,
    RULE_ORGAN,
    RULE_REASONS,
    RULE_FEE,
    RULE_CORRECTION,
    RULE_PUBLISH,
    RULE__MAX
};
struct foi_rule {
    struct limit limit;
    const char *source, *article, *status;
};
struct foi_channel {
    const char *code, *name, *received, *rule, *article; /* received: submitted, signed, confirmed */
};
const struct foi_rule *foi_rule(enum rule r);
const struct foi_channel *foi_channel(struct str code); /* NULL unknown */
struct foi_numbers {
    int yellow, orange, same_applicants, same_months, many_pieces, retention_years;
};
const struct foi_numbers *foi_numbers(void);
extern const struct field_option channel_options[], applicant_options[], id_type_options[], carrier_options[],
    delivery_options[], matter_options[], remedy_kind_options[], remedy_result_options[], ask_kind_options[];

/* ── who applies (request_person.c) ── */
/* Checks and normalises the input's identity and contact fields; field errors. */
int person_check(struct work *w, struct request_input *x);
struct str person_seal(struct work *w, const struct request_input *x);
struct str person_mask(struct arena *a, struct str name, bool organisation); /* 张*明; organisations as they are */
struct str person_mask_number(struct arena *a, struct str number);
bool credit_code_ok(struct str s); /* 统一社会信用代码 with its check character (GB 32100) */
/* "" or the key of the wanted information: of the 文号, else of the name without punctuation and small words. */
struct str fingerprint(struct work *w, struct str subject, struct str info_number, struct str description);

/* ── the clock (request_clock.c) ── */
/* Adds a mark; the clock is then to be counted anew with request_retime(). */
int request_mark(struct work *w, const struct request *c, int kind, day_t day, day_t until, int n, int64_t ref,
                 const char *rule);
/* Counts due day, certificate, and when to look again, from marks and asks; writes the row and c. */
int request_retime(struct work *w, struct request *c);
/* The same by the passing of time, without an event. */
int request_look_again(struct work *w, struct request *c);
json_t *request_units(struct work *w, int64_t chosen);          /* organs that take applications, for a choice */
json_t *request_clock(struct work *w, const struct request *c); /* what is left: {due, tone, word, text …} */
/* Announced due days never move silently: a new certificate with the event "redated", told to those concerned. */
int request_redate(struct work *w, struct request *c);
/* The same where it is due: before anything else counts an open case anew, with a calendar that is newer than its own.
 */
int request_up_to_date(struct work *w, struct request *c);

/* ── asks (request_ask.c) ── */
struct ask {
    int64_t id, request_id, due_at, fee_fen, fee_count, letter_id;
    struct str kind, party, content, state, answer, answer_text, fee_basis, disputed;
    day_t sent_day, got_day, answered_day;
};
int ask_get(struct work *w, int64_t request_id, int64_t id, struct ask *ret);        /* ERR_NOT_FOUND */
int ask_open(struct work *w, int64_t request_id, const char *kind, struct ask *ret); /* 1 the open one, 0, -1 */
/* Of any state, also those of the case that this one was split from; -1. */
int ask_count(struct work *w, int64_t request_id, const char *kind);
int ask_last(struct work *w, int64_t request_id, const char *kind, struct ask *ret); /* the latest of them: 1, 0, -1 */
json_t *asks_json(struct work *w, int64_t request_id, bool for_applicant);           /* new reference */

/* ── the flow's actions, by file ── */
struct subject {
    struct request c;
    const struct request_step *x;
    const char *from;
};
int subject_load(struct work *w, int64_t id, struct subject *ret); /* locks the row */
int request_move(struct work *w, struct subject *s, const char *to);
/* One restricted event per step: {from, to} and what `payload` adds (reference taken). */
int request_record(struct work *w, struct subject *s, const char *verb, const char *to, json_t *payload);
int request_close(struct work *w, struct subject *s, struct str outcome, day_t day, const char *to);
/* A letter of the case issued today; facts are completed with the case's own. */
int request_letter(struct work *w, struct subject *s, const char *template, json_t *facts, int64_t *ret_id);
const char *request_reply_template(struct work *w, struct str outcome); /* code in data/letters.json */
json_t *request_facts(struct work *w, const struct request *c);         /* for letters: unit, applicant, number … */
int request_tell(struct work *w, const struct request *c, const char *message); /* the applicant, by what was given */
/* due_at: the day that the message names; 0 none. */
int request_tell_due(struct work *w, const struct request *c, const char *message, int64_t due_at);
/* In-site notice to the posts of the case's unit that hold the permission; once per key. */
int request_notice(struct work *w, const struct request *c, int permission, bool office, const char *tone,
                   struct str title, struct str once);
flow_action act_confirm, act_assign, act_take, act_split, act_withdraw, act_extend, act_ask_extension, act_archive;
flow_action act_clarify, act_supplement, act_lapse_supplement, act_consult, act_got, act_answer, act_lapse_consult;
flow_action act_reasons, act_reasons_given, act_lapse_reasons, act_delay, act_fee, act_paid, act_lapse_fee, act_dispute;
flow_action act_draft, act_submit, act_pass, act_return, act_sign, act_deliver, act_fetch;
flow_action act_remedy, act_remedy_result, act_rate, act_suggest;
flow_guard guard_clarify, guard_extend, guard_reviewer, guard_reasons, guard_reply, guard_lapsed, guard_own, guard_fee,
    guard_delay;

/* ── what follows an answer (request_after.c) ── */
json_t *remedies_json(struct work *w, int64_t request_id);
int request_look_for_same(struct work *w, const struct request *c); /* three applicants: a proposal (第四十四条) */
/* Earlier cases about the same information: [{id, number, outcome, outcome_name, conflicts}]. */
json_t *request_same(struct work *w, const struct request *c);

/* ── applicants' access (request_access.c) ── */
/* Number and query code, rate-limited, the same words whatever was wrong. 0 and the case, or -1. */
int request_unlock(struct work *w, struct str number, struct str code, struct request *ret);
/* The case this browser or program may see: cookie made by request_unlock's caller, or the header X-Request-Code. */
int request_of_applicant(struct http_request *in, struct request *ret);
struct str request_cookie(struct work *w, const struct request *c); /* whole Set-Cookie value */
/* What the applicant sees: state, who has it since when, by when, on what rule, course, asks, letters, files. */
json_t *request_public_json(struct work *w, const struct request *c);

/* ── pages, by file ── */
http_handler apply_page, apply_post, similar_page, track_page, track_post, mine_page, mine_step, mine_file, mine_letter,
    mine_upload;
http_handler desk_requests, desk_register_page, desk_register, desk_request, desk_request_step, desk_request_file,
    desk_request_upload, desk_request_reveal, desk_request_letter, desk_request_save_letter, desk_proposals,
    desk_proposal_step, desk_redact_page, desk_redact, desk_case;
extern const struct field_table request_apply_table, track_table, mine_table, similar_table, register_table,
    work_list_table, request_step_table, request_upload_table, letter_save_table, proposal_table, redact_table,
    case_table;
#endif
