/* synonym.c: groups of words that mean the same (低保 = 最低生活保障): a page of the workbench, a snapshot in memory.
 */
#include "search/search_internal.h"
#include "auth/auth.h"
#include "ledger/ledger.h"
#include "search_sql.h"
#include "view/view.h"

#include <pthread.h>
#include <stdlib.h>

#define GROUPS_MOST 2000

/* ── the snapshot: one text, a group a line, folded words with blanks between ── */

static struct {
    pthread_rwlock_t lock;
    char *text;
} now = {.lock = PTHREAD_RWLOCK_INITIALIZER};

static void replace(char *fresh) {
    pthread_rwlock_wrlock(&now.lock);
    char *old = now.text;
    now.text = fresh;
    pthread_rwlock_unlock(&now.lock);
    free(old);
}

void synonyms_drop(void) {
    replace(NULL);
}

int synonyms_refresh(struct work *w) {
    struct db_rows r;
    struct buf b;
    if (db_query(w, &sql_search_synonym_list, &r) < 0)
        return -1;
    buf_init(&b, 4u * 1024 * 1024);
    for (size_t i = 0; i < r.n && i < GROUPS_MOST; i++) {
        buf_add(&b, fold_text(w->arena, db_s(&r, i, 1)));
        buf_addc(&b, '\n');
    }
    char *copy = b.failed || !b.n ? NULL : strdup(b.p);
    buf_release(&b);
    replace(copy);
    return 0;
}

static void add_variant(struct term *t, struct str v) {
    for (size_t i = 0; i < t->variant_count; i++)
        if (str_eq(t->variants[i], v))
            return;
    if (t->variant_count < VARIANTS_MOST && !str_eq(v, t->text))
        t->variants[t->variant_count++] = v;
}

/* The longest word of the group that stands in the term gives way to each other word of the group. */
static void expand_by(struct arena *a, struct term *t, struct str group) {
    struct str rest = group, word, longest = STR_NONE;
    while (rest.n) {
        if (!str_cut(rest, ' ', &word, &rest)) {
            word = rest;
            rest = STR_NONE;
        }
        if (word.n > longest.n && str_find(t->text, word) >= 0)
            longest = word;
    }
    rest = longest.n ? group : STR_NONE;
    while (rest.n) {
        if (!str_cut(rest, ' ', &word, &rest)) {
            word = rest;
            rest = STR_NONE;
        }
        if (word.n && !str_eq(word, longest))
            add_variant(t, str_replace(a, t->text, longest, word));
    }
}

void synonyms_expand(struct arena *a, struct term *t) {
    pthread_rwlock_rdlock(&now.lock);
    struct str rest = str_dup(a, str_z(now.text)), group;
    pthread_rwlock_unlock(&now.lock);
    while (str_cut(rest, '\n', &group, &rest))
        expand_by(a, t, group);
}

/* ── the workbench's page ── */

struct synonym_input {
    struct str words, note;
};
static const struct field synonym_table_fields[] = {
    FIELD(FIELD_STR, synonym_input, words, "同义词", FIELD_REQUIRED, 0, 200, NULL,
          "两个以上，用空格分开，如：低保 最低生活保障"),
    FIELD(FIELD_STR, synonym_input, note, "说明", FIELD_OPTIONAL, 0, 100, NULL, NULL),
};
FIELD_TABLE(synonym_table, synonym_input);

/* Two to six different words, each of two characters or more: a single character would match too much. */
static int words_check(struct work *w, struct str given, struct str *ret) {
    struct str words[VARIANTS_MOST + 2], rest = str_trim(given), word;
    struct buf b;
    size_t n = 0;
    buf_init(&b, 4096);
    while (rest.n && n <= VARIANTS_MOST) {
        if (!str_cut(rest, ' ', &word, &rest)) {
            word = rest;
            rest = STR_NONE;
        }
        bool again = word.n == 0;
        for (size_t i = 0; i < n; i++)
            again |= str_eq(words[i], word);
        if (again)
            continue;
        if (utf8_length(word) < 2)
            fail_field(w, "words", "short", "“%.*s”太短，每个词至少两个字", STR_ARG(word));
        words[n++] = word;
        buf_printf(&b, "%s%.*s", n > 1 ? " " : "", STR_ARG(word));
    }
    *ret = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    if (n < 2)
        return fail_field(w, "words", "count", "请写两个以上不同的词，用空格分开");
    if (n > VARIANTS_MOST)
        return fail_field(w, "words", "count", "一组最多 %d 个词", VARIANTS_MOST);
    return w->error.code ? -1 : 0;
}

static int synonym_event(struct work *w, const char *verb, int64_t id, struct str words) {
    json_t *p = json_object();
    json_set_str(p, "words", words);
    struct event e = {.room = "search",
                      .verb = verb,
                      .subject_kind = "synonym",
                      .subject_id = id,
                      .visibility = EVENT_PUBLIC,
                      .payload = p};
    int rc = event_append(w, &e, NULL);
    json_decref(p);
    return rc;
}

static json_t *list_model(struct work *w) {
    struct db_rows r;
    json_t *model = json_object();
    if (db_query(w, &sql_search_synonym_list, &r) < 0) {
        json_decref(model);
        return NULL;
    }
    json_object_set_new(model, "has_groups", json_boolean(r.n > 0));
    json_object_set_new(model, "groups", db_json(&r));
    return model;
}

static int page_list(struct http_request *in, struct http_response *out) {
    json_t *model = list_model(in->w);
    return model ? view_page(out, "search/synonyms", model) : -1;
}

/* The list again with what was typed and what is wrong with it. */
static int again(struct http_request *in, struct http_response *out) {
    if (in->api || in->w->error.code != ERR_INVALID)
        return -1;
    struct error kept = in->w->error;
    error_clear(in->w);
    json_t *model = list_model(in->w);
    in->w->error = kept;
    return view_form_again(in, out, "search/synonyms", &synonym_table, model);
}

static int page_add(struct http_request *in, struct http_response *out) {
    struct synonym_input x;
    struct db_rows r;
    struct str words;
    if (fields_read(in, &synonym_table, &x) < 0 || words_check(in->w, x.words, &words) < 0)
        return again(in, out);
    if (db_one(in->w, &sql_search_synonym_insert, &r, DB_TEXT(words), DB_TEXT(x.note)) < 0 ||
        synonym_event(in->w, "synonym_added", db_i(&r, 0, 0), words) < 0)
        return -1;
    return view_redirect(in, out, "/desk/synonyms");
}

static int page_change(struct http_request *in, struct http_response *out) {
    struct synonym_input x;
    struct str words;
    int64_t id;
    if (http_path_int(in, "id", &id) < 0)
        return -1;
    if (fields_read(in, &synonym_table, &x) < 0 || words_check(in->w, x.words, &words) < 0)
        return again(in, out);
    int n = db_exec(in->w, &sql_search_synonym_update, DB_INT(id), DB_TEXT(words), DB_TEXT(x.note));
    if (n <= 0)
        return n < 0 ? -1 : fail(in->w, ERR_NOT_FOUND, "没有这一组同义词");
    return synonym_event(in->w, "synonym_changed", id, words) < 0 ? -1 : view_redirect(in, out, "/desk/synonyms");
}

static int page_remove(struct http_request *in, struct http_response *out) {
    struct db_rows r;
    int64_t id;
    if (http_path_int(in, "id", &id) < 0)
        return -1;
    int n = db_one(in->w, &sql_search_synonym_get, &r, DB_INT(id));
    if (n <= 0)
        return n < 0 ? -1 : fail(in->w, ERR_NOT_FOUND, "没有这一组同义词");
    if (db_exec(in->w, &sql_search_synonym_delete, DB_INT(id)) < 0 ||
        synonym_event(in->w, "synonym_removed", id, db_s(&r, 0, 1)) < 0)
        return -1;
    return view_redirect(in, out, "/desk/synonyms");
}

int search_synonyms_load(struct work *w, json_t *defaults) {
    struct db_rows r;
    json_t *g;
    size_t i;
    if (db_query(w, &sql_search_synonym_list, &r) < 0)
        return -1;
    if (r.n)
        return 0;
    json_array_foreach(json_object_get(defaults, "groups"), i, g) {
        struct str words = str_z(json_string_value(json_object_get(g, "words")));
        struct str note = str_z(json_string_value(json_object_get(g, "note")));
        if (db_one(w, &sql_search_synonym_insert, &r, DB_TEXT(words), DB_TEXT(note)) < 0 ||
            synonym_event(w, "synonym_added", db_i(&r, 0, 0), words) < 0)
            return -1;
    }
    return 0;
}

const struct route search_routes[] = {
    {HTTP_GET, "/desk/synonyms", page_list, PERM_PORTAL_EDIT, NO_CACHE, NULL, 0, "检索同义词"},
    {HTTP_POST, "/desk/synonyms", page_add, PERM_PORTAL_EDIT, NO_CACHE, &synonym_table, 0, "增加一组同义词"},
    {HTTP_POST, "/desk/synonyms/{id}", page_change, PERM_PORTAL_EDIT, NO_CACHE, &synonym_table, 0, "修改一组同义词"},
    {HTTP_POST, "/desk/synonyms/{id}/remove", page_remove, PERM_PORTAL_EDIT, NO_CACHE, NULL, 0, "删除一组同义词"},
};
const size_t search_route_count = countof(search_routes);
