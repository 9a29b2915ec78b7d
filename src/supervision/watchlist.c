/* watchlist.c: wording to watch for (data/watchlist.json, or the operator's own). Read once; immutable afterwards. */
#include "http/http.h"
#include "supervision/supervision_internal.h"

#include <pthread.h>
#include <stdlib.h>

#define WORDS_MAX 5000
#define UNLESS_MAX 20

static struct {
    json_t *json; /* holds the texts */
    struct watch_word *words;
    size_t n;
} list;
static pthread_once_t embedded_once = PTHREAD_ONCE_INIT;

static struct str text(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

/* 0; -1: no word, or nonsense beside it. */
static int word_read(const json_t *o, struct watch_word *ret) {
    const json_t *unless = json_object_get(o, "unless"), *level = json_object_get(o, "level");
    size_t n = json_array_size(unless);
    *ret = (struct watch_word){.word = text(o, "word"), .instead = text(o, "instead"), .why = text(o, "why")};
    ret->level = level ? (int)json_integer_value(level) : LEVEL_YELLOW;
    if (utf8_length(ret->word) < 2 || ret->level < LEVEL_YELLOW || ret->level > LEVEL_RED || n > UNLESS_MAX)
        return -1;
    struct str *phrases = n ? calloc(n, sizeof *phrases) : NULL;
    for (size_t i = 0; phrases && i < n; i++)
        phrases[i] = str_z(json_string_value(json_array_get(unless, i)));
    ret->unless = phrases;
    ret->n_unless = phrases ? n : 0;
    return n && !phrases ? -1 : 0;
}

static void words_free(struct watch_word *words, size_t n) {
    for (size_t i = 0; words && i < n; i++)
        free((void *)(uintptr_t)words[i].unless);
    free(words);
}

int watchlist_load(struct str json) {
    json_t *o = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL), *all = json_object_get(o, "words");
    size_t n = json_array_size(all), read = 0;
    struct watch_word *words = json_is_array(all) && n <= WORDS_MAX ? calloc(n + 1, sizeof *words) : NULL;
    while (words && read < n && word_read(json_array_get(all, read), &words[read]) == 0)
        read++;
    if (!words || read < n) {
        words_free(words, read);
        json_decref(o);
        return -1;
    }
    words_free(list.words, list.n);
    json_decref(list.json);
    list.json = o;
    list.words = words;
    list.n = n;
    return 0;
}

static void load_embedded(void) {
    for (size_t i = 0; !list.json && i < app_asset_count; i++)
        if (strcmp(app_assets[i].name, "data/watchlist.json") == 0)
            (void)watchlist_load(app_assets[i].bytes);
}

const struct watch_word *watchlist(size_t *ret_n) {
    pthread_once(&embedded_once, load_embedded);
    *ret_n = list.n;
    return list.words;
}

/* Is this place of the text inside one of the phrases in which the word is right? */
static bool excused(const struct watch_word *x, struct str text, size_t at) {
    for (size_t i = 0; i < x->n_unless; i++) {
        struct str phrase = x->unless[i];
        ptrdiff_t inside = str_find(phrase, x->word);
        if (inside >= 0 && at >= (size_t)inside && str_eq(str_sub(text, at - (size_t)inside, phrase.n), phrase))
            return true;
    }
    return false;
}

bool watch_word_in(const struct watch_word *x, struct str text) {
    size_t from = 0;
    for (;;) {
        ptrdiff_t found = str_find(str_sub(text, from, text.n), x->word);
        if (found < 0)
            return false;
        size_t at = from + (size_t)found;
        if (!excused(x, text, at))
            return true;
        from = at + x->word.n;
    }
}
