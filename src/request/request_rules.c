/* request_rules.c: data/foi.json: limits in days, outcomes, tariff, channels. Read once at start; immutable. */
#include "request/request_internal.h"

#define TIERS 12
#define OUTCOMES 64
#define CHANNELS 8

static const char *const rule_names[RULE__MAX] = {"confirm", "clarify_notice", "supplement", "reply",
                                                  "extend",  "third",          "organ",      "reasons",
                                                  "fee",     "correction",     "publish"};
struct tier {
    int64_t upto, fen; /* upto 0: all above */
};
static struct {
    struct arena *arena;
    struct foi_rule rules[RULE__MAX];
    struct foi_numbers numbers;
    struct request_outcome outcomes[OUTCOMES];
    size_t outcome_count;
    struct foi_channel channels[CHANNELS];
    size_t channel_count;
    struct tier piece[TIERS], page[TIERS];
    size_t piece_count, page_count;
    int64_t piece_every, piece_more;
} foi;

static const char *text(const json_t *o, const char *key) {
    return str_dupz(foi.arena, str_z(json_string_value(json_object_get(o, key))));
}

static int number(const json_t *o, const char *key) {
    return (int)json_integer_value(json_object_get(o, key));
}

static int read_rules(const json_t *limits) {
    for (size_t i = 0; i < RULE__MAX; i++) {
        const json_t *o = json_object_get(limits, rule_names[i]);
        const char *unit = json_string_value(json_object_get(o, "unit"));
        struct foi_rule *r = &foi.rules[i];
        if (!o || !unit || number(o, "n") < 1)
            return -1;
        r->limit = (struct limit){number(o, "n"), strcmp(unit, "WD") == 0   ? LIMIT_WORKING_DAYS
                                                  : strcmp(unit, "CD") == 0 ? LIMIT_DAYS
                                                                            : LIMIT_MONTHS};
        r->source = text(o, "source");
        r->article = text(o, "article");
        r->status = text(o, "status");
    }
    return 0;
}

static size_t read_tiers(const json_t *list, struct tier *out) {
    size_t i, n = json_array_size(list);
    const json_t *o;
    if (n > TIERS)
        return 0;
    json_array_foreach((json_t *)(uintptr_t)list, i, o) out[i] =
        (struct tier){number(o, "upto"), (int64_t)number(o, "yuan") * 100};
    return n;
}

static int read_outcomes(const json_t *list) {
    size_t i;
    json_t *o;
    if (json_array_size(list) > OUTCOMES)
        return -1;
    json_array_foreach((json_t *)(uintptr_t)list, i, o) foi.outcomes[i] =
        (struct request_outcome){.code = text(o, "code"),
                                 .name = text(o, "name"),
                                 .article = text(o, "article"),
                                 .row = text(o, "row"),
                                 .status = text(o, "status"),
                                 .releasable = json_is_true(json_object_get(o, "releasable")),
                                 .refusal = json_is_true(json_object_get(o, "refusal"))};
    foi.outcome_count = json_array_size(list);
    return foi.outcome_count ? 0 : -1;
}

static int read_channels(const json_t *list) {
    size_t i;
    json_t *o;
    if (json_array_size(list) > CHANNELS)
        return -1;
    json_array_foreach((json_t *)(uintptr_t)list, i, o) foi.channels[i] = (struct foi_channel){
        text(o, "code"), text(o, "name"), text(o, "received"), text(o, "rule"), text(o, "article")};
    foi.channel_count = json_array_size(list);
    return foi.channel_count ? 0 : -1;
}

static int read_all(const json_t *o) {
    const json_t *tariff = json_object_get(o, "tariff"), *then = json_object_get(tariff, "piece_then"),
                 *warn = json_object_get(o, "warn"), *same = json_object_get(o, "same");
    foi.numbers = (struct foi_numbers){.yellow = number(warn, "yellow"),
                                       .orange = number(warn, "orange"),
                                       .same_applicants = number(same, "applicants"),
                                       .same_months = number(same, "months"),
                                       .many_pieces = number(json_object_get(o, "many"), "pieces"),
                                       .retention_years = number(json_object_get(o, "retention"), "n")};
    foi.piece_count = read_tiers(json_object_get(tariff, "piece"), foi.piece);
    foi.page_count = read_tiers(json_object_get(tariff, "page"), foi.page);
    foi.piece_every = number(then, "every");
    foi.piece_more = (int64_t)number(then, "more_yuan") * 100;
    if (!foi.piece_count || !foi.page_count || foi.piece_every < 1 || foi.numbers.same_applicants < 1 ||
        foi.numbers.retention_years < 1)
        return -1;
    return read_rules(json_object_get(o, "limits")) < 0 || read_outcomes(json_object_get(o, "outcomes")) < 0 ||
                   read_channels(json_object_get(o, "channels")) < 0
               ? -1
               : 0;
}

int request_rules_load(struct str bytes) {
    json_error_t why;
    json_t *o = json_loadb(bytes.p, bytes.n, JSON_REJECT_DUPLICATES, &why);
    if (!o) {
        log_line(LOG_ERROR, "foi_rules", "line=%d", why.line);
        return -1;
    }
    if (!foi.arena)
        foi.arena = arena_new(1 << 20);
    int rc = read_all(o);
    json_decref(o);
    return rc;
}

const struct foi_rule *foi_rule(enum rule r) {
    return &foi.rules[r];
}

const struct foi_numbers *foi_numbers(void) {
    return &foi.numbers;
}

const struct foi_channel *foi_channel(struct str code) {
    for (size_t i = 0; i < foi.channel_count; i++)
        if (str_is(code, foi.channels[i].code))
            return &foi.channels[i];
    return NULL;
}

const struct request_outcome *request_outcome(struct str code) {
    for (size_t i = 0; i < foi.outcome_count; i++)
        if (str_is(code, foi.outcomes[i].code))
            return &foi.outcomes[i];
    return NULL;
}

size_t request_outcomes(const struct request_outcome **ret) {
    *ret = foi.outcomes;
    return foi.outcome_count;
}

/* ── the fee: 超额累进 ── */

static int64_t piece_rate(int64_t n) {
    const struct tier *last = &foi.piece[foi.piece_count - 1];
    for (size_t i = 0; i < foi.piece_count; i++)
        if (n <= foi.piece[i].upto)
            return foi.piece[i].fen;
    return last->fen + ((n - last->upto - 1) / foi.piece_every + 1) * foi.piece_more;
}

int64_t request_fee_pieces(int64_t before, int64_t n) {
    int64_t sum = 0;
    for (int64_t i = before + 1; i <= before + n; i++)
        sum += piece_rate(i);
    return sum;
}

int64_t request_fee_pages(int64_t pages) {
    int64_t sum = 0, from = 0;
    for (size_t i = 0; i < foi.page_count && pages > from; i++) {
        int64_t to = foi.page[i].upto && foi.page[i].upto < pages ? foi.page[i].upto : pages;
        sum += (to - from) * foi.page[i].fen;
        from = to;
    }
    return sum;
}

/* ── choices of forms ── */

const struct field_option matter_options[] = {
    {"access", "申请公开政府信息"}, {"correction", "申请更正政府信息"}, {NULL, NULL}};
const struct field_option channel_options[] = {{"in_person", "当面提交"},     {"post_signed", "邮寄（签收）"},
                                               {"post_ordinary", "平常信函"}, {"fax", "传真"},
                                               {"internet", "互联网"},        {NULL, NULL}};
/* Kinds of organisations are columns of the annual table (表三). */
const struct field_option applicant_options[] = {{"person", "公民"},
                                                 {"company", "商业企业"},
                                                 {"research", "科研机构"},
                                                 {"welfare", "社会公益组织"},
                                                 {"legal", "法律服务机构"},
                                                 {"other", "其他组织"},
                                                 {NULL, NULL}};
const struct field_option id_type_options[] = {{"id_card", "居民身份证"},
                                               {"passport", "护照"},
                                               {"hk_macao", "港澳居民来往内地通行证"},
                                               {"taiwan", "台湾居民来往大陆通行证"},
                                               {"other", "其他证件"},
                                               {NULL, NULL}};
const struct field_option carrier_options[] = {
    {"electronic", "电子文档"}, {"paper", "纸质"}, {"disc", "光盘"}, {NULL, NULL}};
const struct field_option delivery_options[] = {
    {"download", "网上下载"},           {"mail", "电子邮件"}, {"post", "邮寄"}, {"pick_up", "自行领取"},
    {"read_on_site", "当场查阅、抄录"}, {"fax", "传真"},      {NULL, NULL}};
const struct field_option remedy_kind_options[] = {
    {"reconsideration", "行政复议"}, {"suit", "未经复议直接起诉"}, {"suit_after", "复议后起诉"}, {NULL, NULL}};
const struct field_option remedy_result_options[] = {
    {"pending", "尚未审结"}, {"upheld", "结果维持"}, {"corrected", "结果纠正"}, {"other", "其他结果"}, {NULL, NULL}};
const struct field_option ask_kind_options[] = {{"clarify", "补正"},           {"third", "征求第三方意见"},
                                                {"organ", "征求其他机关意见"}, {"reasons", "说明理由"},
                                                {"fee", "信息处理费"},         {NULL, NULL}};
