/* paper_word.c: the package of a Word document (OOXML), written with libarchive. */
#include "paper/paper_word.h"

#include <archive.h>
#include <archive_entry.h>

#define MAIN "application/vnd.openxmlformats-officedocument.wordprocessingml."

void word_text(struct buf *b, struct str s) {
    for (struct str rest = s; rest.n;) {
        const char *at = rest.p;
        int32_t c = utf8_next(&rest);
        size_t n = (size_t)(rest.p - at);
        if (c < 0)
            break;
        if (c == '&')
            buf_addz(b, "&amp;");
        else if (c == '<')
            buf_addz(b, "&lt;");
        else if (c == '>')
            buf_addz(b, "&gt;");
        else if (c >= ' ' && c != 0xFFFE && c != 0xFFFF)
            buf_add(b, (struct str){at, n});
    }
}

static const char package_rels[] = XML
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" "
    "Type=\"" WORD_RELATIONS "/officeDocument\" Target=\"word/document.xml\"/></Relationships>";

static struct str content_types(struct arena *a, const struct word_part *parts, size_t count) {
    struct str s = S(XML "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default "
                         "Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
                         "<Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" "
                         "ContentType=\"image/png\"/><Override PartName=\"/word/document.xml\" "
                         "ContentType=\"" MAIN "document.main+xml\"/>");
    for (size_t i = 0; i < count; i++)
        if (str_ends(str_z(parts[i].name), S(".xml")))
            s = str_printf(a, "%.*s<Override PartName=\"/word/%s\" ContentType=\"" MAIN "%s+xml\"/>", STR_ARG(s),
                           parts[i].name, parts[i].kind);
    return str_printf(a, "%.*s</Types>", STR_ARG(s));
}

static struct str document_rels(struct arena *a, const struct word_part *parts, size_t count) {
    struct str s = S(XML "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">");
    for (size_t i = 0; i < count; i++)
        s = str_printf(a, "%.*s<Relationship Id=\"rId%zu\" Type=\"" WORD_RELATIONS "/%s\" Target=\"%s\"/>", STR_ARG(s),
                       i + 1, parts[i].kind, parts[i].name);
    return str_printf(a, "%.*s</Relationships>", STR_ARG(s));
}

static bool add_part(struct archive *z, const char *name, struct str bytes, int64_t at) {
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname_utf8(e, name);
    archive_entry_set_size(e, (la_int64_t)bytes.n);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_mtime(e, (time_t)(at / 1000), 0);
    bool ok =
        archive_write_header(z, e) == ARCHIVE_OK && archive_write_data(z, bytes.p, bytes.n) == (la_ssize_t)bytes.n;
    archive_entry_free(e);
    return ok;
}

static bool add_parts(struct archive *z, struct arena *a, const struct word_part *parts, size_t count, int64_t at) {
    for (size_t i = 0; i < count; i++) {
        const struct word_part *p = &parts[i];
        if (!add_part(z, str_printf(a, "word/%s", p->name).p, p->bytes, at) ||
            (p->relations.n && !add_part(z, str_printf(a, "word/_rels/%s.rels", p->name).p, p->relations, at)))
            return false;
    }
    return true;
}

static la_ssize_t take(struct archive *z, void *ctx, const void *p, size_t n) {
    struct buf *b = ctx;
    (void)z;
    buf_add(b, (struct str){p, n});
    return b->failed ? -1 : (la_ssize_t)n;
}

int word_package(struct work *w, struct str document, const struct word_part *parts, size_t count, struct str *ret) {
    struct buf out;
    struct arena *a = w->arena;
    buf_init(&out, PAPER_MAX_BYTES);
    struct archive *z = archive_write_new();
    bool ok = document.n && archive_write_set_format_zip(z) == ARCHIVE_OK &&
              archive_write_set_bytes_in_last_block(z, 1) == ARCHIVE_OK && /* no padding behind the directory */
              archive_write_open(z, &out, NULL, take, NULL) == ARCHIVE_OK &&
              add_part(z, "[Content_Types].xml", content_types(a, parts, count), w->now) &&
              add_part(z, "_rels/.rels", str_z(package_rels), w->now) &&
              add_part(z, "word/document.xml", document, w->now) &&
              add_part(z, "word/_rels/document.xml.rels", document_rels(a, parts, count), w->now) &&
              add_parts(z, a, parts, count, w->now);
    ok = archive_write_close(z) == ARCHIVE_OK && ok;
    archive_write_free(z);
    if (ok)
        *ret = str_dup(a, buf_str(&out));
    buf_release(&out);
    return ok ? 0 : fail(w, ERR_TOO_LARGE, "内容太多，不能做成 Word 文档，请下载 PDF 或打印稿");
}
