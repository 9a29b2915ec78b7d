/* fuzz_document.c: any bytes as the HTML of a document. Tables are whole grids; the Word document is a package whose
 * XML is well-formed. */
#include "paper/paper_blocks.h"
#include "view/view.h"

#include <archive.h>
#include <archive_entry.h>
#include <libxml/parser.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good, const char *what) {
    if (good)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

/* Every row's cells and what they cover make up the columns. */
static void check_table(const struct block_table *t) {
    for (size_t i = 0; i < t->rows; i++) {
        size_t covered = 0;
        for (size_t k = 0; k < t->columns; k++) {
            const struct table_cell *c = &t->cells[i * t->columns + k];
            must(c->columns >= 0 && k + (size_t)c->columns <= t->columns, "a cell reaches out of its row");
            covered += (size_t)c->columns;
        }
        must(covered == t->columns, "a row is not whole");
    }
}

static void check_part(struct archive *a, int64_t n) {
    char *text = malloc((size_t)n + 1);
    must(text && archive_read_data(a, text, (size_t)n) == n, "a part is cut");
    xmlDocPtr d = xmlReadMemory(text, (int)n, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE);
    must(d != NULL, "a part is not well-formed");
    xmlFreeDoc(d);
    free(text);
}

static void check_package(struct str bytes) {
    struct archive *a = archive_read_new();
    struct archive_entry *e;
    int parts = 0;
    archive_read_support_format_zip(a);
    must(archive_read_open_memory(a, bytes.p, bytes.n) == ARCHIVE_OK, "no package");
    for (; archive_read_next_header(a, &e) == ARCHIVE_OK; parts++)
        check_part(a, archive_entry_size(e));
    must(parts == 6, "a part is missing");
    archive_read_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct work w = {.arena = arena_new(LIMIT_ARENA_BYTES)};
    struct str html, bytes;
    struct blocks blocks;
    if (html_sanitise(&w, (struct str){(const char *)data, size}, &html) == 0) {
        blocks_of(w.arena, html, &blocks);
        for (size_t i = 0; i < blocks.n; i++)
            if (blocks.v[i].kind == BLOCK_TABLE)
                check_table(&blocks.v[i].table);
        struct paper_document d = {
            .title = str_sub(html_text(w.arena, html), 0, 100), .html = html, .footer = S("页脚")};
        if (utf8_valid(d.title) && paper_docx(&w, &d, &bytes) == 0)
            check_package(bytes);
    }
    arena_free(w.arena);
    return 0;
}
