/* letter_internal.h: shared by the files of this room. */
#ifndef MINGTANG_LETTER_INTERNAL_H
#define MINGTANG_LETTER_INTERNAL_H
#include "ledger/ledger.h"
#include "letter/letter.h"
#include "letter_sql.h"
#include "org/org.h"
#include "view/view.h"

/* What a template makes of facts. */
struct letter_text_new {
    struct str addressee, title, body;
};
/* A file of data/. New reference, NULL: w->error. */
json_t *letter_data(struct work *w, const char *name);
int letter_compose(struct work *w, const char *code, const struct unit *u, json_t *facts, struct letter_text_new *ret);
/* Member of a template by its code: name, title. "" when there is no such template any more. */
struct str letter_template_word(struct work *w, struct str code, const char *member);
#endif
