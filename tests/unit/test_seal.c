/* test_seal.c: personal data sealed by either cipher; the ciphers themselves by their published values. */
#include "unit.h"

#include <openssl/evp.h>

static struct app_config aes = {.secret = "0123456789abcdef0123456789abcde", .seal_cipher = "aes-256-gcm"},
                         sm4 = {.secret = "0123456789abcdef0123456789abcde", .seal_cipher = "sm4-hmac-sm3"},
                         unset = {.secret = "0123456789abcdef0123456789abcde"},
                         other = {.secret = "another installation's secret..", .seal_cipher = "sm4-hmac-sm3"};
static struct work w;

static int setup(void **state) {
    (void)state;
    w = (struct work){.arena = arena_new(1 << 22), .config = &aes};
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_free(w.arena);
    return 0;
}

/* GB/T 32905 and GB/T 32907, appendix A of each. */
static void sm3_and_sm4_give_the_standards_own_values(void **state) {
    static const unsigned char key[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                          0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};
    unsigned char md[64], block[32];
    unsigned n = 0;
    int k = 0;
    (void)state;
    assert_int_equal(EVP_Digest("abc", 3, md, &n, EVP_sm3(), NULL), 1);
    assert_string_equal(hex_encode(w.arena, md, n).p,
                        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_EncryptInit_ex(c, EVP_sm4_ecb(), NULL, key, NULL), 1);
    EVP_CIPHER_CTX_set_padding(c, 0);
    assert_int_equal(EVP_EncryptUpdate(c, block, &k, key, 16), 1);
    assert_string_equal(hex_encode(w.arena, block, 16).p, "681edf34d206965e86b3e94f536e4246");
    /* Counter mode from that block: the first 16 bytes of the stream are the block's encryption. */
    unsigned char zero[16] = {0}, stream[16];
    assert_int_equal(EVP_EncryptInit_ex(c, EVP_sm4_ctr(), NULL, key, key), 1);
    assert_int_equal(EVP_EncryptUpdate(c, stream, &k, zero, 16), 1);
    assert_memory_equal(stream, block, 16);
    EVP_CIPHER_CTX_free(c);
}

static void bent_nowhere_opens(struct str sealed) {
    struct str back = S("untouched");
    for (size_t i = 0; i < sealed.n; i++) {
        struct str bent = str_dup(w.arena, sealed);
        ((char *)(uintptr_t)bent.p)[i] = bent.p[i] == 'A' ? 'B' : 'A';
        assert_int_equal(seal_open(&w, "message", bent, &back), -1);
    }
    for (size_t n = 0; n < sealed.n; n++)
        assert_int_equal(seal_open(&w, "message", str_sub(sealed, 0, n), &back), -1);
    assert_true(str_is(back, "untouched"));
}

static void either_cipher_opens_whatever_is_set_now(void **state) {
    static struct app_config *const all[] = {&aes, &sm4, &unset};
    static const char *const marks[] = {"aes.", "sm4.", "aes."};
    struct str plain = S("320682199001011234 张三 13812345678"), back;
    (void)state;
    for (size_t i = 0; i < countof(all); i++) {
        w.config = all[i];
        struct str a = seal(&w, "message", plain), b = seal(&w, "message", plain), none = seal(&w, "message", S(""));
        assert_true(str_starts(a, str_z(marks[i])));
        assert_false(str_eq(a, b));
        for (size_t k = 0; k < countof(all); k++) {
            w.config = all[k];
            assert_int_equal(seal_open(&w, "message", a, &back), 0);
            assert_true(str_eq(back, plain));
            assert_int_equal(seal_open(&w, "message", none, &back), 0);
            assert_int_equal(back.n, 0);
            assert_int_equal(seal_open(&w, "totp", a, &back), -1);
        }
        bent_nowhere_opens(a);
        w.config = &other;
        assert_int_equal(seal_open(&w, "message", a, &back), -1);
    }
}

static void what_was_sealed_before_there_were_marks_opens(void **state) {
    struct str plain = S("reader@example.cn"), back;
    (void)state;
    struct str sealed = seal(&w, "subscription", plain), old = str_sub(sealed, 4, sealed.n);
    w.config = &sm4;
    assert_int_equal(seal_open(&w, "subscription", old, &back), 0);
    assert_true(str_eq(back, plain));
    /* Computed by an independent program as the one of before did it; nonce 000102…0b. */
    assert_int_equal(
        seal_open(&w, "subscription", S("AAECAwQFBgcICQoLPh-YAcB0EdeKI76cIr4orbFCIwiMT6v8HKp4DFv-aH1q"), &back), 0);
    assert_true(str_eq(back, plain));
    /* A mark of the other cipher does not help. */
    assert_int_equal(seal_open(&w, "subscription", str_printf(w.arena, "sm4.%.*s", STR_ARG(old)), &back), -1);
}

/* Computed by an independent program from the description in seal.c; nonce 000102…0f. */
static void sm4_is_as_described(void **state) {
    struct str back;
    (void)state;
    assert_int_equal(
        seal_open(&w, "subscription",
                  S("sm4.AAECAwQFBgcICQoLDA0ODxwg7nZTz-dw2kwfFv9-crEmKI7LkphiCVQJa00GZtNZC8aDq00QcM-PQt36C4qO59o"),
                  &back),
        0);
    assert_true(str_is(back, "reader@example.cn"));
}

static void bytes_of_a_file_are_sealed_alike(void **state) {
    struct app_config *const all[] = {&aes, &sm4};
    unsigned char plain[5000], out[5000 + SEAL_OVERHEAD];
    size_t n;
    struct str back;
    (void)state;
    random_bytes(plain, sizeof plain);
    for (size_t i = 0; i < countof(all); i++) {
        w.config = all[i];
        assert_int_equal(seal_bytes(&w, "f", (struct str){(char *)plain, sizeof plain}, out, &n), 0);
        assert_true(n <= sizeof out);
        w.config = all[1 - i];
        assert_int_equal(seal_bytes_open(&w, "f", (struct str){(char *)out, n}, &back), 0);
        assert_int_equal(back.n, sizeof plain);
        assert_memory_equal(back.p, plain, sizeof plain);
        assert_int_equal(seal_bytes_open(&w, "g", (struct str){(char *)out, n}, &back), -1);
        for (size_t k = 0; k < n; k += k < 40 || k > n - 40 ? 1 : 331) {
            out[k] ^= 1;
            assert_int_equal(seal_bytes_open(&w, "f", (struct str){(char *)out, n}, &back), -1);
            out[k] ^= 1;
        }
        assert_int_equal(seal_bytes_open(&w, "f", (struct str){(char *)out, n - 1}, &back), -1);
        assert_int_equal(seal_bytes_open(&w, "f", S(""), &back), -1);
    }
}

static void the_index_stays_when_the_cipher_changes(void **state) {
    (void)state;
    struct str a = blind_index(&w, "id", S("x"));
    w.config = &sm4;
    assert_true(str_eq(a, blind_index(&w, "id", S("x"))));
    w.config = &other;
    assert_false(str_eq(a, blind_index(&w, "id", S("x"))));
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(sm3_and_sm4_give_the_standards_own_values),
        T(either_cipher_opens_whatever_is_set_now),
        T(what_was_sealed_before_there_were_marks_opens),
        T(sm4_is_as_described),
        T(bytes_of_a_file_are_sealed_alike),
        T(the_index_stays_when_the_cipher_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
