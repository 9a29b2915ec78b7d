/* limit_store.c: a phrase of 公开时限 as stored with a version, and stored rules parsed once for the whole process. */
#include "catalogue/catalogue_internal.h"

#include <pthread.h>

#define RULES_MAX 8

int limit_store(struct work *w, struct str limit_text, struct limit_stored *ret) {
    struct limit_rule rules[RULES_MAX];
    int n = limit_parse(w->arena, limit_text, rules, RULES_MAX);
    bool settled = n > 0;
    json_t *list = json_array();
    for (int i = 0; i < n; i++) {
        settled &= rules[i].kind != LIMIT_MANUAL;
        json_array_append_new(list, limit_rule_json(&rules[i]));
    }
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    if (!text)
        return fail(w, ERR_INTERNAL, "公开时限无法保存");
    *ret = (struct limit_stored){str_dup(w->arena, str_z(text)), settled};
    free(text);
    return 0;
}

/* Interned: the same few hundred wordings are read with every item, and items lend them out without references. The
 * table only grows, by one entry for each distinct wording in the database. */
struct interned {
    struct interned *next;
    uint64_t hash;
    json_t *rules;
    size_t n;
    char text[];
};
static struct interned *table[1024];
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

json_t *rules_interned(struct str text) {
    uint64_t hash = str_hash(text);
    struct interned **bucket = &table[hash % countof(table)], *e;
    pthread_mutex_lock(&table_lock);
    for (e = *bucket; e; e = e->next)
        if (e->hash == hash && e->n == text.n && memcmp(e->text, text.p, text.n) == 0)
            break;
    if (!e) {
        json_t *rules = json_loadb(text.p ? text.p : "", text.n, 0, NULL);
        if (!json_is_array(rules)) {
            json_decref(rules);
            rules = json_array();
        }
        e = calloc(1, sizeof *e + text.n + 1);
        if (!e)
            abort();
        e->hash = hash;
        e->n = text.n;
        e->rules = rules;
        if (text.n)
            memcpy(e->text, text.p, text.n);
        e->next = *bucket;
        *bucket = e;
    }
    pthread_mutex_unlock(&table_lock);
    return e->rules;
}
