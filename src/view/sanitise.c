/* sanitise.c: HTML from outside, through gumbo's tree and an allow-list, printed anew.
 *
 * What is not on the list is unwrapped (its text stays) or, where its text is not meant for people, dropped. The walk
 * keeps its own stack; nesting is limited before the parser sees the text, because freeing gumbo's tree recurses. */
#include "view/sanitise_internal.h"

#define MAX_NESTING 200 /* elements inside one another; people need ten */

/* ── the lists ── */

static const char *const kept[] = {"p",   "h1",      "h2",    "h3",    "h4",         "h5",     "h6",        "ul",
                                   "ol",  "li",      "table", "thead", "tbody",      "tfoot",  "tr",        "th",
                                   "td",  "caption", "a",     "img",   "strong",     "em",     "u",         "s",
                                   "sub", "sup",     "br",    "hr",    "blockquote", "figure", "figcaption"};
static const char *const dropped[] = {"script", "style",    "template", "noscript", "noframes", "noembed", "iframe",
                                      "object", "embed",    "applet",   "svg",      "math",     "input",   "button",
                                      "select", "textarea", "head",     "title",    "meta",     "link",    "base",
                                      "xml",    "audio",    "video",    "canvas"};
static const char *const renamed[][2] = {{"b", "strong"}, {"i", "em"}, {"strike", "s"}, {"del", "s"}, {"ins", "u"}};
/* Text boxes of other programs: a paragraph when they hold text only, else unwrapped. */
static const char *const boxes[] = {"div",   "section", "article", "main", "header", "footer",
                                    "aside", "address", "center",  "pre",  "dt",     "dd"};
/* Said nothing, they vanish; the inline ones leave their blanks behind. */
static const char *const empty_blocks[] = {"p",  "h1", "h2", "h3",         "h4",     "h5",         "h6",
                                           "ul", "ol", "li", "blockquote", "figure", "figcaption", "caption"};
static const char *const inline_marks[] = {"strong", "em", "u", "s", "sub", "sup", "a"};

static bool on(const char *const *list, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

static bool is_block(const char *name) {
    static const char *const blocks[] = {"p",  "h1",      "h2",    "h3",         "h4",     "h5",        "h6", "ul",
                                         "ol", "li",      "table", "thead",      "tbody",  "tfoot",     "tr", "th",
                                         "td", "caption", "hr",    "blockquote", "figure", "figcaption"};
    return on(blocks, countof(blocks), name);
}

/* ── attributes ── */

static const char *attribute(const GumboElement *e, const char *name) {
    const GumboAttribute *a = gumbo_get_attribute(&e->attributes, name);
    return a ? a->value : NULL;
}

static void put_attribute(struct buf *out, const char *name, struct str value) {
    buf_addc(out, ' ');
    buf_addz(out, name);
    buf_addz(out, "=\"");
    html_put_escaped(out, value);
    buf_addc(out, '"');
}

/* A link that browsers could run is no link: the scheme is judged after dropping what browsers ignore in it. */
static bool good_link(const char *href) {
    char scheme[16];
    size_t n = 0;
    bool colon = false;
    for (const char *p = href; *p && !colon; p++) {
        unsigned char c = (unsigned char)*p;
        if (c <= 0x20 || c == 0x7F)
            continue;
        if (c == '/' || c == '?' || c == '#')
            break;
        colon = c == ':';
        if (!colon && n + 1 < sizeof scheme)
            scheme[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    scheme[n] = 0;
    static const char *const good[] = {"http", "https", "mailto"};
    return !colon || on(good, countof(good), scheme);
}

/* 1 to 1000 as digits alone, else nothing. */
static void put_number(struct buf *out, const GumboElement *e, const char *name) {
    const char *v = attribute(e, name);
    int64_t n;
    if (v && str_int(str_trim(str_z(v)), &n) == 0 && n > 1 && n <= 1000)
        buf_printf(out, " %s=\"%lld\"", name, (long long)n);
}

/* The value of a property in style="…", the last one as browsers do; no pointer when absent. */
static struct str style_value(const char *style, const char *property) {
    struct str rest = str_z(style), one, name, value, found = STR_NONE;
    while (rest.n) {
        if (!str_cut(rest, ';', &one, &rest)) {
            one = rest;
            rest = STR_NONE;
        }
        if (!str_cut(one, ':', &name, &value))
            continue;
        name = str_trim(name);
        if (name.n == strlen(property) && strncasecmp(name.p, property, name.n) == 0)
            found = str_trim(value);
    }
    return found;
}

/* Is a length such as 2em, 32.0pt or .74cm at least one character wide? In thousandths, as no locale is asked. */
static bool one_em(struct str s) {
    static const struct {
        const char *unit;
        int64_t least;
    } units[] = {{"em", 1000}, {"rem", 1000}, {"ic", 1000}, {"pt", 12000}, {"px", 16000},
                 {"pc", 1000}, {"cm", 420},   {"mm", 4200}, {"in", 160},   {"ch", 2000}};
    int64_t v = 0, scale = 0;
    size_t i = 0;
    for (; i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] == '.' && scale == 0)); i++) {
        if (s.p[i] == '.')
            scale = 1000;
        else if (scale == 0 && v < 1000000)
            v = v * 10 + (s.p[i] - '0') * 1000;
        else if (scale > 1)
            v += (s.p[i] - '0') * (scale /= 10);
    }
    struct str unit = str_sub(s, i, s.n);
    for (size_t k = 0; k < countof(units); k++)
        if (unit.n >= strlen(units[k].unit) && strncasecmp(unit.p, units[k].unit, strlen(units[k].unit)) == 0)
            return v >= units[k].least;
    return false;
}

static bool has_class(const char *list, const char *name) {
    struct str rest = str_z(list), one;
    while (rest.n) {
        if (!str_cut(rest, ' ', &one, &rest)) {
            one = rest;
            rest = STR_NONE;
        }
        if (str_is(one, name))
            return true;
    }
    return false;
}

/* Alignment and first-line indent, from classes of ours or style="" of Word, WPS and browsers. */
static void put_classes(struct buf *out, const GumboElement *e) {
    const char *style = attribute(e, "style"), *class = attribute(e, "class"), *align = attribute(e, "align");
    struct str way = style_value(style, "text-align");
    if (!way.n)
        way = str_z(align);
    bool center = has_class(class, "ta-center") || (way.n >= 6 && strncasecmp(way.p, "center", 6) == 0);
    bool right = has_class(class, "ta-right") || (way.n >= 5 && strncasecmp(way.p, "right", 5) == 0);
    bool indent = has_class(class, "indent") || one_em(style_value(style, "text-indent"));
    const char *side = center ? "ta-center" : right ? "ta-right" : "";
    if (*side || indent)
        buf_printf(out, " class=\"%s%s%s\"", side, *side && indent ? " " : "", indent ? "indent" : "");
}

/* Only our own attachments; no path that leads elsewhere. */
static bool good_image(const char *src) {
    return src && strncmp(src, "/attachments/", 13) == 0 && !strstr(src, "..") && !strchr(src, '\\');
}

#define MAX_LINK 8192 /* bytes once escaped; longer ones are data, not addresses */

/* <a href="…">, false when there is nothing to print: judged by what is left after escaping. */
static bool open_link(struct buf *out, const char *href) {
    struct buf link;
    if (!href || !good_link(href))
        return false;
    buf_init(&link, MAX_LINK);
    html_put_escaped(&link, str_z(href));
    struct str text = link.failed ? STR_NONE : str_trim(buf_str(&link));
    if (text.n) {
        buf_addz(out, "<a href=\"");
        buf_add(out, text);
        buf_addz(out, "\">");
    }
    buf_release(&link);
    return text.n > 0;
}

static bool open_element(struct buf *out, const char *name, const GumboElement *e) {
    const char *v;
    if (strcmp(name, "a") == 0)
        return open_link(out, attribute(e, "href"));
    if (strcmp(name, "img") == 0 && !good_image(attribute(e, "src")))
        return false;
    buf_addc(out, '<');
    buf_addz(out, name);
    if (strcmp(name, "img") == 0) {
        put_attribute(out, "src", str_z(attribute(e, "src")));
        put_attribute(out, "alt", str_z(attribute(e, "alt")));
    }
    if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0) {
        put_number(out, e, "colspan");
        put_number(out, e, "rowspan");
        v = attribute(e, "scope");
        if (v && (strcmp(v, "col") == 0 || strcmp(v, "row") == 0 || strcmp(v, "colgroup") == 0 ||
                  strcmp(v, "rowgroup") == 0))
            put_attribute(out, "scope", str_z(v));
    }
    if (is_block(name))
        put_classes(out, e);
    buf_addc(out, '>');
    return true;
}

/* ── the walk ── */

struct level {
    const GumboNode *node;
    unsigned next;       /* child to visit */
    const char *closing; /* element printed for it, NULL when unwrapped */
    size_t start, inner; /* where its tag and its content begin in the output */
};
struct walk {
    struct buf *out;
    struct level stack[MAX_NESTING + 1];
    size_t depth;
    bool too_deep;
};

static const char *tag_name(const GumboElement *e, char *room, size_t cap) {
    if (e->tag != GUMBO_TAG_UNKNOWN)
        return gumbo_normalized_tagname(e->tag);
    GumboStringPiece piece = e->original_tag;
    gumbo_tag_from_original_text(&piece);
    snprintf(room, cap, "%.*s", (int)piece.length, piece.data ? piece.data : "");
    for (char *p = room; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 32);
    return room;
}

/* Anything below that makes a line of its own? Deeper than we go counts as yes: it is refused in the end. */
static bool holds_blocks(const GumboElement *e, unsigned depth) {
    for (unsigned i = 0; i < e->children.length; i++) {
        const GumboNode *c = e->children.data[i];
        if (c->type != GUMBO_NODE_ELEMENT)
            continue;
        const char *name = gumbo_normalized_tagname(c->v.element.tag);
        if (is_block(name) || on(boxes, countof(boxes), name) || depth == MAX_NESTING ||
            holds_blocks(&c->v.element, depth + 1))
            return true;
    }
    return false;
}

static bool inside(const struct walk *w, const char *name) {
    for (size_t i = 0; i < w->depth; i++)
        if (w->stack[i].closing && strcmp(w->stack[i].closing, name) == 0)
            return true;
    return false;
}

static bool inside_line(const struct walk *w) {
    static const char *const lines[] = {"p", "h1", "h2", "h3", "h4", "h5", "h6"};
    for (size_t i = 0; i < countof(lines); i++)
        if (inside(w, lines[i]))
            return true;
    return false;
}

/* An item right inside another would close it when parsed again. */
static bool inside_item(const struct walk *w) {
    for (size_t i = w->depth; i-- > 0;) {
        const char *name = w->stack[i].closing;
        if (name && strcmp(name, "li") == 0)
            return true;
        if (name && is_block(name))
            return false;
    }
    return false;
}

/* The element to print for this one, NULL: only its content. */
static const char *output_name(const struct walk *w, const GumboElement *e, const char *name) {
    if (on(boxes, countof(boxes), name))
        return inside_line(w) || holds_blocks(e, w->depth > MAX_NESTING ? MAX_NESTING : (unsigned)w->depth) ? NULL
                                                                                                            : "p";
    for (size_t i = 0; i < countof(renamed); i++)
        if (strcmp(name, renamed[i][0]) == 0)
            name = renamed[i][1];
    /* Inside a paragraph a block would close it when parsed again: unwrap, so that twice is the same as once. */
    if ((is_block(name) && inside_line(w)) || (strcmp(name, "li") == 0 && inside_item(w)))
        return NULL;
    if (on(inline_marks, countof(inline_marks), name) && inside(w, name))
        return NULL;
    for (size_t i = 0; i < countof(kept); i++)
        if (strcmp(name, kept[i]) == 0)
            return kept[i];
    return NULL;
}

static void enter(struct walk *w, const GumboNode *node) {
    char room[64];
    const GumboElement *e = &node->v.element;
    const char *name = tag_name(e, room, sizeof room);
    if (e->tag_namespace != GUMBO_NAMESPACE_HTML || on(dropped, countof(dropped), name))
        return;
    size_t start = w->out->n;
    const char *print = output_name(w, e, name);
    if (print && !open_element(w->out, print, e))
        print = NULL;
    if (print && (strcmp(print, "br") == 0 || strcmp(print, "hr") == 0 || strcmp(print, "img") == 0))
        return;
    if (w->depth == MAX_NESTING) {
        w->too_deep = true;
        return;
    }
    w->stack[w->depth++] = (struct level){node, 0, print, start, w->out->n};
}

/* Takes back an element that holds nothing but blanks. */
static bool take_back(struct buf *out, const struct level *l) {
    struct str inner = str_sub(buf_str(out), l->inner, out->n);
    bool mark = on(inline_marks, countof(inline_marks), l->closing);
    if (str_trim(inner).n || (!mark && !on(empty_blocks, countof(empty_blocks), l->closing)))
        return false;
    if (mark)
        memmove(out->p + l->start, inner.p, inner.n);
    out->n = l->start + (mark ? inner.n : 0);
    out->p[out->n] = 0;
    if (!mark && out->n && out->p[out->n - 1] != '\n') /* it still parts its neighbours */
        buf_addc(out, '\n');
    return true;
}

static void leave(struct walk *w) {
    const struct level *l = &w->stack[--w->depth];
    if (!l->closing || w->out->failed || take_back(w->out, l))
        return;
    buf_addz(w->out, "</");
    buf_addz(w->out, l->closing);
    buf_addc(w->out, '>');
}

static void walk_tree(struct walk *w, const GumboNode *root) {
    w->stack[w->depth++] = (struct level){root, 0, NULL, 0, 0};
    while (w->depth && !w->out->failed && !w->too_deep) {
        struct level *l = &w->stack[w->depth - 1];
        const GumboVector *children = &l->node->v.element.children;
        if (l->next == children->length) {
            leave(w);
            continue;
        }
        const GumboNode *child = children->data[l->next++];
        if (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_WHITESPACE || child->type == GUMBO_NODE_CDATA)
            html_put_escaped(w->out, str_z(child->v.text.text));
        else if (child->type == GUMBO_NODE_ELEMENT)
            enter(w, child);
    }
}

int html_sanitise(struct work *w, struct str html, struct str *ret) {
    struct html_tree tree;
    struct buf out;
    buf_init(&out, LIMIT_BODY_TEXT);
    struct walk walk = {.out = &out};
    if (html_tree_parse(&tree, html) < 0)
        walk.too_deep = true;
    else if (tree.body)
        walk_tree(&walk, tree.body);
    html_tree_free(&tree);
    int rc = 0;
    if (walk.too_deep)
        rc = fail(w, ERR_TOO_LARGE, "正文的格式过于复杂，请先粘贴为纯文本再排版");
    else if (out.failed)
        rc = fail(w, ERR_TOO_LARGE, "正文过长：整理格式后不能超过 %d MB，请把大段内容改为附件",
                  LIMIT_BODY_TEXT / 1024 / 1024);
    else
        *ret = str_dup(w->arena, str_trim(buf_str(&out)));
    buf_release(&out);
    return rc;
}
