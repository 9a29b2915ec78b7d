/* pages_internal.h: handlers of the workbench's catalogue pages, and what they share. */
#ifndef MINGTANG_CATALOGUE_PAGES_H
#define MINGTANG_CATALOGUE_PAGES_H

#include "auth/auth.h"
#include "catalogue/catalogue_internal.h"

/* Sets a part of a model and takes its reference; -1 when it is NULL (w->error says why). */
int model_part(json_t *model, const char *key, json_t *value);
/* Ends a GET: the page, or -1 with the model freed. */
int page_end(struct http_response *out, const char *template, json_t *model, int rc);
int catalogue_of_path(struct http_request *in, struct catalogue *ret);
json_t *field_options(struct work *w, int64_t selected); /* [{value, label, selected}] New reference */

int item_page(struct http_request *in, struct http_response *out);
int item_propose_form(struct http_request *in, struct http_response *out);
int item_propose(struct http_request *in, struct http_response *out);
int new_item_form(struct http_request *in, struct http_response *out);
int new_item_propose(struct http_request *in, struct http_response *out);
extern const struct field_table propose_table, item_page_table;

int proposals_page(struct http_request *in, struct http_response *out);
int proposal_page(struct http_request *in, struct http_response *out);
int proposal_verb(struct http_request *in, struct http_response *out);
extern const struct field_table proposals_table, proposal_page_table, verb_table;

int import_form(struct http_request *in, struct http_response *out);
int import_upload(struct http_request *in, struct http_response *out);
int import_page(struct http_request *in, struct http_response *out);
int import_apply_post(struct http_request *in, struct http_response *out);
extern const struct field_table upload_table, apply_table;

int limits_page(struct http_request *in, struct http_response *out);
int limit_form(struct http_request *in, struct http_response *out);
int limit_settle(struct http_request *in, struct http_response *out);
extern const struct field_table limits_table, settle_table;

int matters_page(struct http_request *in, struct http_response *out);
int matters_import(struct http_request *in, struct http_response *out);
int matter_link(struct http_request *in, struct http_response *out);
extern const struct field_table matters_table, matters_import_table, matter_link_table;
#endif
