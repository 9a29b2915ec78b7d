/* notify.h: messages to people outside: an outbox in the database, sent by a job.
 *
 * A message is queued inside the transaction that is its reason, so that neither is there without the other. Address
 * and text are personal data: sealed while they wait, destroyed once sent or refused. A message may arrive twice when
 * the program dies between the server's answer and the note of it; its Message-ID stays the same. */
#ifndef MINGTANG_NOTIFY_H
#define MINGTANG_NOTIFY_H
#include "base/base.h"
#include "db/db.h"
#include "job/job.h"

struct notify_mail {
    struct str to, subject, text; /* text: plain, lines ended by LF */
    struct str leave;             /* address that ends a subscription by one POST (RFC 8058); "" none */
};
bool notify_can_mail(const struct app_config *c);             /* an SMTP server and a sender are configured */
bool notify_address_ok(struct str s);                         /* an e-mail address that can be written to */
int notify_mail(struct work *w, const struct notify_mail *m); /* inside the open transaction */
int notify_send(struct work *w, json_t *args);                /* the job "message" */
/* The message as it goes out (RFC 5322, CRLF); id: of its Message-ID. */
struct str notify_compose(struct work *w, const struct notify_mail *m, struct str id);
#endif
