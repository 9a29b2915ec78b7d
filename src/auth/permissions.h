/* permissions.h: every permission and every role, once. Rights come from posts (岗位): a post has roles,
 * a role has permissions. X(name, code, Chinese) and the role table below feed checks, pages, API and docs. */
#ifndef MINGTANG_PERMISSIONS_H
#define MINGTANG_PERMISSIONS_H

#define FOR_EACH_PERMISSION(X)                                                                                         \
    X(PERM_PUBLIC, "public", "任何人")                                                                                 \
    X(PERM_SIGNED_IN, "signed_in", "已登录")                                                                           \
    X(PERM_DISCLOSURE_READ, "disclosure.read", "查看本单位公开信息办理情况")                                           \
    X(PERM_DISCLOSURE_EDIT, "disclosure.edit", "拟稿")                                                                 \
    X(PERM_REVIEW_FIRST, "disclosure.review1", "初审")                                                                 \
    X(PERM_REVIEW_SECOND, "disclosure.review2", "复审")                                                                \
    X(PERM_REVIEW_FINAL, "disclosure.review3", "终审")                                                                 \
    X(PERM_REVIEW_SECRECY, "disclosure.secrecy", "保密审查")                                                           \
    X(PERM_SIGN, "disclosure.sign", "签发")                                                                            \
    X(PERM_PROOFREAD, "disclosure.proofread", "校对")                                                                  \
    X(PERM_PUBLISH, "disclosure.publish", "发布")                                                                      \
    X(PERM_WITHDRAW, "disclosure.withdraw", "撤回、更正")                                                              \
    X(PERM_DUTY_READ, "duty.read", "查看应公开任务")                                                                   \
    X(PERM_DUTY_WAIVE, "duty.waive", "免除应公开任务")                                                                 \
    X(PERM_FACT_RECORD, "fact.record", "登记信息形成")                                                                 \
    X(PERM_CATALOGUE_PROPOSE, "catalogue.propose", "提出目录调整")                                                     \
    X(PERM_CATALOGUE_APPROVE, "catalogue.approve", "审定目录调整")                                                     \
    X(PERM_CATALOGUE_IMPORT, "catalogue.import", "导入目录")                                                           \
    X(PERM_BOARD_READ, "board.read", "查看全市公开情况")                                                               \
    X(PERM_AUDIT_READ, "audit.read", "查看办理全过程")                                                                 \
    X(PERM_ORG_ADMIN, "org.admin", "管理单位和岗位")                                                                   \
    X(PERM_ACCOUNT_ADMIN, "account.admin", "管理账号")                                                                 \
    X(PERM_RIGHTS_ADMIN, "rights.admin", "授予岗位和权限")                                                             \
    X(PERM_TOKEN_ADMIN, "token.admin", "管理业务系统令牌")                                                             \
    X(PERM_CALENDAR_ADMIN, "calendar.admin", "管理工作日历")                                                           \
    X(PERM_SYSTEM_ADMIN, "system.admin", "系统运行管理")                                                               \
    X(PERM_PORTAL_EDIT, "portal.edit", "编辑门户栏目、专题和首页")                                                     \
    X(PERM_REQUEST_READ, "request.read", "查看依申请公开办理情况")                                                     \
    X(PERM_REQUEST_DESK, "request.desk", "统一登记、分办申请")                                                         \
    X(PERM_REQUEST_WORK, "request.work", "承办申请")                                                                   \
    X(PERM_REQUEST_PERSONAL, "request.personal", "查看申请人个人信息")                                                 \
    X(PERM_REQUEST_LEGAL, "request.legal", "答复合法性审核")                                                           \
    X(PERM_REQUEST_APPROVE, "request.approve", "同意延期")                                                             \
    X(PERM_REQUEST_SIGN, "request.sign", "签发答复")                                                                   \
    X(PERM_REPORT_EDIT, "report.edit", "编制年度报告")                                                                 \
    X(PERM_ALERT_READ, "alert.read", "查看本单位预警和督办")                                                           \
    X(PERM_ALERT_ANSWER, "alert.answer", "答复预警、办理督办")                                                         \
    X(PERM_ALERT_SUPERIOR, "alert.superior", "作为单位负责人接收预警")                                                 \
    X(PERM_ALERT_DECIDE, "alert.decide", "认定、免除预警")                                                             \
    X(PERM_TICKET_ISSUE, "ticket.issue", "发出、核验督办单")                                                           \
    X(PERM_STATISTICS_READ, "statistics.read", "查看监督统计")                                                         \
    X(PERM_RULE_READ, "rule.read", "查看监督规则")                                                                     \
    X(PERM_RULE_EDIT, "rule.edit", "编写、试运行、启停监督规则")                                                       \
    X(PERM_RULE_APPROVE, "rule.approve", "复核大范围监督规则的启用")

#define PERMISSION_ENUM(name, code, text) name,
enum permission { PERM_NONE = 0, FOR_EACH_PERMISSION(PERMISSION_ENUM) PERM__MAX };
#undef PERMISSION_ENUM

/* Bits of post.roles. The three administrators (三权分立, 等保 8.1.4.2) are apart on purpose: the system
 * administrator makes accounts but grants nothing, the security administrator grants posts but makes no
 * accounts, the audit administrator only reads. */
#define FOR_EACH_ROLE(X)                                                                                               \
    X(ROLE_EDITOR, 0, "editor", "信息员")                                                                              \
    X(ROLE_REVIEWER_FIRST, 1, "reviewer1", "初审员")                                                                   \
    X(ROLE_REVIEWER_SECOND, 2, "reviewer2", "复审员")                                                                  \
    X(ROLE_REVIEWER_FINAL, 3, "reviewer3", "终审人")                                                                   \
    X(ROLE_SECRECY, 4, "secrecy", "保密审查员")                                                                        \
    X(ROLE_SIGNER, 5, "signer", "签发人")                                                                              \
    X(ROLE_PROOFREADER, 6, "proofreader", "校对员")                                                                    \
    X(ROLE_CATALOGUE, 7, "catalogue", "目录管理员")                                                                    \
    X(ROLE_SUPERVISOR, 8, "supervisor", "监督员")                                                                      \
    X(ROLE_SYSTEM, 9, "system", "系统管理员")                                                                          \
    X(ROLE_SECURITY, 10, "security", "安全管理员")                                                                     \
    X(ROLE_AUDIT, 11, "audit", "审计管理员")                                                                           \
    X(ROLE_PROGRAM, 12, "program", "业务系统")                                                                         \
    X(ROLE_PORTAL, 13, "portal", "门户编辑")                                                                           \
    X(ROLE_FOI, 14, "foi", "依申请公开经办员")                                                                         \
    X(ROLE_FOI_DESK, 15, "foi_desk", "依申请公开统一受理员")                                                           \
    X(ROLE_FOI_LEGAL, 16, "foi_legal", "合法性审核员")                                                                 \
    X(ROLE_FOI_HEAD, 17, "foi_head", "信息公开机构负责人")                                                             \
    X(ROLE_RULE, 18, "rule_manager", "监督规则管理员")
#define ROLE_ENUM(name, bit, code, text) name = 1 << bit,
enum role { FOR_EACH_ROLE(ROLE_ENUM) ROLE__NONE = 0 };
#undef ROLE_ENUM
#endif
