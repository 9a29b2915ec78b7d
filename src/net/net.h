/* net.h: talking to other programs: an HTTP request with one bounded answer, an e-mail handed over; with a deadline. */
#ifndef MINGTANG_NET_H
#define MINGTANG_NET_H

#include "base/base.h"

struct net_request {
    const char *url;    /* http or https only */
    const char *method; /* NULL: GET, or POST with a body; HEAD: status and type alone */
    struct str body;    /* "" none */
    const char *type;   /* Content-Type of body */
    const char *accept; /* NULL: anything */
    int timeout_ms;     /* of the whole exchange; 0: 10 s */
    size_t max;         /* bytes of the answer kept; 0: 1 MB. More is an error */
};
struct net_answer {
    int status;
    struct str body; /* in the work's arena */
    char type[80];   /* Content-Type, "" none */
};
/* Redirects are not followed. 0 when the other side answered at all, whatever the status; -1 with w->error
 * (ERR_INTERNAL, the reason in Chinese and the host, never the whole address) when it did not. */
int net_ask(struct work *w, const struct net_request *r, struct net_answer *ret);

struct net_mail {
    const char *server; /* smtp://host:port (STARTTLS when offered; demanded with a password) or smtps://host:port */
    const char *user, *password; /* "" none */
    const char *from, *to;       /* addresses alone */
    struct str message;          /* RFC 5322, lines ended by CRLF */
    int timeout_ms;              /* 0: 30 s */
};
/* 0: the server took it; -1 with w->error (ERR_INTERNAL; ERR_INVALID: it refused for good, asking again is of no use).
 * Neither address stands in the message. */
int net_mail(struct work *w, const struct net_mail *m);

#endif
