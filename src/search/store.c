/* store.c: the index file: its schema, one document in or out.
 *
 * doc holds what is shown and what the two full-text tables index by its rowid; ft is everything, ft_title only titles
 * and numbers. mark is the narrow row that counting and ranking read. A filter is a token of the column meta: the
 * number of its facet and value in `term`. A rowid is the minute of publication times ROW_SLOTS and what follows: so
 * "newest first" is descending rowid, also for what is entered later for an earlier day. */
#include "search/search_internal.h"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS doc (rowid INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,"
    " subject INTEGER NOT NULL, published_at INTEGER NOT NULL, title TEXT NOT NULL, number TEXT NOT NULL,"
    " summary TEXT NOT NULL, body TEXT NOT NULL, files TEXT NOT NULL, meta TEXT NOT NULL, shown TEXT NOT NULL,"
    " about TEXT NOT NULL, UNIQUE (kind, subject)) STRICT;"
    "CREATE INDEX IF NOT EXISTS doc_time ON doc (published_at, rowid);"
    "CREATE INDEX IF NOT EXISTS doc_about ON doc (about) WHERE about <> '';"
    "CREATE TABLE IF NOT EXISTS file (doc INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,"
    " extension TEXT NOT NULL, pages INTEGER NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL,"
    " PRIMARY KEY (doc, position)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS mark (rowid INTEGER PRIMARY KEY, published_at INTEGER NOT NULL, weight INTEGER NOT "
    "NULL,"
    " facets BLOB NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS term (id INTEGER PRIMARY KEY, facet TEXT NOT NULL, value TEXT NOT NULL,"
    " UNIQUE (facet, value));"
    "CREATE VIRTUAL TABLE IF NOT EXISTS ft USING fts5(title, number, body, files, meta, content='doc',"
    " content_rowid='rowid', tokenize='han', prefix='1');"
    "CREATE VIRTUAL TABLE IF NOT EXISTS ft_title USING fts5(title, number, meta, content='doc', content_rowid='rowid',"
    " tokenize='han', prefix='1');";

enum store_sql {
    STATE_GET,
    STATE_SET,
    TERM_GET,
    TERM_ADD,
    DOC_FIND,
    DOC_ROWID,
    DOC_TAKEN,
    DOC_ADD,
    DOC_DROP,
    MARK_ADD,
    MARK_DROP,
    FILE_ADD,
    FILE_DROP,
    FT_ADD,
    FT_DROP,
    TITLE_ADD,
    TITLE_DROP,
};
static const char *const texts[] = {
    [STATE_GET] = "SELECT value FROM state WHERE key = ?1",
    [STATE_SET] = "INSERT INTO state VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
    [TERM_GET] = "SELECT id FROM term WHERE facet = ?1 AND value = ?2",
    [TERM_ADD] = "INSERT INTO term (facet, value) VALUES (?1, ?2)",
    [DOC_FIND] = "SELECT rowid FROM doc WHERE kind = ?1 AND subject = ?2",
    [DOC_ROWID] = "SELECT rowid FROM doc WHERE published_at <= ?1 ORDER BY published_at DESC, rowid DESC LIMIT 1",
    [DOC_TAKEN] = "SELECT 1 FROM doc WHERE rowid = ?1",
    [DOC_ADD] =
        "INSERT INTO doc (rowid, address, kind, subject, published_at, title, number, summary, body, files, meta,"
        " shown, about) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [DOC_DROP] = "DELETE FROM doc WHERE rowid = ?1",
    [MARK_ADD] = "INSERT INTO mark VALUES (?1, ?2, ?3, ?4)",
    [MARK_DROP] = "DELETE FROM mark WHERE rowid = ?1",
    [FILE_ADD] = "INSERT INTO file VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [FILE_DROP] = "DELETE FROM file WHERE doc = ?1",
    [FT_ADD] = "INSERT INTO ft (rowid, title, number, body, files, meta)"
               " SELECT rowid, title, number, body, files, meta FROM doc WHERE rowid = ?1",
    [FT_DROP] = "INSERT INTO ft (ft, rowid, title, number, body, files, meta)"
                " SELECT 'delete', rowid, title, number, body, files, meta FROM doc WHERE rowid = ?1",
    [TITLE_ADD] = "INSERT INTO ft_title (rowid, title, number, meta) SELECT rowid, title, number, meta FROM doc"
                  " WHERE rowid = ?1",
    [TITLE_DROP] = "INSERT INTO ft_title (ft_title, rowid, title, number, meta)"
                   " SELECT 'delete', rowid, title, number, meta FROM doc WHERE rowid = ?1",
};
_Static_assert(countof(texts) <= countof(((struct store *)NULL)->kept), "room for every statement");

/* ── the file ── */

static bool said(struct store *s, int rc, const char *what) {
    if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
        return true;
    s->corrupt |= (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
    log_line(LOG_ERROR, "search_store", "what=%s code=%d reason=\"%s\"", what, rc, s->db ? sqlite3_errmsg(s->db) : "");
    return false;
}

bool store_exec(struct store *s, const char *sql) {
    return said(s, sqlite3_exec(s->db, sql, NULL, NULL, NULL), "exec");
}

sqlite3_stmt *store_prepare(struct store *s, const char *sql) {
    sqlite3_stmt *st = NULL;
    return said(s, sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), "prepare") ? st : NULL;
}

int store_open(struct store *s, const char *path, bool writer) {
    static const char *const pragmas[] = {
        "PRAGMA query_only=ON; PRAGMA cache_size=-8192; PRAGMA mmap_size=17179869184; PRAGMA temp_store=MEMORY",
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;"
        "PRAGMA journal_size_limit=67108864"};
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (writer ? SQLITE_OPEN_CREATE : 0);
    memset(s, 0, sizeof *s);
    int rc = sqlite3_open_v2(path, &s->db, flags, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(s->db, 5000);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(s->db, pragmas[writer], NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = tokens_register(s->db);
    if (rc == SQLITE_OK && writer)
        rc = sqlite3_exec(s->db, schema, NULL, NULL, NULL);
    if (!said(s, rc, "open"))
        store_close(s);
    return rc;
}

/* Many documents at once: larger pieces are sorted in memory before they are merged on disk. */
bool store_bulk(struct store *s, bool on) {
    return store_exec(s, on ? "INSERT INTO ft (ft, rank) VALUES ('hashsize', 134217728), ('automerge', 16);"
                              "PRAGMA cache_size=-262144; PRAGMA synchronous=OFF"
                            : "INSERT INTO ft (ft, rank) VALUES ('hashsize', 1048576), ('automerge', 4);"
                              "PRAGMA cache_size=-65536; PRAGMA synchronous=NORMAL");
}

void store_close(struct store *s) {
    for (size_t i = 0; i < countof(s->kept); i++)
        sqlite3_finalize(s->kept[i]);
    memset(s->kept, 0, sizeof s->kept);
    sqlite3_close(s->db);
    s->db = NULL;
}

static sqlite3_stmt *kept(struct store *s, enum store_sql k) {
    if (!s->kept[k] &&
        !said(s, sqlite3_prepare_v3(s->db, texts[k], -1, SQLITE_PREPARE_PERSISTENT, &s->kept[k], NULL), "prepare"))
        return NULL;
    return s->kept[k];
}

static void bind_text(sqlite3_stmt *st, int i, struct str v) {
    sqlite3_bind_text64(st, i, v.p ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8);
}

/* One step of a statement that gives no row; resets it. */
static bool done(struct store *s, sqlite3_stmt *st, const char *what) {
    int rc = sqlite3_step(st);
    bool ok = said(s, rc, what);
    sqlite3_reset(st);
    return ok;
}

/* The first column of the first row, or `none`. */
static int64_t number(sqlite3_stmt *st, int64_t none) {
    int64_t n = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : none;
    sqlite3_reset(st);
    return n;
}

int64_t store_state(struct store *s, const char *key) {
    sqlite3_stmt *st = kept(s, STATE_GET);
    if (!st)
        return 0;
    bind_text(st, 1, str_z(key));
    return number(st, 0);
}

bool store_state_set(struct store *s, const char *key, int64_t value) {
    sqlite3_stmt *st = kept(s, STATE_SET);
    if (!st)
        return false;
    bind_text(st, 1, str_z(key));
    sqlite3_bind_int64(st, 2, value);
    return done(s, st, "state");
}

int64_t store_term(struct store *s, const char *facet, struct str value, bool make) {
    sqlite3_stmt *st = kept(s, TERM_GET);
    if (!st)
        return 0;
    bind_text(st, 1, str_z(facet));
    bind_text(st, 2, value);
    int64_t id = number(st, 0);
    if (id || !make || !(st = kept(s, TERM_ADD)))
        return id;
    bind_text(st, 1, str_z(facet));
    bind_text(st, 2, value);
    return done(s, st, "term") ? sqlite3_last_insert_rowid(s->db) : 0;
}

/* ── one document ── */

static bool with_row(struct store *s, enum store_sql k, int64_t row) {
    sqlite3_stmt *st = kept(s, k);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, row);
    return done(s, st, "row");
}

/* How many there are, for the rarity of words: kept, not counted. */
static bool count_by(struct store *s, int64_t change) {
    return store_state_set(s, "documents", store_state(s, "documents") + change);
}

static bool drop_row(struct store *s, int64_t row) {
    return count_by(s, -1) && with_row(s, FT_DROP, row) && with_row(s, TITLE_DROP, row) &&
           with_row(s, MARK_DROP, row) && with_row(s, FILE_DROP, row) && with_row(s, DOC_DROP, row);
}

bool store_remove(struct store *s, const char *kind, int64_t subject) {
    sqlite3_stmt *st = kept(s, DOC_FIND);
    if (!st)
        return false;
    bind_text(st, 1, str_z(kind));
    sqlite3_bind_int64(st, 2, subject);
    int64_t row = number(st, 0);
    return row == 0 || drop_row(s, row);
}

/* The place of a publication instant: after everything published before it. */
static int64_t new_row(struct store *s, int64_t published_at) {
    int64_t row = published_at / 60000 * ROW_SLOTS;
    sqlite3_stmt *st = kept(s, DOC_ROWID), *taken = kept(s, DOC_TAKEN);
    if (!st || !taken)
        return 0;
    sqlite3_bind_int64(st, 1, published_at);
    int64_t after = number(st, 0) + 1;
    if (after > row)
        row = after;
    for (;; row++) {
        sqlite3_bind_int64(taken, 1, row);
        if (number(taken, 0) == 0)
            return row;
    }
}

/* Without the sign that begins filters' tokens. */
static void add_clean(struct buf *b, struct str s) {
    for (ptrdiff_t at; (at = str_find(s, S("\xEE\x80\x80"))) >= 0; s = str_sub(s, (size_t)at + 3, s.n)) {
        buf_add(b, str_sub(s, 0, (size_t)at));
        buf_addc(b, ' ');
    }
    buf_add(b, s);
}

struct numbers {
    struct buf *meta;
    char own;
};

/* However much of the sign is typed. A document that lists hundreds of numbers is found by the first ones. */
static int add_number(void *ctx, const struct number *n) {
    const struct numbers *x = ctx;
    char token[40];
    for (int k = 1; k <= n->sign_n; k++) {
        number_token(n, x->own, k, token);
        buf_printf(x->meta, "\xEE\x80\x80%s ", token);
    }
    return x->meta->n > 16000;
}

static void add_numbers(const struct search_doc *d, struct buf *meta) {
    struct numbers own = {meta, 'o'}, named = {meta, 'n'};
    numbers_each(d->number, &own, add_number);
    numbers_each(d->title, &named, add_number);
    numbers_each(d->body, &named, add_number);
    for (size_t i = 0; i < d->file_count; i++)
        numbers_each(d->files[i].text, &named, add_number);
}

/* Filters' tokens into meta, their numbers into facets. */
static bool add_facets(struct store *s, const struct search_doc *d, struct buf *meta, struct buf *facets) {
    for (size_t i = 0; i < d->facet_count; i++) {
        uint32_t id = (uint32_t)store_term(s, d->facets[i].facet, d->facets[i].value, true);
        if (id == 0)
            return false;
        buf_printf(meta, "\xEE\x80\x80%u ", id);
        buf_add(facets, (struct str){(const char *)&id, sizeof id});
    }
    if (d->ended)
        buf_addz(meta, "\xEE\x80\x80x");
    return !meta->failed && !facets->failed;
}

static bool add_files(struct store *s, const struct search_doc *d, int64_t row, struct buf *files) {
    sqlite3_stmt *st = kept(s, FILE_ADD);
    bool ok = st != NULL;
    for (size_t i = 0; ok && i < d->file_count; i++) {
        const struct search_file *f = &d->files[i];
        size_t start = files->n;
        add_clean(files, f->text);
        sqlite3_bind_int64(st, 1, row);
        sqlite3_bind_int64(st, 2, f->position);
        bind_text(st, 3, f->name);
        bind_text(st, 4, f->extension);
        sqlite3_bind_int64(st, 5, f->pages);
        sqlite3_bind_int64(st, 6, (int64_t)start);
        sqlite3_bind_int64(st, 7, (int64_t)(files->n - start));
        ok = done(s, st, "file");
        buf_addz(files, "。\n");
    }
    return ok && !files->failed;
}

static bool add_doc(struct store *s, int64_t row, const char *kind, int64_t subject, const struct search_doc *d,
                    struct buf parts[6], const char *shown) {
    sqlite3_stmt *st = kept(s, DOC_ADD);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, row);
    bind_text(st, 2, d->address);
    bind_text(st, 3, str_z(kind));
    sqlite3_bind_int64(st, 4, subject);
    sqlite3_bind_int64(st, 5, d->published_at);
    bind_text(st, 6, buf_str(&parts[0]));
    bind_text(st, 7, d->number);
    bind_text(st, 8, d->summary);
    bind_text(st, 9, buf_str(&parts[1]));
    bind_text(st, 10, buf_str(&parts[2]));
    bind_text(st, 11, buf_str(&parts[3]));
    bind_text(st, 12, str_z(shown));
    bind_text(st, 13, d->about);
    if (!done(s, st, "doc"))
        return false;
    st = kept(s, MARK_ADD);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, row);
    sqlite3_bind_int64(st, 2, d->published_at);
    sqlite3_bind_int64(st, 3, d->weight);
    sqlite3_bind_blob64(st, 4, parts[4].n ? parts[4].p : "", parts[4].n, SQLITE_STATIC);
    return done(s, st, "mark") && count_by(s, 1) && with_row(s, FT_ADD, row) && with_row(s, TITLE_ADD, row);
}

bool store_put(struct store *s, const char *kind, int64_t subject, const struct search_doc *d) {
    struct buf parts[6]; /* title, body, files, meta, facets */
    for (size_t i = 0; i < countof(parts); i++)
        buf_init(&parts[i], 64u * 1024 * 1024);
    int64_t row = 0;
    char *shown = d->shown ? json_dumps(d->shown, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    bool ok = store_remove(s, kind, subject) && (row = new_row(s, d->published_at)) > 0;
    if (ok) {
        add_clean(&parts[0], d->title);
        /* Summary and keywords are found too, after the text; a break keeps phrases from running over. */
        add_clean(&parts[1], d->body);
        if (d->summary.n && str_find(d->body, d->summary) < 0) {
            buf_addz(&parts[1], "。\n");
            add_clean(&parts[1], d->summary);
        }
        if (d->keywords.n) {
            buf_addz(&parts[1], "。\n");
            add_clean(&parts[1], d->keywords);
        }
        ok = add_facets(s, d, &parts[3], &parts[4]);
        add_numbers(d, &parts[3]);
        ok = ok && add_files(s, d, row, &parts[2]) && !parts[1].failed &&
             add_doc(s, row, kind, subject, d, parts, shown ? shown : "{}");
    }
    free(shown);
    for (size_t i = 0; i < countof(parts); i++)
        buf_release(&parts[i]);
    return ok;
}
