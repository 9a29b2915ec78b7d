/* seed_requests.c: generated applications for load tests: six years of cases of every organ, closed ones with outcomes
 * in believable shares, open ones in every state around their limits; marks, questions, remedies, events. From a seed:
 * the same seed gives the same cases. Marked 演示数据. Nobody in them exists. */
#include "app/app.h"
#include "app_sql.h"

enum {
    BATCH = 1000,
    YEARS = 6,
    OPEN_PERCENT = 3,
    REQUEST_WIDTH = 41,
    MARK_WIDTH = 8,
    ASK_WIDTH = 15,
    REMEDY_WIDTH = 9
};

/* ── shares: out of the sum of a table ── */

struct share {
    const char *code;
    uint32_t weight;
};
static const struct share outcomes[] = {{"R01", 80},   {"R02", 320},  {"R03", 90},   {"R04.1", 5},  {"R04.2", 5},
                                        {"R04.3", 10}, {"R04.4", 30}, {"R04.5", 20}, {"R04.6", 30}, {"R04.7", 15},
                                        {"R05", 20},   {"R06", 160},  {"R07", 90},   {"R08", 20},   {"R09", 10},
                                        {"R10", 20},   {"R11", 15},   {"R12", 3},    {"R13", 3},    {"R14", 5},
                                        {"R15", 15},   {"R16", 2},    {"R17", 20},   {"R18", 7},    {NULL, 0}};
static const struct share corrections[] = {{"C1", 5}, {"C2", 3}, {"C3", 2}, {NULL, 0}};
static const struct share applicants[] = {{"person", 78}, {"company", 13}, {"research", 1}, {"welfare", 1},
                                          {"legal", 5},   {"other", 2},    {NULL, 0}};
static const struct share channels[] = {{"internet", 55},     {"in_person", 14}, {"post_signed", 18},
                                        {"post_ordinary", 9}, {"fax", 4},        {NULL, 0}};
static const struct share open_states[] = {{"submitted", 6},   {"registered", 10}, {"working", 30}, {"clarifying", 6},
                                           {"consulting", 10}, {"reasons", 1},     {"fee", 1},      {"drafting", 18},
                                           {"legal", 7},       {"secrecy", 5},     {"signing", 6},  {NULL, 0}};
static const struct share closed_states[] = {{"archived", 85}, {"delivered", 12}, {"replied", 3}, {NULL, 0}};
static const struct share remedies[] = {{"reconsideration", 60}, {"suit", 25}, {"suit_after", 15}, {NULL, 0}};
static const struct share results[] = {{"upheld", 70}, {"corrected", 10}, {"other", 20}, {NULL, 0}};
static const struct share asks[] = {{"clarify", 40}, {"third", 30},  {"organ", 20},
                                    {"fee", 6},      {"reasons", 4}, {NULL, 0}};

static const char *const places[] = {"长江镇", "如城街道", "城北街道", "城南街道", "搬经镇", "白蒲镇",
                                     "东陈镇", "丁堰镇",   "下原镇",   "九华镇",   "石庄镇", "吴窑镇",
                                     "江安镇", "磨头镇",   "高新区",   "经开区"};
static const char *const matters[] = {"土地征收",         "房屋拆迁",     "安置补偿",     "建设工程规划许可",
                                      "环境影响评价",     "财政专项资金", "农村危房改造", "学校招生计划",
                                      "医疗机构设置审批", "行政处罚决定", "公开招标",     "低保对象审核",
                                      "道路改造工程",     "污水处理厂",   "养老机构补贴"};
static const char *const papers[] = {"批复文件", "补偿标准", "听证材料", "资金拨付明细",
                                     "验收报告", "会议纪要", "公告",     "实施方案"};
static const char *const surnames[] = {"王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "欧阳"};
static const char *const given[] = {"建国", "秀英", "明", "丽华", "志强", "晓东", "桂兰", "海燕", "永福", "静"};

/* ── one batch ── */

struct seed {
    int64_t from, to, all, each;
    uint64_t dice;
    json_t *organs; /* [{unit, post}] */
    int64_t now;
};

struct one { /* a case while it is made */
    int64_t k, unit_id, post_id, submitted_at, due_at, id;
    const char *state, *channel, *applicant, *outcome;
    day_t came, received, closed;
    bool extended, late, suspended, provisional, correction;
    int used;
    struct str certificate;
};

struct texts { /* sealed once a batch: what is inside is the same, what is stored is as long as ever */
    struct str person, reply, ask, party;
};

struct counted { /* clocks of the batch's days: the same day and kind give the same certificate */
    day_t day;
    bool extended;
    struct clock_reading reading;
    struct str certificate;
};

static uint32_t dice(struct seed *s, uint32_t n) {
    return (uint32_t)((seed_next(&s->dice) >> 33) % n);
}

static const char *pick(struct seed *s, const struct share *list) {
    uint32_t sum = 0;
    for (const struct share *x = list; x->code; x++)
        sum += x->weight;
    uint32_t at = dice(s, sum);
    while (at >= list->weight)
        at -= (list++)->weight;
    return list->code;
}

static int clock_of(struct work *w, struct counted *cache, size_t size, const struct one *o, struct counted *ret) {
    struct counted *slot = &cache[(size_t)(o->received % (day_t)(size / 2)) * 2 + (o->extended ? 1 : 0)];
    if (slot->certificate.n && slot->day == o->received) {
        *ret = *slot;
        return 0;
    }
    struct clock_mark marks[] = {
        {.kind = CLOCK_START, .day = o->received, .until = DAY_NONE, .rule = "收到申请（条例第三十一条）"},
        {.kind = CLOCK_EXTEND,
         .day = calendar_add_working(o->received, 15),
         .until = DAY_NONE,
         .n = 20,
         .rule = "延长答复期限（条例第三十三条）"}};
    json_t *certificate;
    *slot = (struct counted){.day = o->received, .extended = o->extended};
    if (clock_read(w, marks, o->extended ? 2 : 1, (struct limit){20, LIMIT_WORKING_DAYS}, "条例第三十三条第二款",
                   work_today(w), &slot->reading, &certificate) < 0)
        return -1;
    char *text = json_dumps(certificate, JSON_COMPACT | JSON_SORT_KEYS);
    slot->certificate = str_dup(w->arena, str_z(text));
    free(text);
    json_decref(certificate);
    *ret = *slot;
    return 0;
}

/* Received evenly over six years until 45 days ago, answered within their limits but for a few. */
static void make_closed(struct seed *s, struct one *o, day_t today) {
    int64_t closed_all = s->all * (100 - OPEN_PERCENT) / 100;
    day_t first = today - YEARS * 365, last = today - 45;
    o->received = first + (day_t)((int64_t)(last - first) * o->k / (closed_all ? closed_all : 1));
    if (o->received > last)
        o->received = last;
    o->came = o->received - (day_t)dice(s, 2);
    o->extended = dice(s, 100) < 8;
    o->correction = dice(s, 100) == 0;
    o->outcome = pick(s, o->correction ? corrections : outcomes);
    o->state = pick(s, closed_states);
    if (strcmp(o->outcome, "R15") == 0 || strcmp(o->outcome, "R16") == 0 || strcmp(o->outcome, "R17") == 0)
        o->state = dice(s, 4) ? "archived" : "closed";
    if (dice(s, 200) == 0) {
        o->state = "split";
        o->outcome = "";
    }
}

/* Received within the last 31 days: the oldest of them are past their limit. */
static void make_open(struct seed *s, struct one *o, day_t today) {
    o->state = pick(s, open_states);
    o->outcome = "";
    o->came = today - (day_t)dice(s, 31);
    o->received = strcmp(o->state, "submitted") == 0 ? DAY_NONE : o->came;
    if (o->received == DAY_NONE)
        o->came = today - (day_t)dice(s, 2);
    o->closed = DAY_NONE;
    o->suspended = strcmp(o->state, "consulting") == 0;
}

static int make_clock(struct work *w, struct seed *s, struct one *o, struct counted *cache, size_t size) {
    struct counted c;
    day_t today = work_today(w);
    if (o->received == DAY_NONE)
        return 0;
    if (clock_of(w, cache, size, o, &c) < 0)
        return -1;
    o->due_at = c.reading.due_at;
    o->provisional = c.reading.provisional;
    o->certificate = c.certificate;
    o->used = c.reading.used;
    if (!o->outcome[0] && strcmp(o->state, "split") != 0)
        return 0;
    day_t due = day_of(o->due_at);
    o->late = dice(s, 50) == 0;
    o->closed = o->late
                    ? due + 1 + (day_t)dice(s, 20)
                    : o->received + 2 + (day_t)dice(s, (uint32_t)(due - o->received > 2 ? due - o->received - 1 : 1));
    if (o->closed > today)
        o->closed = today;
    o->late = o->closed > due;
    if (strcmp(o->state, "replied") == 0 && o->closed < today - 20)
        o->state = "archived"; /* only the last replies still wait to be delivered */
    o->used = calendar_working_between(o->received, o->closed);
    return 0;
}

static int make_one(struct work *w, struct seed *s, struct one *o, struct counted *cache, size_t size) {
    double u = (double)dice(s, 1000000) / 1e6;
    size_t organs = json_array_size(s->organs);
    const json_t *organ = json_array_get(s->organs, (size_t)(u * u * (double)organs)); /* few organs get most */
    day_t today = work_today(w);
    o->unit_id = json_integer_value(json_object_get(organ, "unit"));
    o->post_id = json_integer_value(json_object_get(organ, "post"));
    o->applicant = pick(s, applicants);
    o->channel = pick(s, channels);
    if (o->k < s->all * (100 - OPEN_PERCENT) / 100)
        make_closed(s, o, today);
    else
        make_open(s, o, today);
    o->submitted_at = day_start(o->came) + 8 * 3600000LL + (int64_t)dice(s, 9 * 3600) * 1000;
    if (o->submitted_at > s->now)
        o->submitted_at = s->now;
    return make_clock(w, s, o, cache, size);
}

static int seal_texts(struct work *w, struct texts *t) {
    t->person =
        seal(w, "request person",
             S("{\"name\":\"演示申请人\",\"id_type\":\"id_card\",\"id_number\":\"\",\"mobile\":\"13900000000\","
               "\"mail\":\"demo@example.cn\",\"address\":\"江苏省如皋市（演示数据）\",\"postcode\":\"226500\"}"));
    t->reply = seal(w, "request reply", S("{\"reason\":\"演示数据：经审查，答复如下。\",\"where\":\"见附件\"}"));
    t->ask = seal(w, "request ask", S("演示数据：请在收到之日起十五个工作日内提出意见。"));
    t->party = seal(w, "request ask", S("演示数据：有关单位"));
    return t->person.n && t->reply.n && t->ask.n && t->party.n ? 0 : fail(w, ERR_INTERNAL, "密文没有写成");
}

/* A person asks once or twice, a few ask again and again. */
static struct str person_of(struct work *w, struct seed *s, const struct one *o, struct str *ret_masked) {
    uint32_t crowd = (uint32_t)(s->all / 2 + 1), n = dice(s, 50) == 0 ? dice(s, 20) : dice(s, crowd);
    bool person = strcmp(o->applicant, "person") == 0;
    const char *surname = surnames[n % countof(surnames)], *name = given[n / countof(surnames) % countof(given)];
    *ret_masked = person ? str_printf(w->arena, "%s*%s", surname, strlen(name) > 3 ? name + 3 : "")
                         : str_printf(w->arena, "演示组织%u", n);
    return str_printf(w->arena, "%s%u", person ? "P" : "O", n);
}

/* When the clock must look again: the next step of warning, or the day after the limit. */
static int64_t next_look(const struct one *o, int64_t now) {
    static const int steps[] = {5, 2};
    if (o->closed != DAY_NONE)
        return 0;
    if (!o->due_at)
        return day_end(calendar_add_working(day_of(now), 1)) + 1;
    for (size_t i = 0; i < countof(steps); i++) {
        day_t d = day_of(o->due_at);
        for (int left = 0; left < steps[i];)
            left += calendar_workday(d--);
        if (day_start(d) > now)
            return day_start(d);
    }
    return o->due_at + 1 > now ? o->due_at + 1 : 0;
}

static struct db_value day_value(struct work *w, day_t d) {
    return DB_OPT(d == DAY_NONE ? STR_NONE : day_str(w->arena, d));
}

static void put_request(struct work *w, struct seed *s, const struct one *o, const struct texts *t, struct str number,
                        struct db_value *v) {
    struct str masked, who = person_of(w, s, o, &masked);
    uint32_t wanted = dice(s, (uint32_t)(s->all / 3 + 1)); /* some ask for what others asked for */
    struct str subject =
        str_printf(w->arena, "%s%s项目（%u号地块）%s", places[wanted % countof(places)],
                   matters[wanted / 7 % countof(matters)], wanted, papers[wanted / 3 % countof(papers)]);
    bool closed = o->closed != DAY_NONE,
         replied = closed && strcmp(o->state, "split") != 0 && strcmp(o->state, "closed") != 0;
    bool archived = strcmp(o->state, "archived") == 0, delivered = archived || strcmp(o->state, "delivered") == 0;
    int64_t closed_at = closed ? day_start(o->closed) + 15 * 3600000LL : 0;
    bool officer = o->post_id && strcmp(o->state, "submitted") != 0 && strcmp(o->state, "registered") != 0;
    const struct db_value row[REQUEST_WIDTH] = {
        DB_TEXT(number),
        DB_TEXT(blind_index(w, "request code", number)),
        DB_TEXTZ(o->correction ? "correction" : "access"),
        DB_INT(o->unit_id),
        DB_TEXTZ(o->state),
        DB_TEXTZ(o->channel),
        DB_TEXTZ(o->applicant),
        DB_TEXT(t->person),
        DB_TEXT(masked),
        DB_TEXT(blind_index(w, "request person", who)),
        DB_TEXT(blind_index(w, "request name", who)),
        DB_TEXT(subject),
        DB_TEXT(STR_NONE),
        DB_TEXT(
            str_printf(w->arena, "演示数据：申请公开%.*s及有关材料，便于了解本人所在村组的情况。", STR_ARG(subject))),
        DB_TEXT(str_sub(blind_index(w, "seed subject", subject), 0, 32)),
        DB_TEXTZ(dice(s, 3) ? "electronic" : "paper"),
        DB_TEXTZ(dice(s, 3) ? "download" : "post"),
        DB_BOOL(dice(s, 2)),
        DB_INT(o->submitted_at),
        day_value(w, o->received),
        DB_ID(officer ? o->post_id : 0),
        DB_INT(o->due_at),
        DB_BOOL(o->suspended),
        DB_BOOL(o->provisional),
        DB_TEXT(o->certificate),
        DB_INT(o->due_at ? calendar_version() : 0),
        DB_INT(next_look(o, s->now)),
        DB_TEXTZ(!closed && o->due_at && o->due_at < s->now ? "red" : ""),
        DB_TEXTZ(o->outcome),
        DB_TEXT(replied ? t->reply : STR_NONE),
        DB_INT(replied ? closed_at : 0),
        DB_INT(delivered ? closed_at + 86400000LL : 0),
        day_value(w, o->closed),
        DB_INT(archived ? closed_at + 30 * 86400000LL : 0),
        DB_BOOL(o->late),
        DB_INT(o->used),
        DB_BOOL(o->extended),
        DB_INT(delivered && dice(s, 5) == 0 ? 1 + dice(s, 5) : 0),
        DB_BOOL(true),
        DB_INT(1 + dice(s, 12)),
        DB_INT(o->submitted_at)};
    memcpy(v, row, sizeof row);
}

/* ── what belongs to the cases ── */

struct rows {
    struct db_value *v;
    size_t n;
};

static void put_marks(struct work *w, const struct one *o, struct rows *r) {
    const struct {
        int kind, n;
        day_t day;
        const char *rule;
    } marks[] = {{CLOCK_START, 0, o->received, "收到申请（条例第三十一条）"},
                 {CLOCK_SUSPEND, 0, o->received + 1, "征求意见期间，不计入（条例第三十三条第三款）"}};
    for (size_t i = 0; o->received != DAY_NONE && i < (o->suspended ? 2u : 1u); i++) {
        const struct db_value row[MARK_WIDTH] = {
            DB_INT(o->id), DB_INT(marks[i].kind),   day_value(w, marks[i].day), DB_NULL, DB_INT(marks[i].n),
            DB_INT(i),     DB_TEXTZ(marks[i].rule), DB_INT(o->submitted_at)};
        memcpy(r->v + MARK_WIDTH * r->n++, row, sizeof row);
    }
}

static const char *ask_of_state(const char *state) {
    return strcmp(state, "clarifying") == 0   ? "clarify"
           : strcmp(state, "consulting") == 0 ? "third"
           : strcmp(state, "reasons") == 0    ? "reasons"
           : strcmp(state, "fee") == 0        ? "fee"
                                              : NULL;
}

static void put_ask(struct work *w, struct seed *s, const struct one *o, const struct texts *t, struct rows *r) {
    const char *open = ask_of_state(o->state), *kind = open                                        ? open
                                                       : o->closed != DAY_NONE && dice(s, 12) == 0 ? pick(s, asks)
                                                                                                   : NULL;
    if (!kind || o->received == DAY_NONE)
        return;
    bool fee = strcmp(kind, "fee") == 0, others = strcmp(kind, "third") == 0 || strcmp(kind, "organ") == 0;
    const char *answer = fee ? "paid" : others ? dice(s, 3) ? "agree" : "refuse" : "given";
    day_t sent = o->received + 1, today = day_of(s->now);
    if (sent > today)
        sent = today;
    const struct db_value row[ASK_WIDTH] = {DB_INT(o->id),
                                            DB_TEXTZ(kind),
                                            DB_TEXT(others ? t->party : STR_NONE),
                                            DB_TEXT(t->ask),
                                            day_value(w, sent),
                                            day_value(w, sent),
                                            DB_INT(day_end(calendar_add_working(sent, 15))),
                                            DB_TEXTZ(open ? "open" : "answered"),
                                            DB_TEXTZ(open ? "" : answer),
                                            DB_TEXT(open ? STR_NONE : t->ask),
                                            open ? DB_NULL : day_value(w, o->closed),
                                            DB_INT(fee ? 10000 : 0),
                                            DB_TEXTZ(fee ? "piece" : ""),
                                            DB_INT(fee ? 11 : 0),
                                            DB_TEXT(STR_NONE)};
    memcpy(r->v + ASK_WIDTH * r->n++, row, sizeof row);
}

static void put_remedy(struct work *w, struct seed *s, const struct one *o, struct rows *r) {
    day_t today = day_of(s->now), filed = o->closed + 10 + (day_t)dice(s, 50), ended = filed + 60;
    if (o->closed == DAY_NONE || !o->outcome[0] || dice(s, 50))
        return;
    if (filed > today)
        filed = today;
    bool pending = ended > today;
    const struct db_value row[REMEDY_WIDTH] = {DB_INT(o->id),
                                               DB_INT(o->unit_id),
                                               DB_TEXTZ(pick(s, remedies)),
                                               DB_TEXT(S("南通市人民政府（演示数据）")),
                                               DB_TEXT(str_printf(w->arena, "演示第%lld号", (long long)o->k)),
                                               day_value(w, filed),
                                               DB_TEXTZ(pending ? "pending" : pick(s, results)),
                                               pending ? DB_NULL : day_value(w, ended),
                                               DB_TEXT(STR_NONE)};
    memcpy(r->v + REMEDY_WIDTH * r->n++, row, sizeof row);
}

static int put_belongings(struct work *w, struct seed *s, const struct one *list, size_t n, const struct texts *t) {
    struct rows m = {arena_many(w->arena, struct db_value, n * 2 * MARK_WIDTH), 0},
                a = {arena_many(w->arena, struct db_value, n * ASK_WIDTH), 0},
                y = {arena_many(w->arena, struct db_value, n * REMEDY_WIDTH), 0};
    for (size_t i = 0; i < n; i++) {
        if (list[i].closed == DAY_NONE)
            put_marks(w, &list[i], &m);
        put_ask(w, s, &list[i], t, &a);
        put_remedy(w, s, &list[i], &y);
    }
    return (m.n && db_exec_many(w, &sql_seed_mark, m.v, MARK_WIDTH, m.n) < 0) ||
                   (a.n && db_exec_many(w, &sql_seed_ask, a.v, ASK_WIDTH, a.n) < 0) ||
                   (y.n && db_exec_many(w, &sql_seed_remedy, y.v, REMEDY_WIDTH, y.n) < 0)
               ? -1
               : 0;
}

/* Each step of the course for all cases, then the next: in the log, a case's events lie among those of others. */
static int put_events(struct work *w, struct seed *s, const struct one *list, size_t n) {
    static const char *const course[][3] = {{"submitted", "", "submitted"},
                                            {"confirmed", "submitted", "registered"},
                                            {"taken", "registered", "working"},
                                            {"drafted", "working", "drafting"},
                                            {"reply_submitted", "drafting", "legal"},
                                            {"passed", "legal", "secrecy"},
                                            {"passed", "secrecy", "signing"},
                                            {"replied", "signing", "replied"},
                                            {"delivered", "replied", "delivered"},
                                            {"archived", "delivered", "archived"},
                                            {"read", "", ""}};
    struct event *e = arena_many(w->arena, struct event, n ? n : 1);
    int rc = 0;
    for (int64_t step = 0; step < s->each && rc == 0; step++) {
        const char *const *c = course[step < (int64_t)countof(course) ? step : (int64_t)countof(course) - 1];
        w->now = list[0].submitted_at + step * 2 * 86400000LL;
        if (w->now > s->now)
            w->now = s->now;
        for (size_t i = 0; i < n; i++)
            e[i] = (struct event){.room = "request",
                                  .verb = c[0],
                                  .subject_kind = "request",
                                  .subject_id = list[i].id,
                                  .unit_id = list[i].unit_id,
                                  .visibility = EVENT_RESTRICTED,
                                  .payload = c[1][0]   ? json_pack("{s:s, s:s}", "from", c[1], "to", c[2])
                                             : c[2][0] ? json_pack("{s:s, s:s, s:s}", "channel", list[i].channel,
                                                                   "applicant", list[i].applicant, "to", c[2])
                                                       : json_object()};
        rc = event_append_many(w, e, n);
        for (size_t i = 0; i < n; i++)
            json_decref(e[i].payload);
    }
    w->now = s->now;
    return rc;
}

/* 申请编号 of the year it came in. */
static int numbers(struct work *w, const struct one *list, size_t n, struct str *ret) {
    int year, last_year = 0, month, day;
    struct db_rows r;
    for (size_t i = 0; i < n; i++) {
        day_split(list[i].came, &year, &month, &day);
        if (year != last_year || i == 0) { /* as many as there could be: gaps do no harm */
            if (db_one(w, &sql_seed_numbers, &r, DB_INT(year), DB_INT(n)) != 1)
                return -1;
            last_year = year;
        }
        ret[i] = str_printf(w->arena, "%d-%06lld", year, (long long)(db_i(&r, 0, 0) - (int64_t)n + 1 + (int64_t)i));
    }
    return 0;
}

static int ids_of(struct work *w, struct one *list, size_t n, int64_t before) {
    struct db_rows r;
    if (db_query(w, &sql_seed_new_ids, &r, DB_INT(before), DB_INT(n + 1)) < 0)
        return -1;
    if (r.n != n)
        return fail(w, ERR_CONFLICT, "生成期间有别的申请写入，请停止服务后再生成");
    for (size_t i = 0; i < n; i++)
        list[i].id = db_i(&r, i, 0);
    return 0;
}

static int seed_batch(struct work *w, void *arg) {
    struct seed *s = arg;
    size_t n = (size_t)(s->to - s->from), slots = 128;
    struct one *list = arena_many(w->arena, struct one, n);
    struct counted *cache = arena_many(w->arena, struct counted, slots);
    struct db_value *v = arena_many(w->arena, struct db_value, n * REQUEST_WIDTH);
    struct str *number = arena_many(w->arena, struct str, n);
    struct texts t;
    struct db_rows last;
    memset(list, 0, n * sizeof *list);
    memset(cache, 0, slots * sizeof *cache);
    for (size_t i = 0; i < n; i++) {
        list[i].k = s->from + (int64_t)i;
        if (make_one(w, s, &list[i], cache, slots) < 0)
            return -1;
    }
    if (seal_texts(w, &t) < 0 || numbers(w, list, n, number) < 0 || db_one(w, &sql_seed_last_id, &last) != 1)
        return -1;
    for (size_t i = 0; i < n; i++)
        put_request(w, s, &list[i], &t, number[i], v + i * REQUEST_WIDTH);
    return db_exec_many(w, &sql_seed_request, v, REQUEST_WIDTH, n) < 0 || ids_of(w, list, n, db_i(&last, 0, 0)) < 0 ||
                   put_belongings(w, s, list, n, &t) < 0 || put_events(w, s, list, n) < 0
               ? -1
               : 0;
}

int seed_requests(struct app_config *c, int64_t n, int64_t each, uint64_t seed) {
    struct command_work cw;
    struct db_rows r;
    int rc = 0;
    if (command_open(c, &cw) < 0)
        return 1;
    struct seed s = {.all = n, .each = each, .now = cw.w.now};
    s.organs = db_query(&cw.w, &sql_seed_organs, &r) < 0 || !r.n ? NULL : db_json(&r);
    rc = s.organs ? 0 : 1;
    for (s.from = 0; s.from < n && rc == 0; s.from = s.to) {
        s.to = s.from + BATCH < n ? s.from + BATCH : n;
        s.dice = seed * 0x9E3779B97F4A7C15ULL + (uint64_t)s.from + 1;
        rc = command_transaction(&cw.w, seed_batch, &s);
        while (rc == 0 && ledger_sequence_once(&cw.w) > 0)
            ;
        arena_free(cw.w.arena); /* each batch in memory of its own */
        cw.w.arena = arena_new(1024u * 1024 * 1024);
        fprintf(stderr, "\r%lld of %lld", (long long)s.to, (long long)n);
    }
    json_decref(s.organs);
    command_close(&cw);
    fprintf(stderr, rc == 0 ? "\ndone\n" : "\nFAILED (is the database initialised?)\n");
    return rc;
}
