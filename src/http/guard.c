/* guard.c: refuses ambiguous framing and control characters that libmicrohttpd 0.9.75 lets pass (docs: http.md's first
 * weakness). Pure functions, so that a fuzzer and unit tests can reach them. */
#include "http/http_internal.h"
#include <ctype.h>

static bool digits_only(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0 && s.n <= 15;
}

static bool token(struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= 0x20 || c >= 0x7F || strchr("()<>@,;:\\\"/[]?={}", c))
            return false;
    }
    return s.n > 0;
}

static bool value_clean(struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

static bool name_is(struct str a, const char *z) {
    return a.n == strlen(z) && strncasecmp(a.p, z, a.n) == 0;
}

void guard_header(struct guard_input *g, struct str name, struct str value) {
    if (!token(name) || !value_clean(value))
        g->bad_header = true;
    if (name_is(name, "Content-Length")) {
        g->content_lengths++;
        g->content_length = str_trim(value);
    } else if (name_is(name, "Transfer-Encoding")) {
        g->transfer_encodings++;
        g->transfer_encoding = str_trim(value);
    } else if (name_is(name, "Host")) {
        g->hosts++;
    }
}

const char *guard_check(const struct guard_input *g) {
    struct str target = str_z(g->target);
    if (g->bad_header)
        return "control character or blank in a header";
    if (target.n == 0 || target.n > LIMIT_TARGET_BYTES || target.p[0] != '/')
        return "bad target";
    for (size_t i = 0; i < target.n; i++)
        if ((unsigned char)target.p[i] <= 0x20 || target.p[i] == 0x7F)
            return "control character in the target";
    if (g->content_lengths > 1)
        return "more than one Content-Length";
    if (g->content_lengths == 1 && !digits_only(g->content_length))
        return "Content-Length is not digits";
    if (g->transfer_encodings > 1 || (g->transfer_encodings && g->content_lengths))
        return "Transfer-Encoding twice or with Content-Length";
    if (g->transfer_encodings && !name_is(g->transfer_encoding, "chunked"))
        return "unknown transfer coding";
    if (g->hosts > 1 || (g->hosts == 0 && strcmp(g->version, "HTTP/1.0") != 0))
        return "Host missing or twice";
    return NULL;
}
