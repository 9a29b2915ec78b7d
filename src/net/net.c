/* net.c: one HTTP exchange by libcurl. */
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
    if (r->method)
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
