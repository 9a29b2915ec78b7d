/* app.h: what the files of app/ share: configuration, commands, wiring. Nothing includes this room. */
#ifndef MINGTANG_APP_H
#define MINGTANG_APP_H
#include "auth/auth.h"
#include "base/base.h"
#include "blob/blob.h"
#include "calendar/calendar.h"
#include "catalogue/catalogue.h"
#include "db/db.h"
#include "desk/desk.h"
#include "disclosure/disclosure.h"
#include "duty/duty.h"
#include "flow/flow.h"
#include "http/http.h"
#include "job/job.h"
#include "ledger/ledger.h"
#include "letter/letter.h"
#include "notify/notify.h"
#include "org/org.h"
#include "paper/paper.h"
#include "portal/portal.h"
#include "proof/proof.h"
#include "replay/replay.h"
#include "report/report.h"
#include "request/request.h"
#include "search/search.h"
#include "supervision/supervision.h"
#include "view/view.h"

/* Reads defaults, the file (NULL: ./mingtang.conf when present), then MINGTANG_<KEY>. 0, or -1 after saying
 * file, line and reason on stderr. Strings live as long as the process. */
int config_load(struct app_config *c, const char *file);
void config_print(const struct app_config *c, bool json);
/* Loads secret_file, making it (0600) on first start. */
int config_secret(struct app_config *c);

struct command {
    const char *name;
    int (*run)(struct app_config *c, int argc, char **argv); /* exit code: 0, 1 refused, 2 usage */
    const char *usage, *help;                                /* English: operators' tools */
};
extern const struct command commands[];
extern const size_t command_count;

/* Opens the database and a unit of work for a command; the actor is the system. 0 or -1 after saying why. */
struct command_work {
    struct db_pool *pool;
    struct work w;
};
int command_open(struct app_config *c, struct command_work *cw);
void command_close(struct command_work *cw);
/* One transaction around fn; prints the error on failure. */
int command_transaction(struct work *w, int (*fn)(struct work *w, void *arg), void *arg);
int command_error(struct work *w); /* prints w->error, returns 1 */

/* Wiring (wiring.c). */
extern const struct job_kind app_jobs[];
extern const size_t app_job_count;
extern const struct http_hooks app_hooks;
void app_modules(void); /* hooks between rooms: catalogue → duty */
int app_routes(const struct route *const **ret_tables, const size_t **ret_counts, size_t *ret_n);
void app_describe(struct http_server *s); /* what /api/v1/openapi.json tells of */
int app_migrate(struct db_pool *pool, int64_t now);
int app_load_defaults(const struct app_config *c);  /* data/limits.json and the like, before anything parses a limit */
json_t *app_data(struct work *w, const char *name); /* a JSON asset; NULL after w->error */

uint64_t seed_next(uint64_t *state); /* generated numbers of the seed commands: for texts, not for secrets */
/* seed_requests.c: n applications with so many events each. Exit code. */
int seed_requests(struct app_config *c, int64_t n, int64_t each, uint64_t seed);

int app_supervision_rules(struct work *w, void *later); /* data/rules.json: those not there yet; later: non-NULL */
int init_data(struct work *w, bool demo); /* init.c: units, calendars, catalogues, the plan; demonstration data */
int demo_load(struct work *w);            /* demo.c */
bool demo_present(struct work *w);
int demo_become(struct work *w, struct str login); /* acts as this demonstration account */
/* So many working days before `now`, at 9:00 plus minutes, never after it. */
int64_t demo_instant(struct work *w, int64_t now, int working_days, int minutes);
int demo_requests_load(struct work *w); /* demo_requests.c: applications for information */

/* ledger_command.c */
void ledger_sequence_all(struct work *w);
int ledger_verify_all(struct work *w, const struct str *against, size_t n,
                      struct ledger_report *r); /* 0 verified, 1 findings, -1 */
void ledger_print_findings(const struct ledger_report *r);

int cmd_serve(struct app_config *c, int argc, char **argv);
int cmd_init(struct app_config *c, int argc, char **argv);
int cmd_migrate(struct app_config *c, int argc, char **argv);
int cmd_user(struct app_config *c, int argc, char **argv);
int cmd_catalogue(struct app_config *c, int argc, char **argv);
int cmd_ledger(struct app_config *c, int argc, char **argv);
int cmd_doctor(struct app_config *c, int argc, char **argv);
int cmd_config(struct app_config *c, int argc, char **argv);
int cmd_limits(struct app_config *c, int argc, char **argv);
int cmd_seed(struct app_config *c, int argc, char **argv);
int cmd_moved(struct app_config *c, int argc, char **argv);
int cmd_message(struct app_config *c, int argc, char **argv);
int cmd_search(struct app_config *c, int argc, char **argv);
int cmd_openapi(struct app_config *c, int argc, char **argv);
int cmd_report(struct app_config *c, int argc, char **argv);
#endif
