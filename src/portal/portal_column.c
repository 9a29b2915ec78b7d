/* portal_column.c: columns as data (data/columns.json) and as the office edits them: each is a filter over what can be
 * found, with a page that says what it holds and when it was last renewed; the 政府信息公开 area with its fixed parts.
 */
#include "portal/portal_internal.h"

struct column_input {
    struct str unit, year, validity, genre;
    int64_t page;
};
static const struct field column_fields[] = {
    FIELD(FIELD_STR, column_input, unit, "单位", FIELD_OPTIONAL, 0, 40, NULL, "单位代码"),
    FIELD(FIELD_STR, column_input, year, "年份", FIELD_OPTIONAL, 0, 4, NULL, NULL),
    FIELD(FIELD_STR, column_input, validity, "有效性", FIELD_OPTIONAL, 0, 20, NULL, NULL),
    FIELD(FIELD_STR, column_input, genre, "体裁", FIELD_OPTIONAL, 0, 20, NULL, NULL),
    FIELD(FIELD_INT, column_input, page, "页码", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
};
const struct field_table portal_column_table = {column_fields, countof(column_fields), sizeof(struct column_input)};

static json_t *shipped(struct work *w) {
    const struct asset *a = asset_find(w->config, w->arena, "data/columns.json");
    json_t *o = a ? json_loadb(a->bytes.p, a->bytes.n, 0, NULL) : NULL;
    if (!o)
        fail(w, ERR_INTERNAL, "data/columns.json 无法读取");
    return o;
}

json_t *portal_columns(struct work *w) {
    return portal_columns_of(w, NULL);
}

/* The entry of a list with this code. Borrowed. */
static json_t *entry_of(json_t *list, struct str code) {
    json_t *o;
    size_t i;
    json_array_foreach(list, i, o) if (str_is(code, json_string_value(json_object_get(o, "code")))) return o;
    return NULL;
}

/* An edited column as one of data/columns.json; it keeps the group of the shipped one it replaces. */
static json_t *column_of_part(struct work *w, const json_t *part, const json_t *before) {
    struct search_input x;
    json_t *o =
        before ? json_copy((json_t *)(uintptr_t)before) : json_pack("{s:s, s:s}", "group", "more", "type", "专题专栏");
    const char *summary = json_string_value(json_object_get(part, "summary"));
    search_input_of(w, str_z(json_string_value(json_object_get(part, "search"))), &x);
    if (!x.kind.n) /* what was published, not what the catalogue asks for */
        x.kind = S("document");
    json_object_set(o, "code", json_object_get(part, "code"));
    json_object_set(o, "name", json_object_get(part, "title"));
    json_object_set(o, "demo", json_object_get(part, "demo"));
    json_object_set(o, "about", json_object_get(part, summary && *summary ? "summary" : "title"));
    json_object_set(
        o, "keywords",
        json_object_get(part, *json_string_value(json_object_get(part, "keywords")) ? "keywords" : "title"));
    json_object_set_new(o, "filter", search_input_json(&x));
    json_object_set_new(o, "edited", json_true());
    if (json_is_true(json_object_get(part, "draft")))
        json_object_set_new(o, "draft", json_true());
    return o;
}

json_t *portal_columns_of(struct work *w, const json_t *draft) {
    json_t *all = shipped(w), *parts = all ? portal_parts(w, "column", draft) : NULL, *part;
    json_t *list = json_object_get(all, "columns");
    size_t i, k;
    if (!parts) {
        json_decref(all);
        return NULL;
    }
    json_array_foreach(parts, i, part) {
        struct str code = str_z(json_string_value(json_object_get(part, "code")));
        json_t *before = entry_of(list, code), *o = column_of_part(w, part, before);
        for (k = 0; k < json_array_size(list) && json_array_get(list, k) != before; k++)
            ;
        if (before)
            json_array_set_new(list, k, o);
        else
            json_array_append_new(list, o);
    }
    json_decref(parts);
    return all;
}

json_t *portal_newest(struct work *w, const struct search_input *x, int64_t page, int64_t size, bool facets) {
    struct search_query q;
    struct then_question then = {.x = x, .page = page, .size = size};
    if (w->as_of)
        return portal_then(w, &then, 1) == 0 ? then.found : NULL;
    search_query_of(x, &q);
    q.sort = SEARCH_NEWEST;
    q.page = page;
    q.size = size;
    q.plain = true;
    q.facets = facets;
    q.related = facets; /* a page of its own, not a few lines on another */
    return search_find(w, &q);
}

/* What a column holds, narrowed by the choices on its page. */
static struct search_input narrowed(const struct search_input *base, const struct column_input *x) {
    struct search_input s = *base;
    s.unit = x->unit.n ? x->unit : s.unit;
    s.year = x->year.n ? x->year : s.year;
    s.validity = x->validity.n ? x->validity : s.validity;
    s.genre = x->genre.n ? x->genre : s.genre;
    return s;
}

/* {"class": "policy"} …; what is no longer in force too: a library shows validity. */
static struct search_input base_of(struct work *w, const json_t *column) {
    struct search_input s;
    search_input_from(w->arena, json_object_get(column, "filter"), &s);
    s.all = s.all || !json_is_true(json_object_get(column, "edited"));
    return s;
}

static struct str own_address(struct work *w, const char *path, const struct column_input *x, const char *name,
                              struct str value) {
    const struct {
        const char *name;
        struct str value;
    } all[] = {
        {"unit", x->unit}, {"year", x->year}, {"validity", x->validity}, {"genre", x->genre}, {"page", STR_NONE}};
    struct str s = str_z(path);
    char sign = '?';
    for (size_t i = 0; i < countof(all); i++) {
        struct str v = strcmp(all[i].name, name) == 0 ? value : all[i].value;
        if (v.n) {
            s = str_printf(w->arena, "%.*s%c%s=%.*s", STR_ARG(s), sign, all[i].name, STR_ARG(str_percent(w->arena, v)));
            sign = '&';
        }
    }
    return s;
}

/* One row of choices: all, then the values with counts; the chosen one marked. */
static void put_choice(struct work *w, json_t *groups, const char *path, const struct column_input *x,
                       const char *facet, const char *label, struct str chosen, const json_t *found) {
    json_t *values = json_object_get(json_object_get(found, "facets"), facet), *list = json_array(), *v;
    size_t i;
    if (!chosen.n && json_array_size(values) < 2) {
        json_decref(list);
        return;
    }
    json_array_foreach(values, i, v) {
        struct str value = str_z(json_string_value(json_object_get(v, "value")));
        json_t *o = json_object();
        if (i == 12)
            break;
        json_object_set(o, "label", json_object_get(v, "name"));
        json_object_set(o, "count", json_object_get(v, "count"));
        json_set_bool(o, "active", str_eq(value, chosen));
        json_set_str(o, "href", own_address(w, path, x, facet, value));
        json_array_append_new(list, o);
    }
    json_t *g = json_pack("{s:s, s:o}", "label", label, "values", list);
    if (chosen.n)
        json_set_str(g, "all_href", own_address(w, path, x, facet, STR_NONE));
    json_array_append_new(groups, g);
}

static void put_pages(struct work *w, json_t *model, const char *path, const struct column_input *x) {
    int64_t page = json_integer_value(json_object_get(model, "page")),
            pages = json_integer_value(json_object_get(model, "pages"));
    json_set_bool(model, "several_pages", pages > 1);
    if (page > 1)
        json_set_str(model, "previous_href",
                     own_address(w, path, x, "page",
                                 str_printf(w->arena, "%lld", (long long)(page > pages ? pages : page - 1))));
    if (page < pages)
        json_set_str(model, "next_href",
                     own_address(w, path, x, "page", str_printf(w->arena, "%lld", (long long)page + 1)));
}

/* What only the present offers: a feed, a subscription, a search within, a table. */
static void put_offers(struct work *w, json_t *model, const struct search_input *s) {
    json_set_str(model, "feed", search_address(w->arena, s, "/search.atom", NULL, STR_NONE));
    json_set_str(model, "subscribe", search_address(w->arena, s, "/subscribe", NULL, STR_NONE));
    json_set_str(model, "search_href", search_address(w->arena, s, "/search", "sort", S("newest")));
    json_set_str(model, "csv", search_address(w->arena, s, "/search/export", "format", S("csv")));
    json_set_str(model, "xlsx", search_address(w->arena, s, "/search/export", "format", S("xlsx")));
}

/* The page of a filter: what it holds, when it was last renewed, how to narrow, subscribe and download it. */
static int filter_page(struct http_request *in, struct http_response *out, json_t *about, const char *path) {
    struct work *w = in->w;
    struct column_input x;
    if (fields_read(in, &portal_column_table, &x) < 0)
        return -1;
    out->no_cache = w->as_of || !search_caught_up(1000);
    struct search_input base = base_of(w, about), s = narrowed(&base, &x);
    json_t *model = portal_newest(w, &s, x.page, SEARCH_PAGE, true);
    json_t *first = model ? portal_newest(w, &base, 1, 1, false) : NULL;
    if (!first) {
        json_decref(model);
        return -1;
    }
    json_t *groups = json_array(), *renewed = json_object_get(json_array_get(json_object_get(first, "hits"), 0), "day");
    if (renewed)
        json_object_set(model, "renewed", renewed);
    json_decref(first);
    put_choice(w, groups, path, &x, "validity", "有效性", x.validity, model);
    put_choice(w, groups, path, &x, "unit", "单位", x.unit, model);
    put_choice(w, groups, path, &x, "year", "年份", x.year, model);
    put_choice(w, groups, path, &x, "genre", "体裁", x.genre, model);
    json_object_set_new(model, "groups", groups);
    json_object_set(model, "column", about);
    json_set_bool(model, "found", json_array_size(json_object_get(model, "hits")) > 0);
    json_set_bool(model, "preview", json_is_true(json_object_get(about, "draft")));
    if (!w->as_of)
        put_offers(w, model, &s);
    put_pages(w, model, path, &x);
    return view_page(out, "portal/column", model);
}

int portal_column_page(struct http_request *in, struct http_response *out, struct str code, const json_t *draft) {
    json_t *all = portal_columns_of(in->w, draft), *column = entry_of(json_object_get(all, "columns"), code);
    int rc = !all      ? -1
             : !column ? moved_redirect(in, out, "没有这个栏目，请从网站地图进入")
                       : filter_page(in, out, column, str_printf(in->w->arena, "/columns/%.*s", STR_ARG(code)).p);
    json_decref(all);
    return rc;
}

int portal_column(struct http_request *in, struct http_response *out) {
    return portal_column_page(in, out, http_path_part(in, "code"), NULL);
}

int portal_legal(struct http_request *in, struct http_response *out) {
    struct str code = http_path_part(in, "code");
    json_t *all = portal_columns(in->w), *one = entry_of(json_object_get(all, "legal"), code);
    int rc = -1;
    if (one) {
        json_t *about = json_copy(one);
        json_object_set_new(about, "type", json_string("信息公开目录"));
        json_object_set_new(about, "keywords", json_string("法定主动公开内容"));
        json_object_set_new(about, "legal", json_true());
        json_object_set_new(about, "about",
                            json_sprintf("《政府信息公开条例》%s要求主动公开的内容",
                                         json_string_value(json_object_get(one, "article"))));
        json_object_set_new(about, "filter", json_pack("{s:s%}", "legal", code.p, code.n));
        rc = filter_page(in, out, about, str_printf(in->w->arena, "/info/legal/%.*s", STR_ARG(code)).p);
        json_decref(about);
    } else if (all) {
        rc = fail(in->w, ERR_NOT_FOUND, "条例第二十、二十一条没有这一项");
    }
    json_decref(all);
    return rc;
}

/* ── the 政府信息公开 area: 指南, 制度, 法定主动公开内容, 年报, in this order (rules.md §5.3) ── */

enum { INFO_LINES = 5 };

static void put_found(json_t *o, const json_t *found) {
    json_object_set(o, "count", json_object_get(found, "count"));
    json_object_set(o, "more", json_object_get(found, "more"));
    json_set_bool(o, "any", json_array_size(json_object_get(found, "hits")) > 0);
    json_object_set(o, "hits", json_object_get(found, "hits"));
}

/* How many of each column and of each legal content, and the first lines of each; of a past instant in one walk. */
static int count_into(struct work *w, json_t *columns, json_t *legal) {
    size_t own = json_array_size(columns), n = own + json_array_size(legal), i;
    struct search_input *x = arena_many(w->arena, struct search_input, n + 1);
    struct then_question *q = arena_many(w->arena, struct then_question, n + 1);
    for (i = 0; i < n; i++) {
        json_t *o = i < own ? json_array_get(columns, i) : json_array_get(legal, i - own);
        x[i] = (struct search_input){.from = DAY_NONE, .to = DAY_NONE, .all = true};
        if (i < own)
            x[i] = base_of(w, o);
        else
            x[i].legal = str_z(json_string_value(json_object_get(o, "code")));
        q[i] = (struct then_question){.x = &x[i], .page = 1, .size = INFO_LINES};
    }
    int rc = w->as_of ? portal_then(w, q, n) : 0;
    for (i = 0; rc == 0 && i < n; i++) {
        json_t *found = w->as_of ? q[i].found : portal_newest(w, &x[i], 1, INFO_LINES, false);
        if (found)
            put_found(i < own ? json_array_get(columns, i) : json_array_get(legal, i - own), found);
        rc = found ? 0 : -1;
        json_decref(found);
    }
    return rc;
}

int portal_info(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    out->no_cache = w->as_of || !search_caught_up(1000);
    json_t *all = portal_columns(w), *model = json_object(), *o;
    json_t *columns = json_object_get(all, "columns"), *legal = json_object_get(all, "legal");
    size_t i;
    int rc = all && count_into(w, columns, legal) == 0 ? 0 : -1;
    json_array_foreach(columns, i, o) json_object_set(model, json_string_value(json_object_get(o, "code")), o);
    json_t *art20 = json_array(), *city = json_array(), *town = json_array();
    json_array_foreach(legal, i, o) {
        const char *code = json_string_value(json_object_get(o, "code"));
        json_array_append(strncmp(code, "FD20", 4) == 0 ? art20 : code[5] == 'C' ? city : town, o);
    }
    json_object_set_new(model, "article20", art20);
    json_object_set_new(model, "article21_city", city);
    json_object_set_new(model, "article21_town", town);
    json_decref(all);
    if (rc == 0)
        rc = put_renewal(w, model, &(struct disclosure_filter){0}, NULL);
    return portal_page(out, "portal/info", model, rc);
}

/* ── iCalendar (RFC 5545) of a column whose entries end on a day ── */

/* A content line: text escaped, folded at 75 bytes between characters. */
static void add_line(struct buf *b, const char *name, struct str value) {
    struct buf one;
    buf_init(&one, 64 * 1024);
    buf_printf(&one, "%s:", name);
    for (size_t i = 0; i < value.n; i++) {
        if (strchr(",;\\", value.p[i]) && value.p[i])
            buf_addc(&one, '\\');
        if (value.p[i] == '\n')
            buf_addz(&one, "\\n");
        else if ((unsigned char)value.p[i] >= ' ')
            buf_addc(&one, value.p[i]);
    }
    struct str rest = buf_str(&one);
    for (size_t room = 75; rest.n > room; room = 74) {
        size_t cut = room;
        while (cut && ((unsigned char)rest.p[cut] & 0xC0) == 0x80)
            cut--;
        buf_printf(b, "%.*s\r\n ", (int)cut, rest.p);
        rest = str_sub(rest, cut, rest.n);
    }
    buf_printf(b, "%.*s\r\n", STR_ARG(rest));
    buf_release(&one);
}

static void add_event(struct work *w, struct buf *b, const json_t *hit) {
    struct str until = str_z(json_string_value(json_object_get(hit, "opinions_until")));
    struct str address = str_z(json_string_value(json_object_get(hit, "address")));
    struct str title = str_z(json_string_value(json_object_get(hit, "title")));
    struct str stamp = str_z(json_string_value(json_object_get(hit, "day")));
    day_t day;
    if (day_parse(until, &day) < 0)
        return;
    struct str from = str_replace(w->arena, until, S("-"), S("")),
               to = str_replace(w->arena, day_str(w->arena, day + 1), S("-"), S(""));
    buf_addz(b, "BEGIN:VEVENT\r\n");
    add_line(b, "UID", str_printf(w->arena, "%s%.*s", w->config->base_url, STR_ARG(address)));
    buf_printf(b, "DTSTAMP:%.*sT000000Z\r\n", STR_ARG(str_replace(w->arena, stamp, S("-"), S(""))));
    buf_printf(b, "DTSTART;VALUE=DATE:%.*s\r\nDTEND;VALUE=DATE:%.*s\r\n", STR_ARG(from), STR_ARG(to));
    add_line(b, "SUMMARY", str_printf(w->arena, "征求意见截止：%.*s", STR_ARG(title)));
    add_line(b, "URL", str_printf(w->arena, "%s%.*s", w->config->base_url, STR_ARG(address)));
    buf_addz(b, "END:VEVENT\r\n");
}

int portal_calendar(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    json_t *all = portal_columns(w), *column = entry_of(json_object_get(all, "columns"), http_path_part(in, "code")),
           *hit;
    bool dated = json_is_true(json_object_get(column, "calendar"));
    out->no_cache = !search_caught_up(1000);
    struct search_input base = base_of(w, column);
    json_t *found = dated ? portal_newest(w, &base, 1, 500, false) : NULL;
    struct buf b;
    size_t i;
    buf_init(&b, 1024u * 1024);
    buf_addz(&b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Mingtang//zh-CN\r\n");
    add_line(&b, "X-WR-CALNAME",
             str_printf(w->arena, "%s %s", w->config->site_name,
                        dated ? json_string_value(json_object_get(column, "name")) : ""));
    json_array_foreach(json_object_get(found, "hits"), i, hit) add_event(w, &b, hit);
    buf_addz(&b, "END:VCALENDAR\r\n");
    out->body = str_dup(w->arena, buf_str(&b));
    out->type = "text/calendar; charset=utf-8";
    buf_release(&b);
    json_decref(all);
    json_decref(found);
    if (found)
        return 0;
    return w->error.code ? -1 : fail(w, ERR_NOT_FOUND, "这个栏目没有日历");
}
