/* calendar_due.c: the last instant of a time limit, with a certificate of every day counted and not counted. */
#include "calendar/calendar_internal.h"

struct counting {
    day_t d0, due, nominal; /* nominal: the last day before rolling on (民法典203条) */
    int counted, skipped;
    bool provisional;
};

static struct counting count(const struct calendar *c, day_t d0, struct limit l) {
    struct counting x = {.d0 = d0};
    if (l.unit == LIMIT_WORKING_DAYS) {
        x.nominal = x.due = working_after(c, d0, l.n);
    } else {
        x.nominal = l.unit == LIMIT_MONTHS ? months_after(d0, l.n) : d0 + l.n;
        x.due = l.n > 0 ? roll_forward(c, x.nominal) : x.nominal;
    }
    return x;
}

/* One day of the list. Days past the nominal end were added by 民法典203条: not counted. */
json_t *certificate_day(day_t d, const struct day_look *look, bool counted, int n) {
    char text[11];
    json_t *o = json_object();
    json_object_set_new(o, "day", json_string(day_text(text, d)));
    json_object_set_new(o, "counted", json_boolean(counted));
    if (counted)
        json_object_set_new(o, "n", json_integer(n));
    json_object_set_new(o, "reason", json_string(look->reason));
    if (look->notice[0])
        json_object_set_new(o, "notice", json_string(look->notice));
    return o;
}

static json_t *list_days(const struct calendar *c, struct counting *x, struct limit l) {
    json_t *days = json_array();
    for (day_t d = x->d0 + 1; d <= x->due; d++) {
        struct day_look look = calendar_look(c, d);
        bool counts = l.unit == LIMIT_WORKING_DAYS ? look.working : d <= x->nominal;
        x->counted += counts;
        x->skipped += !counts;
        x->provisional |= look.provisional;
        json_array_append_new(days, certificate_day(d, &look, counts, x->counted));
    }
    return days;
}

const char *limit_unit_text(enum limit_unit unit) {
    static const char *const names[] = {"", "个工作日", "日", "小时", "个月"};
    return names[unit];
}

static json_t *limit_json(struct limit l) {
    static const char *const codes[] = {"", "WD", "CD", "H", "M"};
    return json_pack("{s:i, s:s}", "n", l.n, "unit", codes[l.unit]);
}

/* The sum in words, for people: 自…起（当日不计入）20个工作日，…；期间8天为休息日，不计入；最后一日为…24时。 */
static json_t *words(const struct counting *x, struct limit l) {
    struct arena *a = arena_new(1 << 16);
    struct str from = day_chinese(a, x->d0), to = day_chinese(a, x->due), middle = S("");
    if (l.unit == LIMIT_WORKING_DAYS && x->skipped)
        middle = str_printf(a, "期间%d天为休息日、节假日，不计入；", x->skipped);
    if (l.unit != LIMIT_WORKING_DAYS && x->due != x->nominal)
        middle = str_printf(a, "届满日%.*s为休息日，顺延至其后第一个工作日；", STR_ARG(day_chinese(a, x->nominal)));
    struct str s = l.n == 0 ? str_printf(a, "当日办结，最后一日为%.*s24时", STR_ARG(to))
                            : str_printf(a, "自%.*s起%d%s，开始的当日不计入；%.*s最后一日为%.*s24时", STR_ARG(from),
                                         l.n, limit_unit_text(l.unit), STR_ARG(middle), STR_ARG(to));
    if (x->provisional)
        s = str_printf(a, "%.*s（其中有的年份放假安排尚未公布，按周末和法定节日暂算）", STR_ARG(s));
    json_t *j = json_stringn(s.p, s.n);
    arena_free(a);
    return j;
}

void certificate_instant(json_t *o, const char *key, int64_t ms) {
    struct arena *a = arena_new(1 << 12);
    struct str s = instant_rfc3339(a, ms);
    json_object_set_new(o, key, json_stringn(s.p, s.n));
    arena_free(a);
}

json_t *certificate_new(const struct calendar *c, int64_t trigger, struct limit l, const char *rule, int64_t due) {
    json_t *o = json_object();
    json_object_set_new(o, "rule", json_string(rule ? rule : ""));
    certificate_instant(o, "trigger", trigger);
    json_object_set_new(o, "limit", limit_json(l));
    certificate_instant(o, "due", due);
    json_object_set_new(o, "calendar_version", json_integer(c->version));
    return o;
}

/* 民法典201条2款: hours run at once and over holidays. */
static int64_t due_in_hours(const struct calendar *c, int64_t trigger, struct limit l, const char *rule,
                            json_t **ret_certificate) {
    int64_t due = trigger + (int64_t)l.n * 3600000;
    if (ret_certificate) {
        struct arena *a = arena_new(1 << 14);
        json_t *o = certificate_new(c, trigger, l, rule, due);
        struct str s = str_printf(a, "自%.*s起%d小时，按小时连续计算，到%.*s止", STR_ARG(instant_text(a, trigger)), l.n,
                                  STR_ARG(instant_text(a, due)));
        certificate_instant(o, "start", trigger);
        json_object_set_new(o, "provisional", json_false());
        json_object_set_new(o, "days", json_array());
        json_object_set_new(o, "text", json_stringn(s.p, s.n));
        arena_free(a);
        *ret_certificate = o;
    }
    return due;
}

int64_t limit_due(int64_t trigger, struct limit l, const char *rule, json_t **ret_certificate) {
    const struct calendar *c = calendar_now();
    if (l.unit == LIMIT_HOURS)
        return due_in_hours(c, trigger, l, rule, ret_certificate);
    struct counting x = count(c, day_of(trigger), l);
    if (ret_certificate) {
        json_t *o = certificate_new(c, trigger, l, rule, day_end(x.due));
        certificate_instant(o, "start", day_start(x.d0 + 1));
        json_object_set_new(o, "days", list_days(c, &x, l));
        json_object_set_new(o, "provisional", json_boolean(x.provisional));
        json_object_set_new(o, "text", words(&x, l));
        *ret_certificate = o;
    }
    return day_end(x.due);
}
