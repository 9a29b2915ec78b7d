/* statistics.c: what one subject counts for, kept so that it can be taken out of the sums again. Everything follows
 * from the records alone: a subject seen twice, late or after a crash comes out the same. */
#include "supervision/supervision_internal.h"

#include "catalogue/catalogue.h"

#define FIVE_DAYS 5
#define TWENTY_DAYS 20
#define ITEM_DUTIES 500 /* looked at together */

int64_t figure_month(day_t d) {
    int year = 0, month = 0;
    if (d == DAY_NONE)
        return 0;
    day_split(d, &year, &month, &(int){0});
    return (int64_t)year * 100 + month;
}

/* ── who holds a matter ── */

/* The post of the unit in which the publication was begun; 0 none. */
static int drafted_in(struct work *w, int64_t disclosure_id, int64_t unit_id, int64_t *ret) {
    struct db_rows r;
    *ret = 0;
    int n = disclosure_id ? db_one(w, &sql_figure_drafted, &r, DB_INT(disclosure_id), DB_INT(unit_id)) : 0;
    if (n > 0)
        *ret = db_i(&r, 0, 0);
    return n < 0 ? -1 : 0;
}

/* The unit's only post that drafts: with several nobody can say whose it is. */
static int only_drafter(struct work *w, int64_t unit_id, int64_t *ret) {
    struct db_rows r;
    if (db_one(w, &sql_figure_holders, &r, DB_INT(unit_id), DB_INT(ROLE_EDITOR)) <= 0)
        return -1;
    *ret = db_i(&r, 0, 0) == 1 ? db_i(&r, 0, 1) : 0;
    return 0;
}

/* ── parts by kind ── */

static void duty_late(struct figure_part *p, day_t due, day_t met) {
    int days = calendar_working_between(due, met);
    p->days = days < 0 ? 0 : days;
    p->flags |= MEASURE_BIT(M_LATE) | MEASURE_BIT(p->days <= FIVE_DAYS     ? M_LATE_5
                                                  : p->days <= TWENTY_DAYS ? M_LATE_20
                                                                           : M_LATE_MORE);
}

/* unit, field, catalogue, due_at, due_day, state, met_at, disclosure_id */
static int parts_of_duty(struct work *w, int64_t id, int64_t kept_post, bool look, struct figure_part *p) {
    struct db_rows r;
    day_t due;
    int n = db_one(w, &sql_figure_duty, &r, DB_INT(id));
    if (n <= 0 || day_parse(db_s(&r, 0, 4), &due) < 0)
        return n;
    struct str state = db_s(&r, 0, 5);
    *p = (struct figure_part){.month = figure_month(due),
                              .unit_id = db_i(&r, 0, 0),
                              .field_id = db_i(&r, 0, 1),
                              .catalogue = db_i(&r, 0, 2),
                              .flags = MEASURE_BIT(M_OWED)};
    if (str_is(state, "open")) {
        p->flags |= MEASURE_BIT(M_OPEN);
        p->due_at = db_i(&r, 0, 3);
    } else if (str_is(state, "met"))
        p->flags |= MEASURE_BIT(M_MET);
    else if (str_is(state, "met_late"))
        duty_late(p, due, day_of(db_i(&r, 0, 6)));
    else if (str_is(state, "waived"))
        p->flags = MEASURE_BIT(M_WAIVED);
    else
        return 0; /* void: never owed */
    if (drafted_in(w, db_i(&r, 0, 7), p->unit_id, &p->post_id) < 0)
        return -1;
    if (!p->post_id)
        p->post_id = kept_post;
    return !p->post_id && look && only_drafter(w, p->unit_id, &p->post_id) < 0 ? -1 : 1;
}

/* unit, field, catalogue, published_at, withdrawn_at, item */
static int parts_of_disclosure(struct work *w, int64_t id, struct figure_part *p) {
    struct db_rows r, versions;
    struct figure_part one = {0};
    int n = db_one(w, &sql_figure_disclosure, &r, DB_INT(id));
    if (n <= 0 || db_i(&r, 0, 3) == 0)
        return n < 0 ? -1 : 0;
    one.unit_id = db_i(&r, 0, 0);
    one.field_id = db_i(&r, 0, 1);
    one.catalogue = db_i(&r, 0, 2);
    if (drafted_in(w, id, one.unit_id, &one.post_id) < 0 ||
        db_query(w, &sql_figure_versions, &versions, DB_INT(id)) < 0)
        return -1;
    n = 0;
    p[n] = one;
    p[n].month = figure_month(day_of(db_i(&r, 0, 3)));
    p[n++].flags = MEASURE_BIT(M_PUBLISHED);
    for (size_t i = 1; i < versions.n; i++) {
        p[n] = one;
        p[n].serial = db_i(&versions, i, 0);
        p[n].month = figure_month(day_of(db_i(&versions, i, 1)));
        p[n++].flags = MEASURE_BIT(M_CORRECTED);
    }
    if (db_i(&r, 0, 4)) {
        p[n] = one;
        p[n].serial = INT32_MAX;
        p[n].month = figure_month(day_of(db_i(&r, 0, 4)));
        p[n++].flags = MEASURE_BIT(M_WITHDRAWN);
    }
    return n;
}

/* unit, matter, received_day, state, replied_at, late, due_at, suspended, closed_day, post. What was split counts as
 * its parts, what nobody received yet not at all. */
static bool part_of_request(const struct db_rows *r, struct figure_part *p) {
    day_t received;
    if (day_parse(db_s(r, 0, 2), &received) < 0 || str_is(db_s(r, 0, 3), "split"))
        return false;
    *p = (struct figure_part){.month = figure_month(received), .unit_id = db_i(r, 0, 0), .post_id = db_i(r, 0, 9)};
    if (str_is(db_s(r, 0, 1), "correction")) {
        p->flags = MEASURE_BIT(M_CORRECTIONS);
        return true;
    }
    p->flags = MEASURE_BIT(M_REQUESTS);
    if (db_i(r, 0, 4))
        p->flags |= MEASURE_BIT(db_i(r, 0, 5) ? M_REPLIED_LATE : M_REPLIED);
    else if (db_null(r, 0, 8)) {
        p->flags |= MEASURE_BIT(M_REQUEST_OPEN);
        p->due_at = db_i(r, 0, 7) ? 0 : db_i(r, 0, 6); /* while the clock stands nothing can lapse */
    }
    return true;
}

static int parts_of_request(struct work *w, int64_t id, struct figure_part *p) {
    struct db_rows r, remedies;
    int n = db_one(w, &sql_figure_request, &r, DB_INT(id));
    if (n <= 0)
        return n;
    if (db_query(w, &sql_figure_remedies, &remedies, DB_INT(id)) < 0)
        return -1;
    n = part_of_request(&r, p) ? 1 : 0;
    for (size_t i = 0; i < remedies.n; i++) {
        day_t filed;
        if (day_parse(db_s(&remedies, i, 2), &filed) < 0)
            continue;
        p[n++] = (struct figure_part){.serial = db_i(&remedies, i, 0),
                                      .month = figure_month(filed),
                                      .unit_id = db_i(&remedies, i, 1),
                                      .post_id = db_i(&r, 0, 9),
                                      .flags = MEASURE_BIT(M_REMEDIES)};
    }
    return n;
}

/* unit, field, catalogue, post, began_at, peak, state, outcome, decided_at. Confirmed as rule_precision() says it. */
static int parts_of_alert(struct work *w, int64_t id, struct figure_part *p) {
    struct db_rows r;
    int n = db_one(w, &sql_figure_alert, &r, DB_INT(id));
    if (n <= 0)
        return n;
    int64_t peak = db_i(&r, 0, 5);
    struct str outcome = db_s(&r, 0, 7);
    *p = (struct figure_part){.month = figure_month(day_of(db_i(&r, 0, 4))),
                              .unit_id = db_i(&r, 0, 0),
                              .field_id = db_i(&r, 0, 1),
                              .catalogue = db_i(&r, 0, 2),
                              .post_id = db_i(&r, 0, 3)};
    p->flags = MEASURE_BIT(peak >= LEVEL_RED ? M_RED : peak == LEVEL_ORANGE ? M_ORANGE : M_YELLOW);
    if (!str_is(db_s(&r, 0, 6), "closed"))
        p->flags |= MEASURE_BIT(M_ALERT_OPEN);
    if (str_is(outcome, "false"))
        p->flags |= MEASURE_BIT(M_FALSE);
    else if (str_is(outcome, "waived"))
        p->flags |= MEASURE_BIT(M_ALERT_WAIVED);
    else if (str_is(outcome, "mended") || str_is(outcome, "late") || db_i(&r, 0, 8))
        p->flags |= MEASURE_BIT(M_CONFIRMED);
    return 1;
}

int figure_parts_of(struct work *w, const char *kind, int64_t id, const struct figure_part *kept, size_t n_kept,
                    bool look_for_holder, struct figure_part *ret) {
    if (strcmp(kind, "duty") == 0)
        return parts_of_duty(w, id, n_kept ? kept->post_id : 0, look_for_holder || !n_kept, ret);
    if (strcmp(kind, "disclosure") == 0)
        return parts_of_disclosure(w, id, ret);
    if (strcmp(kind, "request") == 0)
        return parts_of_request(w, id, ret);
    return strcmp(kind, "alert") == 0 ? parts_of_alert(w, id, ret) : 0;
}

/* ── into the sums and out of them ── */

static int open_add(struct work *w, const char *kind, const struct figure_part *p, int64_t sign) {
    const struct db_value v[] = {DB_TEXTZ(kind),      DB_INT(day_of(p->due_at)), DB_INT(p->month),   DB_INT(p->unit_id),
                                 DB_INT(p->field_id), DB_INT(p->catalogue),      DB_INT(p->post_id), DB_INT(sign)};
    if (!p->due_at)
        return 0;
    if (db_exec_n(w, &sql_figure_open_add, v, countof(v)) < 0)
        return -1;
    return sign < 0 && db_exec_n(w, &sql_figure_open_tidy, v, countof(v) - 1) < 0 ? -1 : 0;
}

static int part_add(struct work *w, const char *kind, const struct figure_part *p, int64_t sign) {
    struct db_value v[5 + STORED_MEASURES] = {DB_INT(p->month), DB_INT(p->unit_id), DB_INT(p->field_id),
                                              DB_INT(p->catalogue), DB_INT(p->post_id)};
    for (int m = 0; m < FLAG_MEASURES; m++)
        v[5 + m] = DB_INT(p->flags & MEASURE_BIT(m) ? sign : 0);
    v[5 + M_LATE_DAYS] = DB_INT(sign * p->days);
    return db_exec_n(w, &sql_figure_add, v, countof(v)) < 0 ? -1 : open_add(w, kind, p, sign);
}

static int parts_kept(struct work *w, const char *kind, int64_t id, struct figure_part *ret) {
    struct db_rows r;
    if (db_query(w, &sql_figure_parts, &r, DB_TEXTZ(kind), DB_INT(id)) < 0)
        return -1;
    for (size_t i = 0; i < r.n && i < FIGURE_PARTS; i++)
        ret[i] = (struct figure_part){db_i(&r, i, 0), db_i(&r, i, 1), db_i(&r, i, 2), db_i(&r, i, 3), db_i(&r, i, 4),
                                      db_i(&r, i, 5), db_i(&r, i, 6), db_i(&r, i, 7), db_i(&r, i, 8)};
    return (int)r.n;
}

static int parts_put(struct work *w, const char *kind, int64_t id, const struct figure_part *p, int n) {
    for (int i = 0; i < n; i++)
        if (part_add(w, kind, &p[i], 1) < 0 ||
            db_exec(w, &sql_figure_part_insert, DB_TEXTZ(kind), DB_INT(id), DB_INT(p[i].serial), DB_INT(p[i].month),
                    DB_INT(p[i].unit_id), DB_INT(p[i].field_id), DB_INT(p[i].catalogue), DB_INT(p[i].post_id),
                    DB_INT(p[i].flags), DB_INT(p[i].days), DB_INT(p[i].due_at)) < 0)
            return -1;
    return 0;
}

static int subject_by_serial(const void *a, const void *b) {
    const struct figure_part *x = a, *y = b;
    return (x->serial > y->serial) - (x->serial < y->serial);
}

/* 1: the records say something else than what is kept; kept and now are filled. */
static int parts_differ(struct work *w, const char *kind, int64_t id, bool look, struct figure_part *kept, int *n_kept,
                        struct figure_part *now, int *n_now) {
    *n_kept = parts_kept(w, kind, id, kept);
    if (*n_kept < 0)
        return -1;
    *n_now = figure_parts_of(w, kind, id, kept, (size_t)*n_kept, look, now);
    if (*n_now < 0)
        return -1;
    qsort(now, (size_t)*n_now, sizeof *now, subject_by_serial);
    return *n_now != *n_kept || memcmp(now, kept, (size_t)*n_now * sizeof *now) != 0;
}

/* ── whether an item's publication names all its elements ── */

static bool names(const struct db_rows *d, const struct db_rows *files, struct str needle) {
    if (str_find(db_s(d, 0, 2), needle) >= 0 || str_find(db_s(d, 0, 3), needle) >= 0)
        return true;
    for (size_t i = 0; i < files->n; i++)
        if (str_find(db_s(files, i, 0), needle) >= 0 || str_find(db_s(files, i, 1), needle) >= 0)
            return true;
    return false;
}

/* The same look as before submission: an element counts as there when its name stands in the title, the text or an
 * attachment. */
static int item_read(struct work *w, int64_t id, int64_t *ret_disclosure, int64_t *ret_n, struct str *ret_missing) {
    struct db_rows r, d, files = {0};
    int n = db_one(w, &sql_figure_item_elements, &r, DB_INT(id), DB_TEXT(day_str(w->arena, work_today(w))));
    if (n <= 0)
        return n;
    int there = db_one(w, &sql_figure_item, &d, DB_INT(id));
    if (there < 0 || (there && db_query(w, &sql_figure_attachments, &files, DB_INT(db_i(&d, 0, 1))) < 0))
        return -1;
    json_t *elements = item_elements(w->arena, db_s(&r, 0, 0)), *e;
    size_t i;
    struct buf missing;
    buf_init(&missing, 1 << 20);
    json_array_foreach(elements, i, e) {
        struct str name = str_z(json_string_value(e));
        if (there && !names(&d, &files, name))
            buf_printf(&missing, "%s%.*s", missing.n ? "、" : "", STR_ARG(name));
    }
    *ret_disclosure = there ? db_i(&d, 0, 0) : 0;
    *ret_n = (int64_t)json_array_size(elements);
    *ret_missing = str_dup(w->arena, buf_str(&missing));
    buf_release(&missing);
    json_decref(elements);
    return 1;
}

static int item_put(struct work *w, int64_t id) {
    int64_t disclosure, elements;
    struct str missing;
    int n = id ? item_read(w, id, &disclosure, &elements, &missing) : 0;
    if (n <= 0)
        return n;
    if (!disclosure)
        return db_exec(w, &sql_figure_item_clear, DB_INT(id)) < 0 ? -1 : 0;
    return db_exec(w, &sql_figure_item_put, DB_INT(id), DB_INT(disclosure), DB_INT(elements), DB_TEXT(missing)) < 0 ? -1
                                                                                                                    : 0;
}

static int item_of_disclosure(struct work *w, int64_t id) {
    struct db_rows r;
    int n = db_one(w, &sql_figure_disclosure, &r, DB_INT(id));
    return n <= 0 ? n : item_put(w, db_i(&r, 0, 5));
}

/* Duties of an item come into being together, with one event of the item. */
static int item_touch(struct work *w, int64_t id) {
    struct db_rows r = {.n = ITEM_DUTIES};
    int64_t after = 0;
    while (r.n == ITEM_DUTIES) {
        if (db_query(w, &sql_figure_item_duties, &r, DB_INT(id), DB_INT(after), DB_INT(ITEM_DUTIES)) < 0)
            return -1;
        for (size_t i = 0; i < r.n; i++)
            if (statistics_touch(w, "duty", after = db_i(&r, i, 0)) < 0)
                return -1;
    }
    return item_put(w, id);
}

/* ── the verbs ── */

bool figure_kind_known(const char *kind) {
    return strcmp(kind, "duty") == 0 || strcmp(kind, "disclosure") == 0 || strcmp(kind, "request") == 0 ||
           strcmp(kind, "alert") == 0;
}

int figure_differs(struct work *w, const char *kind, int64_t id) {
    struct figure_part kept[FIGURE_PARTS], now[FIGURE_PARTS];
    int n_kept, n_now;
    if (strcmp(kind, "item") != 0)
        return parts_differ(w, kind, id, false, kept, &n_kept, now, &n_now);
    int64_t disclosure, elements;
    struct str missing;
    struct db_rows r;
    int n = item_read(w, id, &disclosure, &elements, &missing);
    if (n <= 0)
        return n;
    n = db_one(w, &sql_figure_item_get, &r, DB_INT(id));
    if (n == 0)
        return disclosure != 0;
    return n < 0 ? -1 : db_i(&r, 0, 0) != disclosure || db_i(&r, 0, 1) != elements || !str_eq(db_s(&r, 0, 2), missing);
}

int statistics_touch(struct work *w, const char *kind, int64_t id) {
    struct figure_part kept[FIGURE_PARTS], now[FIGURE_PARTS];
    int n_kept, n_now;
    if (strcmp(kind, "item") == 0)
        return item_touch(w, id);
    if (strcmp(kind, "calendar") == 0) /* working days late are others now */
        return figure_fill_again(w);
    if (!figure_kind_known(kind))
        return 0;
    int differ = parts_differ(w, kind, id, true, kept, &n_kept, now, &n_now);
    if (differ < 0 || (strcmp(kind, "disclosure") == 0 && item_of_disclosure(w, id) < 0))
        return -1;
    if (!differ)
        return 0;
    for (int i = 0; i < n_kept; i++)
        if (part_add(w, kind, &kept[i], -1) < 0)
            return -1;
    if (n_kept && db_exec(w, &sql_figure_parts_clear, DB_TEXTZ(kind), DB_INT(id)) < 0)
        return -1;
    return parts_put(w, kind, id, now, n_now);
}
