/* letter_pages.c: the public check of a letter by its code: that it was issued, by whom, when, and its digest; never
 * whom it is for or what it says. Codes hold 80 bits: they are not guessed. */
#include "letter/letter_internal.h"

#define CODE_CHARS 16

/* As typed from paper: small letters, blanks and hyphens between groups. */
static struct str code_of(struct work *w, struct str typed) {
    char *code = arena_alloc(w->arena, CODE_CHARS + 1);
    size_t n = 0;
    for (size_t i = 0; i < typed.n; i++) {
        char c = typed.p[i];
        if (c == ' ' || c == '-')
            continue;
        c = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        if (n == CODE_CHARS || !((c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7')))
            return STR_NONE;
        code[n++] = c;
    }
    return n == CODE_CHARS ? (struct str){code, n} : STR_NONE;
}

static int check_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct db_rows r;
    struct str code = code_of(w, http_path_part(in, "code"));
    day_t day;
    int n = code.n ? db_one(w, &sql_letter_by_code, &r, DB_TEXT(code)) : 0;
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这个核对码对应的文书，请对照文书上的网址核对");
    json_t *o = json_object();
    json_set_str(o, "code", code);
    json_set_str(o, "kind", letter_template_word(w, db_s(&r, 0, 0), "title"));
    json_set_bool(o, "erased", str_is(db_s(&r, 0, 1), "erased"));
    json_set_str(o, "number", db_s(&r, 0, 3));
    json_set_str(o, "sha256", db_s(&r, 0, 4));
    json_set_str(o, "unit", db_s(&r, 0, 6));
    json_set_str(o, "unit_code", db_s(&r, 0, 7));
    if (day_parse(db_s(&r, 0, 2), &day) == 0) {
        json_set_day(w->arena, o, "day", day);
        json_set_str(o, "day_text", day_chinese(w->arena, day));
    }
    json_set_instant(w->arena, o, "erased_at", db_i(&r, 0, 5));
    return view_page(out, "letter/check", o);
}

const struct route letter_routes[] = {
    {HTTP_GET, "/letters/{code}", check_page, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_PLAIN, "核对文书"},
};
const size_t letter_route_count = countof(letter_routes);
