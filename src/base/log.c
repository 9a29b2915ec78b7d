/* log.c: logfmt lines on stderr, each written at once. */
#include "base/base.h"
#include <unistd.h>

static enum log_level least_level = LOG_INFO;

void log_set_level(enum log_level least) {
    least_level = least;
}

void log_line(enum log_level level, const char *event, const char *fmt, ...) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    static const struct clock real = {0};
    char stack[2048], line[2200];
    va_list ap;
    if (level < least_level)
        return;
    va_start(ap, fmt);
    vsnprintf(stack, sizeof stack, fmt, ap);
    va_end(ap);
    int64_t now = clock_now(&real);
    char day[11];
    int64_t rest = now - day_start(day_of(now));
    int n = snprintf(line, sizeof line, "t=%sT%02d:%02d:%02d.%03d level=%s event=%s %s", day_text(day, day_of(now)),
                     (int)(rest / 3600000), (int)(rest / 60000 % 60), (int)(rest / 1000 % 60), (int)(rest % 1000),
                     names[level], event, stack);
    if (n < 0)
        return;
    size_t len = (size_t)n < sizeof line - 1 ? (size_t)n : sizeof line - 2;
    line[len] = '\n';
    if (write(STDERR_FILENO, line, len + 1) < 0)
        return; /* nowhere left to say it */
}

const char *log_quote(char *out, size_t cap, struct str s) {
    size_t k = 0;
    if (cap < 3)
        return "";
    out[k++] = '"';
    for (size_t i = 0; i < s.n && k + 6 < cap; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\') {
            out[k++] = '\\';
            out[k++] = (char)c;
        } else if (c < 0x20 || c == 0x7F) {
            static const char digits[] = "0123456789abcdef";
            out[k++] = '\\';
            out[k++] = 'x';
            out[k++] = digits[c >> 4];
            out[k++] = digits[c & 15];
        } else {
            out[k++] = (char)c;
        }
    }
    out[k++] = '"';
    out[k] = 0;
    return out;
}
