/* proof.h: the ledger and the receipts (公开凭证) as outsiders see them: C2SP tlog-tiles under /ledger/, the check of
 * one public edition under /verify/. */
#ifndef MINGTANG_PROOF_H
#define MINGTANG_PROOF_H
#include "base/base.h"
#include "http/http.h"
#include <jansson.h>

/* The receipt of a public edition (format mingtang-receipt/1, docs/ledger.md). NULL with ERR_NOT_FOUND (no such
 * edition) or ERR_BUSY (published this moment, not yet signed). New reference. */
json_t *proof_receipt(struct work *w, struct str public_id, int64_t edition);
extern const struct route proof_routes[];
extern const size_t proof_route_count;
#endif
