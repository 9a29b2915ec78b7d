/* package.c: the parts of a zipped document that are wanted, into bounded memory, by libarchive. */
#include "blob/blob_internal.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

static int spoil(struct package *k, const char *problem) {
    k->problem = problem;
    return -1;
}

static int part_read(struct package *k, struct archive *a, const char *name, int64_t room) {
    struct buf b;
    buf_init(&b, (size_t)(room < BLOB_XML_BYTES ? room : BLOB_XML_BYTES));
    char chunk[32768];
    la_ssize_t n;
    while ((n = archive_read_data(a, chunk, sizeof chunk)) > 0 && !b.failed)
        buf_add(&b, (struct str){chunk, (size_t)n});
    if (b.failed || n < 0) {
        const char *problem = b.failed ? problem_bomb : problem_broken;
        buf_release(&b);
        return spoil(k, problem);
    }
    if (k->n == k->cap) {
        k->cap = k->cap ? 2 * k->cap : 16;
        k->v = realloc(k->v, k->cap * sizeof *k->v);
        if (!k->v)
            abort();
    }
    k->v[k->n++] = (struct part){strdup(name), b.p, b.n};
    return 0;
}

/* Declared sizes may lie, so what is really unpacked is counted as well (part_read's room). */
static int walk(struct package *k, struct archive *a, int64_t packed, bool (*wanted)(const char *name)) {
    struct archive_entry *e;
    int64_t most =
        packed > LIMIT_UNZIPPED_BYTES / LIMIT_UNZIP_RATIO ? LIMIT_UNZIPPED_BYTES : packed * LIMIT_UNZIP_RATIO + 65536;
    int64_t declared = 0, unpacked = 0;
    int rc, entries = 0;
    while ((rc = archive_read_next_header(a, &e)) == ARCHIVE_OK || rc == ARCHIVE_WARN) {
        const char *name = archive_entry_pathname(e);
        if (++entries > BLOB_ZIP_ENTRIES)
            return spoil(k, problem_bomb);
        if (archive_entry_size_is_set(e))
            declared += archive_entry_size(e) > 0 ? archive_entry_size(e) : 0;
        if (declared > LIMIT_UNZIPPED_BYTES || declared < 0)
            return spoil(k, problem_bomb);
        if (archive_entry_is_encrypted(e))
            return spoil(k, problem_locked);
        if (!name || !wanted(name) || package_part(k, name))
            continue;
        if (part_read(k, a, name, most - unpacked) < 0)
            return -1;
        unpacked += (int64_t)k->v[k->n - 1].n;
    }
    return rc == ARCHIVE_EOF ? 0 : spoil(k, problem_broken);
}

static struct archive *reader(void) {
    struct archive *a = archive_read_new();
    if (!a)
        abort();
    archive_read_support_format_zip_seekable(a);
    return a;
}

int package_read(struct package *k, const char *path, bool (*wanted)(const char *name)) {
    struct stat st;
    *k = (struct package){0};
    if (stat(path, &st) < 0)
        return spoil(k, problem_broken);
    struct archive *a = reader();
    int rc = archive_read_open_filename(a, path, 65536) == ARCHIVE_OK ? walk(k, a, st.st_size, wanted)
                                                                      : spoil(k, problem_broken);
    archive_read_free(a);
    return rc;
}

int package_read_bytes(struct package *k, const void *p, size_t n, bool (*wanted)(const char *name)) {
    *k = (struct package){0};
    struct archive *a = reader();
    int rc =
        archive_read_open_memory(a, p, n) == ARCHIVE_OK ? walk(k, a, (int64_t)n, wanted) : spoil(k, problem_broken);
    archive_read_free(a);
    return rc;
}

const struct part *package_part(const struct package *k, const char *name) {
    for (size_t i = 0; i < k->n; i++)
        if (strcmp(k->v[i].name, name) == 0)
            return &k->v[i];
    return NULL;
}

static int by_name(const void *x, const void *y) {
    return strverscmp(((const struct part *)x)->name, ((const struct part *)y)->name);
}

void package_sort(struct package *k) {
    if (k->n)
        qsort(k->v, k->n, sizeof *k->v, by_name);
}

void package_free(struct package *k) {
    for (size_t i = 0; i < k->n; i++) {
        free(k->v[i].name);
        free(k->v[i].p);
    }
    free(k->v);
    *k = (struct package){0};
}
