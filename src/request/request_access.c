/* request_access.c: how an applicant reaches the case: by number and query code, without an account. Whatever is wrong,
 * the answer is the same; wrong codes are counted per client and per number, so that nobody guesses. What is shown is
 * what concerns the applicant: no name of staff, no opinion of others, no draft. */
#include "request/request_apply.h"

#include <openssl/crypto.h>

#define HOUR_MS 3600000LL
#define WRONG_PER_CLIENT 10 /* wrong codes in an hour */
#define WRONG_PER_NUMBER                                                                                               \
    200 /* of all clients: of 50 bits nothing is guessed so, and few cannot lock an applicant out */
#define COOKIE_MS (2 * HOUR_MS)

/* Typed by hand from paper: case, blanks and look-alikes do not matter. */
static struct str code_normal(struct work *w, struct str typed) {
    struct str s = utf8_halfwidth(w->arena, str_trim(typed));
    char *out = arena_alloc(w->arena, s.n + 2);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        if (ch == '-' || ch == ' ')
            continue;
        ch = (char)(ch >= 'a' && ch <= 'z' ? ch - 32 : ch);
        ch = (char)(ch == 'O' ? '0' : ch == 'I' || ch == 'L' ? '1' : ch);
        if (n == 5)
            out[n++] = '-';
        out[n++] = ch;
    }
    return (struct str){out, n};
}

static int too_many(struct work *w, struct str key, int most) {
    struct db_rows r;
    if (db_one(w, &sql_request_attempts, &r, DB_TEXT(key), DB_INT(w->now - HOUR_MS)) < 0)
        return -1;
    return db_i(&r, 0, 0) >= most
               ? fail(w, ERR_TOO_MANY, "编号或查询码多次不符，请一小时后再试；忘记查询码的，请持身份证明与受理机关联系")
               : 0;
}

static int note_wrong(struct work *w, struct str client, struct str number) {
    if (db_begin(w) < 0)
        return -1;
    if (db_exec(w, &sql_request_attempt_insert, DB_TEXT(client), DB_INT(w->now)) < 0 ||
        db_exec(w, &sql_request_attempt_insert, DB_TEXT(number), DB_INT(w->now)) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

int request_not_too_often(struct work *w, const char *what, int most) {
    struct str key = blind_index(w, str_printf(w->arena, "request %s", what).p, str_z(w->actor.address));
    struct db_rows r;
    if (db_one(w, &sql_request_attempts, &r, DB_TEXT(key), DB_INT(w->now - HOUR_MS)) < 0)
        return -1;
    if (db_i(&r, 0, 0) >= most)
        return fail(w, ERR_TOO_MANY, "一小时内提交的次数过多，请稍后再试；填写的内容仍在本页");
    if (db_begin(w) < 0)
        return -1;
    if (db_exec(w, &sql_request_attempt_insert, DB_TEXT(key), DB_INT(w->now)) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

static bool code_opens(struct work *w, const struct request *c, struct str typed) {
    struct str key =
        blind_index(w, "request code", str_printf(w->arena, "%.*s %.*s", STR_ARG(c->number), STR_ARG(typed)));
    return c->code_key.n == key.n && CRYPTO_memcmp(c->code_key.p, key.p, key.n) == 0;
}

/* A case that was split from another is opened by the code of the one that was handed in: no other was given out. */
static int opens(struct work *w, const struct request *c, struct str typed) {
    struct request at = *c;
    while (!code_opens(w, &at, typed)) {
        if (!at.parent_id)
            return 0;
        if (request_get(w, at.parent_id, &at) < 0)
            return -1;
    }
    return 1;
}

/* Outside a transaction: a wrong code is counted although the request fails. */
int request_unlock(struct work *w, struct str number, struct str code, struct request *ret) {
    struct str plain = str_trim(utf8_halfwidth(w->arena, number)), typed = code_normal(w, code);
    struct str client = blind_index(w, "request client", str_z(w->actor.address)),
               of_number = blind_index(w, "request number", plain);
    if (too_many(w, client, WRONG_PER_CLIENT) < 0 || too_many(w, of_number, WRONG_PER_NUMBER) < 0)
        return -1;
    int n = request_by_number(w, plain, ret);
    if (n == 1)
        n = opens(w, ret, typed);
    if (n != 0)
        return n < 0 ? -1 : 0;
    if (note_wrong(w, client, of_number) < 0)
        return -1;
    return fail_field(w, "code", "wrong", "申请编号或查询码不符，请核对受理回执");
}

static struct str cookie_mac(struct work *w, int64_t id, int64_t until, struct str code_key) {
    return blind_index(w, "request cookie",
                       str_printf(w->arena, "%lld %lld %.*s", (long long)id, (long long)until, STR_ARG(code_key)));
}

struct str request_cookie(struct work *w, const struct request *c) {
    int64_t until = w->now + COOKIE_MS;
    return str_printf(w->arena, "foi=%lld.%lld.%.*s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s", (long long)c->id,
                      (long long)until, STR_ARG(cookie_mac(w, c->id, until, c->code_key)), COOKIE_MS / 1000LL,
                      strncmp(w->config->base_url, "https:", 6) == 0 ? "; Secure" : "");
}

/* The case that the cookie opens: 1, 0, -1. */
static int from_cookie(struct http_request *in, struct request *ret) {
    struct work *w = in->w;
    struct str id_text, rest, until_text, mac;
    int64_t id, until;
    if (!str_cut(http_cookie(in, "foi"), '.', &id_text, &rest) || !str_cut(rest, '.', &until_text, &mac) ||
        str_int(id_text, &id) < 0 || str_int(until_text, &until) < 0 || until < w->now)
        return 0;
    if (request_get(w, id, ret) < 0) {
        error_clear(w);
        return 0;
    }
    struct str good = cookie_mac(w, id, until, ret->code_key);
    return mac.n == good.n && CRYPTO_memcmp(mac.p, good.p, mac.n) == 0;
}

/* The case named in the address, when it is the opened one or one split from it. */
int request_of_applicant(struct http_request *in, struct request *ret) {
    struct work *w = in->w;
    struct request opened, wanted;
    struct str number = http_path_part(in, "number"), code = http_header(in, "X-Request-Code");
    int n = code.n ? (request_unlock(w, number, code, &opened) == 0 ? 1 : -1) : from_cookie(in, &opened);
    if (n < 0)
        return -1;
    if (n == 1 && str_eq(opened.number, number)) {
        *ret = opened;
        return 0;
    }
    if (n == 1 && request_by_number(w, number, &wanted) == 1 && wanted.parent_id == opened.id) {
        *ret = wanted;
        return 0;
    }
    return fail(w, ERR_FORBIDDEN, "请输入申请编号和查询码");
}

/* ── what the applicant sees ── */

static const struct {
    const char *verb, *text;
} course_words[] = {
    {"submitted", "提交申请"},
    {"confirmed", "确认收到申请，开始计算答复期限"},
    {"assigned", "分办到承办单位"},
    {"taken", "开始办理"},
    {"clarify_asked", "告知补正"},
    {"supplemented", "收到补正，答复期限重新计算"},
    {"consulted", "征求有关方面意见，暂停计时"},
    {"answered", "收到意见，恢复计时"},
    {"consult_lapsed", "征求意见期满，恢复计时"},
    {"reasons_asked", "要求说明理由"},
    {"reasons_given", "已说明理由"},
    {"fee_asked", "通知缴纳信息处理费"},
    {"fee_disputed", "对收费提出异议"},
    {"paid", "完成缴费，处理期限重新计算"},
    {"extended", "延期答复"},
    {"delayed", "确定合理延迟期限"},
    {"split", "拆分为多件办理"},
    {"reply_submitted", "答复审核中"},
    {"replied", "作出答复"},
    {"delivered", "送达"},
    {"withdrawn", "撤回申请"},
    {"abandoned", "不再处理"},
    {"redated", "工作日历调整，期限重算"},
    {"archived", "归档"},
    {"remedy_filed", "登记复议、诉讼"},
    {"rated", "已评价"},
    {"publication_proposed", "建议纳入主动公开"},
};

/* Newest first, without names of posts. */
static json_t *course(struct work *w, const struct request *c) {
    json_t *all = event_list(w, "request", c->id, false), *list = json_array(), *e;
    size_t i;
    json_array_foreach(all, i, e) {
        const char *verb = json_string_value(json_object_get(e, "verb"));
        for (size_t k = 0; verb && k < countof(course_words); k++)
            if (strcmp(verb, course_words[k].verb) == 0) {
                json_t *o = json_object();
                json_object_set_new(o, "text", json_string(course_words[k].text));
                json_object_set(o, "at_text", json_object_get(e, "at_text"));
                json_array_insert_new(list, 0, o);
            }
    }
    json_decref(all);
    return list;
}

/* What this state asks of the applicant, or who has it. */
static const char *waits_for(const struct request *c) {
    static const struct {
        const char *state, *text;
    } words[] = {{"submitted", "受理机关将在1个工作日内与您确认收到申请"},
                 {"registered", "已经登记，等待承办"},
                 {"working", "正在办理"},
                 {"clarifying", "请您补正申请内容"},
                 {"consulting", "正在征求有关方面意见，期间不计入答复期限"},
                 {"reasons", "请您说明理由"},
                 {"fee", "请您按收费通知缴费"},
                 {"drafting", "正在拟写答复"},
                 {"legal", "答复正在审核"},
                 {"secrecy", "答复正在审核"},
                 {"signing", "答复等待签发"},
                 {"replied", "答复已经作出，请领取"},
                 {"delivered", "答复已经送达"},
                 {"archived", "已经办结归档"},
                 {"closed", "已经终止办理"},
                 {"split", "已拆分为多件，请分别查看"}};
    for (size_t i = 0; i < countof(words); i++)
        if (str_is(c->state, words[i].state))
            return words[i].text;
    return "";
}

static bool in_states(const struct request *c, const char *const *states, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_is(c->state, states[i]))
            return true;
    return false;
}

static void put_can(const struct request *c, json_t *o) {
    static const char *const answered[] = {"replied", "delivered", "archived"};
    json_t *can = json_object();
    bool over = in_states(c, answered, countof(answered));
    json_set_bool(can, "supplement", str_is(c->state, "clarifying"));
    json_set_bool(can, "give_reasons", str_is(c->state, "reasons"));
    json_set_bool(can, "dispute", str_is(c->state, "fee"));
    json_set_bool(can, "fetch", str_is(c->state, "replied"));
    json_set_bool(can, "withdraw", c->closed_day == DAY_NONE);
    json_set_bool(can, "rate", (over || str_is(c->state, "closed")) && !c->rating);
    json_set_bool(can, "suggest", over && c->fingerprint.n > 0);
    json_object_set_new(o, "can", can);
}

/* Letters to the applicant, issued; those to third parties are not. */
static json_t *letters_for_applicant(struct work *w, const struct request *c) {
    json_t *all = letter_list(w, "request", c->id), *kept = json_array(), *l;
    size_t i;
    json_array_foreach(all, i, l) {
        const char *t = json_string_value(json_object_get(l, "template")),
                   *s = json_string_value(json_object_get(l, "state"));
        if (!t || !s || strcmp(s, "issued") != 0 || strncmp(t, "consult", 7) == 0 || strcmp(t, "third_told") == 0)
            continue;
        if (str_is(c->state, "replied") && json_integer_value(json_object_get(l, "id")) == c->letter_id)
            continue; /* fetching it is a step of its own, on record: 送达 */
        json_t *o = json_copy(l);
        json_object_set_new(o, "href",
                            json_sprintf("/requests/%.*s/letters/%lld", STR_ARG(c->number),
                                         (long long)json_integer_value(json_object_get(l, "id"))));
        json_array_append_new(kept, o);
    }
    json_decref(all);
    return kept;
}

static json_t *files_for_applicant(struct work *w, const struct request *c) {
    struct db_rows r;
    struct sealed_file f;
    json_t *list = json_array();
    if (db_query(w, &sql_request_files, &r, DB_INT(c->id)) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++) {
        bool released = str_is(db_s(&r, i, 2), "released");
        if ((!released && !db_i(&r, i, 4)) || (released && (!c->replied_at || str_is(c->state, "replied"))) ||
            sealed_get(w, db_i(&r, i, 3), &f) < 0) {
            error_clear(w);
            continue;
        }
        json_t *o = json_object();
        json_set_str(o, "name", f.name);
        json_set_int(o, "size", f.size);
        json_set_bool(o, "released", released);
        json_object_set_new(o, "href",
                            json_sprintf("/requests/%.*s/files/%lld", STR_ARG(c->number), (long long)db_i(&r, i, 0)));
        json_array_append_new(list, o);
    }
    return list;
}

json_t *request_public_json(struct work *w, const struct request *c) {
    json_t *o = request_json(w, c);
    static const char *const inside[] = {"id", "masked", "officer", "revision", "late", "outcome", "outcome_name"};
    for (size_t i = 0; i < (c->closed_day == DAY_NONE ? countof(inside) : 5); i++)
        json_object_del(o, inside[i]);
    json_object_set_new(o, "waits_for", json_string(waits_for(c)));
    json_object_set_new(o, "course", course(w, c));
    json_object_set_new(o, "asks", asks_json(w, c->id, true));
    json_object_set_new(o, "letters", letters_for_applicant(w, c));
    json_object_set_new(o, "files", files_for_applicant(w, c));
    json_t *certificate = json_loadb(c->certificate.p, c->certificate.n, 0, NULL);
    if (certificate)
        json_object_set_new(o, "certificate", certificate);
    put_can(c, o);
    return o;
}
