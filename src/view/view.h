/* view.h: Mustache templates with layouts, sanitised HTML, text differences. */
#ifndef MINGTANG_VIEW_H
#define MINGTANG_VIEW_H

#include "base/base.h"
#include "http/http.h"
#include <jansson.h>

/* ── Mustache, spec 1.4 with the inheritance module; compiled once, then immutable and shared by threads.
 * Escapes & < > " ' by default. 0, false, null, "" and [] are falsy. ── */
struct mustache;
typedef struct str mustache_loader(void *ctx, struct str name); /* partial or parent by name; no pointer: absent */
/* NULL with the reason (line: text) in why. Owned by the caller: mustache_free. */
struct mustache *mustache_compile(struct str text, char *why, size_t cap);
/* For texts that are no HTML (e-mail, SMS): {{x}} prints as {{{x}}} does. */
struct mustache *mustache_compile_plain(struct str text, char *why, size_t cap);
void mustache_free(struct mustache *m);
/* stack: contexts, innermost last. get(name) gives compiled partials and parents (NULL: absent, renders nothing). */
typedef const struct mustache *mustache_get(void *ctx, struct str name);
int mustache_render(const struct mustache *m, json_t *const *stack, size_t depth, mustache_get *get, void *ctx,
                    struct buf *out);

/* ── pages ── templates/<room>/<name>.mustache; partials "{{> part/pager}}"; layouts "{{< layout/portal}}". */
void view_init(const struct app_config *c); /* compiles all templates; exits with the reason when one is broken */
int view_render(const char *name, json_t *globals, json_t *model, struct buf *out); /* 0 or -1 (absent, too large) */
/* Handler endings. Each returns 0; model's reference is taken (NULL is {}). */
int view_page(struct http_response *out, const char *template, json_t *model);
int view_redirect(struct http_request *in, struct http_response *out, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The form again, filled in, with w->error's fields: status of the error; model gets "form" (fields_form). */
int view_form_again(struct http_request *in, struct http_response *out, const char *template,
                    const struct field_table *t, json_t *model);
/* Standard API/pager parts. after: opaque cursor of the last row or "". Adds model.pager {next, size}. */
void view_pager(struct http_request *in, json_t *model, struct str after, int64_t page_size);
struct str view_cursor(struct arena *a, int64_t key, int64_t id); /* opaque text of a keyed position */
int view_cursor_read(struct work *w, struct str s, int64_t *ret_key,
                     int64_t *ret_id); /* "" gives INT64_MAX, INT64_MAX */
void json_set_str(json_t *o, const char *key, struct str s);
void json_set_int(json_t *o, const char *key, int64_t v);
void json_set_bool(json_t *o, const char *key, bool v);
void json_set_day(struct arena *a, json_t *o, const char *key, day_t d); /* "YYYY-MM-DD" or absent */
void json_set_instant(struct arena *a, json_t *o, const char *key,
                      int64_t ms); /* RFC 3339 + key_text "YYYY-MM-DD HH:MM" */

/* ── HTML from outside: gumbo's tree through an allow-list ──
 * Keeps paragraphs, headings, lists, tables (colspan, rowspan, scope), links (http, https, mailto, relative), images of
 * our own attachments (/attachments/…), emphasis, sub/sup, br, hr, blockquote; text-align and text-indent become
 * classes; everything else is dropped (script, style, events, foreign namespaces) or unwrapped. Output is well-formed
 * and stable: sanitising twice changes nothing. -1: ERR_TOO_LARGE or too deep. */
int html_sanitise(struct work *w, struct str html, struct str *ret);
struct str html_text(struct arena *a, struct str html); /* plain text, blocks on their own lines */
struct str html_escape(struct arena *a, struct str s);
/* Differences of two plain texts, by line then by character: [{"op":"same|del|ins","text":"…"}]. New reference. */
json_t *text_diff(struct arena *a, struct str before, struct str after);

#endif
