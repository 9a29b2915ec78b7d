/* matter.c: gathering a matter: its events, those of the duty or publication it belongs to, its versions, its readers;
 * and what each step changed. */
#include "replay/replay_internal.h"

static const struct {
    const char *kind, *name, *place;
} kinds[] = {
    {"disclosure", "公开信息", "/desk/disclosures"},
    {"duty", "应公开任务", "/desk/duties"},
    {"item", "目录事项", "/desk/items"},
    {"catalogue", "公开目录", "/desk/catalogues"},
    {"proposal", "目录调整", "/desk/proposals"},
    {"unit", "单位", "/desk/units"},
    {"post", "岗位", NULL},
    {"person", "账号", NULL},
    {"fact", "信息形成", NULL},
    {"import", "目录导入", NULL},
    {"blob", "附件", NULL},
    {"token", "业务系统令牌", NULL},
    {"calendar", "工作日历", NULL},
    {"ledger", "存证账本", NULL},
    {"event", "办理记录", NULL},
};

static const struct replay_source *sources;
static size_t source_count;

void replay_register(const struct replay_source *list, size_t n) {
    sources = list;
    source_count = n;
}

static const struct replay_source *source_of(struct str kind) {
    for (size_t i = 0; i < source_count; i++)
        if (str_is(kind, sources[i].kind))
            return &sources[i];
    return NULL;
}

static void name_kind(struct work *w, struct matter *m) {
    m->kind_name = m->kind;
    m->href = S("");
    m->source = source_of(m->kind);
    if (m->source) {
        m->kind_name = str_z(m->source->name);
        m->href = str_printf(w->arena, "%s/%lld", m->source->place, (long long)m->id);
    }
    for (size_t i = 0; i < countof(kinds); i++) {
        if (!str_is(m->kind, kinds[i].kind))
            continue;
        m->kind_name = str_z(kinds[i].name);
        if (kinds[i].place)
            m->href = str_printf(w->arena, "%s/%lld", kinds[i].place, (long long)m->id);
    }
    m->title = str_printf(w->arena, "%.*s %lld", STR_ARG(m->kind_name), (long long)m->id);
}

int64_t event_instant(const json_t *event) {
    int64_t at = 0;
    struct str s = str_z(json_string_value(json_object_get(event, "at")));
    return http_instant(s, &at) == 0 ? at : 0;
}

/* Who may see the whole course: auditors and supervisors in their scope; of publications and duties also the unit's own
 * people. */
static int may_see(struct work *w, const struct matter *m) {
    if (org_may_quiet(w, PERM_AUDIT_READ, m->unit_id))
        return 0;
    if (m->source)
        return org_may(w, m->source->permission, m->unit_id);
    if (str_is(m->kind, "disclosure"))
        return org_may(w, PERM_DISCLOSURE_READ, m->unit_id);
    if (str_is(m->kind, "duty"))
        return org_may(w, PERM_DUTY_READ, m->unit_id);
    return fail(w, ERR_FORBIDDEN, "查看此类办理全过程须有监督或审计岗位");
}

static int gather_document(struct work *w, struct matter *m, int64_t disclosure_id) {
    m->document = disclosure_replay(w, disclosure_id);
    if (!m->document)
        return -1;
    if (!m->duty_id)
        m->duty_id = json_integer_value(json_object_get(m->document, "duty_id"));
    if (str_is(m->kind, "disclosure")) {
        m->unit_id = json_integer_value(json_object_get(m->document, "unit_id"));
        m->title = str_z(json_string_value(json_object_get(m->document, "title")));
    }
    return 0;
}

static int gather_duty(struct work *w, struct matter *m) {
    struct duty d;
    if (duty_get(w, m->id, &d) < 0)
        return -1;
    m->duty_id = m->id;
    m->unit_id = d.unit_id;
    if (d.subject.n)
        m->title = d.subject;
    return d.disclosure_id ? gather_document(w, m, d.disclosure_id) : 0;
}

static int gather_source(struct work *w, struct matter *m) {
    json_t *o = m->source->read(w, m->id);
    if (!o)
        return -1;
    m->unit_id = json_integer_value(json_object_get(o, "unit_id"));
    m->title = str_dup(w->arena, str_z(json_string_value(json_object_get(o, "title"))));
    json_decref(o);
    return 0;
}

static bool is_read(const json_t *e) {
    const char *verb = json_string_value(json_object_get(e, "verb"));
    return strcmp(verb, "read") == 0 || strcmp(verb, "file_read") == 0;
}

/* Keeps both lists in the order of their ids. */
static void insert_event(json_t *list, json_t *e) {
    size_t i = json_array_size(list);
    json_int_t id = json_integer_value(json_object_get(e, "id"));
    while (i > 0 && json_integer_value(json_object_get(json_array_get(list, i - 1), "id")) > id)
        i--;
    json_array_insert(list, i, e);
}

static int gather_events(struct work *w, struct matter *m, const char *kind, int64_t id) {
    json_t *all = event_list(w, kind, id, true), *e;
    size_t i;
    if (!all)
        return -1;
    bool auditor = org_may_quiet(w, PERM_AUDIT_READ, m->unit_id);
    json_array_foreach(all, i, e) {
        if (!auditor)
            json_object_del(e, "address");
        insert_event(is_read(e) ? m->reads : m->events, e);
    }
    json_decref(all);
    return 0;
}

/* The unit of a matter that has no row of its own here: its events name it. */
static int64_t unit_of_events(struct work *w, struct str kind, int64_t id) {
    json_t *all = event_list(w, str_dupz(w->arena, kind), id, false);
    int64_t unit = 0;
    for (size_t i = json_array_size(all); i-- > 0 && !unit;)
        unit = json_integer_value(json_object_get(json_array_get(all, i), "unit_id"));
    json_decref(all);
    return unit;
}

int matter_gather(struct work *w, struct str kind, int64_t id, struct matter *ret) {
    struct matter *m = ret;
    *m = (struct matter){.kind = kind, .id = id, .events = json_array(), .reads = json_array()};
    name_kind(w, m);
    int rc = str_is(kind, "disclosure") ? gather_document(w, m, id)
             : str_is(kind, "duty")     ? gather_duty(w, m)
             : m->source                ? gather_source(w, m)
                                        : 0;
    if (rc < 0)
        return -1;
    if (!m->unit_id)
        m->unit_id = unit_of_events(w, kind, id);
    if (may_see(w, m) < 0 || gather_events(w, m, str_dupz(w->arena, kind), id) < 0)
        return -1;
    if (str_is(kind, "disclosure") && m->duty_id && gather_events(w, m, "duty", m->duty_id) < 0)
        return -1;
    if (str_is(kind, "duty") && m->document &&
        gather_events(w, m, "disclosure", json_integer_value(json_object_get(m->document, "id"))) < 0)
        return -1;
    return json_array_size(m->events) ? 0 : fail(w, ERR_NOT_FOUND, "没有这件事项的办理记录");
}

void matter_free(struct matter *m) {
    json_decref(m->events);
    json_decref(m->reads);
    json_decref(m->document);
    *m = (struct matter){0};
}

/* ── what a step changed ── */

/* Members of payloads that people should read, with their words; the rest is in the export. */
static const struct {
    const char *key, *label;
} words[] = {
    {"reason", "理由"},
    {"title", "标题"},
    {"name", "名称"},
    {"index_number", "索引号"},
    {"number", "文号"},
    {"code", "编号"},
    {"item", "目录事项"},
    {"version", "稿次"},
    {"from", "原状态"},
    {"to", "现状态"},
    {"conclusion", "结论"},
    {"attribute", "公开属性"},
    {"removal", "以前时点"},
    {"characters", "正文字数"},
    {"due", "应公开日期"},
    {"due_before", "原应公开日期"},
    {"met", "公开日期"},
    {"rule", "时限依据"},
    {"ground", "依据"},
    {"effective", "生效日期"},
    {"formed", "生成日期"},
    {"level1", "一级事项"},
    {"level2", "二级事项"},
    {"sha256", "内容摘要"},
    {"milliseconds", "用时（毫秒）"},
    {"addresses", "核查地址数"},
    {"nodes", "节点数"},
    {"changed", "修改的栏目"},
    {"login", "账号"},
    {"size", "大小（字节）"},
    {"channel", "提交渠道"},
    {"applicant", "申请人类别"},
    {"received", "收到申请之日"},
    {"unit", "承办单位"},
    {"unit_before", "原承办单位"},
    {"days", "工作日数"},
    {"day", "日期"},
    {"outcome", "处理结果"},
    {"answer", "意见"},
    {"text", "说明"},
    {"level", "级别"},
    {"way", "送达方式"},
    {"kind", "种类"},
    {"role", "文件用途"},
    {"result", "结果"},
    {"late", "逾期"},
    {"children", "拆分件数"},
    {"covers", "遮盖处数"},
    {"not_found", "没有找到的词句数"},
};

static struct str value_text(struct work *w, const struct matter *m, const char *key, const json_t *v) {
    if (json_is_string(v)) {
        struct str s = str_z(json_string_value(v));
        const char *word = m->source ? m->source->word(key, s) : m->document ? disclosure_word(key, s) : "";
        return *word ? str_z(word) : s;
    }
    if (json_is_integer(v))
        return str_printf(w->arena, "%lld", (long long)json_integer_value(v));
    if (json_is_true(v))
        return S("是");
    struct str all = S("");
    for (size_t i = 0; i < json_array_size(v); i++) {
        const char *one = json_string_value(json_array_get(v, i));
        if (one)
            all = str_printf(w->arena, "%.*s%s%s", STR_ARG(all), all.n ? "、" : "", one);
    }
    return all;
}

static void add_facts(struct work *w, const struct matter *m, json_t *facts, const json_t *payload) {
    for (size_t i = 0; i < countof(words); i++) {
        json_t *v = json_object_get(payload, words[i].key);
        struct str text = v ? value_text(w, m, words[i].key, v) : S("");
        if (text.n)
            json_array_append_new(facts, json_pack("{s:s, s:s%}", "label", words[i].label, "value", text.p, text.n));
    }
}

static json_t *version_of(const struct matter *m, int64_t number) {
    json_t *v;
    size_t i;
    json_array_foreach(json_object_get(m->document, "versions"), i,
                       v) if (json_integer_value(json_object_get(v, "version")) == number) return v;
    return NULL;
}

static int64_t version_named(const json_t *event) {
    json_int_t n = json_integer_value(json_object_get(json_object_get(event, "secret"), "version"));
    return n ? n : json_integer_value(json_object_get(json_object_get(event, "public"), "version"));
}

const char *step_stage(const json_t *event) {
    const char *room = json_string_value(json_object_get(event, "room")),
               *from = json_string_value(json_object_get(json_object_get(event, "secret"), "from"));
    const struct replay_source *source = room ? source_of(str_z(room)) : NULL;
    if (source && from)
        return source->word("from", str_z(from));
    return room && from && strcmp(room, "disclosure") == 0 ? disclosure_word("from", str_z(from)) : "";
}

static struct str text_of(const json_t *v, const char *key) {
    return str_z(json_string_value(json_object_get(v, key)));
}

/* The document as it stood, and against the version before: what was public when this published, else the last one. */
static void add_document(struct work *w, const struct matter *m, json_t *o, const json_t *event) {
    int64_t number = version_named(event);
    json_t *v = number ? version_of(m, number) : NULL, *before = NULL;
    const char *verb = json_string_value(json_object_get(event, "verb"));
    if (!v)
        return;
    for (int64_t k = number - 1; k > 0 && !before; k--) {
        json_t *one = version_of(m, k);
        if (one && (strcmp(verb, "corrected") != 0 || json_object_get(one, "public_from")))
            before = one;
    }
    json_object_set(o, "document", v);
    if (!before)
        return;
    struct str a = text_of(before, "title"), b = text_of(v, "title"), c = text_of(before, "body_text"),
               d = text_of(v, "body_text");
    json_object_set(o, "since_version", json_object_get(before, "version"));
    json_set_bool(o, "same", str_eq(a, b) && str_eq(c, d));
    json_set_bool(o, "retitled", !str_eq(a, b));
    json_set_bool(o, "rewritten", !str_eq(c, d));
    if (!str_eq(a, b))
        json_object_set_new(o, "title_changes", text_diff(w->arena, a, b));
    if (!str_eq(c, d))
        json_object_set_new(o, "body_changes", text_diff(w->arena, c, d));
}

/* The clock as it ran at that instant. */
static void add_clock(struct work *w, const struct matter *m, json_t *o, int64_t at) {
    struct duty d;
    json_t *of_source = m->source ? m->source->clock(w, m->id, at) : NULL;
    if (of_source)
        json_object_set_new(o, "clock", of_source);
    error_clear(w);
    if (!m->duty_id || duty_get(w, m->duty_id, &d) < 0) {
        error_clear(w);
        return;
    }
    int64_t now = w->now;
    bool met = d.met_at && d.met_at <= at;
    w->now = at;
    json_t *clock = duty_clock(w, d.due_at, met ? d.met_at : 0, met ? d.state.p : "open");
    w->now = now;
    if (clock)
        json_object_set_new(o, "clock", clock);
}

/* Before and after, column by column, where the event says so. */
static void add_changes(struct work *w, json_t *o, const json_t *payload) {
    json_t *list = json_array(), *one;
    size_t i;
    json_array_foreach(json_object_get(payload, "changes"), i, one) {
        struct str before = text_of(one, "before"), after = text_of(one, "after");
        json_t *row = json_object();
        json_object_set(row, "label", json_object_get(one, "label"));
        json_object_set_new(row, "diff", text_diff(w->arena, before, after));
        json_array_append_new(list, row);
    }
    if (json_array_size(list))
        json_object_set(o, "changes", list);
    json_decref(list);
}

json_t *step_details(struct work *w, const struct matter *m, size_t at) {
    json_t *event = json_array_get(m->events, at), *o = json_object(), *facts = json_array();
    add_facts(w, m, facts, json_object_get(event, "public"));
    add_facts(w, m, facts, json_object_get(event, "secret"));
    json_object_set_new(o, "facts", facts);
    add_changes(w, o, json_object_get(event, "public"));
    add_changes(w, o, json_object_get(event, "secret"));
    add_document(w, m, o, event);
    add_clock(w, m, o, event_instant(event));
    return o;
}
