/* fields.c: declared fields: the only way input reaches a handler, typed and bounded; messages say what to do. */
#include "http/http_internal.h"

static struct exchange *exchange_of(const struct http_request *in) {
    return in->internal;
}

/* The values sent under a name: from the address for GET, else from the body (form or JSON). */
struct sent {
    struct str text;    /* the first */
    const json_t *json; /* when the body is JSON; NULL otherwise */
    bool present;
};

static const struct params *params_of(const struct exchange *x) {
    return x->method == HTTP_GET ? &x->query : &x->body;
}

static struct sent sent_value(const struct exchange *x, const char *name) {
    if (x->json) {
        const json_t *v = json_object_get(x->json, name);
        struct sent s = {.json = v, .present = v && !json_is_null(v)};
        if (json_is_string(v))
            s.text = (struct str){json_string_value(v), json_string_length(v)};
        else if (json_is_integer(v))
            s.text = str_printf(x->arena, "%lld", (long long)json_integer_value(v));
        else if (json_is_boolean(v))
            s.text = json_is_true(v) ? S("true") : S("false");
        return s;
    }
    const struct params *p = params_of(x);
    for (size_t i = 0; i < p->n; i++)
        if (str_is(p->v[i].name, name))
            return (struct sent){p->v[i].value, NULL, true};
    return (struct sent){0};
}

static bool has_control(struct str s, bool lines) {
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == 0x7F || (c < 0x20 && !(lines && (c == '\n' || c == '\t'))))
            return true;
    }
    return false;
}

static int read_text(struct work *w, const struct field *f, struct str s, struct str *out) {
    bool lines = f->type == FIELD_TEXT;
    int64_t max = f->max ? f->max : lines ? 10000 : 200;
    if (f->type == FIELD_HTML) {
        max = f->max ? f->max : LIMIT_BODY_TEXT;
        if ((int64_t)s.n > max)
            return fail_field(w, f->name, "too_long", "%s过长：不能超过 %lld MB", f->label, (long long)(max >> 20));
        *out = s;
        return 0;
    }
    if (lines)
        s = str_replace(w->arena, str_replace(w->arena, s, S("\r\n"), S("\n")), S("\r"), S("\n"));
    s = str_trim(s);
    if (has_control(s, lines))
        return fail_field(w, f->name, "format", "%s含有不能显示的控制字符，请删除后再提交", f->label);
    int64_t n = (int64_t)utf8_length(s);
    if (n > max)
        return fail_field(w, f->name, "too_long", "%s最多%lld个字，现有%lld个", f->label, (long long)max, (long long)n);
    if (n && n < f->min)
        return fail_field(w, f->name, "too_short", "%s至少%lld个字", f->label, (long long)f->min);
    *out = s;
    return 0;
}

static int read_int(struct work *w, const struct field *f, struct str s, int64_t *out) {
    s = str_trim(s);
    int64_t max = f->max ? f->max : INT64_MAX;
    if (s.n == 0)
        return 0;
    if (str_int(s, out) < 0) {
        *out = 0;
        return fail_field(w, f->name, "format", "%s应为整数", f->label);
    }
    if (*out < f->min || *out > max)
        return max == INT64_MAX ? fail_field(w, f->name, "range", "%s不正确", f->label)
                                : fail_field(w, f->name, "range", "%s应在%lld到%lld之间", f->label, (long long)f->min,
                                             (long long)max);
    return 0;
}

static int read_day(struct work *w, const struct field *f, struct str s, day_t *out) {
    *out = DAY_NONE;
    s = str_trim(s);
    if (s.n && day_parse(s, out) < 0)
        return fail_field(w, f->name, "format", "%s应写成 2026-11-23 这样的日期", f->label);
    return 0;
}

/* "2026-11-23T08:05" in Shanghai, as the browser's control sends it, or RFC 3339 with +08:00 or Z. */
int http_instant(struct str s, int64_t *ret) {
    int64_t h = 0, m = 0, sec = 0;
    day_t d;
    struct str rest = str_sub(s, 16, s.n);
    bool good = s.n >= 16 && day_parse(str_sub(s, 0, 10), &d) == 0 && (s.p[10] == 'T' || s.p[10] == ' ') &&
                s.p[13] == ':' && str_int(str_sub(s, 11, 2), &h) == 0 && str_int(str_sub(s, 14, 2), &m) == 0;
    if (good && rest.n >= 3 && rest.p[0] == ':') {
        good = str_int(str_sub(rest, 1, 2), &sec) == 0;
        rest = str_sub(rest, 3, rest.n);
    }
    bool utc = str_is(rest, "Z") || str_is(rest, "+00:00");
    if (!good || h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 59 ||
        !(rest.n == 0 || utc || str_is(rest, "+08:00")))
        return -1;
    *ret = day_start(d) + ((h * 60 + m) * 60 + sec) * 1000 + (utc ? 8 * 3600000LL : 0);
    return 0;
}

static int read_instant(struct work *w, const struct field *f, struct str s, int64_t *out) {
    s = str_trim(s);
    if (s.n && http_instant(s, out) < 0)
        return fail_field(w, f->name, "format", "%s应写成 2026-11-23T08:30 这样的时间", f->label);
    return 0;
}

const char *field_option_label(const struct field_option *o, struct str value) {
    for (; o->value; o++)
        if (str_is(value, o->value))
            return o->label;
    return "";
}

static int read_enum(struct work *w, const struct field *f, struct str s, struct str *out) {
    s = str_trim(s);
    *out = STR_NONE;
    if (s.n == 0)
        return 0;
    for (const struct field_option *o = f->options; o && o->value; o++)
        if (str_is(s, o->value)) {
            *out = str_z(o->value);
            return 0;
        }
    return fail_field(w, f->name, "unknown", "请在所列选项中选择%s", f->label);
}

static void read_list(const struct exchange *x, const struct field *f, struct str_list *out) {
    const struct params *p = params_of(x);
    size_t n = x->json ? json_array_size(json_object_get(x->json, f->name)) : p->n;
    struct str *v = arena_many(x->arena, struct str, n + 1);
    out->n = 0;
    out->v = v;
    if (x->json) {
        const json_t *e;
        size_t i;
        json_array_foreach(json_object_get(x->json, f->name), i, e) {
            if (json_is_string(e))
                v[out->n++] = (struct str){json_string_value(e), json_string_length(e)};
            else if (json_is_integer(e))
                v[out->n++] = str_printf(x->arena, "%lld", (long long)json_integer_value(e));
        }
        return;
    }
    for (size_t i = 0; i < p->n; i++)
        if (str_is(p->v[i].name, f->name))
            v[out->n++] = p->v[i].value;
}

static void read_files(const struct exchange *x, const struct field *f, struct file_list *out) {
    struct http_file *v = arena_many(x->arena, struct http_file, x->file_count + 1);
    out->v = v;
    out->n = 0;
    for (size_t i = 0; i < x->file_count; i++)
        if (str_is(x->file_fields[i], f->name))
            v[out->n++] = x->files[i];
}

/* The exchange owns what a form's JSON text becomes, as it owns a JSON body. */
static int read_json(struct work *w, struct exchange *x, const struct field *f, struct sent s, json_t **out) {
    if (x->json) {
        *out = json_object_get(x->json, f->name);
    } else if (s.text.n) {
        *out = json_loadb(s.text.p, s.text.n, JSON_REJECT_DUPLICATES, NULL);
        if (!*out)
            return fail_field(w, f->name, "format", "%s不是有效的 JSON", f->label);
        if (!x->form_json)
            x->form_json = json_array();
        json_array_append_new(x->form_json, *out);
    }
    return *out && !json_is_object(*out) && !json_is_array(*out)
               ? fail_field(w, f->name, "format", "%s应为 JSON 对象或数组", f->label)
               : 0;
}

static bool true_word(struct str s) {
    return str_is(s, "1") || str_is(s, "on") || str_is(s, "true");
}

static void read_field(struct http_request *in, const struct field *f, char *base) {
    struct exchange *x = exchange_of(in);
    struct sent s = sent_value(x, f->name);
    void *slot = base + f->offset;
    bool missing = str_trim(s.text).n == 0 && !(s.json && (json_is_array(s.json) || json_is_object(s.json)));
    switch (f->type) {
    case FIELD_STR:
    case FIELD_TEXT:
    case FIELD_HTML:
        read_text(in->w, f, s.text, slot);
        break;
    case FIELD_INT:
        read_int(in->w, f, s.text, slot);
        break;
    case FIELD_BOOL:
        *(bool *)slot = true_word(s.text);
        missing = false;
        break;
    case FIELD_DAY:
        read_day(in->w, f, s.text, slot);
        break;
    case FIELD_INSTANT:
        read_instant(in->w, f, s.text, slot);
        break;
    case FIELD_ENUM:
        read_enum(in->w, f, s.text, slot);
        break;
    case FIELD_LIST:
        read_list(x, f, slot);
        missing = ((struct str_list *)slot)->n == 0;
        break;
    case FIELD_FILES:
        read_files(x, f, slot);
        missing = ((struct file_list *)slot)->n == 0;
        break;
    case FIELD_JSON:
        read_json(in->w, x, f, s, slot);
        break;
    }
    if (missing && (f->flags & FIELD_REQUIRED))
        fail_field(in->w, f->name, "required",
                   f->type == FIELD_FILES  ? "请选择%s"
                   : f->type == FIELD_ENUM ? "请选择%s"
                                           : "%s不能为空",
                   f->label);
}

/* A misspelt member of a JSON body is told, not dropped. */
static void refuse_unknown(struct http_request *in, const struct field_table *t) {
    const struct exchange *x = exchange_of(in);
    const char *key;
    json_t *v;
    if (!x->json)
        return;
    json_object_foreach(x->json, key, v) {
        bool known = key[0] == '_';
        for (size_t i = 0; i < t->n && !known; i++)
            known = strcmp(t->fields[i].name, key) == 0;
        if (!known)
            fail_field(in->w, str_dupz(in->w->arena, str_z(key)), "unknown", "没有这个字段");
    }
}

int fields_read(struct http_request *in, const struct field_table *t, void *input) {
    memset(input, 0, t->size);
    for (size_t i = 0; i < t->n; i++)
        read_field(in, &t->fields[i], input);
    refuse_unknown(in, t);
    return in->w->error.code ? -1 : 0;
}

/* Errors of fields that this form does not have (of the matter it is about): told without a link. */
static void add_foreign(const struct error *e, const struct field_table *t, json_t *errors) {
    for (size_t k = 0; k < e->field_count; k++) {
        bool own = false;
        for (size_t i = 0; i < t->n && !own; i++)
            own = strcmp(e->fields[k].field, t->fields[i].name) == 0;
        if (!own)
            json_array_append_new(
                errors, json_pack("{s:s, s:s}", "field", e->fields[k].field, "message", e->fields[k].message));
    }
}

json_t *fields_form(struct http_request *in, const struct field_table *t) {
    const struct exchange *x = exchange_of(in);
    const struct error *e = &in->w->error;
    json_t *form = json_object(), *errors = json_array();
    for (size_t i = 0; i < t->n; i++) {
        const struct field *f = &t->fields[i];
        struct str value = f->type == FIELD_FILES ? STR_NONE : sent_value(x, f->name).text;
        json_t *o = json_object();
        json_object_set_new(o, "value", json_stringn(value.p ? value.p : "", value.n));
        for (size_t k = 0; k < e->field_count; k++) {
            if (strcmp(e->fields[k].field, f->name) != 0)
                continue;
            json_object_set_new(o, "error", json_string(e->fields[k].message));
            json_array_append_new(errors, json_pack("{s:s, s:s, s:s}", "field", f->name, "label", f->label, "message",
                                                    e->fields[k].message));
            break;
        }
        json_object_set_new(form, f->name, o);
    }
    add_foreign(e, t, errors);
    json_object_set_new(form, "errors", errors);
    return form;
}
