/* request_desk.h: what the files of the workbench's pages of a case share. */
#ifndef MINGTANG_REQUEST_DESK_H
#define MINGTANG_REQUEST_DESK_H
#include "request/request_internal.h"

/* The page of a case (request_case.c), without who applies. New reference. */
json_t *request_page_model(struct work *w, const struct request *c);
/* What can be done now, with the fields of each form (request_actions.c); typed, form: of the one just refused. */
json_t *request_actions(struct work *w, const struct request *c, struct str typed, const json_t *form);
/* The decision's words as saved: {outcome, reason, where, search_record, organ, contact}; {} none yet. */
json_t *request_reply_words(struct work *w, const struct request *c);
/* The case of the address, which the actor may read; permission 0: reading is enough. */
int request_of_path(struct http_request *in, int permission, struct request *ret);
json_t *request_files_json(struct work *w, const struct request *c);
/* May files of this role still be added or removed? -1 with the reason. */
int request_files_open(struct work *w, const struct request *c, struct str role);
/* A file of the case: its row as {role, file_id, by_applicant}; ERR_NOT_FOUND. */
struct request_file {
    int64_t id, file_id;
    struct str role;
    bool by_applicant;
};
int request_file_get(struct work *w, const struct request *c, int64_t id, struct request_file *ret);
/* A sealed file becomes one of the case; the event `verb` with payload (reference taken; may be NULL). */
int request_file_add(struct work *w, const struct request *c, struct str role, int64_t ask_id, int64_t file_id,
                     const char *verb, json_t *payload);
/* An event on a case in a transaction of its own. */
int request_put_on_record(struct work *w, const struct request *c, const char *verb, json_t *payload);
/* ── lists (request_find.c) ── */
struct request_wanted {
    int64_t unit_id, key, id, size,
        officer_post; /* unit_id 0: every unit. key, id: after this row; INT64_MAX: from the first */
    struct str state, channel, applicant, matter, remedy, text,
        like;                                    /* "" any; text: a number, an applicant or words */
    struct str from, to, closed_from, closed_to; /* days received, ended; both included */
    struct str open_after;                       /* not ended by this day */
    struct str outcomes[4];                      /* any of them; four of them or none */
    int64_t overdue_at;                          /* open and due before this instant; 0 any */
    bool late, extended, all;                    /* all: not the open ones alone */
};
enum request_order { REQUEST_BY_ID, REQUEST_BY_DUE, REQUEST_BY_RECEIVED, REQUEST_BY_CLOSED };
/* Ids of at most size + 1 cases, and what they are ordered by. No check of rights but for an applicant's own cases. */
int request_find(struct work *w, const struct request_wanted *q, struct db_rows *ret, enum request_order *ret_order);
int64_t request_key(const struct request *c, enum request_order order); /* of the cursor after this row */
bool request_filtered(const struct request_wanted *q);
/* Rows of the list that the request's filters ask for, at most `most` (request_list.c). */
int requests_listed(struct http_request *in, int64_t most, struct db_rows *ret);

extern const struct field_table request_page_table, redact_page_table;
http_handler desk_requests_xlsx, desk_request_file_remove, desk_redact_image;
#endif
