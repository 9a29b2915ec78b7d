/* blob.h: attachments: content-addressed store on a POSIX path, sniffing, text extraction, personal-data scan. */
#ifndef MINGTANG_BLOB_H
#define MINGTANG_BLOB_H
#include "base/base.h"
#include "db/db.h"
#include "http/http.h"
#include "ledger/ledger.h"
#include <jansson.h>

struct blob {
    int64_t id;
    char sha256[65]; /* hex; the name in the store: data_dir/blobs/ab/cd/<sha256> */
    char sm3[65];
    int64_t size;
    struct str type;      /* sniffed by libmagic, never the claimed one */
    struct str extension; /* by type: "pdf" */
    int64_t pages;        /* PDF pages, XLSX sheets; 0 unknown */
    struct str scan;      /* JSON text of findings: [{"kind","masked","where"}] */
    struct str problem;   /* "", or Chinese: encrypted, damaged, … */
};
/* Takes in one uploaded file: checks the allow-list of types by content and name (a renamed executable is
 * refused), hashes, moves into the store (fsync), inserts or finds the row, extracts text and scans it.
 * Opens its own short transaction: call outside one (the extraction is slow). -1 with a Chinese reason at `field`. */
int blob_take(struct work *w, const struct app_config *c, const struct http_file *f, const char *field,
              struct blob *ret);
int blob_get(struct work *w, int64_t id, struct blob *ret); /* -1 ERR_NOT_FOUND */
const char *blob_path(struct arena *a, const struct app_config *c, const char *sha256);
struct str blob_text(struct work *w, int64_t id);             /* extracted text, "" when none */
struct str blob_clean_name(struct arena *a, struct str name); /* no path, no control characters, ≤ 120 characters */

/* Recognises the text of a picture or scan (job "ocr" that blob_take queues when config->ocr): minutes. Outside a
 * transaction. 1 text was found, 0 nothing to do, -1. */
int blob_recognise(struct work *w, int64_t id);
void blob_stop(void); /* the program ends: a recognition under way is broken off, its job begins anew later */

/* Opens a .docx into clean HTML for the editor: paragraphs, headings, emphasis, lists, tables with spans. */
int docx_to_html(struct work *w, const char *path, struct str *ret_html);
/* The hidden command `mingtang extract-text PATH TYPE`: reads a hostile file in a process of its own. Exit code. */
int blob_extract_main(int argc, char **argv);
/* The program that has that command; default /proc/self/exe. For tests; the text must outlive all use. */
void blob_set_extractor(const char *path);

/* ── sealed files: identity documents, opinions of third parties, documents released to one applicant ──
 * Encrypted on disk, name and bytes, under a key per file. Who may see one is the matter's to say. */
struct sealed_file {
    int64_t id, size;
    struct str name, type, extension;
};
/* Takes in an upload of a kind blob_take would take, of at most max_bytes (0: LIMIT_SEALED_BYTES). Its row is written
 * in the open transaction, or in one of its own. -1 with a Chinese reason at `field`. */
int sealed_take(struct work *w, const struct http_file *f, const char *field, int64_t max_bytes,
                struct sealed_file *ret);
/* The same for a document that the program made. */
int sealed_put(struct work *w, struct str name, struct str type, struct str bytes, struct sealed_file *ret);
/* It belongs to a matter from now on: once only; unclaimed ones are erased after a day. Inside the open transaction. */
int sealed_claim(struct work *w, int64_t id);
/* Name, type and size; the errors of sealed_read. */
int sealed_get(struct work *w, int64_t id, struct sealed_file *ret);
/* Name and bytes in clear, in the work's arena. -1: ERR_NOT_FOUND, ERR_GONE (erased), ERR_INTERNAL (altered, missing,
 * another key). */
int sealed_read(struct work *w, int64_t id, struct sealed_file *ret, struct str *ret_bytes);
/* Inside the open transaction: row and event now, the file after the commit. Twice is no error. */
int sealed_erase(struct work *w, int64_t id);
int sealed_sweep(struct work *w, json_t *args); /* the job: unclaimed files and files without a row, of a day ago */
/* Every sealed file against its digest, and files without a row; findings of kind "sealed_file". */
int sealed_verify(struct work *w, struct ledger_report *report);

/* Reads every stored file against its digests, and looks for files without a row; findings of kind "attachment". */
int blob_verify(struct work *w, struct ledger_report *report);

/* Personal data (rules.md §11.3): 身份证号 with check digit, mobile, bank card with Luhn, telephone. Masked in
 * findings.
 * [{"kind":"id_card","label":"身份证号","masked":"320682********1234","where":"正文第3段"}]. New reference. */
json_t *pii_scan(struct arena *a, struct str text, const char *where);
struct str pii_masked(struct arena *a, struct str text); /* each number found by pii_scan written as ****** */
bool pii_id_card(struct str s);                          /* 18 characters with a valid date and check digit */
bool pii_luhn(struct str digits);

/* ── redaction for partial disclosure (条例第三十七条 区分处理) ── */
struct redaction {
    struct str phrase; /* every occurrence is covered; STR_NONE: an area */
    int page;          /* from 1; 0: all pages (phrases only) */
    int x, y, w, h;    /* area in thousandths of the page, from the top left */
};
/* A new PDF of pictures (200 dpi) with solid bars, from a PDF, PNG or JPEG: no text, metadata, attachments, layers or
 * annotations of the source are in it. Takes up to a minute in a helper process: outside a transaction.
 * ret_report (new reference): one object a phrase, in order: {"phrase", "count", "pages":[…] covered, "whole_pages":[…]
 * covered entirely because the place was not sure, "unread":[…] pages without text or with pictures, where a person
 * must look}; count 0: found nowhere. -1 with a Chinese reason: ERR_INVALID, ERR_TOO_LARGE, ERR_NOT_FOUND, ERR_BUSY. */
int redact_pdf(struct work *w, const char *path, const struct redaction *list, size_t n, struct str *ret_pdf,
               json_t **ret_report);
/* Personal data in the text of a PDF, to be offered as phrases: [{"kind", "label", "masked", "phrase", "pages":[…],
 * "weak"}], numbers broken over two lines too; "phrase" is the number itself, for the officer of the case only.
 * [] for pictures. New reference, or NULL with an error as above. */
json_t *redact_suggest(struct work *w, const char *path);
/* Page `page` (from 1) as redact_pdf() draws it, without bars, width_px (100 to 2000) wide. Errors as above. */
int pdf_page_png(struct work *w, const char *path, int page, int width_px, struct str *ret_png);
/* The hidden command `mingtang redact MODE PATH SECONDS`. Exit code; ends the process itself when all is well. */
int blob_redact_main(int argc, char **argv);
#endif
