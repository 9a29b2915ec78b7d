/* paper.h: documents on paper: A4 PDF made in memory, Word documents, official letters, and QR codes.
 *
 * Text flows over the pages by itself. Any bytes may come as text: invalid UTF-8 becomes U+FFFD, control and direction
 * characters are dropped, markup is never interpreted. A line feed ends a paragraph.
 * Errors are sticky: after the first nothing more is drawn, and paper_end() tells. Texts given are read during the call
 * only. One paper belongs to one thread. Lengths are millimetres, sizes are bytes. */
#ifndef MINGTANG_PAPER_H
#define MINGTANG_PAPER_H
#include "base/base.h"

#define PAPER_MAX_BYTES ((size_t)64 * 1024 * 1024) /* a PDF: the arena of a work must still hold it */
#define PAPER_MAX_PAGES 5000                       /* nobody prints more; some tens of seconds */
#define PAPER_MAX_COLUMNS 16

struct paper;

/* Never NULL. The title is for the PDF's properties, the footer stands on every page beside 第 n 页; the date in the
 * properties is w->now, so that the same calls give the same bytes. The struct lives in the work's arena; what it holds
 * outside is released by paper_end() or paper_abandon(), exactly one of which must follow. */
struct paper *paper_begin(struct work *w, struct str title, struct str footer);
/* Lowers the greatest size of the PDF; more than PAPER_MAX_BYTES changes nothing. */
void paper_limit(struct paper *p, size_t bytes);
/* 0 and the PDF in the work's arena, or -1: ERR_TOO_LARGE (bytes or pages), ERR_INVALID (a QR code), ERR_INTERNAL.
 * The paper is gone either way. */
int paper_end(struct paper *p, struct str *ret_pdf);
void paper_abandon(struct paper *p); /* NULL is allowed */

/* Level 1 to 3. Stays on the page of the two lines that follow. */
void paper_heading(struct paper *p, int level, struct str text);
void paper_text(struct paper *p, struct str text); /* justified, except beside words too long to break well (hashes) */
void paper_note(struct paper *p, struct str text); /* small, grey */
void paper_mono(struct paper *p, struct str text); /* small, fixed width, breaks anywhere */
void paper_facts(struct paper *p, struct str term, struct str value); /* two columns, one pair */

/* Text with changes: inserted is green and underlined, deleted red and struck through, so it reads without colour. */
enum paper_op { PAPER_SAME, PAPER_INSERTED, PAPER_DELETED };
struct paper_run {
    enum paper_op op;
    struct str text;
};
void paper_marked(struct paper *p, const struct paper_run *runs, size_t count);

/* cells: rows × columns, row by row; widths: parts of the whole, one each column, NULL for equal ones. With `header`
 * the first row is the header and stands again on each page. A row is split only when it is taller than a page. */
void paper_table(struct paper *p, size_t columns, const int *widths, const struct str *cells, size_t rows, bool header);

void paper_rule(struct paper *p);
void paper_space(struct paper *p, double mm); /* nothing at the head of a page */
/* The code with its quiet zone is size_mm wide (15 to 160); the caption stands beside it, or below when it is long. */
void paper_qr(struct paper *p, struct str text, double size_mm, struct str caption);

/* ── one document, two forms ── */
struct paper_fact {
    struct str term, value; /* without a value it is left out */
};
struct paper_document {
    struct str title, number; /* 标题, 文号 ("" none) */
    struct str html;          /* as html_sanitise() leaves it; images are told, not shown */
    const struct paper_fact *facts;
    size_t fact_count;
    const struct str *notes; /* small lines at the end */
    size_t note_count;
    struct str check;  /* the address where its receipt is checked; "" none */
    struct str footer; /* on every page */
};
/* 0 and the bytes in the work's arena, or -1: ERR_TOO_LARGE, ERR_INTERNAL. */
int paper_pdf(struct work *w, const struct paper_document *d, struct str *ret);
int paper_docx(struct work *w, const struct paper_document *d, struct str *ret);

/* ── official letters (公文), layout of GB/T 9704-2012 ──
 * The general form (通用格式): red name of the organ, 文号, red line, title, addressee, text of 22 lines of 28 signs,
 * annexes, signature and date, note; "— 1 —" at the outer side. The code of `check` stands at the foot of page 1. */
struct paper_letter {
    struct str organ;                  /* 发文机关标志, in red: 如皋市财政局 */
    struct str number;                 /* 文号 */
    struct str title, addressee, body; /* plain; LF ends a paragraph; the addressee gets its colon; "" none */
    const struct str *annexes;         /* names, for 附件说明 */
    size_t annex_count;
    struct str signer; /* 署名 */
    day_t day;         /* 成文日期; DAY_NONE: left open */
    struct str note;   /* 附注, gets its brackets; "" none */
    struct str check;  /* address in the code, "" none */
    bool draft;        /* marked 草稿 on every page, without number and code */
};
/* 0 and the bytes in the work's arena, or -1: ERR_TOO_LARGE, ERR_INVALID (no code of this address), ERR_INTERNAL. */
int paper_letter_pdf(struct work *w, const struct paper_letter *l, struct str *ret);
int paper_letter_docx(struct work *w, const struct paper_letter *l, struct str *ret);

/* A QR code (level M, quiet zone of 4 modules) as an SVG file in the work's arena: one path, no script, no style.
 * 0, or -1: ERR_INVALID (empty, not UTF-8), ERR_TOO_LARGE (more than a code can hold). */
int paper_qr_svg(struct work *w, struct str text, struct str *ret_svg);

#endif
