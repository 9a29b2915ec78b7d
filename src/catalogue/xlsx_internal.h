/* xlsx_internal.h: the parts of a workbook, streamed out of the zip within limits. */
#ifndef MINGTANG_XLSX_INTERNAL_H
#define MINGTANG_XLSX_INTERNAL_H

#include "catalogue/table_internal.h"

#include <libxml/xmlreader.h>

#define XLSX_ENTRIES 5000
#define XLSX_SHEETS 100
#define XLSX_STYLES 65536
#define XLSX_STRING_BYTES (96 * 1024 * 1024) /* shared strings kept in memory */
#define XLSX_MERGES 200000

struct xlsx_sheet {
    struct str name, id, part; /* part: path in the zip */
    bool hidden;
};
struct xlsx {
    struct work *w;
    const char *path;
    int64_t packed, unpacked; /* bytes of the file; bytes unpacked so far */
    struct arena *arena;      /* strings, names */
    struct xlsx_sheet sheets[XLSX_SHEETS];
    size_t sheet_count;
    struct str strings_part, styles_part;
    struct str *strings;
    size_t string_count, string_cap;
    bool *date_style; /* per cellXfs index */
    size_t style_count;
    bool date1904;
};

/* xlsx_package.c */
int xlsx_check(struct xlsx *x); /* a zip, complete, not encrypted, not a bomb, a workbook */
/* Streams one part through fn(reader, ctx), called on every node. count: its bytes count against the limit (a part read
 * twice counts once). Absent: 0 when optional. */
typedef int xlsx_node_fn(xmlTextReader *r, int type, const char *name, void *ctx);
int xlsx_part(struct xlsx *x, struct str part, bool optional, bool count, xlsx_node_fn *fn, void *ctx);
struct str xml_attribute(struct arena *a, xmlTextReader *r, const char *local_name); /* "" when absent */

/* xlsx_parts.c: workbook, shared strings, styles. */
int xlsx_open(struct xlsx *x);
#endif
