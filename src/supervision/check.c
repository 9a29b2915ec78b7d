/* check.c: the table of checks: rooms add rows to it, rules choose from it. */
#include "supervision/supervision_internal.h"

#define CHECKS_MAX 100
static const struct check *table[CHECKS_MAX];
static size_t count;

void check_register(const struct check *checks, size_t n) {
    for (size_t i = 0; i < n && count < CHECKS_MAX; i++)
        if (!check_find(str_z(checks[i].code)))
            table[count++] = &checks[i];
}

void supervision_checks(void) {
    check_register(duty_checks, duty_check_count);
    check_register(ticket_checks, ticket_check_count);
    check_register(catalogue_checks, catalogue_check_count);
    check_register(disclosure_checks, disclosure_check_count);
    check_register(document_checks, document_check_count);
    check_register(content_checks, content_check_count);
    check_register(request_checks, request_check_count);
    check_register(site_checks, site_check_count);
    check_register(unit_checks, unit_check_count);
    check_register(found_checks, found_check_count);
}

const struct check *check_find(struct str code) {
    for (size_t i = 0; i < count; i++)
        if (str_is(code, table[i]->code))
            return table[i];
    return NULL;
}

const struct check *check_at(size_t i) {
    return i < count ? table[i] : NULL;
}

/* ── courses ── */

void course_span(struct course *c, int level, int64_t from, int64_t until) {
    if (from >= until || c->n >= COURSE_SPANS)
        return;
    struct span *last = c->n ? &c->spans[c->n - 1] : NULL;
    if (last && last->level == level && last->until == from)
        last->until = until;
    else
        c->spans[c->n++] = (struct span){from, until, level};
}

int course_level(const struct course *c, int64_t at, int64_t *ret_next) {
    int level = LEVEL_NONE;
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < c->n; i++) {
        const struct span *s = &c->spans[i];
        if (s->from <= at && at < s->until)
            level = s->level;
        if (s->from > at && s->from < next)
            next = s->from;
        if (s->until > at && s->until < next)
            next = s->until;
    }
    *ret_next = next;
    return level;
}

bool course_occurrence(const struct course *c, size_t i, struct occurrence *ret) {
    for (size_t k = 0; k < c->n;) {
        struct occurrence o = {.from = c->spans[k].from, .until = c->spans[k].from};
        for (; k < c->n && c->spans[k].from == o.until; k++) {
            o.until = c->spans[k].until;
            if (c->spans[k].level > o.peak)
                o.peak = c->spans[k].level;
            if (c->spans[k].level == LEVEL_RED && !o.red_from)
                o.red_from = c->spans[k].from;
        }
        if (i-- == 0) {
            *ret = o;
            return true;
        }
    }
    return false;
}

static const char *const codes[] = {"green", "yellow", "orange", "red"}, *const names[] = {"正常", "临近", "紧急",
                                                                                           "逾期"};

const char *alert_level_code(int level) {
    return level >= 0 && level <= LEVEL_RED ? codes[level] : "green";
}

const char *alert_level_name(int level) {
    return level >= 0 && level <= LEVEL_RED ? names[level] : names[0];
}
