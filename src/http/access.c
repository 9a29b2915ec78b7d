/* access.c: the access log: one logfmt line a request, no query, no names; gathered and written in blocks. */
#include "http/http_internal.h"
#include <unistd.h>

struct access_log {
    pthread_mutex_t lock;
    char text[65536];
    size_t n;
};

struct access_log *access_new(void) {
    struct access_log *l = calloc(1, sizeof *l);
    if (l)
        pthread_mutex_init(&l->lock, NULL);
    return l;
}

static void flush_locked(struct access_log *l) {
    size_t at = 0;
    while (at < l->n) {
        ssize_t n = write(STDERR_FILENO, l->text + at, l->n - at);
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    l->n = 0;
}

void access_flush(struct access_log *l) {
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    flush_locked(l);
    pthread_mutex_unlock(&l->lock);
}

void access_free(struct access_log *l) {
    access_flush(l);
    free(l);
}

void access_write(struct exchange *x) {
    static const char *const methods[] = {"?", "GET", "POST", "PUT", "DELETE"};
    struct access_log *l = x->server->log;
    char line[700], path[400], day[11];
    if (!l || !x->server->config->access_log)
        return;
    static const struct clock real = {0};
    int64_t now = clock_now(&real), rest = now - day_start(day_of(now));
    int n = snprintf(line, sizeof line,
                     "t=%sT%02d:%02d:%02d.%03d level=info event=request id=%.*s method=%s path=%s status=%d bytes=%zu "
                     "ms=%.1f person=%lld\n",
                     day_text(day, day_of(now)), (int)(rest / 3600000), (int)(rest / 60000 % 60),
                     (int)(rest / 1000 % 60), (int)(rest % 1000), STR_ARG(x->in.id), methods[x->method],
                     log_quote(path, sizeof path, x->in.path), x->status, x->answer_bytes,
                     (double)(clock_mono_ns() - x->started_ns) / 1e6, (long long)x->work.actor.person_id);
    if (n <= 0)
        return;
    size_t len = (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    pthread_mutex_lock(&l->lock);
    if (l->n + len > sizeof l->text)
        flush_locked(l);
    memcpy(l->text + l->n, line, len);
    l->n += len;
    pthread_mutex_unlock(&l->lock);
}
