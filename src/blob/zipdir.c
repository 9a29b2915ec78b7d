/* zipdir.c: a zip's central directory read by hand: which names are inside, nothing unpacked.
 * Every number is checked against the bytes at hand; a directory that does not add up is no directory. */
#include "blob/blob_internal.h"

#include <sys/stat.h>
#include <unistd.h>

#define END_BYTES 22
#define ENTRY_BYTES 46
#define LOCAL_BYTES 30
#define DIRECTORY_BYTES (8 * 1024 * 1024) /* 20,000 names fit many times */

static uint32_t u16(const unsigned char *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32(const unsigned char *p) {
    return u16(p) | u16(p + 2) << 16;
}

static bool ends_with(struct str s, const char *tail) {
    return str_ends(s, str_z(tail));
}

static void note_name(struct zip_facts *z, struct str name) {
    z->content_types = z->content_types || str_is(name, "[Content_Types].xml");
    z->word = z->word || str_is(name, "word/document.xml");
    z->excel = z->excel || str_starts(name, S("xl/workbook."));
    z->powerpoint = z->powerpoint || str_is(name, "ppt/presentation.xml");
    z->ofd = z->ofd || str_is(name, "OFD.xml");
    z->macro = z->macro || ends_with(name, "vbaProject.bin") || str_starts(name, S("Basic/")) ||
               str_starts(name, S("xl/macrosheets/"));
    if (!z->dangerous[0] && blob_name_runs(name))
        snprintf(z->dangerous, sizeof z->dangerous, "%.*s", (int)(name.n > 60 ? 60 : name.n), name.p);
    for (char *p = z->dangerous; *p; p++)
        if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f)
            *p = '_'; /* names in a zip may be in any encoding */
}

/* The content of a stored entry "mimetype" (ODF), whose local header lies at offset. */
static void note_mimetype(struct zip_facts *z, int fd, uint32_t offset, uint32_t size) {
    unsigned char local[LOCAL_BYTES];
    if (size == 0 || size >= sizeof z->mimetype || pread(fd, local, sizeof local, offset) != LOCAL_BYTES ||
        u32(local) != 0x04034b50)
        return;
    off_t at = (off_t)offset + LOCAL_BYTES + u16(local + 26) + u16(local + 28);
    if (pread(fd, z->mimetype, size, at) != (ssize_t)size)
        size = 0;
    z->mimetype[size] = 0;
}

static bool walk(int fd, const unsigned char *d, size_t n, unsigned entries, struct zip_facts *z) {
    size_t at = 0;
    for (unsigned i = 0; i < entries; i++) {
        if (n - at < ENTRY_BYTES || u32(d + at) != 0x02014b50)
            return false;
        const unsigned char *e = d + at;
        size_t name = u16(e + 28), length = ENTRY_BYTES + name + u16(e + 30) + u16(e + 32);
        if (length > n - at)
            return false;
        struct str s = {(const char *)e + ENTRY_BYTES, name};
        z->locked = z->locked || (u16(e + 8) & 1);
        note_name(z, s);
        if (str_is(s, "mimetype") && u16(e + 10) == 0)
            note_mimetype(z, fd, u32(e + 42), u32(e + 24));
        at += length;
    }
    return true;
}

/* Finds the end record in the last 64 KB; 0 when there is none. */
static bool find_end(int fd, off_t size, uint32_t *ret_offset, uint32_t *ret_bytes, unsigned *ret_entries) {
    unsigned char tail[END_BYTES + 65535];
    off_t from = size > (off_t)sizeof tail ? size - (off_t)sizeof tail : 0;
    ssize_t n = pread(fd, tail, sizeof tail, from);
    for (ssize_t i = n - END_BYTES; i >= 0; i--) {
        if (u32(tail + i) != 0x06054b50)
            continue;
        *ret_entries = u16(tail + i + 10);
        *ret_bytes = u32(tail + i + 12);
        *ret_offset = u32(tail + i + 16);
        return (off_t)*ret_offset + *ret_bytes <= from + i && *ret_bytes <= DIRECTORY_BYTES;
    }
    return false;
}

void zip_look(int fd, struct zip_facts *ret) {
    struct stat st;
    uint32_t offset, bytes;
    unsigned entries;
    *ret = (struct zip_facts){0};
    if (fstat(fd, &st) < 0 || !find_end(fd, st.st_size, &offset, &bytes, &entries))
        return;
    unsigned char *d = malloc((size_t)bytes + 1);
    if (!d)
        return;
    if (pread(fd, d, bytes, offset) == (ssize_t)bytes)
        ret->valid = walk(fd, d, bytes, entries, ret);
    free(d);
}
