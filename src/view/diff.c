/* diff.c: differences of two plain texts for reviewers: by line, then by character inside a changed stretch.
 * Longest common subsequence by dynamic programming over what is left when equal heads and tails are cut off; beyond a bound
 * of work the middle counts as replaced whole. */
#include "view/view.h"

#define MAX_CELLS 4000000u /* 16 MB and a few milliseconds */

struct seq {
    struct str *v;
    size_t n;
};

static struct seq split_lines(struct arena *a, struct str s) {
    size_t n = 1;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n';
    struct seq q = {arena_many(a, struct str, n), 0};
    while (s.n) {
        const char *nl = memchr(s.p, '\n', s.n);
        size_t k = nl ? (size_t)(nl - s.p) + 1 : s.n;
        q.v[q.n++] = (struct str){s.p, k};
        s = str_sub(s, k, s.n);
    }
    return q;
}

static struct seq split_characters(struct arena *a, struct str s) {
    struct seq q = {arena_many(a, struct str, s.n + 1), 0};
    while (s.n) {
        struct str before = s;
        if (utf8_next(&s) < 0)
            s = str_sub(before, 1, before.n);
        q.v[q.n++] = (struct str){before.p, before.n - s.n};
    }
    return q;
}

static void put(json_t *list, const char *op, struct str text) {
    if (text.n == 0)
        return;
    size_t n = json_array_size(list);
    json_t *last = n ? json_array_get(list, n - 1) : NULL;
    if (last && strcmp(json_string_value(json_object_get(last, "op")), op) == 0) {
        json_t *t = json_object_get(last, "text");
        json_object_set_new(last, "text", json_sprintf("%s%.*s", json_string_value(t), STR_ARG(text)));
        return;
    }
    json_t *o = json_object();
    json_object_set_new(o, "op", json_string(op));
    json_set_str(o, "text", text);
    json_array_append_new(list, o);
}

static struct str joined(struct seq q, size_t from, size_t to) {
    return from < to ? (struct str){q.v[from].p, (size_t)(q.v[to - 1].p + q.v[to - 1].n - q.v[from].p)} : STR_NONE;
}

static void compare(struct arena *a, json_t *list, struct seq x, struct seq y, bool lines);

/* A stretch of lines replaced by another: look inside it by character. */
static void replaced(struct arena *a, json_t *list, struct str del, struct str ins, bool lines) {
    if (lines && del.n && ins.n)
        compare(a, list, split_characters(a, del), split_characters(a, ins), false);
    else {
        put(list, "del", del);
        put(list, "ins", ins);
    }
}

static void middle(struct arena *a, json_t *list, struct seq x, struct seq y, bool lines) {
    if (x.n == 0 || y.n == 0 || x.n > MAX_CELLS / (y.n + 1)) {
        put(list, "del", joined(x, 0, x.n));
        put(list, "ins", joined(y, 0, y.n));
        return;
    }
    size_t width = y.n + 1;
    uint32_t *t = arena_many(a, uint32_t, (x.n + 1) * width);
    for (size_t i = x.n; i-- > 0;)
        for (size_t j = y.n; j-- > 0;) {
            uint32_t down = t[(i + 1) * width + j], right = t[i * width + j + 1];
            t[i * width + j] = str_eq(x.v[i], y.v[j]) ? t[(i + 1) * width + j + 1] + 1 : down > right ? down : right;
        }
    size_t i = 0, j = 0;
    while (i < x.n || j < y.n) {
        size_t i0 = i, j0 = j;
        while ((i < x.n || j < y.n) && !(i < x.n && j < y.n && str_eq(x.v[i], y.v[j]))) {
            if (j == y.n || (i < x.n && t[(i + 1) * width + j] >= t[i * width + j + 1]))
                i++;
            else
                j++;
        }
        replaced(a, list, joined(x, i0, i), joined(y, j0, j), lines);
        size_t same = i;
        while (i < x.n && j < y.n && str_eq(x.v[i], y.v[j])) {
            i++;
            j++;
        }
        put(list, "same", joined(x, same, i));
    }
}

static void compare(struct arena *a, json_t *list, struct seq x, struct seq y, bool lines) {
    size_t head = 0, tail = 0;
    while (head < x.n && head < y.n && str_eq(x.v[head], y.v[head]))
        head++;
    while (tail < x.n - head && tail < y.n - head && str_eq(x.v[x.n - 1 - tail], y.v[y.n - 1 - tail]))
        tail++;
    put(list, "same", joined(x, 0, head));
    middle(a, list, (struct seq){x.v + head, x.n - head - tail}, (struct seq){y.v + head, y.n - head - tail}, lines);
    put(list, "same", joined(x, x.n - tail, x.n));
}

json_t *text_diff(struct arena *a, struct str before, struct str after) {
    json_t *list = json_array();
    compare(a, list, split_lines(a, before), split_lines(a, after), true);
    return list;
}
