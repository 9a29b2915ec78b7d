/* paper_blocks.c: the tree of sanitised HTML made a list of blocks; tables made grids. */
#include "paper/paper_blocks.h"

#include <gumbo.h>

#define DEPTH_MOST 200 /* as html_sanitise() lets through */

struct walk {
    struct arena *a;
    struct blocks *out;
    struct block now; /* being filled; runs.n 0: nothing yet */
    int lists, depth;
    int numbers[8]; /* by nesting: the next number, 0 for bullets */
};

static void *grown(struct arena *a, void *v, size_t n, size_t *cap, size_t size) {
    if (n < *cap)
        return v;
    *cap = *cap ? *cap * 2 : 8;
    char *more = arena_array(a, size, *cap);
    if (n)
        memcpy(more, v, n * size);
    return more;
}

static void add_run(struct arena *a, struct runs *r, struct str text, unsigned marks) {
    r->v = grown(a, r->v, r->n, &r->cap, sizeof *r->v);
    r->v[r->n++] = (struct run){str_dup(a, text), marks};
}

static void finish(struct walk *w) {
    if (w->now.runs.n || w->now.kind == BLOCK_TABLE || w->now.kind == BLOCK_RULE) {
        w->out->v = grown(w->a, w->out->v, w->out->n, &w->out->cap, sizeof *w->out->v);
        w->out->v[w->out->n++] = w->now;
    }
    w->now = (struct block){.kind = BLOCK_TEXT};
}

static const char *class_of(const GumboElement *e) {
    const GumboAttribute *c = gumbo_get_attribute(&e->attributes, "class");
    return c ? c->value : "";
}

static int span_of(const GumboElement *e, const char *name, int most) {
    const GumboAttribute *s = gumbo_get_attribute(&e->attributes, name);
    int64_t n = 1;
    if (s && str_int(str_z(s->value), &n) < 0)
        n = 1;
    return n < 1 ? 1 : n > most ? most : (int)n;
}

/* Line feeds and tabs of the source are blanks. */
static struct str blanks(struct arena *a, const char *text) {
    char *s = str_dupz(a, str_z(text)), *to = s;
    for (const char *p = s; *p; p++) {
        bool blank = *p == ' ' || *p == '\n' || *p == '\t' || *p == '\r';
        if (blank && (to == s || to[-1] == ' '))
            continue;
        *to++ = blank ? ' ' : *p;
    }
    return (struct str){s, (size_t)(to - s)};
}

static unsigned mark_of(GumboTag t) {
    switch (t) {
    case GUMBO_TAG_STRONG:
        return RUN_BOLD;
    case GUMBO_TAG_EM:
        return RUN_ITALIC;
    case GUMBO_TAG_U:
        return RUN_UNDERLINE;
    case GUMBO_TAG_S:
        return RUN_STRIKE;
    case GUMBO_TAG_SUB:
        return RUN_SUB;
    case GUMBO_TAG_SUP:
        return RUN_SUP;
    default:
        return 0;
    }
}

/* Text, breaks and images of a node and all below it into one list of runs. */
static void inline_runs(struct arena *a, const GumboNode *n, unsigned marks, struct runs *r, int depth) {
    if (depth > DEPTH_MOST)
        return;
    if (n->type == GUMBO_NODE_TEXT || n->type == GUMBO_NODE_WHITESPACE) {
        struct str s = blanks(a, n->v.text.text);
        if (s.n && !(r->n == 0 && str_is(s, " ")))
            add_run(a, r, s, marks);
        return;
    }
    if (n->type != GUMBO_NODE_ELEMENT)
        return;
    const GumboElement *e = &n->v.element;
    if (e->tag == GUMBO_TAG_BR)
        add_run(a, r, STR_NONE, RUN_BREAK);
    if (e->tag == GUMBO_TAG_IMG) {
        const GumboAttribute *alt = gumbo_get_attribute(&e->attributes, "alt");
        add_run(a, r, str_printf(a, "〔图片%s%s〕", alt && *alt->value ? "：" : "", alt ? alt->value : ""), marks);
    }
    bool block = e->tag == GUMBO_TAG_P || e->tag == GUMBO_TAG_LI || e->tag == GUMBO_TAG_TR;
    if (block && r->n)
        add_run(a, r, STR_NONE, RUN_BREAK);
    for (unsigned i = 0; i < e->children.length; i++)
        inline_runs(a, e->children.data[i], marks | mark_of(e->tag), r, depth + 1);
}

/* ── tables ── */

struct rows {
    const GumboElement **v;
    size_t n, cap;
};

static void rows_of(struct arena *a, const GumboElement *e, struct rows *r, int depth) {
    for (unsigned i = 0; i < e->children.length && depth < DEPTH_MOST; i++) {
        const GumboNode *c = e->children.data[i];
        if (c->type != GUMBO_NODE_ELEMENT || c->v.element.tag == GUMBO_TAG_CAPTION)
            continue;
        if (c->v.element.tag != GUMBO_TAG_TR) {
            rows_of(a, &c->v.element, r, depth + 1);
        } else if (r->n < BLOCK_ROWS_MOST) {
            r->v = grown(a, r->v, r->n, &r->cap, sizeof *r->v);
            r->v[r->n++] = &c->v.element;
        }
    }
}

static bool is_cell(const GumboNode *n) {
    return n->type == GUMBO_NODE_ELEMENT && (n->v.element.tag == GUMBO_TAG_TD || n->v.element.tag == GUMBO_TAG_TH);
}

/* The widest row; what spans from above is found when the grid is filled. */
static size_t columns_of(const struct rows *r) {
    size_t most = 1;
    for (size_t i = 0; i < r->n; i++) {
        size_t n = 0;
        for (unsigned k = 0; k < r->v[i]->children.length; k++)
            if (is_cell(r->v[i]->children.data[k]))
                n += (size_t)span_of(&((const GumboNode *)r->v[i]->children.data[k])->v.element, "colspan",
                                     BLOCK_COLUMNS_MOST);
        most = n > most ? n : most;
    }
    return most < BLOCK_COLUMNS_MOST ? most : BLOCK_COLUMNS_MOST;
}

static void place(struct arena *a, struct block_table *t, size_t row, size_t column, const GumboNode *n) {
    const GumboElement *e = &n->v.element;
    int wide = span_of(e, "colspan", (int)(t->columns - column)), high = span_of(e, "rowspan", (int)(t->rows - row));
    struct table_cell *c = &t->cells[row * t->columns + column];
    for (int i = 0; i < high; i++)
        for (int k = 0; k < wide; k++) {
            struct table_cell *x = &t->cells[(row + (size_t)i) * t->columns + column + (size_t)k];
            *x = (struct table_cell){.columns = k == 0 ? wide : 0, .rows = 1, .below = i > 0};
        }
    c->rows = high;
    c->head = e->tag == GUMBO_TAG_TH;
    inline_runs(a, n, c->head ? RUN_BOLD : 0, &c->runs, 0);
}

static void table_of(struct walk *w, const GumboElement *e) {
    struct rows r = {0};
    rows_of(w->a, e, &r, 0);
    finish(w);
    if (!r.n)
        return;
    struct block_table t = {.rows = r.n, .columns = columns_of(&r)};
    t.cells = arena_many(w->a, struct table_cell, t.rows * t.columns);
    memset(t.cells, 0, t.rows * t.columns * sizeof *t.cells);
    for (size_t i = 0; i < t.rows; i++) {
        size_t column = 0;
        for (unsigned k = 0; k < r.v[i]->children.length; k++) {
            while (column < t.columns &&
                   (t.cells[i * t.columns + column].rows || t.cells[i * t.columns + column].below))
                column++;
            if (column < t.columns && is_cell(r.v[i]->children.data[k]))
                place(w->a, &t, i, column, r.v[i]->children.data[k]);
        }
        for (column = 0; column < t.columns; column++) /* a short row is filled up */
            if (!t.cells[i * t.columns + column].rows)
                t.cells[i * t.columns + column] = (struct table_cell){.columns = 1, .rows = 1};
    }
    w->now.kind = BLOCK_TABLE;
    w->now.table = t;
    finish(w);
}

/* ── blocks ── */

static void walk_node(struct walk *w, const GumboNode *n, unsigned marks);

static void walk_children(struct walk *w, const GumboElement *e, unsigned marks) {
    for (unsigned i = 0; i < e->children.length; i++)
        walk_node(w, e->children.data[i], marks);
}

static void own_block(struct walk *w, const GumboElement *e, enum block_kind kind, int level, unsigned marks) {
    finish(w);
    w->now.kind = kind;
    w->now.level = level;
    w->now.center = strstr(class_of(e), "center") != NULL;
    w->now.right = strstr(class_of(e), "right") != NULL;
    walk_children(w, e, marks);
    finish(w);
}

static void list_of(struct walk *w, const GumboElement *e, unsigned marks) {
    finish(w);
    if (w->lists < (int)countof(w->numbers)) {
        w->numbers[w->lists++] = e->tag == GUMBO_TAG_OL ? 1 : 0;
        walk_children(w, e, marks);
        w->lists--;
    }
    finish(w);
}

static void item_of(struct walk *w, const GumboElement *e, unsigned marks) {
    int *number = w->lists ? &w->numbers[w->lists - 1] : NULL;
    finish(w);
    w->now.kind = BLOCK_ITEM;
    w->now.level = w->lists ? w->lists : 1;
    w->now.number = number && *number ? (*number)++ : 0;
    walk_children(w, e, marks);
    finish(w);
}

static void walk_element(struct walk *w, const GumboElement *e, unsigned marks) {
    switch (e->tag) {
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2:
    case GUMBO_TAG_H3:
    case GUMBO_TAG_H4:
    case GUMBO_TAG_H5:
    case GUMBO_TAG_H6:
        own_block(w, e, BLOCK_HEADING, (int)(e->tag - GUMBO_TAG_H1) + 1, marks);
        return;
    case GUMBO_TAG_P:
    case GUMBO_TAG_FIGCAPTION:
    case GUMBO_TAG_FIGURE:
        if (w->now.kind == BLOCK_ITEM && w->now.runs.n == 0) /* a paragraph in an item is the item */
            walk_children(w, e, marks);
        else
            own_block(w, e, w->now.kind == BLOCK_QUOTE ? BLOCK_QUOTE : BLOCK_TEXT, 0, marks);
        return;
    case GUMBO_TAG_BLOCKQUOTE:
        own_block(w, e, BLOCK_QUOTE, 0, marks);
        return;
    case GUMBO_TAG_UL:
    case GUMBO_TAG_OL:
        list_of(w, e, marks);
        return;
    case GUMBO_TAG_LI:
        item_of(w, e, marks);
        return;
    case GUMBO_TAG_TABLE:
        table_of(w, e);
        return;
    case GUMBO_TAG_HR:
        finish(w);
        w->now.kind = BLOCK_RULE;
        finish(w);
        return;
    default:
        walk_children(w, e, marks | mark_of(e->tag));
    }
}

static void walk_node(struct walk *w, const GumboNode *n, unsigned marks) {
    if (++w->depth <= DEPTH_MOST) {
        bool leaf =
            n->type != GUMBO_NODE_ELEMENT || n->v.element.tag == GUMBO_TAG_BR || n->v.element.tag == GUMBO_TAG_IMG;
        if (leaf)
            inline_runs(w->a, n, marks, &w->now.runs, 0);
        else
            walk_element(w, &n->v.element, marks);
    }
    w->depth--;
}

void blocks_of(struct arena *a, struct str html, struct blocks *ret) {
    struct walk w = {.a = a, .out = ret};
    GumboOutput *tree = gumbo_parse_with_options(&kGumboDefaultOptions, html.p ? html.p : "", html.n);
    *ret = (struct blocks){0};
    w.now.kind = BLOCK_TEXT;
    if (tree) {
        walk_node(&w, tree->root, 0);
        finish(&w);
        gumbo_destroy_output(&kGumboDefaultOptions, tree);
    }
}

struct str runs_text(struct arena *a, const struct runs *r) {
    struct buf b;
    buf_init(&b, 64u * 1024 * 1024);
    for (size_t i = 0; i < r->n; i++)
        if (r->v[i].marks & RUN_BREAK)
            buf_addc(&b, '\n');
        else
            buf_add(&b, r->v[i].text);
    struct str s = str_dup(a, str_trim(buf_str(&b)));
    buf_release(&b);
    return s;
}
