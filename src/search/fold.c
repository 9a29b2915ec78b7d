/* fold.c: which characters count as the same (width, case, traditional and simplified), and how Han characters begin in
 * pinyin. Two tables of the basic plane, filled once from data/search. */
#include "search/search_internal.h"

static uint16_t simplified[65536]; /* 0: itself */
static uint32_t initials[65536];

void fold_load(struct str traditional, struct str pinyin) {
    struct str line;
    while (traditional.n) {
        if (!str_cut(traditional, '\n', &line, &traditional)) {
            line = traditional;
            traditional = STR_NONE;
        }
        if (str_starts(line, S("#")))
            continue;
        for (;;) {
            int32_t from = utf8_next(&line), to = utf8_next(&line), blank = utf8_next(&line);
            if (from > 0 && from < 65536 && to > 0 && to < 65536)
                simplified[from] = (uint16_t)to;
            if (blank != ' ')
                break;
        }
    }
    while (pinyin.n) {
        if (!str_cut(pinyin, '\n', &line, &pinyin)) {
            line = pinyin;
            pinyin = STR_NONE;
        }
        if (line.n < 3 || line.p[0] < 'a' || line.p[0] > 'z' || line.p[1] != ' ')
            continue;
        uint32_t bit = 1u << (line.p[0] - 'a');
        int32_t c;
        line = str_sub(line, 2, line.n);
        while ((c = utf8_next(&line)) > 0)
            if (c < 65536)
                initials[c] |= bit;
    }
}

uint32_t fold_char(uint32_t cp) {
    if (cp < 0x80)
        return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
    if (cp >= 0xFF01 && cp <= 0xFF5E)
        return fold_char(cp - 0xFEE0);
    if (cp == 0x3000 || cp == 0xA0)
        return ' ';
    if (cp >= 0xC0 && cp <= 0xDE && cp != 0xD7)
        return cp + 32;
    if (cp < 65536 && simplified[cp])
        return simplified[cp];
    return cp;
}

enum char_class fold_class(uint32_t c) {
    if (c < 0x80)
        return c >= '0' && c <= '9'   ? CHAR_DIGIT
               : c >= 'a' && c <= 'z' ? CHAR_LETTER
               : c <= ' '             ? CHAR_BLANK
                                      : CHAR_BREAK;
    if ((c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0xF900 && c <= 0xFAFF) ||
        (c >= 0x20000 && c <= 0x3FFFF) || c == 0x3007 || (c >= 0x3041 && c <= 0x30FF) || (c >= 0xAC00 && c <= 0xD7AF))
        return CHAR_HAN;
    if ((c >= 0xC0 && c <= 0x24F) || (c >= 0x370 && c <= 0x52F))
        return CHAR_LETTER;
    if (c == MARK_CHAR)
        return CHAR_MARK;
    return c >= 0x2000 && c <= 0x200F ? CHAR_BLANK : CHAR_BREAK;
}

uint32_t fold_initials(uint32_t han) {
    return han < 65536 ? initials[han] : 0;
}

struct str fold_text(struct arena *a, struct str s) {
    char *out = arena_many(a, char, s.n + 8);
    size_t n = 0;
    int32_t c;
    while ((c = utf8_next(&s)) >= 0)
        if (c != MARK_CHAR)
            n += utf8_put(out + n, fold_char((uint32_t)c));
    out[n] = 0;
    return (struct str){out, n};
}
