/* docx_style.c: styles and numbering of a .docx: what a paragraph inherits, and the numbers Word would show. */
#include "blob/docx_internal.h"

/* ── the tree ── */

bool node_is(const xmlNode *n, const char *name) {
    return n && n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0;
}

xmlNode *next_element(xmlNode *n) {
    while (n && n->type != XML_ELEMENT_NODE)
        n = n->next;
    return n;
}

xmlNode *child_of(const xmlNode *n, const char *name) {
    for (xmlNode *c = n ? n->children : NULL; c; c = c->next)
        if (node_is(c, name))
            return c;
    return NULL;
}

const char *attribute_of(const xmlNode *n, const char *name) {
    for (const xmlAttr *a = n ? n->properties : NULL; a; a = a->next)
        if (strcmp((const char *)a->name, name) == 0)
            return a->children && a->children->content ? (const char *)a->children->content : "";
    return NULL;
}

const char *val_of(const xmlNode *n, const char *child) {
    const xmlNode *c = child_of(n, child);
    const char *v = attribute_of(c, "val");
    return c && !v ? "" : v;
}

bool on_of(const xmlNode *properties, const char *child, bool *ret_said) {
    const char *v = val_of(properties, child);
    *ret_said = v != NULL;
    return v && strcmp(v, "0") != 0 && strcmp(v, "false") != 0 && strcmp(v, "off") != 0 && strcmp(v, "none") != 0;
}

static int int_of(const char *text, int otherwise) {
    int64_t v;
    return text && str_int(str_z(text), &v) == 0 && v >= 0 && v <= 1000000 ? (int)v : otherwise;
}

/* ── styles ── */

static xmlNode *style_by_id(const struct docx_styles *s, const char *id) {
    xmlNode *root = s->styles && id ? xmlDocGetRootElement(s->styles) : NULL;
    for (xmlNode *n = root ? root->children : NULL; n; n = n->next)
        if (node_is(n, "style") && attribute_of(n, "styleId") && strcmp(attribute_of(n, "styleId"), id) == 0)
            return n;
    return NULL;
}

xmlNode *paragraph_property(const struct docx_styles *s, const xmlNode *properties, const char *name) {
    xmlNode *found = child_of(properties, name);
    const xmlNode *style = found ? NULL : style_by_id(s, val_of(properties, "pStyle"));
    for (int i = 0; style && !found && i < DOCX_BASED_ON; i++) {
        found = child_of(child_of(style, "pPr"), name);
        style = style_by_id(s, val_of(style, "basedOn"));
    }
    return found;
}

bool run_style_on(const struct docx_styles *s, const xmlNode *run_properties, const char *toggle) {
    const xmlNode *style = style_by_id(s, val_of(run_properties, "rStyle"));
    bool said = false, on = false;
    for (int i = 0; style && !said && i < DOCX_BASED_ON; i++) {
        on = on_of(child_of(style, "rPr"), toggle, &said);
        style = style_by_id(s, val_of(style, "basedOn"));
    }
    return on;
}

/* "heading 2", "Heading 2", "标题 2"; "Title" counts as the first. */
static int level_by_name(const char *name) {
    static const char *const heads[] = {"heading ", "标题 ", "标题"};
    for (size_t i = 0; i < countof(heads); i++) {
        size_t n = strlen(heads[i]);
        if (strncasecmp(name, heads[i], n) == 0 && name[n] >= '1' && name[n] <= '9' && !name[n + 1])
            return name[n] - '0';
    }
    return strcasecmp(name, "title") == 0 || strcmp(name, "标题") == 0 ? 1 : 0;
}

int heading_level(const struct docx_styles *s, const xmlNode *properties) {
    const xmlNode *style = style_by_id(s, val_of(properties, "pStyle"));
    for (int i = 0; style && i < DOCX_BASED_ON; i++) {
        const char *name = val_of(style, "name");
        int level = name ? level_by_name(name) : 0;
        if (level)
            return level;
        style = style_by_id(s, val_of(style, "basedOn"));
    }
    int outline = int_of(attribute_of(paragraph_property(s, properties, "outlineLvl"), "val"), 9);
    return outline < 9 ? outline + 1 : 0;
}

/* ── numbering ── */

static xmlNode *by_id(const xmlNode *root, const char *element, const char *attribute, const char *id) {
    for (xmlNode *n = root ? root->children : NULL; n && id; n = n->next)
        if (node_is(n, element) && attribute_of(n, attribute) && strcmp(attribute_of(n, attribute), id) == 0)
            return n;
    return NULL;
}

static xmlNode *abstract_of(const struct docx_styles *s, const char *num_id) {
    xmlNode *root = s->numbering ? xmlDocGetRootElement(s->numbering) : NULL;
    xmlNode *num = by_id(root, "num", "numId", num_id);
    return by_id(root, "abstractNum", "abstractNumId", val_of(num, "abstractNumId"));
}

static xmlNode *level_of(const xmlNode *list, int level) {
    char text[16];
    snprintf(text, sizeof text, "%d", level);
    return by_id(list, "lvl", "ilvl", text);
}

static struct docx_counter *counter_of(struct docx_styles *s, const xmlNode *list) {
    for (size_t i = 0; i < s->counter_count; i++)
        if (s->counters[i].list == list)
            return &s->counters[i];
    if (s->counter_count == DOCX_LISTS)
        return NULL;
    struct docx_counter *c = &s->counters[s->counter_count++];
    c->list = list;
    for (int i = 0; i < DOCX_LEVELS; i++)
        c->n[i] = int_of(val_of(level_of(list, i), "start"), 1) - 1;
    return c;
}

/* 1 → 一, 12 → 十二, 105 → 一百零五. */
static void add_chinese(struct buf *out, int v) {
    static const char *const digit[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}, *const place[] = {
                                                                                                         "", "十", "百",
                                                                                                         "千"};
    bool gap = false, begun = false;
    if (v <= 0 || v > 9999) {
        buf_printf(out, "%d", v);
        return;
    }
    for (int i = 3, power = 1000; i >= 0; i--, power /= 10) {
        int d = v / power % 10;
        if (d == 0) {
            gap = begun;
            continue;
        }
        if (gap)
            buf_addz(out, "零");
        if (!(i == 1 && d == 1 && !begun))
            buf_addz(out, digit[d]);
        buf_addz(out, place[i]);
        begun = true;
        gap = false;
    }
}

static void add_roman(struct buf *out, int v, bool upper) {
    static const struct {
        int v;
        const char *lower, *upper;
    } parts[] = {{1000, "m", "M"}, {900, "cm", "CM"}, {500, "d", "D"},  {400, "cd", "CD"}, {100, "c", "C"},
                 {90, "xc", "XC"}, {50, "l", "L"},    {40, "xl", "XL"}, {10, "x", "X"},    {9, "ix", "IX"},
                 {5, "v", "V"},    {4, "iv", "IV"},   {1, "i", "I"}};
    for (size_t i = 0; i < countof(parts) && v < 4000; i++)
        for (; v >= parts[i].v; v -= parts[i].v)
            buf_addz(out, upper ? parts[i].upper : parts[i].lower);
}

static void add_number(struct buf *out, const char *format, int v) {
    char one[4];
    if (str_starts(str_z(format), S("chinese")) || str_starts(str_z(format), S("ideograph")) ||
        str_starts(str_z(format), S("japanese")))
        add_chinese(out, v);
    else if (strcmp(format, "decimalEnclosedCircleChinese") == 0 || strcmp(format, "decimalEnclosedCircle") == 0)
        v >= 1 && v <= 20 ? buf_add(out, (struct str){one, utf8_put(one, 0x2460u + (uint32_t)v - 1)})
                          : buf_printf(out, "%d", v);
    else if (strcmp(format, "lowerLetter") == 0 || strcmp(format, "upperLetter") == 0)
        buf_addc(out, (char)((format[0] == 'l' ? 'a' : 'A') + (v - 1 + 26) % 26));
    else if (strcmp(format, "lowerRoman") == 0 || strcmp(format, "upperRoman") == 0)
        add_roman(out, v, format[0] == 'u');
    else if (strcmp(format, "none") != 0)
        buf_printf(out, "%d", v);
}

/* lvlText with %1 … %9 filled in. */
static void add_words(char *words, size_t cap, const char *pattern, const xmlNode *list, const struct docx_counter *c) {
    struct buf b;
    buf_init(&b, cap - 1);
    for (const char *p = pattern; *p; p++) {
        if (p[0] == '%' && p[1] >= '1' && p[1] <= '9') {
            int level = *++p - '1';
            const char *format = val_of(level_of(list, level), "numFmt");
            add_number(&b, format ? format : "decimal", c->n[level]);
        } else {
            buf_addc(&b, *p);
        }
    }
    snprintf(words, cap, "%s", !b.failed && b.p && utf8_valid(buf_str(&b)) ? b.p : "");
    buf_release(&b);
}

struct list_item list_item_of(struct docx_styles *s, const xmlNode *properties) {
    struct list_item item = {LIST_NONE, 0, 0, ""};
    const xmlNode *num = paragraph_property(s, properties, "numPr");
    const char *id = val_of(num, "numId");
    const xmlNode *list = id ? abstract_of(s, id) : NULL;
    item.level = int_of(val_of(num, "ilvl"), 0);
    struct docx_counter *c = list && item.level < DOCX_LEVELS ? counter_of(s, list) : NULL;
    if (!c)
        return item;
    const xmlNode *level = level_of(list, item.level);
    const char *format = val_of(level, "numFmt"), *text = val_of(level, "lvlText");
    item.number = ++c->n[item.level];
    for (int i = item.level + 1; i < DOCX_LEVELS; i++)
        c->n[i] = int_of(val_of(level_of(list, i), "start"), 1) - 1;
    if (!format || !text || strcmp(format, "none") == 0)
        return item;
    if (strcmp(format, "bullet") == 0) {
        item.kind = LIST_BULLETS;
        return item;
    }
    char plain[16];
    snprintf(plain, sizeof plain, "%%%d.", item.level + 1);
    item.kind = strcmp(format, "decimal") == 0 && strcmp(text, plain) == 0 ? LIST_NUMBERS : LIST_WORDS;
    add_words(item.words, sizeof item.words, text, list, c);
    return item;
}
