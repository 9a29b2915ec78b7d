/* mustache_internal.h: the compiled form of a template, shared by compiler and renderer. */
#ifndef MINGTANG_MUSTACHE_INTERNAL_H
#define MINGTANG_MUSTACHE_INTERNAL_H
#include "view/view.h"

#define MAX_DEPTH 64 /* nested sections of a template; nested contexts, partials and parents of a rendering */

enum node_kind { NODE_TEXT, NODE_VALUE, NODE_RAW, NODE_SECTION, NODE_INVERTED, NODE_PARTIAL, NODE_PARENT, NODE_BLOCK };

/* A tree as an array: a node's children are the nodes up to `end`. */
struct node {
    enum node_kind kind;
    bool bol;          /* begins a line of its template: the indentation in force is printed before it */
    bool inline_block; /* a block whose own line already printed its indentation */
    struct str text;   /* text, or name */
    struct str indent; /* of a standalone partial or parent, or a block's intrinsic indentation */
    size_t end;        /* index behind the last descendant */
};
struct mustache {
    struct arena *arena;
    struct node *nodes;
    size_t n, cap;
};
#endif
