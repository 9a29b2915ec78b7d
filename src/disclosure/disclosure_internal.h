/* disclosure_internal.h: what the files of this room share. */
#ifndef MINGTANG_DISCLOSURE_INTERNAL_H
#define MINGTANG_DISCLOSURE_INTERNAL_H
#include "disclosure/disclosure.h"
#include "disclosure_sql.h"
#include "ledger/ledger.h"
#include "org/org.h"
#include "view/view.h"

/* A disclosure's row. Views live in the work's arena. */
struct disclosure {
    int64_t id, unit_id, item_id, field_id, duty_id, draft_version_id, public_version_id, drafter_id, signed_by,
        signed_at;
    int64_t publish_at, published_at, changed_at, withdrawn_at, expired_at, revision;
    struct str public_id, index_number, state, title, number, five, kind, withdraw_reason;
    struct str unit_name, unit_code, unit_kind, org_code;
    bool demo;
};
/* One version's content. */
struct version {
    int64_t id, disclosure_id, number_of_version, public_from, public_to, made_by, concealed_at;
    bool frozen;
    struct str title, number, body, body_text, summary, keywords, attribute, ground, ground_note, genre, theme,
        validity, source, formed, effective, expires, sha256, conceal_reason, elements;
};
/* What a flow step works on. */
struct subject {
    struct disclosure d;
    struct version v; /* the working version */
    const struct disclosure_step *step;
    const char *from;
    bool entered; /* it was public before this system: recorded as such */
};

int disclosure_get(struct work *w, int64_t id, struct disclosure *ret); /* ERR_NOT_FOUND */
int version_get(struct work *w, int64_t id, struct version *ret);
int version_freeze(struct work *w, const struct version *v); /* hash and lock the content */
/* The canonical JSON of the content with its attachments' digests, and its SHA-256: what receipts show and name. */
int version_content(struct work *w, const struct version *v, struct str *ret_text, struct str *ret_sha256);
int version_continue(struct work *w, const struct disclosure *d, int64_t from_version,
                     int64_t *ret_id);         /* copy as new draft */
json_t *version_json(const struct version *v); /* all fields with their Chinese names */
json_t *attachments_json(struct work *w, const struct disclosure *d, int64_t version_id, bool desk);
json_t *attachment_digests(struct work *w, int64_t version_id, bool sm3); /* [{name, sha256, sm3}]. New reference */
struct str number_fold(struct arena *a, struct str number);               /* 文号 without brackets, blanks and 号 */

/* Checks before submission. Warnings: [{"kind","text","where"}] that a person must look at; errors by fail_field. */
int check_required(struct work *w, const struct disclosure *d, const struct version *v);
json_t *check_warnings(struct work *w, const struct disclosure *d, const struct version *v);

/* Publication and what follows it. */
int publish_now(struct work *w, struct subject *s);
int withdraw_now(struct work *w, struct subject *s);
int probe_later(struct work *w, const struct disclosure *d); /* queues disclosure_probe, in the transaction */
int conceal_now(struct work *w, struct subject *s);          /* former versions are shown no more, at no past instant */
int expire_now(struct work *w, struct subject *s);
int disclosure_event(struct work *w, const struct disclosure *d, const char *verb, enum event_visibility visibility,
                     json_t *payload, json_t *secret); /* takes both references */

/* ── what the public saw (disclosure_past.c) ── */
/* The version public at w->as_of, or now. 1; 0 none (then w->error: ERR_NOT_FOUND never public, ERR_GONE withdrawn or
 * concealed, with its text); -1. */
int public_version_now(struct work *w, const struct disclosure *d, int64_t *ret_id);
json_t *publication_event(struct work *w, int64_t disclosure_id, int64_t version); /* NULL: none. New reference */
json_t *versions_json(struct work *w, const struct disclosure *d);                 /* public editions, newest first */
json_t *tombstone_json(struct work *w, const struct disclosure *d); /* of what was withdrawn or concealed */
int latest_as_of(struct work *w, const struct disclosure_filter *f, int64_t key, int64_t id, int64_t size,
                 struct db_rows *r);
void like_patterns(struct work *w, struct str q, struct str *ret_title, struct str *ret_number);
int disclosure_by_public_id(struct work *w, struct str public_id, struct disclosure *ret); /* 1, 0 never public, -1 */
int public_history(struct http_request *in, struct http_response *out);

/* ── kinds and their fields (disclosure_kinds.c) ── */
enum element_type {
    ELEMENT_TEXT,
    ELEMENT_DAY,
    ELEMENT_YEAR_NUMBER,
    ELEMENT_MATTER,
    ELEMENT_NAME,   /* stands in addresses */
    ELEMENT_QUERY,  /* the address of a search */
    ELEMENT_TARGET, /* where a link leads */
    ELEMENT_NUMBER
};
struct element_field {
    const char *name, *label;
    enum element_type type;
    const char *hint;
};
enum {
    KIND_PART = 1,     /* of the portal: needs PERM_PORTAL_EDIT, stands in no list */
    KIND_BODILESS = 2, /* needs neither text nor attachment */
    KIND_NO_TEXT = 4   /* its text would stand nowhere: none is asked for */
};
struct kind {
    const char *code, *name, *about, *column; /* column: ColumnType of rules.md §5.2 */
    bool needs_item;                          /* belongs to a catalogue item */
    unsigned has, needs;                      /* bits of enum element */
    unsigned flags;
};
const struct kind *kind_of(struct str code); /* never NULL: the ordinary one when unknown */
/* Checks what was typed and makes the JSON text of the version; field errors el_<name>. */
int elements_read(struct work *w, const struct kind *k, const struct disclosure_input *x, struct str *ret);
int elements_required(struct work *w, const struct kind *k, struct str elements);
struct str element_value(struct arena *a, struct str elements, enum element e);
json_t *elements_form(struct work *w, const struct kind *k, json_t *form); /* [{name, label, value, error …}] */
void elements_to_form(struct work *w, json_t *form, struct str elements);
json_t *elements_json(struct work *w, const struct kind *k, struct str elements); /* [{label, value}] for pages */

/* Does another public part of this kind bear the code? (disclosure_part.c) 0; -1: so it does. */
int part_code_free(struct work *w, const struct disclosure *d, struct str elements);

/* ── addresses that moved (disclosure_moved.c) ── */
int part_moved(struct work *w, const struct disclosure *d, const struct version *now); /* before it is public */
int moved_page(struct http_request *in, struct http_response *out);

/* The column a publication stands in, for the meta tags of its page: column, column_name, column_about,
 * column_keywords. After o.item is set (disclosure_legal.c). 0 or -1. */
int add_column(struct work *w, json_t *o, const struct disclosure *d, const struct version *v);
/* The kind, as lists group it: "policy", "information" … (disclosure_find.c). */
struct str class_of(const struct disclosure *d, const struct version *v);
/* Facets "legal" of a publication (disclosure_legal.c). */
void add_legal(struct work *w, struct search_doc *doc, struct str unit_kind, struct str field, struct str class);

/* Labels. */
const char *attribute_name(struct str code);
const char *ground_name(struct str code);
const char *validity_name(struct str code);
const char *five_name(struct str code);
extern const struct field_option attribute_options[], ground_options[], validity_options[], five_options[],
    genre_options[], theme_options[], conclusion_options[], removal_options[], kind_options[];

/* Pages of staff (disclosure_desk.c) are listed in the room's route table (disclosure_pages.c). */
int desk_list(struct http_request *in, struct http_response *out);
int desk_new(struct http_request *in, struct http_response *out);
int desk_create(struct http_request *in, struct http_response *out);
int desk_page(struct http_request *in, struct http_response *out);
int desk_edit(struct http_request *in, struct http_response *out);
int desk_save(struct http_request *in, struct http_response *out);
int desk_step(struct http_request *in, struct http_response *out);
int desk_attach(struct http_request *in, struct http_response *out);
int desk_detach(struct http_request *in, struct http_response *out);
int desk_attachment(struct http_request *in, struct http_response *out);
int desk_docx(struct http_request *in, struct http_response *out);
extern const struct field_table input_table, step_table, list_table, attach_table, docx_table, new_table;
#endif
