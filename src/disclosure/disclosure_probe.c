/* disclosure_probe.c: after a withdrawal: does every address of every node answer with the tombstone, and how long did
 * it take? Asked over HTTP like anyone would, filed as an event.
 *
 * Whatever room makes publications reachable by a new kind of address adds its row below. */
#include "disclosure/disclosure_internal.h"
#include "job/job.h"
#include "net/net.h"

#define ROUND_MS 50
#define PATIENCE_MS 5000 /* then the attempt is filed as failed and the job tries again later */
#define NODES_MOST 64

#define BACKDATED_MS 60000 /* entered by a loader for a day gone by: there was no server then */

int probe_later(struct work *w, const struct disclosure *d) {
    if (!w->config || clock_now(&w->config->clock) - w->now > BACKDATED_MS)
        return 0;
    json_t *args = json_pack("{s:I, s:I, s:I}", "id", (json_int_t)d->id, "version", (json_int_t)d->public_version_id,
                             "at", (json_int_t)w->now);
    int rc = job_add(w, "withdrawal_probe", args, 0, STR_NONE);
    json_decref(args);
    return rc;
}

/* What an address must do: answer 410, or not name the matter any more. */
struct probe {
    struct str path;
    bool gone;
};
struct probes {
    struct probe *list;
    size_t n, room;
};
#define PROBES_FIXED 64 /* besides two for each attachment */

static void add(struct probes *p, bool gone, struct str path) {
    if (p->n == p->room)
        abort(); /* an address left out would be an address nobody checks */
    p->list[p->n++] = (struct probe){path, gone};
}

static int probes_make(struct work *w, const struct disclosure *d, int64_t version_id, struct probes *p) {
    struct arena *a = w->arena;
    struct db_rows r;
    struct version v;
    struct item item;
    int id = (int)d->public_id.n;
    const char *z = d->public_id.p;
    if (version_get(w, version_id, &v) < 0 || db_query(w, &sql_disclosure_attachments, &r, DB_INT(version_id)) < 0)
        return -1;
    p->room = PROBES_FIXED + 2 * r.n;
    p->list = arena_many(a, struct probe, p->room);
    add(p, true, str_printf(a, "/disclosures/%.*s", id, z));
    static const char *const forms[] = {"print", "package.zip", "document.pdf", "document.docx"};
    for (size_t i = 0; i < countof(forms); i++)
        add(p, true, str_printf(a, "/disclosures/%.*s/%s", id, z, forms[i]));
    add(p, true, str_printf(a, "/api/v1/disclosures/%.*s", id, z));
    for (size_t i = 0; i < r.n; i++) {
        add(p, true, str_printf(a, "/attachments/%.*s/%lld", id, z, (long long)db_i(&r, i, 0)));
        add(p, true, str_printf(a, "/api/v1/attachments/%.*s/%lld", id, z, (long long)db_i(&r, i, 0)));
    }
    add(p, false, S("/"));
    add(p, false, S("/disclosures"));
    add(p, false, S("/api/v1/disclosures"));
    add(p, false, str_printf(a, "/units/%.*s", STR_ARG(d->unit_code)));
    add(p, false, str_printf(a, "/search?q=%.*s", STR_ARG(str_percent(a, utf8_head(v.title, 60)))));
    add(p, false, str_printf(a, "/api/v1/search?q=%.*s", STR_ARG(str_percent(a, utf8_head(v.title, 60)))));
    struct str q = str_percent(a, utf8_head(v.title, 60));
    static const char *const found[] = {"/search.atom?q=", "/search/export?q=", "/api/v1/search/suggest?q="};
    for (size_t i = 0; i < countof(found); i++)
        add(p, false, str_printf(a, "%s%.*s", found[i], STR_ARG(q)));
    static const char *const lists[] = {
        "/info",          "/columns/policies", "/columns/interpretations", "/columns/consultations", "/columns/guides",
        "/columns/rules", "/columns/reports",  "/columns/profiles",        "/columns/villages"};
    for (size_t i = 0; i < countof(lists); i++)
        add(p, false, str_z(lists[i]));
    add(p, false, str_printf(a, "/sitemaps/%lld.xml", (long long)((d->id - 1) / DISCLOSURE_PART_IDS)));
    if (d->five.n)
        add(p, false, str_printf(a, "/five/%.*s", STR_ARG(d->five)));
    if (d->field_id)
        add(p, false, str_printf(a, "/fields/%02lld", (long long)d->field_id));
    if (d->item_id && item_in_force(w, d->item_id, work_today(w), &item) == 1)
        add(p, false, str_printf(a, "/items/%.*s", STR_ARG(item.code)));
    return 0;
}

/* Does the answer still name the matter? */
static bool names(struct arena *a, struct str body, struct str public_id) {
    return str_find(body, str_printf(a, "/disclosures/%.*s", STR_ARG(public_id))) >= 0 ||
           str_find(body, str_printf(a, "\"public_id\": \"%.*s\"", STR_ARG(public_id))) >= 0;
}

/* Is the address as it should be? 1, 0, or -1: nobody answered. */
static int ask(struct work *w, struct str node, const struct probe *p, struct str public_id) {
    struct net_answer answer;
    struct work one = *w;
    one.arena = arena_new(LIMIT_ARENA_BYTES);
    error_clear(&one);
    struct net_request q = {.url = str_printf(one.arena, "%.*s%.*s", STR_ARG(node), STR_ARG(p->path)).p,
                            .timeout_ms = 3000,
                            .max = 16u * 1024 * 1024};
    int ok = net_ask(&one, &q, &answer) < 0 ? -1
             : p->gone                      ? answer.status == 410
             : answer.status == 404         ? str_starts(p->path, S("/sitemaps/")) /* nothing is left in that part */
                                            : answer.status == 200 && !names(one.arena, answer.body, public_id);
    arena_free(one.arena);
    return ok;
}

static size_t nodes_split(struct work *w, struct str nodes[NODES_MOST]) {
    struct str rest = str_z(w->config->probe_addresses), head;
    size_t n = 0;
    while ((rest = str_trim(rest)).n && n < NODES_MOST) {
        if (!str_cut(rest, ' ', &head, &rest)) {
            head = rest;
            rest = STR_NONE;
        }
        nodes[n++] = str_ends(head, S("/")) ? str_sub(head, 0, head.n - 1) : head;
    }
    return n;
}

static int file_result(struct work *w, const struct disclosure *d, int64_t ms, size_t checks, size_t nodes,
                       json_t *late) {
    bool all = json_array_size(late) == 0;
    json_t *payload = json_pack("{s:I, s:I, s:I, s:b, s:O}", "milliseconds", (json_int_t)ms, "addresses",
                                (json_int_t)checks, "nodes", (json_int_t)nodes, "all", all, "late", late);
    if (db_begin(w) < 0) {
        json_decref(payload);
        return -1;
    }
    if (disclosure_event(w, d, "withdrawal_checked", EVENT_INTERNAL, payload, NULL) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

struct pending {
    bool *done;
    size_t left;
};

/* false: nobody answered any more (the nodes are being stopped). */
static bool one_round(struct work *w, struct pending *t, const struct str *nodes, size_t n, const struct probes *p,
                      struct str public_id) {
    size_t asked = 0, silent = 0;
    for (size_t i = 0; i < n * p->n; i++) {
        if (t->done[i])
            continue;
        int got = ask(w, nodes[i / p->n], &p->list[i % p->n], public_id);
        asked++;
        silent += got < 0;
        if (got > 0) {
            t->done[i] = true;
            t->left--;
        }
    }
    return silent < asked || asked == 0;
}

static json_t *late_json(const struct pending *t, const struct str *nodes, size_t n, const struct probes *p) {
    json_t *late = json_array();
    for (size_t i = 0; i < n * p->n && json_array_size(late) < 50; i++)
        if (!t->done[i])
            json_array_append_new(late,
                                  json_sprintf("%.*s%.*s", STR_ARG(nodes[i / p->n]), STR_ARG(p->list[i % p->n].path)));
    return late;
}

int disclosure_probe(struct work *w, json_t *args) {
    struct disclosure d;
    struct str nodes[NODES_MOST];
    struct probes probes = {0}, *p = &probes;
    struct pending pending = {0}, *t = &pending;
    int64_t at = json_integer_value(json_object_get(args, "at")),
            version = json_integer_value(json_object_get(args, "version"));
    uint64_t begin = clock_mono_ns();
    if (disclosure_get(w, json_integer_value(json_object_get(args, "id")), &d) < 0)
        return -1;
    size_t n = nodes_split(w, nodes);
    if (n == 0 || d.public_version_id) /* no server to ask (a command), or public again meanwhile */
        return 0;
    if (probes_make(w, &d, version, p) < 0)
        return -1;
    int64_t before = w->now > at ? w->now - at : 0, ms = 0;
    t->left = n * p->n;
    t->done = arena_many(w->arena, bool, t->left);
    do {
        if (!one_round(w, t, nodes, n, p, d.public_id))
            return fail(w, ERR_BUSY, "没有节点应答，稍后再核查撤回是否处处生效");
        ms = (int64_t)((clock_mono_ns() - begin) / 1000000);
        if (t->left && ms < PATIENCE_MS)
            nanosleep(&(struct timespec){0, ROUND_MS * 1000000L}, NULL);
    } while (t->left && ms < PATIENCE_MS);
    json_t *late = late_json(t, nodes, n, p);
    int rc = file_result(w, &d, before + ms, n * p->n, n, late);
    json_decref(late);
    return rc == 0 && t->left ? fail(w, ERR_CONFLICT, "撤回后仍有 %zu 个地址可以看到原内容", t->left) : rc;
}
