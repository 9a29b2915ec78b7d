/* seal.c: personal data at rest: AES-256-GCM under a key derived from the installation's secret for one purpose. */
#include "base/base.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define NONCE 12
#define TAG 16

static void derive(const struct work *w, const char *purpose, unsigned char key[32]) {
    unsigned n = 32;
    HMAC(EVP_sha256(), w->config->secret, 32, (const unsigned char *)purpose, strlen(purpose), key, &n);
}

struct str seal(struct work *w, const char *purpose, struct str plain) {
    unsigned char key[32], *out = arena_alloc(w->arena, NONCE + plain.n + TAG);
    int n = 0, more = 0;
    derive(w, purpose, key);
    random_bytes(out, NONCE);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = c && plain.n <= INT32_MAX / 2 && EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, out) == 1 &&
                EVP_EncryptUpdate(c, out + NONCE, &n, (const unsigned char *)plain.p, (int)plain.n) == 1 &&
                EVP_EncryptFinal_ex(c, out + NONCE + n, &more) == 1 &&
                EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG, out + NONCE + n) == 1;
    EVP_CIPHER_CTX_free(c);
    return good ? base64url_encode(w->arena, out, NONCE + (size_t)n + TAG) : STR_NONE;
}

int seal_open(struct work *w, const char *purpose, struct str sealed, struct str *ret) {
    unsigned char key[32];
    struct str raw;
    int n = 0, more = 0;
    if (base64url_decode(w->arena, sealed, &raw) < 0 || raw.n < NONCE + TAG)
        return -1;
    derive(w, purpose, key);
    size_t len = raw.n - NONCE - TAG;
    unsigned char *out = arena_alloc(w->arena, len + TAG);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = c && EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, (const unsigned char *)raw.p) == 1 &&
                EVP_DecryptUpdate(c, out, &n, (const unsigned char *)raw.p + NONCE, (int)len) == 1 &&
                EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG, (void *)(uintptr_t)(raw.p + NONCE + len)) == 1 &&
                EVP_DecryptFinal_ex(c, out + n, &more) == 1;
    EVP_CIPHER_CTX_free(c);
    if (!good)
        return -1;
    *ret = (struct str){(char *)out, len};
    return 0;
}

struct str blind_index(struct work *w, const char *purpose, struct str plain) {
    unsigned char key[32], md[32];
    unsigned n = 32;
    derive(w, str_printf(w->arena, "%s index", purpose).p, key);
    HMAC(EVP_sha256(), key, 32, (const unsigned char *)plain.p, plain.n, md, &n);
    return hex_encode(w->arena, md, 20);
}
