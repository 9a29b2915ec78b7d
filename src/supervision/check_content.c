/* check_content.c: what public versions say: elements that are missing, personal data, words to watch for. The whole
 * stock: at each publication, when the text of a scan was read, and when a rule is switched on. */
#include "blob/blob.h"
#include "disclosure/disclosure.h"
#include "supervision/supervision_internal.h"

/* ── the texts of a version ── */

struct texts {
    struct str title, body;
    struct db_rows files; /* name, text */
};

static int texts_read(struct work *w, int64_t version, struct texts *ret) {
    struct db_rows r;
    int n = db_one(w, &sql_check_text, &r, DB_INT(version));
    if (n <= 0 || db_query(w, &sql_check_attached, &ret->files, DB_INT(version)) < 0)
        return n == 0 ? 0 : -1;
    ret->title = db_s(&r, 0, 0);
    ret->body = db_s(&r, 0, 1);
    return 1;
}

static const struct check_event text_events[] = {
    PUBLICATION_EVENTS,
    {"disclosure", "text_read", "disclosure", NULL},
    NO_MORE_EVENTS,
};

/* One version looked at: its level and the words of the note, which must hold no personal data. */
typedef int looked_at(struct work *w, const struct rule *r, const struct publication *p, const struct edition *e,
                      int *ret_level, struct str *ret_note);

static int text_course(struct work *w, const struct rule *r, int64_t subject, looked_at *look, struct course *ret) {
    struct publication *p = arena_one(w->arena, struct publication);
    int n = publication_read(w, subject, p);
    if (n <= 0)
        return n;
    publication_course(w, p, PERM_WITHDRAW, ret);
    for (size_t i = 0; i < p->n; i++) {
        struct arena *whole = w->arena; /* texts are large: those of one version at a time */
        int level = LEVEL_NONE;
        struct str note = STR_NONE;
        w->arena = arena_new(LIMIT_ARENA_BYTES);
        int rc = look(w, r, p, &p->v[i], &level, &note);
        note = rc < 0 ? STR_NONE : str_dup(whole, note);
        arena_free(w->arena);
        w->arena = whole;
        if (rc < 0)
            return -1;
        if (level == LEVEL_NONE)
            continue;
        ret->note = note;
        course_span(ret, level, p->v[i].from, p->v[i].until);
    }
    return 1;
}

/* ── required elements ── */

static const struct check_parameter element_parameters[] = {
    {"least", "至少缺少几项要素才预警", PARAMETER_INT, 1, 50, "1"},
    NO_MORE_PARAMETERS,
};

static int changed_since(struct work *w, int64_t item, int64_t after, int64_t *ids, size_t cap) {
    return check_ids_of(w, &sql_check_publications_of_item, DB_INT(item), after, ids, cap);
}

static const struct check_event element_events[] = {
    PUBLICATION_EVENTS,
    {"disclosure", "text_read", "disclosure", NULL},
    {"catalogue", "item_changed", "item", changed_since},
    NO_MORE_EVENTS,
};

#define NAMED 5 /* elements written out in a note */

static int look_elements(struct work *w, const struct rule *r, const struct publication *p, const struct edition *e,
                         int *ret_level, struct str *ret_note) {
    json_t *missing = NULL;
    if (!p->item_id)
        return 0;
    if (disclosure_elements_missing(w, p->item_id, day_of(e->from), e->id, &missing) < 0) {
        json_decref(missing);
        return -1;
    }
    size_t n = json_array_size(missing);
    struct str list = STR_NONE;
    for (size_t i = 0; i < n && i < NAMED; i++)
        list = str_printf(w->arena, "%.*s%s“%s”", STR_ARG(list), i ? "、" : "",
                          json_string_value(json_array_get(missing, i)));
    json_decref(missing);
    if ((int64_t)n < rule_int(r, "least"))
        return 0;
    *ret_level = LEVEL_ORANGE;
    *ret_note = str_printf(w->arena, "标题、正文和附件中未见目录要求的%zu项内容：%.*s%s", n, STR_ARG(list),
                           n > NAMED ? "等" : "");
    return 1;
}

static int element_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    return text_course(w, r, subject, look_elements, ret);
}

/* ── personal data ── */

static const struct check_parameter personal_parameters[] = {
    {"kinds", "检查哪些（逗号分开）：身份证号、银行卡号、手机号、固定电话", PARAMETER_TEXT, 1, 100,
     "身份证号,银行卡号,手机号"},
    NO_MORE_PARAMETERS,
};

struct findings {
    size_t n;
    struct str list;
};

/* What is found, as the detectors mask it: the numbers themselves go nowhere. */
static void scan(struct work *w, struct str kinds, struct str text, const char *where, struct findings *f) {
    json_t *found = pii_scan(w->arena, text, where), *o;
    size_t i;
    json_array_foreach(found, i, o) {
        const char *label = json_string_value(json_object_get(o, "label"));
        if (!label || !check_word_in(kinds, str_z(label)))
            continue;
        if (f->n++ < NAMED)
            f->list = str_printf(w->arena, "%.*s%s%s %s（%s）", STR_ARG(f->list), f->n > 1 ? "；" : "", label,
                                 json_string_value(json_object_get(o, "masked")),
                                 json_string_value(json_object_get(o, "where")));
    }
    json_decref(found);
}

static int look_personal(struct work *w, const struct rule *r, const struct publication *p, const struct edition *e,
                         int *ret_level, struct str *ret_note) {
    struct texts t;
    struct findings f = {0};
    struct str kinds = rule_text(r, "kinds");
    int n = texts_read(w, e->id, &t);
    (void)p;
    if (n <= 0)
        return n;
    scan(w, kinds, t.title, "标题", &f);
    scan(w, kinds, t.body, "正文", &f);
    for (size_t i = 0; i < t.files.n; i++) {
        const char *where = str_printf(w->arena, "附件%zu", i + 1).p;
        scan(w, kinds, db_s(&t.files, i, 0), where, &f);
        scan(w, kinds, db_s(&t.files, i, 1), where, &f);
    }
    if (f.n == 0)
        return 0;
    *ret_level = LEVEL_RED;
    *ret_note =
        str_printf(w->arena, "公开的内容中有疑似个人信息%zu处：%.*s%s", f.n, STR_ARG(f.list), f.n > NAMED ? "等" : "");
    return 1;
}

static int personal_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    return text_course(w, r, subject, look_personal, ret);
}

/* ── words to watch for ── */

static const struct check_parameter watch_parameters[] = {
    {"least", "词的级别至少：1黄色，2橙色，3红色", PARAMETER_INT, 1, 3, "1"},
    {"attachments", "是否检查附件文字：1检查，0不检查", PARAMETER_INT, 0, 1, "1"},
    NO_MORE_PARAMETERS,
};

static bool said(const struct watch_word *word, const struct texts *t, bool attachments) {
    bool there = watch_word_in(word, t->title) || watch_word_in(word, t->body);
    for (size_t i = 0; attachments && !there && i < t->files.n; i++)
        there = watch_word_in(word, db_s(&t->files, i, 0)) || watch_word_in(word, db_s(&t->files, i, 1));
    return there;
}

static int look_words(struct work *w, const struct rule *r, const struct publication *p, const struct edition *e,
                      int *ret_level, struct str *ret_note) {
    struct texts t;
    struct str list = STR_NONE;
    size_t count, n = 0;
    int64_t least = rule_int(r, "least");
    bool attachments = rule_int(r, "attachments") != 0;
    const struct watch_word *words = watchlist(&count);
    int rc = texts_read(w, e->id, &t);
    (void)p;
    if (rc <= 0)
        return rc;
    for (size_t i = 0; i < count; i++) {
        const struct watch_word *x = &words[i];
        if (x->level < least || !said(x, &t, attachments))
            continue;
        *ret_level = x->level > *ret_level ? x->level : *ret_level;
        if (n++ < NAMED)
            list = str_printf(w->arena, "%.*s%s“%.*s”%s%.*s%s", STR_ARG(list), n > 1 ? "；" : "", STR_ARG(x->word),
                              x->instead.n ? "（应为“" : "", STR_ARG(x->instead), x->instead.n ? "”）" : "");
    }
    *ret_note =
        n ? str_printf(w->arena, "公开的内容中有须核对的表述：%.*s%s", STR_ARG(list), n > NAMED ? "等" : "") : STR_NONE;
    return 1;
}

static int watch_course(struct work *w, const struct rule *r, int64_t subject, struct course *ret) {
    return text_course(w, r, subject, look_words, ret);
}

const struct check content_checks[] = {
    {"element_missing", "内容要素缺失", "目录要求公开的内容要素，在标题、正文和附件里都没有出现", "disclosure",
     "disclosure", element_parameters, element_events, element_course, publication_subjects},
    {"personal_data", "公开内容含个人信息", "已公开的标题、正文、附件里有疑似身份证号、银行卡号、手机号等个人信息",
     "disclosure", "disclosure", personal_parameters, text_events, personal_course, publication_subjects},
    {"watch_words", "须核对的表述", "已公开的内容里有监测词表中的表述（data/watchlist.json，可修改）", "disclosure",
     "disclosure", watch_parameters, text_events, watch_course, publication_subjects},
};
const size_t content_check_count = countof(content_checks);
