/* request_apply.h: what the files of the application form share: its fields, its steps. */
#ifndef MINGTANG_REQUEST_APPLY_H
#define MINGTANG_REQUEST_APPLY_H
#include "request/request_internal.h"

/* One small group a screen; the two about the applicant count as one in the progress line. */
enum apply_step { APPLY_UNIT, APPLY_WANTED, APPLY_KIND, APPLY_PERSON, APPLY_WAY, APPLY_FILES, APPLY_CHECK, APPLY__MAX };
#define APPLY_MATERIALS 5

/* Everything typed so far, carried from step to step by hidden fields; nothing is kept here until it is submitted. */
struct apply_input {
    struct str unit, matter, subject, info_number, description, evidence;
    struct str applicant, name, id_type, id_number, head, contact_name;
    struct str workplace, address, postcode, mobile, mail, fax;
    struct str carrier, delivery, help;
    bool other_way;
    struct file_list identity_file, material_files;
    /* of the form in steps alone */
    struct str step, go, draft, identity;
    struct str_list material;
    struct str field, find;
    bool checked; /* the page of all answers was reached: a corrected step leads back to it */
};
extern const struct field_table request_apply_table, apply_once_table;
extern const char *const apply_step_names[APPLY__MAX];

/* Seals an uploaded file; its token belongs to the draft. -1 with the reason at `field`. */
int apply_take(struct work *w, const struct http_file *file, const char *field, struct str draft, struct str *ret);
/* An uploaded file's token, "12-<mac>": only this draft can hand it in. 1 and its id, 0 forged or gone, -1. */
int apply_file(struct work *w, struct str draft, struct str token, struct sealed_file *ret);

/* The model of one screen: form, kept, and what the step chooses from. New reference. */
json_t *apply_model(struct http_request *in, const struct apply_input *x, enum apply_step s);
bool apply_step_has(enum apply_step s, const char *field);
/* Published information like what is wanted: {hits, answers, any}. New reference; never fails. */
json_t *apply_similar(struct work *w, struct str q, struct str unit);

/* Whoever is signed in is a citizen on these pages: no rights, and no name in the record. */
void as_applicant(struct http_request *in);
/* So many calls an hour from one client; ERR_TOO_MANY. Outside a transaction. */
int request_not_too_often(struct work *w, const char *what, int most);
http_handler start_page, apply_once, mine_withdraw;
#endif
