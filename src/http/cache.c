/* cache.c: the page cache: a public page is rendered once per generation and display variant, kept as immutable shared
 * responses (plain, gzip, brotli, 304), and thrown away when the generation moves. Lookup and queueing happen under one
 * read lock, so that eviction cannot free a response in between. */
#include "http/http_internal.h"
#include <brotli/encode.h>
#include <openssl/evp.h>
#include <zlib.h>

#define BUCKETS 4096
enum coding { PLAIN, GZIP, BROTLI, CODINGS };
static const char *const coding_names[CODINGS] = {NULL, "gzip", "br"};

struct page {
    struct page *next, *newer; /* in the bucket; in order of age */
    char *key;
    uint64_t hash, generation;
    char etag[CODINGS][40];
    struct MHD_Response *response[CODINGS], *not_modified[CODINGS];
    size_t bytes[CODINGS], total;
};
struct cache {
    pthread_rwlock_t lock;
    struct page *buckets[BUCKETS];
    struct page *oldest, *newest;
    size_t total;
};

struct cache *cache_new(void) {
    struct cache *c = calloc(1, sizeof *c);
    if (c)
        pthread_rwlock_init(&c->lock, NULL);
    return c;
}

static void page_free(struct page *p) {
    for (int i = 0; i < CODINGS; i++) {
        if (p->response[i])
            MHD_destroy_response(p->response[i]);
        if (p->not_modified[i])
            MHD_destroy_response(p->not_modified[i]);
    }
    free(p->key);
    free(p);
}

void cache_free(struct cache *c) {
    if (!c)
        return;
    for (struct page *p = c->oldest, *n; p; p = n) {
        n = p->newer;
        page_free(p);
    }
    pthread_rwlock_destroy(&c->lock);
    free(c);
}

int64_t cache_bytes(struct cache *c) {
    pthread_rwlock_rdlock(&c->lock);
    int64_t n = (int64_t)c->total;
    pthread_rwlock_unlock(&c->lock);
    return n;
}

struct str gzip_bytes(struct arena *a, struct str s, int level) {
    z_stream z = {0};
    if (s.n > UINT32_MAX / 2 || deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return STR_NONE;
    size_t cap = deflateBound(&z, s.n);
    char *out = arena_alloc(a, cap);
    z.next_in = (Bytef *)(uintptr_t)s.p;
    z.avail_in = (uInt)s.n;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)cap;
    int rc = deflate(&z, Z_FINISH);
    size_t n = z.total_out;
    deflateEnd(&z);
    return rc == Z_STREAM_END ? (struct str){out, n} : STR_NONE;
}

struct str brotli_bytes(struct arena *a, struct str s, int quality) {
    size_t n = BrotliEncoderMaxCompressedSize(s.n);
    if (n == 0)
        return STR_NONE;
    uint8_t *out = arena_alloc(a, n);
    return BrotliEncoderCompress(quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, s.n, (const uint8_t *)s.p, &n, out)
               ? (struct str){(char *)out, n}
               : STR_NONE;
}

/* One coding of a page. The 304 carries what the page would. */
static void page_coding(const struct http_server *s, struct page *p, enum coding k, struct str bytes,
                        const char *digest) {
    if (!bytes.p)
        return;
    snprintf(p->etag[k], sizeof p->etag[k], "\"%s%s\"", digest, k == GZIP ? "-g" : k == BROTLI ? "-b" : "");
    p->bytes[k] = bytes.n;
    p->total += bytes.n;
    struct MHD_Response *both[] = {
        MHD_create_response_from_buffer(bytes.n, (void *)(uintptr_t)bytes.p, MHD_RESPMEM_MUST_COPY),
        MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT),
    };
    for (size_t i = 0; i < countof(both); i++) {
        reply_headers(s, both[i]);
        MHD_add_response_header(both[i], "Content-Type", "text/html; charset=utf-8");
        MHD_add_response_header(both[i], "Cache-Control", "no-cache");
        MHD_add_response_header(both[i], "Vary", "Accept-Encoding, Cookie");
        MHD_add_response_header(both[i], "ETag", p->etag[k]);
        if (coding_names[k])
            MHD_add_response_header(both[i], "Content-Encoding", coding_names[k]);
    }
    p->response[k] = both[0];
    p->not_modified[k] = both[1];
}

static struct page *find(struct cache *c, const char *key, uint64_t hash) {
    for (struct page *p = c->buckets[hash % BUCKETS]; p; p = p->next)
        if (p->hash == hash && strcmp(p->key, key) == 0)
            return p;
    return NULL;
}

static void unlink_page(struct cache *c, struct page *gone) {
    struct page **at = &c->buckets[gone->hash % BUCKETS];
    while (*at != gone)
        at = &(*at)->next;
    *at = gone->next;
    struct page *before = NULL;
    for (struct page *p = c->oldest; p != gone; p = p->newer)
        before = p;
    if (before)
        before->newer = gone->newer;
    else
        c->oldest = gone->newer;
    if (c->newest == gone)
        c->newest = before;
    c->total -= gone->total;
}

void cache_keep(struct exchange *x, struct str html) {
    struct cache *c = x->server->cache;
    unsigned char md[32];
    unsigned md_n;
    if (!x->cache_key[0] || html.n > LIMIT_PAGE_CACHE_BYTES / 16 ||
        EVP_Digest(html.p, html.n, md, &md_n, EVP_sha256(), NULL) != 1)
        return;
    struct page *p = calloc(1, sizeof *p);
    if (!p)
        return;
    const char *digest = hex_encode(x->arena, md, 12).p;
    p->key = strdup(x->cache_key);
    p->hash = str_hash(str_z(x->cache_key));
    p->generation = x->generation;
    page_coding(x->server, p, PLAIN, html, digest);
    page_coding(x->server, p, GZIP, gzip_bytes(x->arena, html, 6), digest);
    page_coding(x->server, p, BROTLI, brotli_bytes(x->arena, html, 5), digest);
    pthread_rwlock_wrlock(&c->lock);
    struct page *old = find(c, p->key, p->hash);
    if (old) {
        unlink_page(c, old);
        page_free(old);
    }
    p->next = c->buckets[p->hash % BUCKETS];
    c->buckets[p->hash % BUCKETS] = p;
    if (c->newest)
        c->newest->newer = p;
    else
        c->oldest = p;
    c->newest = p;
    c->total += p->total;
    while (c->total > LIMIT_PAGE_CACHE_BYTES / 4 && c->oldest != p) {
        struct page *gone = c->oldest;
        unlink_page(c, gone);
        page_free(gone);
    }
    pthread_rwlock_unlock(&c->lock);
}

static enum coding choose(struct MHD_Connection *mhd) {
    if (accepts(mhd, "br"))
        return BROTLI;
    return accepts(mhd, "gzip") ? GZIP : PLAIN;
}

bool cache_serve(struct exchange *x) {
    struct cache *c = x->server->cache;
    enum coding k = choose(x->mhd);
    bool served = false;
    uint64_t hash = str_hash(str_z(x->cache_key));
    struct str match = str_z(MHD_lookup_connection_value(x->mhd, MHD_HEADER_KIND, "If-None-Match"));
    pthread_rwlock_rdlock(&c->lock);
    struct page *p = find(c, x->cache_key, hash);
    if (p && p->generation == x->generation) {
        if (!p->response[k])
            k = PLAIN;
        bool same = match.n && etag_matches(match, p->etag[k]);
        x->status = same ? 304 : 200;
        x->answer_bytes = same ? 0 : p->bytes[k];
        served = MHD_queue_response(x->mhd, (unsigned)x->status, same ? p->not_modified[k] : p->response[k]) == MHD_YES;
    }
    pthread_rwlock_unlock(&c->lock);
    if (served)
        atomic_fetch_add(&x->server->hits, 1);
    return served;
}
