/* parse.c: what a citizen typed, as terms and as filters that were understood in it. */
#include "search/search_internal.h"

/* Splits words: blanks and punctuation, but not what stands inside a 文号, a day or a number. */
static bool splits(uint32_t c) {
    if (c < 0x80)
        return c <= ' ' || strchr(",;!?\"'|&+<>=*^{}~`$#@\\", (int)c) != NULL;
    return (c >= 0x3001 && c <= 0x3002) || (c >= 0x300A && c <= 0x300F) || (c >= 0x2010 && c <= 0x2027) || c == 0x3000;
}

static bool has_token(struct str s) {
    int32_t c;
    while ((c = utf8_next(&s)) >= 0) {
        enum char_class k = fold_class((uint32_t)c);
        if (k == CHAR_HAN || k == CHAR_LETTER || k == CHAR_DIGIT)
            return true;
    }
    return false;
}

/* Words of folded text; those without a letter, digit or Han character are passed over. */
static size_t split(struct str q, struct str *words, size_t most) {
    size_t n = 0;
    while (q.n && n < most) {
        struct str start = q, word;
        int32_t c = 0;
        const char *before = q.p;
        while (q.n && (before = q.p, (c = utf8_next(&q)) >= 0) && !splits((uint32_t)c))
            before = q.p;
        if (c < 0) /* cannot be: the text was folded */
            break;
        word = str_trim((struct str){start.p, (size_t)(before - start.p)});
        if (has_token(word))
            words[n++] = word;
    }
    return n;
}

/* ── understood words ── */

static void understand(struct parsed *p, const char *facet, struct str value, struct str label, struct str text) {
    if (p->understood_count < countof(p->understood))
        p->understood[p->understood_count++] = (struct understood){facet, value, label, text, DAY_NONE, DAY_NONE};
}

static bool understand_year(struct arena *a, struct parsed *p, struct str word, day_t today) {
    static const struct {
        const char *word;
        int back;
    } said[] = {{"今年", 0}, {"本年", 0}, {"去年", 1}, {"上年", 1}, {"前年", 2}};
    int year, month, day;
    int64_t n = 0;
    struct str digits = str_sub(word, 0, 4);
    day_split(today, &year, &month, &day);
    for (size_t i = 0; i < countof(said); i++)
        if (str_is(word, said[i].word))
            n = year - said[i].back;
    if (n == 0 && (str_int(digits, &n) < 0 || n < 1980 || n > 2100 ||
                   !(str_is(str_sub(word, 4, word.n), "年") || str_is(str_sub(word, 4, word.n), "年度"))))
        return false;
    struct str value = str_printf(a, "%lld", (long long)n);
    understand(p, "year", value, str_printf(a, "%lld年", (long long)n), word);
    return true;
}

static bool understand_span(struct arena *a, struct parsed *p, struct str word, day_t today) {
    int year, month, day;
    day_split(today, &year, &month, &day);
    day_t first = day_from(year, month, 1), from = DAY_NONE, to = today;
    day_t last_month = day_from(month == 1 ? year - 1 : year, month == 1 ? 12 : month - 1, 1);
    static const struct {
        const char *word;
        int days;
    } spans[] = {{"今天", 0},       {"最近一周", 7}, {"近一周", 7},    {"最近一个月", 30}, {"近一个月", 30},
                 {"最近", 30},      {"近期", 30},    {"近三个月", 90}, {"最近三个月", 90}, {"近半年", 182},
                 {"最近半年", 182}, {"近一年", 365}, {"最近一年", 365}};
    for (size_t i = 0; i < countof(spans); i++)
        if (str_is(word, spans[i].word))
            from = today - spans[i].days;
    if (str_is(word, "本月") || str_is(word, "这个月"))
        from = first;
    if (str_is(word, "上月") || str_is(word, "上个月")) {
        from = last_month;
        to = first - 1;
    }
    if (str_is(word, "本周") || str_is(word, "这周"))
        from = today - day_weekday(today) + 1;
    if (str_is(word, "上周")) {
        to = today - day_weekday(today);
        from = to - 6;
    }
    if (from == DAY_NONE)
        return false;
    understand(p, NULL, STR_NONE, word, word);
    p->understood[p->understood_count - 1].from = from;
    p->understood[p->understood_count - 1].to = to;
    p->understood[p->understood_count - 1].label =
        str_printf(a, "%.*s（%.*s 至 %.*s）", STR_ARG(word), STR_ARG(day_str(a, from)), STR_ARG(day_str(a, to)));
    return true;
}

static bool understand_type(struct parsed *p, struct str word) {
    static const char *const types[][2] = {{"pdf", "pdf"},     {"word", "word"},  {"docx", "word"}, {"doc", "word"},
                                           {"excel", "excel"}, {"xlsx", "excel"}, {"xls", "excel"}, {"表格", "excel"}};
    for (size_t i = 0; i < countof(types); i++)
        if (str_is(word, types[i][0])) {
            understand(p, "type", str_z(types[i][1]), word, word);
            return true;
        }
    return false;
}

/* A unit's name, short name or alias; "财政局" for 市财政局. */
static bool named(const struct name *n, struct str word) {
    struct str name = str_z(n->name), rest = str_z(n->aliases), one;
    if (str_eq(name, word) || (str_starts(name, S("市")) && str_eq(str_sub(name, 3, name.n), word)))
        return true;
    while (rest.n) {
        if (!str_cut(rest, ' ', &one, &rest)) {
            one = rest;
            rest = STR_NONE;
        }
        if (str_eq(one, word) || (str_starts(one, S("市")) && str_eq(str_sub(one, 3, one.n), word)))
            return true;
    }
    return false;
}

static bool understand_name(struct arena *a, struct parsed *p, struct str word) {
    const struct names *n = names_hold();
    bool found = false;
    for (size_t i = 0; i < n->n && !found && word.n >= 6; i++) {
        const struct name *one = &n->v[i];
        if (!one->understood || !named(one, word))
            continue;
        /* Facets are texts of the sources, but the snapshot may go: a copy. */
        understand(p, str_dupz(a, str_z(one->facet)), str_dup(a, str_z(one->value)), str_dup(a, str_z(one->name)),
                   word);
        found = true;
    }
    names_let(n);
    return found;
}

static bool taken(const struct parsed *p, const char *facet) {
    for (size_t i = 0; i < p->understood_count; i++)
        if (p->understood[i].facet && strcmp(p->understood[i].facet, facet) == 0)
            return true;
    return false;
}

/* Moves words that say a year, a span, a unit or a kind of file from *words to p->understood. Never the last word that
 * is left when nothing else was understood: who types 长江镇 wants to read of it. */
void parse_understand(struct work *w, struct parsed *p, struct str *words, size_t *n) {
    size_t kept = 0, all = *n;
    day_t today = work_today(w);
    for (size_t i = 0; i < all; i++) {
        bool alone = all == 1, got = false;
        if (!alone && p->understood_count < countof(p->understood))
            got = (!taken(p, "year") && understand_year(w->arena, p, words[i], today)) ||
                  understand_span(w->arena, p, words[i], today) ||
                  (!taken(p, "type") && understand_type(p, words[i])) ||
                  (!taken(p, "unit") && understand_name(w->arena, p, words[i]));
        if (!got)
            words[kept++] = words[i];
    }
    *n = kept;
}

/* ── the whole ── */

/* 皋政办发2020147号: a year and a serial written in one; the reading with both apart is a variant. */
static void number_apart(struct arena *a, struct term *t) {
    struct str s = t->text;
    for (size_t i = 3; i + 5 < s.n; i++) {
        size_t n = 0;
        while (i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9')
            n++;
        bool year = n >= 5 && n <= 8 && ((s.p[i] == '1' && s.p[i + 1] == '9') || (s.p[i] == '2' && s.p[i + 1] == '0'));
        if (year && (unsigned char)s.p[i - 1] >= 0x80 && t->variant_count < VARIANTS_MOST)
            t->variants[t->variant_count++] =
                str_printf(a, "%.*s〔%.*s〕%.*s", (int)i, s.p, 4, s.p + i, STR_ARG(str_sub(s, i + 4, s.n)));
        i += n;
    }
}

static void set_terms(struct work *w, struct parsed *p, const struct str *words, size_t n) {
    struct buf rest;
    buf_init(&rest, 4096);
    p->term_count = 0;
    for (size_t i = 0; i < n && p->term_count < TERMS_MOST; i++) {
        struct term *t = &p->terms[p->term_count++];
        *t = (struct term){.text = words[i]};
        synonyms_expand(w->arena, t);
        number_apart(w->arena, t);
        buf_printf(&rest, "%s%.*s", i ? " " : "", STR_ARG(words[i]));
    }
    p->rest = str_dup(w->arena, buf_str(&rest));
    buf_release(&rest);
}

void parse_query(struct work *w, const struct search_query *x, bool understand_words, struct parsed *ret) {
    struct str words[TERMS_MOST], head = utf8_head(x->q, SEARCH_CHARS_MOST);
    memset(ret, 0, sizeof *ret);
    size_t n = split(fold_text(w->arena, head), words, countof(words));
    if (understand_words)
        parse_understand(w, ret, words, &n);
    set_terms(w, ret, words, n);
}

/* What carries no meaning in a question. Longest first where one begins another. */
static const char *const empty_words[] = {
    "请问一下", "请问",   "我想知道", "我想问", "想问一下", "想问",   "我想",     "有没有", "能不能", "可不可以",
    "是不是",   "怎么样", "怎么办理", "怎么办", "怎么",     "怎样",   "如何办理", "如何",   "为什么", "什么时候",
    "什么",     "哪些",   "哪里",     "哪个",   "哪儿",     "多少钱", "多少",     "需要",   "可以",   "应该",
    "一下",     "关于",   "有关",     "的",     "了",       "吗",     "呢",       "吧",     "啊",     "和",
    "与",       "及",     "我",       "要",     "在",       "是",     "有",
};

static size_t empty_at(struct str s) {
    for (size_t i = 0; i < countof(empty_words); i++)
        if (str_starts(s, str_z(empty_words[i])))
            return strlen(empty_words[i]);
    return 0;
}

/* Bytes of a year or a span of days at the head of a text, 0 none. */
static size_t day_words_at(struct str s) {
    static const char *const spans[] = {"最近三个月", "最近一个月", "最近半年", "最近一周", "最近一年", "近三个月",
                                        "近一个月",   "近一周",     "近半年",   "近一年",   "上个月",   "这个月",
                                        "上月",       "本月",       "本周",     "这周",     "上周",     "今年",
                                        "本年",       "去年",       "上年",     "前年",     "今天"};
    int64_t year;
    if (str_int(str_sub(s, 0, 4), &year) == 0 && year >= 1980 && year <= 2100 &&
        str_starts(str_sub(s, 4, s.n), S("年")))
        return str_starts(str_sub(s, 4, s.n), S("年度")) ? 10 : 7;
    for (size_t i = 0; i < countof(spans); i++)
        if (str_starts(s, str_z(spans[i])))
            return strlen(spans[i]);
    return 0;
}

/* The longest name of a unit at the head of a text: its full, short or other name. */
static size_t name_at(const struct names *n, struct str s) {
    size_t best = 0;
    for (size_t i = 0; i < n->n; i++) {
        struct str name = str_z(n->v[i].name), rest = str_z(n->v[i].aliases), one = name;
        if (!n->v[i].understood)
            continue;
        for (;;) {
            if (one.n >= 9 && one.n > best && str_starts(s, one))
                best = one.n;
            if (!rest.n)
                break;
            if (!str_cut(rest, ' ', &one, &rest)) {
                one = rest;
                rest = STR_NONE;
            }
        }
    }
    return best;
}

/* A sentence without blanks: understood names and years are cut out wherever they stand, then what lies between empty
 * words are the terms. */
void parse_sentence(struct work *w, struct str q, struct parsed *ret) {
    struct str words[TERMS_MOST], folded = fold_text(w->arena, utf8_head(q, SEARCH_CHARS_MOST));
    struct buf b;
    size_t n = 0;
    const struct names *names = names_hold();
    memset(ret, 0, sizeof *ret);
    buf_init(&b, 8192);
    while (folded.n) {
        size_t whole = day_words_at(folded), skip = whole ? 0 : empty_at(folded);
        struct str from = folded;
        if (!whole)
            whole = name_at(names, folded);
        if (whole) /* a word of its own */
            buf_printf(&b, " %.*s ", (int)whole, folded.p);
        if (whole || skip) {
            buf_addc(&b, ' ');
            folded = str_sub(folded, whole ? whole : skip, folded.n);
            continue;
        }
        if (utf8_next(&folded) < 0)
            break;
        buf_add(&b, (struct str){from.p, from.n - folded.n});
    }
    names_let(names);
    n = split(str_dup(w->arena, buf_str(&b)), words, countof(words));
    buf_release(&b);
    parse_understand(w, ret, words, &n);
    set_terms(w, ret, words, n);
}

/* ── to FTS5 ── */

/* Is the last token open at its end: a single Han character, or letters still being typed? */
static bool open_end(struct str s) {
    enum char_class last = CHAR_BREAK, before = CHAR_BREAK;
    int32_t c;
    while ((c = utf8_next(&s)) >= 0) {
        enum char_class k = fold_class((uint32_t)c);
        if (k == CHAR_BLANK || (k == CHAR_BREAK && s.n == 0))
            continue;
        before = last;
        last = k;
    }
    return last == CHAR_LETTER || (last == CHAR_HAN && before != CHAR_HAN);
}

/* A closing bracket or stop at the end does not end the last token's openness. */
static struct str trim_breaks(struct str s) {
    size_t end = 0, at = 0;
    struct str rest = s;
    int32_t c;
    while ((c = utf8_next(&rest)) >= 0) {
        at = s.n - rest.n;
        enum char_class k = fold_class((uint32_t)c);
        if (k == CHAR_HAN || k == CHAR_LETTER || k == CHAR_DIGIT)
            end = at;
    }
    return str_sub(s, 0, end);
}

void match_phrase(struct buf *b, struct str text) {
    text = trim_breaks(text);
    buf_addc(b, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            buf_addc(b, '"');
        buf_addc(b, text.p[i]);
    }
    buf_addz(b, open_end(text) ? "\"*" : "\"");
}
