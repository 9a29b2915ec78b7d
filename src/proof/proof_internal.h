/* proof_internal.h: handlers named in the room's route table (ledger_pages.c). */
#ifndef MINGTANG_PROOF_INTERNAL_H
#define MINGTANG_PROOF_INTERNAL_H
#include "auth/auth.h"
#include "disclosure/disclosure.h"
#include "ledger/ledger.h"
#include "paper/paper.h"
#include "proof/proof.h"
#include "view/view.h"

int verify_start(struct http_request *in, struct http_response *out);
int verify_page(struct http_request *in, struct http_response *out);
int verify_file(struct http_request *in, struct http_response *out);
int verify_qr(struct http_request *in, struct http_response *out);
extern const struct field_table verify_start_table;
#endif
