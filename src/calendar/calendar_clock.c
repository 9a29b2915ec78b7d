/* calendar_clock.c: the clock of a case: it starts, is suspended, goes on, starts anew, is extended; with a certificate
 * of every day, and the difference of two certificates.
 *
 * Marks → the run since the last (re)start (which days are left out, how many are allowed) → a walk, day by day, to the
 * first day on which as many have counted as are allowed. What a clock is for is its caller's business; all words about
 * it come with the marks. */
#include "calendar/calendar_internal.h"

#define CLOCK_LIMIT_MAX 3660 /* ten years: days of one limit with its extensions */

/* Days (from, last] are left out. */
struct suspension {
    day_t from, last;      /* last as if nothing more happens: open-ended ones end with today */
    day_t until, answered; /* DAY_NONE: none */
    int64_t ref;
    const char *rule;
    bool old;     /* before a restart: counts for nothing */
    int left_out; /* working days (natural days) that would have counted */
};
struct run {
    const struct calendar *c;
    struct limit limit;
    day_t d0, today, due, nominal; /* nominal: the last counted day, before 民法典203条 */
    int extended, allowed, used, rest_days;
    size_t last_start, n; /* index of the mark that (re)started; number of suspensions */
    bool restarted, provisional;
    struct suspension *s;
};

/* ── the marks ── */

static bool day_known(day_t d) {
    int y, m, mday;
    if (d == DAY_NONE)
        return false;
    day_split(d, &y, &m, &mday);
    return y >= CALENDAR_YEAR_MIN && y <= CALENDAR_YEAR_MAX;
}

/* The suspension of this ref that has no answer yet, newest first. */
static struct suspension *unanswered(struct run *r, int64_t ref) {
    for (size_t i = r->n; i-- > 0;)
        if (r->s[i].ref == ref && r->s[i].answered == DAY_NONE)
            return &r->s[i];
    return NULL;
}

static int mark_suspend(struct work *w, struct run *r, const struct clock_mark *m) {
    const struct suspension *same = unanswered(r, m->ref);
    if (m->until != DAY_NONE && (!day_known(m->until) || m->until < m->day))
        return fail(w, ERR_INVALID, "不计入期限的最后一日不能早于开始的日期");
    if (same && !same->old && (same->until == DAY_NONE || same->until >= m->day))
        return fail(w, ERR_INVALID, "同一事由已经中止计算，尚未恢复，不能重复中止");
    r->s[r->n++] =
        (struct suspension){.from = m->day, .until = m->until, .answered = DAY_NONE, .ref = m->ref, .rule = m->rule};
    return 0;
}

static int mark_resume(struct work *w, struct run *r, const struct clock_mark *m) {
    struct suspension *s = unanswered(r, m->ref);
    if (!s)
        return fail(w, ERR_INVALID, "期限没有因此事由中止计算，不能恢复");
    s->answered = m->day;
    return 0;
}

static void begin(struct run *r, const struct clock_mark *m, size_t i) {
    r->d0 = m->day;
    r->last_start = i;
    r->extended = 0;
    for (size_t k = 0; k < r->n; k++)
        r->s[k].old = true;
}

static int mark_extend(struct work *w, struct run *r, const struct clock_mark *m) {
    if (m->n < 1 || m->n > CLOCK_LIMIT_MAX || r->extended + m->n > CLOCK_LIMIT_MAX)
        return fail(w, ERR_INVALID, "延长的天数应在1到%d之间", CLOCK_LIMIT_MAX);
    r->extended += m->n;
    return 0;
}

static int mark_one(struct work *w, struct run *r, const struct clock_mark *marks, size_t i) {
    const struct clock_mark *m = &marks[i];
    if (!day_known(m->day))
        return fail(w, ERR_INVALID, "期限的日期应在%d年到%d年之间", CALENDAR_YEAR_MIN, CALENDAR_YEAR_MAX);
    if (i > 0 && m->day < marks[i - 1].day)
        return fail(w, ERR_INVALID, "期限的各次变动没有按日期先后排列");
    if ((m->kind == CLOCK_START) != (i == 0))
        return fail(w, ERR_INVALID, i ? "期限已经开始计算，不能再次开始" : "期限还没有开始计算");
    switch (m->kind) {
    case CLOCK_START:
        begin(r, m, i);
        return 0;
    case CLOCK_RESTART:
        begin(r, m, i);
        r->restarted = true;
        return 0;
    case CLOCK_SUSPEND:
        return mark_suspend(w, r, m);
    case CLOCK_RESUME:
        return mark_resume(w, r, m);
    case CLOCK_EXTEND:
        return mark_extend(w, r, m);
    }
    return fail(w, ERR_INVALID, "不认识的期限变动");
}

/* Where each suspension ends when nothing more happens; void ones are dropped. */
static void close_suspensions(struct run *r) {
    size_t kept = 0;
    for (size_t i = 0; i < r->n; i++) {
        struct suspension s = r->s[i];
        s.last = s.answered != DAY_NONE ? s.answered : s.until != DAY_NONE ? s.until : r->today;
        if (s.until != DAY_NONE && s.until < s.last)
            s.last = s.until;
        if (!s.old)
            r->s[kept++] = s;
    }
    r->n = kept;
}

static int run_read(struct work *w, struct run *r, const struct clock_mark *marks, size_t n) {
    if (n == 0)
        return fail(w, ERR_INVALID, "期限还没有开始计算");
    if (!day_known(r->today) || (r->limit.unit != LIMIT_WORKING_DAYS && r->limit.unit != LIMIT_DAYS) ||
        r->limit.n < 0 || r->limit.n > CLOCK_LIMIT_MAX)
        return fail(w, ERR_INVALID, "期限应以工作日或者日计算，在0到%d之间", CLOCK_LIMIT_MAX);
    r->s = arena_many(w->arena, struct suspension, n);
    for (size_t i = 0; i < n; i++)
        if (mark_one(w, r, marks, i) < 0)
            return -1;
    r->allowed = r->limit.n + r->extended;
    close_suspensions(r);
    return 0;
}

/* ── the walk ── */

struct step {
    struct day_look look;
    struct suspension *out; /* the suspension that leaves the day out; NULL: none */
    bool counts;
};

static struct suspension *left_out_by(const struct run *r, day_t d) {
    for (size_t i = 0; i < r->n; i++)
        if (d > r->s[i].from && d <= r->s[i].last)
            return &r->s[i];
    return NULL;
}

/* Would day d count, were there days left to count? A rest day is one whether suspended or not. */
static struct step look_at(const struct run *r, day_t d) {
    struct step x = {.look = calendar_look(r->c, d)};
    bool countable = r->limit.unit == LIMIT_DAYS || x.look.working;
    x.out = countable ? left_out_by(r, d) : NULL;
    x.counts = countable && !x.out;
    return x;
}

/* due = the first day on which as many have counted as are allowed; natural days move on past rest days (民法典203条)
 * and past days left out, so that nothing falls due while its clock stands. Ends: every suspension does, by 2100. */
static void walk(struct run *r) {
    day_t d = r->d0;
    for (int counted = 0; counted < r->allowed;) {
        struct step x = look_at(r, ++d);
        r->provisional |= x.look.provisional;
        r->rest_days += !x.look.working;
        if (x.out)
            x.out->left_out++;
        counted += x.counts;
        r->used += x.counts && d <= r->today;
    }
    r->nominal = d;
    while (r->allowed > 0 && (!calendar_look(r->c, d).working || (d > r->nominal && left_out_by(r, d))))
        r->provisional |= calendar_look(r->c, ++d).provisional;
    r->due = d;
}

/* The clock stands: the letter is out (with the end of its day), no answer has come, the latest day is not over, and
 * there was still time left. Of several, the one that lasts longest; NULL: it runs. */
static const struct suspension *standing(const struct run *r) {
    const struct suspension *longest = NULL;
    for (size_t i = 0; i < r->n; i++) {
        const struct suspension *s = &r->s[i];
        bool waits = s->from <= r->today && (s->answered == DAY_NONE || s->answered > r->today) &&
                     (s->until == DAY_NONE || s->until >= r->today);
        if (waits && s->from < r->due && (!longest || s->last > longest->last))
            longest = s;
    }
    return longest;
}

/* ── the certificate ── */

/* What a suspension is called in the sum: its rule's words up to 期间 or the first mark of punctuation. */
static struct str short_name(const char *rule) {
    static const char *const ends[] = {"期间", "，", "（", "；", "。"};
    struct str s = str_z(rule);
    for (size_t i = 0; i < countof(ends); i++) {
        ptrdiff_t at = str_find(s, str_z(ends[i]));
        if (at >= 0)
            s = str_sub(s, 0, (size_t)at);
    }
    return s.n ? s : S("中止计算");
}

/* A day after the nominal end is there by 民法典203条 only. */
static json_t *day_json(const struct run *r, day_t d, int n) {
    struct step x = look_at(r, d);
    bool counts = x.counts && d <= r->nominal;
    if (x.out && (d <= r->nominal || x.look.working))
        x.look = (struct day_look){.reason = x.out->rule && x.out->rule[0] ? x.out->rule : "中止计算期间，不计入",
                                   .notice = ""};
    else if (d > r->nominal && d == r->due)
        x.look.reason = "届满日为休息日，顺延至本日（民法典第二百零三条）";
    return certificate_day(d, &x.look, counts, n + counts);
}

static json_t *days_json(const struct run *r) {
    json_t *days = json_array();
    int n = 0;
    for (day_t d = r->d0 + 1; d <= r->due; d++) {
        json_t *o = day_json(r, d, n);
        n += json_is_true(json_object_get(o, "counted"));
        json_array_append_new(days, o);
    }
    return days;
}

static json_t *mark_json(const struct run *r, const struct clock_mark *m, size_t i) {
    static const char *const kinds[][2] = {[CLOCK_START] = {"start", "开始计算"},
                                           [CLOCK_RESTART] = {"restart", "重新计算"},
                                           [CLOCK_SUSPEND] = {"suspend", "中止计算"},
                                           [CLOCK_RESUME] = {"resume", "恢复计算"},
                                           [CLOCK_EXTEND] = {"extend", "延长"}};
    char text[11];
    json_t *o = json_object();
    json_object_set_new(o, "day", json_string(day_text(text, m->day)));
    json_object_set_new(o, "kind", json_string(kinds[m->kind][0]));
    json_object_set_new(o, "kind_name", json_string(kinds[m->kind][1]));
    json_object_set_new(o, "text", json_string(m->rule ? m->rule : ""));
    if (m->kind == CLOCK_SUSPEND && m->until != DAY_NONE)
        json_object_set_new(o, "until", json_string(day_text(text, m->until)));
    if (m->kind == CLOCK_EXTEND)
        json_object_set_new(o, "n", json_integer(m->n));
    json_object_set_new(o, "void", json_boolean(i < r->last_start));
    return o;
}

static json_t *marks_json(const struct run *r, const struct clock_mark *marks, size_t n) {
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, mark_json(r, &marks[i], i));
    return list;
}

/* 征求意见6个工作日不计入；— one clause for each name. */
static struct str words_left_out(struct arena *a, const struct run *r) {
    struct str text = S("");
    for (size_t i = 0; i < r->n; i++) {
        struct str name = short_name(r->s[i].rule);
        int days = 0;
        bool said = false;
        for (size_t k = 0; k < r->n; k++) {
            bool same = str_eq(short_name(r->s[k].rule), name);
            said |= same && k < i;
            days += same ? r->s[k].left_out : 0;
        }
        if (!said && days)
            text = str_printf(a, "%.*s%.*s%d%s不计入；", STR_ARG(text), STR_ARG(name), days,
                              limit_unit_text(r->limit.unit));
    }
    return text;
}

static struct str words_rest(struct arena *a, const struct run *r) {
    if (r->limit.unit == LIMIT_WORKING_DAYS)
        return r->rest_days ? str_printf(a, "期间%d天为休息日、节假日，不计入；", r->rest_days) : S("");
    if (r->due == r->nominal)
        return S("");
    return str_printf(a, "届满日%.*s为休息日，顺延至其后%s第一个工作日；", STR_ARG(day_chinese(a, r->nominal)),
                      r->due == roll_forward(r->c, r->nominal) ? "" : "计算未中止的");
}

static json_t *words(struct arena *a, const struct run *r) {
    const char *unit = limit_unit_text(r->limit.unit);
    const struct suspension *s = standing(r);
    struct str from = day_chinese(a, r->d0), to = day_chinese(a, r->due), text;
    if (r->allowed == 0) {
        text = str_printf(a, "当日办结，最后一日为%.*s24时", STR_ARG(to));
        return json_stringn(text.p, text.n);
    }
    text = str_printf(a, "自%.*s起%s%d%s，开始的当日不计入；%.*s%.*s", STR_ARG(from), r->restarted ? "重新计算" : "",
                      r->limit.n, unit, STR_ARG(words_rest(a, r)), STR_ARG(words_left_out(a, r)));
    if (r->extended)
        text = str_printf(a, "%.*s延长%d%s；", STR_ARG(text), r->extended, unit);
    text = str_printf(a, "%.*s最后一日为%.*s24时", STR_ARG(text), STR_ARG(to));
    if (s)
        text = str_printf(a, "%.*s（因%.*s正在中止计算，按%.*s终了时恢复计算推算）", STR_ARG(text),
                          STR_ARG(short_name(s->rule)), STR_ARG(day_chinese(a, s->last)));
    if (r->provisional)
        text = str_printf(a, "%.*s（其中有的年份放假安排尚未公布，按周末和法定节日暂算）", STR_ARG(text));
    return json_stringn(text.p, text.n);
}

int clock_read(struct work *w, const struct clock_mark *marks, size_t n, struct limit l, const char *rule, day_t today,
               struct clock_reading *ret, json_t **ret_certificate) {
    struct run r = {.c = calendar_now(), .limit = l, .today = today};
    if (run_read(w, &r, marks, n) < 0)
        return -1;
    walk(&r);
    *ret = (struct clock_reading){.due_at = day_end(r.due),
                                  .allowed = r.allowed,
                                  .used = r.used,
                                  .suspended = standing(&r) != NULL,
                                  .provisional = r.provisional};
    if (!ret_certificate)
        return 0;
    json_t *o = certificate_new(r.c, day_start(r.d0), l, rule, ret->due_at);
    certificate_instant(o, "start", day_start(r.d0 + 1));
    json_object_set_new(o, "provisional", json_boolean(r.provisional));
    json_object_set_new(o, "marks", marks_json(&r, marks, n));
    json_object_set_new(o, "allowed", json_integer(r.allowed));
    json_object_set_new(o, "used", json_integer(r.used));
    json_object_set_new(o, "suspended", json_boolean(ret->suspended));
    json_object_set_new(o, "days", days_json(&r));
    json_object_set_new(o, "text", words(w->arena, &r));
    *ret_certificate = o;
    return 0;
}

/* ── the difference ── */

static const char *string_of(const json_t *o, const char *key) {
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* The Shanghai day of the certificate's due instant. */
static struct str due_day(const json_t *certificate) {
    return str_sub(str_z(string_of(certificate, "due")), 0, 10);
}

static struct str day_or_none(struct arena *a, struct str day) {
    day_t d;
    return day_parse(day, &d) < 0 ? S("（未定）") : day_chinese(a, d);
}

static struct str day_words(struct arena *a, const json_t *day) {
    if (!day)
        return S("期限之外");
    return str_printf(a, "%s（%s）", json_is_true(json_object_get(day, "counted")) ? "计入" : "不计入",
                      string_of(day, "reason"));
}

struct difference {
    struct arena *a;
    json_t *days;
    struct str listed; /* words of the days that both certificates speak of */
    int named;
};

static void compare_day(struct difference *x, const json_t *before, const json_t *after) {
    day_t d;
    const char *day = string_of(before ? before : after, "day");
    if (json_is_true(json_object_get(before, "counted")) == json_is_true(json_object_get(after, "counted")))
        return;
    struct str b = day_words(x->a, before), n = day_words(x->a, after);
    json_array_append_new(x->days, json_pack("{s:s, s:s%, s:s%}", "day", day, "before", b.p, b.n, "after", n.p, n.n));
    if (before && after && day_parse(str_z(day), &d) == 0 && x->named++ < 10)
        x->listed = str_printf(x->a, "%.*s%.*s由%.*s改为%.*s；", STR_ARG(x->listed), STR_ARG(day_chinese(x->a, d)),
                               STR_ARG(b), STR_ARG(n));
}

/* Both lists are in order of days: merged by day. */
static void compare_days(struct difference *x, const json_t *before, const json_t *after) {
    size_t i = 0, k = 0;
    for (;;) {
        const json_t *b = json_array_get(before, i), *n = json_array_get(after, k);
        if (!b && !n)
            return;
        int order = !b ? 1 : !n ? -1 : strcmp(string_of(b, "day"), string_of(n, "day"));
        compare_day(x, order <= 0 ? b : NULL, order >= 0 ? n : NULL);
        i += order <= 0;
        k += order >= 0;
    }
}

json_t *clock_difference(const json_t *before, const json_t *after) {
    struct difference x = {.a = arena_new(1 << 16), .days = json_array(), .listed = S("")};
    struct str b = due_day(before), n = due_day(after);
    json_t *o = NULL;
    compare_days(&x, json_object_get(before, "days"), json_object_get(after, "days"));
    if (!str_eq(b, n) || json_array_size(x.days)) {
        struct str to = day_or_none(x.a, n);
        struct str due = str_eq(b, n)
                             ? str_printf(x.a, "最后一日仍为%.*s", STR_ARG(to))
                             : str_printf(x.a, "最后一日由%.*s改为%.*s", STR_ARG(day_or_none(x.a, b)), STR_ARG(to));
        struct str text = str_printf(x.a, "%.*s%s%.*s", STR_ARG(due), x.listed.n ? "；" : "",
                                     STR_ARG(str_sub(x.listed, 0, x.listed.n ? x.listed.n - strlen("；") : 0)));
        if (x.named > 10)
            text = str_printf(x.a, "%.*s等共%d天", STR_ARG(text), x.named);
        o = json_pack("{s:s%, s:s%, s:O, s:s%}", "due_before", b.p, b.n, "due_after", n.p, n.n, "days", x.days, "text",
                      text.p, text.n);
    }
    json_decref(x.days);
    arena_free(x.a);
    return o;
}
