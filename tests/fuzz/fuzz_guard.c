/* fuzz_guard.c: header lines of any kind never crash the guard, and what it lets pass is unambiguous. */
#include "http/http_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str rest = {(const char *)data, size}, line, name, value;
    struct arena *a = arena_new(1 << 20);
    struct guard_input g = {.method = "POST", .target = "/", .version = "HTTP/1.1"};
    while (rest.n) {
        struct str next = STR_NONE;
        line = rest;
        str_cut(rest, '\n', &line, &next);
        rest = next;
        if (str_cut(line, ':', &name, &value))
            guard_header(&g, str_dup(a, name), str_dup(a, value));
        else
            g.target = str_dupz(a, line);
    }
    if (!guard_check(&g) && (g.content_lengths + g.transfer_encodings > 1 || g.hosts != 1))
        abort();
    arena_free(a);
    return 0;
}
