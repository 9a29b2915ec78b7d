/* xlsx_package.c: the zip around a workbook: checked before anything is read, then one part at a time as a stream of
 * XML nodes. Declared sizes may lie, so what is really unpacked is counted as well. */
#include "catalogue/xlsx_internal.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#define RATIO_FLOOR (2 * 1024 * 1024) /* small files may compress well */
#define NODE_BYTES (4 * 1024 * 1024)

static const char broken[] = "表格文件不完整或已损坏，请在 Excel 或 WPS 中打开、另存为 .xlsx 后再导入";
static const char bomb[] = "表格文件解压后过大，可能不是正常的目录表格，请另存或分开后再导入";

static struct archive *open_zip(const char *path) {
    struct archive *a = archive_read_new();
    if (!a)
        abort();
    archive_read_support_format_zip_seekable(a);
    if (archive_read_open_filename(a, path, 65536) == ARCHIVE_OK)
        return a;
    archive_read_free(a);
    return NULL;
}

static int64_t most(const struct xlsx *x) {
    int64_t by_ratio =
        x->packed > LIMIT_UNZIPPED_BYTES / LIMIT_UNZIP_RATIO ? LIMIT_UNZIPPED_BYTES : x->packed * LIMIT_UNZIP_RATIO;
    return by_ratio < RATIO_FLOOR ? RATIO_FLOOR : by_ratio;
}

struct survey {
    int entries;
    int64_t declared;
    bool workbook, word, ods, encrypted;
};

static void look(struct survey *s, struct archive_entry *e) {
    const char *name = archive_entry_pathname(e);
    s->entries++;
    if (archive_entry_size_is_set(e) && archive_entry_size(e) > 0 &&
        __builtin_add_overflow(s->declared, archive_entry_size(e), &s->declared))
        s->declared = INT64_MAX;
    s->encrypted |= archive_entry_is_encrypted(e) > 0;
    if (!name)
        return;
    s->workbook |= strcmp(name, "xl/workbook.xml") == 0;
    s->word |= strncmp(name, "word/", 5) == 0;
    s->ods |= strcmp(name, "mimetype") == 0;
}

int xlsx_check(struct xlsx *x) {
    struct stat st;
    struct survey s = {0};
    struct archive_entry *e;
    struct archive *a = stat(x->path, &st) == 0 ? open_zip(x->path) : NULL;
    int rc = ARCHIVE_OK;
    x->packed = a ? (int64_t)st.st_size : 0;
    while (a && s.entries <= XLSX_ENTRIES && s.declared <= LIMIT_UNZIPPED_BYTES &&
           ((rc = archive_read_next_header(a, &e)) == ARCHIVE_OK || rc == ARCHIVE_WARN))
        look(&s, e);
    if (a)
        archive_read_free(a);
    if (s.encrypted)
        return table_fail(x->w, "表格文件加了密码，请去掉密码、另存后再导入");
    if (s.entries > XLSX_ENTRIES || s.declared > most(x))
        return table_fail(x->w, "%s", bomb);
    if (!a || rc != ARCHIVE_EOF)
        return table_fail(x->w, "%s", broken);
    if (!s.workbook)
        return table_fail(x->w, "%s",
                          s.word  ? "这是 Word 文件，请导入 Excel 表格（.xlsx）或 CSV 文件"
                          : s.ods ? "这是 ODS 表格，请另存为 .xlsx 后再导入"
                                  : "这是压缩包，不是 Excel 表格，请解压后选择其中的表格导入");
    return 0;
}

/* ── one part ── */

struct part_stream {
    struct xlsx *x;
    struct archive *a;
    int64_t given;
    bool too_large, failed;
};

static int read_part(void *ctx, char *out, int size) {
    struct part_stream *s = ctx;
    if (s->x->unpacked + s->given > most(s->x)) {
        s->too_large = true;
        return -1;
    }
    la_ssize_t n = archive_read_data(s->a, out, (size_t)size);
    if (n < 0) {
        s->failed = true;
        return -1;
    }
    s->given += n;
    return (int)n;
}

static void be_silent(void *ctx, xmlErrorPtr error) {
    (void)ctx;
    (void)error;
}

static int walk(struct part_stream *s, xlsx_node_fn *fn, void *ctx) {
    xmlTextReader *r = xmlReaderForIO(read_part, NULL, s, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOCDATA);
    int more = -1, rc = 0;
    if (!r)
        return table_fail(s->x->w, "%s", broken);
    xmlTextReaderSetStructuredErrorHandler(r, be_silent, NULL);
    while (rc == 0 && (more = xmlTextReaderRead(r)) == 1) {
        int type = xmlTextReaderNodeType(r);
        const xmlChar *name = xmlTextReaderConstLocalName(r);
        if (type == XML_READER_TYPE_DOCUMENT_TYPE || type == XML_READER_TYPE_ENTITY_REFERENCE)
            rc = table_fail(s->x->w, "%s", broken); /* no spreadsheet program writes these */
        else
            rc = fn(r, type, name ? (const char *)name : "", ctx);
    }
    xmlFreeTextReader(r);
    if (s->too_large)
        return table_fail(s->x->w, "%s", bomb);
    return rc == 0 && (more < 0 || s->failed) ? table_fail(s->x->w, "%s", broken) : rc;
}

int xlsx_part(struct xlsx *x, struct str part, bool optional, bool count, xlsx_node_fn *fn, void *ctx) {
    struct archive *a = open_zip(x->path);
    struct archive_entry *e;
    int rc = 0, found;
    if (!a)
        return table_fail(x->w, "%s", broken);
    while ((found = archive_read_next_header(a, &e)) == ARCHIVE_OK || found == ARCHIVE_WARN)
        if (archive_entry_pathname(e) && str_is(part, archive_entry_pathname(e)))
            break;
    if (found == ARCHIVE_OK || found == ARCHIVE_WARN) {
        struct part_stream s = {.x = x, .a = a};
        rc = walk(&s, fn, ctx);
        x->unpacked += count ? s.given : 0;
    } else if (!optional) {
        rc = table_fail(x->w, "%s", broken);
    }
    archive_read_free(a);
    return rc;
}

struct str xml_attribute(struct arena *a, xmlTextReader *r, const char *local_name) {
    struct str out = STR_NONE;
    for (int more = xmlTextReaderMoveToFirstAttribute(r); more == 1; more = xmlTextReaderMoveToNextAttribute(r)) {
        const xmlChar *name = xmlTextReaderConstLocalName(r), *value = xmlTextReaderConstValue(r);
        if (name && value && strcmp((const char *)name, local_name) == 0 && !out.p)
            out = str_dup(a, str_z((const char *)value));
    }
    xmlTextReaderMoveToElement(r);
    return out;
}
