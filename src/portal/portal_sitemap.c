/* portal_sitemap.c: the site map for machines (sitemaps.org): an index, a part of the fixed pages, and the publications
 * in parts by id: a part never grows beyond what the protocol allows, and an old one changes only with what it names.
 */
#include "portal/portal_internal.h"

#define XMLNS "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\""

static void begin(struct buf *b, const char *element) {
    buf_init(b, 16u * 1024 * 1024);
    buf_printf(b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<%s " XMLNS ">\n", element);
}

static void end(struct work *w, struct buf *b, const char *element, struct http_response *out) {
    buf_printf(b, "</%s>\n", element);
    out->body = str_dup(w->arena, buf_str(b));
    out->type = "application/xml; charset=utf-8";
    buf_release(b);
}

static void add_url(struct buf *b, const char *base, const char *path, struct str rest, struct str day) {
    buf_printf(b, "<url><loc>%s%s%.*s</loc>", base, path, STR_ARG(rest));
    if (day.n)
        buf_printf(b, "<lastmod>%.*s</lastmod>", STR_ARG(day));
    buf_addz(b, "</url>\n");
}

/* The parts that name something: each look jumps to the next public id. */
int portal_sitemap_xml(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct buf b;
    int64_t id = 0;
    int n;
    begin(&b, "sitemapindex");
    buf_printf(&b, "<sitemap><loc>%s/sitemaps/pages.xml</loc></sitemap>\n", w->config->base_url);
    while ((n = disclosure_public_after(w, id, &id)) == 1) {
        int64_t part = (id - 1) / DISCLOSURE_PART_IDS;
        buf_printf(&b, "<sitemap><loc>%s/sitemaps/%lld.xml</loc></sitemap>\n", w->config->base_url, (long long)part);
        id = (part + 1) * DISCLOSURE_PART_IDS;
    }
    end(w, &b, "sitemapindex", out);
    return n;
}

static void add_coded(struct buf *b, const char *base, const char *path, const json_t *list) {
    for (size_t i = 0; i < json_array_size(list); i++)
        add_url(b, base, path, str_z(json_string_value(json_object_get(json_array_get(list, i), "code"))), STR_NONE);
}

static int pages(struct work *w, struct http_response *out) {
    static const char *const fixed[] = {
        "/",       "/info",    "/fields",      "/catalogues",          "/topics",   "/units", "/disclosures",
        "/ledger", "/sitemap", "/supervision", "/supervision/missing", "/five-alls"};
    struct buf b;
    const char *base = w->config->base_url;
    json_t *all = portal_columns(w), *units = unit_list(w, NULL), *topics = portal_parts(w, "topic", NULL);
    begin(&b, "urlset");
    for (size_t i = 0; i < countof(fixed); i++)
        add_url(&b, base, fixed[i], STR_NONE, STR_NONE);
    add_coded(&b, base, "/columns/", json_object_get(all, "columns"));
    add_coded(&b, base, "/info/legal/", json_object_get(all, "legal"));
    add_coded(&b, base, "/topics/", topics);
    add_coded(&b, base, "/units/", units);
    end(w, &b, "urlset", out);
    int rc = all && units && topics ? 0 : -1;
    json_decref(all);
    json_decref(units);
    json_decref(topics);
    return rc;
}

struct listing {
    struct work *w;
    struct buf *b;
    int64_t n;
};

static int add_document(void *ctx, const struct db_rows *one) {
    struct listing *l = ctx;
    add_url(l->b, l->w->config->base_url, "/disclosures/", db_s(one, 0, 0),
            day_str(l->w->arena, day_of(db_i(one, 0, 1))));
    l->n++;
    return 0;
}

/* /sitemaps/pages.xml, /sitemaps/0.xml, /sitemaps/1.xml … */
int portal_sitemap_part(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct buf b;
    int64_t part;
    struct str name = http_path_part(in, "part");
    if (str_is(name, "pages.xml"))
        return pages(w, out);
    struct listing l = {w, &b, 0};
    bool known = str_ends(name, S(".xml")) && str_int(str_sub(name, 0, name.n - 4), &part) == 0 && part >= 0 &&
                 part < INT64_MAX / DISCLOSURE_PART_IDS - 1;
    begin(&b, "urlset");
    int rc = known ? disclosure_public_range(w, part * DISCLOSURE_PART_IDS, (part + 1) * DISCLOSURE_PART_IDS,
                                             add_document, &l)
                   : 0;
    end(w, &b, "urlset", out);
    return rc == 0 && l.n == 0 ? fail(w, ERR_NOT_FOUND, "网站地图没有这一部分") : rc;
}
