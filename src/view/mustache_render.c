/* mustache_render.c: walks the compiled tree with a stack of contexts. Thread-safe: the tree is never changed. */
#include "view/mustache_internal.h"

/* Tags one rendering may visit: partials that include others twice double with each level, without printing anything.
 */
#define MAX_STEPS 4000000u

/* Blocks given by a parent tag; the outermost template's win, so they are looked up from the first frame. */
struct frame {
    const struct frame *outer;
    const struct mustache *m;
    size_t from, to;
};
struct renderer {
    json_t *stack[MAX_DEPTH + 1];
    size_t depth;
    unsigned nested, steps;
    mustache_get *get;
    void *ctx;
    struct buf *out;
    struct str indents[MAX_DEPTH + 1];
    size_t indent_count;
    bool skip_indent;
    int failed;
};

static void walk(struct renderer *r, const struct mustache *m, size_t from, size_t to, const struct frame *frames);

/* ── values ── */

static json_t *member(json_t *o, struct str key) {
    return json_is_object(o) ? json_object_getn(o, key.p, key.n) : NULL;
}

static json_t *lookup(const struct renderer *r, struct str name) {
    struct str head = name, tail = STR_NONE;
    json_t *v = NULL;
    if (str_is(name, "."))
        return r->depth ? r->stack[r->depth - 1] : NULL;
    bool dotted = str_cut(name, '.', &head, &tail);
    for (size_t i = r->depth; i-- > 0 && !v;)
        v = member(r->stack[i], head);
    while (dotted && v) {
        struct str rest = tail;
        head = rest;
        dotted = str_cut(rest, '.', &head, &tail);
        v = member(v, head);
    }
    return v;
}

static bool truthy(const json_t *v) {
    switch (v ? json_typeof(v) : JSON_NULL) {
    case JSON_NULL:
    case JSON_FALSE:
        return false;
    case JSON_INTEGER:
        return json_integer_value(v) != 0;
    case JSON_REAL:
        return json_real_value(v) < 0 || json_real_value(v) > 0;
    case JSON_STRING:
        return json_string_length(v) != 0;
    case JSON_ARRAY:
        return json_array_size(v) != 0;
    default:
        return true;
    }
}

static void put_escaped(struct buf *out, struct str s) {
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char *e = s.p[i] == '&'    ? "&amp;"
                        : s.p[i] == '<'  ? "&lt;"
                        : s.p[i] == '>'  ? "&gt;"
                        : s.p[i] == '"'  ? "&quot;"
                        : s.p[i] == '\'' ? "&#39;"
                                         : NULL;
        if (!e)
            continue;
        buf_add(out, (struct str){s.p + from, i - from});
        buf_addz(out, e);
        from = i + 1;
    }
    buf_add(out, (struct str){s.p + from, s.n - from});
}

static void put_value(struct renderer *r, const json_t *v, bool raw) {
    char number[64];
    struct str s;
    switch (v ? json_typeof(v) : JSON_NULL) {
    case JSON_STRING:
        s = (struct str){json_string_value(v), json_string_length(v)};
        break;
    case JSON_INTEGER:
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(v));
        s = str_z(number);
        break;
    case JSON_REAL:
        snprintf(number, sizeof number, "%.10g", json_real_value(v));
        s = str_z(number);
        break;
    case JSON_TRUE:
        s = S("true");
        break;
    default:
        return;
    }
    if (raw)
        buf_add(r->out, s);
    else
        put_escaped(r->out, s);
}

static void put_indent(struct renderer *r) {
    if (!r->skip_indent)
        for (size_t i = 0; i < r->indent_count; i++)
            buf_add(r->out, r->indents[i]);
    r->skip_indent = false;
}

/* ── structure ── */

static void push(struct renderer *r, json_t *context) {
    if (r->depth == MAX_DEPTH) {
        r->failed = -1;
        return;
    }
    r->stack[r->depth++] = context;
}

static void section(struct renderer *r, const struct mustache *m, size_t k, const struct frame *frames) {
    const struct node *node = &m->nodes[k];
    json_t *v = lookup(r, node->text), *item;
    size_t i, depth = r->depth;
    if (!truthy(v))
        return;
    if (!json_is_array(v)) {
        push(r, v);
        walk(r, m, k + 1, node->end, frames);
        r->depth = depth;
        return;
    }
    json_array_foreach(v, i, item) {
        push(r, item);
        walk(r, m, k + 1, node->end, frames);
        r->depth = depth;
        if (r->failed || r->out->failed)
            return;
    }
}

/* Renders [from, to) of another template with more indentation. */
static void nested(struct renderer *r, const struct mustache *m, size_t from, size_t to, const struct frame *frames,
                   struct str indent) {
    if (r->nested == MAX_DEPTH || r->indent_count == MAX_DEPTH) {
        r->failed = -1;
        return;
    }
    r->nested++;
    r->indents[r->indent_count++] = indent;
    walk(r, m, from, to, frames);
    r->indent_count--;
    r->nested--;
}

/* The overriding block of this name: the frame of the outermost template comes first. */
static const struct frame *find_block(const struct frame *frames, struct str name, size_t *ret) {
    const struct frame *found = NULL;
    for (const struct frame *f = frames; f; f = f->outer)
        for (size_t k = f->from; k < f->to; k = f->m->nodes[k].end)
            if (f->m->nodes[k].kind == NODE_BLOCK && str_eq(f->m->nodes[k].text, name)) {
                found = f;
                *ret = k;
            }
    return found;
}

static void block(struct renderer *r, const struct mustache *m, size_t k, const struct frame *frames) {
    const struct node *node = &m->nodes[k];
    size_t at = k;
    const struct frame *f = find_block(frames, node->text, &at);
    const struct mustache *from = f ? f->m : m;
    bool inline_here = node->inline_block && node->indent.n;
    r->skip_indent = r->skip_indent || (inline_here && at != k);
    nested(r, from, at + 1, from->nodes[at].end, frames, node->indent);
    if (inline_here)
        r->skip_indent = false;
}

static void partial(struct renderer *r, const struct node *node, const struct frame *frames) {
    const struct mustache *other = r->get ? r->get(r->ctx, node->text) : NULL;
    if (other)
        nested(r, other, 0, other->n, frames, node->indent);
}

static void walk(struct renderer *r, const struct mustache *m, size_t from, size_t to, const struct frame *frames) {
    for (size_t k = from; k < to && !r->failed && !r->out->failed; k = m->nodes[k].end) {
        const struct node *node = &m->nodes[k];
        if (++r->steps > MAX_STEPS)
            r->failed = -1;
        if (node->bol)
            put_indent(r);
        switch (node->kind) {
        case NODE_TEXT:
            buf_add(r->out, node->text);
            break;
        case NODE_VALUE:
        case NODE_RAW:
            put_value(r, lookup(r, node->text), node->kind == NODE_RAW);
            break;
        case NODE_SECTION:
            section(r, m, k, frames);
            break;
        case NODE_INVERTED:
            if (!truthy(lookup(r, node->text)))
                walk(r, m, k + 1, node->end, frames);
            break;
        case NODE_PARTIAL:
            partial(r, node, NULL);
            break;
        case NODE_PARENT: {
            struct frame mine = {frames, m, k + 1, node->end};
            partial(r, node, &mine);
            break;
        }
        case NODE_BLOCK:
            block(r, m, k, frames);
            break;
        }
    }
}

int mustache_render(const struct mustache *m, json_t *const *stack, size_t depth, mustache_get *get, void *ctx,
                    struct buf *out) {
    struct renderer r = {.get = get, .ctx = ctx, .out = out};
    for (size_t i = 0; i < depth; i++)
        push(&r, stack[i]);
    walk(&r, m, 0, m->n, NULL);
    return r.failed || out->failed ? -1 : 0;
}
