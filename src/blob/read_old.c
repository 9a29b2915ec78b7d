/* read_old.c: text of old formats: Word, Excel and PowerPoint before 2007 (and WPS) through catdoc's programs, which
 * run under the limits of the helper; RTF by hand, because Chinese systems write it in GBK bytes. */
#include "blob/blob_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OLD_BYTES (64LL * 1024 * 1024) /* looked at */
#define RTF_DEPTH 200

static const char problem_by_hand[] = "旧版格式，无法自动检查内容，请人工核对";
static const char problem_silent[] = "没有读出文字（可能已加密，或者只有图片），请人工核对";

struct mapped {
    const char *p;
    size_t n;
};

static bool map_file(const char *path, struct mapped *ret) {
    struct stat s;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *p = MAP_FAILED;
    if (fd >= 0 && fstat(fd, &s) == 0 && s.st_size > 0) {
        ret->n = s.st_size < OLD_BYTES ? (size_t)s.st_size : (size_t)OLD_BYTES;
        p = mmap(NULL, ret->n, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    if (fd >= 0)
        close(fd);
    ret->p = p == MAP_FAILED ? NULL : p;
    return ret->p != NULL;
}

/* ── OLE ── */

/* Is there a stream of this name? Names stand in the directory as UTF-16. */
static bool has_stream(const struct mapped *m, const char *name) {
    char wide[64];
    size_t n = 0;
    for (const char *c = name; *c && n + 2 < sizeof wide; c++) {
        wide[n++] = *c;
        wide[n++] = 0;
    }
    return memmem(m->p, m->n, wide, n) != NULL;
}

static void take_output(int fd, struct reading *r) {
    char chunk[16384], rest[4] = {0};
    size_t kept = 0; /* bytes of a character that the next chunk completes */
    for (;;) {
        memcpy(chunk, rest, kept);
        ssize_t k = read(fd, chunk + kept, sizeof chunk - kept);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return;
        size_t n = kept + (size_t)k, whole = n;
        for (size_t back = 1; back <= 3 && back <= n; back++) {
            unsigned char c = (unsigned char)chunk[n - back];
            if (c >= 0xC0) {
                whole = n - back;
                break;
            }
            if (c < 0x80)
                break;
        }
        kept = n - whole;
        memcpy(rest, chunk + whole, kept);
        reading_add(r, (struct str){chunk, whole});
    }
}

static void run_program(char *const *argv, struct reading *r) {
    extern char **environ;
    posix_spawn_file_actions_t fa;
    pid_t pid;
    int fds[2], status = -1;
    if (pipe2(fds, O_CLOEXEC) < 0) {
        r->problem = problem_by_hand;
        return;
    }
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_adddup2(&fa, fds[1], 1);
    posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
    int e = posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&fa);
    close(fds[1]);
    if (e == 0)
        take_output(fds[0], r);
    close(fds[0]);
    if (e == 0)
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    if (e != 0 || !WIFEXITED(status) || WEXITSTATUS(status) == 127)
        r->problem = problem_by_hand; /* not installed */
    else if (WEXITSTATUS(status) != 0 || str_trim(buf_str(&r->text)).n == 0)
        r->problem = problem_silent;
}

void read_ole(const char *path, struct reading *r) {
    static const struct {
        const char *stream, *program;
    } known[] = {
        {"WordDocument", "catdoc"}, {"Workbook", "xls2csv"}, {"Book", "xls2csv"}, {"PowerPoint Document", "catppt"}};
    struct mapped m;
    const char *program = NULL;
    if (!map_file(path, &m)) {
        r->problem = problem_broken;
        return;
    }
    bool locked = has_stream(&m, "EncryptedPackage") || has_stream(&m, "EncryptionInfo");
    for (size_t i = 0; i < countof(known) && !program; i++)
        if (has_stream(&m, known[i].stream))
            program = known[i].program;
    munmap((void *)(uintptr_t)m.p, m.n);
    char *argv[] = {(char *)(uintptr_t)program, (char[]){"-d"}, (char[]){"utf-8"}, (char *)(uintptr_t)path, NULL};
    if (locked)
        r->problem = problem_locked;
    else if (!program)
        r->problem = problem_by_hand;
    else
        run_program(argv, r);
}

/* ── RTF ── */

struct rtf {
    const char *p, *end;
    struct arena *a;
    struct buf bytes; /* of the document's code page, not yet made text */
    struct reading *r;
    int depth, quiet; /* quiet: the depth from which on a destination is not text; 0 none */
    int fallback[RTF_DEPTH], skip;
};

static void rtf_flush(struct rtf *x) {
    bool ok = true;
    struct str s = buf_str(&x->bytes);
    if (!s.n)
        return;
    struct str text = plain_utf8(x->a, s, &ok);
    if (ok && utf8_valid(text))
        reading_add(x->r, text);
    buf_clear(&x->bytes);
}

static void rtf_byte(struct rtf *x, unsigned char c) {
    if (x->skip > 0)
        x->skip--;
    else if (!x->quiet)
        buf_addc(&x->bytes, (char)c);
}

static void rtf_unicode(struct rtf *x, int64_t n) {
    char out[4];
    uint32_t c = (uint32_t)(n < 0 ? n + 65536 : n);
    rtf_flush(x);
    if (!x->quiet && c >= 0x20 && c < 0xD800)
        reading_add(x->r, (struct str){out, utf8_put(out, c)});
    else if (!x->quiet && c >= 0xE000 && c <= 0xFFFD)
        reading_add(x->r, (struct str){out, utf8_put(out, c)});
    x->skip = x->depth < RTF_DEPTH ? x->fallback[x->depth] : 1;
}

static bool rtf_silent(struct str word) {
    static const char *const silent[] = {
        "fonttbl",   "colortbl",  "stylesheet",        "info",     "pict",        "object", "generator", "themedata",
        "datastore", "listtable", "listoverridetable", "xmlnstbl", "latentstyles"};
    for (size_t i = 0; i < countof(silent); i++)
        if (str_is(word, silent[i]))
            return true;
    return false;
}

static void rtf_word(struct rtf *x) {
    const char *from = x->p;
    while (x->p < x->end && ((*x->p | 32) >= 'a' && (*x->p | 32) <= 'z'))
        x->p++;
    struct str word = {from, (size_t)(x->p - from)};
    int64_t n = 0, sign = 1;
    if (x->p < x->end && *x->p == '-') {
        sign = -1;
        x->p++;
    }
    for (int digits = 0; x->p < x->end && *x->p >= '0' && *x->p <= '9' && digits < 9; digits++)
        n = n * 10 + (*x->p++ - '0');
    n *= sign;
    if (x->p < x->end && *x->p == ' ')
        x->p++;
    if (str_is(word, "u"))
        rtf_unicode(x, n);
    else if (str_is(word, "uc") && x->depth < RTF_DEPTH)
        x->fallback[x->depth] = n >= 0 && n < 8 ? (int)n : 1;
    else if (str_is(word, "par") || str_is(word, "line") || str_is(word, "row") || str_is(word, "sect"))
        rtf_byte(x, '\n');
    else if (str_is(word, "tab") || str_is(word, "cell"))
        rtf_byte(x, '\t');
    else if (rtf_silent(word) && !x->quiet)
        x->quiet = x->depth;
    else if (str_is(word, "bin")) /* raw bytes follow */
        x->p += n > 0 && n < x->end - x->p ? n : 0;
}

static int hex_of(char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* After a backslash. */
static void rtf_control(struct rtf *x) {
    char c = *x->p;
    if ((c | 32) >= 'a' && (c | 32) <= 'z') {
        rtf_word(x);
        return;
    }
    x->p++;
    if (c == '\'' && x->end - x->p >= 2 && hex_of(x->p[0]) >= 0 && hex_of(x->p[1]) >= 0) {
        rtf_byte(x, (unsigned char)(hex_of(x->p[0]) * 16 + hex_of(x->p[1])));
        x->p += 2;
    } else if (c == '*' && !x->quiet) {
        x->quiet = x->depth; /* a destination that readers may leave out */
    } else if (c == '~') {
        rtf_byte(x, ' ');
    } else if (c == '\\' || c == '{' || c == '}') {
        rtf_byte(x, (unsigned char)c);
    }
}

static void rtf_group(struct rtf *x, int by) {
    rtf_flush(x);
    x->skip = 0;
    x->depth += by;
    if (by > 0 && x->depth < RTF_DEPTH)
        x->fallback[x->depth] = x->fallback[x->depth - 1];
    if (by < 0 && x->depth < x->quiet)
        x->quiet = 0;
}

void read_rtf(const char *path, struct reading *r) {
    struct mapped m;
    if (!map_file(path, &m)) {
        r->problem = problem_broken;
        return;
    }
    struct rtf x = {.p = m.p, .end = m.p + m.n, .a = arena_new(LIMIT_ARENA_BYTES), .r = r, .fallback = {1, 1}};
    buf_init(&x.bytes, BLOB_TEXT_BYTES * 2);
    while (x.p < x.end && x.depth >= 0) {
        char c = *x.p++;
        if (c == '\\' && x.p < x.end)
            rtf_control(&x);
        else if (c == '{' || c == '}')
            rtf_group(&x, c == '{' ? 1 : -1);
        else if (c != '\r' && c != '\n' && c != '\\')
            rtf_byte(&x, (unsigned char)c);
    }
    rtf_flush(&x);
    if (x.bytes.failed)
        r->problem = problem_cut;
    else if (str_trim(buf_str(&r->text)).n == 0)
        r->problem = problem_silent;
    buf_release(&x.bytes);
    arena_free(x.a);
    munmap((void *)(uintptr_t)m.p, m.n);
}
