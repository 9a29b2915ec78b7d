/* suggest.c: while someone types: names by characters or pinyin initials, then the newest titles. */
#include "search/search_internal.h"
#include "view/view.h"

#define NAMES_MOST 4

struct ranked_name {
    int score;
    size_t i;
};

static json_t *entry(const char *kind, struct str label, struct str href) {
    json_t *o = json_pack("{s:s}", "kind", kind);
    json_set_str(o, "label", label);
    json_set_str(o, "href", href);
    return o;
}

/* The best few, in the order of the snapshot where they match alike. */
static void add_names(json_t *list, struct str folded) {
    struct ranked_name best[NAMES_MOST];
    size_t n = 0;
    const struct names *all = names_hold();
    for (size_t i = 0; i < all->n; i++) {
        int score = all->v[i].address[0] ? name_matches(&all->v[i], folded) : 0;
        size_t at = n;
        while (at > 0 && best[at - 1].score < score)
            at--;
        if (score == 0 || at == NAMES_MOST)
            continue;
        if (n < NAMES_MOST)
            n++;
        memmove(best + at + 1, best + at, (n - at - 1) * sizeof *best);
        best[at] = (struct ranked_name){score, i};
    }
    for (size_t k = 0; k < n; k++) {
        const struct name *one = &all->v[best[k].i];
        json_array_append_new(list, entry(one->facet, str_z(one->name), str_z(one->address)));
    }
    names_let(all);
}

static void add_titles(struct store *s, json_t *list, struct str folded, size_t most) {
    struct buf b;
    buf_init(&b, 4096);
    buf_addz(&b, "(");
    match_phrase(&b, folded);
    buf_addz(&b, ") NOT \"\xEE\x80\x80x\""); /* what is no longer in force is not suggested */
    sqlite3_stmt *st = store_prepare(s, "SELECT d.title, d.address FROM (SELECT rowid FROM ft_title WHERE ft_title "
                                        "MATCH ?1 ORDER BY rowid DESC LIMIT ?2) f"
                                        " JOIN doc d ON d.rowid = f.rowid");
    if (st && b.n > 2) {
        sqlite3_bind_text64(st, 1, b.p, b.n, SQLITE_STATIC, SQLITE_UTF8);
        sqlite3_bind_int64(st, 2, (int64_t)most);
        while (sqlite3_step(st) == SQLITE_ROW)
            json_array_append_new(list, entry("document", str_z((const char *)sqlite3_column_text(st, 0)),
                                              str_z((const char *)sqlite3_column_text(st, 1))));
    }
    sqlite3_finalize(st);
    buf_release(&b);
}

json_t *search_suggest(struct work *w, struct str q, size_t n) {
    json_t *list = json_array();
    struct str folded = str_trim(fold_text(w->arena, utf8_head(q, 40)));
    struct store *s = folded.n ? reader_take() : NULL;
    if (!s)
        return list;
    add_names(list, folded);
    if (json_array_size(list) < n)
        add_titles(s, list, folded, n - json_array_size(list));
    reader_give(s);
    return list;
}
