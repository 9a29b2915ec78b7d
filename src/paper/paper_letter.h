/* paper_letter.h: what the two writers of official letters share. */
#ifndef MINGTANG_PAPER_LETTER_H
#define MINGTANG_PAPER_LETTER_H
#include "paper/paper.h"

#define LETTER_TEXT_BYTES ((size_t)512 * 1024) /* of one text: some 170,000 characters */

/* The texts as they are set: clean, with colon, brackets and numbers. In the work's arena. */
struct letter_text {
    struct str organ, number, title, addressee, body, signer, day, note;
    struct str *annexes; /* "1.名称" when there are several */
    size_t annex_count;
};
int letter_text_of(struct work *w, const struct paper_letter *l, struct letter_text *ret); /* -1: ERR_TOO_LARGE */
/* The type of the red name in points: as large as is right, and as the line allows. */
double letter_mark_size(struct str organ);
#endif
