/* mustache.c: compiles a template (Mustache 1.4 with inheritance) into a tree of nodes.
 *
 * Order of the file: (1) tokens: text is cut at line ends, tags carry their sigil; (2) standalone lines: a line of
 * nothing but blanks and structural tags prints nothing itself; (3) the tree, where the text of a standalone block is
 * freed of its own indentation, which the place of expansion adds again. */
#include "view/mustache_internal.h"

/* ── 1. tokens ── */

struct token {
    char sigil; /* 't' text, 'v' value, '&' raw, else the tag's own: # ^ / > < $ ! = */
    struct str text;
    struct str indent; /* blanks before it on its line, when nothing else is there */
    bool drop;         /* text swallowed by a standalone line */
    bool standalone;
    bool line_start; /* nothing but blanks before it on its line */
};
struct compiler {
    struct arena *a;
    struct token *tokens;
    size_t n, cap;
    struct str open, close;
    char *why;
    size_t why_cap;
    size_t line;
    bool plain; /* values are printed as they are */
    struct mustache *m;
};

static int refuse(struct compiler *c, const char *what, struct str name) {
    snprintf(c->why, c->why_cap, "line %zu: %s %.*s", c->line, what, STR_ARG(name));
    return -1;
}

static struct token *token_add(struct compiler *c, char sigil, struct str text) {
    if (c->n == c->cap) {
        struct token *more = arena_many(c->a, struct token, c->cap ? c->cap * 2 : 64);
        if (c->n)
            memcpy(more, c->tokens, c->n * sizeof *more);
        c->tokens = more;
        c->cap = c->cap ? c->cap * 2 : 64;
    }
    c->tokens[c->n] = (struct token){.sigil = sigil, .text = text};
    return &c->tokens[c->n++];
}

static void add_text(struct compiler *c, struct str s) {
    while (s.n) {
        const char *nl = memchr(s.p, '\n', s.n);
        size_t k = nl ? (size_t)(nl - s.p) + 1 : s.n;
        token_add(c, 't', (struct str){s.p, k});
        c->line += nl != NULL;
        s = str_sub(s, k, s.n);
    }
}

/* "{{=<% %>=}}" */
static int set_delimiters(struct compiler *c, struct str s) {
    s = str_trim(s);
    size_t i = 0, j = s.n;
    while (i < s.n && s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\n')
        i++;
    while (j > i && s.p[j - 1] != ' ' && s.p[j - 1] != '\t' && s.p[j - 1] != '\n')
        j--;
    if (i == 0 || i == s.n || j == s.n)
        return refuse(c, "bad delimiters", s);
    c->open = (struct str){s.p, i};
    c->close = (struct str){s.p + j, s.n - j};
    return 0;
}

/* One tag whose text begins at s (behind the opening delimiter); returns what is left behind the tag. */
static int read_tag(struct compiler *c, struct str s, struct str *ret_rest) {
    static const char sigils[] = "#^/><$!&";
    char sigil = s.n && s.p[0] && strchr(sigils, s.p[0]) ? s.p[0] : 'v';
    struct str end = c->close;
    if (s.n && s.p[0] == '{') {
        end = str_printf(c->a, "}%.*s", STR_ARG(c->close));
        sigil = '&';
    } else if (s.n && s.p[0] == '=') {
        end = str_printf(c->a, "=%.*s", STR_ARG(c->close));
        sigil = '=';
    }
    struct str inner = sigil == 'v' ? s : str_sub(s, 1, s.n);
    ptrdiff_t at = str_find(inner, end);
    if (at < 0)
        return refuse(c, "tag without an end", STR_NONE);
    struct str name = {inner.p, (size_t)at};
    *ret_rest = str_sub(inner, (size_t)at + end.n, inner.n);
    for (size_t i = 0; i < name.n; i++)
        c->line += name.p[i] == '\n';
    name = str_trim(name);
    if (sigil != '!' && sigil != '=' && name.n == 0)
        return refuse(c, "tag without a name", STR_NONE);
    token_add(c, sigil == 'v' && c->plain ? '&' : sigil, name);
    return sigil == '=' ? set_delimiters(c, name) : 0;
}

static int tokenise(struct compiler *c, struct str s) {
    while (s.n) {
        ptrdiff_t at = str_find(s, c->open);
        if (at < 0) {
            add_text(c, s);
            return 0;
        }
        add_text(c, (struct str){s.p, (size_t)at});
        if (read_tag(c, str_sub(s, (size_t)at + c->open.n, s.n), &s) < 0)
            return -1;
    }
    return 0;
}

/* ── 2. standalone lines ── */

static bool blank(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r' && s.p[i] != '\n')
            return false;
    return true;
}

static bool is_parent_or_block(const struct compiler *c, size_t k, const size_t *closes) {
    char s = c->tokens[k].sigil;
    if (s == '/')
        s = c->tokens[closes[k]].sigil;
    return s == '<' || s == '$';
}

/* May the line of tokens [from, to) vanish? One structural tag, or several of parents and blocks; but a block that
 * opens and closes on one line keeps the line's end. */
static bool vanishes(const struct compiler *c, size_t from, size_t to, const size_t *closes) {
    size_t tags = 0, family = 0;
    for (size_t k = from; k < to; k++) {
        const struct token *t = &c->tokens[k];
        if (t->sigil == 't') {
            if (!blank(t->text))
                return false;
            continue;
        }
        if (t->sigil == 'v' || t->sigil == '&')
            return false;
        tags++;
        family += is_parent_or_block(c, k, closes);
        if (t->sigil == '/' && c->tokens[closes[k]].sigil == '$' && closes[k] >= from)
            return false;
    }
    return tags == 1 || (tags > 1 && tags == family);
}

static void mark_line(struct compiler *c, size_t from, size_t to, const size_t *closes) {
    struct str lead = c->tokens[from].sigil == 't' && blank(c->tokens[from].text) ? c->tokens[from].text : STR_NONE;
    size_t first = from + (lead.n > 0);
    if (first < to && c->tokens[first].sigil != 't') {
        c->tokens[first].indent = lead;
        c->tokens[first].line_start = true;
    }
    if (!vanishes(c, from, to, closes))
        return;
    for (size_t k = from; k < to; k++) {
        c->tokens[k].drop = c->tokens[k].sigil == 't';
        c->tokens[k].standalone = c->tokens[k].sigil != 't';
    }
}

/* For each closing tag the index of its opening one. */
static int match_tags(struct compiler *c, size_t *closes) {
    size_t *stack = arena_many(c->a, size_t, c->n + 1), depth = 0;
    for (size_t k = 0; k < c->n; k++) {
        struct token *t = &c->tokens[k];
        if (t->sigil == '#' || t->sigil == '^' || t->sigil == '<' || t->sigil == '$') {
            if (depth == MAX_DEPTH)
                return refuse(c, "sections nested too deeply:", t->text);
            stack[depth++] = k;
        } else if (t->sigil == '/') {
            if (depth == 0 || !str_eq(c->tokens[stack[depth - 1]].text, t->text))
                return refuse(c, "closing tag without its opening one:", t->text);
            closes[k] = stack[--depth];
            closes[closes[k]] = k;
        }
    }
    return depth ? refuse(c, "section not closed:", c->tokens[stack[depth - 1]].text) : 0;
}

static void mark_lines(struct compiler *c, const size_t *closes) {
    size_t from = 0;
    for (size_t k = 0; k < c->n; k++) {
        const struct token *t = &c->tokens[k];
        if ((t->sigil == 't' && t->text.p[t->text.n - 1] == '\n') || k + 1 == c->n) {
            mark_line(c, from, k + 1, closes);
            from = k + 1;
        }
    }
}

/* ── 3. the tree ── */

static size_t node_add(struct mustache *m, struct node node) {
    if (m->n == m->cap) {
        size_t cap = m->cap ? m->cap * 2 : 64;
        struct node *more = arena_many(m->arena, struct node, cap);
        if (m->n)
            memcpy(more, m->nodes, m->n * sizeof *more);
        m->nodes = more;
        m->cap = cap;
    }
    m->nodes[m->n] = node;
    m->nodes[m->n].end = m->n + 1;
    return m->n++;
}

static struct str leading_blanks(struct str s) {
    size_t k = 0;
    while (k < s.n && (s.p[k] == ' ' || s.p[k] == '\t'))
        k++;
    return (struct str){s.p, k};
}

/* The indentation of a standalone block's first line of content, else of its tag. */
static struct str intrinsic(const struct compiler *c, size_t open, size_t close) {
    for (size_t k = open + 1; k < close; k++) {
        const struct token *t = &c->tokens[k];
        if (t->drop)
            continue;
        if (t->sigil == 't')
            return blank(t->text) && k + 1 < close && c->tokens[k + 1].sigil != 't' ? t->text : leading_blanks(t->text);
        return t->indent;
    }
    return c->tokens[open].indent;
}

static struct str dedent(struct str s, size_t k) {
    struct str lead = leading_blanks(s);
    return str_sub(s, lead.n < k ? lead.n : k, s.n);
}

/* Tokens [from, to) become nodes. *bol: the next node begins a line. cut: blanks taken off each line of a block. */
static void build(struct compiler *c, size_t from, size_t to, const size_t *closes, size_t cut, bool *bol) {
    for (size_t k = from; k < to; k++) {
        const struct token *t = &c->tokens[k];
        if (t->drop) {
            *bol = t->text.p[t->text.n - 1] == '\n' || *bol;
            continue;
        }
        if (t->sigil == 't') {
            struct str text = *bol ? dedent(t->text, cut) : t->text;
            if (text.n)
                node_add(c->m, (struct node){.kind = NODE_TEXT, .text = text, .bol = *bol && !str_is(text, "\n")});
            *bol = t->text.p[t->text.n - 1] == '\n';
            continue;
        }
        if (t->sigil == 'v' || t->sigil == '&') {
            node_add(c->m,
                     (struct node){.kind = t->sigil == 'v' ? NODE_VALUE : NODE_RAW, .text = t->text, .bol = *bol});
            *bol = false;
        } else if (t->sigil == '>') {
            if (!t->standalone && *bol) {
                node_add(c->m, (struct node){.kind = NODE_TEXT, .bol = true});
                *bol = false;
            }
            node_add(c->m, (struct node){.kind = NODE_PARTIAL,
                                         .text = t->text,
                                         .indent = t->standalone ? dedent(t->indent, cut) : STR_NONE});
        } else if (t->sigil == '#' || t->sigil == '^' || t->sigil == '<' || t->sigil == '$') {
            static const char sigils[] = "#^<$";
            static const enum node_kind kinds[] = {NODE_SECTION, NODE_INVERTED, NODE_PARENT, NODE_BLOCK};
            struct node node = {.kind = kinds[strchr(sigils, t->sigil) - sigils], .text = t->text};
            size_t close = closes[k], inner = 0;
            if (!t->standalone && *bol && node.kind != NODE_BLOCK) {
                node_add(c->m, (struct node){.kind = NODE_TEXT, .bol = true});
                *bol = false;
            }
            if (node.kind == NODE_PARENT)
                node.indent = t->standalone ? dedent(t->indent, cut) : STR_NONE;
            if (node.kind == NODE_BLOCK) {
                struct str own = t->standalone ? intrinsic(c, k, close) : t->line_start ? t->indent : STR_NONE;
                inner = t->standalone ? own.n : 0;
                node.indent = dedent(own, cut);
                node.inline_block = !t->standalone;
            } else {
                inner = cut;
            }
            size_t at = node_add(c->m, node);
            build(c, k + 1, close, closes, inner, bol);
            c->m->nodes[at].end = c->m->n;
            k = close;
        }
    }
}

static struct mustache *compile(struct str text, bool plain, char *why, size_t cap) {
    struct arena *work = arena_new(256u << 20);
    struct mustache *m = calloc(1, sizeof *m);
    if (!m) {
        arena_free(work);
        return NULL;
    }
    m->arena = arena_new(64u << 20);
    /* The nodes point into a copy of the text: the caller's may go. */
    struct compiler c = {.a = work, .open = S("{{"), .close = S("}}"), .why = why, .why_cap = cap, .line = 1, .m = m};
    c.plain = plain;
    struct str copy = str_dup(m->arena, text);
    size_t *closes = NULL;
    int rc = tokenise(&c, copy);
    if (rc == 0) {
        closes = arena_many(work, size_t, c.n + 1);
        rc = match_tags(&c, closes);
    }
    if (rc == 0) {
        bool bol = true;
        mark_lines(&c, closes);
        build(&c, 0, c.n, closes, 0, &bol);
    }
    arena_free(work);
    if (rc < 0) {
        mustache_free(m);
        return NULL;
    }
    return m;
}

struct mustache *mustache_compile(struct str text, char *why, size_t cap) {
    return compile(text, false, why, cap);
}

struct mustache *mustache_compile_plain(struct str text, char *why, size_t cap) {
    return compile(text, true, why, cap);
}

void mustache_free(struct mustache *m) {
    if (!m)
        return;
    arena_free(m->arena);
    free(m);
}
