/* redact.c: redaction seen from the server: checks what is asked, starts the helper, takes its answer.
 *
 * What is covered is gone because the result is made of pictures that were blackened before they were encoded; nothing
 * else of the source is copied. The helper is redact_helper.c. */
#include "blob/redact_internal.h"

#include <pthread.h>
#include <sys/stat.h>

#define HELPERS 2       /* at a time: each may take 1 GB */
#define WAIT_SECONDS 30 /* for a helper to end, then the person is told that others are at work */
#define HEADER_BYTES (4 * 1024 * 1024)

static int cpu_seconds = LIMIT_REDACT_SECONDS;

void redact_set_seconds(int seconds) {
    cpu_seconds = seconds;
}

/* ── a few at a time ── */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_free = PTHREAD_COND_INITIALIZER;
static int gate_inside;

static bool gate_enter(void) {
    uint64_t end = clock_mono_ns() + WAIT_SECONDS * 1000000000ULL;
    struct timespec until = {.tv_sec = (time_t)(end / 1000000000ULL), .tv_nsec = (long)(end % 1000000000ULL)};
    int e = 0;
    pthread_mutex_lock(&gate);
    while (gate_inside == HELPERS && e == 0)
        e = pthread_cond_clockwait(&gate_free, &gate, CLOCK_MONOTONIC, &until);
    bool in = gate_inside < HELPERS;
    gate_inside += in;
    pthread_mutex_unlock(&gate);
    return in;
}

static void gate_leave(void) {
    pthread_mutex_lock(&gate);
    gate_inside--;
    pthread_cond_signal(&gate_free);
    pthread_mutex_unlock(&gate);
}

/* ── the helper's answer ── */

static int check_source(struct work *w, const char *path) {
    struct stat st;
    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return fail(w, ERR_NOT_FOUND, "要遮盖的文件不存在");
    if (st.st_size > LIMIT_REDACT_BYTES)
        return fail(w, ERR_TOO_LARGE, "文件超过 20 MB，请拆分后再遮盖");
    return 0;
}

static int broken_answer(struct work *w) {
    return fail(w, ERR_INVALID, "文件已损坏或过于复杂，没有处理完，没有生成任何文件");
}

/* ret_report may be NULL. */
static int parse(struct work *w, struct str s, struct str *ret_bytes, json_t **ret_report) {
    struct str magic, problem, report, blank;
    if (!str_cut(s, '\n', &magic, &s) || !str_is(magic, "mingtang-redact 1") || !str_cut(s, '\n', &problem, &s) ||
        !str_starts(problem, S("problem ")) || !str_cut(s, '\n', &report, &s) || !str_starts(report, S("report ")) ||
        !str_cut(s, '\n', &blank, &s) || blank.n || !utf8_valid(problem))
        return broken_answer(w);
    problem = str_sub(problem, strlen("problem "), problem.n);
    if (problem.n)
        return fail(w, ERR_INVALID, "%.*s", STR_ARG(problem));
    report = str_sub(report, strlen("report "), report.n);
    json_t *rows = ret_report ? json_loadb(report.p, report.n, 0, NULL) : NULL;
    if (!s.n || (ret_report && !json_is_array(rows))) {
        json_decref(rows);
        return broken_answer(w);
    }
    *ret_bytes = str_dup(w->arena, s);
    if (ret_report)
        *ret_report = rows;
    return 0;
}

static int run(struct work *w, const char *mode, const char *path, const json_t *input, struct str *ret_bytes,
               json_t **ret_report) {
    struct buf answer;
    if (check_source(w, path) < 0)
        return -1;
    char *text = json_dumps(input, JSON_COMPACT);
    if (!text)
        return fail(w, ERR_INTERNAL, NULL);
    struct helper_call call = {
        .arguments = {"redact", mode, path, str_printf(w->arena, "%d", cpu_seconds).p},
        .input = str_z(text),
        .seconds = 2 * cpu_seconds,
        .breaks = true,
    };
    bool in = gate_enter(), ok = false;
    buf_init(&answer, LIMIT_REDACT_RESULT + HEADER_BYTES);
    if (in) {
        ok = helper_run(w->arena, &call, &answer);
        gate_leave();
    }
    free(text);
    int e = !in   ? fail(w, ERR_BUSY, "正在处理其他文件，请稍后再试")
            : !ok ? broken_answer(w)
                  : parse(w, buf_str(&answer), ret_bytes, ret_report);
    buf_release(&answer);
    return e;
}

/* ── the verbs ── */

static bool area_ok(const struct redaction *r) {
    return r->page >= 1 && r->x >= 0 && r->y >= 0 && r->w >= 1 && r->h >= 1 && r->x < 1000 && r->y < 1000 &&
           r->w <= 1000 - r->x && r->h <= 1000 - r->y;
}

static int check_phrase(struct work *w, const struct redaction *r) {
    int32_t folded[FOLDED];
    size_t seen = 0;
    if (r->page < 0 || !utf8_valid(r->phrase))
        return fail(w, ERR_INVALID, "要遮盖的文字或页码不正确");
    if (utf8_length(r->phrase) > LIMIT_REDACT_PHRASE)
        return fail(w, ERR_INVALID, "要遮盖的文字一条不超过 %d 字，请分成几条", LIMIT_REDACT_PHRASE);
    for (struct str rest = r->phrase; rest.n;)
        seen += redact_fold(utf8_next(&rest), folded);
    return seen ? 0 : fail(w, ERR_INVALID, "要遮盖的文字不能只是空格");
}

/* New reference, or NULL. */
static json_t *input_of(struct work *w, const struct redaction *list, size_t n) {
    if (n == 0)
        fail(w, ERR_INVALID, "没有指定要遮盖的文字或区域");
    else if (n > LIMIT_REDACTIONS)
        fail(w, ERR_INVALID, "要遮盖的内容超过 %d 处，请分开处理", LIMIT_REDACTIONS);
    if (n == 0 || n > LIMIT_REDACTIONS)
        return NULL;
    json_t *rows = json_array();
    for (size_t i = 0; i < n; i++) {
        const struct redaction *r = &list[i];
        bool area = !r->phrase.n;
        if (area && !area_ok(r))
            fail(w, ERR_INVALID, "第 %zu 处遮盖区域不在页面内", i + 1);
        if (area ? !area_ok(r) : check_phrase(w, r) < 0) {
            json_decref(rows);
            return NULL;
        }
        json_array_append_new(
            rows,
            area ? json_pack("{s:i, s:i, s:i, s:i, s:i}", "page", r->page, "x", r->x, "y", r->y, "w", r->w, "h", r->h)
                 : json_pack("{s:s%, s:i}", "phrase", r->phrase.p, r->phrase.n, "page", r->page));
    }
    return json_pack("{s:o}", "list", rows);
}

int redact_pdf(struct work *w, const char *path, const struct redaction *list, size_t n, struct str *ret_pdf,
               json_t **ret_report) {
    json_t *input = input_of(w, list, n);
    if (!input)
        return -1;
    int e = run(w, "cover", path, input, ret_pdf, ret_report);
    json_decref(input);
    return e;
}

int pdf_page_png(struct work *w, const char *path, int page, int width_px, struct str *ret_png) {
    json_t *input = json_pack("{s:i, s:i}", "page", page, "width",
                              width_px < 100    ? 100
                              : width_px > 2000 ? 2000
                                                : width_px);
    int e = run(w, "page", path, input, ret_png, NULL);
    json_decref(input);
    return e;
}

/* ── suggestions ── */

static bool joins(struct str text, size_t at) {
    char a = at ? text.p[at - 1] : 0, b = at + 1 < text.n ? text.p[at + 1] : 0;
    return a >= '0' && a <= '9' && ((b >= '0' && b <= '9') || b == 'X' || b == 'x');
}

/* Numbers that a line's end divides become whole. */
static struct str without_breaks(struct arena *a, struct str text) {
    char *p = arena_alloc(a, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != '\n' || !joins(text, i))
            p[n++] = text.p[i];
    p[n] = 0;
    return (struct str){p, n};
}

static json_t *same_phrase(const json_t *list, const json_t *finding) {
    size_t i;
    json_t *o;
    json_array_foreach(list, i,
                       o) if (json_equal(json_object_get(o, "phrase"), json_object_get(finding, "phrase"))) return o;
    return NULL;
}

/* One row for each number, with its pages. */
static void merge(json_t *list, const json_t *found) {
    size_t i, k;
    json_t *o, *page;
    json_array_foreach(found, i, o) {
        json_t *row = same_phrase(list, o), *pages = row ? json_object_get(row, "pages") : json_array();
        bool known = false;
        if (!row) {
            row = json_copy(o);
            json_object_del(row, "page");
            json_object_del(row, "where");
            json_object_set_new(row, "pages", pages);
            json_object_set_new(row, "weak", json_boolean(json_is_true(json_object_get(o, "weak"))));
            json_array_append_new(list, row);
        }
        json_array_foreach(pages, k, page) known = known || json_equal(page, json_object_get(o, "page"));
        if (!known)
            json_array_append(pages, json_object_get(o, "page"));
    }
}

static bool is_pdf(const char *path) {
    char head[1024];
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(head, 1, sizeof head, f) : 0;
    if (f)
        fclose(f);
    return memmem(head, n, "%PDF-", 5) != NULL;
}

json_t *redact_suggest(struct work *w, const char *path) {
    struct extracted x;
    if (check_source(w, path) < 0)
        return NULL;
    json_t *list = json_array();
    if (!is_pdf(path))
        return list;
    extract_run(w, path, "pdf", BLOB_TEXT_BYTES, &x);
    if (!x.pages) { /* without a text to read there is nothing to suggest, but no error */
        json_decref(list);
        fail(w, ERR_INVALID, "这个文件打不开：%.*s", STR_ARG(x.problem));
        return NULL;
    }
    json_t *plain = pii_scan_exact(w->arena, x.text),
           *whole = pii_scan_exact(w->arena, without_breaks(w->arena, x.text));
    merge(list, plain);
    merge(list, whole);
    json_decref(plain);
    json_decref(whole);
    return list;
}
