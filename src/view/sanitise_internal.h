/* sanitise_internal.h: what the files about HTML from outside share. */
#ifndef MINGTANG_SANITISE_INTERNAL_H
#define MINGTANG_SANITISE_INTERNAL_H
#include "view/view.h"
#include <gumbo.h>

/* A parsed document with all its memory in one arena: freed in one go, never by gumbo's recursion. */
struct html_tree {
    struct arena *a;
    const GumboNode *body; /* NULL when the document has none */
};
/* 0, or -1 when html nests too deeply or costs too much memory or time. Free in both cases. */
int html_tree_parse(struct html_tree *t, struct str html);
void html_tree_free(struct html_tree *t);
/* Escapes & < > " ' and leaves out control characters. */
void html_put_escaped(struct buf *out, struct str s);
#endif
