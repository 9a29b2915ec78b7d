/* request_case.c: the page of one case: what is wanted, what happened, what can be done. Who applies is masked; the
 * whole is shown by a step that is on record, on the page of that answer alone. */
#include "request/request_internal.h"

#include "request/request_desk.h"

#define READ_AGAIN_MS (30 * 60 * 1000LL)

int request_of_path(struct http_request *in, int permission, struct request *ret) {
    int64_t id;
    struct db_rows lock;
    if (http_path_int(in, "id", &id) < 0)
        return -1;
    /* what changes a case in some other way than a step waits for steps, and they for it */
    if (permission && db_in_transaction(in->w) && db_lock(in->w, &sql_request_lock, &lock, DB_INT(id)) < 0)
        return -1;
    if (request_get(in->w, id, ret) < 0 || org_may(in->w, PERM_REQUEST_READ, ret->unit_id) < 0)
        return -1;
    return permission ? org_may(in->w, permission, ret->unit_id) : 0;
}

/* ── parts of the page ── */

static json_t *reviews_json(struct work *w, const struct request *c) {
    struct db_rows r;
    json_t *list = json_array();
    if (db_query(w, &sql_request_reviews, &r, DB_INT(c->id)) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = db_json_row(&r, i);
        json_object_set_new(o, "step_name", json_string(request_word("from", db_s(&r, i, 0))));
        json_set_bool(o, "passed", str_is(db_s(&r, i, 1), "passed"));
        json_set_bool(o, "older", db_i(&r, i, 3) != c->letter_id);
        json_set_instant(w->arena, o, "when", db_i(&r, i, 5));
        json_object_del(o, "person_id");
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *deliveries_json(struct work *w, const struct request *c) {
    struct db_rows r;
    struct str plain;
    json_t *list = json_array();
    if (db_query(w, &sql_request_deliveries, &r, DB_INT(c->id)) < 0)
        return list;
    for (size_t i = 0; i < r.n; i++) {
        json_t *o = json_object();
        bool proven = db_s(&r, i, 2).n && seal_open(w, "request delivery", db_s(&r, i, 2), &plain) == 0;
        json_object_set_new(o, "way_name", json_string(request_word("way", db_s(&r, i, 0))));
        json_set_str(o, "day", db_s(&r, i, 1));
        json_set_str(o, "proof", proven ? plain : STR_NONE);
        json_array_append_new(list, o);
    }
    return list;
}

/* Has this answer gone another way than the others? Before there is one, the earlier ones against each other. */
static bool put_conflicts(json_t *same) {
    const struct request_outcome *first = NULL;
    bool differ = false;
    json_t *o;
    size_t i;
    json_array_foreach(same, i, o) {
        const struct request_outcome *one = request_outcome(str_z(json_string_value(json_object_get(o, "outcome"))));
        differ |= json_is_true(json_object_get(o, "conflicts"));
        if (!one)
            continue;
        if (first && (one->releasable != first->releasable || one->refusal != first->refusal))
            differ = true;
        first = first ? first : one;
    }
    return differ;
}

static void put_same(struct work *w, const struct request *c, json_t *model) {
    struct db_rows r;
    int year, month, mday;
    json_t *same = request_same(w, c), *o;
    size_t i;
    json_array_foreach(same, i, o) json_set_bool(
        o, "readable", org_may_quiet(w, PERM_REQUEST_READ, json_integer_value(json_object_get(o, "unit_id"))));
    json_set_bool(model, "answers_differ", put_conflicts(same));
    json_set_bool(model, "asked_before", json_array_size(same) > 0);
    json_object_set_new(model, "same", same);
    if (!c->person_key.n)
        return;
    if (c->fingerprint.n &&
        db_one(w, &sql_request_repeated, &r, DB_TEXT(c->fingerprint), DB_TEXT(c->person_key), DB_INT(c->id)) == 1)
        json_object_set_new(model, "repeated",
                            json_pack("{s:I, s:s%}", "earlier_id", (json_int_t)db_i(&r, 0, 0), "earlier_number",
                                      db_s(&r, 0, 1).p, db_s(&r, 0, 1).n));
    day_split(c->received_day == DAY_NONE ? work_today(w) : c->received_day, &year, &month, &mday);
    if (db_one(w, &sql_request_pieces_of_month, &r, DB_TEXT(c->person_key),
               DB_TEXT(str_printf(w->arena, "%04d-%02d-01", year, month)),
               DB_TEXT(str_printf(w->arena, "%04d-%02d-31", year, month)), DB_INT(c->id)) == 1) {
        json_set_int(model, "piece_of_month", db_i(&r, 0, 0) + 1);
        json_set_bool(model, "many", db_i(&r, 0, 0) + 1 > foi_numbers()->many_pieces);
    }
}

/* What a fee would come to: this case as a piece of the month; pages are worked out when asked (?pages=). */
static void put_fee(struct work *w, json_t *model, int64_t pages) {
    int64_t n = json_integer_value(json_object_get(model, "piece_of_month")),
            piece = n ? request_fee_pieces(n - 1, 1) : 0, page = request_fee_pages(pages);
    json_t *o = json_object();
    json_set_int(o, "piece_no", n);
    json_set_str(o, "piece_yuan", str_printf(w->arena, "%lld.%02lld", (long long)piece / 100, (long long)piece % 100));
    json_set_bool(o, "piece_free", piece == 0);
    if (pages > 0) {
        json_set_int(o, "pages", pages);
        json_set_str(o, "pages_yuan",
                     str_printf(w->arena, "%lld.%02lld", (long long)page / 100, (long long)page % 100));
    }
    json_object_set_new(model, "fee", o);
}

static void put_letters(struct work *w, const struct request *c, json_t *model) {
    json_t *all = letter_list(w, "request", c->id), *l, *draft = NULL;
    size_t i;
    json_array_foreach(all, i, l)
        json_set_bool(l, "issued", strcmp(json_string_value(json_object_get(l, "state")), "issued") == 0);
    json_object_set_new(model, "letters", all ? all : json_array());
    if (c->letter_id)
        draft = letter_json(w, c->letter_id, true);
    error_clear(w); /* an erased letter has no words */
    if (!draft)
        return;
    bool edits = str_is(c->state, "drafting") && org_may_quiet(w, PERM_REQUEST_WORK, c->unit_id);
    json_set_bool(draft, "editable", edits);
    json_set_bool(draft, "has_annexes", json_array_size(json_object_get(draft, "annexes")) > 0);
    json_object_set_new(model, "letter", draft);
}

/* Who looked is for the replay; here it would bury what was done. Takes the reference. */
static json_t *without_reads(json_t *course) {
    static const char *const words[][2] = {{"outcome", "outcome_name"}, {"answer", "answer_name"}, {"to", "to_name"}};
    for (size_t i = json_array_size(course); i-- > 0;) {
        json_t *e = json_array_get(course, i), *secret = json_object_get(e, "secret");
        const char *verb = json_string_value(json_object_get(e, "verb"));
        if (strcmp(verb, "read") == 0 || strcmp(verb, "file_read") == 0) {
            json_array_remove(course, i);
            continue;
        }
        for (size_t k = 0; k < countof(words); k++)
            json_object_set_new(
                e, words[k][1],
                json_string(request_word(words[k][0], str_z(json_string_value(json_object_get(secret, words[k][0]))))));
        json_object_set_new(e, "moved",
                            json_boolean(!json_equal(json_object_get(secret, "from"), json_object_get(secret, "to"))));
    }
    return course;
}

static void put_certificate(struct work *w, const struct request *c, json_t *model) {
    json_t *certificate = json_loadb(c->certificate.p, c->certificate.n, 0, NULL);
    if (!certificate)
        return;
    json_t *o = json_object();
    json_object_set_new(o, "certificate", certificate);
    json_set_day(w->arena, o, "trigger", c->received_day);
    json_set_day(w->arena, o, "due", day_of(c->due_at));
    json_object_set_new(model, "counted", o);
}

static void put_can(struct work *w, const struct request *c, json_t *model) {
    json_t *can = json_object();
    bool works = org_may_quiet(w, PERM_REQUEST_WORK, c->unit_id);
    bool answered = c->replied_at != 0;
    json_set_bool(can, "reveal", !c->erased_at && org_may_quiet(w, PERM_REQUEST_PERSONAL, c->unit_id));
    json_set_bool(can, "add_files", works && c->closed_day == DAY_NONE && request_files_open(w, c, S("source")) == 0);
    json_set_bool(can, "add_proof", works && answered && !c->archived_at);
    error_clear(w);
    json_set_bool(can, "publish",
                  works && answered && !c->erased_at && org_may_quiet(w, PERM_DISCLOSURE_EDIT, c->unit_id));
    json_object_set_new(model, "can", can);
}

json_t *request_page_model(struct work *w, const struct request *c) {
    static const char *const lists[][2] = {{"asks", "has_asks"},
                                           {"letters", "has_letters"},
                                           {"remedies", "has_remedies"},
                                           {"deliveries", "has_deliveries"}};
    json_t *model = json_object(), *row = request_json(w, c);
    const struct request_outcome *o = request_outcome(c->outcome);
    const struct foi_channel *ch = foi_channel(c->channel);
    json_object_set_new(row, "outcome_article", json_string(o ? o->article : ""));
    json_object_set_new(row, "channel_rule", json_string(ch ? ch->rule : ""));
    json_set_bool(row, "correction", str_is(c->matter, "correction"));
    json_object_set_new(model, "request", row);
    put_same(w, c, model);
    put_fee(w, model, 0);
    put_letters(w, c, model);
    put_certificate(w, c, model);
    put_can(w, c, model);
    json_object_set_new(model, "files", request_files_json(w, c));
    json_object_set_new(model, "asks", asks_json(w, c->id, false));
    json_object_set_new(model, "reply", request_reply_words(w, c));
    json_set_bool(model, "has_reply", c->reply.n > 0);
    json_object_set_new(model, "reviews", reviews_json(w, c));
    json_object_set_new(model, "deliveries", deliveries_json(w, c));
    json_object_set_new(model, "remedies", remedies_json(w, c->id));
    json_object_set_new(model, "actions", request_actions(w, c, STR_NONE, NULL));
    for (size_t i = 0; i < countof(lists); i++)
        json_object_set_new(model, lists[i][1], json_boolean(json_array_size(json_object_get(model, lists[i][0])) > 0));
    json_t *course = event_list(w, "request", c->id, true);
    json_object_set_new(model, "course", course ? without_reads(course) : json_array());
    return model;
}

/* ── on record ── */

int request_put_on_record(struct work *w, const struct request *c, const char *verb, json_t *payload) {
    if (db_begin(w) < 0) {
        json_decref(payload);
        return -1;
    }
    if (request_event(w, c, verb, payload, NULL) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

/* At most once in 30 minutes while nothing happens; a failure is logged and costs the reader nothing. */
static void read_on_record(struct work *w, const struct request *c) {
    struct db_rows r;
    if (!w->actor.person_id)
        return; /* a program reads by its token: the access log has it */
    int n = db_one(w, &sql_request_last_read, &r, DB_INT(c->id), DB_INT(w->actor.person_id));
    bool fresh =
        n == 1 && !db_null(&r, 0, 0) && db_i(&r, 0, 0) > w->now - READ_AGAIN_MS && db_i(&r, 0, 1) >= db_i(&r, 0, 2);
    if (n >= 0 && (fresh || request_put_on_record(w, c, "read", json_object()) == 0))
        return;
    log_line(LOG_ERROR, "read_unrecorded", "request=%lld person=%lld reason=%s", (long long)c->id,
             (long long)w->actor.person_id, error_name(w->error.code));
    error_clear(w);
}

/* ── handlers ── */

struct page_input {
    int64_t pages;
};
static const struct field request_page_fields[] = {
    FIELD(FIELD_INT, page_input, pages, "试算收费的页数", FIELD_OPTIONAL, 0, 1000000, NULL, NULL),
};
const struct field_table request_page_table = {request_page_fields, countof(request_page_fields),
                                               sizeof(struct page_input)};

int desk_request(struct http_request *in, struct http_response *out) {
    struct page_input x;
    struct request c;
    if (fields_read(in, &request_page_table, &x) < 0 || request_of_path(in, 0, &c) < 0)
        return -1;
    read_on_record(in->w, &c);
    json_t *model = request_page_model(in->w, &c);
    put_fee(in->w, model, x.pages);
    return view_page(out, "request/desk_page", model);
}

static void add_person_row(json_t *rows, const char *label, const json_t *value) {
    const char *s = json_string_value(value);
    if (s && *s)
        json_array_append_new(rows, json_pack("{s:s, s:s}", "label", label, "value", s));
}

/* Identity and contact in full, on this answer alone: never kept by a redirect, an address or a list. */
int desk_request_reveal(struct http_request *in, struct http_response *out) {
    static const char *const parts[][2] = {
        {"name", "姓名或名称"},    {"id_number", "证件号码"}, {"contact_name", "联系人"}, {"head", "法定代表人"},
        {"workplace", "工作单位"}, {"address", "通信地址"},   {"postcode", "邮政编码"},   {"mobile", "联系电话"},
        {"mail", "电子邮箱"},      {"fax", "传真"},           {"evidence", "证据说明"}};
    struct request c;
    if (request_of_path(in, PERM_REQUEST_PERSONAL, &c) < 0)
        return -1;
    if (c.erased_at)
        return fail(in->w, ERR_GONE, "申请人的个人信息保管期满，已经删除");
    if (request_event(in->w, &c, "revealed", json_object(), NULL) < 0)
        return -1;
    json_t *person = request_person(in->w, &c), *rows = json_array(), *model = request_page_model(in->w, &c);
    for (size_t i = 0; i < countof(parts); i++)
        add_person_row(rows, parts[i][1], json_object_get(person, parts[i][0]));
    json_object_set_new(model, "person", rows);
    json_set_bool(model, "revealed", true);
    json_decref(person);
    return view_page(out, "request/desk_page", model);
}

/* ── letters ── */

static int letter_of_case(struct http_request *in, const struct request *c, json_t **ret) {
    int64_t id;
    if (http_path_int(in, "letter", &id) < 0)
        return -1;
    *ret = letter_json(in->w, id, false);
    if (!*ret)
        return -1;
    if (json_integer_value(json_object_get(*ret, "subject_id")) == c->id &&
        strcmp(json_string_value(json_object_get(*ret, "subject_kind")), "request") == 0)
        return 0;
    json_decref(*ret);
    return fail(in->w, ERR_NOT_FOUND, "此件没有这份文书");
}

int desk_request_letter(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct request c;
    json_t *l;
    struct str format = http_path_part(in, "format");
    if (request_of_path(in, 0, &c) < 0 || letter_of_case(in, &c, &l) < 0)
        return -1;
    int64_t id = json_integer_value(json_object_get(l, "id"));
    bool pdf = str_is(format, "pdf");
    if (!pdf && !str_is(format, "docx")) {
        json_decref(l);
        return fail(w, ERR_NOT_FOUND, "文书有 PDF 和 Word 两种格式");
    }
    out->download_name = str_printf(w->arena, "%s %.*s.%s", json_string_value(json_object_get(l, "name")),
                                    STR_ARG(c.number), pdf ? "pdf" : "docx");
    json_t *p = json_object();
    json_set_int(p, "letter", id);
    if (request_put_on_record(w, &c, "file_read", p) < 0) {
        json_decref(l);
        return -1; /* it names the applicant */
    }
    out->type = pdf ? "application/pdf" : "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    json_decref(l);
    return pdf ? letter_pdf(w, id, &out->body) : letter_docx(w, id, &out->body);
}

struct letter_input {
    struct str addressee, title, body;
    int64_t revision;
};
static const struct field letter_save_fields[] = {
    FIELD(FIELD_STR, letter_input, addressee, "主送", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_STR, letter_input, title, "标题", FIELD_REQUIRED, 0, 200, NULL, NULL),
    FIELD(FIELD_TEXT, letter_input, body, "正文", FIELD_REQUIRED, 0, 20000, NULL, NULL),
    FIELD(FIELD_INT, letter_input, revision, "修订号", FIELD_REQUIRED, 0, INT64_MAX, NULL, NULL),
};
const struct field_table letter_save_table = {letter_save_fields, countof(letter_save_fields),
                                              sizeof(struct letter_input)};

static int save_letter(struct http_request *in, const struct request *c) {
    struct letter_input x;
    json_t *l;
    if (fields_read(in, &letter_save_table, &x) < 0 || letter_of_case(in, c, &l) < 0)
        return -1;
    int64_t id = json_integer_value(json_object_get(l, "id"));
    json_decref(l);
    if (!str_is(c->state, "drafting") || id != c->letter_id)
        return fail(in->w, ERR_WRONG_STATE, "只有拟写中的答复书可以修改");
    if (letter_save(in->w, id, x.addressee, x.title, x.body, x.revision) < 0)
        return -1;
    json_t *p = json_object();
    json_set_int(p, "letter", id);
    return request_event(in->w, c, "letter_saved", p, NULL);
}

int desk_request_save_letter(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct request c;
    if (request_of_path(in, PERM_REQUEST_WORK, &c) < 0)
        return -1;
    if (save_letter(in, &c) == 0)
        return view_redirect(in, out, "/desk/requests/%lld#letter", (long long)c.id);
    if (in->api || (w->error.code != ERR_INVALID && w->error.code != ERR_CONFLICT))
        return -1;
    struct error kept = w->error;
    error_clear(w);
    json_t *model = request_page_model(w, &c);
    json_set_bool(model, "letter_again", true);
    w->error = kept;
    return view_form_again(in, out, "request/desk_page", &letter_save_table, model);
}
