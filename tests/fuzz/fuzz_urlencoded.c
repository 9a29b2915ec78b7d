/* fuzz_urlencoded.c: forms of any bytes: bounded, and every value that comes out is UTF-8. */
#include "http/http_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct work w = {.arena = arena_new(64 << 20)};
    struct params p = {0};
    if (urlencoded_parse(&w, (struct str){(const char *)data, size}, &p) == 0)
        for (size_t i = 0; i < p.n; i++)
            if (!utf8_valid(p.v[i].name) || !utf8_valid(p.v[i].value))
                abort();
    arena_free(w.arena);
    return 0;
}
