/* test_blob.c: attachments good and bad, DOCX into HTML.
 * The helper process is this test itself. */
#include "unit_db.h"
#include "blob/blob_internal.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static enum db_engine engine;
static struct unit_db db;
static struct work w;
static struct app_config config;
static char dir[64];

static int setup(void **state) {
    (void)state;
    unit_db_place(&db, engine);
    unit_db_open(&db, 3);
    unit_db_migrate(&db);
    unit_work_open(&w, &db);
    snprintf(dir, sizeof dir, "/tmp/mingtang-blob-XXXXXX");
    assert_non_null(mkdtemp(dir));
    config = (struct app_config){.data_dir = dir, .upload_max = LIMIT_UPLOAD_BYTES};
    w.config = &config;
    return 0;
}

static void remove_tree(const char *path) {
    pid_t pid = fork();
    if (pid == 0) {
        execlp("rm", "rm", "-rf", "--", path, (char *)NULL);
        _exit(1);
    }
    waitpid(pid, NULL, 0);
}

static int teardown(void **state) {
    (void)state;
    unit_work_close(&w);
    unit_db_remove(&db);
    remove_tree(dir);
    return 0;
}

/* ── files ── */

static const char *in_dir(const char *name) {
    return str_printf(w.arena, "%s/%s", dir, name).p;
}

static const char *written(const char *name, const void *p, size_t n) {
    const char *path = in_dir(name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    fclose(f);
    return path;
}

struct entry {
    const char *name, *text;
    size_t n; /* 0: strlen */
};

static const char *zipped(const char *file, const struct entry *v, size_t n) {
    const char *path = in_dir(file);
    struct archive *a = archive_write_new();
    archive_write_set_format_zip(a);
    assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
    for (size_t i = 0; i < n; i++) {
        struct archive_entry *e = archive_entry_new();
        size_t size = v[i].n ? v[i].n : strlen(v[i].text);
        if (strcmp(v[i].name, "mimetype") == 0)
            archive_write_zip_set_compression_store(a);
        else
            archive_write_zip_set_compression_deflate(a);
        archive_entry_set_pathname(e, v[i].name);
        archive_entry_set_size(e, (la_int64_t)size);
        archive_entry_set_filetype(e, AE_IFREG);
        archive_entry_set_perm(e, 0644);
        assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
        archive_write_data(a, v[i].text, size);
        archive_entry_free(e);
    }
    archive_write_close(a);
    archive_write_free(a);
    return path;
}

#define W_OPEN                                                                                                         \
    "<?xml version=\"1.0\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" "     \
    "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><w:body>"
#define W_CLOSE "</w:body></w:document>"
#define TYPES "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"

static const char *docx(const char *file, const char *body) {
    struct entry v[] = {{"[Content_Types].xml", TYPES, 0},
                        {"word/document.xml", str_printf(w.arena, "%s%s%s", W_OPEN, body, W_CLOSE).p, 0}};
    return zipped(file, v, countof(v));
}

/* A PDF of one page per text (ASCII), with a correct table of objects. */
static struct str pdf(const char *const *texts, int n) {
    struct buf b;
    long at[64];
    int objects = 3 + 2 * n;
    buf_init(&b, 1 << 20);
    buf_addz(&b, "%PDF-1.4\n");
    for (int i = 1; i <= objects; i++) {
        at[i] = (long)b.n;
        buf_printf(&b, "%d 0 obj\n", i);
        if (i == 1)
            buf_addz(&b, "<</Type/Catalog/Pages 2 0 R>>");
        else if (i == 2) {
            buf_addz(&b, "<</Type/Pages/Kids[");
            for (int k = 0; k < n; k++)
                buf_printf(&b, "%d 0 R ", 4 + 2 * k);
            buf_printf(&b, "]/Count %d>>", n);
        } else if (i == 3)
            buf_addz(&b, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
        else if (i % 2 == 0)
            buf_printf(
                &b, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F 3 0 R>>>>/Contents %d 0 R>>",
                i + 1);
        else {
            struct str s = str_printf(w.arena, "BT /F 12 Tf 50 700 Td (%s) Tj ET", texts[(i - 5) / 2]);
            buf_printf(&b, "<</Length %zu>>\nstream\n%.*s\nendstream", s.n, STR_ARG(s));
        }
        buf_addz(&b, "\nendobj\n");
    }
    long start = (long)b.n;
    buf_printf(&b, "xref\n0 %d\n0000000000 65535 f \n", objects + 1);
    for (int i = 1; i <= objects; i++)
        buf_printf(&b, "%010ld 00000 n \n", at[i]);
    buf_printf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%ld\n%%%%EOF\n", objects + 1, start);
    struct str s = str_dup(w.arena, buf_str(&b));
    buf_release(&b);
    return s;
}

static int take(const char *path, const char *name, struct blob *ret) {
    struct http_file f = {.name = str_z(name), .path = path};
    error_clear(&w);
    return blob_take(&w, &config, &f, "files", ret);
}

static void taken(const char *path, const char *name, struct blob *ret) {
    if (take(path, name, ret) < 0)
        unit_fail("%s: %s %s\n", name, error_text(&w.error), w.error.field_count ? w.error.fields[0].message : "");
}

static void refused(const char *path, const char *name, const char *words) {
    struct blob b;
    if (take(path, name, &b) == 0)
        unit_fail("%s was taken\n", name);
    assert_int_equal(w.error.field_count, 1);
    assert_string_equal(w.error.fields[0].field, "files");
    if (!strstr(w.error.fields[0].message, words))
        unit_fail("%s: %s\n", name, w.error.fields[0].message);
}

static bool has(struct str s, const char *words) {
    return str_find(s, str_z(words)) >= 0;
}

/* ── taking in ── */

static void an_attachment_is_kept_by_its_content(void **state) {
    struct blob b, again, got;
    struct stat st;
    (void)state;
    const char *path = written("up1", "abc", 3);
    taken(path, "说明.txt", &b);
    assert_string_equal(b.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(b.sm3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    assert_int_equal(b.size, 3);
    assert_true(str_is(b.extension, "txt"));
    const char *kept = blob_path(w.arena, &config, b.sha256);
    assert_non_null(strstr(kept, "/blobs/ba/78/ba7816bf"));
    assert_int_equal(stat(kept, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0440);
    taken(path, "另一个名字.txt", &again);
    assert_int_equal(again.id, b.id);
    assert_int_equal(blob_get(&w, b.id, &got), 0);
    assert_string_equal(got.sm3, b.sm3);
    assert_true(str_is(blob_text(&w, b.id), "abc"));
    assert_int_equal(blob_get(&w, 12345, &got), -1);
    assert_int_equal(w.error.code, ERR_NOT_FOUND);
    assert_int_equal(access(path, F_OK), 0); /* the upload is the server's to remove */
}

static void a_renamed_program_is_refused(void **state) {
    static const char elf[] = "\x7f"
                              "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\x3e\0\1\0\0\0";
    (void)state;
    refused("/proc/self/exe", "公告.pdf", "可执行程序");
    refused(written("a", elf, sizeof elf), "公告.docx", "不能上传");
    refused(written("b", "MZ\x90\0\3\0\0\0", 8), "表.xlsx", "可执行程序");
    refused(written("c", "#!/bin/sh\nrm -rf /\n", 19), "说明.txt", "脚本");
    refused(written("d", "<html><script>alert(1)</script></html>", 38), "说明.txt", "网页");
    refused(written("e", "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>", 62), "图.png", "SVG");
    refused(written("f", "alert(1)", 8), "x.js", "脚本");
    refused(written("g", "hello", 5), "x.pdf", "扩展名与内容不符");
    refused(written("h", "hello", 5), "没有扩展名", "没有扩展名");
    refused(written("i", "Rar!\x1a\x07\x01\x00xxxxxxx", 15), "x.zip", "ZIP");
    refused(written("j", "", 0), "x.txt", "空文件");
    struct str p = pdf((const char *const[]){"x"}, 1);
    refused(written("k", p.p, p.n), "x.docx", "内容是PDF");
}

static void documents_with_macros_or_programs_inside_are_refused(void **state) {
    (void)state;
    refused(zipped("m",
                   (struct entry[]){{"[Content_Types].xml", TYPES, 0},
                                    {"word/document.xml", "<x/>", 0},
                                    {"word/vbaProject.bin", "x", 0}},
                   3),
            "通知.docx", "宏");
    refused(zipped("n", (struct entry[]){{"readme.txt", "x", 0}, {"setup.exe", "MZ", 0}}, 2), "资料.zip", "setup.exe");
    refused(zipped("o", (struct entry[]){{"readme.txt", "x", 0}}, 1), "资料.docx", "ZIP");
}

static void a_file_of_200_mb_is_refused_by_its_size(void **state) {
    const char *path = in_dir("big");
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    (void)state;
    assert_int_equal(ftruncate(fd, 200 * 1024 * 1024), 0);
    close(fd);
    refused(path, "大.pdf", "200 MB");
    config.upload_max = 2;
    refused(written("three", "abc", 3), "小.txt", "上限");
}

static void names_lose_paths_and_control_characters(void **state) {
    static const char *const cases[][2] = {
        {"../../etc/公告.pdf", "公告.pdf"},
        {"C:\\用户\\桌面\\公告.pdf", "公告.pdf"},
        {"公\x01告\x7f\n.pdf", "公告.pdf"},
        {"\xe2\x80\xae"
         "fdp.exe",
         "fdp.exe"},
        {".htaccess", "htaccess"},
        {"  公告 .pdf ", "公告 .pdf"},
        {"", "附件"},
        {"///", "附件"},
        {"a\"b<c>.txt", "abc.txt"},
        {"坏\xff.txt", "坏"},
    };
    char big[1000];
    (void)state;
    for (size_t i = 0; i < countof(cases); i++)
        assert_string_equal(blob_clean_name(w.arena, str_z(cases[i][0])).p, cases[i][1]);
    memset(big, 'a', 900);
    snprintf(big + 900, 10, ".docx");
    struct str s = blob_clean_name(w.arena, str_z(big));
    assert_int_equal(utf8_length(s), BLOB_NAME_CHARS);
    assert_true(str_ends(s, S(".docx")));
}

static void text_in_the_usual_encodings_is_read(void **state) {
    struct blob b;
    (void)state;
    taken(written("u8", "\xef\xbb\xbf姓名,电话\n", 17), "a.csv", &b);
    assert_true(has(blob_text(&w, b.id), "姓名,电话"));
    taken(written("gb", "\xd0\xd5\xc3\xfb,\xb5\xe7\xbb\xb0\r\n\xd5\xc5,1\r\n", 17), "b.csv", &b);
    assert_true(has(blob_text(&w, b.id), "姓名,电话"));
    assert_true(str_is(b.problem, ""));
}

/* ── reading documents ── */

static void a_pdf_tells_pages_and_personal_data(void **state) {
    struct blob b;
    (void)state;
    struct str p = pdf((const char *const[]){"Notice", "ID 11010519491231002X tel 13812345678"}, 2);
    taken(written("p", p.p, p.n), "名单.PDF", &b);
    assert_int_equal(b.pages, 2);
    assert_true(str_is(b.problem, ""));
    assert_true(has(b.scan, "\"where\":\"第2页\""));
    assert_true(has(b.scan, "110105********002X"));
    assert_true(has(b.scan, "138****5678"));
    assert_false(has(b.scan, "13812345678"));
}

static void an_encrypted_or_broken_pdf_is_taken_with_a_remark(void **state) {
    struct blob b;
    (void)state;
    struct str p = pdf((const char *const[]){"secret text"}, 1);
    const char *plain = written("plain", p.p, p.n), *locked = in_dir("locked");
    pid_t pid = fork();
    if (pid == 0) {
        freopen("/dev/null", "w", stderr);
        execlp("qpdf", "qpdf", "--encrypt", "u", "o", "256", "--", plain, locked, (char *)NULL);
        _exit(1);
    }
    waitpid(pid, NULL, 0);
    if (access(locked, F_OK) == 0) {
        taken(locked, "a.pdf", &b);
        assert_true(str_is(b.problem, "文件已加密，无法检查内容"));
        assert_int_equal(blob_text(&w, b.id).n, 0);
    } else {
        print_message("qpdf is not installed: no encrypted PDF\n");
    }
    taken(written("half", p.p, 40), "b.pdf", &b);
    assert_true(str_is(b.problem, "文件已损坏，无法检查内容"));
}

static void a_docx_is_searched_with_its_notes_and_deleted_text(void **state) {
    struct blob b;
    (void)state;
    taken(docx("d", "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>救助名单</w:t></w:r></"
                    "w:p><w:p><w:del><w:r><w:delText>手机13912345678</w:delText></"
                    "w:r></w:del></w:p>"
                    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>6222021</w:t></w:r><w:r><w:t>234567890128</w:t></w:r></w:p></"
                    "w:tc></w:tr></w:tbl>"),
          "名单.docx", &b);
    assert_true(str_is(b.extension, "docx"));
    assert_true(str_is(b.problem, ""));
    assert_true(has(blob_text(&w, b.id), "救助名单\n手机13912345678"));
    assert_true(has(b.scan, "\"where\":\"第2段\""));
    assert_true(has(b.scan, "139****5678"));
}

static void a_workbook_is_read_sheet_by_sheet(void **state) {
    static const struct entry v[] = {
        {"[Content_Types].xml", TYPES, 0},
        {"xl/workbook.xml", "<workbook/>", 0},
        {"xl/worksheets/sheet1.xml",
         "<worksheet><sheetData><row><c t=\"s\"><v>1</v></c><c><v>42</v></c></row></sheetData></worksheet>", 0},
        {"xl/worksheets/sheet2.xml",
         "<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>户主</t></is></c></row><row><c><v>13712345678</v></c><c "
         "t=\"s\"><v>0</v></c></row></sheetData></worksheet>",
         0},
        {"xl/sharedStrings.xml",
         "<sst><si><t>丙</t><rPh><t>bing</t></rPh></si><si><r><t>乡</t></r><r><t>镇</t></r></si></sst>", 0},
    };
    struct blob b;
    (void)state;
    taken(zipped("x", v, countof(v)), "统计.xlsx", &b);
    assert_int_equal(b.pages, 2);
    assert_true(str_is(blob_text(&w, b.id), "乡镇\t42\t\n\f户主\t\n13712345678\t丙\t\n\f"));
    assert_true(has(b.scan, "第2张工作表第2行"));
}

static void other_open_formats_are_read(void **state) {
    struct blob b;
    (void)state;
    taken(zipped("odt",
                 (struct entry[]){
                     {"mimetype", "application/vnd.oasis.opendocument.text", 0},
                     {"content.xml", "<o xmlns:text=\"t\"><text:h>标题</text:h><text:p>正<text:s/>文</text:p></o>", 0}},
                 2),
          "a.odt", &b);
    assert_true(str_is(blob_text(&w, b.id), "标题\n正 文\n"));
    taken(zipped("ofd",
                 (struct entry[]){
                     {"OFD.xml", "<ofd/>", 0},
                     {"Doc_0/Pages/Page_0/Content.xml",
                      "<o xmlns:ofd=\"o\"><ofd:TextObject><ofd:TextCode>公告</ofd:TextCode></ofd:TextObject></o>", 0}},
                 2),
          "a.ofd", &b);
    assert_true(str_is(blob_text(&w, b.id), "公告\n\f"));
    assert_int_equal(b.pages, 1);
    taken(zipped("pptx",
                 (struct entry[]){{"[Content_Types].xml", TYPES, 0},
                                  {"ppt/presentation.xml", "<p/>", 0},
                                  {"ppt/slides/slide10.xml", "<s xmlns:a=\"a\"><a:p><a:t>十</a:t></a:p></s>", 0},
                                  {"ppt/slides/slide2.xml", "<s xmlns:a=\"a\"><a:p><a:t>二</a:t></a:p></s>", 0}},
                 4),
          "a.pptx", &b);
    assert_true(str_is(blob_text(&w, b.id), "二\n\f十\n\f"));
    assert_int_equal(b.pages, 2);
    taken(zipped("zip", (struct entry[]){{"图纸/1.dwg", "x", 0}}, 1), "a.zip", &b);
    assert_true(has(b.problem, "没有检查"));
}

static void a_broken_docx_is_taken_with_a_remark(void **state) {
    struct blob b;
    char head[200];
    (void)state;
    const char *path = docx("w", "<w:p><w:r><w:t>abc</w:t></w:r></w:p>");
    FILE *f = fopen(path, "rb");
    assert_int_equal(fread(head, 1, sizeof head, f), sizeof head);
    fclose(f);
    taken(written("cut", head, sizeof head), "断.docx", &b);
    assert_true(has(b.problem, "损坏"));
    taken(docx("bad", "<w:p><w:r><w:t>没有结束"), "坏.docx", &b);
    assert_true(has(b.problem, "损坏"));
    taken(zipped("dtd",
                 (struct entry[]){
                     {"[Content_Types].xml", TYPES, 0},
                     {"word/document.xml", "<!DOCTYPE a [<!ENTITY b \"x\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>", 0}},
                 2),
          "dtd.docx", &b);
    assert_true(has(b.problem, "损坏"));
}

static void a_zip_bomb_is_not_unpacked(void **state) {
    struct blob b;
    size_t n = 60 * 1024 * 1024;
    char *zeros = malloc(n);
    (void)state;
    memset(zeros, ' ', n);
    memcpy(zeros, "<a>", 3);
    taken(zipped("bomb", (struct entry[]){{"[Content_Types].xml", TYPES, 0}, {"word/document.xml", zeros, n}}, 2),
          "炸弹.docx", &b);
    assert_true(has(b.problem, "解压后过大"));
    struct str html;
    assert_int_equal(docx_to_html(&w, in_dir("bomb"), &html), -1);
    assert_non_null(strstr(error_text(&w.error), "解压后过大"));
    free(zeros);
}

/* A gigabyte of sheet in a megabyte of file. */
static void a_sheet_of_a_gigabyte_is_not_unpacked(void **state) {
    static char chunk[1 << 20];
    const char *path = in_dir("gigabyte");
    struct archive *a = archive_write_new();
    struct blob b;
    (void)state;
    memset(chunk, ' ', sizeof chunk);
    archive_write_set_format_zip(a);
    archive_write_set_options(a, "zip:compression-level=1");
    assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
    static const char *const names[] = {"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"};
    for (size_t i = 0; i < countof(names); i++) {
        struct archive_entry *e = archive_entry_new();
        size_t chunks = i == 2 ? 1024 : 1;
        archive_entry_set_pathname(e, names[i]);
        archive_entry_set_size(e, (la_int64_t)(chunks * sizeof chunk));
        archive_entry_set_filetype(e, AE_IFREG);
        archive_entry_set_perm(e, 0644);
        assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
        for (size_t k = 0; k < chunks; k++)
            assert_int_equal(archive_write_data(a, chunk, sizeof chunk), sizeof chunk);
        archive_entry_free(e);
    }
    archive_write_close(a);
    archive_write_free(a);
    taken(path, "大表.xlsx", &b);
    assert_true(has(b.problem, "解压后过大"));
    assert_int_equal(blob_text(&w, b.id).n, 0);
}

static void a_zip_in_a_zip_is_taken_with_a_remark(void **state) {
    struct blob b;
    (void)state;
    char inner[4096];
    FILE *f = fopen(zipped("inner", (struct entry[]){{"名单.txt", "x", 0}}, 1), "rb");
    size_t n = fread(inner, 1, sizeof inner, f);
    fclose(f);
    taken(zipped("outer", (struct entry[]){{"里面.zip", inner, n}}, 1), "外面.zip", &b);
    assert_true(has(b.problem, "没有检查"));
}

/* Page trees and forms that lead to themselves: poppler must not take the server along, however long it turns. */
static void a_pdf_that_loops_ends_the_helper_at_most(void **state) {
    static const char *const bodies[] = {
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>endobj\n",
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>/Contents 4 0 R>>endobj\n"
        "4 0 obj<</Length 4>>stream\n/F Do\nendstream endobj\n"
        "5 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>/Length 14>>stream\n/F Do "
        "/F "
        "Do\n\n\nendstream endobj\n",
        "1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]/Count 1000000>>endobj\n",
    };
    struct blob b;
    (void)state;
    for (size_t i = 0; i < countof(bodies); i++) {
        struct str p =
            str_printf(w.arena, "%%PDF-1.4\n%strailer<</Root 1 0 R/Size 9>>\nstartxref\n9\n%%%%EOF\n", bodies[i]);
        uint64_t t = clock_mono_ns();
        taken(written("loop", p.p, p.n), "循环.pdf", &b);
        assert_true(clock_mono_ns() - t < (BLOB_WALL_SECONDS + 10) * 1000000000ULL);
        assert_int_equal(str_trim(blob_text(&w, b.id)).n, 0);
    }
}

static void old_formats_are_read_or_told_apart(void **state) {
    struct blob b;
    (void)state;
    static const char gbk[] = "{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0 \\'cb\\'ce\\'cc\\'e5;}}{\\*\\generator x;}\\f0 "
                              "\\'b5\\'cd\\'b1\\'a3\\par 13812345678 \\u26631?\\u20934? \\{ \\}\\par}";
    taken(written("rtf", gbk, sizeof gbk - 1), "旧.rtf", &b);
    assert_true(str_is(b.problem, ""));
    assert_true(has(blob_text(&w, b.id), "低保\n13812345678 标准 { }"));
    assert_false(has(blob_text(&w, b.id), "宋体"));
    assert_true(has(b.scan, "138****5678"));
    static const char deep[] = "{\\rtf1 ", pieces[] = "{{{{{{{{{{{{{{{{{{{{\\uc9\\u-5?x\\bin99999 \\'zz";
    struct buf many;
    buf_init(&many, 1 << 20);
    buf_addz(&many, deep);
    for (int i = 0; i < 500; i++)
        buf_addz(&many, pieces);
    taken(written("deep", many.p, many.n), "深.rtf", &b);
    buf_release(&many);
    static const unsigned char ole[] = {0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1};
    char broken[4096] = {0};
    memcpy(broken, ole, sizeof ole);
    taken(written("ole", broken, sizeof broken), "坏.doc", &b);
    assert_true(b.problem.n > 0);
    memcpy(broken + 1024, "W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0", 24);
    taken(written("ole2", broken, sizeof broken), "坏二.doc", &b);
    assert_true(b.problem.n > 0);
    assert_int_equal(str_trim(blob_text(&w, b.id)).n, 0);
}

static void a_helper_that_dies_or_talks_nonsense_is_no_disaster(void **state) {
    struct blob b;
    (void)state;
    static const char *const bad[] = {"/bin/false", "/bin/echo", "/bin/kill", "/nonexistent"};
    for (size_t i = 0; i < countof(bad); i++) {
        blob_set_extractor(bad[i]);
        taken(written("t", bad[i], strlen(bad[i])), "a.txt", &b);
        assert_true(has(b.problem, "无法自动检查"));
        assert_int_equal(blob_text(&w, b.id).n, 0);
    }
    blob_set_extractor("/proc/self/exe");
}

/* ── DOCX to HTML ── */

static struct str html_of(const char *file) {
    struct str html = STR_NONE;
    error_clear(&w);
    if (docx_to_html(&w, in_dir(file), &html) < 0)
        unit_fail("%s\n", error_text(&w.error));
    return html;
}

static void a_docx_becomes_clean_html(void **state) {
    (void)state;
    docx("h", "<w:p><w:pPr><w:jc "
              "w:val=\"center\"/></w:pPr><w:r><w:rPr><w:b/></w:rPr><w:t>关于</w:t></w:r><w:r><w:rPr><w:b/></"
              "w:rPr><w:t>印发的通知</w:t></w:r></w:p>"
              "<w:p/><w:p><w:pPr><w:ind w:firstLineChars=\"200\"/></w:pPr><w:r><w:t xml:space=\"preserve\">a &lt;b&gt; "
              "&amp; </w:t></w:r>"
              "<w:r><w:rPr><w:i/><w:u w:val=\"single\"/></w:rPr><w:t>c</w:t></w:r><w:r><w:rPr><w:b "
              "w:val=\"0\"/></w:rPr><w:t>d</w:t></w:r>"
              "<w:del><w:r><w:delText>删</w:delText></w:r></w:del><w:ins><w:r><w:t>增</w:t></w:r></"
              "w:ins><w:r><w:drawing><x><w:t>图</w:t></x></w:drawing></w:r></w:p>"
              "<w:p><w:pPr><w:outlineLvl w:val=\"0\"/></w:pPr><w:r><w:t>一级</w:t></w:r></w:p>");
    assert_string_equal(
        html_of("h").p,
        "<p style=\"text-align:center\"><strong>关于印发的通知</strong></p>\n"
        "<p style=\"text-indent:2em\">a &lt;b&gt; &amp; <em><u>c</u></em>d增〔此处图片未导入〕</p>\n<h2>一级</h2>\n");
}

static void tables_keep_their_merged_cells(void **state) {
#define TC(pr, text) "<w:tc><w:tcPr>" pr "</w:tcPr><w:p><w:r><w:t>" text "</w:t></w:r></w:p></w:tc>"
    (void)state;
    docx("t", "<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr>" TC("<w:vMerge w:val=\"restart\"/>", "序号")
                  TC("<w:gridSpan w:val=\"2\"/>", "公开事项") "</w:tr>"
                                                              "<w:tr>" TC("<w:vMerge/>", "") TC("", "一级")
                                                                  TC("", "二级") "</w:tr>"
                                                                                 "<w:tr>" TC("", "1")
                                                                                     TC("<w:gridSpan w:val=\"2\"/>",
                                                                                        "x") "</w:tr></w:tbl>");
    assert_string_equal(html_of("t").p, "<table>\n<tr><th rowspan=\"2\">序号</th><th "
                                        "colspan=\"2\">公开事项</th></tr>\n<tr><td>一级</td><td>二级</td></tr>\n"
                                        "<tr><td>1</td><td colspan=\"2\">x</td></tr>\n</table>\n");
}

#define LVL(i, fmt, text)                                                                                              \
    "<w:lvl w:ilvl=\"" i "\"><w:start w:val=\"1\"/><w:numFmt w:val=\"" fmt "\"/><w:lvlText w:val=\"" text "\"/></"     \
    "w:lvl>"
#define NUM(id, level, text)                                                                                           \
    "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"" level "\"/><w:numId w:val=\"" id "\"/></w:numPr></w:pPr><w:r><w:t>" text   \
    "</w:t></w:r></w:p>"

static void generated_numbers_become_text_and_lists_lists(void **state) {
    (void)state;
    const char *numbering =
        "<w:numbering xmlns:w=\"w\"><w:abstractNum w:abstractNumId=\"0\">" LVL("0", "chineseCountingThousand", "%1、")
            LVL("1", "chineseCounting",
                "（%2）") "</w:abstractNum><w:abstractNum w:abstractNumId=\"1\">" LVL("0", "decimal", "%1.")
                LVL("1", "bullet", "·") "</w:abstractNum>"
                                        "<w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num><w:num "
                                        "w:numId=\"2\"><w:abstractNumId w:val=\"1\"/></w:num></w:numbering>";
    const char *body = NUM("1", "0", "总则") NUM("1", "1", "目的") NUM("1", "1", "依据") NUM("1", "0", "附则")
        NUM("1", "1", "施行") NUM("2", "0", "甲") NUM("2", "1", "乙")
            NUM("2", "0", "丙") "<w:p><w:r><w:t>中断</w:t></w:r></w:p>" NUM("2", "0", "丁");
    struct entry v[] = {{"[Content_Types].xml", TYPES, 0},
                        {"word/document.xml", str_printf(w.arena, "%s%s%s", W_OPEN, body, W_CLOSE).p, 0},
                        {"word/numbering.xml", numbering, 0}};
    zipped("n", v, countof(v));
    assert_string_equal(html_of("n").p,
                        "<p>一、总则</p>\n<p>（一）目的</p>\n<p>（二）依据</p>\n<p>二、附则</p>\n<p>（一）施行</p>\n"
                        "<ol><li>甲<ul><li>乙</li></ul></li><li>丙</li></ol>\n<p>中断</p>\n<p>3.丁</p>\n");
}

static void styles_links_and_notes_come_along(void **state) {
    (void)state;
    struct entry v[] = {
        {"[Content_Types].xml", TYPES, 0},
        {"word/document.xml",
         W_OPEN "<w:p><w:pPr><w:pStyle "
                "w:val=\"2\"/></w:pPr><w:r><w:t>章</w:t></w:r></w:p><w:p><w:r><w:t>见</w:t></w:r><w:hyperlink "
                "r:id=\"r1\"><w:r><w:t>链接</w:t></w:r></w:hyperlink>"
                "<w:hyperlink r:id=\"r2\"><w:r><w:t>坏链接</w:t></w:r></w:hyperlink><w:r><w:footnoteReference "
                "w:id=\"5\"/></w:r></w:p>" W_CLOSE,
         0},
        {"word/styles.xml",
         "<w:styles xmlns:w=\"w\"><w:style w:styleId=\"a\"><w:name w:val=\"Heading 2\"/></w:style><w:style "
         "w:styleId=\"2\"><w:name w:val=\"我的\"/><w:basedOn w:val=\"a\"/></w:style></w:styles>",
         0},
        {"word/_rels/document.xml.rels",
         "<R><Relationship Id=\"r1\" Target=\"https://example.org/?a=1&amp;b=2\"/><Relationship Id=\"r2\" "
         "Target=\"javascript:alert(1)\"/></R>",
         0},
        {"word/footnotes.xml",
         "<w:footnotes xmlns:w=\"w\"><w:footnote "
         "w:id=\"5\"><w:p><w:r><w:t>出处</w:t></w:r></w:p></w:footnote></w:footnotes>",
         0},
    };
    zipped("s", v, countof(v));
    assert_string_equal(html_of("s").p,
                        "<h3>章</h3>\n<p>见<a "
                        "href=\"https://example.org/?a=1&amp;b=2\">链接</a>坏链接〔注1〕</p>\n<p>〔注1〕出处</p>\n");
}

static void what_is_no_docx_is_refused_with_a_reason(void **state) {
    struct str html;
    (void)state;
    assert_int_equal(docx_to_html(&w, written("no", "hello", 5), &html), -1);
    assert_int_equal(w.error.code, ERR_INVALID);
    assert_non_null(strstr(error_text(&w.error), "损坏"));
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "extract-text") == 0)
        return blob_extract_main(argc - 1, argv + 1);
    log_set_level(LOG_ERROR + 1);
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(an_attachment_is_kept_by_its_content),
        T(a_renamed_program_is_refused),
        T(documents_with_macros_or_programs_inside_are_refused),
        T(a_file_of_200_mb_is_refused_by_its_size),
        T(names_lose_paths_and_control_characters),
        T(text_in_the_usual_encodings_is_read),
        T(a_pdf_tells_pages_and_personal_data),
        T(an_encrypted_or_broken_pdf_is_taken_with_a_remark),
        T(a_docx_is_searched_with_its_notes_and_deleted_text),
        T(a_workbook_is_read_sheet_by_sheet),
        T(other_open_formats_are_read),
        T(a_broken_docx_is_taken_with_a_remark),
        T(a_zip_bomb_is_not_unpacked),
        T(a_sheet_of_a_gigabyte_is_not_unpacked),
        T(a_zip_in_a_zip_is_taken_with_a_remark),
        T(a_pdf_that_loops_ends_the_helper_at_most),
        T(old_formats_are_read_or_told_apart),
        T(a_helper_that_dies_or_talks_nonsense_is_no_disaster),
        T(a_docx_becomes_clean_html),
        T(tables_keep_their_merged_cells),
        T(generated_numbers_become_text_and_lists_lists),
        T(styles_links_and_notes_come_along),
        T(what_is_no_docx_is_refused_with_a_reason),
    };
    engine = DB_SQLITE;
    int failed = cmocka_run_group_tests_name("blob on SQLite", tests, NULL, NULL);
    if (getenv("MINGTANG_TEST_PG")) {
        engine = DB_POSTGRESQL;
        failed += cmocka_run_group_tests_name("blob on PostgreSQL", tests, NULL, NULL);
    }
    return failed;
}
