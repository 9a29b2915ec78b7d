/* limit_parse.c: a cell of 公开时限 → machine rules.
 *
 * The cell is cut into clauses (；。), remarks in parentheses become clauses of their own when they hold a limit, a
 * clause is cut at its commas. Each part is folded (full width, blanks, Chinese numerals) and tried against the table
 * of patterns in order; the first that matches makes a rule. What a clause is about (处罚决定：…) becomes the rule's
 * scope when the cell has several. The patterns are grammar and live here; numbers that the cell does not say come from
 * data/limits.json. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "catalogue/limit_internal.h"

#include <pcre2.h>
#include <pthread.h>

#define UNIT "(?:个?工作日|个?自然日|日|天|周|小时|个月)"
#define N "(?<n>\\d{1,4})(?<u>" UNIT ")"

struct pattern {
    const char *name, *regex;
    enum limit_kind kind;
    enum limit_trigger trigger; /* 0: read from the words (trigger_words) */
    bool more;                  /* goes on with the rows below: the part says two things */
};
static const struct pattern patterns[] = {
    {"每N个工作日", "每" N, LIMIT_PERIODIC, TRIGGER_PERIOD_END, false},
    {"每年某月某日前", "每年(?<m>\\d{1,2})月份?(?:(?<d>\\d{1,2})日|底|末)?", LIMIT_FIXED_DATE, TRIGGER_DATE, false},
    {"年底前", "年[底末]前", LIMIT_FIXED_DATE, TRIGGER_DATE, false},
    {"不少于甲或乙（甲）", "不得?少于" N "(?=或\\d)", LIMIT_MIN_DISPLAY, TRIGGER_FORMED, true},
    {"不少于甲或乙（乙）", "不得?少于\\d+" UNIT "或" N, LIMIT_MIN_DISPLAY, TRIGGER_FORMED, false},
    {"公示不少于", "(?:公示|公告|披露|征求意见)[^0-9]*?(?:不得?少于|不得低于|至少)?" N "(?!内|前)", LIMIT_MIN_DISPLAY,
     TRIGGER_FORMED, false},
    {"不少于", "不得?少于" N, LIMIT_MIN_DISPLAY, TRIGGER_FORMED, false},
    {"提前N日", "(?:提前|前)" N, LIMIT_BEFORE_EVENT, TRIGGER_EVENT_START, false},
    {"N日前", N "前", LIMIT_BEFORE_EVENT, TRIGGER_EVENT_START, false},
    {"作出决定N日内", "(?:作出|做出)[^0-9]*?(?:决定|决策)[^0-9]*?" N, LIMIT_EVENT, TRIGGER_DECIDED, false},
    {"决定作出N日内", "(?:决定|决策)[^0-9]*?(?:作出|做出|完成|形成)[^0-9]*?" N, LIMIT_EVENT, TRIGGER_DECIDED, false},
    {"收到N日内", "收到[^0-9]*?" N, LIMIT_EVENT, TRIGGER_RECEIVED, false},
    {"批准N日内", "(?:批准|批复)[^0-9]{0,6}?" N, LIMIT_EVENT, TRIGGER_APPROVED, false},
    {"确定N日内", "(?:确定|核定|认定)[^0-9]{0,6}?" N, LIMIT_EVENT, TRIGGER_DECIDED, false},
    {"结束N日内", "(?:结束|验收|发放|拨付|支付)[^0-9]{0,4}?" N, LIMIT_EVENT, TRIGGER_ENDED, false},
    {"形成N日内", "(?:形成|产生|生成|制作|制定|获取|变更|调整|签订|下达|印发|生效)[^0-9]{0,20}?" N, LIMIT_EVENT,
     TRIGGER_FORMED, false},
    {"N日内", "^在?" N "(?:以?内)?(?:予以)?(?:公开|公布|公示)?$", LIMIT_EVENT, TRIGGER_FORMED, false},
    {"每期", "(?:每|按)(?<p>日|天|周|月|季|半年|年)", LIMIT_PERIODIC, TRIGGER_PERIOD_END, false},
    {"之前及之后", "(?:召开|开展|实施|开始)前(?:及|和|、)", LIMIT_BEFORE_EVENT, TRIGGER_EVENT_START, true},
    {"之前", "(?:实施|开展|开始|召开|举行|发放|拨付)前(?!及|和|、)", LIMIT_BEFORE_EVENT, TRIGGER_EVENT_START, false},
    {"同时", "^随(?!时)同?.+公开|(?:启动|开始).*时$|同时(?:公开|公布)", LIMIT_EVENT, TRIGGER_EVENT_START, false},
    {"实时", "实时|即时|随时|第1时间|第一时间|立即", LIMIT_IMMEDIATE, TRIGGER_FORMED, false},
    {"及时", "及时", LIMIT_PROMPT, 0, false},
    {"之后公开", "后(?:.*?)(?:公示|公告|公开|公布)$", LIMIT_PROMPT, 0, false},
    {"长期", "长期|常年|动态", LIMIT_CONTINUOUS, TRIGGER_FORMED, false},
};
/* What starts a clock whose length is not said. */
static const struct pattern trigger_words[] = {
    {"决定", "(?:决定|决策|确定|核定|认定).*后", 0, TRIGGER_DECIDED, false},
    {"批准", "(?:批准|批复).*后", 0, TRIGGER_APPROVED, false},
    {"结束", "结束.*后|结束后", 0, TRIGGER_ENDED, false},
    {"收到", "收到.*后", 0, TRIGGER_RECEIVED, false},
};
/* What a part is about. `more`: kept even when the cell has one rule only. */
static const struct pattern scopes[] = {
    {"其中", "^其中(?<s>.+?)应?(?=自|在|按|于)", 0, 0, true},
    {"书名", "^(?<s>《[^》]+》)", 0, 0, true},
    {"按某项", "^(?<s>按.+?)分别(?=不得?少于)", 0, 0, true},
    {"批后公布", "^(?<s>.+?公[布示告开])应?在", 0, 0, false},
    {"某决定", "^(?!自|在|按|作出|做出)(?<s>.+?决定(?:信息)?)(?=自|在|作出|做出|形成)", 0, 0, false},
    {"某项自", "^(?!自|在|制定|制作|获取|形成|作出|做出)(?<s>.+?)自(?=.{0,30}之日)", 0, 0, false},
    {"某信息", "^(?!自)(?<s>.*?信息)(?=形成|获取|产生|变更|按|实时|即时|及时|应)", 0, 0, false},
    {"某项及时", "^(?!自|按|制定|制作|收到|形成)(?<s>.+?)(?=按进展|实时|即时|及时|立即|提前\\d|每(?:年|月|季|半年|周))",
     0, 0, false},
    {"某项不少于", "^(?<s>.+?)(?:时间|期限|期间|期)?(?=不得?少于|不得低于)", 0, 0, false},
};
/* Says nothing about time, or defers to another rule. */
static const char remark_regex[] = "另有规定|从其规定|除外|依申请公开$|^法律|^在[^,]*公示栏|^在[^,]*范围内";
static const char generic_regex[] =
    "^(?:该|本|政府|公开事项|有关|相关|的)*(?:信息)?(?:的?(?:公示|公告|公开|征求意见))?$";

/* ── compiled once ── */

#define MAX_PATTERNS 32
static pcre2_code *compiled[MAX_PATTERNS], *compiled_triggers[MAX_PATTERNS], *compiled_scopes[MAX_PATTERNS], *remark,
    *generic;
static pthread_once_t compile_once = PTHREAD_ONCE_INIT;

static pcre2_code *compile(const char *regex) {
    int code;
    PCRE2_SIZE at;
    pcre2_code *c = pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &code, &at, NULL);
    if (!c) { /* a slip in the table above */
        log_line(LOG_ERROR, "limit_pattern", "at=%zu code=%d", (size_t)at, code);
        abort();
    }
    return c;
}

static void compile_all(void) {
    for (size_t i = 0; i < countof(patterns); i++)
        compiled[i] = compile(patterns[i].regex);
    for (size_t i = 0; i < countof(trigger_words); i++)
        compiled_triggers[i] = compile(trigger_words[i].regex);
    for (size_t i = 0; i < countof(scopes); i++)
        compiled_scopes[i] = compile(scopes[i].regex);
    remark = compile(remark_regex);
    generic = compile(generic_regex);
}

struct match {
    pcre2_code *code;
    pcre2_match_data *data;
    struct str subject;
};

static bool match_open(struct match *m, pcre2_code *code, struct str s) {
    *m = (struct match){code, pcre2_match_data_create_from_pattern(code, NULL), s};
    if (m->data && pcre2_match(code, (PCRE2_SPTR)(s.p ? s.p : ""), s.n, 0, 0, m->data, NULL) > 0)
        return true;
    pcre2_match_data_free(m->data);
    return false;
}

static void match_close(struct match *m) {
    pcre2_match_data_free(m->data);
}

static bool matches(pcre2_code *code, struct str s) {
    struct match m;
    if (!match_open(&m, code, s))
        return false;
    match_close(&m);
    return true;
}

/* A named group; "" when the pattern has none or it did not take part. */
static struct str group(const struct match *m, const char *name) {
    int k = pcre2_substring_number_from_name(m->code, (PCRE2_SPTR)name);
    const PCRE2_SIZE *v = pcre2_get_ovector_pointer(m->data);
    if (k <= 0 || (uint32_t)k >= pcre2_get_ovector_count(m->data) || v[2 * k] == PCRE2_UNSET)
        return STR_NONE;
    return str_sub(m->subject, v[2 * k], v[2 * k + 1] - v[2 * k]);
}

static int64_t group_int(const struct match *m, const char *name) {
    int64_t n = 0;
    return str_int(group(m, name), &n) < 0 ? 0 : n;
}

/* ── folding ── */

static int numeral(int32_t c) {
    static const int32_t digits[] = {0x96f6, 0x4e00, 0x4e8c, 0x4e09, 0x56db, 0x4e94, 0x516d, 0x4e03, 0x516b, 0x4e5d};
    for (int i = 0; i < 10; i++)
        if (digits[i] == c)
            return i;
    return c == 0x3007 ? 0 : c == 0x4e24 ? 2 : c == 0x5341 ? 10 : c == 0x767e ? 100 : -1;
}

/* 二十 → 20. Returns the value of the run at s and moves past it; -1 when there is none. */
static int numeral_run(struct str *s) {
    int total = 0, digit = -1, v;
    bool any = false;
    for (struct str rest = *s; rest.n; *s = rest) {
        v = numeral(utf8_next(&rest));
        if (v < 0 || total > 100000)
            break;
        any = true;
        if (v >= 10) {
            total += (digit < 0 ? 1 : digit) * v;
            digit = -1;
        } else {
            digit = v;
        }
    }
    return any ? total + (digit > 0 ? digit : 0) : -1;
}

static bool unit_follows(struct str s) {
    static const char *const units[] = {"个工作日", "工作日", "个自然日", "个月", "日", "天", "周", "月", "小时", "次"};
    for (size_t i = 0; i < countof(units); i++)
        if (str_starts(s, str_z(units[i])))
            return true;
    return false;
}

/* Full width to half, blanks out, Chinese numerals before a unit to digits. */
static struct str fold(struct arena *a, struct str s) {
    struct buf b;
    buf_init(&b, 64 * 1024);
    for (struct str rest = utf8_halfwidth(a, s); rest.n;) {
        struct str run = rest, one = rest;
        int value = numeral_run(&run);
        if (value >= 0 && unit_follows(run)) {
            buf_printf(&b, "%d", value);
            rest = run;
            continue;
        }
        if (utf8_next(&rest) < 0)
            break;
        one.n -= rest.n;
        if (!str_is(one, " ") && !str_is(one, "\t") && !str_is(one, "\n") && !str_is(one, "\r"))
            buf_add(&b, one);
    }
    struct str folded = str_dup(a, buf_str(&b));
    buf_release(&b);
    return folded;
}

/* ── rules ── */

struct parsing {
    struct arena *a;
    const struct limit_defaults *defaults;
    struct limit_rule *ret;
    int n, max, clauses; /* clauses: those that made a rule */
    bool weak[64];       /* the rule's scope is dropped when it stays alone */
};

static struct limit limit_of(const struct match *m) {
    struct str u = group(m, "u");
    int n = (int)group_int(m, "n");
    if (str_ends(u, S("工作日")))
        return (struct limit){n, LIMIT_WORKING_DAYS};
    if (str_is(u, "小时"))
        return (struct limit){n, LIMIT_HOURS};
    if (str_is(u, "个月"))
        return (struct limit){n, LIMIT_MONTHS};
    return (struct limit){str_is(u, "周") ? 7 * n : n, LIMIT_DAYS};
}

static enum limit_period period_of(struct str p) {
    static const char *const names[] = {"日", "周", "月", "季", "半年", "年"};
    for (size_t i = 0; i < countof(names); i++)
        if (str_is(p, names[i]))
            return (enum limit_period)(i + 1);
    return PERIOD_DAY; /* 每天 */
}

static void set_default(struct limit_rule *r, const struct limit_default *d) {
    r->limit = d->target;
    r->cap = d->cap;
    r->status = d->status;
}

static void fill_periodic(const struct parsing *p, const struct match *m, struct limit_rule *r) {
    r->limit = limit_of(m);
    r->period = r->limit.n ? PERIOD_WORKDAYS : period_of(group(m, "p"));
    if (r->period != PERIOD_WORKDAYS) {
        r->limit = (struct limit){0};
        r->due_offset = p->defaults->period[r->period].target;
        r->status = p->defaults->period[r->period].status;
    }
}

static void fill_date(const struct match *m, struct limit_rule *r) {
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    r->month = (int)group_int(m, "m");
    r->day = (int)group_int(m, "d");
    if (r->month < 1 || r->month > 12)
        r->month = 12; /* 年底前 */
    if (r->day < 1 || r->day > lengths[r->month - 1])
        r->day = lengths[r->month - 1]; /* 某月、某月底：the month's last day */
}

static enum limit_trigger trigger_of(struct str part) {
    for (size_t i = 0; i < countof(trigger_words); i++)
        if (matches(compiled_triggers[i], part))
            return trigger_words[i].trigger;
    return TRIGGER_FORMED;
}

static struct limit_rule rule_of(const struct parsing *p, const struct pattern *pattern, const struct match *m) {
    struct limit_rule r = {.kind = pattern->kind, .trigger = pattern->trigger, .status = "C"};
    if (!r.trigger)
        r.trigger = trigger_of(m->subject);
    switch (pattern->kind) {
    case LIMIT_PERIODIC:
        fill_periodic(p, m, &r);
        break;
    case LIMIT_FIXED_DATE:
        fill_date(m, &r);
        break;
    case LIMIT_PROMPT:
        set_default(&r, &p->defaults->prompt);
        break;
    case LIMIT_IMMEDIATE:
        set_default(&r, &p->defaults->immediate);
        break;
    case LIMIT_CONTINUOUS:
        set_default(&r, &p->defaults->continuous);
        break;
    default:
        r.limit = limit_of(m);
    }
    return r;
}

static void add(struct parsing *p, struct limit_rule r, struct str scope, struct str text, bool weak) {
    if (p->n == p->max || (size_t)p->n == countof(p->weak))
        return;
    r.scope = scope;
    r.text = text;
    if (r.kind == LIMIT_EVENT && r.trigger == TRIGGER_FORMED && str_ends(scope, S("决定")))
        r.trigger = TRIGGER_DECIDED; /* 处罚决定：20个工作日内 */
    p->weak[p->n] = weak;
    p->ret[p->n++] = r;
}

static struct str scope_of(struct arena *a, struct str part, bool *ret_weak) {
    struct match m;
    for (size_t i = 0; i < countof(scopes); i++) {
        if (!match_open(&m, compiled_scopes[i], part))
            continue;
        struct str s = group(&m, "s");
        match_close(&m);
        if (str_ends(s, S("的")))
            s.n -= strlen("的");
        *ret_weak = !scopes[i].more;
        return matches(generic, s) ? S("") : str_dup(a, s);
    }
    return S("");
}

/* One part between commas. given: the scope before a colon, which stands for the whole clause. */
static bool parse_part(struct parsing *p, struct str part, struct str given, struct str text) {
    struct match m;
    bool weak = true, found = false;
    struct str scope = scope_of(p->a, part, &weak);
    if (given.n) {
        scope = given;
        weak = false;
    }
    for (size_t i = 0; i < countof(patterns); i++) {
        if (!match_open(&m, compiled[i], part))
            continue;
        add(p, rule_of(p, &patterns[i], &m), scope, text, weak);
        match_close(&m);
        found = true;
        if (!patterns[i].more)
            break;
    }
    return found;
}

static bool has_limit(struct str s) {
    static const char *const units[] = {"工作日", "日内", "天内", "小时"};
    for (size_t i = 0; i < countof(units); i++)
        if (str_find(s, str_z(units[i])) >= 0)
            return true;
    return false;
}

/* Takes "(…)" out of a folded clause; the first one that holds a limit of its own comes back. */
static struct str take_parentheses(struct arena *a, struct str *clause) {
    struct str aside = S("");
    for (;;) {
        ptrdiff_t open = str_find(*clause, S("(")), close = str_find(*clause, S(")"));
        if (open < 0 || close < open)
            return aside;
        struct str inner = str_sub(*clause, (size_t)open + 1, (size_t)(close - open - 1));
        if (!aside.n && has_limit(inner) && str_find(inner, S("规定")) < 0)
            aside = inner;
        *clause = str_printf(a, "%.*s%.*s", STR_ARG(str_sub(*clause, 0, (size_t)open)),
                             STR_ARG(str_sub(*clause, (size_t)close + 1, clause->n)));
    }
}

static void add_manual(struct parsing *p, struct str scope, struct str text) {
    struct limit_rule r = {.kind = LIMIT_MANUAL, .trigger = TRIGGER_FORMED};
    set_default(&r, &p->defaults->manual);
    add(p, r, scope, text, scope.n == 0);
}

/* A folded clause without its parentheses. */
static void parse_clause(struct parsing *p, struct str clause, struct str text) {
    struct str scope = S(""), rest = clause, part;
    int before = p->n;
    ptrdiff_t colon = str_find(clause, S(":"));
    bool understood = false;
    if (colon > 0 && utf8_length(str_sub(clause, 0, (size_t)colon)) <= 40) {
        scope = str_dup(p->a, str_sub(clause, 0, (size_t)colon));
        rest = str_sub(clause, (size_t)colon + 1, clause.n);
    }
    for (bool more = true; more;) {
        if (!(more = str_cut(rest, ',', &part, &rest)))
            part = rest;
        bool ours = parse_part(p, matches(remark, part) && !has_limit(part) ? S("") : part, scope, text);
        understood |= ours;
    }
    if (!understood && matches(remark, clause) && p->n > 0)
        p->ret[p->n - 1].text.n =
            (size_t)(text.p + text.n - p->ret[p->n - 1].text.p); /* the remark stays in the words */
    else if (!understood && !matches(remark, clause))
        add_manual(p, scope, text);
    p->clauses += p->n > before;
}

/* The next clause of the cell: up to ；; 。or a line's end, but not inside parentheses or 《》. */
static struct str next_clause(struct str *rest) {
    struct str all = *rest, before = *rest;
    int depth = 0;
    for (int32_t c; (c = utf8_next(rest)) >= 0; before = *rest) {
        depth += c == '(' || c == 0xff08 || c == 0x300a;
        depth -= c == ')' || c == 0xff09 || c == 0x300b;
        if (depth <= 0 && (c == ';' || c == 0xff1b || c == 0x3002 || c == '\n'))
            return str_sub(all, 0, all.n - before.n);
    }
    *rest = STR_NONE;
    return all;
}

int limit_parse(struct arena *a, struct str phrase, struct limit_rule *ret, int max) {
    struct parsing p = {.a = a, .defaults = limit_defaults(), .ret = ret, .max = max};
    struct str rest = str_trim(phrase);
    if (!p.defaults || max <= 0 || !utf8_valid(rest))
        return 0;
    pthread_once(&compile_once, compile_all);
    while (rest.n) {
        struct str text = str_trim(next_clause(&rest));
        if (!text.n)
            continue;
        struct str clause = fold(a, text), aside = take_parentheses(a, &clause);
        parse_clause(&p, clause, text);
        if (aside.n)
            parse_clause(&p, aside, text);
    }
    for (int i = 0; p.clauses < 2 && i < p.n; i++)
        if (p.weak[i])
            ret[i].scope = S("");
    return p.n;
}
