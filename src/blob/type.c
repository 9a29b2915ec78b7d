/* type.c: which files may come in: the table of kinds, and the decision by content and name. */
#include "blob/blob_internal.h"

#include <ctype.h>
#include <fcntl.h>
#include <magic.h>
#include <pthread.h>
#include <unistd.h>

const struct blob_kind blob_kinds[] = {
    {"pdf", "pdf", "application/pdf", "PDF 文档", READ_PDF, "公文的常用版式"},
    {"ofd", "ofd", "application/ofd", "OFD 版式文档", READ_OFD, "国家标准版式 GB/T 33190"},
    {"docx", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word 文档", READ_DOCX,
     "办公文档"},
    {"xlsx", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel 表格", READ_XLSX,
     "办公文档"},
    {"pptx", "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "PowerPoint 演示文稿",
     READ_PPTX, "办公文档"},
    {"ole", "doc xls ppt wps et dps", "application/octet-stream", "旧版办公文档", READ_OLD,
     "旧版 Office 与 WPS 仍在使用"},
    {"locked", "docx xlsx pptx", "application/octet-stream", "加密的办公文档", READ_LOCKED, "可以收下，但无法检查内容"},
    {"odt", "odt", "application/vnd.oasis.opendocument.text", "ODF 文本", READ_ODF, "开放文档格式"},
    {"ods", "ods", "application/vnd.oasis.opendocument.spreadsheet", "ODF 表格", READ_ODF, "开放文档格式"},
    {"odp", "odp", "application/vnd.oasis.opendocument.presentation", "ODF 演示文稿", READ_ODF, "开放文档格式"},
    {"rtf", "rtf doc", "application/rtf", "RTF 文档", READ_OLD, "旧系统导出"},
    {"txt", "txt csv", "text/plain", "纯文本", READ_PLAIN, "文本与表格数据"},
    {"jpg", "jpg jpeg", "image/jpeg", "JPEG 图片", READ_NOTHING, "图片"},
    {"png", "png", "image/png", "PNG 图片", READ_NOTHING, "图片"},
    {"gif", "gif", "image/gif", "GIF 图片", READ_NOTHING, "图片"},
    {"webp", "webp", "image/webp", "WebP 图片", READ_NOTHING, "图片"},
    {"bmp", "bmp", "image/bmp", "BMP 图片", READ_NOTHING, "扫描件"},
    {"mp3", "mp3", "audio/mpeg", "MP3 音频", READ_NOTHING, "音频解读、村务广播"},
    {"mp4", "mp4", "video/mp4", "MP4 视频", READ_NOTHING, "视频解读"},
    {"zip", "zip", "application/zip", "ZIP 压缩包", READ_ARCHIVE, "成套图纸、数据"},
};
const size_t blob_kind_count = countof(blob_kinds);

/* What libmagic says, and the kind it means; zips are told apart by their directory. */
static const struct {
    const char *mime, *code;
} known[] = {
    {"application/pdf", "pdf"},
    {"application/msword", "ole"},
    {"application/vnd.ms-excel", "ole"},
    {"application/vnd.ms-powerpoint", "ole"},
    {"application/vnd.ms-office", "ole"},
    {"application/vnd.ms-works", "ole"},
    {"application/wps-office.doc", "ole"},
    {"application/x-ole-storage", "ole"},
    {"application/CDFV2", "ole"},
    {"application/encrypted", "locked"},
    {"text/rtf", "rtf"},
    {"application/rtf", "rtf"},
    {"text/plain", "txt"},
    {"text/csv", "txt"},
    {"text/troff", "txt"},
    {"text/x-tex", "txt"},
    {"text/x-c", "txt"},
    {"text/x-c++", "txt"},
    {"application/csv", "txt"},
    {"message/rfc822", "txt"},
    {"image/jpeg", "jpg"},
    {"image/png", "png"},
    {"image/gif", "gif"},
    {"image/webp", "webp"},
    {"image/bmp", "bmp"},
    {"image/x-ms-bmp", "bmp"},
    {"audio/mpeg", "mp3"},
    {"video/mp4", "mp4"},
    {"video/x-m4v", "mp4"},
};

static const char program_words[] = "这是可执行程序，不能上传", script_words[] = "这是脚本或源程序，不能上传",
                  page_words[] =
                      "网页、XML 和 SVG 图形可能含有脚本，不能上传。请把内容粘贴为正文，或者转换为 PDF、PNG 后上传",
                  archive_words[] = "不支持这种压缩格式，请改用 ZIP 后上传", empty_words[] = "这是空文件，没有内容";
static const struct {
    const char *mime, *words;
} refused[] = {
    {"application/x-executable", program_words},
    {"application/x-pie-executable", program_words},
    {"application/x-sharedlib", program_words},
    {"application/x-object", program_words},
    {"application/x-dosexec", program_words},
    {"application/vnd.microsoft.portable-executable", program_words},
    {"application/x-mach-binary", program_words},
    {"application/x-msi", program_words},
    {"application/java-archive", program_words},
    {"application/x-java-applet", program_words},
    {"application/vnd.android.package-archive", program_words},
    {"application/vnd.debian.binary-package", program_words},
    {"application/x-rpm", program_words},
    {"application/x-ms-shortcut", program_words},
    {"text/x-shellscript", script_words},
    {"text/x-msdos-batch", script_words},
    {"text/x-php", script_words},
    {"text/x-python", script_words},
    {"text/x-script.python", script_words},
    {"text/x-perl", script_words},
    {"text/x-ruby", script_words},
    {"text/x-powershell", script_words},
    {"text/javascript", script_words},
    {"application/javascript", script_words},
    {"text/html", page_words},
    {"application/xhtml+xml", page_words},
    {"text/xml", page_words},
    {"application/xml", page_words},
    {"image/svg+xml", page_words},
    {"application/x-rar", archive_words},
    {"application/x-7z-compressed", archive_words},
    {"application/gzip", archive_words},
    {"application/x-bzip2", archive_words},
    {"application/x-xz", archive_words},
    {"application/x-tar", archive_words},
    {"inode/x-empty", empty_words},
    {"application/x-empty", empty_words},
};

const struct blob_kind *blob_kind(const char *code) {
    for (size_t i = 0; i < blob_kind_count; i++)
        if (strcmp(blob_kinds[i].code, code) == 0)
            return &blob_kinds[i];
    return NULL;
}

/* ── libmagic: a cookie is not thread-safe, so each thread has its own ── */

static pthread_key_t cookie_key;
static pthread_once_t cookie_once = PTHREAD_ONCE_INIT;

static void cookie_close(void *m) {
    magic_close(m);
}

static void cookie_init(void) {
    pthread_key_create(&cookie_key, cookie_close);
}

static magic_t cookie(void) {
    pthread_once(&cookie_once, cookie_init);
    magic_t m = pthread_getspecific(cookie_key);
    if (m)
        return m;
    m = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TOKENS);
    if (m && magic_load(m, NULL) != 0) {
        magic_close(m);
        m = NULL;
    }
    if (m)
        pthread_setspecific(cookie_key, m);
    return m;
}

/* ── names ── */

static struct str extension_of(struct arena *a, struct str name) {
    size_t i = name.n;
    while (i > 0 && name.p[i - 1] != '.')
        i--;
    if (i == 0 || name.n - i > 8)
        return S("");
    char *e = str_dupz(a, str_sub(name, i, name.n - i));
    for (char *p = e; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return str_z(e);
}

static bool kind_has(const struct blob_kind *k, struct str extension) {
    struct str rest = str_z(k->extensions), head;
    while (rest.n) {
        if (!str_cut(rest, ' ', &head, &rest)) {
            head = rest;
            rest = STR_NONE;
        }
        if (extension.n && str_eq(head, extension))
            return true;
    }
    return false;
}

bool blob_name_runs(struct str name) {
    static const char *const ends[] = {".exe", ".com", ".scr",  ".bat", ".cmd", ".msi", ".dll", ".js",
                                       ".jse", ".vbs", ".vbe",  ".wsf", ".hta", ".ps1", ".sh",  ".jar",
                                       ".lnk", ".php", ".html", ".htm", ".svg", ".apk", ".reg", ".pif"};
    for (size_t i = 0; i < countof(ends); i++) {
        size_t n = strlen(ends[i]);
        if (name.n > n && strncasecmp(name.p + name.n - n, ends[i], n) == 0)
            return true;
    }
    return false;
}

/* Removes what a name must not carry: folders, control and direction-changing characters, blanks around it. */
struct str blob_clean_name(struct arena *a, struct str name) {
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '/' || name.p[i - 1] == '\\') {
            name = str_sub(name, i, name.n - i);
            break;
        }
    for (int32_t c; name.n;) {
        char one[4];
        if ((c = utf8_next(&name)) < 0)
            break; /* what follows is not text */
        bool hidden = c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
                      (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
        if (!hidden && !strchr("\"<>|:*?", c < 0x80 ? c : 'a'))
            buf_add(&b, (struct str){one, utf8_put(one, (uint32_t)c)});
    }
    struct str s = str_trim(str_dup(a, buf_str(&b)));
    buf_release(&b);
    while (s.n && s.p[0] == '.')
        s = str_sub(s, 1, s.n - 1);
    struct str e = extension_of(a, s);
    if (utf8_length(s) > BLOB_NAME_CHARS) /* keep the extension */
        s = str_printf(a, "%.*s%s%.*s", STR_ARG(utf8_head(s, BLOB_NAME_CHARS - e.n - 1)), e.n ? "." : "", STR_ARG(e));
    return s.n ? str_dup(a, s) : S("附件");
}

/* ── the decision ── */

/* A zip by its directory; NULL with words when it must not come in. */
static const char *zip_code(const struct zip_facts *z, char *words, size_t cap) {
    if (z->macro) {
        snprintf(words, cap, "文件含有宏，不能上传。请另存为不含宏的格式");
        return NULL;
    }
    if (z->ofd)
        return "ofd";
    if (strcmp(z->mimetype, "application/vnd.oasis.opendocument.text") == 0)
        return "odt";
    if (strcmp(z->mimetype, "application/vnd.oasis.opendocument.spreadsheet") == 0)
        return "ods";
    if (strcmp(z->mimetype, "application/vnd.oasis.opendocument.presentation") == 0)
        return "odp";
    if (z->content_types && (z->word || z->excel || z->powerpoint))
        return z->word ? "docx" : z->excel ? "xlsx" : "pptx";
    if (z->dangerous[0]) {
        snprintf(words, cap, "压缩包内含有程序或脚本“%s”，不能上传", z->dangerous);
        return NULL;
    }
    return "zip";
}

/* Word and Excel do not always write their parts in the order libmagic expects, and an MP3 may lack a tag. */
static const char *code_by_content(int fd, const char *mime, struct zip_facts *z, char *words, size_t cap) {
    unsigned char head[4] = {0};
    if (pread(fd, head, sizeof head, 0) < 2)
        head[0] = 0;
    if (memcmp(head, "PK\3\4", 4) == 0) {
        zip_look(fd, z);
        if (z->valid)
            return zip_code(z, words, cap);
        /* No directory: a truncated document. Its name decides; the reader will say that it is damaged. */
        return strcmp(mime, "application/java-archive") == 0 ? NULL : "zip";
    }
    if (head[0] == 'M' && head[1] == 'Z') {
        snprintf(words, cap, "%s", program_words);
        return NULL;
    }
    if (strcmp(mime, "application/octet-stream") == 0 && head[0] == 0xff && (head[1] & 0xe6) == 0xe2)
        return "mp3";
    for (size_t i = 0; i < countof(known); i++)
        if (strcmp(known[i].mime, mime) == 0)
            return known[i].code;
    snprintf(words, cap,
             "不支持这种文件。可以上传：PDF、OFD、Word、Excel、PowerPoint、WPS、ODF、纯文本、图片、MP3、MP4、ZIP");
    for (size_t i = 0; i < countof(refused); i++)
        if (strcmp(refused[i].mime, mime) == 0)
            snprintf(words, cap, "%s", refused[i].words);
    return NULL;
}

static const struct blob_kind *kind_by_extension(struct str extension) {
    for (size_t i = 0; i < blob_kind_count; i++)
        if (kind_has(&blob_kinds[i], extension))
            return &blob_kinds[i];
    return NULL;
}

/* The name must not promise another kind than the content is. */
static int name_agrees(struct work *w, const struct blob_kind **k, bool broken_zip, struct str name,
                       struct str extension, const char *field) {
    const struct blob_kind *by_name = kind_by_extension(extension);
    if (kind_has(*k, extension))
        return 0;
    if (broken_zip && by_name && by_name->reader >= READ_DOCX && by_name->reader <= READ_OFD) {
        *k = by_name;
        return 0;
    }
    if (!extension.n)
        return fail_field(w, field, "name", "“%.*s”没有扩展名，看不出是什么文件。它的内容是%s，请改名后上传",
                          STR_ARG(name), (*k)->name);
    return fail_field(w, field, "name", "“%.*s”的扩展名与内容不符：内容是%s。请核对文件后重新上传", STR_ARG(name),
                      (*k)->name);
}

int blob_sniff(struct work *w, const char *path, struct str name, const char *field, const struct blob_kind **ret,
               struct str *ret_extension) {
    char words[400] = "不支持这种文件";
    struct zip_facts z = {0};
    magic_t m = cookie();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const char *mime = m && fd >= 0 ? magic_descriptor(m, fd) : NULL;
    if (!mime) {
        if (fd >= 0)
            close(fd);
        return fail(w, ERR_INTERNAL, "无法识别文件类型");
    }
    struct str seen = str_dup(w->arena, str_z(mime));
    const char *code = code_by_content(fd, seen.p, &z, words, sizeof words);
    close(fd);
    if (!code)
        return fail_field(w, field, "type", "“%.*s”：%s", STR_ARG(name), words);
    const struct blob_kind *k = blob_kind(code);
    struct str extension = extension_of(w->arena, name);
    if (blob_name_runs(name))
        return fail_field(w, field, "type", "“%.*s”：%s", STR_ARG(name), script_words);
    if (name_agrees(w, &k, strcmp(code, "zip") == 0 && !z.valid, name, extension, field) < 0)
        return -1;
    *ret = k;
    *ret_extension = extension;
    return 0;
}
