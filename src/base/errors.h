/* errors.h: the one table of errors: name, stable API code, HTTP status, Chinese text. */
#ifndef MINGTANG_ERRORS_H
#define MINGTANG_ERRORS_H
#include <stddef.h>
#include "base/limits.h"

#define FOR_EACH_ERROR(X)                                                                                              \
    X(ERR_NONE, "none", 200, "")                                                                                       \
    X(ERR_INVALID, "invalid", 422, "填写的内容有误，请按提示修改")                                                     \
    X(ERR_BAD_REQUEST, "bad_request", 400, "请求格式不正确")                                                           \
    X(ERR_SIGN_IN, "sign_in_required", 401, "请先登录")                                                                \
    X(ERR_FORBIDDEN, "forbidden", 403, "您的岗位没有办理此事项的权限")                                                 \
    X(ERR_CSRF, "csrf", 403, "页面已过期，请核对内容后重新提交")                                                       \
    X(ERR_NOT_FOUND, "not_found", 404, "没有找到您要的内容")                                                           \
    X(ERR_METHOD, "method_not_allowed", 405, "此地址不支持这种操作")                                                   \
    X(ERR_CONFLICT, "conflict", 409, "内容已被他人修改，请核对后再保存")                                               \
    X(ERR_WRONG_STATE, "wrong_state", 409, "此事项的状态已经变化，不能再办理这一步")                                   \
    X(ERR_DUPLICATE, "duplicate", 409, "同样的内容已经提交过")                                                         \
    X(ERR_GONE, "gone", 410, "此内容已撤回")                                                                           \
    X(ERR_TOO_LARGE, "too_large", 413, "提交的内容超过允许的大小")                                                     \
    X(ERR_MEDIA_TYPE, "unsupported_media_type", 415, "不支持的内容格式")                                               \
    X(ERR_TOO_MANY, "too_many_requests", 429, "操作过于频繁，请稍后再试")                                              \
    X(ERR_HEADER_LARGE, "header_too_large", 431, "请求头过大")                                                         \
    X(ERR_INTERNAL, "internal", 500, "系统内部错误，已记录，请稍后再试")                                               \
    X(ERR_BUSY, "busy", 503, "系统正忙，请稍后再试")                                                                   \
    X(ERR_DISK_FULL, "storage_full", 507, "存储空间不足，内容没有保存，请联系系统管理员")

#define ERROR_ENUM(name, code, status, text) name,
enum error_code { FOR_EACH_ERROR(ERROR_ENUM) ERR__MAX };
#undef ERROR_ENUM

/* What went wrong with one field of the input. Texts live in the work's arena. */
struct field_error {
    const char *field;   /* the declared field name */
    const char *code;    /* stable: required, too_long, format, range, unknown, … */
    const char *message; /* Chinese: what to do */
};
struct error {
    enum error_code code;
    char text[400]; /* Chinese sentence for people; "" means the table's text */
    struct field_error fields[LIMIT_FIELD_ERRORS];
    size_t field_count;
};
struct work;
const char *error_name(enum error_code code);  /* stable API code */
int error_status(enum error_code code);        /* HTTP status */
const char *error_text(const struct error *e); /* the specific text, or the table's */
/* Both fill w->error and return -1, so that verbs can `return fail(…)`. The first error wins;
 * fail_field() may be called several times and collects. */
int fail(struct work *w, enum error_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int fail_field(struct work *w, const char *field, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void error_clear(struct work *w);

#endif
