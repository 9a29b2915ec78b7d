/* receipt.c: the receipt (公开凭证) of one public edition: its text and digest, its entry in the log, the proof that
 * leads from the entry to a signed checkpoint. The page shows it; the browser's script computes it anew. */
#include "proof/proof_internal.h"

/* [vkey, …]: the log's and those of witnesses whose lines are in the note. */
static json_t *keys_of(struct work *w) {
    json_t *list = json_array(), *keys = ledger_keys(w), *witnesses = ledger_witnesses(w), *k;
    size_t i;
    error_clear(w); /* an unreadable list of witnesses costs their names only */
    json_array_foreach(keys, i, k) json_array_append(list, json_object_get(k, "vkey"));
    json_array_foreach(witnesses, i, k) json_array_append(list, json_object_get(k, "vkey"));
    json_decref(keys);
    json_decref(witnesses);
    return list;
}

static json_t *files_of(const struct disclosure_edition *e) {
    json_t *list = json_array(), *f;
    static const char *const kept[] = {"name", "sha256", "sm3", "size"};
    size_t i;
    json_array_foreach(e->attachments, i, f) {
        json_t *o = json_object();
        for (size_t k = 0; k < countof(kept); k++)
            json_object_set(o, kept[k], json_object_get(f, kept[k]));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *receipt_of(struct work *w, const struct disclosure_edition *e) {
    struct ledger_checkpoint c;
    int n = ledger_checkpoint_for(w, e->event_id, &c);
    if (n <= 0) {
        if (!w->error.code)
            fail(w, ERR_BUSY, "这一版刚刚公开，凭证正在签发，请几秒后再看");
        return NULL;
    }
    json_t *entry = ledger_proof_of(w, e->event_id, &c);
    if (!entry)
        return NULL;
    struct str note = ledger_checkpoint_note(w, &c);
    json_t *proof = json_incref(json_object_get(entry, "proof"));
    json_object_del(entry, "proof");
    json_object_del(proof, "seq");
    json_t *o = json_pack("{s:s, s:s, s:o, s:I, s:s, s:o, s:o, s:s%, s:o}", "format", "mingtang-receipt/1", "site",
                          w->config->site_name, "address",
                          json_sprintf("%s/disclosures/%.*s", w->config->base_url, STR_ARG(e->public_id)), "edition",
                          (json_int_t)e->edition, "published", instant_rfc3339(w->arena, e->public_from).p, "entry",
                          entry, "proof", proof, "checkpoint", note.p, note.n, "keys", keys_of(w));
    json_set_str(o, "public_id", e->public_id);
    json_set_str(o, "index_number", e->index_number);
    json_set_str(o, "unit", e->unit_name);
    json_set_str(o, "sha256", e->sha256);
    if (e->content.n) {
        json_set_str(o, "title", e->title);
        json_set_str(o, "content", e->content);
        json_object_set_new(o, "attachments", files_of(e));
    }
    return o;
}

json_t *proof_receipt(struct work *w, struct str public_id, int64_t edition) {
    struct disclosure_edition e;
    if (disclosure_edition(w, public_id, edition, &e) < 0)
        return NULL;
    json_t *o = receipt_of(w, &e);
    json_decref(e.attachments);
    return o;
}

/* ── pages ── */

static int edition_of(struct http_request *in, int64_t *ret) {
    return http_path_int(in, "edition", ret);
}

int verify_page(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct disclosure_edition e;
    int64_t edition;
    if (edition_of(in, &edition) < 0 || disclosure_edition(w, http_path_part(in, "id"), edition, &e) < 0)
        return -1;
    json_t *receipt = receipt_of(w, &e);
    json_decref(e.attachments);
    if (!receipt)
        return -1;
    if (in->api) {
        out->model = receipt;
        return 0;
    }
    json_t *model = json_object();
    json_object_set_new(model, "receipt", receipt);
    json_object_set_new(model, "seq", json_incref(json_object_get(json_object_get(receipt, "entry"), "seq")));
    json_object_set_new(model, "size", json_incref(json_object_get(json_object_get(receipt, "proof"), "size")));
    json_set_str(model, "published", instant_text(w->arena, e.public_from));
    json_set_str(model, "until", instant_text(w->arena, e.public_to));
    json_set_str(model, "unit_code", e.unit_code);
    json_set_bool(model, "current", e.current);
    json_set_bool(model, "withdrawn", e.withdrawn);
    json_set_bool(model, "concealed", e.concealed);
    json_set_bool(model, "shown", e.content.n > 0);
    json_set_bool(model, "demo", e.demo);
    return view_page(out, "proof/verify", model);
}

int verify_file(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    int64_t edition;
    if (edition_of(in, &edition) < 0)
        return -1;
    json_t *receipt = proof_receipt(w, http_path_part(in, "id"), edition);
    if (!receipt)
        return -1;
    char *text = json_dumps(receipt, JSON_INDENT(1));
    out->body = str_dup(w->arena, str_z(text));
    out->type = "application/json; charset=utf-8";
    out->download_name =
        str_printf(w->arena, "公开凭证-%.*s-第%lld版.json", STR_ARG(http_path_part(in, "id")), (long long)edition);
    free(text);
    json_decref(receipt);
    return 0;
}

/* The code names the check of exactly this edition. */
int verify_qr(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct disclosure_edition e;
    int64_t edition;
    if (edition_of(in, &edition) < 0 || disclosure_edition(w, http_path_part(in, "id"), edition, &e) < 0)
        return -1;
    json_decref(e.attachments);
    out->type = "image/svg+xml";
    return paper_qr_svg(
        w, str_printf(w->arena, "%s/verify/%.*s/%lld", w->config->base_url, STR_ARG(e.public_id), (long long)edition),
        &out->body);
}

/* ── where a check begins: an address, an index number, or a file ── */

struct start_input {
    struct str q;
};
static const struct field start_fields[] = {
    FIELD(FIELD_STR, start_input, q, "网址或编号", FIELD_OPTIONAL, 0, 300, NULL,
          "公开信息的网址，或打印稿上的核对网址、索引号"),
};
const struct field_table verify_start_table = {start_fields, countof(start_fields), sizeof(struct start_input)};

/* "…/disclosures/ID", "…/verify/ID/2", an index number or the ID alone → path of the check, "" when nothing fits. */
static int check_path(struct work *w, struct str q, struct str *ret) {
    static const char *const marks[] = {"/verify/", "/disclosures/"};
    struct disclosure_edition e;
    int64_t edition = 0;
    struct str id = q, rest = S("");
    for (size_t i = 0; i < countof(marks); i++) {
        ptrdiff_t at = str_find(q, str_z(marks[i]));
        if (at >= 0) {
            id = str_sub(q, (size_t)at + strlen(marks[i]), q.n);
            str_cut(id, '/', &id, &rest);
            break;
        }
    }
    str_cut(id, '?', &id, &(struct str){0});
    if (str_int(rest, &edition) < 0)
        edition = 0;
    int n = disclosure_id_of(w, id, &id);
    if (n <= 0)
        return n;
    if (disclosure_edition(w, id, edition ? edition : 1, &e) < 0)
        return w->error.code == ERR_NOT_FOUND ? (error_clear(w), 0) : -1;
    json_decref(e.attachments);
    *ret = str_printf(w->arena, "/verify/%.*s/%lld", STR_ARG(id), (long long)(edition ? edition : e.editions));
    return 1;
}

int verify_start(struct http_request *in, struct http_response *out) {
    struct start_input x;
    struct str path;
    if (fields_read(in, &verify_start_table, &x) < 0)
        return -1;
    json_t *model = json_object();
    json_set_str(model, "q", x.q);
    if (x.q.n) {
        int n = check_path(in->w, x.q, &path);
        if (n < 0) {
            json_decref(model);
            return -1;
        }
        if (n == 1) {
            json_decref(model);
            out->no_cache = true;
            return view_redirect(in, out, "%.*s", STR_ARG(path));
        }
        json_set_bool(model, "not_found", true);
    }
    return view_page(out, "proof/start", model);
}
