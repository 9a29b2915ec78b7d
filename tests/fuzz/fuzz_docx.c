/* fuzz_docx.c: a .docx (starts with PK), or the XML of its document, into HTML: no crash, valid text, tags in balance.
 */
#include "blob/blob_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct reading *r) {
    long depth = 0;
    if (r->text.n && !utf8_valid(buf_str(&r->text)))
        abort();
    for (size_t i = 0; i + 3 < r->text.n; i++)
        if (r->text.p[i] == '<' && memcmp(r->text.p + i, "<br>", 4) != 0) {
            depth += r->text.p[i + 1] == '/' ? -1 : 1;
            if (depth < 0)
                abort();
        }
    if (depth != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct package k = {0};
    struct reading r = {0};
    struct part one = {(char *)(uintptr_t) "word/document.xml", (char *)(uintptr_t)data, size};
    struct package plain = {.v = &one, .n = 1};
    buf_init(&r.text, LIMIT_BODY_TEXT);
    if (size > 2 && memcmp(data, "PK", 2) == 0) {
        if (package_read_bytes(&k, data, size, docx_html_wanted) == 0)
            docx_html(&k, &r);
        package_free(&k);
    } else if (size) {
        docx_html(&plain, &r);
    }
    check(&r);
    buf_release(&r.text);
    return 0;
}
