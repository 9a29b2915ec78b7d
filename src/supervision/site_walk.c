/* site_walk.c: the walk over what is public: its links and attachments are asked of the site itself, at its own
 * address, as anyone would; addresses of other sites only where the operator allows it.
 *
 * A job takes some publications in order of their ids, those with open findings first; when it has come to the end it
 * begins anew. Nothing is in a transaction while the net is asked. */
#include "net/net.h"
#include "supervision/supervision_internal.h"

#define BATCH 20 /* publications a job takes in their order */
#define AGAIN 5  /* and those whose findings were asked for longest ago */
#define AGAIN_MS (30LL * 60 * 1000)
#define LINKS_MOST 100 /* of one publication */
#define OWN_MS 10000
#define OUTSIDE_MS 15000

struct page {
    int64_t id, unit_id, version_id;
    struct str public_id, title, body, path;
};
struct address {
    struct str text;  /* as it stands */
    const char *kind; /* link, attachment */
    bool outside;
};
struct addresses {
    struct address list[LINKS_MOST];
    size_t n;
};
struct answer {
    bool failed;
    struct str status, detail;
};

int site_state_get(struct work *w, const char *name, int64_t *ret) {
    struct db_rows r;
    *ret = 0;
    int n = db_one(w, &sql_site_state_get, &r, DB_TEXTZ(name));
    if (n == 1)
        *ret = db_i(&r, 0, 0);
    return n < 0 ? -1 : 0;
}

int site_state_set(struct work *w, const char *name, int64_t value) {
    return db_exec(w, &sql_site_state_set, DB_TEXTZ(name), DB_INT(value)) < 0 ? -1 : 0;
}

struct str site_own(struct work *w) {
    struct str all = str_trim(str_z(w->config->probe_addresses)), first = all, rest;
    if (str_cut(all, ' ', &first, &rest))
        all = first;
    return str_ends(all, S("/")) ? str_sub(all, 0, all.n - 1) : all;
}

/* ── what a body links to ── */

static struct str unescape(struct arena *a, struct str s) {
    s = str_replace(a, s, S("&quot;"), S("\""));
    s = str_replace(a, s, S("&#39;"), S("'"));
    return str_replace(a, s, S("&amp;"), S("&"));
}

static void add(struct work *w, struct addresses *l, struct str text, const char *kind) {
    struct str base = str_z(w->config->base_url), bare, fragment;
    text = str_trim(unescape(w->arena, text));
    if (str_cut(text, '#', &bare, &fragment))
        text = bare;
    if (base.n && str_starts(text, base) && (text.n == base.n || text.p[base.n] == '/'))
        text = text.n == base.n ? S("/") : str_sub(text, base.n, text.n);
    bool inside = str_starts(text, S("/")) && !str_starts(text, S("//"));
    bool outside = str_starts(text, S("http://")) || str_starts(text, S("https://"));
    if ((!inside && !outside) || l->n == LINKS_MOST)
        return;
    if (inside && str_starts(text, S("/attachments/")))
        kind = "attachment";
    for (size_t i = 0; i < l->n; i++)
        if (str_eq(l->list[i].text, text))
            return;
    l->list[l->n++] = (struct address){text, kind, outside};
}

static void of_attribute(struct work *w, struct addresses *l, struct str html, struct str mark) {
    struct str rest = html, value, after;
    for (ptrdiff_t at; (at = str_find(rest, mark)) >= 0; rest = after) {
        rest = str_sub(rest, (size_t)at + mark.n, rest.n);
        if (!str_cut(rest, '"', &value, &after))
            return;
        add(w, l, value, "link");
    }
}

static int addresses_of(struct work *w, const struct page *p, struct addresses *l) {
    struct db_rows r;
    if (db_query(w, &sql_site_attachments, &r, DB_INT(p->version_id)) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        add(w, l, str_printf(w->arena, "/attachments/%.*s/%lld", STR_ARG(p->public_id), (long long)db_i(&r, i, 0)),
            "attachment");
    of_attribute(w, l, p->body, S(" href=\""));
    of_attribute(w, l, p->body, S(" src=\""));
    return 0;
}

/* ── asking ── */

static bool inner_network(struct str url) {
    static const char *const hosts[] = {"localhost", "127.", "10.", "192.168.", "0.", "[", "169.254."};
    ptrdiff_t at = str_find(url, S("://"));
    struct str host = at < 0 ? url : str_sub(url, (size_t)at + 3, url.n);
    for (size_t i = 0; i < countof(hosts); i++)
        if (str_starts(host, str_z(hosts[i])))
            return true;
    return false;
}

/* Whoever turns programs away or is busy has not been found dead. */
static bool is_dead(int status, bool outside) {
    if (outside)
        return status == 404 || status == 410 || status >= 500;
    return status >= 400 && status != 429;
}

/* 0, or -1: this site does not answer at all, which is no finding of a link. */
static int ask(struct work *w, struct str own, const struct address *x, struct answer *ret) {
    struct net_answer got;
    struct work one = *w;
    *ret = (struct answer){0};
    if (x->outside && inner_network(x->text)) {
        *ret = (struct answer){true, S("inner"), S("指向内部网络，公众打不开")};
        return 0;
    }
    one.arena = arena_new(LIMIT_ARENA_BYTES);
    error_clear(&one);
    struct str url = x->outside ? x->text : str_printf(one.arena, "%.*s%.*s", STR_ARG(own), STR_ARG(x->text));
    struct net_request q = {.url = str_dupz(one.arena, str_replace(one.arena, url, S(" "), S("%20"))),
                            .method = "HEAD",
                            .timeout_ms = x->outside ? OUTSIDE_MS : OWN_MS,
                            .max = 64 * 1024};
    int rc = net_ask(&one, &q, &got);
    arena_free(one.arena);
    if (rc < 0 && !x->outside)
        return -1;
    if (rc < 0)
        *ret = (struct answer){true, S("none"), S("没有应答")};
    else if (is_dead(got.status, x->outside))
        *ret = (struct answer){true, str_printf(w->arena, "%d", got.status),
                               str_printf(w->arena, "打不开，应答 %d", got.status)};
    return 0;
}

/* ── the page as it is served: links that leave without asking, tags ── */

static struct str host_name(struct str url) {
    struct str s = str_starts(url, S("//")) ? str_sub(url, 2, url.n) : url;
    ptrdiff_t at = str_find(s, S("://"));
    size_t n = 0;
    s = at < 0 ? s : str_sub(s, (size_t)at + 3, s.n);
    while (n < s.n && !strchr("/?#:\\", s.p[n]))
        n++;
    return str_sub(s, 0, n);
}

static bool stays(struct work *w, struct str url) {
    struct str host = host_name(url), own = host_name(str_z(w->config->base_url));
    for (size_t i = host.n; i-- > 0;)
        if (host.p[i] == '@') /* what stands before is a name, not a host */
            return false;
    return str_eq(host, own) || str_is(host, "gov.cn") || str_ends(host, S(".gov.cn"));
}

/* The first address of another site that is left for without the question; empty: none. Only links of a person: what
 * the page loads is not one. */
struct str site_unguarded(struct work *w, struct str html) {
    struct str rest = html, mark = S("<a "), tag, after, value, tail;
    for (ptrdiff_t at; (at = str_find(rest, mark)) >= 0; rest = after) {
        rest = str_sub(rest, (size_t)at + mark.n, rest.n);
        if (!str_cut(rest, '>', &tag, &after))
            break;
        ptrdiff_t href = str_find(tag, S("href=\""));
        if (href < 0 || !str_cut(str_sub(tag, (size_t)href + 6, tag.n), '"', &value, &tail))
            continue;
        value = unescape(w->arena, value);
        bool leaves = str_starts(value, S("http://")) || str_starts(value, S("https://")) || str_starts(value, S("//"));
        if (leaves && !stays(w, value) && str_find(tag, S("data-asks")) < 0)
            return value;
    }
    return STR_NONE;
}

/* The page's HTML; no bytes when it could not be read. status: 0 nobody answered. */
struct str site_page(struct work *w, struct str path, int *ret_status) {
    struct net_answer got = {0};
    struct net_request q = {.url = str_printf(w->arena, "%.*s%.*s", STR_ARG(site_own(w)), STR_ARG(path)).p,
                            .timeout_ms = OWN_MS,
                            .max = 16u * 1024 * 1024};
    int rc = net_ask(w, &q, &got);
    error_clear(w);
    *ret_status = rc < 0 ? 0 : got.status;
    return rc < 0 || got.status != 200 ? STR_NONE : got.body;
}

static struct finding finding_of(const struct page *p, const char *kind, struct str address, struct str status,
                                 struct str detail) {
    return (struct finding){.disclosure_id = p->id,
                            .unit_id = p->unit_id,
                            .kind = str_z(kind),
                            .page = p->path,
                            .title = p->title,
                            .address = address,
                            .status = status,
                            .detail = detail};
}

/* What is wrong with a publication: at most LINKS_MOST + 3. Count, or -1: the site does not answer. */
static int look_at(struct work *w, const struct page *p, struct finding *found) {
    struct addresses l = {.n = 0};
    struct str own = site_own(w);
    struct answer a;
    int n = 0, status;
    if (addresses_of(w, p, &l) < 0)
        return -1;
    for (size_t i = 0; i < l.n; i++) {
        if (l.list[i].outside && (!w->config->site_check_outside || stays(w, l.list[i].text)))
            continue;
        if (ask(w, own, &l.list[i], &a) < 0)
            return -1;
        if (a.failed)
            found[n++] = finding_of(p, l.list[i].kind, l.list[i].text, a.status, a.detail);
    }
    struct str html = site_page(w, p->path, &status);
    if (!status)
        return -1;
    struct str leaves = html.n ? site_unguarded(w, html) : STR_NONE,
               tags = html.n ? site_tags(w, html, TAGS_CONTENT) : STR_NONE;
    if (leaves.n)
        found[n++] = finding_of(p, "outside", leaves, S("unguarded"), S("离开政府网站的链接没有提示"));
    if (tags.n)
        found[n++] = finding_of(p, "meta", p->path, S("missing"), str_printf(w->arena, "缺少标签 %.*s", STR_ARG(tags)));
    return n;
}

/* ── the walk ── */

static int keep(struct work *w, const struct page *p, const struct finding *found, int n) {
    struct look seen = {.n = 0};
    if (db_begin(w) < 0)
        return -1;
    for (int i = 0; i < n; i++)
        if (finding_failed(w, &found[i], &seen) < 0) {
            db_rollback(w);
            return -1;
        }
    if (finding_settle(w, p->id, p->path, &seen) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

/* 1 looked at, 0 the site does not answer, -1. */
static int one(struct work *w, const struct db_rows *r, size_t i) {
    struct arena *before = w->arena;
    w->arena = arena_new(LIMIT_ARENA_BYTES);
    struct page p = {.id = db_i(r, i, 0),
                     .unit_id = db_i(r, i, 1),
                     .version_id = db_i(r, i, 2),
                     .public_id = db_s(r, i, 3),
                     .title = db_s(r, i, 4),
                     .body = db_s(r, i, 5)};
    struct finding *found = arena_many(w->arena, struct finding, LINKS_MOST + 3);
    p.path = str_printf(w->arena, "/disclosures/%.*s", STR_ARG(p.public_id));
    int n = look_at(w, &p, found);
    int rc = n < 0 ? (w->error.code ? -1 : 0) : keep(w, &p, found, n) < 0 ? -1 : 1;
    arena_free(w->arena);
    w->arena = before;
    return rc;
}

/* What is public no more has nothing that could be mended: its findings are over. */
static int over(struct work *w) {
    struct look none = {.n = 0};
    struct db_rows r;
    if (db_query(w, &sql_site_finding_orphans, &r) < 0 || db_begin(w) < 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        if (finding_settle(w, db_i(&r, i, 0), db_s(&r, i, 1), &none) < 0) {
            db_rollback(w);
            return -1;
        }
    return db_commit(w);
}

static int step_on(struct work *w, int64_t after, bool end) {
    if (db_begin(w) < 0)
        return -1;
    if (site_state_set(w, "after", end ? 0 : after) < 0 || (end && site_state_set(w, "walked", w->now) < 0)) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

int supervision_site_walk(struct work *w, json_t *args) {
    struct db_rows again, r;
    int64_t after;
    int rc = 1;
    (void)args;
    if (!site_own(w).n)
        return 0;
    if (site_state_get(w, "after", &after) < 0 || over(w) < 0 ||
        db_query(w, &sql_site_walk_again, &again, DB_INT(w->now - AGAIN_MS), DB_INT(AGAIN)) < 0 ||
        db_query(w, &sql_site_walk, &r, DB_INT(after), DB_INT(BATCH)) < 0)
        return -1;
    for (size_t i = 0; rc == 1 && i < again.n; i++)
        rc = one(w, &again, i);
    for (size_t i = 0; rc == 1 && i < r.n; i++) {
        rc = one(w, &r, i);
        after = rc == 1 ? db_i(&r, i, 0) : after;
    }
    if (rc < 0)
        return -1;
    return step_on(w, after, rc == 1 && r.n < BATCH);
}
