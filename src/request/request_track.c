/* request_track.c: an applicant follows a case: by number and query code to the case's page; what is asked is answered
 * there, the reply fetched, the work rated. Nothing is changed by looking: every step is a POST. */
#include "request/request_apply.h"

#define OWN_FILES_MOST 20 /* of one case, sent by the applicant */

/* ── number and code ── */

struct track_input {
    struct str number, code;
};
static const struct field track_fields[] = {
    FIELD(FIELD_STR, track_input, number, "申请编号", FIELD_REQUIRED, 0, 40, NULL, "如 2026-000123"),
    FIELD(FIELD_STR, track_input, code, "查询码", FIELD_REQUIRED, 0, 40, NULL, "提交时给出的 10 位字母和数字"),
};
const struct field_table track_table = {track_fields, countof(track_fields), sizeof(struct track_input)};

int track_page(struct http_request *in, struct http_response *out) {
    json_t *model = json_object(), *form = json_object(), *number = json_object();
    struct str given = http_query(in, "number");
    as_applicant(in);
    json_set_str(number, "value", utf8_length(given) <= 40 ? given : STR_NONE);
    json_object_set_new(form, "number", number);
    json_object_set_new(model, "form", form);
    return view_page(out, "request/track", model);
}

int track_post(struct http_request *in, struct http_response *out) {
    struct track_input x;
    struct request c;
    as_applicant(in);
    if (fields_read(in, &track_table, &x) < 0 || request_unlock(in->w, x.number, x.code, &c) < 0)
        return view_form_again(in, out, "request/track", &track_table, NULL);
    http_set_cookie(out, request_cookie(in->w, &c));
    return view_redirect(in, out, "/requests/%.*s", STR_ARG(c.number));
}

/* 0 and the case. -1; or 1: out leads to the form for number and code. */
static int opened(struct http_request *in, struct http_response *out, struct request *ret) {
    struct work *w = in->w;
    as_applicant(in);
    if (request_of_applicant(in, ret) == 0)
        return 0;
    if (in->api || w->error.code != ERR_FORBIDDEN)
        return -1;
    error_clear(w);
    struct str number = str_percent(w->arena, http_path_part(in, "number"));
    view_redirect(in, out, "/requests/track?number=%.*s", STR_ARG(number));
    return 1;
}

/* ── the page of a case ── */

static int put_children(struct work *w, const struct request *c, json_t *model) {
    struct db_rows r;
    if (db_query(w, &sql_request_children, &r, DB_INT(c->id)) < 0)
        return -1;
    json_t *list = json_array();
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = db_json_row(&r, i);
        const struct flow_state *s = flow_state(&request_flow, str_dupz(w->arena, db_s(&r, i, 2)));
        json_object_set_new(o, "state_name", json_string(s ? s->name : ""));
        json_object_set_new(o, "tone", json_string(s ? s->tone : "grey"));
        json_array_append_new(list, o);
    }
    json_set_bool(model, "any_children", r.n > 0);
    json_object_set_new(model, "children", list);
    if (!c->parent_id)
        return 0;
    struct request parent;
    if (request_get(w, c->parent_id, &parent) < 0)
        return -1;
    json_set_str(model, "parent", parent.number);
    return 0;
}

/* What waits for the applicant now: {clarify|reasons|fee: true, content, due_text …}. */
static void put_asked(json_t *model, const json_t *shown) {
    json_t *a;
    size_t i;
    json_array_foreach(json_object_get(shown, "asks"), i, a) {
        const char *kind = json_string_value(json_object_get(a, "kind"));
        bool own = strcmp(kind, "third") != 0 && strcmp(kind, "organ") != 0;
        if (!own || !json_is_true(json_object_get(a, "is_open")))
            continue;
        json_object_set_new(a, kind, json_true());
        json_object_set(model, "asked", a);
    }
}

/* 救济途径: the words of the law for this outcome, from the day of the reply. */
static void put_remedy(struct work *w, const struct request *c, json_t *model) {
    struct str words = STR_NONE;
    if (c->closed_day == DAY_NONE || !c->outcome.n)
        return;
    json_t *facts = request_facts(w, c);
    if (letter_remedy(w, str_z(request_reply_template(w, c->outcome)), c->closed_day, facts, &words) == 0)
        json_set_str(model, "remedy", words);
    json_decref(facts);
    error_clear(w);
}

static void put_limits(struct work *w, const struct request *c, json_t *model) {
    bool correction = str_is(c->matter, "correction");
    const struct foi_rule *r = foi_rule(correction ? RULE_CORRECTION : RULE_REPLY);
    day_t confirm = calendar_add_working(day_of(c->submitted_at), foi_rule(RULE_CONFIRM)->limit.n);
    json_set_bool(model, "correction", correction);
    json_set_str(model, "rule", str_printf(w->arena, "%s%s", r->source, r->article));
    json_set_int(model, "reply_days", r->limit.n);
    json_set_int(model, "extend_days", foi_rule(RULE_EXTEND)->limit.n);
    json_set_str(model, "confirm_text", day_chinese(w->arena, confirm));
    json_set_bool(model, "waits_confirm", c->received_day == DAY_NONE && str_is(c->state, "submitted"));
    if (c->received_day != DAY_NONE)
        json_set_str(model, "received_text", day_chinese(w->arena, c->received_day));
    if (c->due_at)
        json_set_str(model, "due_text", day_chinese(w->arena, day_of(c->due_at)));
    if (c->closed_day != DAY_NONE)
        json_set_str(model, "closed_text", day_chinese(w->arena, c->closed_day));
}

static void put_unit(struct work *w, const struct request *c, json_t *model) {
    struct unit u;
    if (unit_get(w, c->unit_id, &u) == 0) {
        json_t *d = json_loadb(u.details.p ? u.details.p : "", u.details.n, 0, NULL);
        json_object_set(model, "unit_telephone", json_object_get(d, "telephone"));
        json_object_set(model, "unit_address", json_object_get(d, "address"));
        json_decref(d);
    }
    error_clear(w);
}

static json_t *rating_choices(struct str chosen) {
    static const char *const names[] = {"非常满意", "满意", "基本满意", "不满意", "非常不满意"};
    json_t *list = json_array();
    for (int i = 0; i < 5; i++) {
        const char value[2] = {(char)('5' - i), 0};
        json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:b}", "value", value, "label", names[i], "first",
                                              i == 0, "checked", str_is(chosen, value)));
    }
    return list;
}

static const char *rating_name(int64_t n) {
    static const char *const names[] = {"", "非常不满意", "不满意", "基本满意", "满意", "非常满意"};
    return n >= 1 && n <= 5 ? names[n] : "";
}

/* The certificate with days where it has instants, as the part that shows it wants them. */
static void put_days(struct work *w, json_t *shown) {
    static const char *const keys[] = {"trigger", "due"};
    json_t *certificate = json_object_get(shown, "certificate");
    for (size_t i = 0; certificate && i < countof(keys); i++) {
        struct str s = str_z(json_string_value(json_object_get(certificate, keys[i])));
        json_set_str(certificate, keys[i], str_dup(w->arena, str_sub(s, 0, 10)));
    }
}

static json_t *mine_model(struct http_request *in, const struct request *c) {
    struct work *w = in->w;
    json_t *model = json_object(), *shown = request_public_json(w, c);
    json_t *last = json_array_get(json_object_get(shown, "course"), 0);
    put_asked(model, shown);
    put_limits(w, c, model);
    if (in->api) {
        json_object_set_new(model, "request", shown);
        put_remedy(w, c, model);
        return model;
    }
    put_days(w, shown);
    json_object_set_new(shown, "rating_name", json_string(rating_name(c->rating)));
    json_set_bool(shown, "any_letters", json_array_size(json_object_get(shown, "letters")) > 0);
    json_set_bool(shown, "any_files", json_array_size(json_object_get(shown, "files")) > 0);
    if (last)
        json_object_set(model, "since", json_object_get(last, "at_text"));
    json_set_bool(model, "fetches", str_is(c->state, "replied"));
    json_object_set_new(model, "ratings", rating_choices(STR_NONE));
    put_unit(w, c, model);
    put_remedy(w, c, model);
    put_children(w, c, model);
    json_object_set_new(model, "request", shown);
    error_clear(w);
    return model;
}

int mine_page(struct http_request *in, struct http_response *out) {
    struct request c;
    int n = opened(in, out, &c);
    return n ? (n < 0 ? -1 : 0) : view_page(out, "request/mine", mine_model(in, &c));
}

int mine_withdraw(struct http_request *in, struct http_response *out) {
    struct request c;
    int n = opened(in, out, &c);
    if (n)
        return n < 0 ? -1 : 0;
    if (c.closed_day != DAY_NONE)
        return fail(in->w, ERR_WRONG_STATE, "此件已经办结，不能撤回");
    return view_page(out, "request/withdraw", mine_model(in, &c));
}

/* ── steps ── */

struct mine_input {
    struct str text;
    int64_t n;
    struct file_list files;
    struct str_list kept; /* files that came with a form that was refused */
};
static const struct field mine_fields[] = {
    FIELD(FIELD_TEXT, mine_input, text, "内容", FIELD_OPTIONAL, 0, 20000, NULL, "补正、理由、异议、意见"),
    FIELD(FIELD_INT, mine_input, n, "评价", FIELD_OPTIONAL, 1, 5, NULL, "5 非常满意 … 1 非常不满意"),
    FIELD(FIELD_FILES, mine_input, files, "文件", FIELD_OPTIONAL, 0, 0, NULL, "最多 5 个，每个不超过 20 MB"),
    FIELD(FIELD_LIST, mine_input, kept, "已上传的文件", FIELD_OPTIONAL, 0, 0, NULL, NULL),
};
const struct field_table mine_table = {mine_fields, countof(mine_fields), sizeof(struct mine_input)};

static const struct {
    const char *verb, *step;
} public_verbs[] = {
    {"supplement", "supplement_own"}, {"reasons", "reasons_own"}, {"dispute", "dispute_own"},
    {"withdraw", "withdraw_own"},     {"fetch", "fetch_own"},     {"rate", "rate"},
    {"suggest", "suggest"},
};

static const char *step_of(struct str verb) {
    for (size_t i = 0; i < countof(public_verbs); i++)
        if (str_is(verb, public_verbs[i].verb))
            return public_verbs[i].step;
    return NULL;
}

/* Steps that answer something; with the others a file would come into a case that has ended. */
static bool brings_files(const char *step) {
    return strcmp(step, "supplement_own") == 0 || strcmp(step, "reasons_own") == 0 || strcmp(step, "dispute_own") == 0;
}

static int count_own_files(struct work *w, int64_t id) {
    struct db_rows r;
    int n = 0;
    if (db_query(w, &sql_request_files, &r, DB_INT(id)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        n += db_i(&r, i, 4) != 0;
    return n;
}

/* Sealed at once, each by itself; tokens of those that were kept come first. A token belongs to this case alone. */
static int take_files(struct work *w, const struct request *c, const struct mine_input *x, struct str_list *ret) {
    struct str *all = arena_many(w->arena, struct str, x->kept.n + x->files.n + 1);
    struct sealed_file f;
    size_t n = 0;
    for (size_t i = 0; i < x->kept.n; i++)
        if (apply_file(w, c->code_key, x->kept.v[i], &f) == 1)
            all[n++] = x->kept.v[i];
    int own = count_own_files(w, c->id);
    if (own < 0)
        return -1;
    for (size_t i = 0; i < x->files.n; i++) {
        if (n == APPLY_MATERIALS || own + (int)n >= OWN_FILES_MOST)
            return fail_field(w, "files", "too_many", "一次最多提交 %d 个文件，一件申请最多 %d 个", APPLY_MATERIALS,
                              OWN_FILES_MOST);
        if (apply_take(w, &x->files.v[i], "files", c->code_key, &all[n]) == 0)
            n++;
        *ret = (struct str_list){all, n};
    }
    *ret = (struct str_list){all, n};
    return w->error.code ? -1 : 0;
}

static int add_files(struct work *w, const struct request *c, const struct str_list *tokens) {
    struct sealed_file f;
    struct db_rows r;
    for (size_t i = 0; i < tokens->n; i++)
        if (apply_file(w, c->code_key, tokens->v[i], &f) != 1 || sealed_claim(w, f.id) < 0 ||
            db_one(w, &sql_request_file_insert, &r, DB_INT(c->id), DB_NULL, DB_TEXTZ("material"), DB_INT(f.id),
                   DB_BOOL(true), DB_INT(w->now)) != 1)
            return fail_field(w, "files", "expired", "上传的文件已经失效，请重新上传");
    return 0;
}

static int run_step(struct work *w, const struct request *c, const char *step, const struct mine_input *x,
                    const struct str_list *tokens) {
    struct request_step s = {.text = x->text, .n = x->n, .day = DAY_NONE, .until = DAY_NONE};
    if (strcmp(step, "withdraw_own") == 0)
        s.reason = x->text;
    if (db_begin(w) < 0)
        return -1;
    if (request_step(w, c->id, step, &s) < 0 || add_files(w, c, tokens) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

static json_t *kept_json(struct work *w, const struct request *c, const struct str_list *tokens) {
    json_t *list = json_array();
    struct sealed_file f;
    for (size_t i = 0; i < tokens->n; i++) {
        if (apply_file(w, c->code_key, tokens->v[i], &f) != 1)
            continue;
        json_t *o = json_object();
        json_set_str(o, "token", tokens->v[i]);
        json_set_str(o, "name", f.name);
        json_array_append_new(list, o);
    }
    return list;
}

/* The page again with what was typed, the files that came, and why it was refused. */
static int again(struct http_request *in, struct http_response *out, const struct request *c, const char *step,
                 const struct str_list *tokens) {
    struct work *w = in->w;
    if (in->api)
        return -1;
    const struct error e = w->error;
    error_clear(w);
    struct request now;
    json_t *model = mine_model(in, request_get(w, c->id, &now) == 0 ? &now : c), *kept = kept_json(w, c, tokens);
    w->error = e;
    json_t *form = fields_form(in, &mine_table);
    json_object_set_new(model, "ratings",
                        rating_choices(str_z(json_string_value(json_object_get(json_object_get(form, "n"), "value")))));
    json_set_bool(model, "any_kept", json_array_size(kept) > 0);
    json_object_set_new(model, "kept_files", kept);
    json_object_set_new(model, str_printf(w->arena, "again_%s", step).p, json_true());
    json_object_set_new(model, "form", form);
    return view_form_again(in, out, strcmp(step, "withdraw_own") == 0 ? "request/withdraw" : "request/mine",
                           &mine_table, model);
}

int mine_step(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct mine_input x;
    struct request c;
    struct str_list tokens = {0};
    const char *step = step_of(http_path_part(in, "verb"));
    int n = opened(in, out, &c);
    if (n)
        return n < 0 ? -1 : 0;
    if (!step)
        return fail(w, ERR_NOT_FOUND, "没有这一步");
    int rc = fields_read(in, &mine_table, &x);
    if (rc == 0 && !brings_files(step))
        x.files.n = x.kept.n = 0;
    if (rc == 0)
        rc = take_files(w, &c, &x, &tokens);
    if (rc == 0)
        rc = run_step(w, &c, step, &x, &tokens);
    if (rc < 0)
        return again(in, out, &c, step, &tokens);
    return view_redirect(in, out, "/requests/%.*s", STR_ARG(c.number));
}

/* ── files ── */

static int add_later(struct work *w, const struct request *c, const struct str_list *tokens) {
    struct subject s = {0};
    if (subject_load(w, c->id, &s) < 0)
        return -1;
    if (s.c.closed_day != DAY_NONE)
        return fail(w, ERR_WRONG_STATE, "此件已经办结，不能再补充材料");
    if (add_files(w, &s.c, tokens) < 0)
        return -1;
    json_t *p = json_object();
    json_set_int(p, "files", (int64_t)tokens->n);
    if (request_event(w, &s.c, "file_added", p, NULL) < 0)
        return -1;
    return request_notice(w, &s.c, PERM_REQUEST_WORK, false, "blue", S("申请人补充了材料"),
                          str_printf(w->arena, "request material %lld %lld", (long long)c->id, (long long)w->now));
}

int mine_upload(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct mine_input x;
    struct request c;
    struct str_list tokens = {0};
    int n = opened(in, out, &c);
    if (n)
        return n < 0 ? -1 : 0;
    int rc = fields_read(in, &mine_table, &x);
    if (rc == 0 && c.closed_day != DAY_NONE)
        return fail(w, ERR_WRONG_STATE, "此件已经办结，不能再补充材料");
    if (rc == 0 && x.files.n == 0 && x.kept.n == 0)
        rc = fail_field(w, "files", "required", "请选择文件");
    if (rc == 0)
        rc = take_files(w, &c, &x, &tokens);
    if (rc == 0 && (rc = db_begin(w)) == 0) {
        rc = add_later(w, &c, &tokens);
        if (rc < 0)
            db_rollback(w);
        else
            rc = db_commit(w);
    }
    return rc < 0 ? again(in, out, &c, "upload", &tokens) : view_redirect(in, out, "/requests/%.*s", STR_ARG(c.number));
}

/* Only what the page lists can be had: the same list says what. */
static const json_t *listed(const json_t *shown, const char *key, const char *href) {
    json_t *o;
    size_t i;
    json_array_foreach(json_object_get(shown, key), i, o) {
        const char *s = json_string_value(json_object_get(o, "href"));
        if (s && strcmp(s, href) == 0)
            return o;
    }
    return NULL;
}

static int is_listed(struct work *w, const struct request *c, const char *key, int64_t id) {
    json_t *shown = request_public_json(w, c);
    const char *href = str_printf(w->arena, "/requests/%.*s/%s/%lld", STR_ARG(c->number), key, (long long)id).p;
    bool good = listed(shown, key, href) != NULL;
    json_decref(shown);
    error_clear(w);
    if (good)
        return 0;
    return str_is(c->state, "replied") ? fail(w, ERR_WRONG_STATE, "请先在申请的页面上按“领取答复”")
                                       : fail(w, ERR_NOT_FOUND, "没有这个文件");
}

int mine_letter(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct request c;
    int64_t id;
    int n = opened(in, out, &c);
    if (n)
        return n < 0 ? -1 : 0;
    if (http_path_int(in, "id", &id) < 0 || is_listed(w, &c, "letters", id) < 0 || letter_pdf(w, id, &out->body) < 0)
        return -1;
    json_t *l = letter_json(w, id, false);
    struct str title = str_z(json_string_value(json_object_get(l, "name")));
    out->download_name = str_printf(w->arena, "%.*s.pdf", STR_ARG(title.n ? title : S("文书")));
    json_decref(l);
    out->type = "application/pdf";
    return 0;
}

int mine_file(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct request c;
    struct db_rows r;
    struct sealed_file f;
    int64_t id;
    int n = opened(in, out, &c);
    if (n)
        return n < 0 ? -1 : 0;
    if (http_path_int(in, "id", &id) < 0 || is_listed(w, &c, "files", id) < 0)
        return -1;
    if (db_one(w, &sql_request_file_get, &r, DB_INT(c.id), DB_INT(id)) != 1)
        return fail(w, ERR_NOT_FOUND, "没有这个文件");
    if (sealed_read(w, db_i(&r, 0, 3), &f, &out->body) < 0)
        return -1;
    out->type = str_dupz(w->arena, f.type);
    out->download_name = f.name;
    return 0;
}
