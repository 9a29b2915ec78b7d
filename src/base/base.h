/* base.h: what every room stands on: memory by lifetime, string views, bounded
 * buffers, one error table, one clock, one unit of work. Knows nothing above it. */
#ifndef MINGTANG_BASE_H
#define MINGTANG_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/banned.h"
#include "base/limits.h"

#define countof(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF_LIKE(f, v) __attribute__((format(printf, f, v)))

/* ── arena: memory by lifetime ────────────────────────────────────────────
 * Blocks are freed whole. arena_alloc() never returns NULL and zeroes what it
 * gives. Past `soft` bytes arena_over() turns true (the request answers 413 and
 * nothing is committed); past four times that, or when the system has no
 * memory, the process ends: that is a bug of ours, not bad input. Not thread-safe. */
struct arena;
struct arena *arena_new(size_t soft);
void arena_free(struct arena *a);
void *arena_alloc(struct arena *a, size_t size);
bool arena_over(const struct arena *a);
size_t arena_used(const struct arena *a);
#define arena_one(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_many(a, type, n) ((type *)arena_array((a), sizeof(type), (n)))
void *arena_array(struct arena *a, size_t size, size_t count); /* overflow-checked */

/* ── str: a view of bytes, usually UTF-8; owns nothing ─────────────────── */
struct str {
    const char *p;
    size_t n;
};
#define S(lit) ((struct str){("" lit), sizeof(lit) - 1})
#define STR_NONE ((struct str){0})
#define STR_ARG(s) (int)(s).n, ((s).p ? (s).p : "") /* for "%.*s" */
struct str str_z(const char *z);                    /* NULL gives the empty view */
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *z);
int str_cmp(struct str a, struct str b); /* bytewise */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
ptrdiff_t str_find(struct str s, struct str needle);     /* byte offset, -1 when absent */
struct str str_sub(struct str s, size_t from, size_t n); /* clamped */
struct str str_trim(struct str s);                       /* ASCII blanks and U+3000 */
bool str_cut(struct str s, char sep, struct str *ret_head, struct str *ret_tail);
int str_int(struct str s, int64_t *ret);           /* 0, or -1: not exactly a decimal integer */
struct str str_dup(struct arena *a, struct str s); /* NUL-terminated copy */
char *str_dupz(struct arena *a, struct str s);
struct str str_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct str str_replace(struct arena *a, struct str s, struct str from, struct str to);
struct str str_percent(struct arena *a, struct str s); /* percent-encoded for one value of an address */
uint64_t str_hash(struct str s);                       /* not for secrets */

/* ── buf: growing bytes with a maximum and one sticky error ───────────── */
struct buf {
    char *p; /* NUL-terminated when not failed; malloc'ed */
    size_t n, cap, max;
    bool failed; /* sticky: too large */
};
void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory */
void buf_add(struct buf *b, struct str s);
void buf_addc(struct buf *b, char c);
void buf_addz(struct buf *b, const char *z);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct str buf_str(const struct buf *b); /* view, valid until the next change */

/* ── UTF-8 ─────────────────────────────────────────────────────────────── */
bool utf8_valid(struct str s);                            /* no surrogates, no overlong, no NUL */
size_t utf8_length(struct str s);                         /* characters */
int32_t utf8_next(struct str *s);                         /* decodes one, advances; -1 at the end or when invalid */
size_t utf8_put(char out[4], uint32_t cp);                /* bytes written */
struct str utf8_head(struct str s, size_t chars);         /* the first so many characters */
struct str utf8_halfwidth(struct arena *a, struct str s); /* full-width ASCII and U+3000 to half-width */

/* ── clock: instants are milliseconds UTC, days are YYYY-MM-DD in Asia/Shanghai (UTC+8, no DST) ── */
struct clock {
    int64_t fixed_ms; /* 0: the system's; else this instant for ever (tests, demonstrations) */
};
int64_t clock_now(const struct clock *c);
uint64_t clock_mono_ns(void); /* for measuring only */
typedef int32_t day_t;        /* days since 1970-01-01 (Shanghai); DAY_NONE = none */
#define DAY_NONE INT32_MIN
day_t day_of(int64_t ms);                     /* the Shanghai day of an instant */
int64_t day_start(day_t d);                   /* its first instant */
int64_t day_end(day_t d);                     /* its last millisecond: 23:59:59.999 */
int day_parse(struct str s, day_t *ret);      /* "YYYY-MM-DD", a real date; else -1 */
char *day_text(char out[11], day_t d);        /* "YYYY-MM-DD" */
day_t day_from(int year, int month, int day); /* DAY_NONE when no such date */
void day_split(day_t day, int *year, int *month, int *mday);
int day_weekday(day_t d);                                /* 1 Monday … 7 Sunday */
struct str day_str(struct arena *a, day_t d);            /* "" for DAY_NONE */
struct str day_chinese(struct arena *a, day_t d);        /* 2026年11月23日 */
struct str instant_text(struct arena *a, int64_t ms);    /* "2026-11-23 08:05" Shanghai; "" for 0 */
struct str instant_rfc3339(struct arena *a, int64_t ms); /* "2026-11-23T08:05:06+08:00" */

/* ── random, hex, hashes of names ─────────────────────────────────────── */
void random_bytes(void *p, size_t n);                   /* from the kernel; ends the process on failure */
struct str random_token(struct arena *a, size_t bytes); /* base64url, no padding */
struct str hex_encode(struct arena *a, const void *p, size_t n);
struct str base64url_encode(struct arena *a, const void *p, size_t n);
int base64url_decode(struct arena *a, struct str s, struct str *ret);
struct str base64_encode(struct arena *a, const void *p, size_t n);
int base64_decode(struct arena *a, struct str s, struct str *ret); /* one spelling only; -1 */

/* ── errors: one table, see errors.h ──────────────────────────────────── */
#include "base/errors.h"

/* ── work: one unit of work (a request, a job, a command) ─────────────────
 * Passed first to every domain verb: who acts, at what instant, in which
 * transaction, with whose memory, and where an error is put. */
struct db; /* db/db.h */
struct actor {
    int64_t person_id;  /* 0: nobody (public, system) */
    int64_t post_id;    /* the post acted in; 0: none */
    int64_t unit_id;    /* that post's unit; 0: none */
    int64_t token_id;   /* a program's token; 0: a person */
    uint64_t rights[2]; /* bit set of enum permission (auth/permissions.h) */
    bool all_units;     /* the post's scope is every unit (city office, auditor) */
    bool second_factor; /* signed in with a second factor */
    char address[46];   /* the client's IP address, for the record */
    struct str person_name, post_name, unit_name, unit_code;
};
struct work {
    struct arena *arena;
    struct db *db; /* bound connection; NULL until db_attach() */
    struct actor actor;
    int64_t now; /* the instant of this work, ms UTC: fixed for its whole length */
    const struct app_config *config;
    unsigned events;   /* events appended in the open transaction (ledger), checked at commit (db) */
    bool public_event; /* a public event was appended: answer after it is sequenced */
    int64_t numbered;  /* the log's public size, when the last transaction numbered its own events; 0: they wait */
    int64_t as_of;     /* 0: the present; else a past instant (= now): public reading shows what was public then */
    struct error error;
};
day_t work_today(const struct work *w);

/* ── log: logfmt on stderr, one line each; edges log, once ────────────── */
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
void log_set_level(enum log_level least);
/* event is a short fixed name; fmt gives already quoted key=value pairs. Use log_quote() for outside text. */
void log_line(enum log_level level, const char *event, const char *fmt, ...) PRINTF_LIKE(3, 4);
const char *log_quote(char *out, size_t cap, struct str s); /* "…" with escapes, cut to fit; returns out */

/* ── personal data at rest: sealed under keys that the installation's secret gives for one purpose (≤ 190 bytes).
 * AES-256-GCM, or SM4 with HMAC-SM3 by the setting seal_cipher; what is sealed says by which, both always open. ── */
struct str seal(struct work *w, const char *purpose, struct str plain); /* ASCII text; "" when it could not */
int seal_open(struct work *w, const char *purpose, struct str sealed, struct str *ret); /* -1, no error set: not ours */
#define SEAL_OVERHEAD 64 /* more bytes than the plain ones, at most */
/* The same for a file's bytes; out: plain.n + SEAL_OVERHEAD. 0 or -1. Opened bytes are in the work's arena. */
int seal_bytes(struct work *w, const char *purpose, struct str plain, unsigned char *out, size_t *ret_n);
int seal_bytes_open(struct work *w, const char *purpose, struct str sealed, struct str *ret);
bool seal_cipher_ok(const char *name); /* a value of the setting */
/* Equal texts give equal indexes that say nothing else (HMAC-SHA-256 with either cipher, 40 hex digits): to find what
 * is sealed. */
struct str blind_index(struct work *w, const char *purpose, struct str plain);

/* ── configuration: one table in app/, read by every room through this ── */
struct app_config {
    const char *listen;      /* ADDRESS:PORT */
    const char *database;    /* sqlite:PATH or postgresql://… */
    const char *data_dir;    /* attachments, temporary files, keys */
    const char *base_url;    /* public address, without a trailing slash */
    const char *secret_file; /* 32 random bytes, made on first start */
    struct clock clock;
    const char *assets_dir;   /* --dev: read templates, web bundle and data from this tree; NULL: embedded */
    int workers;              /* request worker threads */
    int daemons;              /* HTTP threads, one per core */
    int db_pool;              /* PostgreSQL connections */
    int64_t upload_max;       /* bytes per file */
    int session_idle_minutes; /* 等保 8.1.4.1 */
    bool totp_required;       /* staff must use a second factor */
    bool trusted_proxy;       /* X-Forwarded-For is believed, per-IP limits are off */
    bool access_log;          /* one line a request on stderr */
    bool cache;               /* page cache on; off for the uncached benchmark */
    const char *smtp, *smtp_user, *smtp_password_file, *mail_from; /* "": no mail */
    const char *sms_url, *sms_user, *sms_password_file;            /* the SMS gateway; "": no SMS */
    const char *sms_accept;                                        /* PCRE2: its answer when it took the message */
    const char *quiet_hours;                                       /* "21:00-08:00": SMS wait; "" none */
    const char *seal_cipher;                                       /* "aes-256-gcm", "sm4-hmac-sm3"; NULL: the first */
    const char *theme;                                             /* "blue", "red" */
    bool ocr;                                                      /* pictures and scans are recognised */
    bool site_ipv6;
    const char *site_undertaker;
    const char *site_name, *site_code, *site_icp, *site_police, *site_host_unit, *site_contact;
    const char *ledger_origin;       /* name of the log; "": from base_url at first start */
    const char *ledger_key_file;     /* Ed25519 private key, PEM; "": data_dir/ledger-key.pem */
    const char *ledger_sm2_key_file; /* a second signature by SM2; "": none */
    const char *ledger_witnesses;    /* file: "vkey address" a line; "": none */
    const char *search_dir;          /* this node's search index: never on a network file system; "": data_dir */
    const char *rules_dir;       /* an operator's own foi.json, letters.json …: instead of those of data/; "": none */
    bool site_check_outside;     /* addresses of other sites in what is public are asked too */
    const char *probe_addresses; /* addresses of all nodes, blank-separated; "": the public one and this node's */
    unsigned char secret[32];    /* loaded from secret_file; HMAC and cookie keys are derived from it */
};

#endif
