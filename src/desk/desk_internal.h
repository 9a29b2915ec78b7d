/* desk_internal.h: handlers of this room that stand in files of their own. */
#ifndef MINGTANG_DESK_INTERNAL_H
#define MINGTANG_DESK_INTERNAL_H
#include "http/http.h"

/* ── notice_pages.c ── */
extern const struct field_table notice_page, notice_open;
int desk_notices(struct http_request *in, struct http_response *out);
int desk_notice_read(struct http_request *in, struct http_response *out);
int desk_notices_read(struct http_request *in, struct http_response *out);
#endif
