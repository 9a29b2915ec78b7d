/* fuzz_table.h: any bytes as a table: read through to rows of the standard table, which must be sound texts. */
#ifndef FUZZ_TABLE_H
#define FUZZ_TABLE_H
#include "catalogue/table_internal.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int fuzz_row(void *ctx, const struct table_row *r) {
    (void)ctx;
    for (size_t i = 0; i < item_column_count; i++)
        if (item_column[i].kind == COLUMN_TEXT && column_text(&r->columns, &item_column[i]).n > TABLE_CELL_BYTES * 2)
            abort();
    if (r->row < 1)
        abort();
    return 0;
}

static inline void fuzz_table(const uint8_t *data, size_t size,
                              int (*read)(struct work *, const char *, const struct table_sink *)) {
    char path[64];
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    struct work w = {.arena = arena_new(LIMIT_ARENA_BYTES)};
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct table_reader *r = table_reader_new(&w, NULL, (struct table_reader_hooks){.row = fuzz_row});
    struct table_sink sink = table_reader_sink(r);
    if (read(&w, path, &sink) == 0)
        (void)table_reader_end(r);
    else if (!w.error.code)
        abort(); /* refused without a word */
    table_reader_free(r);
    arena_free(w.arena);
    close(fd);
}
#endif
