/* password.c: argon2id, and the rules a password must meet (rules.md §11.1). */
#include "auth/auth_internal.h"
#include <argon2.h>

#define MEMORY_KB (19 * 1024)
#define PASSES 2
#define LANES 1

int password_hash(struct work *w, struct str password, struct str *ret) {
    unsigned char salt[16];
    char text[200];
    random_bytes(salt, sizeof salt);
    int rc = argon2id_hash_encoded(PASSES, MEMORY_KB, LANES, password.p, password.n, salt, sizeof salt, 32, text,
                                   sizeof text);
    if (rc != ARGON2_OK)
        return fail(w, ERR_INTERNAL, "口令没有保存：%s", argon2_error_message(rc));
    *ret = str_dup(w->arena, str_z(text));
    return 0;
}

/* An unknown login costs as much as a known one: nothing can be learnt from the time. */
bool password_verify(struct str password, struct str hash) {
    static const char nobody[] =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    char text[256];
    snprintf(text, sizeof text, "%.*s", STR_ARG(hash.n ? hash : str_z(nobody)));
    return argon2id_verify(text, password.p ? password.p : "", password.n) == ARGON2_OK && hash.n;
}

int password_check_rules(struct work *w, const char *field, struct str p, struct str login) {
    bool lower = false, upper = false, digit = false, other = false;
    for (size_t i = 0; i < p.n; i++) {
        char c = p.p[i];
        lower |= c >= 'a' && c <= 'z';
        upper |= c >= 'A' && c <= 'Z';
        digit |= c >= '0' && c <= '9';
        other |= !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
    }
    if (utf8_length(p) < 10)
        return fail_field(w, field, "too_short", "口令至少10个字符");
    if (p.n > 200)
        return fail_field(w, field, "too_long", "口令最多200个字节");
    if (lower + upper + digit + other < 3)
        return fail_field(w, field, "too_simple", "口令须含大写字母、小写字母、数字、其他符号中的三类");
    if (login.n && str_find(p, login) >= 0)
        return fail_field(w, field, "too_simple", "口令不能含有登录名");
    return 0;
}
