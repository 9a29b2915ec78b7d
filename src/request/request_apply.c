/* request_apply.c: the application form on the portal: one small group a step, everything typed so far carried by
 * hidden fields, so that no server state and no account is needed and nothing typed is lost; and the same in one call
 * for programs. Files are sealed as they come; their numbers carry a mark that only this draft's form can have. */
#include "request/request_apply.h"

#include <openssl/crypto.h>

#define UPLOADS_HOURLY 300 /* files from one client in an hour: a service hall is one client */
#define SUBMITS_HOURLY 300

/* ── fields ── */

#define TEXT(member, label, max) FIELD(FIELD_STR, apply_input, member, label, FIELD_OPTIONAL, 0, max, NULL, NULL)
static const struct field apply_fields[] = {
    TEXT(unit, "受理机关", 60),
    FIELD(FIELD_ENUM, apply_input, matter, "申请事项", FIELD_OPTIONAL, 0, 0, matter_options, NULL),
    TEXT(subject, "所需信息的名称", 200),
    TEXT(info_number, "文号", 100),
    FIELD(FIELD_TEXT, apply_input, description, "特征描述", FIELD_OPTIONAL, 0, 20000, NULL, NULL),
    FIELD(FIELD_TEXT, apply_input, evidence, "证据说明", FIELD_OPTIONAL, 0, 20000, NULL, "申请更正的填写"),
    FIELD(FIELD_ENUM, apply_input, applicant, "申请人类型", FIELD_OPTIONAL, 0, 0, applicant_options, NULL),
    TEXT(name, "姓名或者组织名称", 100),
    FIELD(FIELD_ENUM, apply_input, id_type, "证件类型", FIELD_OPTIONAL, 0, 0, id_type_options, NULL),
    TEXT(id_number, "证件号码", 40),
    TEXT(head, "法定代表人或者负责人", 50),
    TEXT(contact_name, "联系人", 50),
    TEXT(workplace, "工作单位", 100),
    TEXT(address, "通信地址", 200),
    TEXT(postcode, "邮政编码", 6),
    TEXT(mobile, "手机或者电话", 30),
    TEXT(mail, "电子邮箱", 254),
    TEXT(fax, "传真", 30),
    FIELD(FIELD_ENUM, apply_input, carrier, "提供载体", FIELD_OPTIONAL, 0, 0, carrier_options, NULL),
    FIELD(FIELD_ENUM, apply_input, delivery, "获取方式", FIELD_OPTIONAL, 0, 0, delivery_options, NULL),
    FIELD(FIELD_TEXT, apply_input, help, "需要的帮助", FIELD_OPTIONAL, 0, 500, NULL, "条例第四十三条"),
    FIELD(FIELD_BOOL, apply_input, other_way, "可以用其他方式提供", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_FILES, apply_input, identity_file, "身份证件影像", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_FILES, apply_input, material_files, "其他材料", FIELD_OPTIONAL, 0, 0, NULL, "最多 5 个"),
    TEXT(step, "当前步骤", 10),
    TEXT(go, "操作", 40),
    TEXT(draft, "本次填写的标记", 100),
    TEXT(identity, "已上传的身份证件影像", 100),
    FIELD(FIELD_LIST, apply_input, material, "已上传的其他材料", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    TEXT(field, "领域", 2),
    TEXT(find, "查找机关", 50),
    FIELD(FIELD_BOOL, apply_input, checked, "已到核对", FIELD_OPTIONAL, 0, 0, NULL, NULL),
};
#define STEP_FIELDS 8 /* the last ones are of the form in steps alone */
const struct field_table request_apply_table = {apply_fields, countof(apply_fields), sizeof(struct apply_input)};
const struct field_table apply_once_table = {apply_fields, countof(apply_fields) - STEP_FIELDS,
                                             sizeof(struct apply_input)};
const char *const apply_step_names[APPLY__MAX] = {"unit", "wanted", "kind", "person", "way", "files", "check"};

/* Where each field is asked. E-mail and address are asked again with the way, when it needs them. */
#define AT(step) (1u << (step))
static const struct {
    const char *name;
    unsigned steps;
} places[] = {
    {"unit", AT(APPLY_UNIT)},
    {"matter", AT(APPLY_WANTED)},
    {"subject", AT(APPLY_WANTED)},
    {"info_number", AT(APPLY_WANTED)},
    {"description", AT(APPLY_WANTED)},
    {"evidence", AT(APPLY_WANTED)},
    {"applicant", AT(APPLY_KIND)},
    {"name", AT(APPLY_PERSON)},
    {"id_type", AT(APPLY_PERSON)},
    {"id_number", AT(APPLY_PERSON)},
    {"head", AT(APPLY_PERSON)},
    {"contact_name", AT(APPLY_PERSON)},
    {"workplace", AT(APPLY_PERSON)},
    {"address", AT(APPLY_PERSON) | AT(APPLY_WAY)},
    {"postcode", AT(APPLY_PERSON)},
    {"mobile", AT(APPLY_PERSON)},
    {"mail", AT(APPLY_PERSON) | AT(APPLY_WAY)},
    {"fax", AT(APPLY_WAY)},
    {"carrier", AT(APPLY_WAY)},
    {"delivery", AT(APPLY_WAY)},
    {"help", AT(APPLY_WAY)},
    {"other_way", AT(APPLY_WAY)},
    {"identity_file", AT(APPLY_FILES)},
    {"material_files", AT(APPLY_FILES)},
};

bool apply_step_has(enum apply_step s, const char *field) {
    for (size_t i = 0; i < countof(places); i++)
        if (strcmp(places[i].name, field) == 0)
            return (places[i].steps & AT(s)) != 0;
    return false;
}

static enum apply_step first_step_of(const char *field) {
    for (int s = 0; s < APPLY_CHECK; s++)
        if (apply_step_has((enum apply_step)s, field))
            return (enum apply_step)s;
    return APPLY_CHECK;
}

static enum apply_step step_named(struct str name) {
    for (int s = 0; s < APPLY__MAX; s++)
        if (str_is(name, apply_step_names[s]))
            return (enum apply_step)s;
    return APPLY_UNIT;
}

/* ── draft and files ── */

void as_applicant(struct http_request *in) {
    struct actor *a = &in->w->actor, none = {0};
    memcpy(none.address, a->address, sizeof none.address);
    *a = none;
    in->session = NULL;
}

static struct str mark(struct work *w, const char *purpose, struct str s) {
    return blind_index(w, purpose, s);
}

/* Our own random text, or a new one. */
static struct str draft_of(struct work *w, struct str sent) {
    struct str head, mac;
    if (str_cut(sent, '.', &head, &mac) && str_eq(mac, mark(w, "request draft", head)))
        return sent;
    head = random_token(w->arena, 18);
    return str_printf(w->arena, "%.*s.%.*s", STR_ARG(head), STR_ARG(mark(w, "request draft", head)));
}

static struct str token_of(struct work *w, struct str draft, int64_t id) {
    struct str s = str_printf(w->arena, "%lld %.*s", (long long)id, STR_ARG(draft));
    return str_printf(w->arena, "%lld-%.*s", (long long)id, STR_ARG(mark(w, "request upload", s)));
}

int apply_file(struct work *w, struct str draft, struct str token, struct sealed_file *ret) {
    struct str head, mac, good;
    int64_t id;
    if (!str_cut(token, '-', &head, &mac) || str_int(head, &id) < 0)
        return 0;
    good = token_of(w, draft, id);
    if (good.n != token.n || CRYPTO_memcmp(good.p, token.p, good.n) != 0)
        return 0;
    if (sealed_get(w, id, ret) == 0)
        return 1;
    bool gone = w->error.code == ERR_NOT_FOUND || w->error.code == ERR_GONE;
    if (gone)
        error_clear(w);
    return gone ? 0 : -1;
}

/* Tokens that are not of this form, or whose file is gone, are dropped and said so. */
static int check_tokens(struct work *w, struct apply_input *x) {
    struct sealed_file f;
    struct str *kept = arena_many(w->arena, struct str, x->material.n + 1);
    size_t n = 0;
    int rc = x->identity.n ? apply_file(w, x->draft, x->identity, &f) : 1;
    if (rc == 0) {
        x->identity = STR_NONE;
        fail_field(w, "identity_file", "expired", "上传的身份证件影像已经失效，请重新上传");
    }
    for (size_t i = 0; i < x->material.n && rc >= 0; i++) {
        rc = n < APPLY_MATERIALS ? apply_file(w, x->draft, x->material.v[i], &f) : 0;
        if (rc == 1)
            kept[n++] = x->material.v[i];
        else if (rc == 0)
            fail_field(w, "material_files", "expired", "上传的一个材料已经失效，请重新上传");
    }
    x->material = (struct str_list){kept, n};
    return rc < 0 ? -1 : 0;
}

int apply_take(struct work *w, const struct http_file *file, const char *field, struct str draft, struct str *ret) {
    struct sealed_file f;
    if (request_not_too_often(w, "upload", UPLOADS_HOURLY) < 0 || sealed_take(w, file, field, 0, &f) < 0)
        return -1;
    *ret = token_of(w, draft, f.id);
    return 0;
}

/* Each file by itself: one that is refused does not take the others with it. */
static int take_files(struct work *w, struct apply_input *x) {
    struct str *all = arena_many(w->arena, struct str, APPLY_MATERIALS + 1);
    size_t n = x->material.n;
    if (n)
        memcpy(all, x->material.v, n * sizeof *all);
    if (x->identity_file.n)
        apply_take(w, &x->identity_file.v[0], "identity_file", x->draft, &x->identity);
    for (size_t i = 0; i < x->material_files.n; i++) {
        if (n == APPLY_MATERIALS) {
            fail_field(w, "material_files", "too_many", "最多上传 %d 个材料；多于 %d 个的，请合并后上传",
                       APPLY_MATERIALS, APPLY_MATERIALS);
            break;
        }
        if (apply_take(w, &x->material_files.v[i], "material_files", x->draft, &all[n]) == 0)
            n++;
    }
    x->material = (struct str_list){all, n};
    return w->error.code ? -1 : 0;
}

static void drop_file(struct apply_input *x, struct str which) {
    int64_t at;
    struct str *v = (struct str *)(uintptr_t)x->material.v;
    if (str_is(which, "identity"))
        x->identity = STR_NONE;
    else if (str_int(which, &at) == 0 && at >= 0 && (size_t)at < x->material.n) {
        memmove(v + at, v + at + 1, (x->material.n - (size_t)at - 1) * sizeof *v);
        x->material.n--;
    }
}

/* ── from the form to the application ── */

static int input_of(struct work *w, const struct apply_input *x, struct request_input *ret) {
    struct unit u = {0};
    struct sealed_file f;
    bool person = str_is(x->applicant, "person");
    if (x->unit.n && unit_by_code(w, x->unit, &u) < 0)
        return -1;
    *ret = (struct request_input){.unit_id = u.id,
                                  .channel = S("internet"),
                                  .came_day = DAY_NONE,
                                  .received_day = DAY_NONE,
                                  .matter = x->matter,
                                  .subject = x->subject,
                                  .info_number = x->info_number,
                                  .description = x->description,
                                  .evidence = str_is(x->matter, "correction") ? x->evidence : STR_NONE,
                                  .applicant = x->applicant,
                                  .name = x->name,
                                  .id_type = person ? x->id_type : STR_NONE,
                                  .id_number = x->id_number,
                                  .head = person ? STR_NONE : x->head,
                                  .contact_name = person ? STR_NONE : x->contact_name,
                                  .workplace = person ? x->workplace : STR_NONE,
                                  .address = x->address,
                                  .postcode = x->postcode,
                                  .mobile = x->mobile,
                                  .mail = x->mail,
                                  .fax = x->fax,
                                  .carrier = x->carrier,
                                  .delivery = x->delivery,
                                  .help = x->help,
                                  .other_way = x->other_way,
                                  .seed = x->draft};
    ret->file_ids[0] = x->identity.n && apply_file(w, x->draft, x->identity, &f) == 1 ? f.id : 0;
    ret->file_count = 1;
    for (size_t i = 0; i < x->material.n && ret->file_count < countof(ret->file_ids); i++)
        if (apply_file(w, x->draft, x->material.v[i], &f) == 1)
            ret->file_ids[ret->file_count++] = f.id;
    return w->error.code ? -1 : 0;
}

static void keep_errors_of(struct work *w, enum apply_step s) {
    const struct error e = w->error;
    error_clear(w);
    for (size_t i = 0; i < e.field_count; i++)
        if (apply_step_has(s, e.fields[i].field))
            fail_field(w, e.fields[i].field, e.fields[i].code, "%s", e.fields[i].message);
}

/* The form's own choices that have no default. */
static void check_choices(struct work *w, const struct apply_input *x) {
    if (!x->applicant.n)
        fail_field(w, "applicant", "required", "请选择以个人还是组织的名义申请");
    if (!x->carrier.n)
        fail_field(w, "carrier", "required", "请选择提供载体");
    if (!x->delivery.n)
        fail_field(w, "delivery", "required", "请选择获取方式");
}

/* A missing address is asked for where the way is chosen. */
static void drop_errors_of_way(struct work *w) {
    const struct error e = w->error;
    error_clear(w);
    for (size_t i = 0; i < e.field_count; i++) {
        const struct field_error *f = &e.fields[i];
        bool where = strcmp(f->field, "mail") == 0 || strcmp(f->field, "address") == 0;
        if (!where || strcmp(f->code, "required") != 0)
            fail_field(w, f->field, f->code, "%s", f->message);
    }
}

/* All checks, of which those of one step are kept (APPLY_CHECK: all). -1: field errors, or worse. */
static int check(struct work *w, const struct apply_input *x, enum apply_step only) {
    struct request_input r;
    if (input_of(w, x, &r) < 0)
        return -1;
    check_choices(w, x);
    request_check(w, &r);
    if (w->error.code && w->error.code != ERR_INVALID)
        return -1;
    if (only == APPLY_PERSON)
        drop_errors_of_way(w);
    if (only != APPLY_CHECK)
        keep_errors_of(w, only);
    return w->error.code ? -1 : 0;
}

/* ── endings ── */

static int show(struct http_request *in, struct http_response *out, const struct apply_input *x, enum apply_step s) {
    struct work *w = in->w;
    json_t *model = apply_model(in, x, s);
    if (w->error.code) {
        json_object_set_new(model, "error_text", json_string(error_text(&w->error)));
        out->status = error_status(w->error.code);
    }
    return view_page(out, s == APPLY_CHECK ? "request/check" : "request/apply", model);
}

static int done(struct http_request *in, struct http_response *out, const struct request_made *made, bool again) {
    struct work *w = in->w;
    struct request c;
    json_t *o = json_object();
    error_clear(w);
    if (request_get(w, made->id, &c) < 0)
        return -1;
    day_t confirm = calendar_add_working(day_of(c.submitted_at), foi_rule(RULE_CONFIRM)->limit.n);
    json_set_str(o, "number", made->number);
    json_set_str(o, "code", made->code);
    if (in->api) {
        out->status = 201;
        out->location = str_printf(w->arena, "/requests/%.*s", STR_ARG(made->number)).p;
        out->model = o;
        return 0;
    }
    json_set_bool(o, "again", again);
    json_set_bool(o, "correction", str_is(c.matter, "correction"));
    json_set_str(o, "unit_name", c.unit_name);
    json_set_str(o, "confirm_text", day_chinese(w->arena, confirm));
    json_set_int(o, "confirm_days", foi_rule(RULE_CONFIRM)->limit.n);
    json_set_int(o, "reply_days", foi_rule(str_is(c.matter, "correction") ? RULE_CORRECTION : RULE_REPLY)->limit.n);
    json_set_int(o, "extend_days", foi_rule(RULE_EXTEND)->limit.n);
    json_set_str(o, "submitted_text", instant_text(w->arena, c.submitted_at));
    http_set_cookie(out, request_cookie(w, &c));
    out->status = 201;
    return view_page(out, "request/done", o);
}

/* In a transaction of its own; -1: nothing was written. */
static int submit(struct work *w, const struct request_input *r, struct request_made *ret) {
    if (request_not_too_often(w, "submit", SUBMITS_HOURLY) < 0 || db_begin(w) < 0)
        return -1;
    if (request_submit(w, r, ret) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

static int submitted(struct http_request *in, struct http_response *out, const struct apply_input *x) {
    struct work *w = in->w;
    struct request_input r;
    struct request_made made = {0}, earlier;
    int rc = check(w, x, APPLY_CHECK);
    if (rc == 0)
        rc = input_of(w, x, &r) < 0 || submit(w, &r, &made) < 0 ? -1 : 0;
    if (rc == 0)
        return done(in, out, &made, false);
    if (w->error.code == ERR_DUPLICATE && made.number.n) { /* the same form sent twice: its answer again */
        const struct error e = w->error;
        error_clear(w);
        if (request_again(w, r.seed, made.number, &earlier) == 1)
            return done(in, out, &earlier, true);
        w->error = e;
    }
    if (w->error.code == ERR_CONFLICT) { /* a file that another application has, or that waited a day */
        error_clear(w);
        fail_field(w, "material_files", "expired", "上传的文件已经用于另一件申请或者已经失效，请移除后重新上传");
    }
    enum apply_step s = w->error.field_count ? first_step_of(w->error.fields[0].field) : APPLY_CHECK;
    if (s != APPLY_CHECK)
        keep_errors_of(w, s);
    return show(in, out, x, s);
}

/* ── steps ── */

int apply_page(struct http_request *in, struct http_response *out) {
    struct apply_input x;
    struct unit u;
    as_applicant(in);
    if (fields_read(in, &request_apply_table, &x) < 0)
        error_clear(in->w); /* an address with a bad value begins at the beginning */
    x.draft = draft_of(in->w, STR_NONE);
    x.identity = STR_NONE;
    x.material.n = 0;
    if (x.unit.n && unit_by_code(in->w, x.unit, &u) <= 0)
        x.unit = STR_NONE;
    return show(in, out, &x, APPLY_UNIT);
}

/* Everything is in order up to here; where to next. */
static enum apply_step after(struct work *w, const struct apply_input *x, enum apply_step s) {
    if (s != APPLY_FILES && !(x->checked && s != APPLY_KIND))
        return (enum apply_step)(s + 1);
    check(w, x, APPLY_CHECK); /* all answers are shown when all are in order */
    enum apply_step next = w->error.field_count ? first_step_of(w->error.fields[0].field) : APPLY_CHECK;
    if (next != APPLY_CHECK)
        keep_errors_of(w, next);
    return next;
}

static int next(struct http_request *in, struct http_response *out, struct apply_input *x, enum apply_step s) {
    struct work *w = in->w;
    keep_errors_of(w, s);
    if (!w->error.code && s == APPLY_FILES)
        take_files(w, x);
    if (!w->error.code)
        check(w, x, s);
    if (w->error.code)
        return show(in, out, x, s);
    enum apply_step to = after(w, x, s);
    x->checked |= to == APPLY_CHECK;
    return show(in, out, x, to);
}

/* Moves that check nothing: everything typed stays as it is. */
static int move(struct http_request *in, struct http_response *out, struct apply_input *x, enum apply_step s) {
    struct work *w = in->w;
    struct str verb = x->go, to = STR_NONE;
    str_cut(x->go, ':', &verb, &to);
    keep_errors_of(w, str_is(verb, "upload") ? APPLY_FILES : APPLY_CHECK);
    if (str_is(verb, "upload"))
        take_files(w, x);
    else if (str_is(verb, "drop"))
        drop_file(x, to);
    else if (str_is(verb, "matter"))
        x->matter = str_is(x->matter, "correction") ? S("access") : S("correction");
    else if (str_is(verb, "to"))
        s = step_named(to);
    else if (str_is(verb, "back") && s > APPLY_UNIT)
        s = (enum apply_step)(s - 1);
    return show(in, out, x, s);
}

int apply_post(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct apply_input x;
    as_applicant(in);
    if (fields_read(in, &request_apply_table, &x) < 0 && w->error.code != ERR_INVALID)
        return -1;
    enum apply_step s = step_named(x.step);
    x.draft = draft_of(w, x.draft);
    if (check_tokens(w, &x) < 0)
        return -1;
    if (str_is(x.go, "submit") && w->error.code) {
        s = first_step_of(w->error.fields[0].field);
        if (s != APPLY_CHECK)
            keep_errors_of(w, s);
        return show(in, out, &x, s);
    }
    if (str_is(x.go, "submit"))
        return submitted(in, out, &x);
    return str_is(x.go, "next") || !x.go.n ? next(in, out, &x, s) : move(in, out, &x, s);
}

/* For programs: all fields in one call, files with it when it is multipart. */
int apply_once(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct apply_input x;
    struct request_input r;
    struct request_made made;
    as_applicant(in);
    if (fields_read(in, &apply_once_table, &x) < 0)
        return -1;
    x.draft = draft_of(w, STR_NONE);
    if (!x.applicant.n)
        x.applicant = S("person");
    if (input_of(w, &x, &r) < 0 || request_check(w, &r) < 0 || take_files(w, &x) < 0 || input_of(w, &x, &r) < 0 ||
        submit(w, &r, &made) < 0)
        return -1;
    return done(in, out, &made, false);
}
