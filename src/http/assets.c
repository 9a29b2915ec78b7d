/* assets.c: what is embedded in the binary (or read from a tree with --dev), and the web bundle under /static/. */
#include "http/http_internal.h"
#include <errno.h>

static int by_name(const void *key, const void *asset) {
    return strcmp(key, ((const struct asset *)asset)->name);
}

static const struct asset *from_disk(struct arena *a, struct str path, const char *name) {
    FILE *f = fopen(path.p, "re");
    if (!f)
        return NULL;
    struct buf b;
    char block[16384];
    size_t n;
    buf_init(&b, 64u << 20);
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        buf_add(&b, (struct str){block, n});
    fclose(f);
    struct asset *o = arena_one(a, struct asset);
    o->name = str_dupz(a, str_z(name));
    o->bytes = str_dup(a, buf_str(&b));
    o->hash = "dev";
    buf_release(&b);
    return o;
}

/* The bundle lives in build/web of the tree; everything else under its own name. */
static struct str path_in_tree(const struct app_config *c, struct arena *a, const char *name) {
    return strncmp(name, "web/", 4) == 0 ? str_printf(a, "%s/build/%s", c->assets_dir, name)
                                         : str_printf(a, "%s/%s", c->assets_dir, name);
}

const struct asset *asset_find(const struct app_config *c, struct arena *a, const char *name) {
    bool data = strncmp(name, "data/", 5) == 0 && !strstr(name, "..");
    const struct asset *own = c && data && c->rules_dir && *c->rules_dir
                                  ? from_disk(a, str_printf(a, "%s/%s", c->rules_dir, name + 5), name)
                                  : NULL;
    if (own)
        return own;
    if (c && c->assets_dir && !strstr(name, ".."))
        return from_disk(a, path_in_tree(c, a, name), name);
    return bsearch(name, app_assets, app_asset_count, sizeof *app_assets, by_name);
}

const char *asset_url(const struct app_config *c, struct arena *a, const char *name) {
    const struct asset *found = asset_find(c, a, str_printf(a, "web/%s", name).p);
    const char *dot = strrchr(name, '.');
    if (!found || !dot)
        return NULL;
    return str_printf(a, "/static/%.*s.%s%s", (int)(dot - name), name, found->hash, dot).p;
}

/* ── /static/ ── */

static const char *type_of(struct str name) {
    static const char *const types[][2] = {
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".woff2", "font/woff2"},
        {".ico", "image/x-icon"},
        {".txt", "text/plain; charset=utf-8"},
    };
    for (size_t i = 0; i < countof(types); i++)
        if (str_ends(name, str_z(types[i][0])))
            return types[i][1];
    return "application/octet-stream";
}

/* "app.<hash>.css" → "app.css" and its hash. */
static struct str plain_name(struct arena *a, struct str file, struct str *ret_hash) {
    ptrdiff_t last = -1, before = -1;
    for (size_t i = 0; i < file.n; i++)
        if (file.p[i] == '.') {
            before = last;
            last = (ptrdiff_t)i;
        }
    if (before < 0)
        return STR_NONE;
    *ret_hash = str_sub(file, (size_t)before + 1, (size_t)(last - before) - 1);
    return str_printf(a, "%.*s%.*s", (int)before, file.p, (int)(file.n - (size_t)last), file.p + last);
}

static struct { /* compressed forms of the embedded bundle, made once */
    struct str gzip, brotli;
} * packed;
static struct arena *packed_arena;

void assets_init(const struct app_config *c) {
    if (packed || (c && c->assets_dir))
        return;
    packed_arena = arena_new(64u << 20);
    packed = calloc(app_asset_count + 1, sizeof *packed);
    for (size_t i = 0; packed && i < app_asset_count; i++) {
        if (strncmp(app_assets[i].name, "web/", 4) != 0)
            continue;
        struct arena *a = arena_new(64u << 20);
        packed[i].gzip = str_dup(packed_arena, gzip_bytes(a, app_assets[i].bytes, 6));
        packed[i].brotli = str_dup(packed_arena, brotli_bytes(a, app_assets[i].bytes, 5));
        arena_free(a);
    }
}

bool assets_serve(struct exchange *x) {
    struct str path = x->in.path, hash;
    if (!str_starts(path, S("/static/")) || x->method != HTTP_GET)
        return false;
    struct str name = plain_name(x->arena, str_sub(path, 8, path.n), &hash);
    const struct asset *found =
        name.n ? asset_find(x->server->config, x->arena, str_printf(x->arena, "web/%.*s", STR_ARG(name)).p) : NULL;
    bool embedded = found && found >= app_assets && found < app_assets + app_asset_count;
    if (!found || (embedded && !str_is(hash, found->hash)))
        return false;
    struct str bytes = found->bytes;
    const char *coding = NULL;
    size_t k = embedded ? (size_t)(found - app_assets) : 0;
    if (embedded && packed && packed[k].brotli.n && accepts(x->mhd, "br")) {
        bytes = packed[k].brotli;
        coding = "br";
    } else if (embedded && packed && packed[k].gzip.n && accepts(x->mhd, "gzip")) {
        bytes = packed[k].gzip;
        coding = "gzip";
    }
    struct MHD_Response *r = MHD_create_response_from_buffer(bytes.n, (void *)(uintptr_t)bytes.p,
                                                             embedded ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_COPY);
    reply_headers(x->server, r);
    MHD_add_response_header(r, "Content-Type", type_of(name));
    MHD_add_response_header(r, "Cache-Control", embedded ? "public, max-age=31536000, immutable" : "no-cache");
    MHD_add_response_header(r, "Vary", "Accept-Encoding");
    if (coding)
        MHD_add_response_header(r, "Content-Encoding", coding);
    x->status = 200;
    x->answer_bytes = bytes.n;
    MHD_queue_response(x->mhd, 200, r);
    MHD_destroy_response(r);
    return true;
}
