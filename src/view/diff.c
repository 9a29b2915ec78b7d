/* diff.c: differences of two plain texts for reviewers: by line, then by character inside a changed stretch.
 *
 * Myers' greedy algorithm after equal heads and tails are cut off. The work of one comparison is bounded; what lies
 * beyond counts as replaced whole, which is true, only coarser. */
#include "view/view.h"

#define MAX_EDITS 1500       /* of one stretch: its trace then takes 9 MB */
#define MAX_STEPS 40000000u  /* of one text_diff: some tenths of a second */
#define MAX_BYTES (8u << 20) /* of both texts together; a body has at most 2 MB */
#define LEAST_SAME 2         /* characters: a single one in common between two changes is chance, not sameness */

struct seq {
    const struct str *v;
    size_t n;
};
struct match {
    size_t x, y, n; /* x[x..x+n) equals y[y..y+n) */
};
struct piece {
    const char *op;
    struct str text;
};
struct diff {
    struct arena *a; /* scratch of one text_diff */
    size_t steps;    /* left to spend */
    struct piece *pieces;
    size_t n, cap;
};

static void *enlarged(struct arena *a, const void *old, size_t n, size_t *cap, size_t size) {
    if (n < *cap)
        return NULL;
    *cap = *cap ? *cap * 2 : 64;
    void *more = arena_array(a, size, *cap);
    if (n)
        memcpy(more, old, n * size);
    return more;
}

/* Neighbours of one kind are neighbours in their text too, so that a longer view joins them. */
static void put(struct diff *d, const char *op, struct str text) {
    if (text.n == 0)
        return;
    struct piece *last = d->n ? &d->pieces[d->n - 1] : NULL;
    if (last && last->op == op && last->text.p + last->text.n == text.p) {
        last->text.n += text.n;
        return;
    }
    struct piece *more = enlarged(d->a, d->pieces, d->n, &d->cap, sizeof *more);
    if (more)
        d->pieces = more;
    if (d->pieces)
        d->pieces[d->n++] = (struct piece){op, text};
}

static const char op_same[] = "same", op_del[] = "del", op_ins[] = "ins";

/* ── cutting ── */

static struct seq split_lines(struct arena *a, struct str s) {
    size_t n = 1, k = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n';
    struct str *v = arena_many(a, struct str, n);
    while (s.n) {
        const char *nl = memchr(s.p, '\n', s.n);
        size_t length = nl ? (size_t)(nl - s.p) + 1 : s.n;
        v[k++] = (struct str){s.p, length};
        s = str_sub(s, length, s.n);
    }
    return (struct seq){v, k};
}

static struct seq split_characters(struct arena *a, struct str s) {
    struct str *v = arena_many(a, struct str, utf8_length(s) + 1);
    size_t k = 0;
    while (s.n) {
        struct str before = s;
        if (utf8_next(&s) < 0)
            break; /* callers hand in UTF-8 */
        v[k++] = (struct str){before.p, before.n - s.n};
    }
    return (struct seq){v, k};
}

static struct str joined(struct seq q, size_t from, size_t to) {
    return from < to ? (struct str){q.v[from].p, (size_t)(q.v[to - 1].p + q.v[to - 1].n - q.v[from].p)} : STR_NONE;
}

static struct seq part(struct seq q, size_t from, size_t to) {
    return (struct seq){q.v + from, to - from};
}

/* ── Myers ── */

/* Row e of the trace: how far along x each diagonal -e … e came with e edits. Diagonal k is x - y. */
struct trace {
    int32_t **rows;
    int edits; /* -1: more than can be spent */
};

/* Is diagonal k best reached with edit e by going down (an insertion) from k+1, not right (a deletion) from k-1? */
static bool comes_down(const int32_t *before, int e, int k) {
    const int32_t *row = before + (e - 1); /* row[k] for -(e-1) ≤ k ≤ e-1 */
    return k == -e || (k != e && row[k - 1] < row[k + 1]);
}

static int32_t start_on(const int32_t *before, int e, int k) {
    const int32_t *row = before + (e - 1);
    return comes_down(before, e, k) ? row[k + 1] : row[k - 1] + 1;
}

static struct trace forward(struct diff *d, struct seq x, struct seq y) {
    int most = x.n + y.n < MAX_EDITS ? (int)(x.n + y.n) : MAX_EDITS;
    struct trace t = {arena_many(d->a, int32_t *, (size_t)most + 1), -1};
    for (int e = 0; e <= most; e++) {
        t.rows[e] = arena_many(d->a, int32_t, 2 * (size_t)e + 1);
        for (int k = -e; k <= e; k += 2) {
            int64_t i = e ? start_on(t.rows[e - 1], e, k) : 0, j = i - k;
            while (j >= 0 && i < (int64_t)x.n && j < (int64_t)y.n && str_eq(x.v[i], y.v[j])) {
                i++;
                j++;
                d->steps -= d->steps > 0;
            }
            t.rows[e][e + k] = (int32_t)i;
            if (i >= (int64_t)x.n && j >= (int64_t)y.n) {
                t.edits = e;
                return t;
            }
            d->steps -= d->steps > 0;
        }
        if (d->steps == 0)
            return t;
    }
    return t;
}

/* The runs in common, in order. The last one, possibly empty, lies at both ends. */
static struct match *runs(struct diff *d, struct seq x, struct seq y, size_t *ret_n) {
    struct trace t = forward(d, x, y);
    size_t n = t.edits < 0 ? 1 : (size_t)t.edits + 2;
    struct match *list = arena_many(d->a, struct match, n);
    size_t at = n - 1;
    int64_t i = (int64_t)x.n, j = (int64_t)y.n;
    list[at] = (struct match){x.n, y.n, 0};
    for (int e = t.edits; e >= 0; e--) {
        int k = (int)(i - j);
        int64_t begin = e ? start_on(t.rows[e - 1], e, k) : 0;
        list[--at] = (struct match){(size_t)begin, (size_t)(begin - k), (size_t)(i - begin)};
        if (e == 0)
            break;
        bool down = comes_down(t.rows[e - 1], e, k);
        i = down ? begin : begin - 1;
        j = down ? begin - k - 1 : begin - k;
    }
    *ret_n = n;
    return list;
}

/* ── telling ── */

static void compare(struct diff *d, struct seq x, struct seq y, bool lines);

/* A stretch of lines replaced by another: look inside it by character. */
static void replaced(struct diff *d, struct str del, struct str ins, bool lines) {
    if (lines && del.n && ins.n) {
        compare(d, split_characters(d->a, del), split_characters(d->a, ins), false);
    } else {
        put(d, op_del, del);
        put(d, op_ins, ins);
    }
}

static void middle(struct diff *d, struct seq x, struct seq y, bool lines) {
    size_t n = 0, i = 0, j = 0;
    if (x.n == 0 || y.n == 0) {
        replaced(d, joined(x, 0, x.n), joined(y, 0, y.n), false);
        return;
    }
    const struct match *list = runs(d, x, y, &n);
    for (size_t k = 0; k < n; k++) {
        bool last = k + 1 == n;
        if (!last && (list[k].n == 0 || (!lines && list[k].n < LEAST_SAME)))
            continue;
        replaced(d, joined(x, i, list[k].x), joined(y, j, list[k].y), lines);
        i = list[k].x + list[k].n;
        j = list[k].y + list[k].n;
        put(d, op_same, joined(x, list[k].x, i));
    }
}

static void compare(struct diff *d, struct seq x, struct seq y, bool lines) {
    size_t head = 0, tail = 0;
    while (head < x.n && head < y.n && str_eq(x.v[head], y.v[head]))
        head++;
    while (tail < x.n - head && tail < y.n - head && str_eq(x.v[x.n - 1 - tail], y.v[y.n - 1 - tail]))
        tail++;
    put(d, op_same, joined(x, 0, head));
    /* Each stretch has its own scratch: many changed paragraphs must not add up. */
    struct diff inner = *d;
    inner.a = arena_new(64u << 20);
    inner.pieces = NULL;
    inner.n = inner.cap = 0;
    middle(&inner, part(x, head, x.n - tail), part(y, head, y.n - tail), lines);
    for (size_t k = 0; k < inner.n; k++)
        put(d, inner.pieces[k].op, inner.pieces[k].text);
    d->steps = inner.steps;
    arena_free(inner.a);
    put(d, op_same, joined(x, x.n - tail, x.n));
}

json_t *text_diff(struct arena *a, struct str before, struct str after) {
    (void)a; /* the scratch is given back at once */
    struct diff d = {.a = arena_new(256u << 20), .steps = MAX_STEPS};
    json_t *list = json_array();
    if (before.n > MAX_BYTES || after.n > MAX_BYTES - before.n)
        replaced(&d, before, after, false);
    else
        compare(&d, split_lines(d.a, before), split_lines(d.a, after), true);
    for (size_t i = 0; i < d.n; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "op", json_string(d.pieces[i].op));
        json_set_str(o, "text", d.pieces[i].text);
        json_array_append_new(list, o);
    }
    arena_free(d.a);
    return list;
}
