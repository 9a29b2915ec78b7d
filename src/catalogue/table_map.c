/* table_map.c: the columns of a table found by their headings: one or two rows, any order, many wordings; and what
 * cells with ticks and boxes say. */
#include "catalogue/table_internal.h"

static const struct {
    const char *words;
    uint8_t column;
} headings[] = {
    {"序号", COL_SERIAL},
    {"领域", COL_FIELD},
    {"试点领域", COL_FIELD},
    {"公开领域", COL_FIELD},
    {"所属领域", COL_FIELD},
    {"领域名称", COL_FIELD},
    {"事项编码", COL_CODE},
    {"事项代码", COL_CODE},
    {"目录编码", COL_CODE},
    {"一级事项", COL_LEVEL1},
    {"一级目录", COL_LEVEL1},
    {"一级公开事项", COL_LEVEL1},
    {"公开事项一级事项", COL_LEVEL1},
    {"公开事项一级", COL_LEVEL1},
    {"一级事项名称", COL_LEVEL1},
    {"公开一级事项", COL_LEVEL1},
    {"一级", COL_LEVEL1},
    {"二级事项", COL_LEVEL2},
    {"二级目录", COL_LEVEL2},
    {"二级公开事项", COL_LEVEL2},
    {"公开事项二级事项", COL_LEVEL2},
    {"公开事项二级", COL_LEVEL2},
    {"二级事项名称", COL_LEVEL2},
    {"公开二级事项", COL_LEVEL2},
    {"公开事项", COL_LEVEL2},
    {"事项名称", COL_LEVEL2},
    {"公开事项名称", COL_LEVEL2},
    {"二级", COL_LEVEL2},
    {"公开内容", COL_ELEMENTS},
    {"公开内容要素", COL_ELEMENTS},
    {"内容要素", COL_ELEMENTS},
    {"公开要素", COL_ELEMENTS},
    {"公开的内容", COL_ELEMENTS},
    {"主要内容", COL_ELEMENTS},
    {"公开内容及要素", COL_ELEMENTS},
    {"公开内容和要素", COL_ELEMENTS},
    {"公开依据", COL_BASIS},
    {"依据", COL_BASIS},
    {"法律依据", COL_BASIS},
    {"政策依据", COL_BASIS},
    {"公开的依据", COL_BASIS},
    {"公开法律依据", COL_BASIS},
    {"公开时限", COL_LIMIT},
    {"时限", COL_LIMIT},
    {"公开时间", COL_LIMIT},
    {"公开期限", COL_LIMIT},
    {"时限要求", COL_LIMIT},
    {"公开时限要求", COL_LIMIT},
    {"公开主体", COL_OWNERS},
    {"责任主体", COL_OWNERS},
    {"主体", COL_OWNERS},
    {"公开责任主体", COL_OWNERS},
    {"责任单位", COL_OWNERS},
    {"公开单位", COL_OWNERS},
    {"责任部门", COL_OWNERS},
    {"公开责任单位", COL_OWNERS},
    {"公开部门", COL_OWNERS},
    {"公开渠道和载体", COL_CHANNELS},
    {"公开渠道及载体", COL_CHANNELS},
    {"公开渠道", COL_CHANNELS},
    {"渠道和载体", COL_CHANNELS},
    {"公开载体", COL_CHANNELS},
    {"公开渠道载体", COL_CHANNELS},
    {"公开平台", COL_CHANNELS},
    {"公开渠道与载体", COL_CHANNELS},
    {"公开途径", COL_CHANNELS},
    {"公开载体和渠道", COL_CHANNELS},
    {"公开形式", COL_CHANNELS},
    {"公开对象", COL_AUDIENCE},
    {"全社会", COL_ALL},
    {"公开对象全社会", COL_ALL},
    {"社会公众", COL_ALL},
    {"面向社会", COL_ALL},
    {"特定群体", COL_GROUP},
    {"公开对象特定群体", COL_GROUP},
    {"特定群众", COL_GROUP},
    {"特定对象", COL_GROUP},
    {"特定人群", COL_GROUP},
    {"公开方式", COL_MODE},
    {"主动", COL_ACTIVE},
    {"主动公开", COL_ACTIVE},
    {"公开方式主动", COL_ACTIVE},
    {"公开方式主动公开", COL_ACTIVE},
    {"依申请", COL_REQUEST},
    {"依申请公开", COL_REQUEST},
    {"公开方式依申请", COL_REQUEST},
    {"公开方式依申请公开", COL_REQUEST},
    {"公开层级", COL_LEVEL},
    {"县级", COL_CITY},
    {"市级", COL_CITY},
    {"区级", COL_CITY},
    {"县区级", COL_CITY},
    {"县市区级", COL_CITY},
    {"市县级", COL_CITY},
    {"公开层级县级", COL_CITY},
    {"公开层级市级", COL_CITY},
    {"县级市级", COL_CITY},
    {"乡级", COL_TOWN},
    {"镇级", COL_TOWN},
    {"乡镇级", COL_TOWN},
    {"街道级", COL_TOWN},
    {"乡镇街道级", COL_TOWN},
    {"公开层级乡级", COL_TOWN},
    {"公开层级镇级", COL_TOWN},
    {"镇街级", COL_TOWN},
    {"乡镇街道", COL_TOWN},
    {"公开层级乡镇级", COL_TOWN},
    {"备注", COL_EXTRA},
    {"责任科室", COL_EXTRA},
    {"责任人", COL_EXTRA},
    {"公开类别", COL_EXTRA},
    {"五公开类别", COL_EXTRA},
    {"更新频率", COL_EXTRA},
};

/* Words only: no blanks, brackets, punctuation, figures. */
static struct str words_of(struct str s, char out[200]) {
    size_t n = 0;
    while (s.n && n + 4 < 200) {
        int32_t c = utf8_next(&s);
        if (c < 0)
            break;
        if (c >= 0x4E00 && c <= 0x9FFF)
            n += utf8_put(out + n, (uint32_t)c);
    }
    return (struct str){out, n};
}

static enum table_column exact(struct str words) {
    for (size_t i = 0; words.n && i < countof(headings); i++)
        if (str_is(words, headings[i].words))
            return headings[i].column;
    return COL_NONE;
}

/* All its words, or those before a bracket: 公开渠道和载体（在标注范围内至少选择其一公开……）. */
enum table_column heading_column(struct str heading) {
    char out[200];
    if (!heading.n || utf8_length(heading) > 80)
        return COL_NONE;
    enum table_column found = exact(words_of(heading, out));
    for (struct str rest = heading; found == COL_NONE && rest.n;) {
        const char *at = rest.p;
        int32_t c = utf8_next(&rest);
        if (c < 0)
            break;
        if (c == '(' || c == 0xFF08)
            return exact(words_of((struct str){heading.p, (size_t)(at - heading.p)}, out));
    }
    return found;
}

/* ── a heading ── */

static struct str text_at(const struct table_cells *c, size_t i) {
    return c && i < c->n ? str_trim(c->v[i]) : STR_NONE;
}

/* Words that stand only in the second row of a heading. */
static bool is_sub(enum table_column c) {
    return c == COL_LEVEL1 || c == COL_LEVEL2 || c == COL_ALL || c == COL_GROUP || c == COL_ACTIVE ||
           c == COL_REQUEST || c == COL_CITY || c == COL_TOWN;
}

static void map_column(struct arena *a, struct table_map *m, size_t i, enum table_column c, struct str heading) {
    if (c != COL_NONE && c != COL_EXTRA && m->found[c])
        c = c == COL_CHANNELS && !m->found[COL_MODE] && !m->found[COL_ACTIVE]
                ? COL_MODE
                : COL_EXTRA; /* 公开形式 beside 公开渠道 */
    if (c == COL_NONE && heading.n)
        c = COL_EXTRA;
    m->of[i] = (uint8_t)c;
    m->found[c] = true;
    m->heading[i] = str_dup(a, utf8_head(heading, 60));
}

static size_t known_headings(const struct table_cells *row, size_t *ret_sub) {
    size_t known = 0;
    *ret_sub = 0;
    for (size_t i = 0; row && i < row->n && i < TABLE_COLUMNS; i++) {
        enum table_column c = heading_column(text_at(row, i));
        known += c != COL_NONE;
        *ret_sub += c != COL_NONE && is_sub(c) && !(row->merged && row->merged[i]);
    }
    return known;
}

static bool enough(const struct table_map *m) {
    size_t core = (m->found[COL_ELEMENTS] ? 1u : 0) + (m->found[COL_BASIS] ? 1u : 0) + (m->found[COL_LIMIT] ? 1u : 0) +
                  (m->found[COL_OWNERS] ? 1u : 0);
    return core >= 2 && (m->found[COL_LEVEL1] || m->found[COL_LEVEL2]);
}

bool table_heading(struct arena *a, const struct table_cells *above, const struct table_cells *row,
                   struct table_map *map) {
    size_t sub, sub_above, known = known_headings(row, &sub),
                           known_above = above ? known_headings(above, &sub_above) : 0;
    size_t high_n = above ? above->n : 0, n = row->n > high_n ? row->n : high_n;
    if (above && (sub < 2 || known_above < 3))
        return false;
    if (!above && known < 3)
        return false;
    *map = (struct table_map){.n = n < TABLE_COLUMNS ? n : TABLE_COLUMNS};
    for (size_t i = 0; i < map->n; i++) {
        struct str low = text_at(row, i), high = text_at(above, i);
        enum table_column c = heading_column(low);
        struct str heading = low.n ? low : high;
        if (c == COL_NONE && above)
            c = heading_column(high);
        /* a group's first column without a word of its own: 公开对象 over 全社会 and 特定群体 */
        map_column(a, map, i, c, heading);
    }
    return enough(map);
}

const char *table_missing(const struct table_map *m) {
    if (!m->found[COL_LEVEL1] && !m->found[COL_LEVEL2])
        return "一级事项或二级事项";
    return !m->found[COL_BASIS]    ? "公开依据"
           : !m->found[COL_LIMIT]  ? "公开时限"
           : !m->found[COL_OWNERS] ? "公开主体"
                                   : NULL;
}

/* ── ticks and boxes ── */

static bool box_filled(int32_t c) {
    return c == 0x25A0 || c == 0x2611 || c == 0x2612 || c == 0x2713 || c == 0x2714 || c == 0x221A || c == 0x25A3 ||
           c == 0x2705 || c == 0x25FC;
}

static bool box_empty(int32_t c) {
    return c == 0x25A1 || c == 0x2610 || c == 0x25FB || c == 0x2B1C;
}

bool cell_ticked(struct str cell) {
    static const char *const words[] = {"是", "1",   "1.0",  "有",   "公开", "V",  "v",  "Y",
                                        "y",  "Yes", "TRUE", "true", "●",    "○√", "对", "✅"};
    struct str s = str_trim(cell), rest = s;
    if (!s.n)
        return false;
    if (box_filled(utf8_next(&rest)))
        return true;
    for (size_t i = 0; i < countof(words); i++)
        if (str_is(s, words[i]))
            return true;
    return false;
}

struct str cell_channels(struct arena *a, struct str cell) {
    struct str rest = cell;
    bool any = false;
    for (int32_t c; (c = utf8_next(&rest)) >= 0;)
        any |= box_empty(c);
    if (!any)
        return cell;
    struct buf out;
    buf_init(&out, TABLE_CELL_BYTES);
    rest = cell;
    const char *start = NULL;
    bool filled = false;
    for (;;) {
        const char *at = rest.p;
        int32_t c = utf8_next(&rest);
        if (c >= 0 && !box_filled(c) && !box_empty(c))
            continue;
        struct str name = start ? str_trim((struct str){start, (size_t)(at - start)}) : STR_NONE;
        if (filled && name.n)
            buf_printf(&out, "%s■%.*s", out.n ? " " : "", STR_ARG(name));
        if (c < 0)
            break;
        filled = box_filled(c);
        start = rest.p;
    }
    struct str s = out.n ? str_dup(a, buf_str(&out)) : STR_NONE;
    buf_release(&out);
    return s;
}
