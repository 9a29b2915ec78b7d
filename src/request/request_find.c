/* request_find.c: which cases a list holds: what is open, the most urgent first; one state's; a unit's; those behind a
 * figure; one applicant's. Each way is a statement that begins at the head of an index and ends with the page. */
#include "request/request_internal.h"

#include "request/request_desk.h"

#define DAY_FIRST S("0000-01-01")
#define DAY_LAST S("9999-12-31")
enum { COMMON = 20, ARGS = COMMON + 2 }; /* of the statements request_found… */

static struct str or_else(struct str s, struct str other) {
    return s.n ? s : other;
}

/* By which index: the days that are asked for. An outcome, or that it was late, is known of ended cases only; an
 * officer or an extension there is after receipt only. */
static enum request_order order_of(const struct request_wanted *q) {
    if (q->like.n)
        return REQUEST_BY_ID;
    if (q->closed_from.n || q->closed_to.n)
        return REQUEST_BY_CLOSED;
    if (q->from.n || q->to.n || q->open_after.n)
        return REQUEST_BY_RECEIVED;
    if (q->outcomes[0].n || q->late)
        return REQUEST_BY_CLOSED;
    return q->officer_post || q->extended || q->overdue_at ? REQUEST_BY_RECEIVED : REQUEST_BY_ID;
}

static void common(const struct request_wanted *q, struct db_value v[COMMON]) {
    const struct db_value list[COMMON] = {
        DB_INT(q->id),           DB_TEXT(q->from),        DB_TEXT(q->to),          DB_TEXT(q->closed_from),
        DB_TEXT(q->closed_to),   DB_TEXT(q->open_after),  DB_TEXT(q->channel),     DB_TEXT(q->applicant),
        DB_TEXT(q->outcomes[0]), DB_TEXT(q->outcomes[1]), DB_TEXT(q->outcomes[2]), DB_TEXT(q->outcomes[3]),
        DB_INT(q->officer_post), DB_BOOL(q->late),        DB_BOOL(q->extended),    DB_TEXT(q->state),
        DB_TEXT(q->matter),      DB_TEXT(q->remedy),      DB_INT(q->size + 1),     DB_INT(q->overdue_at)};
    memcpy(v, list, sizeof list);
}

/* The day of the cursor bounds the range from above: whole days that were shown are not walked again. */
static struct str upper(struct str to, struct str cursor) {
    struct str last = or_else(to, DAY_LAST);
    return str_cmp(cursor, last) < 0 ? cursor : last;
}

/* Words alone, or a remedy alone, have ways of their own. */
static bool only(const struct request_wanted *q, bool words) {
    struct request_wanted x = *q;
    x.remedy = STR_NONE;
    return !request_filtered(&x) && (words ? q->like.n && !q->remedy.n && !q->unit_id : q->remedy.n && !q->like.n);
}

static int found(struct work *w, const struct request_wanted *q, struct db_rows *r, enum request_order *ret_order) {
    struct request_wanted x = *q;
    struct db_value v[ARGS];
    size_t n = COMMON;
    bool first = q->key == INT64_MAX;
    if (!first && (q->key < day_from(2000, 1, 1) || q->key > day_from(2199, 12, 31)) && order_of(q) != REQUEST_BY_ID)
        return fail(w, ERR_BAD_REQUEST, "续页标记不正确，请从第一页重新打开");
    struct str day = first || order_of(q) == REQUEST_BY_ID ? DAY_LAST : day_str(w->arena, (day_t)q->key);
    *ret_order = order_of(q);
    if (only(q, true))
        return db_query(w, &sql_request_found_words, r, DB_INT(q->id), DB_TEXT(q->state), DB_TEXT(q->like),
                        DB_INT(q->size + 1));
    if (only(q, false))
        return db_query(w, &sql_request_found_remedy, r, DB_TEXT(q->remedy), DB_INT(q->id), DB_INT(q->unit_id),
                        DB_TEXT(q->state), DB_INT(q->size + 1));
    if (*ret_order == REQUEST_BY_RECEIVED) {
        x.from = or_else(x.from, DAY_FIRST);
        x.to = upper(x.to, day);
    } else if (*ret_order == REQUEST_BY_CLOSED) {
        x.closed_from = or_else(x.closed_from, DAY_FIRST);
        x.closed_to = upper(x.closed_to, day);
    }
    common(&x, v);
    v[n++] = DB_TEXT(*ret_order == REQUEST_BY_ID ? q->like : day);
    if (q->unit_id)
        v[n++] = DB_INT(q->unit_id);
    const struct db_statement *st =
        *ret_order == REQUEST_BY_RECEIVED ? q->unit_id ? &sql_request_found_received_unit : &sql_request_found_received
        : *ret_order == REQUEST_BY_CLOSED ? q->unit_id ? &sql_request_found_closed_unit : &sql_request_found_closed
        : q->unit_id                      ? &sql_request_found_unit
                                          : &sql_request_found;
    return db_query_n(w, st, r, v, n);
}

/* % and _ are letters here. */
static struct str like_text(struct arena *a, struct str s) {
    s = str_replace(a, s, S("!"), S("!!"));
    s = str_replace(a, s, S("%"), S("!%"));
    return str_printf(a, "%%%.*s%%", STR_ARG(str_replace(a, s, S("_"), S("!_"))));
}

/* A number leads to its case, a name or an identity number to that applicant's, anything else is looked for in titles.
 */
static int found_by_text(struct work *w, const struct request_wanted *q, struct db_rows *r, enum request_order *order) {
    struct request_wanted x = *q;
    if (db_query(w, &sql_request_id_in_scope, r, DB_TEXT(q->text), DB_TEXT(org_path(w))) < 0)
        return -1;
    if (r->n)
        return 0;
    if (db_query(w, &sql_request_list_name, r, DB_TEXT(blind_index(w, "request name", q->text)),
                 DB_TEXT(blind_index(w, "request person", q->text)), DB_TEXT(org_path(w)), DB_INT(q->id),
                 DB_INT(q->size + 1)) < 0)
        return -1;
    x.like = like_text(w->arena, q->text);
    return r->n ? 0 : found(w, &x, r, order);
}

static int open_ones(struct work *w, const struct request_wanted *q, struct db_rows *r) {
    bool first = q->key == INT64_MAX;
    struct db_value key = DB_INT(first ? -1 : q->key), id = DB_INT(first ? 0 : q->id), most = DB_INT(q->size + 1);
    return q->unit_id ? db_query(w, &sql_request_list_open_unit, r, DB_INT(q->unit_id), key, id, most)
                      : db_query(w, &sql_request_list_open, r, key, id, most);
}

int request_find(struct work *w, const struct request_wanted *q, struct db_rows *r, enum request_order *ret_order) {
    struct db_value unit = DB_INT(q->unit_id), state = DB_TEXT(q->state), id = DB_INT(q->id),
                    most = DB_INT(q->size + 1);
    *ret_order = REQUEST_BY_ID;
    if (q->text.n)
        return found_by_text(w, q, r, ret_order);
    if (request_filtered(q))
        return found(w, q, r, ret_order);
    if (q->state.n)
        return q->unit_id ? db_query(w, &sql_request_list_state_unit, r, unit, state, id, most)
                          : db_query(w, &sql_request_list_state, r, state, id, most);
    if (q->all)
        return q->unit_id ? db_query(w, &sql_request_list_unit, r, unit, id, most)
                          : db_query(w, &sql_request_list_all, r, id, most);
    *ret_order = REQUEST_BY_DUE;
    return open_ones(w, q, r);
}

bool request_filtered(const struct request_wanted *q) {
    return q->channel.n || q->applicant.n || q->matter.n || q->outcomes[0].n || q->remedy.n || q->officer_post ||
           q->late || q->extended || q->overdue_at || q->from.n || q->to.n || q->closed_from.n || q->closed_to.n ||
           q->open_after.n;
}

int64_t request_key(const struct request *c, enum request_order order) {
    return order == REQUEST_BY_DUE        ? c->due_at
           : order == REQUEST_BY_RECEIVED ? c->received_day
           : order == REQUEST_BY_CLOSED   ? c->closed_day
                                          : 0;
}
