/* disclosure_words.c: codes of the room and their Chinese words (rules.md §1.2, §7.1). */
#include "disclosure/disclosure_internal.h"

const struct field_option attribute_options[] = {
    {"active", "主动公开"},
    {"request", "依申请公开"},
    {"none", "不予公开"},
    {NULL, NULL},
};
/* 条例第十四至十六条、第三十六条第七项 */
const struct field_option ground_options[] = {
    {"ND1", "国家秘密（条例第十四条）"},
    {"ND2", "法律、行政法规禁止公开（条例第十四条）"},
    {"ND3", "危及国家安全、公共安全、经济安全、社会稳定（条例第十四条）"},
    {"ND4", "商业秘密、个人隐私，会损害第三方合法权益（条例第十五条）"},
    {"ND5", "内部事务信息（条例第十六条第一款）"},
    {"ND6", "过程性信息（条例第十六条第二款）"},
    {"ND7", "行政执法案卷信息（条例第十六条第二款）"},
    {"ND8", "专门规定的查询事项（条例第三十六条第七项）"},
    {NULL, NULL},
};
const struct field_option validity_options[] = {
    {"valid", "有效"},    {"partly", "部分失效"}, {"amended", "已修改"}, {"expired", "失效"},
    {"repealed", "废止"}, {"future", "尚未生效"}, {NULL, NULL},
};
const struct field_option five_options[] = {
    {"decision", "决策公开"}, {"execution", "执行公开"}, {"management", "管理公开"},
    {"service", "服务公开"},  {"result", "结果公开"},    {NULL, NULL},
};
const struct field_option genre_options[] = {
    {"命令", "命令"}, {"决定", "决定"},         {"公告", "公告"}, {"通告", "通告"}, {"通知", "通知"},
    {"通报", "通报"}, {"议案", "议案"},         {"报告", "报告"}, {"批复", "批复"}, {"意见", "意见"},
    {"函", "函"},     {"会议纪要", "会议纪要"}, {"其他", "其他"}, {NULL, NULL},
};
const struct field_option theme_options[] = {
    {"综合政务", "综合政务"},
    {"国民经济管理、国有资产监管", "国民经济管理、国有资产监管"},
    {"财政、金融、审计", "财政、金融、审计"},
    {"国土资源、能源", "国土资源、能源"},
    {"农业、林业、水利", "农业、林业、水利"},
    {"工业、交通", "工业、交通"},
    {"市场监管、安全生产监管", "市场监管、安全生产监管"},
    {"城乡建设、环境保护", "城乡建设、环境保护"},
    {"科技、教育", "科技、教育"},
    {"文化、广电、新闻出版", "文化、广电、新闻出版"},
    {"卫生、体育", "卫生、体育"},
    {"劳动、人事、监察", "劳动、人事、监察"},
    {"公安、安全、司法", "公安、安全、司法"},
    {"民政、扶贫、救灾", "民政、扶贫、救灾"},
    {"其他", "其他"},
    {NULL, NULL},
};
/* 保密审查结论 (rules.md §7.3) */
const struct field_option removal_options[] = {
    {"law", "依法不得公开：查看以前时点时也不再显示"},
    {"plain", "不涉及不得公开的内容：查看以前时点时仍可看到"},
    {NULL, NULL},
};
const struct field_option conclusion_options[] = {
    {"agree", "同意公开"}, {"partial", "区分处理后公开"}, {"refuse", "不公开"}, {"refer", "报请保密行政管理部门确定"},
    {NULL, NULL},
};

const char *attribute_name(struct str code) {
    return field_option_label(attribute_options, code);
}
const char *ground_name(struct str code) {
    return field_option_label(ground_options, code);
}
const char *validity_name(struct str code) {
    return field_option_label(validity_options, code);
}
const char *five_name(struct str code) {
    return field_option_label(five_options, code);
}

const char *disclosure_word(const char *member, struct str code) {
    const struct {
        const char *member;
        const struct field_option *options;
    } lists[] = {{"attribute", attribute_options},
                 {"conclusion", conclusion_options},
                 {"removal", removal_options},
                 {"ground", ground_options}};
    for (size_t i = 0; i < countof(lists); i++)
        if (strcmp(member, lists[i].member) == 0)
            return field_option_label(lists[i].options, code);
    if (strcmp(member, "from") != 0 && strcmp(member, "to") != 0)
        return "";
    for (size_t i = 0; i < disclosure_flow.state_count; i++)
        if (str_is(code, disclosure_flow.states[i].code))
            return disclosure_flow.states[i].name;
    return "";
}
