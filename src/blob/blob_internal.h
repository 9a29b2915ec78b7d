/* blob_internal.h: what the files of this room share: kinds of files, the zip directory, extraction, paragraphs. */
#ifndef MINGTANG_BLOB_INTERNAL_H
#define MINGTANG_BLOB_INTERNAL_H

#include "blob/blob.h"

#define BLOB_NAME_CHARS 120
#define BLOB_TEXT_BYTES (1024 * 1024) /* extracted text kept per file */
#define BLOB_EXTRACTORS 2             /* helper processes at a time: each may take 1 GB for 20 s */
#define BLOB_CPU_SECONDS 20
#define BLOB_WALL_SECONDS 40 /* a helper that sleeps is ended too */
#define BLOB_OCR_SECONDS 900 /* of CPU and of the clock, to recognise one file */
#define BLOB_MEMORY_BYTES (1024LL * 1024 * 1024)
#define BLOB_XML_BYTES (64 * 1024 * 1024) /* one part of a document */
#define BLOB_ZIP_ENTRIES 20000
#define BLOB_XML_DEPTH 200

/* ── type.c ── */
enum blob_reader {                   /* how its text is read */
                   READ_NOTHING = 0, /* pictures, sound, film: nothing to read */
                   READ_PLAIN,
                   READ_PDF,
                   READ_DOCX,
                   READ_XLSX,
                   READ_PPTX,
                   READ_ODF,
                   READ_OFD,
                   READ_OLD,     /* Office before 2007, WPS, RTF */
                   READ_ARCHIVE, /* what is inside is not looked at */
                   READ_LOCKED,  /* encrypted as a whole */
};
struct blob_kind {
    const char
        *code; /* "docx": given to the helper as TYPE, and the stored extension unless the name's is allowed too */
    const char *extensions; /* space-separated; the first is the usual one */
    const char *type;       /* what it is served as */
    const char *name;       /* Chinese */
    enum blob_reader reader;
    const char *reason; /* why it is on the list */
};
extern const struct blob_kind blob_kinds[];
extern const size_t blob_kind_count;
const struct blob_kind *blob_kind(const char *code);
/* Decides by content, then asks that the (clean) name agrees. ret_extension: the name's, lower case.
 * -1: ERR_INVALID at `field` with the reason. */
int blob_sniff(struct work *w, const char *path, struct str name, const char *field, const struct blob_kind **ret,
               struct str *ret_extension);

/* ── zipdir.c: names in a zip's central directory, without unpacking anything ── */
struct zip_facts {
    bool valid; /* has a directory */
    bool word, excel, powerpoint, content_types, ofd, macro, locked;
    char mimetype[80];  /* first stored entry "mimetype" of ODF; "" none */
    char dangerous[80]; /* name of the first program or script inside; "" none */
};
void zip_look(int fd, struct zip_facts *ret);
bool blob_name_runs(struct str name); /* ends like a program or a script: .exe, .js, .bat … */

/* ── extract.c: the helper process, seen from the server ── */
struct extracted {
    int64_t pages;
    struct str problem, text; /* in the work's arena */
};
bool extract_stopped(void); /* blob_stop() was called */
struct helper_call {
    const char *arguments[4]; /* the hidden command and what it is given; NULL after the last */
    struct str input;         /* what it reads on stdin; STR_NONE nothing */
    int seconds;              /* of the clock, then it is ended */
    bool breaks;              /* blob_stop() ends it */
};
/* Runs this program as a helper; true when it ended well and answer holds what it said. */
bool helper_run(struct arena *a, const struct helper_call *c, struct buf *answer);
void helper_confine(int cpu_seconds); /* helper.c: gives up what a helper does not need */
int extract_run(struct work *w, const char *path, const char *type, size_t max, struct extracted *ret);

/* ── the readers, inside the helper; text goes to out (bounded), paragraphs end with \n, pages with \f ── */
struct reading {
    struct buf text;
    int64_t pages;
    const char *problem; /* Chinese, or NULL */
};
void read_plain(const char *path, struct reading *r);
void read_pdf(const char *path, struct reading *r);
void read_docx(const char *path, struct reading *r);
void read_xlsx(const char *path, struct reading *r);
void read_pptx(const char *path, struct reading *r);
void read_odf(const char *path, struct reading *r);
void read_ofd(const char *path, struct reading *r);
void read_ole(const char *path, struct reading *r);
void read_rtf(const char *path, struct reading *r);
void read_picture(const char *path, struct reading *r); /* by tesseract */
void read_scan(const char *path, struct reading *r);
void read_docx_html(const char *path, struct reading *r);
void reading_add(struct reading *r, struct str s); /* stops quietly when full, cutting between characters */
struct str plain_utf8(struct arena *a, struct str bytes, bool *ret_ok); /* BOM, UTF-8, UTF-16 or GB18030 to UTF-8 */

/* ── package.c: parts of a zipped document, bounded ── */
struct part {
    char *name;
    char *p; /* malloc'ed */
    size_t n;
};
struct package {
    struct part *v;
    size_t n, cap;
    const char *problem;
};
/* Reads the parts wanted(name) says yes to. 0, or -1 with problem set. */
int package_read(struct package *k, const char *path, bool (*wanted)(const char *name));
int package_read_bytes(struct package *k, const void *p, size_t n, bool (*wanted)(const char *name)); /* for fuzzing */
const struct part *package_part(const struct package *k, const char *name);
void package_sort(struct package *k); /* by name, numbers by value: slide2 before slide10 */
void package_free(struct package *k);
extern const char problem_broken[], problem_locked[], problem_bomb[], problem_cut[];

/* ── sealed.c ── */
const char *sealed_path(struct arena *a, const struct app_config *c, struct str file);
bool sealed_name_ok(struct str file); /* 32 hex digits */

/* ── docx_html.c ── */
void docx_html(const struct package *k, struct reading *r);
bool docx_html_wanted(const char *name);

/* ── pii.c ── */
/* As pii_scan; a "\f" ends a page called page_word, a "\n" a line called line_word. */
json_t *pii_scan_lines(struct arena *a, struct str text, const char *where, const char *page_word,
                       const char *line_word);
/* As pii_scan, with the number as it is written and its page: [{…, "phrase", "page"}]. Never to be stored. */
json_t *pii_scan_exact(struct arena *a, struct str text);
bool pii_credit_code(struct str s); /* 统一社会信用代码: 18 characters, GB 32100 check character */
#endif
