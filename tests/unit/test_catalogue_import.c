/* test_catalogue_import.c: tables as counties really send them, and files that are no tables at all: made here, read
 * through the real importer. */
#include "unit_catalogue.h"

#include "catalogue/table_internal.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <iconv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <xlsxwriter.h>

static char path[128];
static json_t *report;

/* ── making files ── */

static void write_bytes(const char *name, const void *p, size_t n) {
    snprintf(path, sizeof path, "%s/%s", data_dir, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static int dry_run(const char *catalogue, const char *name) {
    struct import_options o = {.catalogue_id = catalogue_named(catalogue),
                               .path = path,
                               .file_name = str_z(name),
                               .effective = work_today(&w)};
    json_decref(report);
    report = NULL;
    return catalogue_import(&w, &o, &report);
}

static void read_file(const char *catalogue, const char *name) {
    ok(dry_run(catalogue, name));
    unlink(path);
}

static json_int_t count(const char *key) {
    return json_integer_value(json_object_get(report, key));
}

static void counts(json_int_t added, json_int_t changed, json_int_t errors) {
    if (count("added") != added || count("changed") != changed || count("errors") != errors) {
        char *text = json_dumps(report, JSON_INDENT(1));
        print_error("%.3000s\n", text);
        free(text);
    }
    assert_int_equal(count("added"), added);
    assert_int_equal(count("changed"), changed);
    assert_int_equal(count("errors"), errors);
}

static bool told(const char *column, const char *text) {
    json_t *p;
    size_t i;
    json_array_foreach(json_object_get(report, "problems"), i,
                       p) if (strcmp(json_string_value(json_object_get(p, "column")), column) == 0 &&
                              strstr(json_string_value(json_object_get(p, "text")), text)) return true;
    return false;
}

/* The one sentence a bad file gets. */
static void refused(const char *name, const char *words) {
    assert_int_equal(dry_run("city-standard", name), -1);
    assert_int_equal(w.error.field_count, 1);
    if (!strstr(w.error.fields[0].message, words))
        unit_fail("%s\n", w.error.fields[0].message);
    error_clear(&w);
    unlink(path);
}

static void csv(const char *text) {
    write_bytes("t.csv", text, strlen(text));
}

#define HEAD "领域,一级事项,二级事项,公开内容（要素）,公开依据,公开时限,公开主体\n"
#define ROW(name) "社会救助,测试," name ",要素,依据,20个工作日,市民政局\n"

/* ── CSV ── */

static void a_gbk_file_is_read_as_gbk(void **s) {
    (void)s;
    char in[] = HEAD ROW("国标"), out[2000], *from = in, *to = out;
    size_t left = strlen(in), room = sizeof out;
    iconv_t cd = iconv_open("GB18030", "UTF-8");
    assert_int_equal(iconv(cd, &from, &left, &to, &room), 0);
    iconv_close(cd);
    write_bytes("t.csv", out, (size_t)(to - out));
    read_file("city-standard", "t.csv");
    counts(1, 0, 0);
}

static void a_byte_order_mark_and_utf16_are_understood(void **s) {
    (void)s;
    csv("\xEF\xBB\xBF" HEAD ROW("标记"));
    read_file("city-standard", "t.csv");
    counts(1, 0, 0);
    char in[] = HEAD ROW("宽字"), out[4000] = "\xFF\xFE", *from = in, *to = out + 2;
    size_t left = strlen(in), room = sizeof out - 2;
    iconv_t cd = iconv_open("UTF-16LE", "UTF-8");
    assert_int_equal(iconv(cd, &from, &left, &to, &room), 0);
    iconv_close(cd);
    write_bytes("t.csv", out, (size_t)(to - out));
    read_file("city-standard", "t.csv");
    counts(1, 0, 0);
}

static void titles_notes_blank_rows_and_repeated_headings_are_no_items(void **s) {
    (void)s;
    csv("某市基层政务公开标准目录,,,,,,\n,,,,,,\n" HEAD ROW("甲") ",,,,,,\n" HEAD ROW(
        "乙") "注：本目录自公布之日起施行,,,,,,\n填表人：某科,,,,,,\n");
    read_file("city-standard", "t.csv");
    counts(2, 0, 0);
}

static void a_row_with_a_field_name_alone_names_the_field_of_the_rows_below(void **s) {
    (void)s;
    csv("一级事项,二级事项,公开内容,公开依据,公开时限,公开主体\n（一）养老服务领域,,,,,\n测试,甲,要素,依据,20个工作日,"
        "市民政局\n二、医疗卫生,,,,,\n测试,甲,要素,依据,20个工作日,市卫健委\n");
    read_file("city-standard", "t.csv");
    counts(2, 0, 0);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(report, "changes"), 1), "field")), "医疗卫生");
}

static void blank_first_levels_and_tongshang_take_the_row_above(void **s) {
    (void)s;
    csv(HEAD ROW("甲") ",,乙,同上,同上,同前,〃\n,新组,丙,要素,依据,及时公开,市民政局\n");
    read_file("city-standard", "t.csv");
    counts(3, 0, 0);
    json_t *second = json_array_get(json_object_get(report, "changes"), 1);
    assert_string_equal(json_string_value(json_object_get(second, "level1")), "测试");
}

static void a_limit_that_is_not_understood_is_a_remark_not_an_error(void **s) {
    (void)s;
    csv(HEAD "社会救助,测试,甲,要素,依据,视情况而定,市民政局\n");
    read_file("city-standard", "t.csv");
    counts(1, 0, 0);
    assert_true(told("公开时限", "需人工确定"));
}

static void owners_ticks_and_length_are_told_by_row_and_column(void **s) {
    (void)s;
    csv("领域,一级事项,二级事项,公开内容,公开依据,公开时限,公开主体,全社会,特定群体,主动,依申请公开,县级,乡级\n"
        "社会救助,测试,甲,要素,依据,20个工作日,市民政局、市火星局,√,,√,,√,\n"
        "社会救助,测试,乙,要素,依据,20个工作日,市民政局,,,,,,\n"
        "社会救助,测试,丙,要素,,20个工作日,市民政局,✓,,是,,■,\n"
        "社会救助,测试,丁,要素,依据,20个工作日,镇政府,√,,√,,√,\n"
        "社会救助,测试,戊,要素,依据,20个工作日,市民政局,√,,√,,,√\n"
        "社会救助,测试,己,要素,依据,20个工作日,市民政局,,√（低保对象）,√,1,V,\n");
    read_file("city-standard", "t.csv");
    counts(2, 0, 3);
    assert_int_equal(count("skipped"), 1);
    assert_true(told("公开主体", "市火星局"));
    assert_true(told("公开对象", "全社会"));
    assert_true(told("公开依据", "缺少公开依据"));
    assert_true(told("公开主体", "没有本目录的责任单位"));
}

static void a_formula_in_a_csv_stays_the_text_it_was(void **s) {
    (void)s;
    csv(HEAD "社会救助,测试,'=1+2,要素,依据,20个工作日,市民政局\n");
    read_file("city-standard", "t.csv");
    counts(1, 0, 0);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(report, "changes"), 0), "level2")), "=1+2");
}

static void a_quote_that_never_closes_is_named_by_its_row(void **s) {
    (void)s;
    size_t n = 1 << 20;
    char *big = malloc(n);
    memset(big, 'x', n);
    memcpy(big, HEAD "社会救助,\"", strlen(HEAD "社会救助,\""));
    write_bytes("t.csv", big, n);
    free(big);
    refused("t.csv", "引号没有成对");
}

static void files_that_are_no_tables_get_one_sentence(void **s) {
    (void)s;
    write_bytes("t.csv", "", 0);
    refused("t.csv", "文件是空的");
    write_bytes("t.csv", "\0\1\2\3binary\0", 12);
    refused("t.csv", "不是目录表格");
    csv("%PDF-1.7");
    refused("t.pdf", "PDF");
    write_bytes("t.xls", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 old", 12);
    refused("t.xls", "旧版 Excel");
    csv("not a zip");
    refused("t.xlsx", "不是 Excel 表格");
    csv("姓名,电话\n甲,1\n");
    refused("t.csv", "没有找到目录表头");
    csv(HEAD);
    refused("t.csv", "表头下面没有事项");
    write_bytes("t.csv", "\xB9\xFA\xFF\xFF\xFF", 5);
    refused("t.csv", "UTF-8 或 GBK");
}

static void a_table_without_an_indispensable_column_says_which(void **s) {
    (void)s;
    csv("领域,一级事项,二级事项,公开内容,公开依据,公开主体\n社会救助,测试,甲,要素,依据,市民政局\n");
    read_file("city-standard", "t.csv");
    assert_int_equal(count("errors"), 1);
    assert_true(told("公开时限", "没有“公开时限”一列"));
}

/* ── XLSX ── */

static lxw_workbook *book(void) {
    snprintf(path, sizeof path, "%s/t.xlsx", data_dir);
    lxw_workbook *b = workbook_new(path);
    assert_non_null(b);
    return b;
}

static void put(lxw_worksheet *s, int row, const char *const *cells) {
    for (lxw_col_t c = 0; cells[c]; c++)
        if (cells[c][0])
            worksheet_write_string(s, (lxw_row_t)row, c, cells[c], NULL);
}
#define CELLS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void two_heading_rows_with_merges_in_any_order_are_read(void **s) {
    (void)s;
    lxw_workbook *b = book();
    lxw_worksheet *sheet = workbook_add_worksheet(b, "社会救助");
    worksheet_merge_range(sheet, 0, 0, 0, 12, "某县社会救助领域标准目录", NULL);
    put(sheet, 1,
        CELLS("序号", "责任主体", "公开事项", "", "公开内容\n（要素）", "公开依据", "公开时限", "公开对象", "",
              "公开方式", "", "公开层级", "", "公开渠道和载体（可多选）", "责任科室"));
    put(sheet, 2,
        CELLS("", "", "一级事项", "二级事项", "", "", "", "全社会", "特定群众", "主动", "依申请", "县级", "乡镇级"));
    worksheet_merge_range(sheet, 1, 2, 1, 3, "公开事项", NULL);
    worksheet_merge_range(sheet, 1, 0, 2, 0, "序号", NULL);
    put(sheet, 3,
        CELLS("1", "市民政局", "合并的一级", "甲", "要素一\n要素二", "依据", "20个工作日", "√", "", "√", "", "√", "",
              "□政府公报 ■政府网站 ☑两微一端", "某科"));
    put(sheet, 4, CELLS("2", "", "", "乙", "要素", "", "及时公开", "✔", "", "✔", "", "✔", "", "■政府网站"));
    worksheet_merge_range(sheet, 3, 2, 4, 2, "合并的一级", NULL);
    worksheet_merge_range(sheet, 3, 1, 4, 1, "市民政局", NULL);
    worksheet_merge_range(sheet, 3, 5, 4, 5, "合并的依据", NULL);
    worksheet_merge_range(sheet, 6, 0, 6, 12, "注：合并的注释行", NULL);
    assert_int_equal(workbook_close(b), LXW_NO_ERROR);
    read_file("city-standard", "t.xlsx");
    counts(2, 0, 0);
    json_t *second = json_array_get(json_object_get(report, "changes"), 1);
    assert_string_equal(json_string_value(json_object_get(second, "level1")), "合并的一级");
    assert_string_equal(json_string_value(json_object_get(second, "field")), "社会救助");
}

static void formulas_give_their_kept_value_and_a_remark(void **s) {
    (void)s;
    lxw_workbook *b = book();
    lxw_worksheet *sheet = workbook_add_worksheet(b, "社会救助");
    put(sheet, 0, CELLS("一级事项", "二级事项", "公开内容", "公开依据", "公开时限", "公开主体"));
    put(sheet, 1, CELLS("测试", "", "要素", "依据", "20个工作日", "市民政局"));
    worksheet_write_formula_str(sheet, 1, 1, "=\"公式\"&\"事项\"", NULL, "公式事项");
    assert_int_equal(workbook_close(b), LXW_NO_ERROR);
    read_file("city-standard", "t.xlsx");
    counts(1, 0, 0);
    assert_true(told("", "公式"));
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(report, "changes"), 0), "level2")),
        "公式事项");
}

static void hidden_sheets_are_left_out_and_every_visible_one_is_read(void **s) {
    (void)s;
    lxw_workbook *b = book();
    const char *names[] = {"说明", "10社会救助", "24养老服务", "25户籍管理"};
    for (int i = 0; i < 4; i++) {
        lxw_worksheet *sheet = workbook_add_worksheet(b, names[i]);
        if (i == 0) {
            put(sheet, 0, CELLS("填表说明"));
            continue;
        }
        put(sheet, 0, CELLS("一级事项", "二级事项", "公开内容", "公开依据", "公开时限", "公开主体"));
        put(sheet, 1, CELLS("测试", "甲", "要素", "依据", "20个工作日", "市民政局"));
        if (i == 3)
            worksheet_hide(sheet);
    }
    assert_int_equal(workbook_close(b), LXW_NO_ERROR);
    read_file("city-standard", "t.xlsx");
    counts(2, 0, 0);
}

/* A zip made by hand: names and contents; password "" for none. */
static void zip(const char *const (*parts)[2], const char *password) {
    snprintf(path, sizeof path, "%s/t.xlsx", data_dir);
    struct archive *a = archive_write_new();
    archive_write_set_format_zip(a);
    if (password[0]) {
        archive_write_set_options(a, "zip:encryption=zipcrypt");
        archive_write_set_passphrase(a, password);
    }
    assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
    for (size_t i = 0; parts[i][0]; i++) {
        struct archive_entry *e = archive_entry_new();
        archive_entry_set_pathname(e, parts[i][0]);
        archive_entry_set_filetype(e, AE_IFREG);
        archive_entry_set_perm(e, 0644);
        archive_entry_set_size(e, (la_int64_t)strlen(parts[i][1]));
        assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
        assert_int_equal(archive_write_data(a, parts[i][1], strlen(parts[i][1])), (la_ssize_t)strlen(parts[i][1]));
        archive_entry_free(e);
    }
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
}

#define WORKBOOK "<workbook xmlns:r='r'><sheets><sheet name='社会救助' sheetId='1' r:id='a'/></sheets></workbook>"
#define RELS "<Relationships><Relationship Id='a' Type='x/worksheet' Target='worksheets/sheet1.xml'/></Relationships>"
#define XCELL(t) "<c t='inlineStr'><is><t>" t "</t></is></c>"
#define XHEAD                                                                                                          \
    "<row>" XCELL("一级事项") XCELL("二级事项") XCELL("公开内容") XCELL("公开依据") XCELL("公开时限")                  \
        XCELL("公开主体") "</row>"
#define SHEET(rows) "<worksheet><sheetData>" rows "</sheetData></worksheet>"

static void sheet_zip(const char *sheet) {
    const char *const parts[][2] = {{"xl/workbook.xml", WORKBOOK},
                                    {"xl/_rels/workbook.xml.rels", RELS},
                                    {"xl/worksheets/sheet1.xml", sheet},
                                    {NULL, NULL}};
    zip(parts, "");
}

static void inline_strings_rich_text_and_dates_are_read(void **s) {
    (void)s;
    sheet_zip(SHEET(XHEAD "<row>" XCELL(
        "测试") "<c t='inlineStr'><is><r><t>富</t></r><rPh><t>拼音</t></rPh><r><t>文本</t></r></is></c>" XCELL("要素_"
                                                                                                               "x000D_")
                        XCELL("依据") XCELL("20个工作日") XCELL("市民政局") "</row>"));
    read_file("city-standard", "t.xlsx");
    counts(1, 0, 0);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(report, "changes"), 0), "level2")), "富文本");
}

static void an_encrypted_workbook_is_named_as_such(void **s) {
    (void)s;
    const char *const parts[][2] = {{"xl/workbook.xml", WORKBOOK}, {NULL, NULL}};
    zip(parts, "secret");
    refused("t.xlsx", "加了密码");
}

static void other_packages_are_named(void **s) {
    (void)s;
    const char *const word[][2] = {{"word/document.xml", "<a/>"}, {NULL, NULL}}, *const other[][2] = {{"a.txt", "x"},
                                                                                                      {NULL, NULL}};
    zip(word, "");
    refused("t.xlsx", "Word");
    zip(other, "");
    refused("t.xlsx", "压缩包");
}

static void broken_xml_doctypes_and_cut_files_are_refused(void **s) {
    (void)s;
    sheet_zip("<worksheet><sheetData><row>");
    refused("t.xlsx", "损坏");
    sheet_zip("<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;&b;'>]><worksheet>&c;</worksheet>");
    refused("t.xlsx", "损坏");
    sheet_zip(SHEET(XHEAD));
    assert_int_equal(truncate(path, 300), 0);
    refused("t.xlsx", "损坏");
}

static void a_zip_bomb_is_refused_before_it_unfolds(void **s) {
    (void)s;
    size_t n = 300u << 20;
    char *zeros = malloc(n + 1);
    memset(zeros, ' ', n);
    zeros[n] = 0;
    sheet_zip(zeros);
    free(zeros);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size < 1 << 20);
    refused("t.xlsx", "过大");
}

/* ── large ── */

static void two_hundred_thousand_rows_need_little_memory_and_one_more_is_refused(void **s) {
    (void)s;
    struct rusage before, after;
    snprintf(path, sizeof path, "%s/t.csv", data_dir);
    FILE *f = fopen(path, "we");
    fputs(HEAD, f);
    for (int i = 1; i < LIMIT_IMPORT_ROWS; i++)
        fprintf(f, "社会救助,测试,事项%d,要素,依据,20个工作日,市民政局\n", i);
    fclose(f);
    getrusage(RUSAGE_SELF, &before);
    uint64_t t0 = clock_mono_ns();
    ok(dry_run("city-standard", "t.csv"));
    getrusage(RUSAGE_SELF, &after);
    long grown = (after.ru_maxrss - before.ru_maxrss) / 1024;
    print_message("200,000 rows: %.1f s, %ld MB more\n", (double)(clock_mono_ns() - t0) / 1e9, grown);
#ifndef __SANITIZE_ADDRESS__
    assert_true(grown < 100);
#endif
    assert_int_equal(count("added"), LIMIT_IMPORT_ROWS - 1);
    assert_true(json_array_size(json_object_get(report, "changes")) <= 300);
    assert_true(json_is_false(json_object_get(report, "applicable")));
    f = fopen(path, "ae");
    fputs(ROW("多出来的"), f);
    fclose(f);
    refused("t.csv", "超过 200000 行");
}

/* ── there and back ── */

static void what_goes_out_comes_back_without_differences(void **s) {
    (void)s;
    static const char *const codes[] = {"city-standard", "changjiang-standard"}, *const formats[] = {"xlsx", "csv"};
    for (size_t i = 0; i < 4; i++) {
        const char *out;
        ok(catalogue_export(&w, catalogue_named(codes[i / 2]), 0, formats[i % 2], &out));
        snprintf(path, sizeof path, "%s", out);
        read_file(codes[i / 2], i % 2 ? "t.csv" : "t.xlsx");
        counts(0, 0, 0);
        assert_int_equal(count("ended"), 0);
        assert_true(count("unchanged") > 250);
    }
}

static void the_words_of_headings_are_known(void **s) {
    (void)s;
    static const struct {
        const char *heading;
        enum table_column column;
    } v[] = {
        {"公开内容（要素）", COL_ELEMENTS},
        {"公开\n内容\n(要素)", COL_ELEMENTS},
        {" 公开渠道和载体（在标注范围内至少选择其一公开，法律法规规章另有规定的从其规定）", COL_CHANNELS},
        {"公开对象-全社会", COL_ALL},
        {"特定群体（请写明）", COL_GROUP},
        {"依申请公开", COL_REQUEST},
        {"乡、镇级", COL_TOWN},
        {"责任单位", COL_OWNERS},
        {"公开事项信息形成或变更之日起20个工作日内公开", COL_NONE},
        {"", COL_NONE},
        {"市民政局", COL_NONE},
    };
    for (size_t i = 0; i < countof(v); i++)
        assert_int_equal(heading_column(str_z(v[i].heading)), v[i].column);
}

static int tear_down(void **s) {
    json_decref(report);
    return catalogue_tear_down(s);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        catalogue_test(
            two_hundred_thousand_rows_need_little_memory_and_one_more_is_refused), /* first: the peak is measured */
        catalogue_test(the_words_of_headings_are_known),
        catalogue_test(a_gbk_file_is_read_as_gbk),
        catalogue_test(a_byte_order_mark_and_utf16_are_understood),
        catalogue_test(titles_notes_blank_rows_and_repeated_headings_are_no_items),
        catalogue_test(a_row_with_a_field_name_alone_names_the_field_of_the_rows_below),
        catalogue_test(blank_first_levels_and_tongshang_take_the_row_above),
        catalogue_test(a_limit_that_is_not_understood_is_a_remark_not_an_error),
        catalogue_test(owners_ticks_and_length_are_told_by_row_and_column),
        catalogue_test(a_formula_in_a_csv_stays_the_text_it_was),
        catalogue_test(a_quote_that_never_closes_is_named_by_its_row),
        catalogue_test(files_that_are_no_tables_get_one_sentence),
        catalogue_test(a_table_without_an_indispensable_column_says_which),
        catalogue_test(two_heading_rows_with_merges_in_any_order_are_read),
        catalogue_test(formulas_give_their_kept_value_and_a_remark),
        catalogue_test(hidden_sheets_are_left_out_and_every_visible_one_is_read),
        catalogue_test(inline_strings_rich_text_and_dates_are_read),
        catalogue_test(an_encrypted_workbook_is_named_as_such),
        catalogue_test(other_packages_are_named),
        catalogue_test(broken_xml_doctypes_and_cut_files_are_refused),
        catalogue_test(a_zip_bomb_is_refused_before_it_unfolds),
        catalogue_test(what_goes_out_comes_back_without_differences),
    };
    return cmocka_run_group_tests(tests, catalogue_set_up, tear_down);
}
