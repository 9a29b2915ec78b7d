/* letter_word.c: 机关代字, the word before a number: set by the unit, shipped with data/units.json, or from its short
 * name. */
#include "letter/letter_internal.h"

#define WORD_CHARS 10 /* with 依复 the 12 of 文号 */

/* Chinese characters only. */
static bool chinese(struct str s) {
    for (struct str rest = s; rest.n;) {
        int32_t c = utf8_next(&rest);
        if (c < 0x4E00 || c > 0x9FA5)
            return false;
    }
    return s.n > 0;
}

static struct str shipped(struct work *w, struct str code) {
    json_t *file = letter_data(w, "data/units.json"), *u;
    struct str word = STR_NONE;
    size_t i;
    json_array_foreach(json_object_get(file, "units"), i, u) {
        if (str_is(code, json_string_value(json_object_get(u, "code"))))
            word = str_dup(w->arena, str_z(json_string_value(json_object_get(u, "word"))));
    }
    json_decref(file);
    return word;
}

/* 市财政局 → 财政局; what is no Chinese character is left out. */
static struct str from_name(struct work *w, struct str name) {
    struct str word = STR_NONE;
    if (str_starts(name, S("市")) && utf8_length(name) > 3)
        name = str_sub(name, strlen("市"), name.n);
    while (name.n && utf8_length(word) < WORD_CHARS) {
        struct str one = utf8_head(name, 1);
        if (!one.n)
            break;
        if (chinese(one))
            word = str_printf(w->arena, "%.*s%.*s", STR_ARG(word), STR_ARG(one));
        name = str_sub(name, one.n, name.n);
    }
    return word.n ? word : S("机关");
}

int letter_word(struct work *w, int64_t unit_id, struct str *ret) {
    struct unit u;
    struct db_rows r;
    int n = unit_get(w, unit_id, &u) < 0 ? -1 : db_one(w, &sql_letter_word_get, &r, DB_INT(unit_id));
    if (n < 0)
        return -1;
    *ret = n ? db_s(&r, 0, 0) : shipped(w, u.code);
    if (w->error.code)
        return -1;
    if (!ret->n)
        *ret = from_name(w, u.short_name);
    return 0;
}

int letter_word_set(struct work *w, int64_t unit_id, struct str word) {
    struct unit u;
    struct db_rows r;
    word = str_trim(word);
    if (unit_get(w, unit_id, &u) < 0)
        return -1;
    if (!chinese(word) || utf8_length(word) > WORD_CHARS)
        return fail_field(w, "word", "format", "机关代字为 1 至 %d 个汉字，例如“皋政办”", WORD_CHARS);
    int n = db_one(w, &sql_letter_word_owner, &r, DB_TEXT(word));
    if (n < 0)
        return -1;
    if (n && db_i(&r, 0, 0) != unit_id)
        return fail_field(w, "word", "duplicate", "机关代字“%.*s”已由其他单位使用", STR_ARG(word));
    if (db_exec(w, &sql_letter_word_set, DB_INT(unit_id), DB_TEXT(word)) < 0)
        return -1;
    json_t *payload = json_object();
    json_set_str(payload, "word", word);
    struct event e = {.room = "letter",
                      .verb = "word_set",
                      .subject_kind = "unit",
                      .subject_id = unit_id,
                      .unit_id = unit_id,
                      .visibility = EVENT_INTERNAL,
                      .payload = payload};
    int rc = event_append(w, &e, NULL);
    json_decref(payload);
    return rc;
}
