/* verbs.c: what people call each kind of event; rows of room, verb, words. */
#include "ledger/ledger_internal.h"

static const struct {
    const char *room, *verb, *name;
} verbs[] = {
    {"disclosure", "created", "新建稿件"},
    {"disclosure", "saved", "保存稿件"},
    {"disclosure", "attached", "添加附件"},
    {"disclosure", "detached", "移除附件"},
    {"disclosure", "submitted", "提交审核"},
    {"disclosure", "passed", "审核通过"},
    {"disclosure", "passed1", "通过初审"},
    {"disclosure", "passed2", "通过复审"},
    {"disclosure", "passed3", "通过终审"},
    {"disclosure", "review1_passed", "通过初审"},
    {"disclosure", "review2_passed", "通过复审"},
    {"disclosure", "review3_passed", "通过终审"},
    {"disclosure", "secrecy_passed", "通过保密审查"},
    {"disclosure", "returned", "退回修改"},
    {"disclosure", "signed", "签发"},
    {"disclosure", "filed", "归为不予公开或依申请公开"},
    {"disclosure", "proofread", "校对无误"},
    {"disclosure", "scheduled", "定时发布"},
    {"disclosure", "unscheduled", "取消定时"},
    {"disclosure", "entered", "补录历史信息"},
    {"disclosure", "published", "发布"},
    {"disclosure", "corrected", "发布更正"},
    {"disclosure", "correcting", "开始更正"},
    {"disclosure", "withdrawn", "撤回"},
    {"disclosure", "expired", "失效"},
    {"disclosure", "archived", "归档"},
    {"disclosure", "task_added", "登记方案任务"},
    {"blob", "stored", "上传附件"},
    {"ledger", "erased", "删除个人信息"},
};

const char *event_verb_name(const char *room, const char *verb) {
    if (!room || !verb)
        return "";
    for (size_t i = 0; i < countof(verbs); i++)
        if (strcmp(verbs[i].room, room) == 0 && strcmp(verbs[i].verb, verb) == 0)
            return verbs[i].name;
    return verb;
}
