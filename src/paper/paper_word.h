/* paper_word.h: what Word documents of any kind share: words of their XML, and the package (OOXML). */
#ifndef MINGTANG_PAPER_WORD_H
#define MINGTANG_PAPER_WORD_H
#include "paper/paper.h"

#define WORD_NS "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""
#define WORD_RELATIONS "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"
#define FACE(f) "<w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"" f "\"/>"
#define SIZE(n) "<w:sz w:val=\"" n "\"/><w:szCs w:val=\"" n "\"/>"
#define STYLE(id, name, paragraph, run)                                                                                \
    "<w:style w:type=\"paragraph\" w:styleId=\"" id "\"><w:name w:val=\"" name "\"/><w:basedOn w:val=\"Normal\"/>"     \
    "<w:pPr>" paragraph "</w:pPr><w:rPr>" run "</w:rPr></w:style>"
#define NO_INDENT "<w:ind w:firstLineChars=\"0\" w:firstLine=\"0\"/>"

/* A part beside the text: "styles.xml" of kind "styles". The text refers to the i-th as rId(i+1). */
struct word_part {
    const char *name, *kind; /* file in word/; last word of its relationship, of its content type too for XML */
    struct str bytes;
    struct str relations; /* a relationships part of its own; "" none */
};
void word_text(struct buf *b, struct str s); /* escaped; what XML cannot hold is left out */
/* 0 and the bytes in the work's arena. -1: ERR_TOO_LARGE; also when `document` is empty, as after a failed buffer. */
int word_package(struct work *w, struct str document, const struct word_part *parts, size_t count, struct str *ret);
#endif
