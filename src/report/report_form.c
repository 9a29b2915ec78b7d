/* report_form.c: the rows, columns and cells of the national form (国办公开办函〔2021〕30号), once for pages,
 * documents, checks and links. */
#include "report/report_internal.h"

#define PART3 "三、本年度办理结果"
#define DENIED "（三）不予公开"
#define UNABLE "（四）无法提供"
#define UNHANDLED "（五）不予处理"
#define OTHERS "（六）其他处理"
const struct row3_form row3_forms[ROWS3] = {
    {"r1", "一、本年新收政府信息公开申请数量", NULL, NULL},
    {"r2", "二、上年结转政府信息公开申请数量", NULL, NULL},
    {"r3.1", PART3, "（一）予以公开", NULL},
    {"r3.2", PART3, "（二）部分公开（区分处理的，只计这一情形，不计其他情形）", NULL},
    {"r3.3.1", PART3, DENIED, "1.属于国家秘密"},
    {"r3.3.2", PART3, DENIED, "2.其他法律行政法规禁止公开"},
    {"r3.3.3", PART3, DENIED, "3.危及“三安全一稳定”"},
    {"r3.3.4", PART3, DENIED, "4.保护第三方合法权益"},
    {"r3.3.5", PART3, DENIED, "5.属于三类内部事务信息"},
    {"r3.3.6", PART3, DENIED, "6.属于四类过程性信息"},
    {"r3.3.7", PART3, DENIED, "7.属于行政执法案卷"},
    {"r3.3.8", PART3, DENIED, "8.属于行政查询事项"},
    {"r3.4.1", PART3, UNABLE, "1.本机关不掌握相关政府信息"},
    {"r3.4.2", PART3, UNABLE, "2.没有现成信息需要另行制作"},
    {"r3.4.3", PART3, UNABLE, "3.补正后申请内容仍不明确"},
    {"r3.5.1", PART3, UNHANDLED, "1.信访举报投诉类申请"},
    {"r3.5.2", PART3, UNHANDLED, "2.重复申请"},
    {"r3.5.3", PART3, UNHANDLED, "3.要求提供公开出版物"},
    {"r3.5.4", PART3, UNHANDLED, "4.无正当理由大量反复申请"},
    {"r3.5.5", PART3, UNHANDLED, "5.要求行政机关确认或重新出具已获取信息"},
    {"r3.6.1", PART3, OTHERS, "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"},
    {"r3.6.2", PART3, OTHERS, "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"},
    {"r3.6.3", PART3, OTHERS, "3.其他"},
    {"r3.7", PART3, "（七）总计", NULL},
    {"r4", "四、结转下年度继续办理", NULL, NULL},
};
const char *const column_codes[COLUMNS] = {"person", "company", "research", "welfare", "legal", "other", "total"};
const char *const column_names[COLUMNS] = {"自然人",       "商业企业", "科研机构", "社会公益组织",
                                           "法律服务机构", "其他",     "总计"};

const char *const remedy_codes[REMEDIES] = {"reconsideration", "suit", "suit_after"};
const char *const remedy_names[REMEDIES] = {"行政复议", "行政诉讼：未经复议直接起诉", "行政诉讼：复议后起诉"};
const char *const result_codes[RESULTS] = {"upheld", "corrected", "other", "pending", "total"};
const char *const result_names[RESULTS] = {"结果维持", "结果纠正", "其他结果", "尚未审结", "总计"};

const struct cell2_form cell2_forms[CELLS2] = {
    {"rule_made", "规章：本年制发件数"},
    {"rule_repealed", "规章：本年废止件数"},
    {"rule_force", "规章：现行有效件数"},
    {"norm_made", "行政规范性文件：本年制发件数"},
    {"norm_repealed", "行政规范性文件：本年废止件数"},
    {"norm_force", "行政规范性文件：现行有效件数"},
    {"licences", "行政许可：本年处理决定数量"},
    {"penalties", "行政处罚：本年处理决定数量"},
    {"compulsion", "行政强制：本年处理决定数量"},
    {"charges", "行政事业性收费：本年收费金额（万元）"},
};

int row3_of(struct str code) {
    for (int i = 0; i < ROWS3; i++)
        if (str_is(code, row3_forms[i].code))
            return i;
    return -1;
}

int column_of(struct str applicant) {
    for (int i = 0; i < COLUMN_TOTAL; i++)
        if (str_is(applicant, column_codes[i]))
            return i;
    return -1;
}

struct str charges_text(struct arena *a, int64_t hundredths) {
    return str_printf(a, "%lld.%02d", (long long)(hundredths / 100), (int)(hundredths % 100));
}

#define CHARGES_MAX 1000000000 /* 万元: more than any city collects */
int charges_read(struct str text, int64_t *ret) {
    struct str whole = text, part = S("0");
    int64_t yuan, rest;
    bool dotted = str_cut(text, '.', &whole, &part);
    if (part.n < 1 || part.n > 2 || whole.n < 1 || whole.p[0] == '-' || whole.p[0] == '+' || part.p[0] == '-' ||
        part.p[0] == '+' || str_int(whole, &yuan) < 0 || str_int(part, &rest) < 0 || yuan > CHARGES_MAX)
        return -1;
    *ret = yuan * 100 + (dotted && part.n == 1 ? rest * 10 : rest);
    return 0;
}
