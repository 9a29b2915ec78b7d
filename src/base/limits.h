/* limits.h: every hard limit, with its reason. Configuration may lower, never raise. */
#ifndef MINGTANG_LIMITS_H
#define MINGTANG_LIMITS_H

#define LIMIT_HEADER_BYTES (16 * 1024) /* request line and headers: cookies and one long query fit twice */
#define LIMIT_TARGET_BYTES 4096        /* address with query */
#define LIMIT_FORM_BYTES                                                                                               \
    (8 * 1024 * 1024) /* a 5 MB body text percent-encoded is refused with a sentence, not a reset */
#define LIMIT_JSON_BYTES (8 * 1024 * 1024)       /* same content through the API */
#define LIMIT_JSON_DEPTH 32                      /* deeper JSON is an attack */
#define LIMIT_FIELDS 4000                        /* fields in one form: a catalogue sheet of 200 rows × 15 columns */
#define LIMIT_FIELD_ERRORS 32                    /* enough to mend a form in one go */
#define LIMIT_UPLOAD_BYTES (100LL * 1024 * 1024) /* one attachment */
#define LIMIT_SEALED_BYTES (20LL * 1024 * 1024)  /* one sealed file: read whole into memory to be encrypted */
#define LIMIT_SEALED_SWEEP 1000                  /* sealed files looked at in one run of the sweep */
#define LIMIT_UPLOAD_FILES 20                    /* files in one request */
#define LIMIT_BODY_TEXT (2 * 1024 * 1024)        /* sanitised HTML of one publication: 600,000 characters */
#define LIMIT_TITLE_CHARS 200
#define LIMIT_ARENA_BYTES (64 * 1024 * 1024)       /* soft cap of one request's memory */
#define LIMIT_PAGE_SIZE 200                        /* rows a list may return */
#define LIMIT_IMPORT_ROWS 200000                   /* a catalogue file */
#define LIMIT_UNZIPPED_BYTES (256LL * 1024 * 1024) /* all parts of one XLSX/DOCX */
#define LIMIT_UNZIP_RATIO 200                      /* more than this is a zip bomb */
#define LIMIT_CONNECTIONS 4096                     /* per process */
#define LIMIT_PER_IP 256                           /* off behind a trusted proxy */
#define LIMIT_QUEUE 512                            /* requests waiting for a worker, then 503 */
#define LIMIT_STREAMS 256                          /* open event streams per process, then 503 */
#define LIMIT_STREAMS_EACH 8                       /* of one person or program: browsers open six per site */
#define LIMIT_HEADER_SECONDS 10
#define LIMIT_IDLE_SECONDS 30
#define LIMIT_BODY_RATE 1024 /* bytes per second a sender must keep up on average */
#define LIMIT_PAGE_CACHE_BYTES (64LL * 1024 * 1024)
#define LIMIT_REDACT_BYTES (20LL * 1024 * 1024)  /* a document to be redacted: more is split first */
#define LIMIT_REDACT_PAGES 200                   /* each is drawn anew: some tenths of a second */
#define LIMIT_REDACT_SECONDS 60                  /* of CPU, in the helper process */
#define LIMIT_REDACT_RESULT (40LL * 1024 * 1024) /* pictures: the arena of a work must still hold it */
#define LIMIT_REDACTIONS 1000                    /* phrases and areas of one document */
#define LIMIT_REDACT_PHRASE 200                  /* characters of one phrase */
#define LIMIT_COUNT_CAP 1000                     /* list totals are exact up to here, then "1,000+" */

#endif
