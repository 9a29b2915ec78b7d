/* fuzz_pii.c: any bytes: no crash, every finding masked, names cleaned, encodings guessed to valid text. */
#include "blob/blob_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *a = arena_new(LIMIT_ARENA_BYTES);
    struct str s = {(const char *)data, size};
    bool ok;
    json_t *list = pii_scan(a, s, "正文"), *o;
    size_t i;
    json_array_foreach(list, i, o) if (!strstr(json_string_value(json_object_get(o, "masked")), "****")) abort();
    json_decref(list);
    struct str name = blob_clean_name(a, s);
    if (!name.n || !utf8_valid(name) || memchr(name.p, '/', name.n) || utf8_length(name) > BLOB_NAME_CHARS)
        abort();
    struct str text = plain_utf8(a, s, &ok);
    if (ok && text.n && !utf8_valid(text) && !memchr(text.p, 0, text.n))
        abort();
    pii_id_card(s);
    pii_credit_code(s);
    arena_free(a);
    return 0;
}
