/* multipart.c: multipart/form-data as it arrives: fields into memory, files straight to data_dir/tmp.
 *
 * The delimiter is looked for in a window that keeps enough bytes back for one that is cut between two chunks. */
#include "http/http_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define MAX_HEADERS 4096
#define MAX_FIELD (LIMIT_FORM_BYTES)

enum state { PREAMBLE, HEADERS, CONTENT, EPILOGUE };
struct multipart {
    struct exchange *x;
    struct str delimiter; /* "\r\n--boundary" */
    enum state state;
    struct buf window;
    struct buf value; /* of a field */
    struct str name, file_name, type;
    bool is_file;
    int fd;
    const char *path;
    int64_t size;
    size_t parts;
};

struct multipart *multipart_new(struct exchange *x, struct str boundary) {
    struct multipart *m = arena_one(x->arena, struct multipart);
    m->x = x;
    m->fd = -1;
    m->delimiter = str_printf(x->arena, "\r\n--%.*s", STR_ARG(boundary));
    buf_init(&m->window, 1u << 20);
    buf_init(&m->value, MAX_FIELD);
    buf_add(&m->window, S("\r\n")); /* so that the first delimiter looks like the others */
    return m;
}

void multipart_free(struct multipart *m) {
    if (!m)
        return;
    if (m->fd >= 0)
        close(m->fd);
    buf_release(&m->window);
    buf_release(&m->value);
}

/* name="…" or filename="…" of a Content-Disposition line; browsers write %22 for quotes and raw UTF-8. */
static struct str parameter(struct arena *a, struct str line, const char *key) {
    struct str mark = str_printf(a, "%s=\"", key), value, rest;
    for (struct str s = line;;) {
        ptrdiff_t at = str_find(s, mark);
        if (at < 0)
            return STR_NONE;
        bool whole = at > 0 && (s.p[at - 1] == ' ' || s.p[at - 1] == ';');
        s = str_sub(s, (size_t)at + mark.n, s.n);
        if (!str_cut(s, '"', &value, &rest))
            return STR_NONE;
        if (whole)
            return str_dup(a, str_replace(a, value, S("%22"), S("\"")));
    }
}

static int open_file(struct multipart *m) {
    struct exchange *x = m->x;
    if (!x->route || !(x->route->flags & ROUTE_UPLOAD))
        return fail(&x->work, ERR_MEDIA_TYPE, "这里不接收文件");
    if (x->file_count == LIMIT_UPLOAD_FILES)
        return fail(&x->work, ERR_TOO_LARGE, "一次最多上传 %d 个文件", LIMIT_UPLOAD_FILES);
    m->path = str_printf(x->arena, "%s/tmp/%.*s", x->server->config->data_dir, STR_ARG(random_token(x->arena, 18))).p;
    m->fd = open(m->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return m->fd >= 0 ? 0 : fail(&x->work, errno == ENOSPC ? ERR_DISK_FULL : ERR_INTERNAL, "上传的文件无法暂存");
}

static int part_headers(struct multipart *m, struct str headers) {
    struct arena *a = m->x->arena;
    m->name = m->file_name = m->type = STR_NONE;
    m->is_file = false;
    while (headers.n) {
        struct str line = headers, rest = STR_NONE;
        ptrdiff_t at = str_find(headers, S("\r\n"));
        if (at >= 0) {
            line = str_sub(headers, 0, (size_t)at);
            rest = str_sub(headers, (size_t)at + 2, headers.n);
        }
        headers = rest;
        if (line.n > 20 && strncasecmp(line.p, "Content-Disposition:", 20) == 0) {
            m->name = parameter(a, line, "name");
            m->is_file = str_find(line, S("filename=")) >= 0;
            m->file_name = parameter(a, line, "filename");
        } else if (line.n > 13 && strncasecmp(line.p, "Content-Type:", 13) == 0) {
            m->type = str_dup(a, str_trim(str_sub(line, 13, line.n)));
        }
    }
    if (m->name.n == 0 || m->name.n > 100 || !utf8_valid(m->name) || !utf8_valid(m->file_name))
        return fail(&m->x->work, ERR_BAD_REQUEST, "表单的格式不正确");
    if (++m->parts > LIMIT_FIELDS)
        return fail(&m->x->work, ERR_TOO_LARGE, "表单的项目过多");
    m->size = 0;
    buf_clear(&m->value);
    return m->is_file && m->file_name.n ? open_file(m) : 0;
}

static int content(struct multipart *m, struct str s) {
    struct work *w = &m->x->work;
    m->size += (int64_t)s.n;
    if (m->fd < 0) {
        buf_add(&m->value, s);
        return m->value.failed ? fail(w, ERR_TOO_LARGE, "提交的内容超过允许的大小") : 0;
    }
    if (m->size > m->x->server->config->upload_max)
        return fail(w, ERR_TOO_LARGE, "文件“%.*s”超过 %lld MB 的限制", STR_ARG(m->file_name),
                    (long long)(m->x->server->config->upload_max >> 20));
    while (s.n) {
        ssize_t n = write(m->fd, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail(w, errno == ENOSPC ? ERR_DISK_FULL : ERR_INTERNAL, "存储空间不足，文件没有保存");
        s = str_sub(s, (size_t)n, s.n);
    }
    return 0;
}

static int part_end(struct multipart *m) {
    struct exchange *x = m->x;
    if (m->fd >= 0) {
        close(m->fd);
        m->fd = -1;
        if (!x->files) {
            x->files = arena_many(x->arena, struct http_file, LIMIT_UPLOAD_FILES);
            x->file_fields = arena_many(x->arena, struct str, LIMIT_UPLOAD_FILES);
        }
        x->file_fields[x->file_count] = m->name;
        x->files[x->file_count++] = (struct http_file){m->file_name, m->type, m->path, m->size};
        return 0;
    }
    if (m->is_file)
        return 0; /* an empty file field */
    struct str value = str_dup(x->arena, buf_str(&m->value));
    if (!utf8_valid(value))
        return fail(&x->work, ERR_BAD_REQUEST, "提交的内容不是有效的 UTF-8 文字");
    params_add(x->arena, &x->body, m->name, value);
    return 0;
}

static void consume(struct multipart *m, size_t n) {
    memmove(m->window.p, m->window.p + n, m->window.n - n);
    m->window.n -= n;
}

/* One step over the window: 1 go on, 0 needs more bytes, -1 refused. */
static int step(struct multipart *m) {
    struct str s = buf_str(&m->window);
    ptrdiff_t at;
    if (m->state == HEADERS) {
        if (s.n >= 2 && s.p[0] == '-' && s.p[1] == '-') {
            m->state = EPILOGUE;
            return 1;
        }
        at = str_find(s, S("\r\n\r\n"));
        if (at < 0)
            return s.n > MAX_HEADERS ? fail(&m->x->work, ERR_BAD_REQUEST, "表单的格式不正确") : 0;
        struct str headers = str_dup(m->x->arena, str_sub(s, 0, (size_t)at));
        consume(m, (size_t)at + 4);
        m->state = CONTENT;
        return part_headers(m, headers) < 0 ? -1 : 1;
    }
    if (m->state == EPILOGUE) {
        consume(m, s.n);
        return 0;
    }
    at = str_find(s, m->delimiter);
    size_t safe = at >= 0 ? (size_t)at : s.n > m->delimiter.n ? s.n - m->delimiter.n : 0;
    if (m->state == CONTENT && safe && content(m, str_sub(s, 0, safe)) < 0)
        return -1;
    if (at < 0) {
        consume(m, safe);
        return 0;
    }
    if (m->state == CONTENT && part_end(m) < 0)
        return -1;
    consume(m, (size_t)at + m->delimiter.n);
    m->state = HEADERS;
    return 1;
}

int multipart_feed(struct multipart *m, const char *data, size_t n) {
    int rc = 1;
    buf_add(&m->window, (struct str){data, n});
    if (m->window.failed)
        return fail(&m->x->work, ERR_BAD_REQUEST, "表单的格式不正确");
    while (rc > 0)
        rc = step(m);
    return rc;
}

int multipart_end(struct multipart *m) {
    return m->state == EPILOGUE ? 0 : fail(&m->x->work, ERR_BAD_REQUEST, "上传没有完成，请重试");
}
