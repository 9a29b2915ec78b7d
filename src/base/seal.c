/* seal.c: personal data at rest, under keys derived from the installation's secret for one purpose each.
 *
 * Two ciphers (setting seal_cipher), both authenticated: what was altered, cut or moved to another purpose does not
 * open. aes  AES-256-GCM: nonce 12, text, tag 16. sm4  SM4-CTR, then HMAC-SM3 over nonce and text: nonce 16, text,
 * tag 32. Encrypt-then-MAC with two independent keys, because the OpenSSL 3.0 of Debian 12 has no SM4-GCM. SM4 is GB/T
 * 32907, SM3 GB/T 32905. What is sealed says by which cipher ("aes." or "sm4." before a text, one byte before a file),
 * so that the setting may change at any time. Texts without a mark are older: AES. */
#include "base/base.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { AES = 1, SM4 = 2 };
static const struct cipher {
    int mark; /* first byte of sealed bytes */
    struct str text_mark;
    size_t nonce, tag;
} ciphers[] = {{AES, {"aes.", 4}, 12, 16}, {SM4, {"sm4.", 4}, 16, 32}};

static void derive(const struct work *w, const EVP_MD *md, const char *purpose, const char *part,
                   unsigned char key[32]) {
    char name[200];
    unsigned n = 32;
    int length = snprintf(name, sizeof name, "%s%s", purpose, part);
    HMAC(md, w->config->secret, 32, (const unsigned char *)name, length < 200 ? (size_t)length : 199, key, &n);
}

/* ── AES-256-GCM ── */

static bool aes_close(struct work *w, const char *purpose, struct str plain, unsigned char *out) {
    unsigned char key[32];
    int n = 0, more = 0;
    derive(w, EVP_sha256(), purpose, "", key);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = c && EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, out) == 1 &&
                EVP_EncryptUpdate(c, out + 12, &n, (const unsigned char *)plain.p, (int)plain.n) == 1 &&
                EVP_EncryptFinal_ex(c, out + 12 + n, &more) == 1 &&
                EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, 16, out + 12 + n) == 1;
    EVP_CIPHER_CTX_free(c);
    OPENSSL_cleanse(key, sizeof key);
    return good;
}

static bool aes_open(struct work *w, const char *purpose, const unsigned char *raw, size_t len, unsigned char *out) {
    unsigned char key[32], tag[16];
    int n = 0, more = 0;
    derive(w, EVP_sha256(), purpose, "", key);
    memcpy(tag, raw + 12 + len, sizeof tag);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = c && EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, raw) == 1 &&
                EVP_DecryptUpdate(c, out, &n, raw + 12, (int)len) == 1 &&
                EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, sizeof tag, tag) == 1 &&
                EVP_DecryptFinal_ex(c, out + n, &more) == 1;
    EVP_CIPHER_CTX_free(c);
    OPENSSL_cleanse(key, sizeof key);
    return good;
}

/* ── SM4-CTR with HMAC-SM3 ── */

/* Counter mode is its own reverse. */
static bool sm4_run(struct work *w, const char *purpose, const unsigned char *nonce, const void *in, size_t len,
                    unsigned char *out) {
    unsigned char key[32];
    int n = 0, more = 0;
    derive(w, EVP_sm3(), purpose, " sm4", key); /* its first 16 bytes */
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = c && EVP_EncryptInit_ex(c, EVP_sm4_ctr(), NULL, key, nonce) == 1 &&
                EVP_EncryptUpdate(c, out, &n, in, (int)len) == 1 && EVP_EncryptFinal_ex(c, out + n, &more) == 1;
    EVP_CIPHER_CTX_free(c);
    OPENSSL_cleanse(key, sizeof key);
    return good;
}

static bool sm3_tag(struct work *w, const char *purpose, const unsigned char *raw, size_t len, unsigned char tag[32]) {
    unsigned char key[32];
    unsigned n = 32;
    derive(w, EVP_sm3(), purpose, " sm3", key);
    bool good = HMAC(EVP_sm3(), key, 32, raw, 16 + len, tag, &n) != NULL;
    OPENSSL_cleanse(key, sizeof key);
    return good;
}

static bool sm4_close(struct work *w, const char *purpose, struct str plain, unsigned char *out) {
    return sm4_run(w, purpose, out, plain.p, plain.n, out + 16) &&
           sm3_tag(w, purpose, out, plain.n, out + 16 + plain.n);
}

static bool sm4_open(struct work *w, const char *purpose, const unsigned char *raw, size_t len, unsigned char *out) {
    unsigned char tag[32];
    return sm3_tag(w, purpose, raw, len, tag) && CRYPTO_memcmp(tag, raw + 16 + len, 32) == 0 &&
           sm4_run(w, purpose, raw, raw + 16, len, out);
}

/* ── both ── */

bool seal_cipher_ok(const char *name) {
    return strcmp(name, "aes-256-gcm") == 0 || strcmp(name, "sm4-hmac-sm3") == 0;
}

static const struct cipher *cipher_now(const struct work *w) {
    const char *name = w->config->seal_cipher;
    return &ciphers[name && strcmp(name, "sm4-hmac-sm3") == 0];
}

/* out: room for nonce, text and tag. */
static bool close_with(struct work *w, const struct cipher *c, const char *purpose, struct str plain,
                       unsigned char *out) {
    if (plain.n > INT32_MAX / 2)
        return false;
    random_bytes(out, c->nonce);
    plain.p = plain.p ? plain.p : "";
    return c->mark == AES ? aes_close(w, purpose, plain, out) : sm4_close(w, purpose, plain, out);
}

/* out: room for the text. Nothing of it may be used unless this says true. */
static bool open_with(struct work *w, const struct cipher *c, const char *purpose, struct str raw, unsigned char *out) {
    if (raw.n < c->nonce + c->tag || raw.n > INT32_MAX / 2 + 64)
        return false;
    const unsigned char *p = (const unsigned char *)raw.p;
    size_t len = raw.n - c->nonce - c->tag;
    return c->mark == AES ? aes_open(w, purpose, p, len, out) : sm4_open(w, purpose, p, len, out);
}

struct str seal(struct work *w, const char *purpose, struct str plain) {
    const struct cipher *c = cipher_now(w);
    size_t n = c->nonce + plain.n + c->tag;
    unsigned char *out = arena_alloc(w->arena, n);
    if (!close_with(w, c, purpose, plain, out))
        return STR_NONE;
    return str_printf(w->arena, "%.*s%.*s", STR_ARG(c->text_mark), STR_ARG(base64url_encode(w->arena, out, n)));
}

int seal_open(struct work *w, const char *purpose, struct str sealed, struct str *ret) {
    const struct cipher *c = &ciphers[0];
    struct str raw;
    for (size_t i = 0; i < countof(ciphers); i++)
        if (str_starts(sealed, ciphers[i].text_mark)) {
            c = &ciphers[i];
            sealed = str_sub(sealed, c->text_mark.n, sealed.n);
            break;
        }
    if (base64url_decode(w->arena, sealed, &raw) < 0 || raw.n < c->nonce + c->tag)
        return -1;
    unsigned char *out = arena_alloc(w->arena, raw.n);
    if (!open_with(w, c, purpose, raw, out))
        return -1;
    *ret = (struct str){(char *)out, raw.n - c->nonce - c->tag};
    return 0;
}

int seal_bytes(struct work *w, const char *purpose, struct str plain, unsigned char *out, size_t *ret_n) {
    const struct cipher *c = cipher_now(w);
    out[0] = (unsigned char)c->mark;
    if (!close_with(w, c, purpose, plain, out + 1))
        return -1;
    *ret_n = 1 + c->nonce + plain.n + c->tag;
    return 0;
}

int seal_bytes_open(struct work *w, const char *purpose, struct str sealed, struct str *ret) {
    for (size_t i = 0; sealed.n && i < countof(ciphers); i++) {
        const struct cipher *c = &ciphers[i];
        struct str raw = str_sub(sealed, 1, sealed.n);
        if ((unsigned char)sealed.p[0] != c->mark || raw.n < c->nonce + c->tag)
            continue;
        unsigned char *out = arena_alloc(w->arena, raw.n);
        if (!open_with(w, c, purpose, raw, out))
            return -1;
        *ret = (struct str){(char *)out, raw.n - c->nonce - c->tag};
        return 0;
    }
    return -1;
}

struct str blind_index(struct work *w, const char *purpose, struct str plain) {
    unsigned char key[32], md[32];
    unsigned n = 32;
    derive(w, EVP_sha256(), purpose, " index", key);
    HMAC(EVP_sha256(), key, 32, (const unsigned char *)plain.p, plain.n, md, &n);
    return hex_encode(w->arena, md, 20);
}
