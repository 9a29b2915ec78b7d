/* helper.c: the hidden command extract-text: gives up what it does not need, reads one file, answers on stdout. */
#include "blob/blob_internal.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

const char problem_broken[] = "文件已损坏，无法检查内容";
const char problem_locked[] = "文件已加密，无法检查内容";
const char problem_bomb[] = "文件解压后过大，无法检查内容";
const char problem_cut[] = "文字过多，只检查了前一部分，其余请人工核对";

static void limit(int what, rlim_t value) {
    struct rlimit r = {value, value};
    setrlimit(what, &r);
}

/* The sanitisers reserve more address space than the limit allows. */
#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_LIMITED 0
#else
#define MEMORY_LIMITED 1
#endif

/* Best effort beyond the limits: a kernel that refuses a namespace still has the rest. */
void helper_confine(int cpu_seconds) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    signal(SIGXFSZ, SIG_IGN); /* a library that would write a cache is told no, not ended */
    limit(RLIMIT_CPU, (rlim_t)cpu_seconds);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, 64);
    if (MEMORY_LIMITED)
        limit(RLIMIT_AS, BLOB_MEMORY_BYTES);
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        prctl(PR_SET_DUMPABLE, 0);
}

void reading_add(struct reading *r, struct str s) {
    size_t room = r->text.max - r->text.n;
    bool full = s.n > room;
    if (full) {
        s.n = room;
        while (s.n && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
            s.n--;
        if (!r->problem)
            r->problem = problem_cut;
    }
    size_t done = 0;
    for (size_t i = 0; i < s.n; i++) { /* control characters have no place in a text */
        unsigned char c = (unsigned char)s.p[i];
        if ((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t' || c == '\f')
            continue;
        buf_add(&r->text, str_sub(s, done, i - done));
        done = i + 1;
    }
    buf_add(&r->text, str_sub(s, done, s.n - done));
}

static const struct {
    const char *type;
    void (*read)(const char *path, struct reading *r);
    size_t max;
} readers[] = {
    {"txt", read_plain, BLOB_TEXT_BYTES},
    {"pdf", read_pdf, BLOB_TEXT_BYTES},
    {"docx", read_docx, BLOB_TEXT_BYTES},
    {"xlsx", read_xlsx, BLOB_TEXT_BYTES},
    {"pptx", read_pptx, BLOB_TEXT_BYTES},
    {"odt", read_odf, BLOB_TEXT_BYTES},
    {"ods", read_odf, BLOB_TEXT_BYTES},
    {"odp", read_odf, BLOB_TEXT_BYTES},
    {"ofd", read_ofd, BLOB_TEXT_BYTES},
    {"ole", read_ole, BLOB_TEXT_BYTES},
    {"rtf", read_rtf, BLOB_TEXT_BYTES},
    {"docx-html", read_docx_html, LIMIT_BODY_TEXT},
    {"ocr-picture", read_picture, BLOB_TEXT_BYTES},
    {"ocr-scan", read_scan, BLOB_TEXT_BYTES},
};

int blob_extract_main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    helper_confine(str_starts(str_z(argv[2]), S("ocr-")) ? BLOB_OCR_SECONDS : BLOB_CPU_SECONDS);
    for (size_t i = 0; i < countof(readers); i++) {
        if (strcmp(readers[i].type, argv[2]) != 0)
            continue;
        struct reading r = {0};
        buf_init(&r.text, readers[i].max);
        readers[i].read(argv[1], &r);
        if (r.text.n && !utf8_valid(buf_str(&r.text))) {
            r.problem = problem_broken;
            buf_clear(&r.text);
        }
        printf("mingtang-extract 1\npages %lld\nproblem %s\n\n", (long long)r.pages, r.problem ? r.problem : "");
        fwrite(r.text.p ? r.text.p : "", 1, r.text.n, stdout);
        int bad = fflush(stdout);
        buf_release(&r.text);
        return bad ? 1 : 0;
    }
    return 2;
}
