/* report_view.c: a report as JSON, for pages and programs: tables by cell with the address of their cases, identities
 * with both sides, the comparison with the year before as bars. */
#include "report/report_internal.h"

static json_t *table2_json(struct work *w, const struct report *rp) {
    json_t *list = json_array();
    for (int i = 0; i < CELLS2; i++) {
        json_t *o = json_pack("{s:s, s:s}", "name", cell2_forms[i].name, "label", cell2_forms[i].label);
        struct str text =
            i == CHARGES ? charges_text(w->arena, rp->f.two[i]) : str_printf(w->arena, "%lld", (long long)rp->f.two[i]);
        json_set_str(o, "value", text);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *cell_json(int64_t n, const char *column, struct str href) {
    json_t *o = json_object();
    json_set_str(o, "column", str_z(column));
    json_set_int(o, "value", n);
    json_set_str(o, "href", href);
    return o;
}

static json_t *table3_json(struct work *w, const struct report *rp) {
    json_t *list = json_array();
    for (int r = 0; r < ROWS3; r++) {
        const struct row3_form *f = &row3_forms[r];
        json_t *cells = json_array();
        for (int c = 0; c < COLUMNS; c++)
            json_array_append_new(
                cells, cell_json(rp->f.three[r][c], column_codes[c], cell_address(w, rp, f->code, column_codes[c])));
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s, s:o}", "code", f->code, "part", f->part, "group",
                                        f->group ? f->group : "", "text", f->text ? f->text : "", "cells", cells));
    }
    return list;
}

static json_t *table4_json(struct work *w, const struct report *rp) {
    json_t *list = json_array();
    for (int k = 0; k < REMEDIES; k++) {
        json_t *cells = json_array();
        for (int c = 0; c < RESULTS; c++)
            json_array_append_new(cells, cell_json(rp->f.four[k][c], result_codes[c], remedy_address(w, rp, k, c)));
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:o}", "code", remedy_codes[k], "name", remedy_names[k], "cells", cells));
    }
    return list;
}

/* ── identities ── */

static json_t *check_json(const struct report *rp, int number) {
    json_t *lines = json_array(), *o = json_object();
    bool blocked = false, warned = false;
    for (size_t i = 0; i < rp->check_count; i++) {
        const struct check_line *l = &rp->checks[i];
        if (l->number != number)
            continue;
        json_t *j = json_object();
        json_set_str(j, "label", l->label);
        json_set_int(j, "left", l->left);
        json_set_int(j, "right", l->right);
        json_set_bool(j, "ok", l->ok);
        json_set_bool(j, "blocking", l->blocking);
        json_array_append_new(lines, j);
        blocked |= !l->ok && l->blocking;
        warned |= !l->ok && !l->blocking;
    }
    size_t n = json_array_size(lines);
    json_set_int(o, "number", number);
    json_set_str(o, "name", str_z(check_names[number]));
    json_set_str(o, "tone", str_z(n == 0 ? "grey" : blocked ? "red" : warned ? "yellow" : "green"));
    json_set_str(o, "result",
                 str_z(n == 0    ? "没有可以核对的上年度报告"
                       : blocked ? "不符，不能定稿"
                       : warned  ? "不符，请核实"
                                 : "相符"));
    json_set_bool(o, "ok", n > 0 && !blocked && !warned);
    json_set_bool(o, "failed", blocked || warned);
    json_object_set_new(o, "lines", lines);
    return o;
}

static json_t *checks_json(const struct report *rp) {
    json_t *list = json_array();
    for (int number = 1; number <= (rp->city ? 9 : 8); number++)
        json_array_append_new(list, check_json(rp, number));
    return list;
}

/* ── comparison with the year before ── */

struct compared {
    const char *label;
    int64_t now, last;
};

static int64_t prefix_sum(const struct figures *f, const char *prefix) {
    int64_t n = 0;
    for (int r = ROW_LEAF; r < ROW_SUM; r++)
        if (str_starts(str_z(row3_forms[r].code), str_z(prefix)))
            n += f->three[r][COLUMN_TOTAL];
    return n;
}

#define BAR_WIDTH 360
#define BAR_STEP 46
static json_t *comparison_json(struct work *w, const struct report *rp) {
    static const char *const groups[][2] = {{"予以公开", "r3.1"},  {"部分公开", "r3.2"},  {"不予公开", "r3.3."},
                                            {"无法提供", "r3.4."}, {"不予处理", "r3.5."}, {"其他处理", "r3.6."}};
    struct compared v[12] = {
        {"新收申请", rp->f.three[ROW_R1][COLUMN_TOTAL], rp->last.three[ROW_R1][COLUMN_TOTAL]},
        {"上年结转", rp->f.three[ROW_R2][COLUMN_TOTAL], rp->last.three[ROW_R2][COLUMN_TOTAL]},
        {"办结", rp->f.three[ROW_SUM][COLUMN_TOTAL], rp->last.three[ROW_SUM][COLUMN_TOTAL]},
        {"结转下年", rp->f.three[ROW_R4][COLUMN_TOTAL], rp->last.three[ROW_R4][COLUMN_TOTAL]},
    };
    size_t n = 4;
    for (size_t i = 0; i < countof(groups); i++)
        v[n++] = (struct compared){groups[i][0], prefix_sum(&rp->f, groups[i][1]), prefix_sum(&rp->last, groups[i][1])};
    v[n++] = (struct compared){"行政复议", rp->f.four[0][RESULT_TOTAL], rp->last.four[0][RESULT_TOTAL]};
    v[n++] = (struct compared){"行政诉讼", rp->f.four[1][RESULT_TOTAL] + rp->f.four[2][RESULT_TOTAL],
                               rp->last.four[1][RESULT_TOTAL] + rp->last.four[2][RESULT_TOTAL]};
    int64_t most = 1;
    for (size_t i = 0; i < n; i++) {
        most = v[i].now > most ? v[i].now : most;
        most = v[i].last > most ? v[i].last : most;
    }
    json_t *rows = json_array(), *o = json_object();
    for (size_t i = 0; i < n; i++) {
        json_int_t y = (json_int_t)i * BAR_STEP + 8, now = v[i].now * BAR_WIDTH / most,
                   last = v[i].last * BAR_WIDTH / most;
        json_array_append_new(rows, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
                                              "label", v[i].label, "now", v[i].now, "last", v[i].last, "difference",
                                              v[i].now - v[i].last, "now_width", now, "last_width", last, "y", y,
                                              "y_last", y + 18, "y_label", y + 21, "y_now_text", y + 13, "y_last_text",
                                              y + 31, "x_now", now + 100, "x_last", last + 100));
    }
    json_object_set_new(o, "rows", rows);
    json_set_int(o, "height", (int64_t)n * BAR_STEP + 8);
    json_set_int(o, "year", rp->year);
    json_set_int(o, "last_year", rp->year - 1);
    json_set_str(o, "source", str_z(rp->last_is == LAST_FINISHED ? "上年度已定稿的报告" : "按上年度的申请件统计"));
    json_set_str(o, "last_href", str_printf(w->arena, "/desk/reports/%d/%.*s", rp->year - 1, STR_ARG(rp->unit.code)));
    return o;
}

/* ── what changed in the cases since it was finished ── */

static json_t *changes_json(struct work *w, const struct report *rp) {
    json_t *list = json_array();
    for (int r = 0; r < ROWS3 && str_is(rp->state, "finished"); r++)
        for (int c = 0; c < COLUMNS; c++) {
            if (rp->f.three[r][c] == rp->now.three[r][c])
                continue;
            const struct row3_form *f = &row3_forms[r];
            struct str label = str_printf(w->arena, "%s（%s）",
                                          f->text    ? f->text
                                          : f->group ? f->group
                                                     : f->part,
                                          column_names[c]);
            json_t *o = json_object();
            json_set_str(o, "label", label);
            json_set_int(o, "finished", rp->f.three[r][c]);
            json_set_int(o, "now", rp->now.three[r][c]);
            json_array_append_new(list, o);
        }
    return list;
}

static json_t *units_json(const struct report *rp) {
    json_t *list = json_array();
    for (size_t i = 0; i < rp->unit_count; i++) {
        const struct report_unit *u = &rp->units[i];
        bool own = u->unit_id == rp->unit.id;
        json_t *o = json_object();
        json_set_str(o, "code", u->code);
        json_set_str(o, "name", u->name);
        json_set_bool(o, "own", own);
        json_set_bool(o, "finished", u->finished);
        json_set_int(o, "received", u->f.three[ROW_R1][COLUMN_TOTAL]);
        json_set_int(o, "carried", u->f.three[ROW_R2][COLUMN_TOTAL]);
        json_set_int(o, "closed", u->f.three[ROW_SUM][COLUMN_TOTAL]);
        json_set_int(o, "left", u->f.three[ROW_R4][COLUMN_TOTAL]);
        json_set_int(o, "remedies",
                     u->f.four[0][RESULT_TOTAL] + u->f.four[1][RESULT_TOTAL] + u->f.four[2][RESULT_TOTAL]);
        json_array_append_new(list, o);
    }
    return list;
}

static void put_disclosure(struct work *w, json_t *o, const struct report *rp) {
    if (!rp->disclosure_id)
        return;
    json_t *d = json_object();
    json_set_int(d, "id", rp->disclosure_id);
    json_set_str(d, "href", str_printf(w->arena, "/desk/disclosures/%lld", (long long)rp->disclosure_id));
    json_set_str(d, "state", rp->disclosure_state);
    json_set_str(d, "state_name", str_z(disclosure_word("to", rp->disclosure_state)));
    if (rp->published_at) {
        json_set_instant(w->arena, d, "published", rp->published_at);
        json_set_str(d, "public_href", str_printf(w->arena, "/disclosures/%.*s", STR_ARG(rp->public_id)));
    }
    json_object_set_new(o, "disclosure", d);
}

json_t *report_json(struct work *w, const struct report *rp) {
    const struct flow_state *s = flow_state(&report_flow, rp->state.p);
    json_t *o = json_object(), *text = json_object(), *drafted = json_object();
    json_set_str(o, "title", report_title(w, rp));
    json_set_int(o, "year", rp->year);
    json_set_str(o, "unit_code", rp->unit.code);
    json_set_str(o, "unit_name", rp->unit.name);
    json_set_bool(o, "city", rp->city);
    json_set_str(o, "state", rp->state);
    json_set_str(o, "state_name", str_z(s ? s->name : ""));
    json_set_str(o, "tone", str_z(s ? s->tone : "grey"));
    json_set_bool(o, "saved", rp->id != 0);
    json_set_bool(o, "sound", rp->sound);
    json_set_int(o, "revision", rp->revision);
    json_set_instant(w->arena, o, "finished", rp->finished_at);
    for (int i = 0; i < SECTIONS; i++) {
        json_set_str(text, section_codes[i], rp->text[i]);
        json_set_str(drafted, section_codes[i], rp->drafted[i]);
    }
    json_object_set_new(o, "sections", text);
    json_object_set_new(o, "drafted", drafted);
    json_object_set_new(o, "table2", table2_json(w, rp));
    json_object_set_new(o, "table3", table3_json(w, rp));
    json_object_set_new(o, "table4", table4_json(w, rp));
    json_object_set_new(o, "checks", checks_json(rp));
    json_object_set_new(o, "comparison", comparison_json(w, rp));
    json_t *changes = changes_json(w, rp);
    json_set_bool(o, "changed", json_array_size(changes) > 0);
    json_object_set_new(o, "changes", changes);
    json_object_set_new(o, "units", units_json(rp));
    json_set_int(o, "unreceived", rp->f.known.unreceived);
    json_object_set_new(o, "clock",
                        duty_clock(w, day_end(report_deadline(rp->city, rp->year)), rp->published_at,
                                   !rp->published_at                                                  ? "open"
                                   : rp->published_at <= day_end(report_deadline(rp->city, rp->year)) ? "met"
                                                                                                      : "met_late"));
    put_disclosure(w, o, rp);
    return o;
}

int report_annual(struct work *w, struct report_asked *x) {
    struct report rp;
    x->json = NULL;
    if (report_load(w, x->unit, x->year, &rp) < 0 || (x->form && report_file(w, &rp, x->form, &x->bytes) < 0))
        return -1;
    x->json = report_json(w, &rp);
    x->sound = rp.sound;
    return 0;
}
