/* net.c: one HTTP exchange, one e-mail, by libcurl. */
#include "net/net.h"

#include <curl/curl.h>
#include <pthread.h>

#define TIMEOUT_MS 10000
#define ANSWER_BYTES (1024 * 1024)

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void global_init(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t keep(char *p, size_t size, size_t n, void *ctx) {
    struct buf *b = ctx;
    buf_add(b, (struct str){p, size * n});
    return b->failed ? 0 : size * n;
}

/* http://host:port of an address: what may stand in a message. */
static struct str host_of(const char *url) {
    struct str s = str_z(url);
    ptrdiff_t at = str_find(s, S("://"));
    ptrdiff_t end = at < 0 ? -1 : str_find(str_sub(s, (size_t)at + 3, s.n), S("/"));
    return end < 0 ? s : str_sub(s, 0, (size_t)(at + 3 + end));
}

static struct curl_slist *headers_of(struct work *w, const struct net_request *r) {
    struct curl_slist *list = NULL;
    if (r->body.n && r->type)
        list = curl_slist_append(list, str_printf(w->arena, "Content-Type: %s", r->type).p);
    if (r->accept)
        list = curl_slist_append(list, str_printf(w->arena, "Accept: %s", r->accept).p);
    return curl_slist_append(list, "Expect:");
}

static void options_set(CURL *c, const struct net_request *r, struct curl_slist *headers, struct buf *answer) {
    curl_easy_setopt(c, CURLOPT_URL, r->url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(r->timeout_ms ? r->timeout_ms : TIMEOUT_MS));
    curl_easy_setopt(c, CURLOPT_USERAGENT, "mingtang");
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, answer);
    if (r->body.n) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body.p);
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
    }
    if (r->method && strcmp(r->method, "HEAD") == 0)
        curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
    else if (r->method)
        curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
}

int net_ask(struct work *w, const struct net_request *r, struct net_answer *ret) {
    struct buf answer;
    pthread_once(&once, global_init);
    CURL *c = curl_easy_init();
    if (!c)
        return fail(w, ERR_INTERNAL, "网络模块无法启动");
    buf_init(&answer, r->max ? r->max : ANSWER_BYTES);
    struct curl_slist *headers = headers_of(w, r);
    options_set(c, r, headers, &answer);
    CURLcode rc = curl_easy_perform(c);
    long status = 0;
    const char *type = NULL;
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
    if (rc == CURLE_OK) {
        *ret = (struct net_answer){.status = (int)status, .body = str_dup(w->arena, buf_str(&answer))};
        snprintf(ret->type, sizeof ret->type, "%s", type ? type : "");
    } else {
        fail(w, ERR_INTERNAL, "%.*s 没有应答（%s）", STR_ARG(host_of(r->url)),
             answer.failed ? "应答过长" : curl_easy_strerror(rc));
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(c);
    buf_release(&answer);
    return rc == CURLE_OK ? 0 : -1;
}

/* ── e-mail ── */

#define MAIL_TIMEOUT_MS 30000

static size_t feed(char *p, size_t size, size_t n, void *ctx) {
    struct str *rest = ctx;
    size_t k = rest->n < size * n ? rest->n : size * n;
    memcpy(p, rest->p, k);
    *rest = str_sub(*rest, k, rest->n);
    return k;
}

static void mail_options(struct work *w, CURL *c, const struct net_mail *m, struct curl_slist *to, struct str *rest) {
    bool secret = m->password && *m->password;
    curl_easy_setopt(c, CURLOPT_URL, m->server);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(m->timeout_ms ? m->timeout_ms : MAIL_TIMEOUT_MS));
    curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(secret ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    if (m->user && *m->user)
        curl_easy_setopt(c, CURLOPT_USERNAME, m->user);
    if (secret)
        curl_easy_setopt(c, CURLOPT_PASSWORD, m->password);
    curl_easy_setopt(c, CURLOPT_MAIL_FROM, str_printf(w->arena, "<%s>", m->from).p);
    curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(c, CURLOPT_READFUNCTION, feed);
    curl_easy_setopt(c, CURLOPT_READDATA, rest);
    curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)m->message.n);
}

int net_mail(struct work *w, const struct net_mail *m) {
    struct str rest = m->message;
    long status = 0;
    pthread_once(&once, global_init);
    CURL *c = curl_easy_init();
    struct curl_slist *to = c ? curl_slist_append(NULL, str_printf(w->arena, "<%s>", m->to).p) : NULL;
    CURLcode rc = CURLE_OUT_OF_MEMORY;
    if (to) {
        mail_options(w, c, m, to, &rest);
        rc = curl_easy_perform(c);
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    }
    curl_slist_free_all(to);
    curl_easy_cleanup(c);
    if (rc == CURLE_OK)
        return 0;
    return fail(w, status >= 500 && rc != CURLE_LOGIN_DENIED ? ERR_INVALID : ERR_INTERNAL,
                "邮件服务器没有收下（%s%s%ld）", curl_easy_strerror(rc), status ? "，应答 " : "，没有应答 ", status);
}
