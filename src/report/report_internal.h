/* report_internal.h: what the files of this room share. */
#ifndef MINGTANG_REPORT_INTERNAL_H
#define MINGTANG_REPORT_INTERNAL_H
#include "auth/auth.h"
#include "calendar/calendar.h"
#include "disclosure/disclosure.h"
#include "duty/duty.h"
#include "ledger/ledger.h"
#include "org/org.h"
#include "report/report.h"
#include "report_sql.h"
#include "request/request.h"
#include "view/view.h"

/* ── the forms (report_form.c) ── */
enum column {
    COLUMN_PERSON,
    COLUMN_COMPANY,
    COLUMN_RESEARCH,
    COLUMN_WELFARE,
    COLUMN_LEGAL,
    COLUMN_OTHER,
    COLUMN_TOTAL
};
enum { COLUMNS = 7 };
enum row3 { ROW_R1, ROW_R2, ROW_LEAF, ROW_SUM = 23, ROW_R4, ROWS3 }; /* 21 leaves between */
enum { LEAVES = ROW_SUM - ROW_LEAF };
struct row3_form {
    const char *code, *part, *group, *text; /* "r3.3.4", 三、本年度办理结果, （三）不予公开, 4.保护第三方合法权益 */
};
extern const struct row3_form row3_forms[ROWS3];
extern const char *const column_codes[COLUMNS], *const column_names[COLUMNS];
int row3_of(struct str code); /* -1 unknown */
int column_of(struct str applicant);

enum { REMEDIES = 3, RESULTS = 5, RESULT_PENDING = 3, RESULT_TOTAL = 4 };
extern const char *const remedy_codes[REMEDIES], *const remedy_names[REMEDIES];
extern const char *const result_codes[RESULTS], *const result_names[RESULTS];

enum cell2 {
    RULE_MADE,
    RULE_REPEALED,
    RULE_FORCE, /* 规章 */
    NORM_MADE,
    NORM_REPEALED,
    NORM_FORCE, /* 行政规范性文件 */
    LICENCES,
    PENALTIES,
    COMPULSION,
    CHARGES, /* 许可, 处罚, 强制; 行政事业性收费 in hundredths of 万元 */
    CELLS2
};
struct cell2_form {
    const char *name, *label; /* the field's name in forms and JSON */
};
extern const struct cell2_form cell2_forms[CELLS2];
struct str charges_text(struct arena *a, int64_t hundredths); /* 12.50 */
int charges_read(struct str text, int64_t *ret);              /* at most two decimals; -1 */

/* ── the figures of one report ── */
struct known { /* what the program knows beside the tables */
    int64_t published, corrected, withdrawn, policy_made, policy_repealed, policy_force;
    int64_t duties, duties_on_time;
    int64_t closed, late, days_used; /* of cases ended in the year */
    int64_t paid, paid_fen;          /* information-processing fees collected */
    int64_t unreceived;              /* withdrawn before they were received: in no row */
};
struct figures {
    int64_t two[CELLS2];
    int64_t three[ROWS3][COLUMNS];
    int64_t four[REMEDIES][RESULTS], carried[REMEDIES]; /* carried: filed in an earlier year */
    int64_t unmapped, backwards; /* cases ended without a row of the table, or before they were received */
    struct known known;
};
int figures_count(struct work *w, int64_t unit_id, int year, struct figures *f); /* report_count.c; all but table 二 */
void figures_add(struct figures *sum, const struct figures *f);
json_t *figures_json(const struct figures *f);
int figures_read(struct str json, struct figures *ret); /* -1: not such a text */

/* ── identities (report_check.c) ── */
struct check_line {
    int number; /* 1 … 9, as the rules count them */
    bool blocking, ok;
    struct str label; /* which column, row or group */
    int64_t left, right;
};
enum { CHECK_LINES = 80 };
extern const char *const check_names[10];
/* last: the report of the year before as it was finished, NULL none. Returns how many lines. */
size_t report_checks(struct arena *a, const struct figures *f, const struct figures *last, struct check_line *lines);
bool checks_sound(const struct check_line *lines, size_t n); /* no blocking one fails */

/* ── one report (report.c) ── */
enum section { SECTION_OVERVIEW, SECTION_PROBLEMS, SECTION_OTHER, SECTIONS };
extern const char *const section_codes[SECTIONS], *const section_names[6];
struct report_unit { /* a unit's part of the city total */
    int64_t unit_id;
    struct str code, name;
    bool finished;
    struct figures f;
};
struct report {
    int64_t id, disclosure_id, revision, finished_at, changed_at; /* id 0: nothing saved yet */
    struct unit unit;
    int year;
    bool city;
    struct str state;
    struct str text[SECTIONS], drafted[SECTIONS];
    struct figures f;   /* shown: as finished, else of now */
    struct figures now; /* counted now */
    struct figures last;
    enum { LAST_NONE, LAST_FINISHED, LAST_COUNTED } last_is;
    const struct report_unit *units; /* city: the parts */
    size_t unit_count;
    struct check_line checks[CHECK_LINES];
    size_t check_count;
    bool sound;
    struct str disclosure_state, public_id;
    int64_t published_at;
};
int report_load(struct work *w, struct str unit_code, int year, struct report *rp); /* right to read is checked */
int report_texts(struct work *w, struct report *rp); /* drafted sentences; text[] where nothing is saved */
struct report_input {
    struct str overview, problems, other;
    struct str cell[CELLS2];
    int64_t revision;
    bool autosave;
};
int report_save(struct work *w, struct report *rp, const struct report_input *x, int64_t *ret_revision);
/* Internal event of a report; takes the reference of more (may be NULL). */
int report_event(struct work *w, const struct report *rp, const char *verb, json_t *more);
int report_step(struct work *w, struct report *rp, const char *verb); /* of report_flow */
int report_units(struct work *w, struct db_rows *ret); /* who reports: id, code, short_name, name, kind, path */
day_t report_deadline(bool city, int year);
struct str report_title(struct work *w, const struct report *rp);

/* ── forms of it ── */
/* The six sections with tables; links: cells lead to their cases. Sanitised HTML in the arena. */
int report_html(struct work *w, const struct report *rp, bool links, struct str *ret);
int report_file(struct work *w, const struct report *rp, const char *form, struct str *ret); /* html, docx, pdf */
json_t *report_json(struct work *w, const struct report *rp);                                /* new reference */
/* Where the cases of a cell are listed: "" cell or column for all. */
struct str cell_address(struct work *w, const struct report *rp, const char *cell, const char *column);
struct str remedy_address(struct work *w, const struct report *rp, int kind, int result);

/* ── statistics (statistics.c, statistics_pages.c, statistics_xlsx.c) ── */
enum dimension { BY_UNIT, BY_POST, BY_CHANNEL, BY_APPLICANT, BY_OUTCOME, BY_GROUND, BY_MONTH, DIMENSIONS };
extern const char *const dimension_codes[DIMENSIONS], *const dimension_names[DIMENSIONS];
struct tally {
    int64_t received, closed, late, overdue, extended, days; /* late: of the closed; overdue: open past its limit */
};
struct tally_row {
    struct str key, name;
    struct tally t;
};
enum { TALLY_ROWS = 400 };
struct statistics {
    struct str unit_code, unit_name; /* "" all the actor may see */
    day_t from, to;
    struct tally all;
    struct tally_row *rows[DIMENSIONS];
    size_t count[DIMENSIONS];
    int64_t remedies[REMEDIES][RESULTS];
};
/* unit: "" all in scope. Rows of a dimension in their order: units officially, months by time, others by number. */
int statistics_count(struct work *w, struct str unit, day_t from, day_t to, struct statistics *s);
/* "97.5%" with what is due as its base; "—" when nothing is. Due: closed, or open past the limit. */
struct str tally_rate(struct arena *a, const struct tally *t);
struct str tally_days(struct arena *a, const struct tally *t); /* average working days used: "11.5", "—" */
struct str statistics_address(struct work *w, const struct statistics *s, enum dimension d, struct str key,
                              const char *more);
int statistics_xlsx(struct work *w, const struct statistics *s, struct str *ret);

/* ── pages ── */
http_handler reports_page, report_page, report_edit, report_post, report_step_post, report_download;
http_handler statistics_page, statistics_export, remedies_page;
extern const struct field_table reports_table, report_table, report_file_table, report_step_table, statistics_table,
    remedies_table;
#endif
