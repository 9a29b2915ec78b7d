/* import_csv.c: rows of a CSV file: UTF-8 with or without a byte order mark, UTF-16 with one, or GB18030 (which holds
 * GBK), told apart by whether the bytes are valid UTF-8. The file is read twice in pieces, never whole. */
#include "catalogue/table_internal.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <unistd.h>

#define CHUNK (64 * 1024)

struct csv_state {
    struct work *w;
    const struct table_sink *sink;
    struct csv_parser parser;
    struct row_buffer row;
    size_t column;
    int64_t number;     /* of the row being read */
    size_t since_field; /* bytes since the last field ended: a quote that never closes */
    int rc;
};

static void on_field(void *p, size_t n, void *ctx) {
    struct csv_state *s = ctx;
    if (s->rc == 0)
        row_set(&s->row, s->column, p, n);
    s->column++;
    s->since_field = 0;
}

static void on_row(int c, void *ctx) {
    struct csv_state *s = ctx;
    (void)c;
    s->number++;
    if (s->rc == 0 && s->number > LIMIT_IMPORT_ROWS)
        s->rc = table_fail(s->w, "表格超过 %d 行，请按领域分开导入", LIMIT_IMPORT_ROWS);
    if (s->rc == 0 && s->row.overflow)
        s->rc = table_fail(s->w, "第 %lld 行有一个单元格内容过长，请检查引号是否成对", (long long)s->number);
    if (s->rc == 0) {
        struct table_cells cells = {s->number, s->row.columns, row_views(&s->row), NULL};
        s->rc = s->sink->row(s->sink->ctx, &cells);
    }
    row_clear(&s->row);
    s->column = 0;
    s->since_field = 0;
}

static int feed(struct csv_state *s, const char *p, size_t n) {
    s->since_field += n;
    if (csv_parse(&s->parser, p, n, on_field, on_row, s) != n && s->rc == 0)
        return table_fail(s->w, "第 %lld 行附近不是有效的 CSV 内容", (long long)s->number + 1);
    if (s->rc == 0 && s->since_field > TABLE_CELL_BYTES + CHUNK)
        return table_fail(s->w, "第 %lld 行的引号没有成对，请检查后再导入", (long long)s->number + 1);
    return s->rc;
}

static int begin(struct csv_state *s, struct work *w, const struct table_sink *sink) {
    *s = (struct csv_state){.w = w, .sink = sink};
    if (csv_init(&s->parser, CSV_REPALL_NL) != 0)
        abort(); /* out of memory */
    return sink->sheet ? sink->sheet(sink->ctx, STR_NONE) : 0;
}

static int finish(struct csv_state *s, int rc) {
    if (rc == 0 && csv_fini(&s->parser, on_field, on_row, s) != 0)
        rc = table_fail(s->w, "文件末尾不完整");
    if (rc == 0)
        rc = s->rc;
    csv_free(&s->parser);
    row_free(&s->row);
    return rc;
}

int csv_read_text(struct work *w, struct str utf8, const struct table_sink *sink) {
    struct csv_state s;
    int rc = begin(&s, w, sink);
    if (str_starts(utf8, S("\xEF\xBB\xBF")))
        utf8 = str_sub(utf8, 3, utf8.n);
    for (size_t at = 0; rc == 0 && at < utf8.n; at += CHUNK)
        rc = feed(&s, utf8.p + at, utf8.n - at < CHUNK ? utf8.n - at : CHUNK);
    return finish(&s, rc);
}

/* ── encodings ── */

/* The bytes at the end of a piece that begin a character which the next piece completes. */
static size_t unfinished(const char *p, size_t n) {
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        unsigned char c = (unsigned char)p[n - back];
        if ((c & 0xC0) == 0x80)
            continue;
        size_t whole = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
        return whole > back ? back : 0;
    }
    return 0;
}

static bool file_is_utf8(int fd, bool *ret_nul) {
    char piece[CHUNK];
    size_t kept = 0;
    ssize_t n;
    bool valid = true;
    while ((n = read(fd, piece + kept, sizeof piece - kept)) > 0) {
        size_t have = kept + (size_t)n, tail = unfinished(piece, have);
        *ret_nul = *ret_nul || memchr(piece + kept, 0, (size_t)n);
        valid = valid && utf8_valid((struct str){piece, have - tail});
        memmove(piece, piece + have - tail, tail);
        kept = tail;
    }
    return valid && kept == 0;
}

static const char *encoding_of(int fd, bool *ret_text) {
    unsigned char head[3] = {0};
    bool nul = false;
    ssize_t n = pread(fd, head, sizeof head, 0);
    *ret_text = true;
    if (n >= 2 && head[0] == 0xFF && head[1] == 0xFE)
        return "UTF-16LE";
    if (n >= 2 && head[0] == 0xFE && head[1] == 0xFF)
        return "UTF-16BE";
    bool utf8 = file_is_utf8(fd, &nul);
    *ret_text = !nul;
    return utf8 ? "UTF-8" : "GB18030";
}

/* Feeds what iconv made of a piece; what it could not finish moves to the front. Invalid bytes are an error. */
static int convert(struct csv_state *s, iconv_t cd, char *piece, size_t *kept, size_t n, bool *first) {
    char out[CHUNK * 2], *in = piece;
    size_t left = *kept + n;
    while (left) {
        char *to = out;
        size_t room = sizeof out;
        size_t rc = iconv(cd, &in, &left, &to, &room);
        int why = errno;
        struct str text = {out, (size_t)(to - out)};
        if (*first && text.n) {
            *first = false;
            if (str_starts(text, S("\xEF\xBB\xBF")))
                text = str_sub(text, 3, text.n);
        }
        if (text.n && feed(s, text.p, text.n) < 0)
            return -1;
        if (rc == (size_t)-1 && why == EILSEQ)
            return table_fail(s->w, "第 %lld 行附近有无法识别的字符：文件应为 UTF-8 或 GBK 编码",
                              (long long)s->number + 1);
        if (rc == (size_t)-1 && why == EINVAL)
            break;
        if (s->rc)
            return s->rc;
    }
    memmove(piece, in, left);
    *kept = left;
    return s->rc;
}

static int read_all(struct csv_state *s, int fd, iconv_t cd) {
    char piece[CHUNK];
    size_t kept = 0;
    ssize_t n;
    bool first = true;
    int rc = 0;
    while (rc == 0 && (n = read(fd, piece + kept, sizeof piece - kept)) > 0)
        rc = convert(s, cd, piece, &kept, (size_t)n, &first);
    return rc == 0 && kept ? table_fail(s->w, "文件末尾不完整，可能没有传完") : rc;
}

int csv_read(struct work *w, const char *path, const struct table_sink *sink) {
    struct csv_state s;
    bool text;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return table_fail(w, "文件无法打开，请重新选择");
    const char *encoding = encoding_of(fd, &text);
    iconv_t cd = text ? iconv_open("UTF-8", encoding) : (iconv_t)-1;
    int rc = cd == (iconv_t)-1 ? table_fail(w, "这不是目录表格：请导入 Excel 表格（.xlsx）或 CSV 文件") : 0;
    if (rc == 0 && lseek(fd, 0, SEEK_SET) == 0 && (rc = begin(&s, w, sink)) == 0)
        rc = finish(&s, read_all(&s, fd, cd));
    if (cd != (iconv_t)-1)
        iconv_close(cd);
    close(fd);
    return rc;
}
