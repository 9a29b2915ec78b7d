/* search.c: full-text search measured on generated documents: ./dev bench search.
 *
 *   search DIR DOCUMENTS [SEED]
 * Builds an index in DIR, asks held-out queries of every kind while documents are being added, checks recall against a
 * plain scan, writes the documents and queries as Groonga commands (DIR/load.grn, DIR/queries.tsv) for the comparison.
 * The text is word salad with Zipf's frequencies: it measures speed, not relevance. */
#include "search/search_internal.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { VOCABULARY = 30000, QUERIES = 300, RUNS = 3, UNITS = 60 };

static uint64_t seed;
static uint32_t dice(uint32_t n) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)((seed >> 33) % n);
}
static double unit_dice(void) {
    return (double)dice(1u << 30) / (double)(1u << 30);
}

/* ── text ── */

static char words[VOCABULARY][16];
static double cumulated[VOCABULARY];
static struct arena *forever;

static void vocabulary_make(void) {
    static uint32_t chars[3000];
    double sum = 0;
    for (size_t i = 0; i < countof(chars); i++)
        do
            chars[i] = 0x4E00 + dice(0x5000);
        while (fold_char(chars[i]) != chars[i]);
    for (size_t i = 0; i < VOCABULARY; i++) {
        size_t n = 0, length = 1 + (dice(10) > 0) + (dice(10) > 6) + (dice(10) > 7);
        for (size_t k = 0; k < length; k++) {
            double u = unit_dice();
            n += utf8_put(words[i] + n, chars[(size_t)(u * u * countof(chars))]);
        }
        sum += 1.0 / (double)(i + 2);
        cumulated[i] = sum;
    }
    for (size_t i = 0; i < VOCABULARY; i++)
        cumulated[i] /= sum;
}

static const char *zipf_word(void) {
    double u = unit_dice();
    size_t low = 0, high = VOCABULARY - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cumulated[middle] < u)
            low = middle + 1;
        else
            high = middle;
    }
    return words[low];
}

static void add_text(struct buf *b, size_t chars) {
    for (size_t n = 0; n < chars;) {
        const char *w = zipf_word();
        buf_addz(b, w);
        n += utf8_length(str_z(w));
        uint32_t sign = dice(40);
        if (sign == 0)
            buf_addz(b, "，");
        else if (sign == 1)
            buf_addz(b, "。");
        else if (sign == 2)
            buf_printf(b, "%u", dice(3000));
    }
}

static void document_make(struct buf parts[2], int64_t i, int64_t all, struct search_doc *d, struct arena *a) {
    for (int k = 0; k < 2; k++)
        buf_clear(&parts[k]);
    add_text(&parts[0], 10 + dice(20));
    double u = unit_dice();
    add_text(&parts[1], 300 + (size_t)(u * u * 4700));
    int year = 2016 + (int)(i * 10 / all);
    *d = (struct search_doc){
        .address = str_printf(a, "/disclosures/%lld", (long long)i),
        .title = buf_str(&parts[0]),
        .body = buf_str(&parts[1]),
        .number = dice(3) ? str_printf(a, "皋%c政发〔%d〕%u号", (int)('A' + dice(8)), year, 1 + dice(900)) : STR_NONE,
        .published_at = 1451606400000LL + i * (315360000000LL / all),
        .weight = (int)dice(8),
        .ended = dice(20) == 0,
    };
    search_doc_facet(d, "unit", str_printf(a, "u%u", dice(UNITS)));
    search_doc_facet(d, "field", str_printf(a, "%02u", 1 + dice(26)));
    search_doc_facet(d, "year", str_printf(a, "%d", year));
    search_doc_facet(d, "kind", S("document"));
}

/* ── queries: pieces of documents that are not in the index, so of the same kind of text ── */

struct query {
    const char *kind;
    struct str text;
};
static struct query queries[QUERIES];

static struct str piece(size_t from, size_t to) {
    struct buf b;
    buf_init(&b, 100000);
    add_text(&b, 60);
    struct str s = buf_str(&b), rest = s;
    size_t n = from + dice((uint32_t)(to - from + 1)), got = 0;
    const char *start = rest.p;
    while (rest.n && got < n) { /* a run of Han characters */
        const char *before = rest.p;
        int32_t c = utf8_next(&rest);
        if (fold_class(fold_char((uint32_t)c)) != CHAR_HAN) {
            start = rest.p;
            got = 0;
        } else if (got++ == 0) {
            start = before;
        }
    }
    struct str ret = str_dup(forever, (struct str){start, (size_t)(rest.p - start)});
    buf_release(&b);
    return ret;
}

static void queries_make(void) {
    static const struct {
        const char *kind;
        int n;
    } plan[] = {{"1 character", 30}, {"2 characters", 90}, {"3-4 characters", 60}, {"phrase 6-10", 40},
                {"two words", 40},   {"number", 20},       {"mixed", 20}};
    size_t at = 0;
    for (size_t k = 0; k < countof(plan); k++)
        for (int i = 0; i < plan[k].n; i++) {
            struct str t =
                k == 0   ? piece(1, 1)
                : k == 1 ? piece(2, 2)
                : k == 2 ? piece(3, 4)
                : k == 3 ? piece(6, 10)
                : k == 4 ? str_printf(forever, "%s %s", piece(2, 2).p, piece(2, 3).p)
                : k == 5 ? str_printf(forever, "皋%c政发[%u]%u号", (int)('A' + dice(8)), 2016 + dice(10), 1 + dice(900))
                         : str_printf(forever, "%s %u", piece(2, 2).p, dice(3000));
            queries[at++] = (struct query){plan[k].kind, t};
        }
}

/* ── measuring ── */

static int by_double(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void percentiles(const char *what, const char *kind, double *t, size_t n) {
    qsort(t, n, sizeof *t, by_double);
    printf("%-34s %-15s p50 %8.3f  p95 %8.3f  p99 %8.3f ms\n", what, kind, t[n / 2], t[n * 95 / 100], t[n * 99 / 100]);
}

struct round {
    const char *what;
    enum search_sort sort;
    bool filter, facets, plain;
};

static double ask_once(const struct round *r, struct str q) {
    double best[RUNS];
    for (int i = 0; i < RUNS; i++) {
        struct app_config c = {0};
        struct work w = {.arena = arena_new(64u << 20), .now = 1767225600000LL, .config = &c};
        struct search_query x = {.q = q,
                                 .sort = r->sort,
                                 .facets = r->facets,
                                 .plain = r->plain,
                                 .from = DAY_NONE,
                                 .to = DAY_NONE,
                                 .literal = true};
        if (r->filter) {
            search_filter(&x, "unit", S("u7"));
            search_filter(&x, "year", S("2021"));
        }
        uint64_t t0 = clock_mono_ns();
        json_t *found = search_find(&w, &x);
        best[i] = (double)(clock_mono_ns() - t0) / 1e6;
        json_decref(found);
        arena_free(w.arena);
    }
    qsort(best, RUNS, sizeof *best, by_double);
    return best[RUNS / 2];
}

static void measure(const struct round *r) {
    double all[QUERIES], kind[QUERIES];
    size_t n = 0;
    for (size_t i = 0; i < QUERIES; i++) {
        all[i] = kind[n++] = ask_once(r, queries[i].text);
        if (i + 1 == QUERIES || queries[i + 1].kind != queries[i].kind) {
            percentiles(r->what, queries[i].kind, kind, n);
            n = 0;
        }
    }
    percentiles(r->what, "all", all, QUERIES);
}

static void measure_suggestions(void) {
    double t[QUERIES];
    for (size_t i = 0; i < QUERIES; i++) {
        struct app_config c = {0};
        struct work w = {.arena = arena_new(1 << 20), .config = &c};
        uint64_t t0 = clock_mono_ns();
        json_decref(search_suggest(&w, queries[i].text, 8));
        t[i] = (double)(clock_mono_ns() - t0) / 1e6;
        arena_free(w.arena);
    }
    percentiles("suggestions", "all", t, QUERIES);
}

/* ── adding while asking ── */

static struct {
    const char *path;
    int64_t from;
    volatile bool stop;
    long added;
} feeder;

static void *feed(void *unused) {
    struct store s;
    struct buf parts[2];
    (void)unused;
    if (store_open(&s, feeder.path, true) != SQLITE_OK)
        return NULL;
    for (int k = 0; k < 2; k++)
        buf_init(&parts[k], 1 << 20);
    while (!feeder.stop) {
        struct arena *a = arena_new(1 << 20);
        store_exec(&s, "BEGIN");
        for (int i = 0; i < 20; i++) {
            struct search_doc d;
            document_make(parts, feeder.from + feeder.added, feeder.from + feeder.added + 1, &d, a);
            store_put(&s, "t", feeder.from + feeder.added++, &d);
        }
        store_exec(&s, "COMMIT");
        arena_free(a);
        nanosleep(&(struct timespec){0, 50000000}, NULL);
    }
    for (int k = 0; k < 2; k++)
        buf_release(&parts[k]);
    store_close(&s);
    return NULL;
}

/* ── recall: every document that holds the text is found, and no other ── */

static long recall(const char *path) {
    struct store s;
    long wrong = 0, checked = 0;
    if (store_open(&s, path, false) != SQLITE_OK)
        return -1;
    for (size_t i = 0; i < QUERIES; i += 7) {
        if (strchr(queries[i].text.p, ' ') || strchr(queries[i].text.p, '['))
            continue;
        struct buf b;
        buf_init(&b, 10000);
        match_phrase(&b, queries[i].text);
        sqlite3_stmt *st =
            store_prepare(&s, "SELECT (SELECT count(*) FROM ft WHERE ft MATCH ?1), (SELECT count(*) FROM doc WHERE"
                              " instr(title, ?2) OR instr(body, ?2) OR instr(number, ?2) OR instr(files, ?2))");
        sqlite3_bind_text(st, 1, b.p, -1, SQLITE_STATIC);
        sqlite3_bind_text(st, 2, queries[i].text.p, -1, SQLITE_STATIC);
        if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_int64(st, 0) != sqlite3_column_int64(st, 1)) {
            wrong++;
            printf("recall: %s: index %lld, scan %lld\n", queries[i].text.p, (long long)sqlite3_column_int64(st, 0),
                   (long long)sqlite3_column_int64(st, 1));
        }
        checked++;
        sqlite3_finalize(st);
        buf_release(&b);
        if (checked == 12)
            break;
    }
    store_close(&s);
    printf("recall against a plain scan: %ld of %ld queries exact\n", checked - wrong, checked);
    return wrong;
}

static void write_groonga(const char *dir, struct store *s) {
    char name[4200];
    snprintf(name, sizeof name, "%s/load.grn", dir);
    FILE *f = fopen(name, "w");
    if (!f)
        return;
    fputs("table_create Docs TABLE_NO_KEY\ncolumn_create Docs title COLUMN_SCALAR Text\n"
          "column_create Docs number COLUMN_SCALAR Text\ncolumn_create Docs body COLUMN_SCALAR Text\n"
          "load --table Docs\n[\n",
          f);
    sqlite3_stmt *st =
        store_prepare(s, "SELECT json_object('title', title, 'number', number, 'body', body) FROM doc ORDER BY rowid");
    for (bool first = true; sqlite3_step(st) == SQLITE_ROW; first = false)
        fprintf(f, "%s%s", first ? "" : ",\n", (const char *)sqlite3_column_text(st, 0));
    sqlite3_finalize(st);
    fputs(
        "\n]\ntable_create Terms TABLE_PAT_KEY ShortText --default_tokenizer TokenBigram --normalizer NormalizerAuto\n"
        "column_create Terms docs COLUMN_INDEX|WITH_POSITION|WITH_SECTION Docs title,number,body\n",
        f); /* the index after the documents: its faster way */
    fclose(f);
    snprintf(name, sizeof name, "%s/queries.tsv", dir);
    f = fopen(name, "w");
    for (size_t i = 0; f && i < QUERIES; i++)
        fprintf(f, "%s\t%s\n", queries[i].kind, queries[i].text.p);
    if (f)
        fclose(f);
}

static int64_t build(const char *path, int64_t documents) {
    struct store s;
    struct buf parts[2];
    uint64_t t0 = clock_mono_ns();
    if (store_open(&s, path, true) != SQLITE_OK || !store_bulk(&s, true))
        return -1;
    for (int k = 0; k < 2; k++)
        buf_init(&parts[k], 1 << 20);
    for (int64_t i = 0; i < documents;) {
        struct arena *a = arena_new(64u << 20);
        store_exec(&s, "BEGIN");
        for (int k = 0; k < 5000 && i < documents; k++, i++) {
            struct search_doc d;
            document_make(parts, i, documents, &d, a);
            if (!store_put(&s, "t", i, &d))
                return -1;
        }
        store_exec(&s, "COMMIT");
        arena_free(a);
        if (i % 10000 == 0)
            fprintf(stderr, "\r%lld", (long long)i);
    }
    store_bulk(&s, false);
    store_exec(&s, "PRAGMA wal_checkpoint(TRUNCATE)");
    for (int k = 0; k < 2; k++)
        buf_release(&parts[k]);
    double seconds = (double)(clock_mono_ns() - t0) / 1e9;
    sqlite3_stmt *st =
        store_prepare(&s, "SELECT sum(length(CAST(title AS BLOB)) + length(CAST(body AS BLOB))) FROM doc");
    int64_t text = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
    sqlite3_finalize(st);
    struct stat file;
    stat(path, &file);
    printf("built: %lld documents in %.1f s (%.0f/s), text %.0f MB, file %.0f MB (%.2f × the text, which it holds)\n",
           (long long)documents, seconds, (double)documents / seconds, (double)text / 1e6, (double)file.st_size / 1e6,
           (double)file.st_size / (double)text);
    store_close(&s);
    return text;
}

static const struct round rounds[] = {
    {"newest first, no text", SEARCH_NEWEST, false, false, true},
    {"newest first, snippets", SEARCH_NEWEST, false, false, false},
    {"newest first, unit and year", SEARCH_NEWEST, true, false, true},
    {"newest first, counts by facet", SEARCH_NEWEST, false, true, true},
    {"relevance, no text", SEARCH_RELEVANCE, false, false, true},
    {"relevance, snippets, facets", SEARCH_RELEVANCE, false, true, false},
    {"relevance, unit and year, facets", SEARCH_RELEVANCE, true, true, true},
};

int main(int argc, char **argv) {
    char path[4200];
    pthread_t thread;
    if (argc < 3)
        return 2;
    int64_t documents = strtoll(argv[2], NULL, 10);
    seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 20261123;
    snprintf(path, sizeof path, "%s/search.db", argv[1]);
    forever = arena_new(256u << 20);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    struct app_config c = {0};
    const struct asset *t = asset_find(&c, forever, "data/search/traditional.txt"),
                       *p = asset_find(&c, forever, "data/search/pinyin.txt");
    fold_load(t->bytes, p->bytes);
    vocabulary_make();
    if (build(path, documents) < 0)
        return 1;
    queries_make();
    struct store s;
    if (argc > 4 && store_open(&s, path, false) == SQLITE_OK) {
        write_groonga(argv[1], &s);
        store_close(&s);
    }
    long wrong = recall(path);
    reader_use(path);
    for (size_t i = 0; i < countof(rounds); i++)
        measure(&rounds[i]);
    measure_suggestions();
    feeder.path = path;
    feeder.from = documents;
    pthread_create(&thread, NULL, feed, NULL);
    static const struct round during = {"relevance while publishing", SEARCH_RELEVANCE, false, true, false};
    measure(&during);
    feeder.stop = true;
    pthread_join(thread, NULL);
    printf("added meanwhile: %ld documents\n", feeder.added);
    return wrong == 0 ? 0 : 1;
}
