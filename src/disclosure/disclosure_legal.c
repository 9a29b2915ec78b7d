/* disclosure_legal.c: which legally required content (法定主动公开内容, 条例第二十、二十一条) a publication belongs to,
 * by the default rules of data/columns.json: its field, its kind, words of its title. */
#include "disclosure/disclosure_internal.h"

#include <pthread.h>

/* Read once, never changed: shared by all threads. */
static json_t *rules;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static json_t *rules_once(struct work *w) {
    pthread_mutex_lock(&mutex);
    if (!rules) {
        const struct asset *a = asset_find(w->config, w->arena, "data/columns.json");
        rules = a ? json_loadb(a->bytes.p, a->bytes.n, 0, NULL) : NULL;
    }
    json_t *r = rules;
    pthread_mutex_unlock(&mutex);
    return r;
}

static bool listed(const json_t *list, struct str value) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (str_is(value, json_string_value(json_array_get(list, i))))
            return true;
    return false;
}

static bool named(const json_t *list, struct str title) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (str_find(title, str_z(json_string_value(json_array_get(list, i)))) >= 0)
            return true;
    return false;
}

void add_legal(struct work *w, struct search_doc *doc, struct str unit_kind, struct str field, struct str class) {
    json_t *all = json_object_get(rules_once(w), "legal");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i), *m = json_object_get(one, "match");
        const char *level = json_string_value(json_object_get(m, "level"));
        bool town = str_is(unit_kind, "town");
        bool fits = json_is_true(json_object_get(m, "rest"))
                        ? n == 0
                        : listed(json_object_get(m, "fields"), field) || listed(json_object_get(m, "classes"), class) ||
                              named(json_object_get(m, "words"), doc->title);
        if (!fits || (level && town != (strcmp(level, "town") == 0)))
            continue;
        search_doc_facet(doc, "legal", str_z(json_string_value(json_object_get(one, "code"))));
        n++;
    }
}
