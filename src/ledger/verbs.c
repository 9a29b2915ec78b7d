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
    {"duty", "created", "产生公开任务"},
    {"duty", "met", "按时完成公开"},
    {"duty", "met_late", "逾期完成公开"},
    {"duty", "reopened", "重新计为未公开"},
    {"duty", "waived", "免除公开任务"},
    {"duty", "voided", "作废公开任务"},
    {"duty", "recorded", "登记信息形成"},
    {"catalogue", "made", "新建目录"},
    {"catalogue", "adjusted", "调整目录"},
    {"catalogue", "item_added", "新增事项"},
    {"catalogue", "item_changed", "修改事项"},
    {"catalogue", "item_ended", "停止执行事项"},
    {"catalogue", "import_read", "预检目录表格"},
    {"catalogue", "import_proposed", "把导入的表格转为目录调整"},
    {"catalogue", "matters_imported", "导入权责清单、公共服务事项"},
    {"catalogue", "matter_linked", "对应目录事项"},
    {"catalogue", "matter_exempted", "写明不对应目录事项的依据"},
    {"catalogue", "withdrawn", "撤回目录调整"},
    {"catalogue", "rebased", "按现行目录更新调整"},
    {"catalogue", "proposed", "提出目录调整"},
    {"catalogue", "submitted", "提交目录调整"},
    {"catalogue", "approved", "审定目录调整"},
    {"catalogue", "rejected", "退回目录调整"},
    {"catalogue", "in_force", "目录生效"},
    {"calendar", "imported", "导入工作日历"},
    {"org", "unit_added", "新增单位"},
    {"org", "unit_changed", "修改单位"},
    {"org", "post_created", "新设岗位"},
    {"org", "appointed", "任命到岗位"},
    {"org", "appointment_ended", "离开岗位"},
    {"auth", "account_created", "新建账号"},
    {"auth", "account_disabled", "停用账号"},
    {"auth", "account_enabled", "启用账号"},
    {"auth", "account_unlocked", "解除锁定"},
    {"auth", "password_changed", "修改口令"},
    {"auth", "locked", "多次口令错误，账号锁定"},
    {"auth", "signed_in", "登录"},
    {"auth", "signed_out", "退出"},
    {"auth", "second_factor_given", "通过第二因素验证"},
    {"auth", "second_factor_on", "启用第二因素"},
    {"auth", "token_created", "签发业务系统令牌"},
    {"auth", "token_revoked", "吊销业务系统令牌"},
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
