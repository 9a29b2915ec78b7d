/* export.c: the replay as a file: JSON that a program can check against the log, PDF for the file on the table. Both
 * carry the proofs; taking one away is itself on record. */
#include "replay/replay_internal.h"

/* ── JSON ── */

/* The event with its leaf, the way to the checkpoint, and what its commitment covers. */
static json_t *export_event(struct work *w, const json_t *event, const struct ledger_checkpoint *c) {
    struct str salt, text;
    int64_t id = json_integer_value(json_object_get(event, "id"));
    json_t *o = json_copy((json_t *)(uintptr_t)event), *proof = ledger_proof_of(w, id, c);
    if (!proof) { /* of this very moment: the next checkpoint binds it */
        error_clear(w);
        return o;
    }
    json_object_set(o, "leaf", json_object_get(proof, "leaf"));
    json_object_set(o, "proof", json_object_get(json_object_get(proof, "proof"), "hashes"));
    json_decref(proof);
    if (ledger_protected(w, id, &salt, &text) == 1) {
        json_set_str(o, "salt", salt);
        json_set_str(o, "protected", text);
    }
    return o;
}

static json_t *export_events(struct work *w, const json_t *events, const struct ledger_checkpoint *c) {
    json_t *list = json_array(), *e;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)events, i, e) json_array_append_new(list, export_event(w, e, c));
    return list;
}

static json_t *vkeys(struct work *w) {
    json_t *list = json_array(), *keys = ledger_keys(w), *k;
    size_t i;
    json_array_foreach(keys, i, k) json_array_append(list, json_object_get(k, "vkey"));
    json_decref(keys);
    return list;
}

json_t *replay_export(struct work *w, const struct matter *m) {
    struct ledger_checkpoint c;
    int n = ledger_checkpoint_latest(w, &c);
    if (n <= 0) {
        if (n == 0)
            fail(w, ERR_BUSY, "账本还没有签发检查点，请稍后再导出");
        return NULL;
    }
    struct str note = ledger_checkpoint_note(w, &c);
    json_t *o = json_pack("{s:s, s:s, s:s%, s:I, s:s%, s:s%, s:I, s:s%, s:o, s:o, s:o}", "format", "mingtang-replay/1",
                          "site", w->config->site_name, "kind", m->kind.p, m->kind.n, "id", (json_int_t)m->id, "title",
                          m->title.p, m->title.n, "checkpoint", note.p, note.n, "proof_size", (json_int_t)c.size,
                          "exported", instant_rfc3339(w->arena, w->now).p, (size_t)25, "keys", vkeys(w), "events",
                          export_events(w, m->events, &c), "reads", export_events(w, m->reads, &c));
    if (m->document)
        json_object_set(o, "document", m->document);
    return o;
}

/* ── PDF ── */

static struct str member(const json_t *o, const char *key) {
    return str_z(json_string_value(json_object_get(o, key)));
}

static struct str who(struct work *w, const json_t *e) {
    struct str post = member(e, "post").n ? member(e, "post") : member(e, "person"), unit = member(e, "unit");
    return unit.n ? str_printf(w->arena, "%.*s（%.*s）", STR_ARG(post), STR_ARG(unit)) : post;
}

static struct str step_title(struct work *w, const json_t *e) {
    const char *stage = step_stage(e);
    return *stage ? str_printf(w->arena, "%s（%s）", json_string_value(json_object_get(e, "verb_name")), stage)
                  : member(e, "verb_name");
}

static void pdf_table(struct work *w, struct paper *p, const struct matter *m) {
    static const int widths[] = {7, 22, 26, 33, 12};
    size_t n = json_array_size(m->events), k = 0;
    struct str *cells = arena_many(w->arena, struct str, 5 * (n + 1));
    const struct str head[] = {S("步"), S("时间"), S("事情"), S("岗位（单位）"), S("账本号")};
    for (size_t i = 0; i < 5; i++)
        cells[k++] = head[i];
    for (size_t i = 0; i < n; i++) {
        json_t *e = json_array_get(m->events, i), *seq = json_object_get(e, "seq");
        cells[k++] = str_printf(w->arena, "%zu", i + 1);
        cells[k++] = member(e, "at_text");
        cells[k++] = step_title(w, e);
        cells[k++] = who(w, e);
        cells[k++] = seq ? str_printf(w->arena, "%lld", (long long)json_integer_value(seq)) : S("待登记");
    }
    paper_table(p, 5, widths, cells, n + 1, true);
}

static void pdf_changes(struct work *w, struct paper *p, const json_t *changes) {
    size_t n = json_array_size(changes);
    if (n == 0)
        return;
    struct paper_run *runs = arena_many(w->arena, struct paper_run, n);
    for (size_t i = 0; i < n; i++) {
        json_t *one = json_array_get(changes, i);
        struct str op = member(one, "op");
        runs[i].op = str_is(op, "ins") ? PAPER_INSERTED : str_is(op, "del") ? PAPER_DELETED : PAPER_SAME;
        runs[i].text = member(one, "text");
    }
    paper_marked(p, runs, n);
}

static void pdf_step(struct work *w, struct paper *p, const struct matter *m, size_t i, const json_t *exported) {
    json_t *e = json_array_get(m->events, i), *details = step_details(w, m, i), *fact, *clock;
    size_t k;
    struct str title = step_title(w, e);
    paper_heading(p, 3, str_printf(w->arena, "%zu　%.*s　%.*s", i + 1, STR_ARG(title), STR_ARG(member(e, "at_text"))));
    paper_facts(p, S("办理"), who(w, e));
    json_array_foreach(json_object_get(details, "facts"), k, fact)
        paper_facts(p, member(fact, "label"), member(fact, "value"));
    if ((clock = json_object_get(details, "clock")))
        paper_facts(p, S("时限"),
                    str_printf(w->arena, "%.*s，%.*s", STR_ARG(member(clock, "due")), STR_ARG(member(clock, "text"))));
    json_array_foreach(json_object_get(details, "changes"), k, fact) {
        paper_note(p, member(fact, "label"));
        pdf_changes(w, p, json_object_get(fact, "diff"));
    }
    pdf_changes(w, p, json_object_get(details, "title_changes"));
    pdf_changes(w, p, json_object_get(details, "body_changes"));
    if (json_object_get(exported, "leaf"))
        paper_mono(p, member(exported, "leaf"));
    json_decref(details);
}

static void pdf_reads(struct work *w, struct paper *p, const struct matter *m) {
    json_t *e;
    size_t i;
    if (json_array_size(m->reads) == 0)
        return;
    paper_heading(p, 2, S("查阅记录"));
    json_array_foreach(m->reads, i, e)
        paper_text(p, str_printf(w->arena, "%.*s　%.*s", STR_ARG(member(e, "at_text")), STR_ARG(who(w, e))));
}

static void pdf_proofs(struct work *w, struct paper *p, const json_t *exported) {
    json_t *e, *h;
    size_t i, k;
    paper_heading(p, 2, S("证明"));
    paper_text(
        p,
        S("每一步在存证账本上的条目见上文小字。由条目的散列起，依次与下列散列合并，应得到检查点的根；检查点由账本密钥签"
          "名。用同时导出的 JSON 文件可以由程序核对。"));
    paper_mono(p, member(exported, "checkpoint"));
    json_array_foreach(json_object_get(exported, "events"), i, e) {
        struct str line = str_printf(w->arena, "%lld:", (long long)json_integer_value(json_object_get(e, "seq")));
        json_array_foreach(json_object_get(e, "proof"), k, h) line =
            str_printf(w->arena, "%.*s %s", STR_ARG(line), json_string_value(h));
        paper_mono(p, line);
    }
    paper_qr(p, str_printf(w->arena, "%s/ledger", w->config->base_url), 25, S("存证账本：公钥、检查点和全部条目"));
}

static int pdf_make(struct work *w, const struct matter *m, const json_t *exported, struct str *ret) {
    struct paper *p =
        paper_begin(w, str_printf(w->arena, "办理全过程：%.*s", STR_ARG(m->title)), str_z(w->config->site_name));
    paper_heading(p, 1, S("办理全过程"));
    paper_facts(p, m->kind_name, m->title);
    if (m->document) {
        paper_facts(p, S("单位"), member(m->document, "unit_name"));
        if (member(m->document, "index_number").n)
            paper_facts(p, S("索引号"), member(m->document, "index_number"));
    }
    paper_facts(
        p, S("导出"),
        str_printf(w->arena, "%.*s，%.*s", STR_ARG(instant_text(w->arena, w->now)), STR_ARG(w->actor.post_name)));
    paper_space(p, 4);
    pdf_table(w, p, m);
    paper_heading(p, 2, S("各步详情"));
    for (size_t i = 0; i < json_array_size(m->events); i++)
        pdf_step(w, p, m, i, json_array_get(json_object_get(exported, "events"), i));
    pdf_reads(w, p, m);
    pdf_proofs(w, p, exported);
    return paper_end(p, ret);
}

/* ── handing out ── */

static int on_record(struct work *w, const struct matter *m, const char *form) {
    json_t *payload = json_pack("{s:s}", "form", form);
    struct event e = {.room = "replay",
                      .verb = "exported",
                      .subject_kind = str_dupz(w->arena, m->kind),
                      .subject_id = m->id,
                      .unit_id = m->unit_id,
                      .visibility = EVENT_INTERNAL,
                      .payload = payload};
    int rc = db_begin(w);
    if (rc == 0 && (rc = event_append(w, &e, NULL)) < 0)
        db_rollback(w);
    else if (rc == 0)
        rc = db_commit(w);
    json_decref(payload);
    return rc;
}

static int gather_and_export(struct http_request *in, struct matter *m, json_t **ret) {
    int64_t id;
    *m = (struct matter){0};
    *ret = NULL;
    if (http_path_int(in, "id", &id) < 0 || matter_gather(in->w, http_path_part(in, "kind"), id, m) < 0)
        return -1;
    *ret = replay_export(in->w, m);
    return *ret ? 0 : -1;
}

static struct str file_name(struct work *w, const struct matter *m, const char *extension) {
    return str_printf(w->arena, "办理全过程-%.*s-%lld.%s", STR_ARG(m->kind_name), (long long)m->id, extension);
}

int replay_json(struct http_request *in, struct http_response *out) {
    struct matter m;
    json_t *exported;
    int rc = gather_and_export(in, &m, &exported);
    if (rc == 0)
        rc = on_record(in->w, &m, "json");
    if (rc == 0) {
        char *text = json_dumps(exported, JSON_INDENT(1));
        out->body = str_dup(in->w->arena, str_z(text));
        out->type = "application/json; charset=utf-8";
        out->download_name = file_name(in->w, &m, "json");
        free(text);
    }
    json_decref(exported);
    matter_free(&m);
    return rc;
}

int replay_pdf(struct http_request *in, struct http_response *out) {
    struct matter m;
    json_t *exported;
    int rc = gather_and_export(in, &m, &exported);
    if (rc == 0)
        rc = pdf_make(in->w, &m, exported, &out->body);
    if (rc == 0)
        rc = on_record(in->w, &m, "pdf");
    if (rc == 0) {
        out->type = "application/pdf";
        out->download_name = file_name(in->w, &m, "pdf");
    }
    json_decref(exported);
    matter_free(&m);
    return rc;
}
