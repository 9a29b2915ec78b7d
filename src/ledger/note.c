/* note.c: C2SP signed notes and checkpoints: text, blank line, signature lines. Ed25519 (0x01), cosignatures of
 * witnesses (0x04), and SM2 with SM3 as a second line (0xff with a longer identifier, as the format reserves). */
#include "ledger/ledger_internal.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>

#define DASH "\xE2\x80\x94 " /* U+2014 and a blank */
#define SM2_TYPE "\xFFsm2-sm3"
#define SM2_ID "1234567812345678" /* GM/T 0009: the identifier when none is agreed */
#define SIGNATURE_BYTES 512
#define KEY_BYTES 128

/* ── keys ── */

/* The type byte, or the longer identifier, and the public key: what id and vkey are made of. */
static size_t key_material(const struct note_key *k, unsigned char out[KEY_BYTES]) {
    size_t n = KEY_BYTES - 16;
    if (k->type == NOTE_SM2) {
        memcpy(out, SM2_TYPE, sizeof SM2_TYPE - 1);
        unsigned char *point = out + sizeof SM2_TYPE - 1;
        if (EVP_PKEY_get_octet_string_param(k->key, OSSL_PKEY_PARAM_PUB_KEY, point, n, &n) != 1)
            return 0;
        return n + sizeof SM2_TYPE - 1;
    }
    out[0] = (unsigned char)k->type;
    return EVP_PKEY_get_raw_public_key(k->key, out + 1, &n) == 1 ? n + 1 : 0;
}

static int key_identify(struct note_key *k) {
    unsigned char material[NOTE_NAME_BYTES + 1 + KEY_BYTES];
    size_t name = strlen(k->name);
    struct hash h;
    memcpy(material, k->name, name);
    material[name] = '\n';
    size_t n = key_material(k, material + name + 1);
    if (n == 0)
        return -1;
    hash_bytes(&h, material, name + 1 + n);
    memcpy(k->id, h.b, sizeof k->id);
    return 0;
}

static bool name_good(struct str name) {
    if (name.n == 0 || name.n > NOTE_NAME_BYTES || !utf8_valid(name))
        return false;
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] <= ' ' || name.p[i] == '+' || name.p[i] == 0x7F)
            return false;
    return str_find(name, S("\xE3\x80\x80")) < 0;
}

int note_key_from(struct note_key *ret, enum note_type type, const char *name, EVP_PKEY *key) {
    struct note_key k = {.type = type, .key = key};
    if (!key || !name_good(str_z(name))) {
        EVP_PKEY_free(key);
        return -1;
    }
    snprintf(k.name, sizeof k.name, "%s", name);
    if (key_identify(&k) < 0) {
        EVP_PKEY_free(key);
        return -1;
    }
    *ret = k;
    return 0;
}

void note_key_free(struct note_key *k) {
    EVP_PKEY_free(k->key);
    *k = (struct note_key){0};
}

static EVP_PKEY *sm2_public(struct str point) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t) "SM2", 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point.p, point.n),
        OSSL_PARAM_construct_end(),
    };
    if (c && EVP_PKEY_fromdata_init(c) == 1)
        EVP_PKEY_fromdata(c, &key, EVP_PKEY_PUBLIC_KEY, params);
    EVP_PKEY_CTX_free(c);
    return key;
}

static EVP_PKEY *public_key(struct str material, enum note_type *ret_type) {
    if (str_starts(material, S(SM2_TYPE))) {
        *ret_type = NOTE_SM2;
        return sm2_public(str_sub(material, sizeof SM2_TYPE - 1, material.n));
    }
    if (material.n != 33 || (material.p[0] != NOTE_ED25519 && material.p[0] != NOTE_COSIGNATURE))
        return NULL;
    *ret_type = (enum note_type)material.p[0];
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)material.p + 1, 32);
}

int note_key_parse(struct str vkey, struct note_key *ret) {
    struct str name, rest, id, text, material;
    struct note_key k;
    enum note_type type;
    int rc = -1;
    struct arena *a = arena_new(64 * 1024);
    if (str_cut(vkey, '+', &name, &rest) && str_cut(rest, '+', &id, &text) && name_good(name) && id.n == 8 &&
        base64_decode(a, text, &material) == 0) {
        EVP_PKEY *key = public_key(material, &type);
        if (key && note_key_from(&k, type, str_dupz(a, name), key) == 0) {
            rc = str_eq(hex_encode(a, k.id, sizeof k.id), id) ? 0 : -1;
            if (rc == 0)
                *ret = k;
            else
                note_key_free(&k);
        }
    }
    arena_free(a);
    return rc;
}

struct str note_vkey(struct arena *a, const struct note_key *k) {
    unsigned char material[KEY_BYTES];
    size_t n = key_material(k, material);
    return str_printf(a, "%s+%.*s+%.*s", k->name, STR_ARG(hex_encode(a, k->id, sizeof k->id)),
                      STR_ARG(base64_encode(a, material, n)));
}

/* ── signatures ── */

static EVP_MD_CTX *digest_context(const struct note_key *k, bool sign) {
    EVP_MD_CTX *m = EVP_MD_CTX_new();
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(k->key, NULL);
    const EVP_MD *md = k->type == NOTE_SM2 ? EVP_sm3() : NULL;
    bool good = m && c;
    if (good && k->type == NOTE_SM2)
        good = EVP_PKEY_CTX_set1_id(c, SM2_ID, sizeof SM2_ID - 1) > 0;
    if (good)
        EVP_MD_CTX_set_pkey_ctx(m, c);
    good = good && (sign ? EVP_DigestSignInit(m, NULL, md, NULL, k->key)
                         : EVP_DigestVerifyInit(m, NULL, md, NULL, k->key)) == 1;
    if (good)
        return m;
    EVP_MD_CTX_free(m);
    EVP_PKEY_CTX_free(c);
    return NULL;
}

static void context_free(EVP_MD_CTX *m) {
    EVP_PKEY_CTX *c = EVP_MD_CTX_get_pkey_ctx(m);
    EVP_MD_CTX_free(m);
    EVP_PKEY_CTX_free(c); /* set from outside, so ours to free */
}

static struct str cosigned_text(struct arena *a, struct str text, int64_t at) {
    return str_printf(a, "cosignature/v1\ntime %lld\n%.*s", (long long)at, STR_ARG(text));
}

struct str note_sign(struct arena *a, const struct note_key *k, struct str text, int64_t at) {
    unsigned char out[4 + 8 + SIGNATURE_BYTES];
    size_t head = 4, n = SIGNATURE_BYTES;
    memcpy(out, k->id, 4);
    if (k->type == NOTE_COSIGNATURE) {
        for (int i = 0; i < 8; i++)
            out[head++] = (unsigned char)((uint64_t)at >> (56 - 8 * i));
        text = cosigned_text(a, text, at);
    }
    EVP_MD_CTX *m = digest_context(k, true);
    bool good = m && EVP_DigestSign(m, out + head, &n, (const unsigned char *)text.p, text.n) == 1;
    if (m)
        context_free(m);
    if (!good)
        return STR_NONE;
    return str_printf(a, DASH "%s %.*s\n", k->name, STR_ARG(base64_encode(a, out, head + n)));
}

static bool signature_good(struct arena *a, const struct note_key *k, struct str text, struct str sig,
                           int64_t *ret_at) {
    if (k->type == NOTE_COSIGNATURE) {
        uint64_t at = 0;
        if (sig.n != 8 + 64)
            return false;
        for (size_t i = 0; i < 8; i++)
            at = at << 8 | (unsigned char)sig.p[i];
        if (at > INT64_MAX / 1000)
            return false;
        *ret_at = (int64_t)at;
        text = cosigned_text(a, text, (int64_t)at);
        sig = str_sub(sig, 8, 64);
    }
    EVP_MD_CTX *m = digest_context(k, false);
    bool good =
        m && EVP_DigestVerify(m, (const unsigned char *)sig.p, sig.n, (const unsigned char *)text.p, text.n) == 1;
    if (m)
        context_free(m);
    return good;
}

/* The text ends before the last blank line. */
static bool note_split(struct str note, struct str *ret_text, struct str *ret_lines) {
    for (size_t i = note.n; i >= 2; i--)
        if (note.p[i - 1] == '\n' && note.p[i - 2] == '\n') {
            *ret_text = str_sub(note, 0, i - 1);
            *ret_lines = str_sub(note, i, note.n);
            return true;
        }
    return false;
}

struct str note_text(struct str note) {
    struct str text, lines;
    return note_split(note, &text, &lines) ? text : S("");
}

int note_verify(struct arena *a, struct str note, const struct note_key *k, struct str *ret_line, int64_t *ret_at) {
    struct str text, lines, line, name, encoded, sig;
    int64_t at = 0;
    if (!utf8_valid(note) || !note_split(note, &text, &lines))
        return -1;
    while (lines.n) {
        if (!str_cut(lines, '\n', &line, &lines))
            return -1;
        if (!str_starts(line, S(DASH)) || !str_cut(str_sub(line, 4, line.n), ' ', &name, &encoded))
            return -1;
        if (!str_is(name, k->name) || base64_decode(a, encoded, &sig) < 0 || sig.n < 5 || memcmp(sig.p, k->id, 4) != 0)
            continue;
        if (!signature_good(a, k, text, str_sub(sig, 4, sig.n), &at))
            return -1;
        if (ret_line)
            *ret_line = line;
        if (ret_at)
            *ret_at = at;
        return 1;
    }
    return 0;
}

/* ── checkpoints ── */

struct str checkpoint_text(struct arena *a, struct str origin, int64_t size, const struct hash *root) {
    return str_printf(a, "%.*s\n%lld\n%.*s\n", STR_ARG(origin), (long long)size,
                      STR_ARG(base64_encode(a, root->b, HASH_BYTES)));
}

int checkpoint_parse(struct arena *a, struct str note, struct checkpoint_head *ret) {
    struct str text = note_text(note), size, root, bytes;
    struct checkpoint_head h;
    if (!str_cut(text, '\n', &h.origin, &text) || !str_cut(text, '\n', &size, &text) ||
        !str_cut(text, '\n', &root, &text) || !name_good(h.origin) || str_int(size, &h.size) < 0 || h.size < 0 ||
        (size.n > 1 && size.p[0] == '0') || base64_decode(a, root, &bytes) < 0 || bytes.n != HASH_BYTES)
        return -1;
    memcpy(h.root.b, bytes.p, HASH_BYTES);
    *ret = h;
    return 0;
}
