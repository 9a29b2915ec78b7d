/* report_count.c: the figures of one unit and year, counted from the cases; their sum; and as JSON, which is how they
 * are kept once a report is finished. */
#include "report/report_internal.h"

struct span {
    struct str from, to;    /* days, both included */
    int64_t from_at, to_at; /* instants: [from_at, to_at) */
};

static struct span span_of(struct work *w, int year) {
    day_t from = day_from(year, 1, 1), to = day_from(year, 12, 31);
    return (struct span){day_str(w->arena, from), day_str(w->arena, to), day_start(from), day_end(to) + 1};
}

static void add_case(struct figures *f, int row, struct str applicant, int64_t n) {
    int column = column_of(applicant);
    f->three[row][COLUMN_TOTAL] += n; /* counted by itself: a case of no known column fails the identity */
    if (column >= 0)
        f->three[row][column] += n;
}

static int count_cases(struct work *w, int64_t unit_id, const struct span *s, struct figures *f) {
    struct db_rows r;
    if (db_query(w, &sql_report_cases, &r, DB_INT(unit_id), DB_TEXT(s->from), DB_TEXT(s->to)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        struct str part = db_s(&r, i, 0), applicant = db_s(&r, i, 1);
        int64_t n = db_i(&r, i, 3);
        if (!str_is(part, "r3")) {
            add_case(f, str_is(part, "r1") ? ROW_R1 : str_is(part, "r2") ? ROW_R2 : ROW_R4, applicant, n);
            continue;
        }
        const struct request_outcome *o = request_outcome(db_s(&r, i, 2));
        int row = o ? row3_of(str_z(o->row)) : -1;
        add_case(f, ROW_SUM, applicant, n); /* all that ended, whatever their outcome */
        if (row >= ROW_LEAF && row < ROW_SUM)
            add_case(f, row, applicant, n);
        else
            f->unmapped += n;
    }
    return 0;
}

static int count_remedies(struct work *w, int64_t unit_id, const struct span *s, struct figures *f) {
    struct db_rows r;
    if (db_query(w, &sql_report_remedies, &r, DB_INT(unit_id), DB_TEXT(s->from), DB_TEXT(s->to)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        for (int k = 0; k < REMEDIES; k++) {
            if (!str_is(db_s(&r, i, 0), remedy_codes[k]))
                continue;
            f->four[k][RESULT_TOTAL] += db_i(&r, i, 3);
            for (int c = 0; c < RESULT_TOTAL; c++)
                if (str_is(db_s(&r, i, 1), result_codes[c]))
                    f->four[k][c] += db_i(&r, i, 3);
            if (db_i(&r, i, 2))
                f->carried[k] += db_i(&r, i, 3);
        }
    return 0;
}

static int count_known(struct work *w, int64_t unit_id, const struct span *s, struct figures *f) {
    struct db_rows closed, none, fees, out, policy, duty;
    struct known *k = &f->known;
    struct db_value unit = DB_INT(unit_id), from = DB_TEXT(s->from), to = DB_TEXT(s->to);
    if (db_one(w, &sql_report_endings, &closed, unit, from, to) < 0 ||
        db_one(w, &sql_report_unreceived, &none, unit, from, to) < 0 ||
        db_one(w, &sql_report_fees, &fees, unit, from, to) < 0 ||
        db_one(w, &sql_report_published, &out, unit, DB_INT(s->from_at), DB_INT(s->to_at)) < 0 ||
        db_one(w, &sql_report_policies, &policy, unit, from, to) < 0 ||
        db_one(w, &sql_report_duties, &duty, unit, DB_INT(s->from_at), DB_INT(s->to_at)) < 0)
        return -1;
    f->backwards = db_i(&closed, 0, 3);
    *k = (struct known){.closed = db_i(&closed, 0, 0),
                        .late = db_i(&closed, 0, 1),
                        .days_used = db_i(&closed, 0, 2),
                        .unreceived = db_i(&none, 0, 0),
                        .paid = db_i(&fees, 0, 0),
                        .paid_fen = db_i(&fees, 0, 1),
                        .published = db_i(&out, 0, 0),
                        .corrected = db_i(&out, 0, 1),
                        .withdrawn = db_i(&out, 0, 2),
                        .policy_made = db_i(&policy, 0, 0),
                        .policy_repealed = db_i(&policy, 0, 1),
                        .policy_force = db_i(&policy, 0, 2),
                        .duties = db_i(&duty, 0, 0),
                        .duties_on_time = db_i(&duty, 0, 1)};
    return 0;
}

int figures_count(struct work *w, int64_t unit_id, int year, struct figures *f) {
    struct span s = span_of(w, year);
    *f = (struct figures){0};
    if (count_cases(w, unit_id, &s, f) < 0 || count_remedies(w, unit_id, &s, f) < 0 ||
        count_known(w, unit_id, &s, f) < 0)
        return -1;
    f->two[NORM_MADE] = f->known.policy_made;
    f->two[NORM_REPEALED] = f->known.policy_repealed;
    f->two[NORM_FORCE] = f->known.policy_force;
    return 0;
}

/* ── every figure by its name, once for sums and JSON ── */

struct slot {
    const char *name;
    size_t offset, count; /* int64_t in struct figures */
};
#define SLOT(name, member)                                                                                             \
    { name, offsetof(struct figures, member), 1 }
static const struct slot slots[] = {
    {"table2", offsetof(struct figures, two), CELLS2},
    {"table3", offsetof(struct figures, three), (size_t)ROWS3 *COLUMNS},
    {"table4", offsetof(struct figures, four), (size_t)REMEDIES *RESULTS},
    {"carried", offsetof(struct figures, carried), REMEDIES},
    SLOT("unmapped", unmapped),
    SLOT("backwards", backwards),
    SLOT("published", known.published),
    SLOT("corrected", known.corrected),
    SLOT("withdrawn", known.withdrawn),
    SLOT("policy_made", known.policy_made),
    SLOT("policy_repealed", known.policy_repealed),
    SLOT("policy_force", known.policy_force),
    SLOT("duties", known.duties),
    SLOT("duties_on_time", known.duties_on_time),
    SLOT("closed", known.closed),
    SLOT("late", known.late),
    SLOT("days_used", known.days_used),
    SLOT("paid", known.paid),
    SLOT("paid_fen", known.paid_fen),
    SLOT("unreceived", known.unreceived),
};

static int64_t *place(struct figures *f, const struct slot *s) {
    return (int64_t *)(void *)((char *)f + s->offset);
}

static const int64_t *place_of(const struct figures *f, const struct slot *s) {
    return (const int64_t *)(const void *)((const char *)f + s->offset);
}

void figures_add(struct figures *sum, const struct figures *f) {
    for (size_t i = 0; i < countof(slots); i++)
        for (size_t k = 0; k < slots[i].count; k++)
            place(sum, &slots[i])[k] += place_of(f, &slots[i])[k];
}

json_t *figures_json(const struct figures *f) {
    json_t *o = json_object();
    for (size_t i = 0; i < countof(slots); i++) {
        const int64_t *v = place_of(f, &slots[i]);
        json_t *list = json_array();
        for (size_t k = 0; k < slots[i].count; k++)
            json_array_append_new(list, json_integer(v[k]));
        json_object_set_new(o, slots[i].name, list);
    }
    return o;
}

int figures_read(struct str text, struct figures *ret) {
    json_t *o = text.n ? json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    int rc = o ? 0 : -1;
    *ret = (struct figures){0};
    for (size_t i = 0; i < countof(slots) && rc == 0; i++) {
        const json_t *list = json_object_get(o, slots[i].name);
        if (json_array_size(list) != slots[i].count)
            rc = -1;
        for (size_t k = 0; k < slots[i].count && rc == 0; k++)
            place(ret, &slots[i])[k] = json_integer_value(json_array_get(list, k));
    }
    json_decref(o);
    return rc;
}
