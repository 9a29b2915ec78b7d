/* sanitise.c: HTML from outside, through gumbo's tree and an allow-list, printed anew.
 *
 * What is not on the list is unwrapped (its text stays) or, where its text is not meant for people, dropped. The walk keeps
 * its own stack; nesting is limited before the parser sees the text, because freeing gumbo's tree recurses. */
#include "view/view.h"
#include <gumbo.h>

#define MAX_NESTING 200

/* ── the lists ── */

static const char *const kept[] = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "a", "img", "strong", "em", "u", "s", "sub", "sup", "br", "hr", "blockquote", "figure", "figcaption"};
static const char *const dropped[] = {"script", "style", "template", "noscript", "iframe", "object", "embed", "applet", "svg", "math", "form", "input", "button", "select", "textarea", "head", "title", "meta", "link", "base", "xml", "audio", "video", "canvas"};
static const char *const renamed[][2] = {{"b", "strong"}, {"i", "em"}, {"strike", "s"}, {"del", "s"}, {"ins", "u"}, {"div", "p"}, {"section", "p"}, {"article", "p"}};

static bool on(const char *const *list, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

static bool is_block(const char *name) {
    static const char *const blocks[] = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "hr", "blockquote", "figure", "figcaption"};
    return on(blocks, countof(blocks), name);
}

/* ── nesting, before the parser ── */

/* Void and text-only elements do not nest; everything else that opens and is not closed does. Counting opens minus closes
 * over-estimates harmlessly: only absurd input is refused. */
static bool nests_too_deep(struct str html) {
    long depth = 0;
    for (size_t i = 0; i + 1 < html.n; i++) {
        if (html.p[i] != '<')
            continue;
        char c = html.p[i + 1];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == '/') {
            if (depth > 0)
                depth--;
        } else if (letter) {
            struct str name = str_sub(html, i + 1, 5);
            static const char *const voids[] = {"br", "hr", "img", "p", "li", "col", "td", "tr", "th", "input", "meta", "link"};
            bool nothing = false;
            for (size_t k = 0; k < countof(voids) && !nothing; k++) {
                size_t n = strlen(voids[k]);
                nothing = name.n > n && strncasecmp(name.p, voids[k], n) == 0 && !((name.p[n] | 32) >= 'a' && (name.p[n] | 32) <= 'z');
            }
            const char *end = memchr(html.p + i, '>', html.n - i);
            if (!nothing && !(end && end[-1] == '/') && ++depth > 5000)
                return true;
        }
    }
    return false;
}

/* ── attributes ── */

static const char *attribute(const GumboElement *e, const char *name) {
    const GumboAttribute *a = gumbo_get_attribute(&e->attributes, name);
    return a ? a->value : NULL;
}

static void put_escaped(struct buf *out, struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '&')
            buf_addz(out, "&amp;");
        else if (c == '<')
            buf_addz(out, "&lt;");
        else if (c == '>')
            buf_addz(out, "&gt;");
        else if (c == '"')
            buf_addz(out, "&quot;");
        else if ((unsigned char)c >= 0x20 || c == '\n' || c == '\t')
            buf_addc(out, c);
    }
}

static void put_attribute(struct buf *out, const char *name, struct str value) {
    buf_addc(out, ' ');
    buf_addz(out, name);
    buf_addz(out, "=\"");
    put_escaped(out, value);
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

/* Alignment and first-line indent, from classes of ours or style="" of Word, WPS and browsers. */
static void put_classes(struct buf *out, const GumboElement *e) {
    const char *style = attribute(e, "style"), *class = attribute(e, "class"), *align = attribute(e, "align");
    bool center = false, right = false, indent = false;
    if (class) {
        center = strstr(class, "ta-center") != NULL;
        right = strstr(class, "ta-right") != NULL;
        indent = strcmp(class, "indent") == 0 || strncmp(class, "indent ", 7) == 0 || strstr(class, " indent") != NULL;
    }
    if (align) {
        center |= strcasecmp(align, "center") == 0;
        right |= strcasecmp(align, "right") == 0;
    }
    const char *at = style ? strcasestr(style, "text-align") : NULL;
    if (at) {
        const char *v = at + 10 + strspn(at + 10, ": \t");
        center |= strncasecmp(v, "center", 6) == 0;
        right |= strncasecmp(v, "right", 5) == 0;
    }
    at = style ? strcasestr(style, "text-indent") : NULL;
    if (at) {
        const char *v = at + 11 + strspn(at + 11, ": \t");
        indent |= *v >= '1' && *v <= '9';
    }
    if (center || right || indent)
        buf_printf(out, " class=\"%s%s%s\"", center ? "ta-center" : right ? "ta-right" : "", (center || right) && indent ? " " : "", indent ? "indent" : "");
}

static bool open_element(struct buf *out, const char *name, const GumboElement *e) {
    const char *v;
    if (strcmp(name, "a") == 0 && (!(v = attribute(e, "href")) || !good_link(v) || !*v))
        return false;
    if (strcmp(name, "img") == 0) { /* only our own attachments */
        v = attribute(e, "src");
        if (!v || (strncmp(v, "/attachments/", 13) != 0 && strncmp(v, "/desk/", 6) != 0))
            return false;
    }
    buf_addc(out, '<');
    buf_addz(out, name);
    if (strcmp(name, "a") == 0)
        put_attribute(out, "href", str_trim(str_z(attribute(e, "href"))));
    if (strcmp(name, "img") == 0) {
        put_attribute(out, "src", str_z(attribute(e, "src")));
        put_attribute(out, "alt", str_z(attribute(e, "alt")));
    }
    if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0) {
        put_number(out, e, "colspan");
        put_number(out, e, "rowspan");
        v = attribute(e, "scope");
        if (v && (strcmp(v, "col") == 0 || strcmp(v, "row") == 0 || strcmp(v, "colgroup") == 0 || strcmp(v, "rowgroup") == 0))
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
    unsigned next;             /* child to visit */
    const char *closing;       /* element printed for it, NULL when unwrapped */
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

/* A div holding blocks is unwrapped; one holding only text and inline elements becomes a paragraph. */
static bool holds_blocks(const GumboElement *e) {
    for (unsigned i = 0; i < e->children.length; i++) {
        const GumboNode *c = e->children.data[i];
        if (c->type != GUMBO_NODE_ELEMENT)
            continue;
        const char *name = gumbo_normalized_tagname(c->v.element.tag);
        if (is_block(name) || strcmp(name, "div") == 0 || strcmp(name, "section") == 0 || strcmp(name, "article") == 0)
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

static const char *output_name(const struct walk *w, const GumboElement *e, const char *name) {
    static const char *const literal[] = {"p", "h1", "h2", "h3", "h4", "h5", "h6"};
    for (size_t i = 0; i < countof(renamed); i++)
        if (strcmp(name, renamed[i][0]) == 0) {
            bool paragraph = strcmp(renamed[i][1], "p") == 0;
            if (paragraph && (holds_blocks(e) || inside(w, "p")))
                return NULL;
            name = renamed[i][1];
            break;
        }
    for (size_t i = 0; i < countof(kept); i++)
        if (strcmp(name, kept[i]) == 0) {
            /* Inside a paragraph a block would close it when parsed again: unwrap, so that twice is the same as once. */
            for (size_t k = 0; k < countof(literal); k++)
                if (is_block(name) && inside(w, literal[k]))
                    return NULL;
            if (strcmp(name, "a") == 0 && inside(w, "a"))
                return NULL;
            return kept[i];
        }
    return NULL;
}

static void enter(struct walk *w, const GumboNode *node) {
    char room[64];
    const GumboElement *e = &node->v.element;
    const char *name = tag_name(e, room, sizeof room);
    if (e->tag_namespace != GUMBO_NAMESPACE_HTML || on(dropped, countof(dropped), name))
        return;
    const char *print = output_name(w, e, name);
    if (print && !open_element(w->out, print, e))
        print = NULL;
    if (print && (strcmp(print, "br") == 0 || strcmp(print, "hr") == 0 || strcmp(print, "img") == 0))
        return;
    if (w->depth == MAX_NESTING) {
        w->too_deep = true;
        return;
    }
    w->stack[w->depth++] = (struct level){node, 0, print};
}

static void leave(struct walk *w) {
    const struct level *l = &w->stack[--w->depth];
    if (!l->closing)
        return;
    buf_addz(w->out, "</");
    buf_addz(w->out, l->closing);
    buf_addc(w->out, '>');
}

static void walk_tree(struct walk *w, const GumboNode *root) {
    w->stack[w->depth++] = (struct level){root, 0, NULL};
    while (w->depth && !w->out->failed && !w->too_deep) {
        struct level *l = &w->stack[w->depth - 1];
        const GumboVector *children = &l->node->v.element.children;
        if (l->next == children->length) {
            leave(w);
            continue;
        }
        const GumboNode *child = children->data[l->next++];
        if (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_WHITESPACE || child->type == GUMBO_NODE_CDATA)
            put_escaped(w->out, str_z(child->v.text.text));
        else if (child->type == GUMBO_NODE_ELEMENT)
            enter(w, child);
    }
}

static const GumboNode *find_body(const GumboNode *root) {
    for (unsigned i = 0; i < root->v.element.children.length; i++) {
        const GumboNode *c = root->v.element.children.data[i];
        if (c->type == GUMBO_NODE_ELEMENT && c->v.element.tag == GUMBO_TAG_BODY)
            return c;
    }
    return NULL;
}

int html_sanitise(struct work *w, struct str html, struct str *ret) {
    if (html.n == 0) {
        *ret = S("");
        return 0;
    }
    if (nests_too_deep(html))
        return fail(w, ERR_TOO_LARGE, "正文的格式嵌套过深，请先粘贴为纯文本再排版");
    struct buf out;
    buf_init(&out, LIMIT_BODY_TEXT);
    GumboOptions options = kGumboDefaultOptions;
    options.max_errors = 0;
    GumboOutput *tree = gumbo_parse_with_options(&options, html.p, html.n);
    const GumboNode *body = find_body(tree->root);
    struct walk walk = {.out = &out};
    if (body)
        walk_tree(&walk, body);
    gumbo_destroy_output(&options, tree);
    int rc = 0;
    if (walk.too_deep)
        rc = fail(w, ERR_TOO_LARGE, "正文的格式嵌套过深，请先粘贴为纯文本再排版");
    else if (out.failed)
        rc = fail(w, ERR_TOO_LARGE, "正文过长：整理格式后不能超过 %d MB，请把大段内容改为附件", LIMIT_BODY_TEXT / 1024 / 1024);
    else
        *ret = str_dup(w->arena, str_trim(buf_str(&out)));
    buf_release(&out);
    return rc;
}

/* ── plain text of clean HTML ── */

static bool ends_line(struct str tag) {
    static const char *const enders[] = {"/p", "/h1", "/h2", "/h3", "/h4", "/h5", "/h6", "/li", "/tr", "/blockquote", "/caption", "/table", "br", "hr"};
    for (size_t i = 0; i < countof(enders); i++) {
        size_t n = strlen(enders[i]);
        if (tag.n >= n && memcmp(tag.p, enders[i], n) == 0 && (tag.n == n || tag.p[n] == ' ' || tag.p[n] == '/'))
            return true;
    }
    return false;
}

struct str html_text(struct arena *a, struct str html) {
    static const char *const entities[][2] = {{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}};
    char *out = arena_alloc(a, html.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < html.n;) {
        if (html.p[i] == '<') {
            const char *end = memchr(html.p + i, '>', html.n - i);
            if (!end)
                break;
            struct str tag = {html.p + i + 1, (size_t)(end - html.p) - i - 1};
            if (str_is(tag, "/td") || str_is(tag, "/th"))
                out[n++] = '\t';
            else if (ends_line(tag) && n && out[n - 1] != '\n')
                out[n++] = '\n';
            i = (size_t)(end - html.p) + 1;
            continue;
        }
        size_t skip = 0;
        for (size_t k = 0; k < countof(entities) && html.p[i] == '&' && !skip; k++)
            if (str_starts(str_sub(html, i, 6), str_z(entities[k][0]))) {
                out[n++] = entities[k][1][0];
                skip = strlen(entities[k][0]);
            }
        if (!skip) {
            out[n++] = html.p[i];
            skip = 1;
        }
        i += skip;
    }
    return str_trim((struct str){out, n});
}

struct str html_escape(struct arena *a, struct str s) {
    struct buf out;
    buf_init(&out, s.n * 6 + 1);
    put_escaped(&out, s);
    struct str r = str_dup(a, buf_str(&out));
    buf_release(&out);
    return r;
}
