/* seed.c: generated disclosures for load tests, from a seed: the same seed gives the same texts. Marked 演示数据. */
#include "app/app.h"

uint64_t seed_next(uint64_t *state) { /* xorshift64* */
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 2685821657736338717ULL;
}

static const char *const words[] = {
    "关于", "开展", "专项", "检查", "工作", "情况", "公示", "补贴", "资金", "发放", "名单", "项目",
    "实施", "方案", "年度", "预算", "决算", "公开", "服务", "指南", "办理", "流程", "结果", "征收",
    "补偿", "安置", "公告", "环境", "保护", "督查", "通报", "社会", "救助", "养老", "教育", "招生",
    "医疗", "卫生", "就业", "创业", "培训", "安全", "生产", "应急", "预案", "农村", "危房", "改造",
};

static struct str sentence(struct arena *a, uint64_t *state, int n) {
    struct buf b;
    buf_init(&b, 64 * 1024);
    for (int i = 0; i < n; i++)
        buf_addz(&b, words[seed_next(state) % countof(words)]);
    struct str s = str_dup(a, buf_str(&b));
    buf_release(&b);
    return s;
}

struct seed_batch {
    int64_t from, to;
    uint64_t state;
    json_t *items; /* of the city: unit, item */
    int64_t now;
};

static int seed_batch(struct work *w, void *arg) {
    struct seed_batch *b = arg;
    for (int64_t k = b->from; k < b->to; k++) {
        const json_t *pick = json_array_get(b->items, seed_next(&b->state) % json_array_size(b->items));
        struct buf body;
        int64_t id;
        buf_init(&body, 64 * 1024);
        for (int p = 0; p < 5; p++)
            buf_printf(&body, "<p>%.*s。</p>", STR_ARG(sentence(w->arena, &b->state, 40)));
        w->now = b->now - (b->to - k) * 1000;
        struct disclosure_input x = {
            .title = sentence(w->arena, &b->state, 6 + (int)(seed_next(&b->state) % 6)),
            .number =
                str_printf(w->arena, "皋测发〔%d〕%lld号", 2020 + (int)(seed_next(&b->state) % 7), (long long)(k + 1)),
            .body = buf_str(&body),
            .attribute = S("active"),
            .genre = S("通知"),
            .validity = S("valid"),
            .five = S("execution"),
            .formed = work_today(w),
            .effective = DAY_NONE,
            .expires = DAY_NONE,
            .item_id = json_integer_value(json_object_get(pick, "item")),
            .demo = true,
        };
        int rc = disclosure_create(w, json_integer_value(json_object_get(pick, "unit")), &x, &id);
        buf_release(&body);
        if (rc < 0 || disclosure_enter_existing(w, id) < 0)
            return -1;
    }
    return 0;
}

static json_t *seed_items(struct work *w) {
    json_t *units = unit_list(w, "department"), *all = json_array(), *u, *o;
    size_t i, k;
    json_array_foreach(units, i, u) {
        int64_t unit = json_integer_value(json_object_get(u, "id"));
        json_t *items = items_of_unit(w, unit);
        json_array_foreach(items, k, o) json_array_append_new(
            all, json_pack("{s:I, s:O}", "unit", (json_int_t)unit, "item", json_object_get(o, "id")));
        json_decref(items);
    }
    json_decref(units);
    return all;
}

static int seed_disclosures(struct app_config *c, int64_t n, int64_t seed) {
    struct command_work cw;
    int rc = 0;
    for (int64_t k = 0; k < n && rc == 0; k += 1000) {
        if (command_open(c, &cw) < 0)
            return 1;
        struct seed_batch b = {k, k + 1000 < n ? k + 1000 : n, (uint64_t)seed * 0x9E3779B97F4A7C15ULL + (uint64_t)k + 1,
                               seed_items(&cw.w), cw.w.now};
        rc = json_array_size(b.items) ? command_transaction(&cw.w, seed_batch, &b) : 1;
        while (rc == 0 && ledger_sequence_once(&cw.w) > 0)
            ;
        json_decref(b.items);
        command_close(&cw);
        fprintf(stderr, "\r%lld of %lld", (long long)b.to, (long long)n);
    }
    fprintf(stderr, rc == 0 ? "\ndone\n" : "\nFAILED (is the database initialised?)\n");
    return rc;
}

int cmd_seed(struct app_config *c, int argc, char **argv) {
    int64_t disclosures = 0, requests = 0, each = 5, seed = 1;
    const struct {
        const char *name;
        int64_t *to, low, high;
    } options[] = {{"--disclosures", &disclosures, 1, 10000000},
                   {"--requests", &requests, 1, 10000000},
                   {"--events-each", &each, 1, 1000},
                   {"--seed", &seed, 1, INT64_MAX}};
    if (argc % 2 == 0)
        return 2;
    for (int i = 1; i + 1 < argc; i += 2) {
        size_t k = 0;
        while (k < countof(options) && strcmp(argv[i], options[k].name) != 0)
            k++;
        if (k == countof(options) || str_int(str_z(argv[i + 1]), options[k].to) < 0 ||
            *options[k].to < options[k].low || *options[k].to > options[k].high)
            return 2;
    }
    if (!disclosures && !requests)
        return 2;
    int rc = disclosures ? seed_disclosures(c, disclosures, seed) : 0;
    return rc == 0 && requests ? seed_requests(c, requests, each, (uint64_t)seed) : rc;
}
