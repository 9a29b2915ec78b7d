/* disclosure_publish.c: the moment something becomes public, changes or goes: numbers, versions, events, duties. */
#include "disclosure/disclosure_internal.h"

/* 索引号 {机构代码9}/{YYYY}-{NNNNN}: per unit and year, never reused (rules.md §7.1 [P]). */
static int index_number_new(struct work *w, const struct disclosure *d, struct str *ret) {
    int year, month, day;
    struct db_rows r;
    day_split(work_today(w), &year, &month, &day);
    if (db_one(w, &sql_index_sequence_next, &r, DB_INT(d->unit_id), DB_INT(year)) < 0)
        return -1;
    *ret = str_printf(w->arena, "%.*s/%04d-%05lld", STR_ARG(d->org_code), year, (long long)db_i(&r, 0, 0));
    return 0;
}

/* What a public leaf of the ledger says of a publication: nothing that is not on the public page. */
static json_t *public_payload(struct work *w, const struct disclosure *d, const struct version *v) {
    json_t *p = json_object();
    struct item item;
    json_set_str(p, "public_id", d->public_id);
    json_set_str(p, "index_number", d->index_number);
    json_set_str(p, "title", v->title);
    json_set_str(p, "number", v->number);
    json_set_str(p, "unit", d->unit_code);
    json_set_str(p, "formed", v->formed);
    json_set_int(p, "version", v->number_of_version);
    json_set_str(p, "sha256", v->sha256);
    if (d->item_id && item_in_force(w, d->item_id, work_today(w), &item) == 1)
        json_set_str(p, "item", item.code);
    json_object_set_new(p, "attachments", attachment_digests(w, v->id, true));
    return p;
}

/* Why the correction now published was begun; the form said that it would be public. */
static void add_correction_reason(struct work *w, json_t *p, int64_t disclosure_id) {
    json_t *all = event_list(w, "disclosure", disclosure_id, true);
    for (size_t i = json_array_size(all); i-- > 0;) {
        json_t *e = json_array_get(all, i), *reason = json_object_get(json_object_get(e, "secret"), "reason");
        if (strcmp(json_string_value(json_object_get(e, "verb")), "correcting") != 0)
            continue;
        if (reason)
            json_object_set(p, "reason", reason);
        break;
    }
    json_decref(all);
}

/* What it interprets must still be public when it appears. */
static int about_of(struct work *w, const struct version *v, int64_t *ret) {
    struct disclosure about;
    struct str id = element_value(w->arena, v->elements, ELEMENT_INTERPRETS);
    *ret = 0;
    if (!id.n)
        return 0;
    int n = disclosure_by_public_id(w, id, &about);
    if (n < 0)
        return -1;
    if (n == 0 || !about.public_version_id)
        return fail(w, ERR_WRONG_STATE, "所解读的文件已不再公开，不能发布这份解读");
    *ret = about.id;
    return 0;
}

int publish_now(struct work *w, struct subject *s) {
    struct disclosure *d = &s->d;
    int64_t first = d->published_at ? d->published_at : w->now;
    bool corrected = d->public_version_id != 0;
    int64_t about;
    if (about_of(w, &s->v, &about) < 0 || part_moved(w, d, &s->v) < 0)
        return -1;
    if (d->index_number.n == 0 && index_number_new(w, d, &d->index_number) < 0)
        return -1;
    if (corrected && db_exec(w, &sql_disclosure_version_close, DB_INT(d->public_version_id), DB_INT(w->now)) < 0)
        return -1;
    if (db_exec(w, &sql_disclosure_version_open, DB_INT(s->v.id), DB_INT(w->now)) < 0 ||
        db_exec(w, &sql_disclosure_set_published, DB_INT(d->id), DB_TEXT(d->index_number), DB_INT(s->v.id),
                DB_INT(first), DB_INT(w->now), DB_OPT(s->v.expires), DB_TEXT(s->v.title), DB_TEXT(s->v.number),
                DB_TEXT(number_fold(w->arena, s->v.number)), DB_ID(about)) < 0 ||
        db_exec(w, &sql_disclosure_set_state, DB_INT(d->id), DB_TEXT(S("published"))) < 0)
        return -1;
    json_t *payload = public_payload(w, d, &s->v);
    if (corrected)
        add_correction_reason(w, payload, d->id);
    const char *verb = s->entered ? "entered" : corrected ? "corrected" : "published";
    if (disclosure_event(w, d, verb, EVENT_PUBLIC, payload, NULL) < 0)
        return -1;
    /* 条例第二十六条: what was owed is met by publication, at the server's instant. */
    return d->item_id ? duty_meet(w, d->duty_id, d->id, w->now) : 0;
}

int withdraw_now(struct work *w, struct subject *s) {
    struct disclosure *d = &s->d;
    if (!d->public_version_id)
        return fail(w, ERR_WRONG_STATE, "此件没有已公开的版本");
    if (db_exec(w, &sql_disclosure_version_close, DB_INT(d->public_version_id), DB_INT(w->now)) < 0 ||
        db_exec(w, &sql_disclosure_set_withdrawn, DB_INT(d->id), DB_INT(w->now), DB_TEXT(s->step->reason)) < 0 ||
        db_exec(w, &sql_disclosure_set_state, DB_INT(d->id), DB_TEXT(S("withdrawn"))) < 0)
        return -1;
    /* Said of a past instant too unless the withdrawal keeps what was: the safe way is the one taken without a word. */
    bool law = !str_is(s->step->removal, "plain");
    if (law && db_exec(w, &sql_disclosure_versions_conceal, DB_INT(d->id), DB_INT(w->now), DB_TEXT(s->step->reason),
                       DB_INT(0)) < 0)
        return -1;
    json_t *p = json_object();
    json_set_str(p, "public_id", d->public_id);
    json_set_str(p, "index_number", d->index_number);
    json_set_str(p, "reason", s->step->reason);
    json_set_str(p, "removal", law ? S("law") : S("plain"));
    if (disclosure_event(w, d, "withdrawn", EVENT_PUBLIC, p, NULL) < 0 || probe_later(w, d) < 0)
        return -1;
    return duty_reopen(w, d->id);
}

int conceal_now(struct work *w, struct subject *s) {
    struct disclosure *d = &s->d;
    int n = db_exec(w, &sql_disclosure_versions_conceal, DB_INT(d->id), DB_INT(w->now), DB_TEXT(s->step->reason),
                    DB_INT(d->public_version_id));
    if (n <= 0)
        return n < 0 ? -1 : fail(w, ERR_WRONG_STATE, "没有还在显示的以前版本");
    json_t *p = json_object();
    json_set_str(p, "public_id", d->public_id);
    json_set_str(p, "reason", s->step->reason);
    return disclosure_event(w, d, "concealed", EVENT_PUBLIC, p, NULL);
}

int expire_now(struct work *w, struct subject *s) {
    struct disclosure *d = &s->d;
    if (db_exec(w, &sql_disclosure_set_expired, DB_INT(d->id), DB_INT(w->now)) < 0 ||
        db_exec(w, &sql_disclosure_set_state, DB_INT(d->id), DB_TEXT(S("expired"))) < 0)
        return -1;
    json_t *p = json_object();
    json_set_str(p, "public_id", d->public_id);
    json_set_str(p, "reason", s->step->reason);
    return disclosure_event(w, d, "expired", EVENT_PUBLIC, p, NULL);
}

int disclosure_plan_task(struct work *w, int64_t id, struct str serial, struct str title, struct str content,
                         struct str units_text, day_t due) {
    struct disclosure d;
    if (disclosure_get(w, id, &d) < 0 ||
        db_exec(w, &sql_plan_task_insert, DB_INT(id), DB_TEXT(serial), DB_TEXT(title), DB_TEXT(content),
                DB_TEXT(units_text), due == DAY_NONE ? DB_NULL : DB_TEXT(day_str(w->arena, due))) < 0)
        return -1;
    json_t *p = json_object();
    json_set_str(p, "public_id", d.public_id);
    json_set_str(p, "serial", serial);
    json_set_str(p, "title", title);
    return disclosure_event(w, &d, "task_added", EVENT_PUBLIC, p, NULL);
}
