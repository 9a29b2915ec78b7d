/* totp.c: the second factor: RFC 6238 codes, each accepted once; the secret sealed under the installation's key. */
#include "auth/auth_internal.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <qrencode.h>

#define STEP_MS 30000

struct str totp_new_secret(struct arena *a) {
    char *p = arena_alloc(a, 20);
    random_bytes(p, 20);
    return (struct str){p, 20};
}

struct str totp_base32(struct arena *a, struct str s) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char *out = arena_alloc(a, s.n * 2 + 2);
    size_t n = 0;
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < s.n; i++) {
        bits = bits << 8 | (unsigned char)s.p[i];
        for (have += 8; have >= 5; have -= 5)
            out[n++] = digits[bits >> (have - 5) & 31];
    }
    if (have)
        out[n++] = digits[bits << (5 - have) & 31];
    return (struct str){out, n};
}

uint32_t totp_code(struct str secret, int64_t step) {
    unsigned char message[8], md[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    for (int i = 7; i >= 0; i--, step >>= 8)
        message[i] = (unsigned char)step;
    if (!HMAC(EVP_sha1(), secret.p, (int)secret.n, message, sizeof message, md, &n))
        return UINT32_MAX;
    unsigned at = md[n - 1] & 15;
    uint32_t v = (uint32_t)(md[at] & 127) << 24 | (uint32_t)md[at + 1] << 16 | (uint32_t)md[at + 2] << 8 | md[at + 3];
    return v % 1000000;
}

int64_t totp_accept(struct str secret, struct str code, int64_t now_ms, int64_t last_step) {
    int64_t given, now = now_ms / STEP_MS;
    code = str_trim(code);
    if (code.n != 6 || str_int(code, &given) < 0)
        return 0;
    for (int64_t step = now - 1; step <= now + 1; step++)
        if (step > last_step && totp_code(secret, step) == (uint32_t)given)
            return step;
    return 0;
}

struct str totp_seal(struct work *w, struct str secret) {
    return seal(w, "totp", secret);
}

int totp_open(struct work *w, struct str sealed, struct str *ret) {
    return seal_open(w, "totp", sealed, ret) < 0 ? fail(w, ERR_INTERNAL, "第二因子无法读取，请联系安全管理员重置") : 0;
}

struct str totp_svg(struct work *w, struct str login, struct str secret) {
    struct str address = str_printf(w->arena, "otpauth://totp/Mingtang:%.*s?secret=%.*s&issuer=Mingtang",
                                    STR_ARG(login), STR_ARG(totp_base32(w->arena, secret)));
    QRcode *q = QRcode_encodeString(str_dupz(w->arena, address), 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    struct buf b;
    if (!q)
        return STR_NONE;
    buf_init(&b, 1 << 20);
    buf_printf(&b,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-4 -4 %d %d\" shape-rendering=\"crispEdges\"><path "
               "fill=\"#fff\" d=\"M-4-4h%dv%dh-%dz\"/><path d=\"",
               q->width + 8, q->width + 8, q->width + 8, q->width + 8, q->width + 8);
    for (int y = 0; y < q->width; y++)
        for (int x = 0; x < q->width; x++)
            if (q->data[y * q->width + x] & 1)
                buf_printf(&b, "M%d %dh1v1h-1z", x, y);
    buf_addz(&b, "\"/></svg>");
    struct str s = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    QRcode_free(q);
    return s;
}
