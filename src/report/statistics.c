/* statistics.c: applications received between two days, by everything people ask for. Each unit's cases are read once,
 * grouped in the index, and folded into the tables here. */
#include "report/report_internal.h"

const char *const dimension_codes[DIMENSIONS] = {"unit",    "officer_post", "channel", "applicant",
                                                 "outcome", "ground",       "month"};
const char *const dimension_names[DIMENSIONS] = {"单位",     "承办岗位",       "渠道",    "申请人类别",
                                                 "处理结果", "不予公开的依据", "收到月份"};

struct str tally_rate(struct arena *a, const struct tally *t) {
    int64_t due = t->closed + t->overdue;
    return due ? str_printf(a, "%.1f%%", 100.0 * (double)(t->closed - t->late) / (double)due) : S("—");
}

struct str tally_days(struct arena *a, const struct tally *t) {
    return t->closed ? str_printf(a, "%.1f", (double)t->days / (double)t->closed) : S("—");
}

static void add(struct tally *to, const struct tally *t) {
    to->received += t->received;
    to->closed += t->closed;
    to->late += t->late;
    to->overdue += t->overdue;
    to->extended += t->extended;
    to->days += t->days;
}

static struct tally_row *row_of(struct work *w, struct statistics *s, enum dimension d, struct str key,
                                struct str name) {
    for (size_t i = 0; i < s->count[d]; i++)
        if (str_eq(s->rows[d][i].key, key))
            return &s->rows[d][i];
    if (s->count[d] == TALLY_ROWS) /* more posts than any city has: the rest together */
        return &s->rows[d][TALLY_ROWS - 1];
    struct tally_row *row = &s->rows[d][s->count[d]++];
    *row = (struct tally_row){.key = str_dup(w->arena, key), .name = str_dup(w->arena, name.n ? name : key)};
    return row;
}

struct folding {
    struct work *w;
    struct statistics *s;
    struct db_rows posts;
    struct tally *unit;
};

static struct str post_name(const struct folding *f, int64_t id) {
    for (size_t i = 0; i < f->posts.n; i++)
        if (db_i(&f->posts, i, 0) == id)
            return db_s(&f->posts, i, 1);
    return STR_NONE;
}

static struct str word(const char *member, struct str code) {
    return str_z(request_word(member, code));
}

/* One group of equal cases: channel, applicant, outcome, post, month, late, extended, closed, overdue, n, days. */
static int fold(void *ctx, const struct db_rows *r) {
    struct folding *f = ctx;
    struct work *w = f->w;
    int64_t n = db_i(r, 0, 9), post = db_i(r, 0, 3);
    bool closed = db_i(r, 0, 7) != 0;
    struct str outcome = db_s(r, 0, 2), month = db_s(r, 0, 4);
    struct tally t = {.received = n,
                      .closed = closed ? n : 0,
                      .late = closed && db_i(r, 0, 5) ? n : 0,
                      .overdue = db_i(r, 0, 8) ? n : 0,
                      .extended = db_i(r, 0, 6) ? n : 0,
                      .days = closed ? db_i(r, 0, 10) : 0};
    add(f->unit, &t);
    add(&f->s->all, &t);
    if (post)
        add(&row_of(w, f->s, BY_POST, str_printf(w->arena, "%lld", (long long)post), post_name(f, post))->t, &t);
    add(&row_of(w, f->s, BY_CHANNEL, db_s(r, 0, 0), word("channel", db_s(r, 0, 0)))->t, &t);
    add(&row_of(w, f->s, BY_APPLICANT, db_s(r, 0, 1), word("applicant", db_s(r, 0, 1)))->t, &t);
    add(&row_of(w, f->s, BY_MONTH, month, month)->t, &t);
    const struct request_outcome *o = closed ? request_outcome(outcome) : NULL;
    if (o)
        add(&row_of(w, f->s, BY_OUTCOME, outcome, str_z(o->name))->t, &t);
    if (o && str_starts(outcome, S("R04.")))
        add(&row_of(w, f->s, BY_GROUND, outcome, str_z(o->name))->t, &t);
    return 0;
}

static int count_remedies(struct work *w, int64_t unit_id, struct str from, struct str to, struct statistics *s) {
    struct db_rows r;
    if (db_query(w, &sql_statistics_remedies, &r, DB_INT(unit_id), DB_TEXT(from), DB_TEXT(to)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        for (int k = 0; k < REMEDIES; k++) {
            if (!str_is(db_s(&r, i, 0), remedy_codes[k]))
                continue;
            s->remedies[k][RESULT_TOTAL] += db_i(&r, i, 2);
            for (int c = 0; c < RESULT_TOTAL; c++)
                if (str_is(db_s(&r, i, 1), result_codes[c]))
                    s->remedies[k][c] += db_i(&r, i, 2);
        }
    return 0;
}

static int count_unit(struct work *w, const struct db_rows *units, size_t i, struct statistics *s) {
    struct str from = day_str(w->arena, s->from), to = day_str(w->arena, s->to);
    int64_t id = db_i(units, i, 0);
    struct folding f = {.w = w, .s = s};
    if (db_query(w, &sql_statistics_posts, &f.posts, DB_INT(id), DB_TEXT(from), DB_TEXT(to)) < 0)
        return -1;
    f.unit = &row_of(w, s, BY_UNIT, db_s(units, i, 1), db_s(units, i, 2))->t;
    const struct db_value args[] = {DB_INT(id), DB_TEXT(from), DB_TEXT(to), DB_INT(w->now)};
    return db_each(w, &sql_statistics_cases, args, countof(args), fold, &f) < 0 ||
                   count_remedies(w, id, from, to, s) < 0
               ? -1
               : 0;
}

static int by_number(const void *a, const void *b) {
    const struct tally_row *x = a, *y = b;
    return x->t.received != y->t.received ? (x->t.received < y->t.received ? 1 : -1) : str_cmp(x->key, y->key);
}

static int by_key(const void *a, const void *b) {
    return str_cmp(((const struct tally_row *)a)->key, ((const struct tally_row *)b)->key);
}

int statistics_count(struct work *w, struct str code, day_t from, day_t to, struct statistics *s) {
    struct db_rows units;
    *s = (struct statistics){.unit_code = code, .from = from, .to = to};
    for (int d = 0; d < DIMENSIONS; d++)
        s->rows[d] = arena_many(w->arena, struct tally_row, TALLY_ROWS);
    if (report_units(w, &units) < 0)
        return -1;
    for (size_t i = 0; i < units.n; i++) {
        if (code.n ? !str_eq(code, db_s(&units, i, 1)) : !org_may_quiet(w, PERM_REQUEST_READ, db_i(&units, i, 0)))
            continue;
        if (count_unit(w, &units, i, s) < 0)
            return -1;
        if (code.n)
            s->unit_name = db_s(&units, i, 2);
    }
    for (int d = BY_POST; d < DIMENSIONS; d++)
        qsort(s->rows[d], s->count[d], sizeof *s->rows[d], d == BY_MONTH || d == BY_GROUND ? by_key : by_number);
    return 0;
}

/* The list of the cases a number counts: the same span, unit and dimension. */
struct str statistics_address(struct work *w, const struct statistics *s, enum dimension d, struct str key,
                              const char *more) {
    day_t from = s->from, to = s->to, first;
    struct str a = S("/desk/requests?matter=access&state=all");
    if (d == BY_MONTH && day_parse(str_printf(w->arena, "%.*s-01", STR_ARG(key)), &first) == 0) {
        day_t last = calendar_add_months(first, 1, false) - 1;
        from = first > from ? first : from;
        to = last < to ? last : to;
    }
    a = str_printf(w->arena, "%.*s&from=%.*s&to=%.*s", STR_ARG(a), STR_ARG(day_str(w->arena, from)),
                   STR_ARG(day_str(w->arena, to)));
    if (s->unit_code.n && d != BY_UNIT)
        a = str_printf(w->arena, "%.*s&unit=%.*s", STR_ARG(a), STR_ARG(s->unit_code));
    if (d < DIMENSIONS && d != BY_MONTH)
        a = str_printf(w->arena, "%.*s&%s=%.*s", STR_ARG(a), d == BY_GROUND ? "outcome" : dimension_codes[d],
                       STR_ARG(key));
    return *more ? str_printf(w->arena, "%.*s&%s", STR_ARG(a), more) : a;
}
