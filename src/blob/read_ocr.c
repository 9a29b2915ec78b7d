/* read_ocr.c: text of pictures and scanned pages by tesseract (Simplified Chinese and English), in the helper under
 * larger limits. Pages with text of their own are taken as they are. */
#include "blob/blob_internal.h"

#include <cairo.h>
#include <errno.h>
#include <fcntl.h>
#include <poppler.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define OCR_PAGES 60 /* read at most */
#define OCR_DPI 200.0
#define OCR_PIXELS 6000 /* of a side: larger pages are drawn smaller */

static const char problem_no_ocr[] = "没有安装文字识别程序（tesseract-ocr-chi-sim），请人工核对";

static pid_t start(const char *input, int in, int out) {
    extern char **environ;
    char *argv[] = {(char[]){"tesseract"},   (char *)(uintptr_t)input, (char[]){"stdout"}, (char[]){"-l"},
                    (char[]){"chi_sim+eng"}, (char[]){"--psm"},        (char[]){"3"},      NULL};
    posix_spawn_file_actions_t fa;
    pid_t pid = -1;
    setenv("OMP_THREAD_LIMIT", "1", 1);
    posix_spawn_file_actions_init(&fa);
    if (in >= 0)
        posix_spawn_file_actions_adddup2(&fa, in, 0);
    posix_spawn_file_actions_adddup2(&fa, out, 1);
    posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ) != 0)
        pid = -1;
    posix_spawn_file_actions_destroy(&fa);
    return pid;
}

/* Blanks that the program puts between Han characters are no blanks of the text. */
static void add_recognised(struct reading *r, struct str s) {
    bool han = false;
    for (struct str rest = s; rest.n;) {
        const char *at = rest.p;
        int32_t c = utf8_next(&rest);
        struct str next = rest;
        bool blank = c == ' ', next_han = next.n && utf8_next(&next) >= 0x2E80;
        if (!(blank && han && next_han))
            reading_add(r, (struct str){at, (size_t)(rest.p - at)});
        if (!blank)
            han = c >= 0x2E80;
    }
}

static bool finish(pid_t pid, int fd, struct reading *r) {
    struct buf b;
    int status = -1;
    char chunk[16384];
    ssize_t k;
    buf_init(&b, BLOB_TEXT_BYTES);
    while ((k = read(fd, chunk, sizeof chunk)) > 0 || (k < 0 && errno == EINTR))
        if (k > 0)
            buf_add(&b, (struct str){chunk, (size_t)k});
    close(fd);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0 && utf8_valid(buf_str(&b));
    if (ok)
        add_recognised(r, str_trim(buf_str(&b)));
    else if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        r->problem = problem_no_ocr;
    buf_release(&b);
    return ok;
}

void read_picture(const char *path, struct reading *r) {
    int out[2];
    if (pipe2(out, O_CLOEXEC) < 0)
        return;
    pid_t pid = start(path, -1, out[1]);
    close(out[1]);
    if (pid < 0) {
        close(out[0]);
        r->problem = problem_no_ocr;
        return;
    }
    r->pages = 1;
    if (!finish(pid, out[0], r) && !r->problem)
        r->problem = problem_broken;
    reading_add(r, S("\f"));
}

/* The page in grey, as a PGM. */
static bool write_page(PopplerPage *page, FILE *to) {
    double width, height;
    poppler_page_get_size(page, &width, &height);
    double side = width > height ? width : height, scale = OCR_DPI / 72.0;
    if (side * scale > OCR_PIXELS)
        scale = OCR_PIXELS / side;
    int w = (int)(width * scale), h = (int)(height * scale);
    cairo_surface_t *s = w > 0 && h > 0 ? cairo_image_surface_create(CAIRO_FORMAT_RGB24, w, h) : NULL;
    if (!s || cairo_surface_status(s) != CAIRO_STATUS_SUCCESS)
        return false;
    cairo_t *c = cairo_create(s);
    cairo_set_source_rgb(c, 1, 1, 1);
    cairo_paint(c);
    cairo_scale(c, scale, scale);
    poppler_page_render(page, c);
    cairo_destroy(c);
    cairo_surface_flush(s);
    const unsigned char *p = cairo_image_surface_get_data(s);
    int stride = cairo_image_surface_get_stride(s);
    fprintf(to, "P5\n%d %d\n255\n", w, h);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const unsigned char *q = p + (size_t)y * (size_t)stride + (size_t)x * 4;
            putc((q[0] + q[1] * 2 + q[2]) / 4, to);
        }
    cairo_surface_destroy(s);
    return true;
}

static void recognise_page(PopplerPage *page, struct reading *r) {
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) < 0)
        return;
    if (pipe2(out, O_CLOEXEC) < 0) {
        close(in[0]);
        close(in[1]);
        return;
    }
    pid_t pid = start("stdin", in[0], out[1]);
    close(in[0]);
    close(out[1]);
    FILE *to = fdopen(in[1], "wb");
    if (pid > 0 && to)
        write_page(page, to);
    if (to)
        fclose(to);
    else
        close(in[1]);
    if (pid < 0) {
        close(out[0]);
        r->problem = problem_no_ocr;
        return;
    }
    finish(pid, out[0], r);
}

void read_scan(const char *path, struct reading *r) {
    char *absolute = realpath(path, NULL), *uri = absolute ? g_filename_to_uri(absolute, NULL, NULL) : NULL;
    PopplerDocument *d = uri ? poppler_document_new_from_file(uri, NULL, NULL) : NULL;
    signal(SIGPIPE, SIG_IGN);
    r->pages = d ? poppler_document_get_n_pages(d) : 0;
    for (int i = 0; i < r->pages && i < OCR_PAGES && !r->problem; i++) {
        PopplerPage *page = poppler_document_get_page(d, i);
        char *text = page ? poppler_page_get_text(page) : NULL;
        if (text && utf8_valid(str_z(text)) && str_trim(str_z(text)).n)
            reading_add(r, str_z(text));
        else if (page)
            recognise_page(page, r);
        g_free(text);
        if (page)
            g_object_unref(page);
        reading_add(r, S("\f"));
    }
    if (r->pages > OCR_PAGES && !r->problem)
        r->problem = problem_cut;
    if (!d)
        r->problem = problem_broken;
    else
        g_object_unref(d);
    g_free(uri);
    free(absolute);
}
