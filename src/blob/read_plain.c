/* read_plain.c: text and CSV files: UTF-8, UTF-16 with a mark, or GB18030 (which holds GBK and GB2312). */
#include "blob/blob_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <unistd.h>

#define PLAIN_BYTES (4 * 1024 * 1024) /* read at most; GB18030 grows by half, UTF-16 too */

/* Cuts a character left incomplete at the end by a bounded read. */
static struct str whole_characters(struct str s) {
    size_t back = 0;
    while (back < 3 && back < s.n && ((unsigned char)s.p[s.n - 1 - back] & 0xc0) == 0x80)
        back++;
    if (back < s.n) {
        unsigned char lead = (unsigned char)s.p[s.n - 1 - back];
        size_t need = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
        if (lead >= 0xc0 && need > back)
            s.n -= back + 1;
    }
    return s;
}

static struct str converted(struct arena *a, struct str s, const char *from, bool *ret_ok) {
    iconv_t c = iconv_open("UTF-8", from);
    *ret_ok = c != (iconv_t)-1;
    if (!*ret_ok)
        return S("");
    size_t left = s.n, room = s.n * 3 + 4, cap = room, bad = 0;
    char *in = str_dupz(a, s), *out = arena_alloc(a, cap), *p = out;
    while (left && room > 4) {
        if (iconv(c, &in, &left, &p, &room) != (size_t)-1)
            break;
        if (errno == E2BIG || errno == EINVAL)
            break; /* an incomplete character at the end */
        bad++;
        in++;
        left--;
        *p++ = '?';
        room--;
    }
    iconv_close(c);
    *ret_ok = bad * 20 <= s.n; /* more is another encoding, or no text */
    return (struct str){out, cap - room};
}

struct str plain_utf8(struct arena *a, struct str s, bool *ret_ok) {
    *ret_ok = true;
    if (str_starts(s, S("\xef\xbb\xbf")))
        s = str_sub(s, 3, s.n);
    else if (str_starts(s, S("\xff\xfe")))
        return converted(a, str_sub(s, 2, s.n), "UTF-16LE", ret_ok);
    else if (str_starts(s, S("\xfe\xff")))
        return converted(a, str_sub(s, 2, s.n), "UTF-16BE", ret_ok);
    struct str whole = whole_characters(s);
    if (!whole.n || utf8_valid(whole))
        return whole;
    return converted(a, s, "GB18030", ret_ok);
}

void read_plain(const char *path, struct reading *r) {
    char *p = malloc(PLAIN_BYTES);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t n = 0;
    ssize_t k = 0;
    while (p && fd >= 0 && n < PLAIN_BYTES && (k = read(fd, p + n, PLAIN_BYTES - n)) > 0)
        n += (size_t)k;
    if (!p || fd < 0 || k < 0)
        r->problem = problem_broken;
    if (n == PLAIN_BYTES)
        r->problem = problem_cut;
    if (fd >= 0)
        close(fd);
    struct arena *a = arena_new(LIMIT_ARENA_BYTES);
    bool ok = true;
    struct str text = plain_utf8(a, (struct str){p, n}, &ok);
    if (ok && (!text.n || utf8_valid(text)))
        reading_add(r, text);
    else
        r->problem = "文字编码无法识别，请用 UTF-8 编码保存后重新上传";
    arena_free(a);
    free(p);
}
