/* disclosure_moved.c: addresses never break: what moved redirects (301) to where it is now. Old addresses come from a
 * list of the site that was before this one, and from parts of the portal whose code was corrected. */
#include "disclosure/disclosure_internal.h"

#include <stdio.h>

#define ADDRESS_BYTES 2000

static bool is_path(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '\\' || s.p[i] == '"' || s.p[i] == '<')
            return false;
    return s.n > 1 && s.n <= ADDRESS_BYTES && s.p[0] == '/' && s.p[1] != '/';
}

int disclosure_moved(struct work *w, struct str path, struct str *ret_to) {
    struct db_rows r;
    int n = db_one(w, &sql_address_moved_get, &r, DB_TEXT(path));
    if (n == 1)
        *ret_to = db_s(&r, 0, 0);
    return n;
}

int moved_redirect(struct http_request *in, struct http_response *out, const char *otherwise) {
    struct str to;
    int n = disclosure_moved(in->w, in->path, &to);
    if (n <= 0)
        return n < 0 ? -1 : fail(in->w, ERR_NOT_FOUND, "%s", otherwise);
    out->status = 301;
    out->no_cache = true;
    return view_redirect(in, out, "%.*s", STR_ARG(to));
}

int moved_page(struct http_request *in, struct http_response *out) {
    return moved_redirect(in, out, "");
}

/* What leads to `from` leads to `to` at once; an address in use again leads nowhere else. */
static int move(struct work *w, struct str from, struct str to) {
    return db_exec(w, &sql_address_moved_forget, DB_TEXT(to)) < 0 ||
                   db_exec(w, &sql_address_moved_follow, DB_TEXT(from), DB_TEXT(to)) < 0 ||
                   db_exec(w, &sql_address_moved_put, DB_TEXT(from), DB_TEXT(to)) < 0
               ? -1
               : 0;
}

int part_moved(struct work *w, const struct disclosure *d, const struct version *now) {
    struct version before;
    const char *place = str_is(d->kind, "column") ? "/columns/" : str_is(d->kind, "topic") ? "/topics/" : NULL;
    if (!place)
        return 0;
    struct str code = element_value(w->arena, now->elements, ELEMENT_CODE), old = STR_NONE;
    if (d->public_version_id) {
        if (version_get(w, d->public_version_id, &before) < 0)
            return -1;
        old = element_value(w->arena, before.elements, ELEMENT_CODE);
    }
    struct str to = str_printf(w->arena, "%s%.*s", place, STR_ARG(code));
    if (!old.n || str_eq(old, code)) /* the address is in use: it leads nowhere else */
        return db_exec(w, &sql_address_moved_forget, DB_TEXT(to)) < 0 ? -1 : 0;
    return move(w, str_printf(w->arena, "%s%.*s", place, STR_ARG(old)), to);
}

int disclosure_moved_load(struct work *w, const char *file, int64_t *ret_count) {
    char line[2 * ADDRESS_BYTES + 16];
    FILE *f = fopen(file, "re");
    int64_t n = 0;
    int rc = f ? 0 : fail(w, ERR_INVALID, "%s 无法读取", file);
    for (int at = 1; rc == 0 && fgets(line, sizeof line, f); at++) {
        struct str s = str_trim(str_z(line)), from, to;
        if (s.n == 0 || s.p[0] == '#')
            continue;
        if ((!str_cut(s, '\t', &from, &to) && !str_cut(s, ',', &from, &to)) || !is_path(str_trim(from)) ||
            !is_path(str_trim(to)))
            rc = fail(w, ERR_INVALID, "第 %d 行应为“旧地址,新地址”，都是本站以 / 开头的地址", at);
        else
            rc = move(w, str_trim(from), str_trim(to));
        n++;
    }
    if (f)
        fclose(f);
    if (rc == 0) {
        struct event e = {.room = "disclosure",
                          .verb = "addresses_moved",
                          .subject_kind = "address",
                          .visibility = EVENT_RESTRICTED,
                          .payload = json_pack("{s:I}", "count", (json_int_t)n)};
        rc = event_append(w, &e, NULL);
        json_decref(e.payload);
    }
    *ret_count = n;
    return rc;
}
