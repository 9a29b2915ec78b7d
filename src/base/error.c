/* error.c: filling and reading the error of a unit of work. */
#include "base/base.h"

#define ROW(name, code, status, text) {code, text, status},
static const struct {
    const char *name, *text;
    int status;
} table[] = {FOR_EACH_ERROR(ROW)};
#undef ROW

const char *error_name(enum error_code code) {
    return code < ERR__MAX ? table[code].name : "internal";
}

int error_status(enum error_code code) {
    return code < ERR__MAX ? table[code].status : 500;
}

const char *error_text(const struct error *e) {
    return e->text[0] ? e->text : table[e->code < ERR__MAX ? e->code : ERR_INTERNAL].text;
}

/* Cuts at a character, never inside one. */
static void tidy(char *text, size_t cap) {
    struct str s = {text, strnlen(text, cap - 1)}, t = s;
    while (t.n && utf8_next(&t) >= 0)
        ;
    text[s.n - t.n] = 0;
}

int fail(struct work *w, enum error_code code, const char *fmt, ...) {
    va_list ap;
    if (w->error.code != ERR_NONE)
        return -1;
    w->error.code = code;
    va_start(ap, fmt);
    vsnprintf(w->error.text, sizeof w->error.text, fmt, ap);
    va_end(ap);
    tidy(w->error.text, sizeof w->error.text);
    return -1;
}

int fail_field(struct work *w, const char *field, const char *code, const char *fmt, ...) {
    struct error *e = &w->error;
    char text[512];
    va_list ap;
    if (e->code != ERR_NONE && e->code != ERR_INVALID)
        return -1;
    e->code = ERR_INVALID;
    if (e->field_count == LIMIT_FIELD_ERRORS)
        return -1;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    tidy(text, sizeof text);
    e->fields[e->field_count++] = (struct field_error){field, code, str_dupz(w->arena, str_z(text))};
    return -1;
}

void error_clear(struct work *w) {
    w->error.code = ERR_NONE;
    w->error.text[0] = 0;
    w->error.field_count = 0;
}

day_t work_today(const struct work *w) {
    return day_of(w->now);
}
