/* test_search.c: tokens and folding of Chinese, an index against a plain scan for substrings, what is understood in a
 * query, marking. */
#include "unit_db.h"
#include "search/search_internal.h"

#include <ftw.h>
#include <sys/stat.h>

static char folder[64], path[128];
static struct arena *arena;

static int remove_one(const char *name, const struct stat *st, int kind, struct FTW *at) {
    (void)st, (void)kind, (void)at;
    return remove(name);
}

static int setup(void **state) {
    (void)state;
    arena = arena_new(256u * 1024 * 1024);
    const struct asset *t = NULL, *p = NULL;
    struct app_config c = {0};
    t = asset_find(&c, arena, "data/search/traditional.txt");
    p = asset_find(&c, arena, "data/search/pinyin.txt");
    assert_non_null(t);
    assert_non_null(p);
    fold_load(t->bytes, p->bytes);
    snprintf(folder, sizeof folder, "/tmp/mingtang-search-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/search.db", folder);
    sqlite3_initialize();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    arena_free(arena);
    return 0;
}

/* ── tokens ── */

static int join(void *ctx, const char *token, int n, int start, int end) {
    struct buf *b = ctx;
    (void)start, (void)end;
    buf_printf(b, "%s%.*s", b->n ? "|" : "", n, token);
    return 0;
}

static void tokens_are(const char *text, bool query, const char *expected) {
    struct buf b;
    buf_init(&b, 10000);
    tokens_each(text, strlen(text), query, &b, join);
    assert_string_equal(b.p ? b.p : "", expected);
    buf_release(&b);
}

static void han_text_gives_pairs_and_the_last_character(void **state) {
    (void)state;
    tokens_are("住房保障", false, "住房|房保|保障|障");
    tokens_are("住房保障", true, "住房|房保|保障");
    tokens_are("税", true, "税");
    tokens_are("住房，保障", false, "住房|房|保障|障");
    tokens_are("住 房\n保障", false, "住房|房保|保障|障");
}

static void numbers_of_documents_are_alike_with_any_brackets(void **state) {
    (void)state;
    const char *same = "皋政|政办|办发|发|2020|147|号";
    static const char *const written[] = {"皋政办发〔2020〕147号", "皋政办发[2020]147号", "皋政办发（2020）147号",
                                          "皋政办发【２０２０】１４７号", "皋政辦發〔2020〕147號"};
    for (size_t i = 0; i < countof(written); i++)
        tokens_are(written[i], false, same);
    tokens_are("PM2.5 COVID-19", false, "pm|2|5|covid|19");
}

static void broken_bytes_and_signs_are_breaks(void **state) {
    (void)state;
    tokens_are("\xff\xfe低\xed\xa0\x80保🙂", false, "低|保");
    tokens_are("「」……%_\"'", false, "");
    tokens_are("", true, "");
}

static void the_sign_of_filters_is_taken_out_of_texts(void **state) {
    (void)state;
    assert_true(str_is(fold_text(arena, S("甲\xEE\x80\x80"
                                          "12")),
                       "甲12"));
    tokens_are("\xEE\x80\x80"
               "12 \xEE\x80\x80x",
               false, "~12|~x");
}

/* ── the index against a plain scan ── */

static uint32_t seed = 20261123;
static uint32_t dice(uint32_t n) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

/* Few characters, so that every short string stands somewhere; digits, letters and breaks between. */
static struct str random_text(size_t chars) {
    static const char *const signs[] = {"低", "保", "标", "准",   "公",  "开", "长",  "江", "镇",
                                        "房", "，", "。", "2020", "147", "号", "pdf", "（", "）"};
    struct buf b;
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < chars; i++)
        buf_addz(&b, signs[dice(countof(signs))]);
    struct str s = str_dup(arena, buf_str(&b));
    buf_release(&b);
    return s;
}

static size_t found_by_index(struct store *s, struct str q, bool *seen) {
    struct buf b;
    size_t n = 0;
    buf_init(&b, 10000);
    match_phrase(&b, q);
    sqlite3_stmt *st = store_prepare(s, "SELECT d.subject FROM ft f JOIN doc d ON d.rowid = f.rowid WHERE ft MATCH ?1");
    sqlite3_bind_text(st, 1, b.p, (int)b.n, SQLITE_STATIC);
    while (sqlite3_step(st) == SQLITE_ROW) {
        seen[sqlite3_column_int64(st, 0)] = true;
        n++;
    }
    sqlite3_finalize(st);
    buf_release(&b);
    return n;
}

static void the_index_finds_exactly_what_a_scan_finds(void **state) {
    enum { DOCS = 300, QUERIES = 400 };
    struct store s;
    static struct str texts[DOCS];
    (void)state;
    assert_int_equal(store_open(&s, path, true), SQLITE_OK);
    for (int i = 0; i < DOCS; i++) {
        texts[i] = random_text(40 + dice(80));
        struct search_doc d = {
            .address = str_printf(arena, "/d/%d", i), .title = S("题"), .body = texts[i], .published_at = 60000LL * i};
        assert_true(store_put(&s, "t", i, &d));
    }
    for (int k = 0; k < QUERIES; k++) {
        /* A run of Han characters of a random document: what a scan for bytes can judge. */
        struct str t = texts[dice(DOCS)], q = STR_NONE;
        size_t at = dice((uint32_t)utf8_length(t) - 8);
        struct str head = utf8_head(t, at);
        q = utf8_head(str_sub(t, head.n, t.n), 1 + dice(5));
        bool han = true, seen[DOCS] = {false};
        for (struct str rest = q; rest.n;)
            han &= fold_class(fold_char((uint32_t)utf8_next(&rest))) == CHAR_HAN;
        if (!han)
            continue;
        found_by_index(&s, q, seen);
        for (int i = 0; i < DOCS; i++)
            if (seen[i] != (str_find(texts[i], q) >= 0))
                unit_fail("seed %u, query %.*s, document %d: index %d, scan %d\n", seed, STR_ARG(q), i, seen[i],
                          !seen[i]);
    }
    store_close(&s);
}

static void what_is_replaced_or_removed_leaves_no_trace(void **state) {
    struct store s;
    bool seen[8] = {false};
    (void)state;
    assert_int_equal(store_open(&s, path, true), SQLITE_OK);
    struct search_doc d = {.address = S("/d/1"), .title = S("旧的标题"), .body = S("旧的正文"), .published_at = 60000};
    search_doc_facet(&d, "unit", S("甲"));
    d.files[d.file_count++] = (struct search_file){1, 2, S("表.xlsx"), S("xlsx"), S("旧的附件")};
    assert_true(store_put(&s, "t", 1, &d));
    d.title = S("新的标题");
    d.body = S("新的正文");
    d.file_count = 0;
    assert_true(store_put(&s, "t", 1, &d));
    assert_int_equal(found_by_index(&s, S("旧的"), seen), 0);
    assert_int_equal(found_by_index(&s, S("新的"), seen), 1);
    assert_true(store_remove(&s, "t", 1));
    assert_int_equal(found_by_index(&s, S("新的"), seen), 0);
    assert_int_equal(store_state(&s, "documents"), 0);
    /* FTS5's own check: the index and its contents agree. */
    assert_true(store_exec(&s, "INSERT INTO ft (ft, rank) VALUES ('integrity-check', 1)"));
    assert_true(store_exec(&s, "INSERT INTO ft_title (ft_title, rank) VALUES ('integrity-check', 1)"));
    store_close(&s);
}

static void rows_follow_the_time_of_publication_also_when_entered_late(void **state) {
    struct store s;
    static const int64_t minutes[] = {1000, 3000, 2000, 2000, 2000, 500, 3000};
    int64_t last = 0, n = 0;
    (void)state;
    assert_int_equal(store_open(&s, path, true), SQLITE_OK);
    for (int i = 0; i < (int)countof(minutes); i++) {
        struct search_doc d = {
            .address = str_printf(arena, "/d/%d", i), .title = S("题"), .published_at = 60000 * minutes[i]};
        assert_true(store_put(&s, "t", i, &d));
    }
    sqlite3_stmt *st = store_prepare(&s, "SELECT published_at FROM doc ORDER BY rowid");
    for (; sqlite3_step(st) == SQLITE_ROW; n++) {
        assert_true(sqlite3_column_int64(st, 0) >= last);
        last = sqlite3_column_int64(st, 0);
    }
    sqlite3_finalize(st);
    assert_int_equal(n, countof(minutes));
    store_close(&s);
}

static int join_number(void *ctx, const struct number *n) {
    buf_printf(ctx, "%s/%s/%d%s ", n->year, n->serial, n->sign_n, n->from_start ? "!" : "");
    return 0;
}

static void numbers_are(const char *text, const char *expected) {
    struct buf b;
    buf_init(&b, 1000);
    numbers_each(str_z(text), &b, join_number);
    assert_string_equal(b.p ? b.p : "", expected);
    buf_release(&b);
}

static void numbers_of_documents_are_seen_in_texts(void **state) {
    (void)state;
    numbers_are("皋政办发〔2020〕147号", "2020/147/4! ");
    numbers_are("依据《皋政办发〔2020〕147号》、苏政发[2019]8号和（2018）", "2020/147/4 2019/8/3 ");
    numbers_are("皋政办发２０２０１４７号", "");
    numbers_are("皋政办发（2020）第12号", "2020/12/4! ");
    numbers_are("国令2019年第711号", "");
    numbers_are("2020年12月，共147户；电话2020147（2020）5", "");
    numbers_are("〔2020〕147号", "");
}

/* ── queries ── */

static void parsed(const char *q, bool sentence, const char *rest, const char *understood) {
    struct app_config c = {.clock = {day_start(day_from(2026, 11, 23))}};
    struct work w = {.arena = arena, .now = c.clock.fixed_ms, .config = &c};
    struct search_query x = {.q = str_z(q), .from = DAY_NONE, .to = DAY_NONE};
    struct parsed p;
    struct buf b;
    buf_init(&b, 10000);
    if (sentence)
        parse_sentence(&w, x.q, &p);
    else
        parse_query(&w, &x, true, &p);
    for (size_t i = 0; i < p.understood_count; i++)
        buf_printf(&b, "%s%.*s", i ? "|" : "", STR_ARG(p.understood[i].label));
    assert_string_equal(p.rest.p, rest);
    assert_string_equal(b.p ? b.p : "", understood);
    buf_release(&b);
}

static void years_spans_and_kinds_of_files_are_understood(void **state) {
    (void)state;
    parsed("2020年 决算", false, "决算", "2020年");
    parsed("去年　决算", false, "决算", "2025年");
    parsed("上个月 低保", false, "低保", "上个月（2026-10-01 至 2026-10-31）");
    parsed("上周 低保", false, "低保", "上周（2026-11-16 至 2026-11-22）");
    parsed("预算 PDF", false, "预算", "pdf");
    parsed("2020年", false, "2020年", ""); /* alone it is what is looked for */
    parsed("2020年预算", false, "2020年预算", "");
    parsed("2020年预算", true, "预算", "2020年");
    parsed("低保怎么申请需要什么材料", true, "低保 申请 材料", "");
    parsed("，。%", false, "", "");
}

static int one_name(struct work *w, search_name_add *add, void *ctx) {
    (void)w;
    struct search_name n = {"unit", S("czj"), S("市财政局"), S("财政局 如皋市财政局"), S("/units/czj"), true};
    add(ctx, &n);
    n = (struct search_name){"field", S("04"), S("保障性住房"), S("住房保障"), S("/fields/04"), false};
    add(ctx, &n);
    return 0;
}

static void units_are_understood_by_any_of_their_names_and_by_initials(void **state) {
    struct work w = {.arena = arena};
    (void)state;
    assert_int_equal(names_load(&w, one_name), 0);
    parsed("2020年 财政局 决算", false, "决算", "2020年|市财政局");
    parsed("如皋市财政局 决算", false, "决算", "市财政局");
    parsed("财政局", false, "财政局", "");
    parsed("财政局去年决算", true, "决算", "市财政局|2025年");
    const struct names *n = names_hold();
    assert_true(name_matches(&n->v[1], S("zfbz")) > 0);
    assert_true(name_matches(&n->v[1], S("bzxzf")) > 0);
    assert_true(name_matches(&n->v[0], S("czj")) > 0);
    assert_int_equal(name_matches(&n->v[0], S("zfbz")), 0);
    names_let(n);
    names_drop();
}

static void hostile_queries_become_plain_phrases(void **state) {
    (void)state;
    static const char *const q[] = {"a\" OR \"b", "NEAR(甲 乙)", "甲* AND (", "title : 甲",
                                    "\"",         "^甲",         "甲 NOT 乙", "-甲"};
    struct store s;
    bool seen[8] = {false};
    assert_int_equal(store_open(&s, path, true), SQLITE_OK);
    for (size_t i = 0; i < countof(q); i++)
        found_by_index(&s, str_z(q[i]), seen); /* an error of FTS5 would be logged and fail the statement */
    struct buf b;
    buf_init(&b, 100);
    match_phrase(&b, S("a\"b"));
    assert_string_equal(b.p, "\"a\"\"b\"*");
    buf_release(&b);
    store_close(&s);
}

/* ── marking ── */

static void marks_are_escaped_and_neighbours_are_one(void **state) {
    (void)state;
    struct parsed p = {.term_count = 2, .terms = {{.text = S("低保")}, {.text = S("标准")}}};
    assert_true(str_is(snippet_mark(arena, S("<b>低保标准&"), &p), "&lt;b&gt;<mark>低保标准</mark>&amp;"));
    size_t at = 0;
    struct str long_text = str_printf(arena, "%.*s低保%.*s", STR_ARG(random_text(300)), STR_ARG(random_text(300)));
    struct parsed one = {.term_count = 1, .terms = {{.text = S("城乡低保")}}};
    assert_int_equal(snippet_cut(arena, long_text, &one, 60, &at).n, 0);
    struct parsed wide = {.term_count = 1, .terms = {{.text = S("低保")}}};
    struct str cut = snippet_cut(arena, S("關於城鄉低保標準，ＰＤＦ"), &wide, 60, &at);
    assert_true(str_find(cut, S("<mark>低保</mark>")) >= 0);
    struct parsed folded = {.term_count = 1, .terms = {{.text = S("城乡")}}};
    assert_true(str_find(snippet_cut(arena, S("關於城鄉低保"), &folded, 60, &at), S("<mark>城鄉</mark>")) >= 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {
        T(han_text_gives_pairs_and_the_last_character),
        T(numbers_of_documents_are_alike_with_any_brackets),
        T(broken_bytes_and_signs_are_breaks),
        T(the_sign_of_filters_is_taken_out_of_texts),
        T(the_index_finds_exactly_what_a_scan_finds),
        T(what_is_replaced_or_removed_leaves_no_trace),
        T(rows_follow_the_time_of_publication_also_when_entered_late),
        T(numbers_of_documents_are_seen_in_texts),
        T(years_spans_and_kinds_of_files_are_understood),
        T(units_are_understood_by_any_of_their_names_and_by_initials),
        T(hostile_queries_become_plain_phrases),
        T(marks_are_escaped_and_neighbours_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
