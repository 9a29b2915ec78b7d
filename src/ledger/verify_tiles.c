/* verify_tiles.c: the tile files against the tables: each byte, and no file that does not belong. */
#include "ledger/verify_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TILE_FILE_MOST (TILE_WIDTH * (LEAF_BYTES + 2) + 1)

#define FOUND(kind, id, seq, ...) ledger_finding(v->w, v->report, (kind), (id), (seq), __VA_ARGS__)

static int file_bytes(struct arena *a, const char *path, struct str *ret) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > TILE_FILE_MOST) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    char *p = arena_alloc(a, (size_t)st.st_size + 1);
    ssize_t n = read(fd, p, (size_t)st.st_size);
    close(fd);
    *ret = (struct str){p, n > 0 ? (size_t)n : 0};
    return n == st.st_size ? 0 : -1;
}

/* Which tile a path below …/tile/ names; -1: none. */
static int tile_of(struct str path, int *ret_level, int64_t *ret_index) {
    struct str head, rest = path;
    int64_t index = 0, n;
    if (!str_cut(rest, '/', &head, &rest))
        return -1;
    if (str_is(head, "entries"))
        n = -1;
    else if (str_int(head, &n) < 0 || n < 0 || n > 7)
        return -1;
    *ret_level = (int)n;
    while (str_cut(rest, '/', &head, &rest)) {
        if (head.n != 4 || head.p[0] != 'x' || str_int(str_sub(head, 1, 3), &n) < 0 || index > 1000000000)
            return -1;
        index = index * 1000 + n;
    }
    if (rest.n != 3 || str_int(rest, &n) < 0 || n < 0)
        return -1;
    *ret_index = index * 1000 + n;
    return 0;
}

static void check_file(struct verify *v, const char *path, const char *relative) {
    struct str kept, made;
    int level;
    int64_t index;
    struct work part = *v->w; /* memory of its own: a log has many tiles */
    if (tile_of(str_z(relative), &level, &index) < 0) {
        FOUND("tile", 0, -1, "存放账本块的文件夹里有不属于账本的文件 %s", relative);
        return;
    }
    int64_t first = index << (TILE_HEIGHT * ((level < 0 ? 0 : level) + 1));
    part.arena = arena_new(64u * 1024 * 1024);
    v->report->tiles++;
    if (file_bytes(part.arena, path, &kept) < 0)
        FOUND("tile", index, first, "账本块文件 %s 读不出来：%s", relative, strerror(errno));
    else if (ledger_tile(&part, level, index, TILE_WIDTH, &made) < 0 || !str_eq(kept, made))
        FOUND("tile", index, first, "账本块文件 %s 与账本不符（删除该文件后会按账本重新生成）", relative);
    arena_free(part.arena);
}

static int walk(struct verify *v, const char *base, const char *relative, int depth) {
    const char *path = str_printf(v->w->arena, "%s/%s", base, relative).p;
    DIR *d = depth > 8 ? NULL : opendir(path);
    struct dirent *e;
    if (!d)
        return errno == ENOENT ? 0 : fail(v->w, ERR_INTERNAL, "%s：%s", path, strerror(errno));
    while ((e = readdir(d))) {
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        const char *inner = *relative ? str_printf(v->w->arena, "%s/%s", relative, e->d_name).p
                                      : str_dupz(v->w->arena, str_z(e->d_name));
        const char *full = str_printf(v->w->arena, "%s/%s", base, inner).p;
        if (lstat(full, &st) < 0)
            continue; /* an unfinished one, gone meanwhile */
        if (S_ISDIR(st.st_mode)) {
            if (walk(v, base, inner, depth + 1) < 0) {
                closedir(d);
                return -1;
            }
        } else if (!strchr(e->d_name, '.')) { /* with a dot: being written, or left by a crash; never served */
            check_file(v, full, inner);
        }
    }
    closedir(d);
    return 0;
}

int verify_tiles(struct verify *v) {
    if (!v->w->config || !v->w->config->data_dir)
        return 0;
    return walk(v, str_printf(v->w->arena, "%s/ledger/tile", v->w->config->data_dir).p, "", 0);
}
