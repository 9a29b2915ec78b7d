/* request_person.c: who applies: checked, sealed, masked, recognised again without being readable; and the key of what
 * is wanted. */
#include "request/request_internal.h"

#include <openssl/evp.h>

static bool organisation(struct str applicant) {
    return !str_is(applicant, "person");
}

/* GB 32100-2015: 18 characters without I O S V Z; the last is a check character modulo 31. */
bool credit_code_ok(struct str s) {
    static const char signs[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    int sum = 0, weight = 1;
    if (s.n != 18)
        return false;
    for (size_t i = 0; i < 18; i++) {
        const char *at = memchr(signs, s.p[i], sizeof signs - 1);
        if (!at)
            return false;
        if (i == 17)
            return (int)(at - signs) == (31 - sum % 31) % 31;
        sum += (int)(at - signs) * weight;
        weight = weight * 3 % 31;
    }
    return false;
}

static struct str upper(struct arena *a, struct str s) {
    char *p = str_dupz(a, utf8_halfwidth(a, str_trim(s)));
    for (char *q = p; *q; q++)
        *q = (char)(*q >= 'a' && *q <= 'z' ? *q - 32 : *q);
    return str_z(p);
}

static int check_person(struct work *w, struct request_input *x) {
    if (!x->id_type.n)
        x->id_type = S("id_card");
    if (!x->id_number.n)
        return fail_field(w, "id_number", "required", "请填写证件号码（条例第二十九条：身份证明）");
    if (!str_is(x->id_type, "id_card"))
        return x->id_number.n < 5 ? fail_field(w, "id_number", "format", "证件号码过短，请按证件填写") : 0;
    if (x->id_number.n != 18)
        return fail_field(w, "id_number", "format", "身份证号应为 18 位，现有 %zu 位", x->id_number.n);
    return pii_id_card(x->id_number)
               ? 0
               : fail_field(w, "id_number", "check", "身份证号的出生日期或第 18 位校验不符，请核对");
}

static int check_organisation(struct work *w, struct request_input *x) {
    x->id_type = S("credit_code");
    if (!x->id_number.n)
        fail_field(w, "id_number", "required", "请填写统一社会信用代码");
    else if (!credit_code_ok(x->id_number))
        fail_field(w, "id_number", "check", "统一社会信用代码应为 18 位，末位校验不符，请核对");
    if (!x->contact_name.n)
        fail_field(w, "contact_name", "required", "请填写联系人");
    return w->error.field_count ? -1 : 0;
}

static bool telephone_ok(struct str s) {
    size_t digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= '0' && s.p[i] <= '9')
            digits++;
        else if (s.p[i] != '-' && s.p[i] != ' ')
            return false;
    }
    return digits >= 7 && digits <= 12;
}

/* Each way of handing over needs where to. */
static void check_contact(struct work *w, struct request_input *x) {
    if (!x->mobile.n && !x->mail.n && !x->address.n)
        fail_field(w, "mobile", "required", "请至少填写一种联系方式：手机或电话、电子邮箱、通信地址");
    if (x->mobile.n && !telephone_ok(x->mobile))
        fail_field(w, "mobile", "format", "电话号码应为 7 至 12 位数字，如 13912345678 或 0513-87654321");
    if (x->mail.n && !notify_address_ok(x->mail))
        fail_field(w, "mail", "format", "请写完整的邮箱地址，如 name@example.cn");
    if (x->postcode.n && (x->postcode.n != 6 || !telephone_ok(str_printf(w->arena, "0%.*s", STR_ARG(x->postcode)))))
        fail_field(w, "postcode", "format", "邮政编码为 6 位数字");
    if (str_is(x->delivery, "mail") && !x->mail.n)
        fail_field(w, "mail", "required", "选择电子邮件方式的，请填写电子邮箱");
    if (str_is(x->delivery, "post") && !x->address.n)
        fail_field(w, "address", "required", "选择邮寄方式的，请填写通信地址");
    if (str_is(x->delivery, "fax") && !x->fax.n)
        fail_field(w, "fax", "required", "选择传真方式的，请填写传真号码");
}

int person_check(struct work *w, struct request_input *x) {
    x->id_number = upper(w->arena, x->id_number);
    x->mobile = utf8_halfwidth(w->arena, x->mobile);
    if (!x->name.n)
        fail_field(w, "name", "required", organisation(x->applicant) ? "请填写组织名称" : "请填写姓名");
    if (organisation(x->applicant))
        check_organisation(w, x);
    else
        check_person(w, x);
    check_contact(w, x);
    return w->error.code ? -1 : 0;
}

struct str person_seal(struct work *w, const struct request_input *x) {
    const struct {
        const char *name;
        struct str value;
    } parts[] = {{"name", x->name},
                 {"id_type", x->id_type},
                 {"id_number", x->id_number},
                 {"contact_name", x->contact_name},
                 {"head", x->head},
                 {"workplace", x->workplace},
                 {"address", x->address},
                 {"postcode", x->postcode},
                 {"mobile", x->mobile},
                 {"mail", x->mail},
                 {"fax", x->fax},
                 {"evidence", x->evidence}};
    json_t *o = json_object();
    for (size_t i = 0; i < countof(parts); i++)
        if (parts[i].value.n)
            json_set_str(o, parts[i].name, parts[i].value);
    char *text = json_dumps(o, JSON_COMPACT);
    struct str sealed = seal(w, "request person", str_z(text));
    free(text);
    json_decref(o);
    return sealed;
}

json_t *request_person(struct work *w, const struct request *c) {
    struct str plain;
    if (!c->person.n || seal_open(w, "request person", c->person, &plain) < 0)
        return json_object();
    json_t *o = json_loadb(plain.p, plain.n, 0, NULL);
    return o ? o : json_object();
}

static bool double_surname(struct str name) {
    static const char *const known[] = {"欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容",
                                        "令狐", "夏侯", "端木", "司徒", "司空", "轩辕", "长孙", "宇文", "南宫"};
    for (size_t i = 0; i < countof(known); i++)
        if (str_starts(name, str_z(known[i])))
            return true;
    return false;
}

/* rules.md §11.3: 张*, 张*明, first and last of longer names; a double surname stays. */
struct str person_mask(struct arena *a, struct str name, bool of_organisation) {
    size_t n = utf8_length(name);
    if (of_organisation || n == 0)
        return name;
    struct str head = utf8_head(name, double_surname(name) && n > 2 ? 2 : 1), rest = name;
    size_t shown = utf8_length(head);
    if (n == 1)
        return S("*");
    if (n - shown == 1)
        return str_printf(a, "%.*s*", STR_ARG(head));
    for (size_t i = 0; i + 1 < n; i++)
        utf8_next(&rest);
    struct str stars = str_sub(S("********************"), 0, n - shown - 1);
    return str_printf(a, "%.*s%.*s%.*s", STR_ARG(head), STR_ARG(stars), STR_ARG(rest));
}

struct str person_mask_number(struct arena *a, struct str s) {
    if (s.n < 8)
        return s.n ? S("****") : s;
    return str_printf(a, "%.*s%.*s%.*s", STR_ARG(str_sub(s, 0, s.n >= 15 ? 6 : 3)),
                      STR_ARG(str_sub(S("********************"), 0, s.n - (s.n >= 15 ? 10 : 7))),
                      STR_ARG(str_sub(s, s.n - 4, 4)));
}

/* ── what is wanted ── */

static bool dropped(int32_t c) {
    static const char *const signs =
        "，。、；：？！“”‘’（）《》〈〉「」『』〔〕﹝﹞【】[]()<>\"'-—_.,;:?!·的之与和及等";
    struct str rest = str_z(signs);
    if (c <= ' ' || c == 0x3000)
        return true;
    for (int32_t x; (x = utf8_next(&rest)) >= 0;)
        if (x == c)
            return true;
    return false;
}

/* Letters and numbers alone: the same wanted information in other punctuation is the same. */
static struct str bare(struct arena *a, struct str s) {
    struct str half = utf8_halfwidth(a, s);
    char *out = arena_alloc(a, half.n + 1);
    size_t n = 0;
    half = str_replace(a, half, S("关于"), S(""));
    for (int32_t c; (c = utf8_next(&half)) >= 0;) {
        if (dropped(c))
            continue;
        n += utf8_put(out + n, (uint32_t)(c >= 'A' && c <= 'Z' ? c + 32 : c));
    }
    return (struct str){out, n};
}

struct str fingerprint(struct work *w, struct str subject, struct str info_number, struct str description) {
    struct str key = info_number.n ? bare(w->arena, info_number) : bare(w->arena, subject);
    unsigned char md[32];
    unsigned n = 0;
    if (!key.n)
        key = bare(w->arena, utf8_head(description, 200));
    if (utf8_length(key) < 2 || EVP_Digest(key.p, key.n, md, &n, EVP_sha256(), NULL) != 1)
        return STR_NONE;
    return hex_encode(w->arena, md, 16);
}
