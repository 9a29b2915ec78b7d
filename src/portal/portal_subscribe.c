/* portal_subscribe.c: a search sent by e-mail: asked for, confirmed from the mailbox, told of what is new, ended by one
 * click. The address is sealed; the links carry a code that only this installation can make. */
#include "notify/notify.h"
#include "portal/portal_internal.h"
#include "portal_sql.h"

#define DAY_MS 86400000LL
#define ADDRESS_DAILY 5 /* requests for one address in a day: nobody's mailbox is flooded */
#define CLIENT_DAILY 30 /* requests from one client in a day */
#define UNCONFIRMED_MS (2 * DAY_MS)
#define GRACE_MS 5000 /* a publication is told of when no earlier one can still be on its way */
#define SOON_MS 15000
#define TOLD_MOST 30
#define HOUR_OF_DAY 8 /* daily and weekly mails leave at eight, Shanghai */

static const char *often_name(struct str often) {
    return str_is(often, "soon") ? "一有新信息就发" : str_is(often, "week") ? "每周一次" : "每天一次";
}

/* ── addresses of one subscription ── */

static struct str code_of(struct work *w, int64_t id, int64_t created_at) {
    struct str s = str_printf(w->arena, "%lld %lld", (long long)id, (long long)created_at);
    return str_printf(w->arena, "%lld-%.*s", (long long)id, STR_ARG(blind_index(w, "subscription code", s)));
}

struct subscription {
    int64_t id, created_at, confirmed_at;
    struct str title, often, search, code;
};

/* 0; -1: no such subscription, or it has ended. */
static int find(struct http_request *in, struct subscription *ret) {
    struct work *w = in->w;
    struct str code = http_path_part(in, "code"), head, tail;
    struct db_rows r;
    int64_t id;
    if (!str_cut(code, '-', &head, &tail) || str_int(head, &id) < 0)
        return fail(w, ERR_NOT_FOUND, "这个订阅不存在，或者已经退订");
    int n = db_one(w, &sql_subscription_get, &r, DB_INT(id));
    if (n < 0)
        return -1;
    if (n == 0 || !str_eq(code_of(w, id, db_i(&r, 0, 3)), code))
        return fail(w, ERR_NOT_FOUND, "这个订阅不存在，或者已经退订");
    *ret = (struct subscription){.id = id,
                                 .title = db_s(&r, 0, 1),
                                 .often = db_s(&r, 0, 2),
                                 .created_at = db_i(&r, 0, 3),
                                 .confirmed_at = db_i(&r, 0, 4),
                                 .search = db_s(&r, 0, 5),
                                 .code = code};
    return 0;
}

/* ── asking ── */

static json_t *hidden_fields(const struct search_input *x) {
    json_t *list = json_array(), *o = search_input_json(x), *v;
    const char *k;
    json_object_foreach(o, k, v) json_array_append_new(list, json_pack("{s:s, s:O}", "name", k, "value", v));
    json_decref(o);
    return list;
}

static json_t *ask_model(struct work *w, const struct search_input *x) {
    json_t *model = json_object(), *list = json_array();
    json_set_str(model, "title", search_title(w, x));
    json_set_str(model, "search", search_address(w->arena, x, "/search", NULL, STR_NONE));
    json_set_str(model, "feed", search_address(w->arena, x, "/search.atom", NULL, STR_NONE));
    json_set_bool(model, "open", notify_can_mail(w->config));
    json_object_set_new(model, "kept", hidden_fields(x));
    for (const struct field_option *f = portal_often; f->value; f++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "value", f->value, "label", f->label, "checked",
                                              x->often.n ? str_is(x->often, f->value) : f == portal_often));
    json_object_set_new(model, "often", list);
    return model;
}

int portal_subscribe_form(struct http_request *in, struct http_response *out) {
    struct search_input x;
    if (fields_read(in, &portal_search_table, &x) < 0)
        return -1;
    return view_page(out, "portal/subscribe", ask_model(in->w, &x));
}

/* Neither a mailbox nor this program is flooded: 0 or -1. */
static int few_enough(struct work *w, struct str address_key, struct str from) {
    struct db_rows a, b;
    int64_t since = w->now - DAY_MS;
    if (db_one(w, &sql_subscription_asked_of_address, &a, DB_TEXT(address_key), DB_INT(since)) < 0 ||
        db_one(w, &sql_subscription_asked_from, &b, DB_TEXT(from), DB_INT(since)) < 0)
        return -1;
    if (db_i(&a, 0, 0) >= ADDRESS_DAILY)
        return fail_field(w, "email", "too_many", "这个邮箱今天已经申请过 %d 次，请明天再试", ADDRESS_DAILY);
    if (db_i(&b, 0, 0) >= CLIENT_DAILY)
        return fail(w, ERR_TOO_MANY, "您今天申请订阅的次数过多，请明天再试");
    return 0;
}

static int ask_to_confirm(struct work *w, struct str to, struct str title, struct str code) {
    const char *base = w->config->base_url;
    struct notify_mail m = {.to = to};
    m.subject = str_printf(w->arena, "请确认订阅：%.*s", STR_ARG(title));
    m.text = str_printf(w->arena,
                        "您好！\n\n有人在“%s”用这个邮箱申请订阅：%.*"
                        "s。\n\n如果是您本人，请在两天内打开下面的网址，按“确认订阅”：\n\n%s/"
                        "subscriptions/%.*s\n\n如果不是您本人，不必理会，我们不会再写信给您，也不保留这个邮箱。\n\n"
                        "本邮件由系统自动发出，请勿回复。\n",
                        w->config->site_name, STR_ARG(title), base, STR_ARG(code));
    return notify_mail(w, &m);
}

/* One mailbox, whatever its case. */
static struct str mailbox_key(struct work *w, struct str email) {
    char *s = str_dupz(w->arena, email);
    for (char *p = s; *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    return blind_index(w, "subscription", str_z(s));
}

static int subscribe(struct work *w, const struct search_input *x) {
    struct str key = mailbox_key(w, x->email);
    struct str from = blind_index(w, "subscription client", str_z(w->actor.address));
    struct str title = search_title(w, x), sealed = seal(w, "subscription", x->email);
    struct db_rows r;
    if (few_enough(w, key, from) < 0)
        return -1;
    json_t *o = search_input_json(x);
    char *text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    int n = sealed.n ? db_one(w, &sql_subscription_insert, &r, DB_TEXT(sealed), DB_TEXT(key), DB_TEXT(from),
                              DB_TEXTZ(text), DB_TEXT(title), DB_TEXT(x->often.n ? x->often : S("day")), DB_INT(w->now))
                     : -1;
    free(text);
    return n == 1 ? ask_to_confirm(w, x->email, title, code_of(w, db_i(&r, 0, 0), w->now)) : -1;
}

int portal_subscribe(struct http_request *in, struct http_response *out) {
    struct search_input x;
    struct work *w = in->w;
    int rc = fields_read(in, &portal_subscribe_table, &x);
    if (rc == 0 && !notify_can_mail(w->config))
        rc = fail(w, ERR_WRONG_STATE, "本站没有开通邮件订阅，可以用 Atom 订阅");
    if (rc == 0 && !notify_address_ok(x.email))
        rc = fail_field(w, "email", "format", "请写完整的邮箱地址，如 name@example.cn");
    if (rc == 0)
        rc = subscribe(w, &x);
    if (rc < 0 && (in->api || w->error.code != ERR_INVALID))
        return -1;
    json_t *model = ask_model(w, &x);
    if (rc < 0)
        return view_form_again(in, out, "portal/subscribe", &portal_subscribe_table, model);
    json_set_bool(model, "asked", true);
    return view_page(out, "portal/subscribe", model);
}

/* ── one subscription ── */

static int show(struct http_request *in, struct http_response *out, const struct subscription *s, const char *what) {
    struct search_input x;
    json_t *model = json_object(), *o = json_loadb(s->search.p, s->search.n, 0, NULL);
    search_input_from(in->w->arena, o, &x);
    json_decref(o);
    json_set_str(model, "title", s->title);
    json_set_str(model, "code", s->code);
    json_object_set_new(model, "often", json_string(often_name(s->often)));
    json_set_bool(model, "confirmed", s->confirmed_at > 0);
    json_set_str(model, "search", search_address(in->w->arena, &x, "/search", NULL, STR_NONE));
    json_set_bool(model, what, true);
    return view_page(out, "portal/subscription", model);
}

int portal_subscription(struct http_request *in, struct http_response *out) {
    struct subscription s;
    return find(in, &s) < 0 ? -1 : show(in, out, &s, "shown");
}

int portal_subscription_confirm(struct http_request *in, struct http_response *out) {
    struct subscription s;
    if (find(in, &s) < 0 || db_exec(in->w, &sql_subscription_confirm, DB_INT(s.id), DB_INT(in->w->now)) < 0)
        return -1;
    s.confirmed_at = in->w->now;
    return show(in, out, &s, "begun");
}

int portal_subscription_end(struct http_request *in, struct http_response *out) {
    struct subscription s;
    if (find(in, &s) < 0 || db_exec(in->w, &sql_subscription_delete, DB_INT(s.id)) < 0)
        return -1;
    return show(in, out, &s, "ended");
}

/* ── telling ── */

static int64_t next_time(struct str often, int64_t now) {
    if (str_is(often, "soon"))
        return now + SOON_MS;
    day_t d = day_of(now);
    int64_t hour = HOUR_OF_DAY * 3600000LL;
    if (day_start(d) + hour <= now)
        d++;
    while (str_is(often, "week") && day_weekday(d) != 1)
        d++;
    return day_start(d) + hour;
}

static struct str text_of(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

/* The newest hits in (after, upto], as lines of a mail; their number. */
static size_t new_lines(struct work *w, const struct search_input *x, int64_t after, int64_t upto, struct buf *b) {
    struct search_query ask;
    size_t i, n = 0;
    json_t *hit;
    search_query_of(x, &ask);
    ask.sort = SEARCH_NEWEST;
    ask.plain = true;
    ask.page = 1;
    ask.size = 200;
    ask.from = ask.from == DAY_NONE || ask.from < day_of(after) ? day_of(after) : ask.from;
    json_t *model = search_find(w, &ask);
    json_array_foreach(json_object_get(model, "hits"), i, hit) {
        int64_t at = json_integer_value(json_object_get(hit, "published_ms"));
        if (at <= after || at > upto)
            continue;
        if (n++ < TOLD_MOST)
            buf_printf(b, "%zu. %.*s\n   %.*s  %.*s\n   %s%.*s\n\n", n, STR_ARG(text_of(hit, "title")),
                       STR_ARG(text_of(hit, "unit_name")), STR_ARG(text_of(hit, "day")), w->config->base_url,
                       STR_ARG(text_of(hit, "address")));
    }
    json_decref(model);
    return model ? n : SIZE_MAX;
}

static int tell(struct work *w, struct str to, struct str title, struct str code, const struct search_input *x,
                size_t n, struct str lines) {
    const char *base = w->config->base_url;
    struct notify_mail m = {.to = to};
    m.leave = str_printf(w->arena, "%s/subscriptions/%.*s/end", base, STR_ARG(code));
    m.subject = str_printf(w->arena, "%.*s：%zu 条新信息", STR_ARG(title), n);
    m.text = str_printf(
        w->arena,
        "您好！您订阅的“%.*s”有 %zu 条新公开的信息%s：\n\n%.*s全部结果：%s%.*s\n退订：%s/subscriptions/%.*s\n\n"
        "本邮件由系统自动发出，请勿回复。\n",
        STR_ARG(title), n, n > TOLD_MOST ? "，以下是最新的 30 条" : "", STR_ARG(lines), base,
        STR_ARG(search_address(w->arena, x, "/search", "sort", S("newest"))), base, STR_ARG(code));
    return notify_mail(w, &m);
}

/* One subscription: the mail and the note of it in one transaction. */
static int look(struct work *w, const struct db_rows *r, size_t i) {
    int64_t id = db_i(r, i, 0), seen = db_i(r, i, 5), upto = w->now - GRACE_MS;
    struct search_input x;
    struct buf b;
    struct str to = STR_NONE, search = db_s(r, i, 2);
    json_t *o = json_loadb(search.p, search.n, 0, NULL);
    search_input_from(w->arena, o, &x);
    json_decref(o);
    buf_init(&b, 256 * 1024);
    size_t n = upto > seen ? new_lines(w, &x, seen, upto, &b) : 0;
    int rc = n == SIZE_MAX ? -1 : 0;
    if (rc == 0 && n && seal_open(w, "subscription", db_s(r, i, 1), &to) < 0)
        log_line(LOG_ERROR, "subscription_not_readable", "subscription=%lld", (long long)id);
    if (rc == 0 && (rc = db_begin(w)) == 0) {
        if (to.n)
            rc = tell(w, to, db_s(r, i, 3), code_of(w, id, db_i(r, i, 6)), &x, n, buf_str(&b));
        if (rc == 0)
            rc = db_exec(w, &sql_subscription_told, DB_INT(id), DB_INT(seen), DB_INT(upto > seen ? upto : seen),
                         DB_INT(next_time(db_s(r, i, 4), w->now))) == 1
                     ? db_commit(w)
                     : -1;
        if (rc < 0)
            db_rollback(w);
    }
    buf_release(&b);
    return rc;
}

static int sweep(struct work *w) {
    if (db_begin(w) < 0)
        return -1;
    if (db_exec(w, &sql_subscription_sweep, DB_INT(w->now - UNCONFIRMED_MS)) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

int portal_tell_subscribers(struct work *w, json_t *args) {
    struct db_rows r;
    (void)args;
    if (!notify_can_mail(w->config))
        return 0;
    if (sweep(w) < 0 || db_query(w, &sql_subscription_due, &r, DB_INT(w->now)) < 0)
        return -1;
    if (r.n && !search_caught_up(5000))
        return fail(w, ERR_BUSY, "检索索引还没有跟上");
    for (size_t i = 0; i < r.n; i++)
        if (look(w, &r, i) < 0)
            return -1;
    return 0;
}
