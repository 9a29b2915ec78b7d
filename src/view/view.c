/* view.c: templates by name, and the endings of handlers.
 *
 * All templates are compiled at start; with config->assets_dir set (--dev) a template is read and compiled again for
 * every page, so that a designer sees a change at once. */
#include "view/view.h"

struct named {
    const char *name; /* "disclosure/edit" */
    const struct mustache *m;
};
static struct named *templates;
static size_t template_count;
static const struct app_config *config;

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

/* "templates/desk/home.mustache" → "desk/home"; NULL when it is no template. */
static char *template_name(const char *asset) {
    struct str s = str_z(asset);
    if (!str_starts(s, S("templates/")) || !str_ends(s, S(".mustache")))
        return NULL;
    return strndup(asset + 10, s.n - 10 - 9);
}

void view_init(const struct app_config *c) {
    char why[300];
    config = c;
    templates = calloc(app_asset_count + 1, sizeof *templates);
    if (!templates)
        abort();
    for (size_t i = 0; i < app_asset_count; i++) {
        char *name = template_name(app_assets[i].name);
        if (!name)
            continue;
        struct mustache *m = mustache_compile(app_assets[i].bytes, why, sizeof why);
        if (!m) {
            fprintf(stderr, "%s: %s\n", app_assets[i].name, why);
            exit(1);
        }
        templates[template_count++] = (struct named){name, m};
    }
    qsort(templates, template_count, sizeof *templates, by_name);
}

/* ── one rendering ── */

struct rendering {
    struct arena *a;            /* --dev only */
    struct mustache *made[128]; /* --dev: compiled for this page */
    struct str names[128];
    size_t n;
};

static const struct mustache *get_compiled(void *ctx, struct str name) {
    char key[200];
    (void)ctx;
    if (name.n >= sizeof key)
        return NULL;
    memcpy(key, name.p, name.n);
    key[name.n] = 0;
    struct named k = {key, NULL};
    const struct named *found = bsearch(&k, templates, template_count, sizeof k, by_name);
    return found ? found->m : NULL;
}

static const struct mustache *get_fresh(void *ctx, struct str name) {
    struct rendering *r = ctx;
    char why[300];
    for (size_t i = 0; i < r->n; i++)
        if (str_eq(r->names[i], name))
            return r->made[i];
    const struct asset *a = asset_find(config, r->a, str_printf(r->a, "templates/%.*s.mustache", STR_ARG(name)).p);
    if (!a || r->n == countof(r->made))
        return NULL;
    struct mustache *m = mustache_compile(a->bytes, why, sizeof why);
    if (!m) {
        log_line(LOG_ERROR, "template", "name=%.*s reason=\"%s\"", STR_ARG(name), why);
        return NULL;
    }
    r->names[r->n] = name;
    return r->made[r->n++] = m;
}

int view_render(const char *name, json_t *globals, json_t *model, struct buf *out) {
    json_t *stack[] = {globals, model};
    struct rendering r = {0};
    bool fresh = config && config->assets_dir;
    if (fresh)
        r.a = arena_new(64u << 20);
    mustache_get *get = fresh ? get_fresh : get_compiled;
    const struct mustache *m = get(&r, str_z(name));
    int rc = m ? mustache_render(m, stack, model ? 2 : 1, get, &r, out) : -1;
    if (rc < 0)
        log_line(LOG_ERROR, "render", "template=%s reason=%s", name, m ? "failed" : "absent");
    for (size_t i = 0; i < r.n; i++)
        mustache_free(r.made[i]);
    if (fresh)
        arena_free(r.a);
    return rc;
}

/* ── endings of handlers ── */

int view_page(struct http_response *out, const char *template, json_t *model) {
    out->template = template;
    out->model = model ? model : json_object();
    return 0;
}

int view_redirect(struct http_request *in, struct http_response *out, const char *fmt, ...) {
    char path[LIMIT_TARGET_BYTES];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(path, sizeof path, fmt, ap);
    va_end(ap);
    out->location = str_dupz(in->w->arena, str_z(path));
    if (in->api && !out->model)
        json_set_str(out->model = json_object(), "location", str_z(path));
    return 0;
}

int view_form_again(struct http_request *in, struct http_response *out, const char *template,
                    const struct field_table *t, json_t *model) {
    if (in->api) {
        json_decref(model);
        return -1; /* a program gets the problem document */
    }
    if (!model)
        model = json_object();
    if (!json_object_get(model, "form"))
        json_object_set_new(model, "form", fields_form(in, t));
    json_object_set_new(model, "error_text", json_string(error_text(&in->w->error)));
    out->status = error_status(in->w->error.code);
    return view_page(out, template, model);
}

/* ── lists ── */

void view_pager(struct http_request *in, json_t *model, struct str after, int64_t page_size) {
    json_t *pager = json_object();
    json_set_int(pager, "page_size", page_size);
    if (after.n) {
        json_set_str(pager, "next", after);
        json_set_str(pager, "href", http_with_query(in, "after", after));
    }
    json_object_set_new(model, "pager", pager);
}

struct str view_cursor(struct arena *a, int64_t key, int64_t id) {
    struct str s = str_printf(a, "%lld:%lld", (long long)key, (long long)id);
    return base64url_encode(a, s.p, s.n);
}

int view_cursor_read(struct work *w, struct str s, int64_t *ret_key, int64_t *ret_id) {
    struct str text, key, id;
    int64_t k = INT64_MAX, i = INT64_MAX;
    if (s.n && (base64url_decode(w->arena, s, &text) < 0 || !str_cut(text, ':', &key, &id) || str_int(key, &k) < 0 ||
                str_int(id, &i) < 0))
        return fail(w, ERR_BAD_REQUEST, "续页标记不正确，请从第一页重新打开");
    *ret_key = k;
    *ret_id = i;
    return 0;
}

/* ── small JSON helpers ── */

void json_set_str(json_t *o, const char *key, struct str s) {
    json_t *v = json_stringn(s.p ? s.p : "", s.n);
    json_object_set_new(o, key, v ? v : json_string("")); /* NULL: not UTF-8, which no declared field lets in */
}

void json_set_int(json_t *o, const char *key, int64_t v) {
    json_object_set_new(o, key, json_integer(v));
}

void json_set_bool(json_t *o, const char *key, bool v) {
    json_object_set_new(o, key, json_boolean(v));
}

void json_set_day(struct arena *a, json_t *o, const char *key, day_t d) {
    if (d != DAY_NONE)
        json_set_str(o, key, day_str(a, d));
}

void json_set_instant(struct arena *a, json_t *o, const char *key, int64_t ms) {
    if (ms == 0)
        return;
    json_set_str(o, key, instant_rfc3339(a, ms));
    json_set_str(o, str_printf(a, "%s_text", key).p, instant_text(a, ms));
}
