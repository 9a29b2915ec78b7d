/* fuzz_multipart.c: a multipart body in chunks of any size: the first byte says how it is cut. */
#include "http/http_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct app_config config = {.data_dir = "/nonexistent", .upload_max = 1 << 20};
    static struct http_server server = {.config = &config};
    static const struct route row = {.flags = ROUTE_UPLOAD};
    if (size == 0)
        return 0;
    struct exchange x = {.server = &server, .route = &row, .arena = arena_new(64 << 20)};
    x.work.arena = x.arena;
    size_t step = data[0] ? data[0] : 1;
    if (body_begin(&x, S("multipart/form-data; boundary=x"), 1 << 24) == 0)
        for (size_t i = 1; i < size; i += step)
            body_feed(&x, (const char *)data + i, size - i < step ? size - i : step);
    body_end(&x);
    body_release(&x);
    arena_free(x.arena);
    return 0;
}
