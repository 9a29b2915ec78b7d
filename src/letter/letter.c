/* letter.c: drafts, issue with number and seal, reading, erasure. */
#include "letter/letter_internal.h"
#include "paper/paper.h"

#include <openssl/evp.h>

#define PDF_BYTES (2 * 1024 * 1024)
#define BODY_CHARS 20000
#define CODE_BYTES 10 /* 80 bits: 16 letters */

struct letter {
    int64_t id, unit_id, subject_id, revision, created_at, issued_at, erased_at;
    struct str template, subject_kind, state, day, number, code, sha256, sealed;
};

static struct letter letter_of(const struct db_rows *r, size_t i) {
    return (struct letter){db_i(r, i, 0),  db_i(r, i, 1),  db_i(r, i, 4),  db_i(r, i, 6),  db_i(r, i, 7),
                           db_i(r, i, 8),  db_i(r, i, 9),  db_s(r, i, 2),  db_s(r, i, 3),  db_s(r, i, 5),
                           db_s(r, i, 10), db_s(r, i, 11), db_s(r, i, 12), db_s(r, i, 13), db_s(r, i, 14)};
}

static int letter_get(struct work *w, int64_t id, bool lock, struct letter *ret) {
    struct db_rows r;
    int n = lock ? db_lock(w, &sql_letter_get, &r, DB_INT(id)) : db_one(w, &sql_letter_get, &r, DB_INT(id));
    if (n == 1)
        *ret = letter_of(&r, 0);
    return n < 0 ? -1 : n ? 0 : fail(w, ERR_NOT_FOUND, "没有这份文书");
}

static int draft_get(struct work *w, int64_t id, struct letter *ret) {
    if (letter_get(w, id, true, ret) < 0)
        return -1;
    return str_is(ret->state, "draft") ? 0 : fail(w, ERR_WRONG_STATE, "文书已经制发，不能再修改");
}

/* Without anything of a person: what it is, its number and digest. */
static int event(struct work *w, const struct letter *l, const char *verb) {
    json_t *payload = json_object();
    json_set_str(payload, "template", l->template);
    json_set_str(payload, "subject_kind", l->subject_kind);
    json_set_int(payload, "subject_id", l->subject_id);
    if (l->number.n) {
        json_set_str(payload, "number", l->number);
        json_set_str(payload, "sha256", l->sha256);
    }
    struct event e = {.room = "letter",
                      .verb = verb,
                      .subject_kind = "letter",
                      .subject_id = l->id,
                      .unit_id = l->unit_id,
                      .visibility = EVENT_RESTRICTED,
                      .payload = payload};
    int rc = event_append(w, &e, NULL);
    json_decref(payload);
    return rc;
}

/* ── the sealed text ── */

static int text_seal(struct work *w, json_t *text, struct str *ret) {
    char *plain = json_dumps(text, JSON_COMPACT);
    *ret = seal(w, "letter", str_z(plain));
    free(plain);
    return ret->n ? 0 : fail(w, ERR_INTERNAL, "文书没有保存成功，请稍后再试");
}

/* New reference. */
static json_t *text_open(struct work *w, const struct letter *l) {
    struct str plain;
    if (str_is(l->state, "erased")) {
        fail(w, ERR_GONE, "这份文书的内容已经依法删除");
        return NULL;
    }
    json_t *o = seal_open(w, "letter", l->sealed, &plain) == 0 ? json_loadb(plain.p, plain.n, 0, NULL) : NULL;
    if (!o)
        fail(w, ERR_INTERNAL, "文书无法解封：密钥不是写入时的那一个");
    return o;
}

static struct str text_member(struct work *w, const json_t *o, const char *key) {
    return str_dup(w->arena, str_z(json_string_value(json_object_get(o, key))));
}

/* ── drafts ── */

static json_t *text_json(struct work *w, const struct letter_text_new *t, const struct unit *u, json_t *facts) {
    json_t *o = json_object(), *details = json_loadb(u->details.p, u->details.n, 0, NULL),
           *annexes = json_object_get(facts, "materials");
    const char *telephone = json_string_value(json_object_get(details, "telephone"));
    json_set_str(o, "addressee", t->addressee);
    json_set_str(o, "title", t->title);
    json_set_str(o, "body", t->body);
    json_set_str(o, "note", telephone && *telephone ? str_printf(w->arena, "联系电话：%s", telephone) : STR_NONE);
    json_object_set_new(o, "annexes", json_is_array(annexes) ? json_deep_copy(annexes) : json_array());
    json_decref(details);
    return o;
}

int letter_draft(struct work *w, const struct letter_new *n, int64_t *ret_id) {
    struct unit u;
    struct letter_text_new t;
    struct db_rows r;
    struct str sealed;
    if (unit_get(w, n->unit_id, &u) < 0 || letter_compose(w, n->template, &u, n->facts, &t) < 0)
        return -1;
    json_t *text = text_json(w, &t, &u, n->facts);
    int rc = text_seal(w, text, &sealed);
    json_decref(text);
    if (rc < 0 ||
        db_one(w, &sql_letter_insert, &r, DB_INT(n->unit_id), DB_TEXTZ(n->template), DB_TEXTZ(n->subject_kind),
               DB_INT(n->subject_id), DB_INT(w->now), DB_INT(w->actor.person_id), DB_TEXT(sealed)) < 0)
        return -1;
    struct letter l = {.id = db_i(&r, 0, 0),
                       .unit_id = n->unit_id,
                       .subject_id = n->subject_id,
                       .template = str_z(n->template),
                       .subject_kind = str_z(n->subject_kind)};
    if (event(w, &l, "drafted") < 0)
        return -1;
    *ret_id = l.id;
    return 0;
}

static int check_length(struct work *w, const char *field, const char *label, struct str s, size_t least, size_t most) {
    if (!utf8_valid(s))
        return fail_field(w, field, "format", "%s含有无法识别的字符", label);
    if (utf8_length(str_trim(s)) < least)
        return fail_field(w, field, "required", "请填写%s", label);
    if (utf8_length(s) > most)
        return fail_field(w, field, "too_long", "%s最多 %zu 个字", label, most);
    return 0;
}

int letter_save(struct work *w, int64_t id, struct str addressee, struct str title, struct str body, int64_t revision) {
    struct letter l;
    struct str sealed;
    if (draft_get(w, id, &l) < 0)
        return -1;
    if (l.revision != revision)
        return fail(w, ERR_CONFLICT, "%s", "");
    int a = check_length(w, "addressee", "主送", addressee, 0, 100),
        b = check_length(w, "title", "标题", title, 1, 200), c = check_length(w, "body", "正文", body, 1, BODY_CHARS);
    json_t *text = a < 0 || b < 0 || c < 0 ? NULL : text_open(w, &l);
    if (!text)
        return -1;
    json_set_str(text, "addressee", str_trim(addressee));
    json_set_str(text, "title", str_trim(title));
    json_set_str(text, "body", body);
    int rc = text_seal(w, text, &sealed);
    json_decref(text);
    if (rc < 0)
        return -1;
    int n = db_exec(w, &sql_letter_save, DB_INT(id), DB_INT(revision), DB_TEXT(sealed));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_CONFLICT, "%s", "");
    return event(w, &l, "saved");
}

int letter_delete_draft(struct work *w, int64_t id) {
    struct letter l;
    if (draft_get(w, id, &l) < 0 || db_exec(w, &sql_letter_delete, DB_INT(id)) < 0)
        return -1;
    return event(w, &l, "draft_deleted");
}

/* ── on paper ── */

static struct str check_address(struct work *w, struct str code) {
    return code.n ? str_printf(w->arena, "%s/letters/%.*s", w->config->base_url, STR_ARG(code)) : STR_NONE;
}

typedef int paper_writer(struct work *w, const struct paper_letter *l, struct str *ret);

static int write_paper(struct work *w, const struct letter *l, paper_writer *write, struct str *ret) {
    struct unit u;
    struct paper_letter p = {.number = l->number, .day = DAY_NONE, .check = check_address(w, l->code)};
    if (unit_get(w, l->unit_id, &u) < 0)
        return -1;
    json_t *text = text_open(w, l), *annexes = json_object_get(text, "annexes"), *a;
    if (!text)
        return -1;
    size_t i, n = json_array_size(annexes);
    struct str *names = arena_many(w->arena, struct str, n + 1);
    json_array_foreach(annexes, i, a) names[i] = str_dup(w->arena, str_z(json_string_value(a)));
    p.organ = p.signer = u.name;
    p.title = text_member(w, text, "title");
    p.addressee = text_member(w, text, "addressee");
    p.body = text_member(w, text, "body");
    p.note = text_member(w, text, "note");
    p.annexes = names;
    p.annex_count = n;
    p.draft = !l->number.n;
    if (l->day.n && day_parse(l->day, &p.day) < 0)
        p.day = DAY_NONE;
    json_decref(text);
    return write(w, &p, ret);
}

/* ── issue ── */

static struct str new_code(struct work *w) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    unsigned char raw[CODE_BYTES];
    char *code = arena_alloc(w->arena, CODE_BYTES * 8 / 5 + 1);
    random_bytes(raw, sizeof raw);
    for (unsigned bit = 0, i = 0; bit < CODE_BYTES * 8; bit += 5, i++) {
        unsigned pair = (unsigned)raw[bit / 8] << 8 | (bit / 8 + 1 < CODE_BYTES ? raw[bit / 8 + 1] : 0);
        code[i] = letters[pair >> (11 - bit % 8) & 31];
    }
    return str_z(code);
}

static int number_next(struct work *w, int64_t unit_id, day_t day, int *ret_year, int64_t *ret_serial,
                       struct str *ret_number) {
    struct db_rows r;
    struct str word;
    int month, mday;
    day_split(day, ret_year, &month, &mday);
    if (letter_word(w, unit_id, &word) < 0 ||
        db_one(w, &sql_letter_serial_next, &r, DB_INT(unit_id), DB_INT(*ret_year)) < 0)
        return -1;
    *ret_serial = db_i(&r, 0, 0);
    *ret_number = str_printf(w->arena, "%.*s依复〔%d〕%lld号", STR_ARG(word), *ret_year, (long long)*ret_serial);
    int n = db_one(w, &sql_letter_number_used, &r, DB_TEXT(*ret_number));
    if (n == 0)
        return 0;
    return n < 0 ? -1
                 : fail(w, ERR_DUPLICATE, "文号“%.*s”已被其他单位使用，请先设置本单位的机关代字", STR_ARG(*ret_number));
}

static struct str digest(struct work *w, struct str bytes) {
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    return EVP_Digest(bytes.p, bytes.n, md, &n, EVP_sha256(), NULL) == 1 ? hex_encode(w->arena, md, n) : STR_NONE;
}

static int number_free(struct work *w, struct str number) {
    struct db_rows r;
    int n = db_one(w, &sql_letter_number_used, &r, DB_TEXT(number));
    return n == 0 ? 0 : n < 0 ? -1 : fail(w, ERR_DUPLICATE, "文号“%.*s”已经使用", STR_ARG(number));
}

static int issue(struct work *w, int64_t id, day_t day, struct str number) {
    struct letter l;
    struct str pdf, sealed;
    int64_t serial = 0;
    int year, month, mday;
    if (draft_get(w, id, &l) < 0)
        return -1;
    if (day == DAY_NONE || day > work_today(w))
        return fail_field(w, "day", "range", "成文日期不能晚于今天");
    day_split(day, &year, &month, &mday);
    l.number = number;
    if (number.n ? number_free(w, number) < 0 : number_next(w, l.unit_id, day, &year, &serial, &l.number) < 0)
        return -1;
    l.day = day_str(w->arena, day);
    l.code = new_code(w);
    if (write_paper(w, &l, paper_letter_pdf, &pdf) < 0)
        return -1;
    if (pdf.n > PDF_BYTES)
        return fail(w, ERR_TOO_LARGE, "文书过长，生成的 PDF 超过 2 MB，请缩短正文或者改作附件");
    l.sha256 = digest(w, pdf);
    sealed = seal(w, "letter pdf", pdf);
    if (!l.sha256.n || !sealed.n)
        return fail(w, ERR_INTERNAL, "%s", "");
    int n = db_exec(w, &sql_letter_issue, DB_INT(id), DB_INT(w->now), DB_TEXT(l.day), DB_INT(year), DB_ID(serial),
                    DB_TEXT(l.number), DB_TEXT(l.code), DB_TEXT(l.sha256), DB_TEXT(sealed));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_WRONG_STATE, "%s", "");
    return event(w, &l, "issued");
}

int letter_issue(struct work *w, int64_t id, day_t day) {
    return issue(w, id, day, STR_NONE);
}

int letter_issue_numbered(struct work *w, int64_t id, day_t day, struct str number) {
    return number.n ? issue(w, id, day, number) : fail(w, ERR_INTERNAL, "%s", "");
}

int letter_erase(struct work *w, int64_t id) {
    struct letter l;
    if (letter_get(w, id, true, &l) < 0)
        return -1;
    if (!str_is(l.state, "issued"))
        return fail(w, ERR_WRONG_STATE, "%s",
                    str_is(l.state, "draft") ? "文书尚未制发，请直接删除草稿" : "这份文书的内容已经删除");
    return db_exec(w, &sql_letter_erase, DB_INT(id), DB_INT(w->now)) < 0 ? -1 : event(w, &l, "erased");
}

/* ── reading ── */

int letter_pdf(struct work *w, int64_t id, struct str *ret) {
    struct letter l;
    struct db_rows r;
    if (letter_get(w, id, false, &l) < 0)
        return -1;
    if (!str_is(l.state, "issued"))
        return write_paper(w, &l, paper_letter_pdf, ret);
    int n = db_one(w, &sql_letter_pdf_get, &r, DB_INT(id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_GONE, "%s", "");
    return seal_open(w, "letter pdf", db_s(&r, 0, 0), ret) == 0
               ? 0
               : fail(w, ERR_INTERNAL, "文书无法解封：密钥不是写入时的那一个");
}

int letter_docx(struct work *w, int64_t id, struct str *ret) {
    struct letter l;
    return letter_get(w, id, false, &l) < 0 ? -1 : write_paper(w, &l, paper_letter_docx, ret);
}

static json_t *json_of(struct work *w, const struct letter *l) {
    json_t *o = json_object();
    day_t day = DAY_NONE;
    json_set_int(o, "id", l->id);
    json_set_int(o, "unit_id", l->unit_id);
    json_set_str(o, "template", l->template);
    json_set_str(o, "name", letter_template_word(w, l->template, "name"));
    json_set_str(o, "subject_kind", l->subject_kind);
    json_set_int(o, "subject_id", l->subject_id);
    json_set_str(o, "state", l->state);
    json_set_int(o, "revision", l->revision);
    json_set_instant(w->arena, o, "created_at", l->created_at);
    json_set_instant(w->arena, o, "issued_at", l->issued_at);
    json_set_instant(w->arena, o, "erased_at", l->erased_at);
    json_set_str(o, "number", l->number);
    json_set_str(o, "code", l->code);
    json_set_str(o, "address", check_address(w, l->code));
    json_set_str(o, "sha256", l->sha256);
    if (l->day.n && day_parse(l->day, &day) == 0) {
        json_set_day(w->arena, o, "day", day);
        json_set_str(o, "day_text", day_chinese(w->arena, day));
    }
    return o;
}

json_t *letter_json(struct work *w, int64_t id, bool with_text) {
    struct letter l;
    if (letter_get(w, id, false, &l) < 0)
        return NULL;
    json_t *text = with_text && !str_is(l.state, "erased") ? text_open(w, &l) : NULL;
    if (w->error.code)
        return NULL;
    json_t *o = json_of(w, &l);
    if (text)
        json_object_update(o, text);
    json_decref(text);
    return o;
}

json_t *letter_list(struct work *w, const char *subject_kind, int64_t subject_id) {
    struct db_rows r;
    if (db_query(w, &sql_letter_of_subject, &r, DB_TEXTZ(subject_kind), DB_INT(subject_id)) < 0)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < r.n; i++) {
        struct letter l = letter_of(&r, i);
        json_array_append_new(list, json_of(w, &l));
    }
    return list;
}
