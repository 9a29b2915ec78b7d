/* report_words.c: first sentences of the text sections, from the figures. What only people know is marked
 * 【请补充：…】; a report with such a mark left in it cannot be finished. */
#include "report/report_internal.h"
#include <stdlib.h>

static int64_t group_sum(const struct figures *f, const char *prefix) {
    int64_t n = 0;
    for (int r = ROW_LEAF; r < ROW_SUM; r++)
        if (strncmp(row3_forms[r].code, prefix, strlen(prefix)) == 0)
            n += f->three[r][COLUMN_TOTAL];
    return n;
}

static long long ll(int64_t n) {
    return (long long)n;
}

/* 与上年相比 …; a share only where the base is large enough to bear one. */
static void compare(struct buf *b, int64_t now, int64_t last) {
    int64_t more = now - last;
    if (more == 0)
        buf_addz(b, "，与上年持平");
    else
        buf_printf(b, "，比上年%s%lld件", more > 0 ? "增加" : "减少", ll(more > 0 ? more : -more));
    if (last >= 20 && llabs(more) * 1000 >= last)
        buf_printf(b, "（%.1f%%）", 100.0 * (double)(more > 0 ? more : -more) / (double)last);
}

static void requests_words(struct buf *b, const struct report *rp) {
    const struct figures *f = &rp->f;
    const struct known *k = &f->known;
    int64_t all = f->three[ROW_R1][COLUMN_TOTAL], person = f->three[ROW_R1][COLUMN_PERSON];
    int64_t closed = f->three[ROW_SUM][COLUMN_TOTAL];
    if (all == 0 && f->three[ROW_R2][COLUMN_TOTAL] == 0) {
        buf_addz(b, "（二）依申请公开。本年没有收到政府信息公开申请，也没有上年结转的申请。\n");
        return;
    }
    buf_printf(b, "（二）依申请公开。本年新收政府信息公开申请%lld件，其中自然人%lld件、法人或其他组织%lld件", ll(all),
               ll(person), ll(all - person));
    if (rp->last_is != LAST_NONE)
        compare(b, all, rp->last.three[ROW_R1][COLUMN_TOTAL]);
    buf_printf(b, "；上年结转%lld件；办结%lld件；结转下年度继续办理%lld件。", ll(f->three[ROW_R2][COLUMN_TOTAL]),
               ll(closed), ll(f->three[ROW_R4][COLUMN_TOTAL]));
    if (closed > 0)
        buf_printf(
            b,
            "办结的申请中，予以公开%lld件，部分公开%lld件，不予公开%lld件，无法提供%lld件，不予处理%lld件，其他处"
            "理%lld件。",
            ll(group_sum(f, "r3.1")), ll(group_sum(f, "r3.2")), ll(group_sum(f, "r3.3.")), ll(group_sum(f, "r3.4.")),
            ll(group_sum(f, "r3.5.")), ll(group_sum(f, "r3.6.")));
    if (k->closed > 0)
        buf_printf(b, "按期办结%lld件，逾期办结%lld件，平均用时%.1f个工作日。", ll(k->closed - k->late), ll(k->late),
                   (double)k->days_used / (double)k->closed);
    buf_addc(b, '\n');
}

static int64_t remedies_of(const struct figures *f, int result) {
    int64_t n = 0;
    for (int i = 0; i < REMEDIES; i++)
        n += f->four[i][result];
    return n;
}

static struct str overview(struct work *w, const struct report *rp) {
    const struct figures *f = &rp->f;
    const struct known *k = &f->known;
    struct buf b;
    buf_init(&b, 64 * 1024);
    buf_printf(&b, "根据《中华人民共和国政府信息公开条例》第五十条编制本报告。统计期限为%d年1月1日至%d年12月31日。\n",
               rp->year, rp->year);
    buf_printf(&b, "（一）主动公开。本年主动公开政府信息%lld条，更正%lld条，撤回%lld条。", ll(k->published),
               ll(k->corrected), ll(k->withdrawn));
    if (k->duties > 0)
        buf_printf(&b, "本年到期的应公开任务%lld项，按期公开%lld项。", ll(k->duties), ll(k->duties_on_time));
    buf_addc(&b, '\n');
    requests_words(&b, rp);
    buf_printf(
        &b,
        "（三）政府信息管理。本年制发行政规范性文件%lld件，废止%lld件，现行有效%lld件。【请补充：政府信息管理的其"
        "他情况】\n",
        ll(f->two[NORM_MADE]), ll(f->two[NORM_REPEALED]), ll(f->two[NORM_FORCE]));
    buf_addz(&b, "（四）政府信息公开平台建设。【请补充：平台建设情况】\n");
    buf_printf(
        &b, "（五）监督保障。因政府信息公开发生行政复议%lld件、行政诉讼%lld件，其中结果纠正%lld件。【请补充：%s】",
        ll(f->four[0][RESULT_TOTAL]), ll(f->four[1][RESULT_TOTAL] + f->four[2][RESULT_TOTAL]), ll(remedies_of(f, 1)),
        rp->city ? "监督保障的其他情况，工作考核、社会评议、责任追究结果" : "监督保障的其他情况");
    struct str s = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}

static struct str problems(struct work *w, const struct report *rp) {
    const struct figures *f = &rp->f;
    const struct known *k = &f->known;
    int64_t corrected = remedies_of(f, 1), undone = k->duties - k->duties_on_time;
    struct buf b;
    buf_init(&b, 64 * 1024);
    buf_addz(&b, "（一）存在的主要问题。");
    if (k->late > 0)
        buf_printf(&b, "有%lld件申请逾期办结。", ll(k->late));
    if (undone > 0)
        buf_printf(&b, "有%lld项应公开任务没有按期公开。", ll(undone));
    if (corrected > 0)
        buf_printf(&b, "有%lld件行政复议、行政诉讼的结果为纠正。", ll(corrected));
    if (k->corrected > 0)
        buf_printf(&b, "有%lld条已公开的信息作了更正。", ll(k->corrected));
    buf_addz(&b, "【请补充：存在的主要问题】\n（二）改进情况。【请补充：改进措施和上年问题的整改结果】");
    struct str s = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return s;
}

static struct str other(struct work *w, const struct report *rp) {
    const struct known *k = &rp->f.known;
    struct str fees = k->paid == 0 ? S("本年没有收取信息处理费。")
                                   : str_printf(w->arena, "本年收取信息处理费%lld件，共%lld.%02d元。", ll(k->paid),
                                                ll(k->paid_fen / 100), (int)(k->paid_fen % 100));
    return str_printf(w->arena, "%.*s\n没有其他需要报告的事项。", STR_ARG(fees));
}

int report_texts(struct work *w, struct report *rp) {
    rp->drafted[SECTION_OVERVIEW] = overview(w, rp);
    rp->drafted[SECTION_PROBLEMS] = problems(w, rp);
    rp->drafted[SECTION_OTHER] = other(w, rp);
    for (int i = 0; i < SECTIONS && rp->id == 0; i++)
        rp->text[i] = rp->drafted[i];
    return 0;
}
