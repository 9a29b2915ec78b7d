/* sms.c: SMS through a gateway's HTTP interface: an address with places for the number and the text, and a pattern that
 * its answer must match. Kannel's is the one tested; others differ in the address and the pattern only. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "net/net.h"
#include "notify/notify_internal.h"

#include <pcre2.h>
#include <stdio.h>

/* Five parts of a long message: 67 UTF-16 units each, because three of 70 go into its head. */
#define SMS_UNITS (5 * 67)

bool notify_can_sms(const struct app_config *c) {
    return c->sms_url && *c->sms_url;
}

bool notify_mobile_ok(struct str s) {
    if (s.n != 11 || s.p[0] != '1' || s.p[1] < '3')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

/* ── settings ── */

bool notify_sms_url_ok(const char *url) {
    struct str s = str_z(url);
    return !s.n || ((str_starts(s, S("http://")) || str_starts(s, S("https://"))) && str_find(s, S("{to}")) > 0 &&
                    str_find(s, S("{text}")) > 0);
}

/* Minutes of "HH:MM-HH:MM"; they may run over midnight, but not be the same. */
static bool hours_read(const char *text, int64_t *from, int64_t *to) {
    struct str s = str_z(text);
    int64_t v[4];
    if (s.n != 11 || s.p[2] != ':' || s.p[5] != '-' || s.p[8] != ':')
        return false;
    for (size_t i = 0; i < 4; i++)
        if (s.p[i * 3] == '-' || s.p[i * 3] == '+' || str_int(str_sub(s, i * 3, 2), &v[i]) < 0 ||
            v[i] > (i % 2 ? 59 : 23))
            return false;
    *from = v[0] * 60 + v[1];
    *to = v[2] * 60 + v[3];
    return *from != *to;
}

bool notify_quiet_hours_ok(const char *text) {
    int64_t from, to;
    return !*text || hours_read(text, &from, &to);
}

static pcre2_code *accept_compile(const char *pattern) {
    int error;
    size_t at;
    return pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &error, &at,
                         NULL);
}

bool notify_sms_accept_ok(const char *pattern) {
    pcre2_code *code = accept_compile(pattern);
    pcre2_code_free(code);
    return *pattern && code;
}

int64_t notify_quiet_until(const struct app_config *c, int64_t now) {
    int64_t from, to, start = day_start(day_of(now)), minute = (now - start) / 60000;
    if (!c->quiet_hours || !hours_read(c->quiet_hours, &from, &to))
        return 0;
    bool quiet = from < to ? minute >= from && minute < to : minute >= from || minute < to;
    if (!quiet)
        return 0;
    return (minute < to ? start : day_start(day_of(now) + 1)) + to * 60000;
}

/* ── queueing ── */

/* Printable characters and line ends, cut where an SMS gateway would refuse or charge without end. */
static struct str fitting(struct arena *a, struct str text) {
    struct str rest = text;
    size_t units = 0, cut = 0;
    struct buf b;
    buf_init(&b, SMS_UNITS * 4 + 8);
    while (rest.n) {
        struct str before = rest;
        int32_t c = utf8_next(&rest);
        if (c < 0)
            break;
        if ((c < 0x20 && c != '\n') || c == 0x7f)
            continue;
        units += c > 0xffff ? 2 : 1;
        if (units <= SMS_UNITS - 1)
            cut = b.n + (before.n - rest.n);
        if (units > SMS_UNITS) {
            struct str s = str_printf(a, "%.*s…", STR_ARG(str_sub(buf_str(&b), 0, cut)));
            buf_release(&b);
            return s;
        }
        buf_add(&b, str_sub(before, 0, before.n - rest.n));
    }
    struct str s = str_dup(a, buf_str(&b));
    buf_release(&b);
    return s;
}

int notify_sms(struct work *w, struct str to, struct str text) {
    struct str fit = fitting(w->arena, str_trim(text));
    if (!notify_mobile_ok(to) || !fit.n)
        return fail(w, ERR_INVALID, "%s", fit.n ? "手机号码应为 11 位数字，如 138********" : "短信没有内容");
    json_t *o = json_object();
    json_set_str(o, "to", to);
    json_set_str(o, "text", fit);
    int rc = message_queue(w, "sms", o, notify_quiet_until(w->config, w->now));
    json_decref(o);
    return rc;
}

/* ── handing over ── */

/* Every place of the address filled in one pass: what a value contains is never taken for a place. */
static struct str address_of(struct work *w, const json_t *o, const char *password) {
    const struct {
        struct str place, value;
    } places[] = {
        {S("{to}"), message_member(w, o, "to")},
        {S("{text}"), message_member(w, o, "text")},
        {S("{user}"), str_z(w->config->sms_user)},
        {S("{password}"), str_z(password)},
    };
    struct buf b;
    buf_init(&b, 64 * 1024);
    for (struct str rest = str_z(w->config->sms_url); rest.n;) {
        size_t i = 0;
        while (i < countof(places) && !str_starts(rest, places[i].place))
            i++;
        if (i < countof(places)) {
            buf_add(&b, str_percent(w->arena, places[i].value));
            rest = str_sub(rest, places[i].place.n, rest.n);
        } else {
            buf_addc(&b, rest.p[0]);
            rest = str_sub(rest, 1, rest.n);
        }
    }
    struct str ret = b.failed ? STR_NONE : str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return ret;
}

static bool accepted(const char *pattern, struct str body) {
    pcre2_code *code = accept_compile(pattern);
    pcre2_match_data *m = code ? pcre2_match_data_create_from_pattern(code, NULL) : NULL;
    bool yes = m && pcre2_match(code, (PCRE2_SPTR)(body.p ? body.p : ""), body.n, 0, 0, m, NULL) >= 0;
    pcre2_match_data_free(m);
    pcre2_code_free(code);
    return yes;
}

/* Only 400 and 422 are about this message (a number the gateway does not serve): for good. All else may be mended:
 * an account, a balance, a load. The body is not kept: it may repeat the number. */
int sms_hand_over(struct work *w, const json_t *o) {
    const char *password;
    struct net_answer a;
    if (message_password(w, w->config->sms_password_file, "短信", &password) < 0)
        return -1;
    struct str url = address_of(w, o, password);
    if (!url.n)
        return fail(w, ERR_INTERNAL, "短信网关的地址过长");
    struct net_request q = {.url = url.p, .max = 64 * 1024};
    if (net_ask(w, &q, &a) < 0)
        return -1;
    if (a.status / 100 == 2 && accepted(w->config->sms_accept, a.body))
        return 0;
    return fail(w, a.status == 400 || a.status == 422 ? ERR_INVALID : ERR_INTERNAL, "短信网关没有收下（应答 %d）",
                a.status);
}
