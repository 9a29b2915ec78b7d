/* mail.c: e-mail: which addresses can be written to, the message as it leaves (RFC 5322), handing it over. */
#include "net/net.h"
#include "notify/notify_internal.h"

#include <stdio.h>
#include <time.h>

#define LINE_CHARS 76
#define WORD_BYTES 42 /* of UTF-8 in one encoded word: 56 characters of base64 */

bool notify_can_mail(const struct app_config *c) {
    return c->smtp && *c->smtp && c->mail_from && notify_address_ok(str_z(c->mail_from));
}

static bool atom_char(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* Dots stand between characters, never at an end or side by side. */
static bool dotted(struct str s, bool host) {
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool dot = c == '.';
        if (dot && (i == 0 || i + 1 == s.n || s.p[i - 1] == '.'))
            return false;
        if (!dot &&
            (host ? !((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9') && c != '-' : !atom_char(c)))
            return false;
    }
    return s.n > 0;
}

bool notify_address_ok(struct str s) {
    struct str local, host;
    return s.n <= 254 && str_cut(s, '@', &local, &host) && local.n <= 64 && dotted(local, false) &&
           dotted(host, true) && host.p[0] != '-';
}

/* ── the message ── */

/* RFC 2047: encoded words of whole characters, folded. */
static void add_words(struct buf *b, struct arena *a, struct str s) {
    for (bool first = true; s.n; first = false) {
        struct str rest = s;
        size_t n = 0;
        while (rest.n) {
            struct str before = rest;
            utf8_next(&rest);
            if (s.n - rest.n > WORD_BYTES) {
                rest = before;
                break;
            }
            n = s.n - rest.n;
        }
        n = n ? n : s.n;
        buf_printf(b, "%s=?UTF-8?B?%.*s?=", first ? "" : "\r\n ", STR_ARG(base64_encode(a, s.p, n)));
        s = str_sub(s, n, s.n);
    }
}

static void add_date(struct buf *b, int64_t ms) {
    time_t t = (time_t)(ms / 1000) + 8 * 3600;
    struct tm tm;
    char text[60];
    gmtime_r(&t, &tm);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0800", &tm);
    buf_printf(b, "Date: %s\r\n", text);
}

static void add_body(struct buf *b, struct arena *a, struct str text) {
    struct str lines = str_replace(a, text, S("\n"), S("\r\n")), code = base64_encode(a, lines.p, lines.n);
    buf_addz(b, "\r\n");
    for (; code.n; code = str_sub(code, code.n < LINE_CHARS ? code.n : LINE_CHARS, code.n))
        buf_printf(b, "%.*s\r\n", STR_ARG(str_sub(code, 0, LINE_CHARS)));
}

struct str notify_compose(struct work *w, const struct notify_mail *m, struct str id) {
    const struct app_config *c = w->config;
    struct str local, host;
    struct buf b;
    buf_init(&b, 4u * 1024 * 1024);
    str_cut(str_z(c->mail_from), '@', &local, &host);
    buf_addz(&b, "From: ");
    add_words(&b, w->arena, str_z(c->site_name));
    buf_printf(&b, " <%s>\r\nTo: <%.*s>\r\nSubject: ", c->mail_from, STR_ARG(m->to));
    add_words(&b, w->arena, m->subject);
    buf_addz(&b, "\r\n");
    add_date(&b, w->now);
    buf_printf(&b, "Message-ID: <%.*s@%.*s>\r\n", STR_ARG(id), STR_ARG(host));
    buf_addz(&b, "Auto-Submitted: auto-generated\r\n");
    if (m->leave.n)
        buf_printf(&b, "List-Unsubscribe: <%.*s>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
                   STR_ARG(m->leave));
    buf_addz(&b,
             "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n");
    add_body(&b, w->arena, m->text);
    struct str ret = b.failed ? STR_NONE : str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return ret;
}

/* ── queueing and handing over ── */

int notify_mail(struct work *w, const struct notify_mail *m) {
    json_t *o = json_object();
    json_set_str(o, "to", m->to);
    json_set_str(o, "subject", m->subject);
    json_set_str(o, "text", m->text);
    json_set_str(o, "leave", m->leave);
    int rc = message_queue(w, "mail", o, 0);
    json_decref(o);
    return rc;
}

int mail_hand_over(struct work *w, const json_t *o, struct str message_id) {
    struct notify_mail m = {.to = message_member(w, o, "to"),
                            .subject = message_member(w, o, "subject"),
                            .text = message_member(w, o, "text"),
                            .leave = message_member(w, o, "leave")};
    struct net_mail out = {.server = w->config->smtp, .user = w->config->smtp_user, .from = w->config->mail_from};
    out.to = str_dupz(w->arena, m.to);
    out.message = notify_compose(w, &m, message_id);
    return message_password(w, w->config->smtp_password_file, "邮件", &out.password) < 0 ? -1 : net_mail(w, &out);
}
