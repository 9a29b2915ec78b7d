/* disclosure_public.c: what the public may read: only the public version of a disclosure, or its tombstone. */
#include "disclosure/disclosure_internal.h"

static const char *type_name(struct str extension) {
    static const char *const names[][2] = {
        {"pdf", "PDF 文档"},    {"docx", "Word 文档"},   {"doc", "Word 文档"}, {"wps", "WPS 文字"},
        {"xlsx", "Excel 表格"}, {"xls", "Excel 表格"},   {"et", "WPS 表格"},   {"pptx", "演示文稿"},
        {"ppt", "演示文稿"},    {"ofd", "OFD 版式文档"}, {"jpg", "图片"},      {"png", "图片"},
        {"gif", "图片"},        {"webp", "图片"},        {"zip", "压缩包"},    {"csv", "CSV 表格"},
        {"txt", "文本"},        {"mp4", "视频"},         {"mp3", "音频"},
    };
    for (size_t i = 0; i < countof(names); i++)
        if (str_is(extension, names[i][0]))
            return names[i][1];
    return "文件";
}

static struct str size_text(struct arena *a, int64_t bytes) {
    if (bytes < 1024)
        return str_printf(a, "%lld 字节", (long long)bytes);
    if (bytes < 1024 * 1024)
        return str_printf(a, "%lld KB", (long long)((bytes + 1023) / 1024));
    return str_printf(a, "%.1f MB", (double)bytes / (1024.0 * 1024.0));
}

json_t *attachments_json(struct work *w, const struct disclosure *d, int64_t version_id, bool desk) {
    struct db_rows r;
    json_t *list = json_array();
    if (db_query(w, &sql_disclosure_attachments, &r, DB_INT(version_id)) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = json_object();
        long long position = (long long)db_i(&r, i, 0);
        json_set_int(o, "position", position);
        json_set_str(o, "name", db_s(&r, i, 1));
        json_set_str(o, "sha256", db_s(&r, i, 3));
        json_set_str(o, "sm3", db_s(&r, i, 10));
        json_set_int(o, "size", db_i(&r, i, 4));
        json_set_str(o, "size_text", size_text(w->arena, db_i(&r, i, 4)));
        json_object_set_new(o, "type_name", json_string(type_name(db_s(&r, i, 6))));
        if (db_i(&r, i, 7))
            json_set_int(o, "pages", db_i(&r, i, 7));
        if (desk) {
            json_set_str(o, "problem", db_s(&r, i, 9));
            json_set_str(o, "url",
                         str_printf(w->arena, "/desk/disclosures/%lld/attachments/%lld/%lld", (long long)d->id,
                                    (long long)version_id, position));
        } else {
            json_set_str(o, "url", str_printf(w->arena, "/attachments/%.*s/%lld", STR_ARG(d->public_id), position));
        }
        json_array_append_new(list, o);
    }
    return list;
}

json_t *version_json(const struct version *v) {
    json_t *o = json_object();
    const struct {
        const char *key;
        struct str value;
    } parts[] = {
        {"title", v->title},       {"number", v->number},
        {"body", v->body},         {"summary", v->summary},
        {"genre", v->genre},       {"theme", v->theme},
        {"source", v->source},     {"attribute", v->attribute},
        {"ground", v->ground},     {"ground_note", v->ground_note},
        {"formed", v->formed},     {"effective", v->effective},
        {"expires", v->expires},   {"validity", v->validity},
        {"keywords", v->keywords}, {"sha256", v->sha256},
    };
    for (size_t i = 0; i < countof(parts); i++)
        if (parts[i].value.n)
            json_set_str(o, parts[i].key, parts[i].value);
    json_set_int(o, "version", v->number_of_version);
    json_object_set_new(o, "attribute_name", json_string(attribute_name(v->attribute)));
    json_object_set_new(o, "ground_name", json_string(ground_name(v->ground)));
    json_object_set_new(o, "validity_name", json_string(validity_name(v->validity)));
    return o;
}

static json_t *plan_json(struct work *w, const struct disclosure *d) {
    struct db_rows r;
    if (db_query(w, &sql_plan_task_list, &r, DB_INT(d->id)) < 0 || r.n == 0)
        return NULL;
    json_t *o = json_object(), *tasks = db_json(&r), *t;
    size_t i;
    day_t due;
    json_array_foreach(tasks, i, t) {
        bool done = str_is(str_z(json_string_value(json_object_get(t, "state"))), "done");
        bool late =
            !done && day_parse(str_z(json_string_value(json_object_get(t, "due"))), &due) == 0 && due < work_today(w);
        json_object_set_new(t, "done", json_boolean(done));
        json_object_set_new(t, "past", json_boolean(late));
    }
    json_object_set_new(o, "tasks", tasks);
    return o;
}

static json_t *unit_json(const struct disclosure *d) {
    json_t *o = json_object();
    json_set_str(o, "name", d->unit_name);
    json_set_str(o, "code", d->unit_code);
    return o;
}

static int add_item(struct work *w, json_t *o, int64_t item_id) {
    struct item item;
    if (item_id == 0)
        return 0;
    int n = item_in_force(w, item_id, work_today(w), &item);
    if (n < 0)
        return -1;
    if (n == 1)
        json_object_set_new(o, "item", item_json(w, &item));
    return 0;
}

/* Said of a page of a past instant: what became of it since. */
static void add_since(struct work *w, json_t *o, const struct disclosure *d, const struct version *v) {
    if (!w->as_of || v->public_to == 0)
        return;
    json_t *later = json_object();
    json_set_instant(w->arena, later, "until", v->public_to);
    json_set_bool(later, "withdrawn", d->public_version_id == 0);
    json_object_set_new(o, "later", later);
}

/* The receipt's numbers for the page: where the publication stands in the log. */
static void add_receipt(struct work *w, json_t *o, const struct disclosure *d, const struct version *v) {
    json_t *e = publication_event(w, d->id, v->number_of_version);
    if (!e)
        return;
    json_t *receipt = json_pack("{s:O}", "at_text", json_object_get(e, "at_text"));
    json_set_str(receipt, "sha256", v->sha256);
    if (json_object_get(e, "seq"))
        json_object_set(receipt, "seq", json_object_get(e, "seq"));
    json_object_set_new(o, "receipt", receipt);
    json_decref(e);
}

/* Which of the public editions it is, counted from the first. */
static void add_edition(struct work *w, json_t *o, const struct disclosure *d) {
    json_t *list = versions_json(w, d), *one;
    size_t i;
    json_array_foreach(list, i, one) if (json_is_true(json_object_get(one, "current"))) {
        json_object_set(o, "edition", json_object_get(one, "edition"));
        json_object_set(o, "check", json_object_get(one, "check"));
        json_set_str(o, "qr_url", str_printf(w->arena, "%s/qr.svg", json_string_value(json_object_get(one, "check"))));
    }
    json_object_set_new(o, "versions", list);
}

/* Policy and interpretation, linked both ways; a link only to what is public at this instant. */
static int add_links(struct work *w, json_t *o, const struct disclosure *d, const struct version *v) {
    struct db_rows r;
    struct disclosure about;
    int64_t version;
    struct str id = element_value(w->arena, v->elements, ELEMENT_INTERPRETS);
    json_t *list = json_array();
    if (id.n && disclosure_by_public_id(w, id, &about) == 1 && public_version_now(w, &about, &version) == 1)
        json_object_set_new(o, "interprets",
                            json_pack("{s:s%, s:s%}", "public_id", id.p, id.n, "title", about.title.p, about.title.n));
    if (w->error.code != ERR_INTERNAL)
        error_clear(w); /* not public now: no link */
    if (db_query(w, &sql_disclosure_about, &r, DB_INT(d->id), DB_INT(w->as_of)) < 0) {
        json_decref(list);
        return -1;
    }
    for (size_t i = 0; i < r.n; i++) {
        json_t *one = json_object();
        json_set_str(one, "public_id", db_s(&r, i, 0));
        json_set_str(one, "title", db_s(&r, i, 1));
        json_set_day(w->arena, one, "day", day_of(db_i(&r, i, 2)));
        json_array_append_new(list, one);
    }
    json_set_bool(o, "has_interpretations", r.n > 0);
    json_object_set_new(o, "interpretations", list);
    return 0;
}

static void add_kind(struct work *w, json_t *o, const struct disclosure *d, const struct version *v) {
    const struct kind *k = kind_of(d->kind);
    json_t *elements = elements_json(w, k, v->elements);
    struct str until = element_value(w->arena, v->elements, ELEMENT_OPINIONS_UNTIL);
    day_t day;
    json_object_set_new(o, "kind_name", json_string(d->kind.n ? k->name : ""));
    json_object_set_new(o, "elements", elements);
    if (until.n && day_parse(until, &day) == 0) {
        json_set_bool(o, "opinions_open", day >= work_today(w));
        json_set_bool(o, "opinions_closed", day < work_today(w));
    }
}

int disclosure_profile(struct work *w, int64_t unit_id, json_t **ret) {
    struct db_rows r;
    struct disclosure d;
    struct version v;
    int n = db_one(w, &sql_disclosure_profile_of, &r, DB_INT(unit_id));
    if (n <= 0 || w->as_of)
        return n < 0 ? -1 : 0;
    if (disclosure_get(w, db_i(&r, 0, 0), &d) < 0 || version_get(w, d.public_version_id, &v) < 0)
        return -1;
    json_t *o = version_json(&v);
    json_set_str(o, "public_id", d.public_id);
    json_set_instant(w->arena, o, "published", v.public_from);
    json_object_set_new(o, "elements", elements_json(w, kind_of(d.kind), v.elements));
    json_set_bool(o, "demo", d.demo);
    *ret = o;
    return 1;
}

static json_t *page_json(struct work *w, const struct disclosure *d, int64_t version_id) {
    struct version v;
    if (version_get(w, version_id, &v) < 0)
        return NULL;
    if (d->expired_at && d->expired_at <= w->now)
        v.validity = S("expired");
    json_t *o = version_json(&v), *plan = plan_json(w, d);
    json_set_str(o, "public_id", d->public_id);
    json_set_str(o, "index_number", d->index_number);
    json_object_set_new(o, "unit", unit_json(d));
    json_set_instant(w->arena, o, "published", d->published_at);
    if (v.public_from != d->published_at) {
        json_set_instant(w->arena, o, "changed", v.public_from);
        json_set_bool(o, "corrected", true);
    }
    json_set_bool(o, "demo", d->demo);
    json_object_set_new(o, "five_name", json_string(five_name(d->five)));
    json_object_set_new(o, "attachments", attachments_json(w, d, version_id, false));
    add_edition(w, o, d);
    add_since(w, o, d, &v);
    add_receipt(w, o, d, &v);
    if (plan)
        json_object_set_new(o, "plan", plan);
    add_kind(w, o, d, &v);
    if (add_item(w, o, d->item_id) < 0 || add_column(w, o, d, &v) < 0 || add_links(w, o, d, &v) < 0) {
        json_decref(o);
        return NULL;
    }
    return o;
}

json_t *disclosure_public(struct work *w, struct str public_id) {
    struct disclosure d;
    int64_t version_id;
    int n = disclosure_by_public_id(w, public_id, &d);
    if (n < 0)
        return NULL;
    if (n == 0) {
        fail(w, ERR_NOT_FOUND, "没有这条公开信息，请核对网址，或从目录、检索进入");
        return NULL;
    }
    n = public_version_now(w, &d, &version_id);
    if (n < 0)
        return NULL;
    if (n == 0) {
        struct error why = w->error;
        error_clear(w);
        json_t *o = why.code == ERR_GONE ? tombstone_json(w, &d) : NULL;
        w->error = why;
        return o;
    }
    return page_json(w, &d, version_id);
}

/* Chooses the statement the planner can see through: one filter each. */
static int latest_rows(struct work *w, const struct disclosure_filter *f, int64_t key, int64_t id, int64_t size,
                       struct db_rows *r) {
    struct str title, number;
    if (w->as_of)
        return latest_as_of(w, f, key, id, size, r);
    if (f->q.n) {
        like_patterns(w, f->q, &title, &number);
        return db_query(w, &sql_disclosure_search, r, DB_INT(key), DB_INT(id), DB_INT(size), DB_TEXT(title),
                        DB_TEXT(number));
    }
    if (f->unit_id)
        return db_query(w, &sql_disclosure_latest_unit, r, DB_INT(key), DB_INT(id), DB_INT(size), DB_INT(f->unit_id));
    if (f->item_id)
        return db_query(w, &sql_disclosure_latest_item, r, DB_INT(key), DB_INT(id), DB_INT(size), DB_INT(f->item_id));
    if (f->field_id)
        return db_query(w, &sql_disclosure_latest_field, r, DB_INT(key), DB_INT(id), DB_INT(size), DB_INT(f->field_id));
    if (f->five.n)
        return db_query(w, &sql_disclosure_latest_five, r, DB_INT(key), DB_INT(id), DB_INT(size), DB_TEXT(f->five));
    if (f->kind.n)
        return db_query(w, &sql_disclosure_latest_kind, r, DB_INT(key), DB_INT(id), DB_INT(size), DB_TEXT(f->kind));
    return db_query(w, &sql_disclosure_latest_all, r, DB_INT(key), DB_INT(id), DB_INT(size));
}

json_t *disclosure_latest(struct work *w, const struct disclosure_filter *f, struct str *ret_after) {
    struct db_rows r;
    int64_t key, id, size = f->page_size > 0 && f->page_size <= LIMIT_PAGE_SIZE ? f->page_size : 20;
    if (view_cursor_read(w, f->after, &key, &id) < 0 || latest_rows(w, f, key, id, size + 1, &r) < 0)
        return NULL;
    bool more = r.n > (size_t)size;
    if (more)
        r.n = (size_t)size;
    json_t *list = json_array();
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = db_json_row(&r, i);
        json_object_del(o, "id");
        json_set_instant(w->arena, o, "published", db_i(&r, i, 4));
        json_object_del(o, "published_at");
        json_set_day(w->arena, o, "day", day_of(db_i(&r, i, 4)));
        json_object_set_new(o, "five_name", json_string(five_name(db_s(&r, i, 5))));
        json_object_set_new(o, "demo", json_boolean(db_i(&r, i, 7)));
        json_array_append_new(list, o);
    }
    if (ret_after)
        *ret_after = more ? view_cursor(w->arena, db_i(&r, r.n - 1, 4), db_i(&r, r.n - 1, 0)) : STR_NONE;
    return list;
}

json_t *disclosure_fresh_by_field(struct work *w) {
    struct db_rows r;
    json_t *o = json_object();
    int64_t since = w->now - 30LL * 86400000;
    int rc = w->as_of ? db_query(w, &sql_disclosure_fresh_by_field_as_of, &r, DB_INT(since), DB_INT(w->as_of))
                      : db_query(w, &sql_disclosure_fresh_by_field, &r, DB_INT(since));
    if (rc < 0)
        return o;
    for (size_t i = 0; i < r.n; i++)
        json_set_int(o, str_printf(w->arena, "%02lld", (long long)db_i(&r, i, 0)).p, db_i(&r, i, 1));
    return o;
}
