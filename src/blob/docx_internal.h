/* docx_internal.h: what the converter and its style sheet share. Everything here lives in the helper process. */
#ifndef MINGTANG_DOCX_INTERNAL_H
#define MINGTANG_DOCX_INTERNAL_H

#include "blob/blob_internal.h"

#include <libxml/tree.h>

#define DOCX_LEVELS 9    /* of a numbered list */
#define DOCX_LISTS 512   /* running counters */
#define DOCX_BASED_ON 16 /* longest chain of styles */

/* Local names only: the transitional and the strict format differ in namespaces alone. */
bool node_is(const xmlNode *n, const char *name);
xmlNode *child_of(const xmlNode *n, const char *name);        /* NULL when absent; n may be NULL */
xmlNode *next_element(xmlNode *n);                            /* n itself or the next sibling that is one */
const char *attribute_of(const xmlNode *n, const char *name); /* text inside the tree, or NULL */
const char *val_of(const xmlNode *n,
                   const char *child); /* w:val of a child element; "" when it has none; NULL absent */
bool on_of(const xmlNode *properties, const char *child, bool *ret_said); /* a toggle like w:b */

struct docx_counter {
    const xmlNode *list; /* w:abstractNum */
    int n[DOCX_LEVELS];
};
struct docx_styles {
    xmlDoc *styles, *numbering; /* either may be NULL */
    struct docx_counter counters[DOCX_LISTS];
    size_t counter_count;
};
/* The property `name` of a paragraph: its own, or of its style and what that is based on. */
xmlNode *paragraph_property(const struct docx_styles *s, const xmlNode *properties, const char *name);
bool run_style_on(const struct docx_styles *s, const xmlNode *run_properties, const char *toggle);
int heading_level(const struct docx_styles *s, const xmlNode *properties); /* 1 …, 0: no heading */

enum list_kind { LIST_NONE, LIST_BULLETS, LIST_NUMBERS, LIST_WORDS };
struct list_item {
    enum list_kind kind;
    int level, number;
    char words[120]; /* the number as Word shows it: "一、", "（三）", "2.1" */
};
/* Counts this paragraph in its list. LIST_NUMBERS is a plain "1." that HTML can number by itself. */
struct list_item list_item_of(struct docx_styles *s, const xmlNode *properties);
#endif
