/* portal_feed.c: the results of a search in other forms: an Atom feed to subscribe to, tables to download. */
#include "portal/portal_internal.h"

#include <fcntl.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define FEED_ENTRIES 50
#define EXPORT_ROWS 1000

/* Text for XML: what XML 1.0 forbids is left out. */
static void add_xml(struct buf *b, struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '&')
            buf_addz(b, "&amp;");
        else if (c == '<')
            buf_addz(b, "&lt;");
        else if (c == '>')
            buf_addz(b, "&gt;");
        else if (c == '"')
            buf_addz(b, "&quot;");
        else if (c >= ' ' || c == '\n' || c == '\t')
            buf_addc(b, (char)c);
    }
}

static struct str text(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

static void element(struct buf *b, const char *name, struct str value) {
    buf_printf(b, "<%s>", name);
    add_xml(b, value);
    buf_printf(b, "</%s>\n", name);
}

static void add_entry(struct work *w, struct buf *b, const json_t *hit) {
    const char *base = w->config->base_url;
    struct str address = text(hit, "address");
    buf_addz(b, "<entry>\n");
    element(b, "id", str_printf(w->arena, "%s%.*s", base, STR_ARG(address)));
    element(b, "title", text(hit, "title"));
    element(b, "published", text(hit, "published"));
    element(b, "updated", text(hit, "published"));
    buf_printf(b, "<link rel=\"alternate\" type=\"text/html\" href=\"%s", base);
    add_xml(b, address);
    buf_addz(b, "\"/>\n<author>");
    element(b, "name", text(hit, "unit_name"));
    buf_addz(b, "</author>\n");
    element(b, "summary", text(hit, "summary"));
    buf_addz(b, "</entry>\n");
}

/* Newest first; updated is the newest entry's instant, so that an unchanged feed is the same bytes. */
static struct str atom(struct work *w, const struct search_input *x, json_t *hits) {
    struct buf b;
    json_t *hit;
    size_t i;
    const char *base = w->config->base_url;
    buf_init(&b, 4u * 1024 * 1024);
    buf_addz(&b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" "
                 "xml:lang=\"zh-CN\">\n");
    struct str self = search_address(w->arena, x, "/search.atom", NULL, STR_NONE);
    element(&b, "id", str_printf(w->arena, "%s%.*s", base, STR_ARG(self)));
    element(&b, "title", str_printf(w->arena, "%s：%.*s", w->config->site_name, STR_ARG(search_title(w, x))));
    struct str newest = text(json_array_get(hits, 0), "published");
    element(&b, "updated", newest.n ? newest : S("1970-01-01T00:00:00Z"));
    buf_printf(&b, "<link rel=\"self\" type=\"application/atom+xml\" href=\"%s", base);
    add_xml(&b, self);
    buf_printf(&b, "\"/>\n<link rel=\"alternate\" type=\"text/html\" href=\"%s", base);
    add_xml(&b, search_address(w->arena, x, "/search", "sort", S("newest")));
    buf_addz(&b, "\"/>\n");
    json_array_foreach(hits, i, hit) add_entry(w, &b, hit);
    buf_addz(&b, "</feed>\n");
    struct str ret = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return ret;
}

/* All hits up to n, newest first. NULL after an error. */
static json_t *newest_hits(struct http_request *in, struct http_response *out, const struct search_input *x,
                           int64_t n) {
    struct search_query ask;
    search_query_of(x, &ask);
    ask.sort = SEARCH_NEWEST;
    ask.plain = true;
    ask.page = 1;
    ask.size = n;
    out->no_cache = !search_caught_up(1000);
    json_t *model = search_find(in->w, &ask), *hits = model ? json_incref(json_object_get(model, "hits")) : NULL;
    json_decref(model);
    return hits;
}

int portal_search_atom(struct http_request *in, struct http_response *out) {
    struct search_input x;
    if (fields_read(in, &portal_search_table, &x) < 0)
        return -1;
    json_t *hits = newest_hits(in, out, &x, FEED_ENTRIES);
    if (!hits)
        return -1;
    out->body = atom(in->w, &x, hits);
    out->type = "application/atom+xml; charset=utf-8";
    json_decref(hits);
    return 0;
}

/* ── tables ── */

static const struct {
    const char *key, *label;
    int width;
} columns[] = {{"index_number", "索引号", 24},  {"title", "标题", 60},      {"number", "文号", 24},
               {"unit_name", "发布机构", 20},   {"formed", "生成日期", 12}, {"day", "发布日期", 12},
               {"validity_name", "有效性", 10}, {"genre", "体裁", 10},      {"five_name", "五公开类别", 12},
               {"summary", "内容概述", 60},     {"href", "网址", 60}};

static void add_hrefs(struct work *w, json_t *hits) {
    json_t *hit;
    size_t i;
    json_array_foreach(hits, i, hit)
        json_set_str(hit, "href", str_printf(w->arena, "%s%.*s", w->config->base_url, STR_ARG(text(hit, "address"))));
}

/* A field of CSV; what a spreadsheet would take for a formula is made text. */
static void add_csv(struct buf *b, struct str s) {
    buf_addc(b, '"');
    if (s.n && strchr("=+-@\t\r", s.p[0]))
        buf_addc(b, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_addc(b, '"');
        buf_addc(b, s.p[i]);
    }
    buf_addc(b, '"');
}

struct str portal_csv(struct work *w, json_t *hits) {
    struct buf b;
    add_hrefs(w, hits);
    buf_init(&b, 16u * 1024 * 1024);
    buf_addz(&b, "\xEF\xBB\xBF"); /* so that Excel reads UTF-8 */
    for (size_t c = 0; c < countof(columns); c++) {
        buf_addz(&b, c ? "," : "");
        add_csv(&b, str_z(columns[c].label));
    }
    buf_addz(&b, "\r\n");
    for (size_t i = 0; i < json_array_size(hits); i++) {
        for (size_t c = 0; c < countof(columns); c++) {
            buf_addz(&b, c ? "," : "");
            add_csv(&b, text(json_array_get(hits, i), columns[c].key));
        }
        buf_addz(&b, "\r\n");
    }
    struct str ret = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return ret;
}

static struct str json_text(struct arena *a, const json_t *hits) {
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(hits); i++) {
        json_t *o = json_object();
        for (size_t c = 0; c < countof(columns); c++)
            json_set_str(o, columns[c].label, text(json_array_get(hits, i), columns[c].key));
        json_array_append_new(list, o);
    }
    char *dump = json_dumps(list, JSON_INDENT(1));
    struct str ret = str_dup(a, str_z(dump));
    free(dump);
    json_decref(list);
    return ret;
}

static bool write_book(const char *path, const json_t *hits) {
    lxw_workbook *book = workbook_new(path);
    lxw_worksheet *sheet = book ? workbook_add_worksheet(book, "检索结果") : NULL;
    if (!sheet)
        return false;
    lxw_format *head = workbook_add_format(book);
    format_set_bold(head);
    for (size_t c = 0; c < countof(columns); c++) {
        worksheet_set_column(sheet, (lxw_col_t)c, (lxw_col_t)c, columns[c].width, NULL);
        worksheet_write_string(sheet, 0, (lxw_col_t)c, columns[c].label, head);
        for (size_t i = 0; i < json_array_size(hits); i++)
            worksheet_write_string(sheet, (lxw_row_t)i + 1, (lxw_col_t)c,
                                   text(json_array_get(hits, i), columns[c].key).p, NULL);
    }
    worksheet_freeze_panes(sheet, 1, 0);
    return workbook_close(book) == LXW_NO_ERROR;
}

/* The library writes files only: made in data_dir/tmp, read back, removed. */
static int xlsx(struct work *w, const json_t *hits, struct str *ret) {
    const char *path = str_printf(w->arena, "%s/tmp/%s.xlsx", w->config->data_dir, random_token(w->arena, 12).p).p;
    bool ok = write_book(path, hits);
    int fd = ok ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    ok = size > 0;
    char *bytes = arena_many(w->arena, char, ok ? (size_t)size : 1);
    ok = ok && pread(fd, bytes, (size_t)size, 0) == size;
    if (fd >= 0)
        close(fd);
    unlink(path);
    *ret = (struct str){bytes, ok ? (size_t)size : 0};
    return ok ? 0 : fail(w, ERR_INTERNAL, "表格生成失败，请稍后再试");
}

int portal_search_export(struct http_request *in, struct http_response *out) {
    struct search_input x;
    if (fields_read(in, &portal_export_table, &x) < 0)
        return -1;
    json_t *hits = newest_hits(in, out, &x, EXPORT_ROWS);
    if (!hits)
        return -1;
    add_hrefs(in->w, hits);
    int rc = 0;
    const char *end = "csv";
    if (str_is(x.format, "xlsx")) {
        rc = xlsx(in->w, hits, &out->body);
        out->type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        end = "xlsx";
    } else if (str_is(x.format, "json")) {
        out->body = json_text(in->w->arena, hits);
        out->type = "application/json; charset=utf-8";
        end = "json";
    } else {
        out->body = portal_csv(in->w, hits);
        out->type = "text/csv; charset=utf-8";
    }
    out->download_name =
        str_printf(in->w->arena, "检索结果-%.*s.%s", STR_ARG(day_str(in->w->arena, work_today(in->w))), end);
    json_decref(hits);
    return rc;
}
