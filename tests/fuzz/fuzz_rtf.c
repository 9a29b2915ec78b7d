/* fuzz_rtf.c: any bytes as RTF: ends, stays in its memory, gives UTF-8. */
#include "blob/blob_internal.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[40];
    struct reading r = {0};
    int fd = memfd_create("rtf", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    buf_init(&r.text, BLOB_TEXT_BYTES);
    read_rtf(path, &r);
    if (r.text.n && !utf8_valid(buf_str(&r.text)))
        abort();
    buf_release(&r.text);
    close(fd);
    return 0;
}
