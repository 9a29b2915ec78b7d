/* letter.h: official letters (公文) of any room: drafted from a template of data/letters.json, edited, issued with a
 * number by unit and year, kept sealed, checked by outsiders with a code.
 *
 * Whose matter a letter is, and who may write, read or issue it, is for the room that asks: the verbs here check no
 * right. All of them but the reading ones run inside an open transaction of the caller; each change is an event. */
#ifndef MINGTANG_LETTER_H
#define MINGTANG_LETTER_H
#include "base/base.h"
#include "db/db.h"
#include "http/http.h"
#include <jansson.h>

struct letter_new {
    int64_t unit_id;          /* the issuing organ */
    const char *template;     /* a code of data/letters.json: "extend", "R04.1" */
    const char *subject_kind; /* the matter: "request" */
    int64_t subject_id;
    json_t *facts; /* borrowed; members for the template. unit, today_text and remedy_text are added when absent */
};
/* -1: ERR_NOT_FOUND (no such template), ERR_INVALID with a field error "required" for each fact that is empty. */
int letter_draft(struct work *w, const struct letter_new *n, int64_t *ret_id);
/* -1: ERR_WRONG_STATE (issued), ERR_CONFLICT (revision is not the present one), ERR_INVALID (fields). */
int letter_save(struct work *w, int64_t id, struct str addressee, struct str title, struct str body, int64_t revision);
int letter_delete_draft(struct work *w, int64_t id);
/* Frozen: number, check code, PDF and its digest. day: 成文日期, not in the future. -1 also: ERR_DUPLICATE (another
 * organ's letter has the number: words are alike), ERR_TOO_LARGE (PDF of more than 2 MB). */
int letter_issue(struct work *w, int64_t id, day_t day);
/* The same under a number that the caller counted, e.g. 督办〔2026〕3号; no number of the organ's own series is used
 * up. */
int letter_issue_numbered(struct work *w, int64_t id, day_t day, struct str number);
/* As issued; of a draft a preview that says 草稿. ERR_GONE when erased. */
int letter_pdf(struct work *w, int64_t id, struct str *ret);
int letter_docx(struct work *w, int64_t id, struct str *ret);
/* {id, unit_id, template, name, subject_kind, subject_id, state, revision, created_at…, day, day_text, number, code,
 * address, sha256}; with_text also addressee, title, body, annexes, note (of a letter not erased). New reference, NULL
 * on error. */
json_t *letter_json(struct work *w, int64_t id, bool with_text);
json_t *letter_list(struct work *w, const char *subject_kind, int64_t subject_id); /* oldest first, at most 200 */
/* Destroys text and PDF of an issued letter; number, day and digest stay. */
int letter_erase(struct work *w, int64_t id);

/* 机关代字 of a unit, "皋政办". set: 1 to 10 Chinese characters that no other unit has. */
int letter_word(struct work *w, int64_t unit_id, struct str *ret);
int letter_word_set(struct work *w, int64_t unit_id, struct str word);

/* Remedies (救济告知) for an outcome ("R04.1", also "correct_no") of a day, by data/remedies.json; "" when there is
 * nothing to tell. facts may hold reconsideration_organ and court, and unit.kind and city for their defaults. */
int letter_remedy(struct work *w, struct str outcome, day_t day, json_t *facts, struct str *ret);
json_t *letter_templates(struct work *w); /* [{code, name, title, outcome, law, requires}]. New reference */

extern const struct route letter_routes[]; /* GET /letters/{code} */
extern const size_t letter_route_count;
#endif
