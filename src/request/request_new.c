/* request_new.c: taking in applications: from the portal by anyone, at the unified desk from every channel; splitting.
 *
 * 第三十一条: the receipt day follows from the channel: the day of handing in, of signing for, or of confirmation
 * between both sides. An application by internet, fax or ordinary letter therefore waits in "submitted" until it is
 * confirmed. */
#include "request/request_internal.h"

#define TWICE_MS 60000 /* the same again within a minute is a double click */
#define TEXT_MOST 20000

static int nibble(char c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Crockford's base 32: no letter is taken for a figure. With a seed the code can be made again from seed and number,
 * and from nothing else: whoever sent the form twice is shown the same code twice, and it is kept nowhere. */
static struct str code_new(struct work *w, struct str seed, struct str number) {
    static const char signs[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    unsigned char raw[10];
    char out[12];
    size_t n = 0;
    random_bytes(raw, sizeof raw);
    if (seed.n) {
        struct str hex =
            blind_index(w, "request code seed", str_printf(w->arena, "%.*s %.*s", STR_ARG(seed), STR_ARG(number)));
        for (size_t i = 0; i < sizeof raw; i++)
            raw[i] = (unsigned char)(nibble(hex.p[2 * i]) * 16 + nibble(hex.p[2 * i + 1]));
    }
    for (size_t i = 0; i < sizeof raw; i++) {
        if (i == 5)
            out[n++] = '-';
        out[n++] = signs[raw[i] % 32];
    }
    return str_dup(w->arena, (struct str){out, n});
}

static struct str code_key(struct work *w, struct str number, struct str code) {
    return blind_index(w, "request code", str_printf(w->arena, "%.*s %.*s", STR_ARG(number), STR_ARG(code)));
}

static int number_new(struct work *w, struct str *ret) {
    struct db_rows r;
    int year, month, day;
    day_split(work_today(w), &year, &month, &day);
    if (db_one(w, &sql_request_next_number, &r, DB_INT(year)) != 1)
        return -1;
    *ret = str_printf(w->arena, "%d-%06lld", year, (long long)db_i(&r, 0, 0));
    return 0;
}

/* ── checks ── */

static int check_unit(struct work *w, const struct request_input *x) {
    struct unit u;
    if (!x->unit_id || unit_get(w, x->unit_id, &u) < 0) {
        error_clear(w);
        return fail_field(w, "unit", "required", "请选择受理的机关");
    }
    if (str_is(u.kind, "village") || str_is(u.kind, "assessor") || str_is(u.kind, "enterprise"))
        return fail_field(w, "unit", "range", "%.*s不是受理政府信息公开申请的机关", STR_ARG(u.name));
    return 0;
}

/* 第二十九条（二）: a name, a document number, or features by which it is found. 第四十一条: evidence. */
static int check_wanted(struct work *w, const struct request_input *x) {
    if (!x->subject.n && !x->info_number.n && !x->description.n)
        fail_field(w, "subject", "required", "请填写所需信息的名称、文号或者便于查询的特征描述，至少一项");
    else if (!x->info_number.n && utf8_length(x->subject) + utf8_length(x->description) < 4)
        fail_field(w, "subject", "too_short", "请把所需信息写得具体一些，便于查找");
    if (utf8_length(x->description) > TEXT_MOST)
        fail_field(w, "description", "too_long", "特征描述最多%d个字，可以把详细内容作为附件提交", TEXT_MOST);
    if (str_is(x->matter, "correction") && !x->evidence.n)
        fail_field(w, "evidence", "required", "申请更正的，请说明证明记录不准确的证据（条例第四十一条）");
    return w->error.code ? -1 : 0;
}

static void defaults(struct request_input *x) {
    if (!x->matter.n)
        x->matter = S("access");
    if (!x->applicant.n)
        x->applicant = S("person");
    if (!x->carrier.n)
        x->carrier = S("electronic");
    if (!x->delivery.n)
        x->delivery = S("download");
    if (!x->channel.n)
        x->channel = S("internet");
}

/* The day it came, and the receipt day when the channel gives it at once. */
static int check_days(struct work *w, const struct request_input *x, day_t *ret_came, day_t *ret_received) {
    const struct foi_channel *ch = foi_channel(x->channel);
    day_t today = work_today(w);
    bool desk = w->actor.person_id || w->actor.token_id;
    *ret_came = desk && x->came_day != DAY_NONE ? x->came_day : today;
    if (!ch)
        return fail_field(w, "channel", "unknown", "请选择提交渠道");
    if (*ret_came > today)
        fail_field(w, "came_day", "range", "提交或签收的日期不能晚于今天");
    *ret_received = strcmp(ch->received, "confirmed") == 0 ? DAY_NONE : *ret_came;
    if (desk && x->received_day != DAY_NONE) {
        if (*ret_received != DAY_NONE && *ret_received != x->received_day)
            fail_field(w, "received_day", "range", "%s%s，收到申请之日应与提交或签收日期相同（条例%s）", ch->name,
                       ch->rule, ch->article);
        *ret_received = x->received_day;
    }
    if (*ret_received != DAY_NONE && *ret_received > today)
        fail_field(w, "received_day", "range", "收到申请之日不能晚于今天");
    if (*ret_received != DAY_NONE && *ret_received < *ret_came)
        fail_field(w, "received_day", "range", "收到申请之日不能早于提交之日");
    return w->error.code ? -1 : 0;
}

/* ── the row ── */

static int insert(struct work *w, const struct request_input *x, day_t came, day_t received, int64_t parent,
                  struct request_made *ret) {
    struct db_rows r;
    bool organisation = !str_is(x->applicant, "person");
    struct str person = person_seal(w, x), key = fingerprint(w, x->subject, x->info_number, x->description);
    struct str person_key = x->id_number.n ? blind_index(w, "request person", x->id_number) : STR_NONE;
    if (!person.n)
        return fail(w, ERR_INTERNAL, "申请没有写成，请稍后再试");
    if (!ret->number.n && number_new(w, &ret->number) < 0)
        return -1;
    ret->code = code_new(w, x->seed, ret->number);
    int64_t submitted = came == work_today(w) ? w->now : day_start(came) + 12 * 3600000LL;
    int n = db_one(w, &sql_request_insert, &r, DB_TEXT(ret->number), DB_TEXT(code_key(w, ret->number, ret->code)),
                   DB_TEXT(x->matter), DB_ID(parent), DB_INT(x->unit_id),
                   DB_TEXTZ(received == DAY_NONE ? "submitted" : "registered"), DB_TEXT(x->channel),
                   DB_TEXT(x->applicant), DB_TEXT(person), DB_TEXT(person_mask(w->arena, x->name, organisation)),
                   DB_TEXT(person_key), DB_TEXT(blind_index(w, "request name", x->name)), DB_TEXT(x->subject),
                   DB_TEXT(x->info_number), DB_TEXT(x->description), DB_TEXT(key), DB_TEXT(x->carrier),
                   DB_TEXT(x->delivery), DB_BOOL(x->other_way), DB_TEXT(x->help), DB_INT(submitted),
                   DB_OPT(day_str(w->arena, received)), DB_BOOL(false), DB_BOOL(x->demo), DB_INT(w->now));
    if (n != 1)
        return -1;
    ret->id = db_i(&r, 0, 0);
    return 0;
}

static int add_files(struct work *w, const struct request_input *x, int64_t id) {
    for (size_t i = 0; i < x->file_count; i++) {
        struct db_rows r;
        if (!x->file_ids[i])
            continue;
        if (sealed_claim(w, x->file_ids[i]) < 0 ||
            db_one(w, &sql_request_file_insert, &r, DB_INT(id), DB_NULL, DB_TEXTZ(i == 0 ? "identity" : "material"),
                   DB_INT(x->file_ids[i]), DB_BOOL(true), DB_INT(w->now)) != 1)
            return -1;
    }
    return 0;
}

static int record_new(struct work *w, const struct request *c) {
    json_t *p = json_object();
    json_set_str(p, "number", c->number);
    json_set_str(p, "channel", c->channel);
    json_set_str(p, "applicant", c->applicant);
    json_set_str(p, "to", c->state);
    if (c->received_day != DAY_NONE)
        json_set_day(w->arena, p, "received", c->received_day);
    return request_event(w, c, "submitted", p, NULL);
}

static int first_mark(struct work *w, struct request *c) {
    const struct foi_channel *ch = foi_channel(c->channel);
    struct str rule = str_printf(w->arena, "收到申请：%s，%s（条例%s）", ch->name, ch->rule, ch->article);
    return c->received_day == DAY_NONE ? 0 : request_mark(w, c, CLOCK_START, c->received_day, DAY_NONE, 0, 0, rule.p);
}

static int announce(struct work *w, const struct request *c) {
    bool waits = c->received_day == DAY_NONE;
    struct str title = waits ? S("收到新的公开申请，请及时确认") : S("收到新的公开申请，请承办");
    struct str once = str_printf(w->arena, "request new %lld", (long long)c->id);
    if (request_notice(w, c, PERM_REQUEST_WORK, false, "blue", title, once) < 0)
        return -1;
    return request_tell(w, c, waits ? "request_received" : "request_confirmed");
}

/* The number is taken first: its row is locked, so that of two that come at once the second sees the first. */
static int twice(struct work *w, const struct request_input *x, struct request_made *ret) {
    struct db_rows r;
    if (number_new(w, &ret->number) < 0)
        return -1;
    int n =
        db_one(w, &sql_request_twice, &r, DB_TEXT(blind_index(w, "request person", x->id_number)), DB_INT(x->unit_id),
               DB_TEXT(fingerprint(w, x->subject, x->info_number, x->description)), DB_INT(w->now - TWICE_MS));
    if (n <= 0)
        return n;
    ret->number = str_dup(w->arena, db_s(&r, 0, 0));
    return fail(w, ERR_DUPLICATE, "同样的申请刚刚已经提交，申请编号 %.*s，不必重复提交", STR_ARG(ret->number));
}

int request_again(struct work *w, struct str seed, struct str number, struct request_made *ret) {
    struct request c;
    int n = request_by_number(w, number, &c);
    if (n <= 0 || !seed.n)
        return n < 0 ? -1 : 0;
    *ret = (struct request_made){c.id, number, code_new(w, seed, number)};
    return str_eq(code_key(w, number, ret->code), c.code_key);
}

int request_check(struct work *w, struct request_input *x) {
    defaults(x);
    check_unit(w, x);
    check_wanted(w, x);
    person_check(w, x);
    return w->error.code ? -1 : 0;
}

int request_submit(struct work *w, const struct request_input *given, struct request_made *ret) {
    struct request_input x = *given;
    struct request c;
    day_t came = DAY_NONE, received = DAY_NONE;
    bool desk = w->actor.person_id || w->actor.token_id;
    *ret = (struct request_made){0};
    defaults(&x);
    if (desk && org_may(w, PERM_REQUEST_DESK, x.unit_id ? x.unit_id : w->actor.unit_id) < 0 &&
        (error_clear(w), org_may(w, PERM_REQUEST_WORK, x.unit_id ? x.unit_id : w->actor.unit_id) < 0))
        return -1;
    if (!desk)
        x.channel = S("internet");
    check_unit(w, &x);
    check_wanted(w, &x);
    check_days(w, &x, &came, &received);
    person_check(w, &x);
    if (w->error.code)
        return -1;
    if (!desk && twice(w, &x, ret) < 0)
        return -1;
    if (insert(w, &x, came, received, 0, ret) < 0 || add_files(w, &x, ret->id) < 0 || request_get(w, ret->id, &c) < 0)
        return -1;
    if (first_mark(w, &c) < 0 || request_retime(w, &c) < 0 || record_new(w, &c) < 0 || announce(w, &c) < 0)
        return -1;
    return c.received_day == DAY_NONE ? 0 : request_look_for_same(w, &c);
}

/* ── splitting: 一事一申请 ── */

/* A child has the applicant, receipt day and clock of its parent; whatever ran, runs on. */
static int split_one(struct work *w, struct subject *s, struct str wanted) {
    const struct request *p = &s->c;
    struct request_made made = {0};
    struct request child;
    json_t *o = request_person(w, p);
    struct request_input x = {.matter = p->matter,
                              .applicant = p->applicant,
                              .subject = wanted,
                              .carrier = p->carrier,
                              .delivery = p->delivery,
                              .help = p->help,
                              .other_way = p->other_way,
                              .unit_id = p->unit_id,
                              .channel = p->channel,
                              .demo = p->demo};
    struct str *const fields[] = {&x.name,    &x.id_type,  &x.id_number, &x.contact_name, &x.head, &x.workplace,
                                  &x.address, &x.postcode, &x.mobile,    &x.mail,         &x.fax,  &x.evidence};
    static const char *const names[] = {"name",    "id_type",  "id_number", "contact_name", "head", "workplace",
                                        "address", "postcode", "mobile",    "mail",         "fax",  "evidence"};
    for (size_t i = 0; i < countof(fields); i++)
        *fields[i] = str_dup(w->arena, str_z(json_string_value(json_object_get(o, names[i]))));
    json_decref(o);
    if (insert(w, &x, day_of(p->submitted_at), p->received_day, p->id, &made) < 0 ||
        db_exec(w, &sql_request_marks_copy, DB_INT(p->id), DB_INT(made.id)) < 0 ||
        db_exec(w, &sql_request_files_copy, DB_INT(p->id), DB_INT(made.id)) < 0 || request_get(w, made.id, &child) < 0)
        return -1;
    child.extended = p->extended;
    return request_retime(w, &child) < 0 || record_new(w, &child) < 0 ? -1 : 0;
}

int act_split(struct work *w, void *subject, const void *input) {
    struct subject *s = subject;
    const struct request_step *x = input;
    struct str rest = x->parts, line;
    int n = 0;
    while (rest.n) {
        struct str tail = STR_NONE;
        line = rest;
        str_cut(rest, '\n', &line, &tail);
        rest = tail;
        line = str_trim(line);
        if (!line.n)
            continue;
        if (utf8_length(line) < 4 || utf8_length(line) > 200)
            return fail_field(w, "parts", "format", "每一行写一项所需信息，4 至 200 个字");
        if (++n > 50)
            return fail_field(w, "parts", "too_many", "一次最多拆分为 50 件");
        if (split_one(w, s, line) < 0)
            return -1;
    }
    if (n < 2)
        return fail_field(w, "parts", "required", "请分行写出拆分后的各项信息，至少两项");
    json_t *p = json_object();
    json_set_int(p, "children", n);
    if (request_close(w, s, STR_NONE, work_today(w), "split") < 0)
        return -1;
    return request_record(w, s, "split", "split", p);
}
