/* read_pdf.c: text and page count of a PDF by poppler. */
#include "blob/blob_internal.h"

#include <poppler.h>

#define PDF_PAGES 5000 /* read at most */

static void add_page(PopplerDocument *d, int i, struct reading *r) {
    PopplerPage *page = poppler_document_get_page(d, i);
    if (!page)
        return;
    char *text = poppler_page_get_text(page);
    if (text && utf8_valid(str_z(text)))
        reading_add(r, str_z(text));
    g_free(text);
    g_object_unref(page);
    reading_add(r, S("\f"));
}

/* A page break alone is no text. */
static bool nothing_to_read(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!strchr(" \n\t\f", s.p[i]))
            return false;
    return true;
}

void read_pdf(const char *path, struct reading *r) {
    GError *e = NULL;
    char *absolute = realpath(path, NULL), *uri = absolute ? g_filename_to_uri(absolute, NULL, NULL) : NULL;
    PopplerDocument *d = uri ? poppler_document_new_from_file(uri, NULL, &e) : NULL;
    if (d) {
        r->pages = poppler_document_get_n_pages(d);
        for (int i = 0; i < r->pages && i < PDF_PAGES && r->problem != problem_cut; i++)
            add_page(d, i, r);
        if (r->pages == 0)
            r->problem = problem_broken;
        else if (nothing_to_read(buf_str(&r->text)))
            r->problem = "文件里没有可以检查的文字（可能是扫描件），请人工核对";
        g_object_unref(d);
    } else {
        r->problem = e && g_error_matches(e, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED) ? problem_locked : problem_broken;
    }
    g_clear_error(&e);
    g_free(uri);
    free(absolute);
}
