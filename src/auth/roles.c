/* roles.c: which role may do what: the one table. */
#include "auth/auth_internal.h"

#define PERMISSION_ROW(name, code, text) {code, text},
static const struct { const char *code, *text; } permissions[] = {{"none", ""}, FOR_EACH_PERMISSION(PERMISSION_ROW)};
#undef PERMISSION_ROW

#define ROLE_ROW(name, bit, code, text) {name, code, text},
static const struct {
    int64_t bit;
    const char *code, *text;
} roles[] = {FOR_EACH_ROLE(ROLE_ROW)};
#undef ROLE_ROW

static const struct {
    int64_t role;
    int permissions[24];
} grants[] = {
    {ROLE_EDITOR,
     {PERM_DISCLOSURE_READ, PERM_DISCLOSURE_EDIT, PERM_DUTY_READ, PERM_FACT_RECORD, PERM_CATALOGUE_PROPOSE,
      PERM_ALERT_READ, PERM_ALERT_ANSWER}},
    {ROLE_REVIEWER_FIRST, {PERM_DISCLOSURE_READ, PERM_REVIEW_FIRST, PERM_DUTY_READ, PERM_ALERT_READ}},
    {ROLE_REVIEWER_SECOND, {PERM_DISCLOSURE_READ, PERM_REVIEW_SECOND, PERM_DUTY_READ, PERM_ALERT_READ}},
    {ROLE_REVIEWER_FINAL,
     {PERM_DISCLOSURE_READ, PERM_REVIEW_FINAL, PERM_DUTY_READ, PERM_ALERT_READ, PERM_ALERT_SUPERIOR,
      PERM_STATISTICS_READ}},
    {ROLE_SECRECY, {PERM_DISCLOSURE_READ, PERM_REVIEW_SECRECY, PERM_DUTY_READ, PERM_REQUEST_READ}},
    {ROLE_SIGNER,
     {PERM_DISCLOSURE_READ, PERM_SIGN, PERM_PUBLISH, PERM_WITHDRAW, PERM_DUTY_READ, PERM_ALERT_READ, PERM_ALERT_ANSWER,
      PERM_ALERT_SUPERIOR, PERM_STATISTICS_READ}},
    {ROLE_PROOFREADER, {PERM_DISCLOSURE_READ, PERM_PROOFREAD, PERM_PUBLISH, PERM_DUTY_READ}},
    {ROLE_CATALOGUE,
     {PERM_CATALOGUE_PROPOSE, PERM_CATALOGUE_IMPORT, PERM_DUTY_READ, PERM_ALERT_READ, PERM_ALERT_ANSWER}},
    {ROLE_SUPERVISOR,
     {PERM_BOARD_READ, PERM_DUTY_READ, PERM_DUTY_WAIVE, PERM_DISCLOSURE_READ, PERM_CATALOGUE_APPROVE, PERM_AUDIT_READ,
      PERM_PORTAL_EDIT, PERM_REQUEST_READ, PERM_ALERT_READ, PERM_ALERT_DECIDE, PERM_TICKET_ISSUE, PERM_STATISTICS_READ,
      PERM_RULE_READ, PERM_RULE_APPROVE}},
    {ROLE_SYSTEM, {PERM_ACCOUNT_ADMIN, PERM_CALENDAR_ADMIN, PERM_SYSTEM_ADMIN, PERM_TOKEN_ADMIN, PERM_ORG_ADMIN}},
    {ROLE_SECURITY, {PERM_RIGHTS_ADMIN}},
    {ROLE_AUDIT,
     {PERM_AUDIT_READ, PERM_BOARD_READ, PERM_DISCLOSURE_READ, PERM_DUTY_READ, PERM_REQUEST_READ, PERM_ALERT_READ,
      PERM_STATISTICS_READ, PERM_RULE_READ}},
    {ROLE_PROGRAM,
     {PERM_DISCLOSURE_READ, PERM_DISCLOSURE_EDIT, PERM_DUTY_READ, PERM_FACT_RECORD, PERM_REQUEST_READ,
      PERM_REQUEST_DESK}},
    {ROLE_PORTAL,
     {PERM_PORTAL_EDIT, PERM_DISCLOSURE_READ, PERM_DISCLOSURE_EDIT, PERM_DUTY_READ, PERM_FACT_RECORD, PERM_ALERT_READ,
      PERM_ALERT_ANSWER}},
    {ROLE_FOI,
     {PERM_REQUEST_READ, PERM_REQUEST_WORK, PERM_REQUEST_PERSONAL, PERM_REPORT_EDIT, PERM_DISCLOSURE_READ,
      PERM_DISCLOSURE_EDIT, PERM_ALERT_READ, PERM_ALERT_ANSWER}},
    {ROLE_FOI_DESK,
     {PERM_REQUEST_READ, PERM_REQUEST_DESK, PERM_REQUEST_WORK, PERM_REQUEST_PERSONAL, PERM_REPORT_EDIT,
      PERM_DISCLOSURE_READ, PERM_DISCLOSURE_EDIT, PERM_ALERT_READ, PERM_ALERT_ANSWER}},
    {ROLE_FOI_LEGAL, {PERM_REQUEST_READ, PERM_REQUEST_LEGAL}},
    {ROLE_FOI_HEAD,
     {PERM_REQUEST_READ, PERM_REQUEST_PERSONAL, PERM_REQUEST_APPROVE, PERM_REQUEST_SIGN, PERM_ALERT_READ,
      PERM_ALERT_SUPERIOR}},
    {ROLE_RULE, {PERM_RULE_READ, PERM_RULE_EDIT, PERM_ALERT_READ, PERM_BOARD_READ, PERM_STATISTICS_READ}},
};

const char *permission_code(int p) {
    return p > 0 && p < PERM__MAX ? permissions[p].code : "none";
}

const char *permission_name(int p) {
    return p > 0 && p < PERM__MAX ? permissions[p].text : "";
}

static void grant(struct actor *a, int p) {
    a->rights[p / 64] |= 1ULL << (p % 64);
}

bool actor_may(const struct actor *a, int p) {
    if (p == PERM_PUBLIC)
        return true;
    if (p == PERM_SIGNED_IN)
        return a->person_id || a->token_id;
    return p > 0 && p < PERM__MAX && (a->rights[p / 64] >> (p % 64) & 1);
}

void actor_grant_roles(struct actor *a, int64_t bits) {
    for (size_t i = 0; i < countof(grants); i++)
        for (size_t k = 0; (bits & grants[i].role) && k < countof(grants[i].permissions) && grants[i].permissions[k];
             k++)
            grant(a, grants[i].permissions[k]);
}

int64_t roles_granting(int permission) {
    int64_t bits = 0;
    for (size_t i = 0; i < countof(roles); i++) {
        struct actor a = {0};
        actor_grant_roles(&a, roles[i].bit);
        if (actor_may(&a, permission))
            bits |= roles[i].bit;
    }
    return bits;
}

int permission_by_code(struct str code) {
    for (int p = 1; p < PERM__MAX; p++)
        if (str_is(code, permissions[p].code))
            return p;
    return PERM_NONE;
}

/* Scopes of a token: permission codes; only what a business system may be given. */
void actor_grant_scopes(struct actor *a, struct str scopes) {
    struct actor most = {0};
    actor_grant_roles(&most, ROLE_PROGRAM);
    while (scopes.n) {
        struct str one = scopes, rest = STR_NONE;
        str_cut(scopes, ' ', &one, &rest);
        scopes = rest;
        for (int p = 1; p < PERM__MAX; p++)
            if (str_is(one, permissions[p].code) && actor_may(&most, p))
                grant(a, p);
    }
}

const char *role_name(int64_t bit) {
    for (size_t i = 0; i < countof(roles); i++)
        if (roles[i].bit == bit)
            return roles[i].text;
    return "";
}

int64_t role_by_code(struct str code) {
    for (size_t i = 0; i < countof(roles); i++)
        if (str_is(code, roles[i].code))
            return roles[i].bit;
    return 0;
}

json_t *role_list(int64_t bits) {
    json_t *list = json_array();
    for (size_t i = 0; i < countof(roles); i++)
        if (bits & roles[i].bit)
            json_array_append_new(list, json_pack("{s:s, s:s}", "code", roles[i].code, "name", roles[i].text));
    return list;
}
