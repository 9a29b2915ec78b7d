/* test_pii.c: personal numbers that must be found, and ordinary ones that must be left alone. */
#include "unit.h"
#include "blob/blob_internal.h"

#define unit_fail(...)                                                                                                 \
    do {                                                                                                               \
        print_error(__VA_ARGS__);                                                                                      \
        _fail(__FILE__, __LINE__);                                                                                     \
    } while (0)

static struct arena *arena;

static json_t *found(const char *text) {
    return pii_scan(arena, str_z(text), "正文");
}

static void finds(const char *text, const char *kind, const char *masked) {
    json_t *list = found(text), *o = json_array_get(list, 0);
    if (json_array_size(list) != 1 || strcmp(json_string_value(json_object_get(o, "kind")), kind) != 0 ||
        strcmp(json_string_value(json_object_get(o, "masked")), masked) != 0)
        unit_fail("%s: %s\n", text, json_dumps(list, 0));
    json_decref(list);
}

static void finds_nothing(const char *text) {
    json_t *list = found(text);
    if (json_array_size(list))
        unit_fail("%s: %s\n", text, json_dumps(list, 0));
    json_decref(list);
}

static void personal_numbers_are_found_however_written(void **state) {
    (void)state;
    finds("身份证号11010519491231002X。", "id_card", "110105********002X");
    finds("身份证号：11010519491231002x，", "id_card", "110105********002X");
    finds("110105 19491231 002X", "id_card", "110105********002X");
    finds("110105-1949-1231-002X", "id_card", "110105********002X");
    finds("１１０１０５１９４９１２３１００２Ｘ", "id_card", "110105********002X");
    finds("11010519491231002-X", "id_card", "110105********002X");
    finds("440524198001010013后", "id_card", "440524********0013");
    finds("手机13812345678", "mobile", "138****5678");
    finds("138 1234 5678", "mobile", "138****5678");
    finds("138-1234-5678", "mobile", "138****5678");
    finds("+8613812345678", "mobile", "138****5678");
    finds("+86 138 1234 5678", "mobile", "138****5678");
    finds("张三,13812345678,男", "mobile", "138****5678");
    finds("１３８１２３４５６７８", "mobile", "138****5678");
    finds("开户行账号6222021234567890128", "bank_card", "***************0128");
    finds("6222 0212 3456 7890 128", "bank_card", "***************0128");
    finds("4111 1111 1111 1111", "bank_card", "************1111");
    finds("0513-87654321", "telephone", "05138765****");
}

static void ordinary_numbers_are_left_alone(void **state) {
    static const char *const good[] = {
        "皋政办发〔2020〕147号",
        "2020年11月23日",
        "索引号014276500/2020-00123",
        "统一社会信用代码91320682MA1XYZ1234",
        "91350100M000100Y43",
        "11320682014270012K",
        "320682-01-02-003",
        "项目代码2020-320682-48-01-512345",
        "110105194912310021",
        "110105194913310028",
        "12812345678",
        "138123456789",
        "总额13812345678.50元",
        "第1381234567号",
        "202011230001234567",
        "1234567890",
        "6222021234567890129",
        "https://example.org/a13812345678b",
        "序号 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
        "2021-03-04 2022-05-06 2023-07-08",
        "",
    };
    (void)state;
    for (size_t i = 0; i < countof(good); i++)
        finds_nothing(good[i]);
}

static void numbers_in_a_row_are_told_apart(void **state) {
    (void)state;
    json_t *list = found("1 11010519491231002X 13812345678 6222021234567890128\n2 13912345678");
    assert_int_equal(json_array_size(list), 4);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 3), "where")), "正文第2段");
    json_decref(list);
    list = found("13812345678，13812345678；13812345678"); /* the same one, once */
    assert_int_equal(json_array_size(list), 1);
    json_decref(list);
    list = pii_scan(arena, S("a\n\fb\n13812345678\n\f\xff\xfe 13912345678"), "附件");
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "where")), "附件第2页");
    json_decref(list);
}

static void check_digits_are_computed(void **state) {
    (void)state;
    assert_true(pii_id_card(S("11010519491231002X")));
    assert_false(pii_id_card(S("110105194912310021")));
    assert_false(pii_id_card(S("11010519490230002X")));
    assert_false(pii_id_card(S("1101051949123100")));
    assert_true(pii_luhn(S("4111111111111111")));
    assert_false(pii_luhn(S("4111111111111112")));
    assert_false(pii_luhn(S("")));
    assert_true(pii_credit_code(S("91350100M000100Y43")));
    assert_false(pii_credit_code(S("91350100M000100Y44")));
}

static void a_masked_text_keeps_its_words(void **state) {
    struct arena *a = arena_new(1 << 20);
    (void)state;
    struct str s =
        pii_masked(a, S("张某 13912345678 的户籍，110101199001010015；合同皋政办发〔2020〕147号，编号20250001"));
    assert_true(str_eq(s, S("张某 ****** 的户籍，******；合同皋政办发〔2020〕147号，编号20250001")));
    assert_true(str_eq(pii_masked(a, S("预算")), S("预算")));
    assert_int_equal(pii_masked(a, STR_NONE).n, 0);
    arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(personal_numbers_are_found_however_written),
        cmocka_unit_test(ordinary_numbers_are_left_alone),
        cmocka_unit_test(numbers_in_a_row_are_told_apart),
        cmocka_unit_test(check_digits_are_computed),
        cmocka_unit_test(a_masked_text_keeps_its_words),
    };
    arena = arena_new(LIMIT_ARENA_BYTES);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(arena);
    return failed;
}
