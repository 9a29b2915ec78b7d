/* notify.h: messages to people outside (e-mail, SMS) through an outbox, and notices to posts inside (站内通知).
 *
 * A message is queued inside the transaction that is its reason, so that neither is there without the other. Address
 * and text are personal data: sealed while they wait, destroyed once sent or refused. A message may arrive twice when
 * the program dies between the server's answer and the note of it; a mail's Message-ID stays the same. A notice is
 * read under the eyes of a whole office: it holds no personal data, only where to look. */
#ifndef MINGTANG_NOTIFY_H
#define MINGTANG_NOTIFY_H
#include "base/base.h"
#include "db/db.h"
#include "job/job.h"
#include <jansson.h>

/* ── e-mail ── */
struct notify_mail {
    struct str to, subject, text; /* text: plain, lines ended by LF */
    struct str leave;             /* address that ends a subscription by one POST (RFC 8058); "" none */
};
bool notify_can_mail(const struct app_config *c);             /* an SMTP server and a sender are configured */
bool notify_address_ok(struct str s);                         /* an e-mail address that can be written to */
int notify_mail(struct work *w, const struct notify_mail *m); /* inside the open transaction */
int notify_send(struct work *w, json_t *args);                /* the job "message", for every channel */
/* The message as it goes out (RFC 5322, CRLF); id: of its Message-ID. */
struct str notify_compose(struct work *w, const struct notify_mail *m, struct str id);

/* ── SMS ── */
bool notify_can_sms(const struct app_config *c); /* a gateway is configured */
bool notify_mobile_ok(struct str s);             /* a mobile number of the mainland: 11 digits */
/* Inside the open transaction. Sent when the quiet hours are over; longer than five parts it is cut with "…". -1:
 * ERR_INVALID for a number that is none, or an empty text. */
int notify_sms(struct work *w, struct str to, struct str text);
bool notify_sms_url_ok(const char *url); /* the settings' checks: "" or http(s) with {to} and {text} */
bool notify_sms_accept_ok(const char *pattern);
bool notify_quiet_hours_ok(const char *text);                        /* "" or HH:MM-HH:MM */
int64_t notify_quiet_until(const struct app_config *c, int64_t now); /* end of the quiet hours now is in; 0: none */

/* ── messages as data: data/messages.json ── */
struct notify_to {
    struct str mail, mobile; /* "" none */
};
/* Queues the message `name` by every way that is configured and given; values (borrowed) fill its places, {{site}} is
 * there by itself, an {{address}} that begins with "/" is made whole. Inside the open transaction. The number queued
 * (0: no way to reach them is no error), or -1. */
int notify_tell(struct work *w, const struct notify_to *to, const char *name, json_t *values);
/* As notify_tell would write it: {"subject","mail","sms"}. New reference, NULL with w->error. */
json_t *notify_words(struct work *w, const char *name, json_t *values);

/* ── notices ── */
struct notice {
    int64_t unit_id;        /* to the posts of this unit … (0: of none) */
    int permission;         /* … that hold this permission */
    bool office;            /* and to such posts over all units */
    const char *tone;       /* "red", "orange", "yellow", "green", "blue", "grey" */
    struct str title, text; /* at most 100 and 500 characters: longer is cut */
    struct str address;     /* "/desk/…": where to look */
    struct str once;        /* told only once per key; "" always */
};
int notice_add(struct work *w, const struct notice *n); /* inside the open transaction; 1 told, 0 told before, -1 */
/* The actor's, newest first, ids below `after` (INT64_MAX to start): id, at, tone, title, text, address, unit, seen.
 * ret_after: the last id when there are more, else 0. New reference, NULL on error. */
json_t *notice_list(struct work *w, int64_t after, int64_t size, int64_t *ret_after);
#define NOTICE_UNREAD_CAP 100
int notice_unread(struct work *w); /* of the last 90 days, counted no further than the cap; -1 */
/* The actor has seen it; 0: all there are now. -1: ERR_NOT_FOUND when it is not the actor's. */
int notice_read(struct work *w, int64_t id);
int notice_get(struct work *w, int64_t id, struct str *ret_address); /* the actor's; -1 ERR_NOT_FOUND */
#endif
