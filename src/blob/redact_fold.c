/* redact_fold.c: characters as they are compared: full width is half width, capitals are small, and the radicals that
 * some programs write into a PDF's text in place of the characters (⻢ for 马) are the characters. */
#include "blob/redact_internal.h"

/* Radicals without a compatibility mapping in Unicode: those that are simplified or variant characters themselves. */
static const struct {
    int32_t radical, character;
} radicals[] = {
    {0x2E81, 0x5382}, {0x2E84, 0x4E5A}, {0x2E8B, 0x353E}, {0x2E8C, 0x5C0F}, {0x2E97, 0x5FC3}, {0x2E98, 0x624B},
    {0x2E9B, 0x65E1}, {0x2E9F, 0x6BCD}, {0x2EA0, 0x6C11}, {0x2EA7, 0x725B}, {0x2EAE, 0x7AF9}, {0x2EB0, 0x7CF9},
    {0x2EBC, 0x8089}, {0x2EC1, 0x864E}, {0x2EC4, 0x897F}, {0x2EC5, 0x89C1}, {0x2EC6, 0x89D2}, {0x2EC8, 0x8BA0},
    {0x2EC9, 0x8D1D}, {0x2ECA, 0x8DB3}, {0x2ECB, 0x8F66}, {0x2ED0, 0x9485}, {0x2ED1, 0x9577}, {0x2ED3, 0x957F},
    {0x2ED4, 0x95E8}, {0x2ED7, 0x96E8}, {0x2ED8, 0x9752}, {0x2ED9, 0x97E6}, {0x2EDA, 0x9875}, {0x2EDB, 0x98CE},
    {0x2EDC, 0x98DE}, {0x2EDD, 0x98DF}, {0x2EDE, 0x98DF}, {0x2EE0, 0x9963}, {0x2EE2, 0x9A6C}, {0x2EE3, 0x9AA8},
    {0x2EE4, 0x9B3C}, {0x2EE5, 0x9C7C}, {0x2EE6, 0x9E1F}, {0x2EE7, 0x5364}, {0x2EE8, 0x9EA6}, {0x2EE9, 0x9EC4},
    {0x2EEA, 0x9EFE}, {0x2EEB, 0x6589}, {0x2EEC, 0x9F50}, {0x2EED, 0x6B6F}, {0x2EEE, 0x9F7F}, {0x2EEF, 0x7ADC},
    {0x2EF0, 0x9F99}, {0x2EF2, 0x4E80}, {0x2EF3, 0x9F9F},
};

static int32_t plain(int32_t c) {
    for (size_t i = 0; c >= 0x2E80 && c < 0x2F00 && i < countof(radicals); i++)
        if (radicals[i].radical == c)
            return radicals[i].character;
    if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFE63)
        return '-';
    return (int32_t)g_unichar_tolower((gunichar)c);
}

static bool unseen(int32_t c) {
    return c < 0x20 || c == 0x7F || g_unichar_isspace((gunichar)c) || g_unichar_type((gunichar)c) == G_UNICODE_FORMAT ||
           g_unichar_type((gunichar)c) == G_UNICODE_CONTROL;
}

size_t redact_fold(int32_t c, int32_t out[FOLDED]) {
    char utf8[8];
    size_t n = 0;
    if (unseen(c))
        return 0;
    gint k = g_unichar_to_utf8((gunichar)c, utf8);
    char *normal = g_utf8_normalize(utf8, k, G_NORMALIZE_NFKC);
    struct str rest = str_z(normal);
    while (rest.n && n < FOLDED) {
        int32_t x = utf8_next(&rest);
        if (x < 0)
            break;
        if (!unseen(x))
            out[n++] = plain(x);
    }
    g_free(normal);
    return n;
}
