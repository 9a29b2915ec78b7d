/* tell.c: messages whose words are data (data/messages.json), in Mustache without HTML. */
#include "http/http.h"
#include "notify/notify_internal.h"

#define WORDS_BYTES (64 * 1024)

static json_t *catalogue(struct work *w) {
    const struct asset *a = asset_find(w->config, w->arena, "data/messages.json");
    json_t *all = a ? json_loadb(a->bytes.p, a->bytes.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!all)
        fail(w, ERR_INTERNAL, "data/messages.json 缺失或不可读");
    return all;
}

static const struct mustache *no_partials(void *ctx, struct str name) {
    (void)ctx;
    (void)name;
    return NULL;
}

static int fill(struct work *w, const char *name, const char *text, json_t *const stack[2], struct str *ret) {
    char why[200] = "";
    struct buf b;
    struct mustache *m = mustache_compile_plain(str_z(text), why, sizeof why);
    if (!m)
        return fail(w, ERR_INTERNAL, "消息模板 %s：%s", name, why);
    buf_init(&b, WORDS_BYTES);
    int rc = mustache_render(m, stack, 2, no_partials, NULL, &b);
    *ret = str_trim(str_dup(w->arena, buf_str(&b)));
    buf_release(&b);
    mustache_free(m);
    return rc < 0 ? fail(w, ERR_INTERNAL, "消息 %s 过长", name) : 0;
}

/* What every message may use. */
static json_t *common(struct work *w, json_t *values) {
    json_t *o = json_object();
    const char *address = json_string_value(json_object_get(values, "address"));
    json_set_str(o, "site", str_z(w->config->site_name));
    json_set_str(o, "host_unit", str_z(w->config->site_host_unit));
    if (address && *address == '/')
        json_object_set_new(o, "whole_address", json_sprintf("%s%s", w->config->base_url, address));
    return o;
}

static int fill_all(struct work *w, const char *name, const json_t *all, json_t *const stack[2], json_t *out) {
    static const char *const parts[] = {"subject", "mail", "sms"};
    const json_t *words = json_object_get(all, name);
    struct str text, end = STR_NONE;
    const char *closing = json_string_value(json_object_get(json_object_get(all, "end"), "mail"));
    if (!words)
        return fail(w, ERR_INTERNAL, "没有名为 %s 的消息模板", name);
    if (closing && fill(w, "end", closing, stack, &end) < 0)
        return -1;
    for (size_t i = 0; i < countof(parts); i++) {
        const char *source = json_string_value(json_object_get(words, parts[i]));
        if (!source)
            continue;
        if (fill(w, name, source, stack, &text) < 0)
            return -1;
        if (i == 1)
            text = str_printf(w->arena, "%.*s\n\n%.*s\n", STR_ARG(text), STR_ARG(end));
        json_set_str(out, parts[i], text);
    }
    return 0;
}

json_t *notify_words(struct work *w, const char *name, json_t *values) {
    json_t *all = catalogue(w), *out = json_object(), *globals = common(w, values), *own = json_object();
    json_t *whole = json_object_get(globals, "whole_address");
    json_object_update(own, values);
    if (whole)
        json_object_set(own, "address", whole);
    json_t *const stack[2] = {globals, own};
    if (!all || fill_all(w, name, all, stack, out) < 0) {
        json_decref(out);
        out = NULL;
    }
    json_decref(own);
    json_decref(globals);
    json_decref(all);
    return out;
}

int notify_tell(struct work *w, const struct notify_to *to, const char *name, json_t *values) {
    bool mail = notify_can_mail(w->config) && notify_address_ok(to->mail);
    bool sms = notify_can_sms(w->config) && notify_mobile_ok(to->mobile);
    json_t *words = notify_words(w, name, values);
    if (!words)
        return -1;
    struct notify_mail m = {to->mail, message_member(w, words, "subject"), message_member(w, words, "mail"), STR_NONE};
    struct str text = message_member(w, words, "sms");
    json_decref(words);
    mail = mail && m.subject.n && m.text.n;
    sms = sms && text.n;
    if ((mail && notify_mail(w, &m) < 0) || (sms && notify_sms(w, to->mobile, text) < 0))
        return -1;
    return mail + sms;
}
