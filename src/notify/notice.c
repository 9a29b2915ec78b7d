/* notice.c: notices to posts. Told to a unit and a right, not to persons: who holds such a post reads it, also one who
 * came later. Seen or not is each person's own. */
#include "auth/auth.h"
#include "notify/notify_internal.h"
#include "notify_sql.h"

#define TITLE_CHARS 100
#define TEXT_CHARS 500
#define FRESH_MS (90LL * 86400 * 1000) /* older ones are no news */

static bool tone_ok(const char *tone) {
    static const char *const tones[] = {"red", "orange", "yellow", "green", "blue", "grey"};
    for (size_t i = 0; i < countof(tones); i++)
        if (tone && strcmp(tone, tones[i]) == 0)
            return true;
    return false;
}

int notice_add(struct work *w, const struct notice *n) {
    if (!tone_ok(n->tone) || !str_starts(n->address, S("/desk/")) || n->permission <= PERM_SIGNED_IN ||
        n->permission >= PERM__MAX || !n->title.n)
        return fail(w, ERR_INTERNAL, "站内通知没有写成");
    return db_exec(w, &sql_notice_insert, DB_INT(w->now), DB_ID(n->unit_id), DB_TEXTZ(permission_code(n->permission)),
                   DB_BOOL(n->office), DB_TEXTZ(n->tone), DB_TEXT(utf8_head(n->title, TITLE_CHARS)),
                   DB_TEXT(utf8_head(n->text, TEXT_CHARS)), DB_TEXT(n->address), DB_TEXT(n->once));
}

/* " disclosure.read disclosure.edit " */
static struct str rights(struct work *w) {
    struct buf b;
    buf_init(&b, 16 * 1024);
    buf_addc(&b, ' ');
    for (int p = PERM_SIGNED_IN + 1; p < PERM__MAX; p++)
        if (actor_may(&w->actor, p))
            buf_printf(&b, "%s ", permission_code(p));
    struct str s = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}

json_t *notice_list(struct work *w, int64_t after, int64_t size, int64_t *ret_after) {
    const struct actor *a = &w->actor;
    struct db_rows r;
    size = size < 1 || size > LIMIT_PAGE_SIZE ? LIMIT_PAGE_SIZE : size;
    if (db_query(w, &sql_notice_list, &r, DB_INT(a->person_id), DB_INT(a->post_id), DB_INT(a->unit_id),
                 DB_INT(a->all_units), DB_TEXT(rights(w)), DB_INT(after), DB_INT(size + 1)) < 0)
        return NULL;
    size_t n = r.n > (size_t)size ? (size_t)size : r.n;
    *ret_after = r.n > n ? db_i(&r, n - 1, 0) : 0;
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *o = db_json_row(&r, i);
        json_set_instant(w->arena, o, "at", db_i(&r, i, 1));
        json_set_bool(o, "seen", db_i(&r, i, 7) != 0);
        json_array_append_new(list, o);
    }
    return list;
}

int notice_unread(struct work *w) {
    const struct actor *a = &w->actor;
    struct db_rows r;
    if (!a->person_id)
        return 0;
    if (db_one(w, &sql_notice_unread, &r, DB_INT(a->person_id), DB_INT(a->post_id), DB_INT(a->unit_id),
               DB_INT(a->all_units), DB_TEXT(rights(w)), DB_INT(w->now - FRESH_MS), DB_INT(NOTICE_UNREAD_CAP)) != 1)
        return -1;
    return (int)db_i(&r, 0, 0);
}

int notice_get(struct work *w, int64_t id, struct str *ret_address) {
    struct db_rows r;
    int n = db_one(w, &sql_notice_get, &r, DB_INT(id), DB_INT(w->actor.unit_id), DB_INT(w->actor.all_units),
                   DB_TEXT(rights(w)));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_NOT_FOUND, "没有这条通知");
    *ret_address = str_dup(w->arena, db_s(&r, 0, 0));
    return 0;
}

int notice_read(struct work *w, int64_t id) {
    int64_t person = w->actor.person_id;
    struct str address;
    if (!person)
        return fail(w, ERR_FORBIDDEN, "业务系统不标记已读");
    if (id)
        return notice_get(w, id, &address) < 0 ||
                       db_exec(w, &sql_notice_read_insert, DB_INT(person), DB_INT(id), DB_INT(w->now)) < 0
                   ? -1
                   : 0;
    return db_exec(w, &sql_notice_seen_save, DB_INT(person), DB_INT(w->actor.post_id)) < 0 ? -1 : 0;
}
