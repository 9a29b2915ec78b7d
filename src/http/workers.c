/* workers.c: a bounded pool for everything that may block. */
#include "http/http_internal.h"

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t ready;
    struct exchange *first, *last;
    size_t waiting;
    bool stopping;
    pthread_t threads[256];
    int count;
};

static struct exchange *take(struct workers *w) {
    pthread_mutex_lock(&w->lock);
    while (!w->first && !w->stopping)
        pthread_cond_wait(&w->ready, &w->lock);
    struct exchange *x = w->first;
    if (x) {
        w->first = x->next;
        if (!w->first)
            w->last = NULL;
        w->waiting--;
    }
    pthread_mutex_unlock(&w->lock);
    return x;
}

static void *work_loop(void *arg) {
    for (struct exchange *x; (x = take(arg));)
        x->task(x);
    return NULL;
}

struct workers *workers_new(int threads) {
    struct workers *w = calloc(1, sizeof *w);
    pthread_attr_t attr;
    if (!w)
        return NULL;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->ready, NULL);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 2 * 1024 * 1024); /* gumbo frees its tree by recursion */
    for (; w->count < threads && w->count < (int)countof(w->threads); w->count++)
        if (pthread_create(&w->threads[w->count], &attr, work_loop, w) != 0)
            break;
    pthread_attr_destroy(&attr);
    return w;
}

bool workers_submit(struct workers *w, struct exchange *x) {
    pthread_mutex_lock(&w->lock);
    bool room = w->waiting < LIMIT_QUEUE;
    if (room) {
        x->next = NULL;
        if (w->last)
            w->last->next = x;
        else
            w->first = x;
        w->last = x;
        w->waiting++;
        pthread_cond_signal(&w->ready);
    }
    pthread_mutex_unlock(&w->lock);
    return room;
}

void workers_free(struct workers *w) {
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_broadcast(&w->ready);
    pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < w->count; i++)
        pthread_join(w->threads[i], NULL);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->ready);
    free(w);
}
