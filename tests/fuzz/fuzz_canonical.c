/* fuzz_canonical.c: whatever parses has at most one canonical form, and that form is its own. */
#include "ledger/ledger_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *a = arena_new(LIMIT_ARENA_BYTES);
    json_t *v = json_loadb((const char *)data, size, JSON_DECODE_ANY, NULL);
    struct str once = v ? json_canonical(a, v) : STR_NONE;
    if (once.p) {
        /* As a browser reads it: every number is a double. */
        json_t *back = json_loadb(once.p, once.n, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
        struct str twice = back ? json_canonical(a, back) : STR_NONE;
        if (!twice.p || !str_eq(once, twice))
            abort();
        json_decref(back);
    }
    json_decref(v);
    arena_free(a);
    return 0;
}
