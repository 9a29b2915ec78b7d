/* main.c: the command line: one program, one table of commands. */
#include "app/app.h"

const struct command commands[] = {
    {"serve", cmd_serve, "serve [--dev]", "run the web server and the jobs of this node"},
    {"init", cmd_init, "init [--demo]",
     "make the database: units, calendars, catalogues, the plan; --demo adds demonstration accounts and data"},
    {"migrate", cmd_migrate, "migrate", "bring the schema up to date"},
    {"user", cmd_user, "user list | user unlock LOGIN | user password LOGIN", "accounts from the command line"},
    {"catalogue", cmd_catalogue,
     "catalogue import CODE FILE [--effective DAY] [--json] | catalogue export CODE [xlsx|csv] FILE",
     "the standard table in and out"},
    {"limits", cmd_limits, "limits [--json] [FILE]",
     "read time-limit phrases (one a line; default: of the catalogues shipped) and say how they are understood"},
    {"ledger", cmd_ledger,
     "ledger verify [--against FILE]… [--json] | ledger checkpoint | ledger prove SEQ [SIZE] | ledger witness | "
     "ledger head | ledger rotate [ed25519|sm2] | ledger erase EVENT --reason TEXT",
     "verify: recompute everything and name what was tampered with; checkpoint: the newest signed head; prove: an "
     "entry and its proof; witness: ask the configured witnesses now; rotate: a new signing key; erase: destroy the "
     "protected part of one event"},
    {"doctor", cmd_doctor, "doctor [--recompute] [--json]",
     "settings, schema, statements, counts, ledger, publications and stored files checked against each other; "
     "--recompute: also duties, alerts and the moments of supervision against a computation from nothing. Exit code 1 "
     "when something differs"},
    {"search", cmd_search, "search rebuild", "build this node's full-text index anew while reads go on"},
    {"moved", cmd_moved, "moved FILE",
     "addresses of an older site: old,new a line; the old ones then lead to the new ones"},
    {"message", cmd_message, "message mail ADDRESS | message sms NUMBER",
     "queue a message to try the settings of mail or SMS with"},
    {"config", cmd_config, "config [--json] | config check", "effective settings with unit and source"},
    {"report", cmd_report, "report annual --unit CODE|all --year YEAR [--html|--docx|--pdf FILE] [--json]",
     "the annual report on information disclosure with its identities checked; all: the city total. Exit code 1 when "
     "an "
     "identity fails"},
    {"openapi", cmd_openapi, "openapi", "the API description as JSON"},
    {"seed", cmd_seed, "seed [--disclosures N] [--requests N [--events-each N]] [--seed N]",
     "generated disclosures and applications, marked as demonstration data, for load tests"},
};
const size_t command_count = countof(commands);

static int usage(FILE *to) {
    fprintf(to, "usage: mingtang [--config FILE] COMMAND …\n\n");
    for (size_t i = 0; i < command_count; i++)
        fprintf(to, "  %s\n      %s\n", commands[i].usage, commands[i].help);
    return to == stdout ? 0 : 2;
}

static int run(const struct command *c, const char *file, int argc, char **argv) {
    struct app_config config;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0) {
            printf("usage: mingtang %s\n%s\n", c->usage, c->help);
            return 0;
        }
    if (config_load(&config, file) < 0)
        return 1;
    return c->run(&config, argc, argv);
}

int main(int argc, char **argv) {
    const char *file = NULL;
    int k = 1;
    /* The hidden helpers that read hostile files in a process of their own. */
    if (argc > 1 && strcmp(argv[1], "extract-text") == 0)
        return blob_extract_main(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "redact") == 0)
        return blob_redact_main(argc - 1, argv + 1);
    if (argc > 2 && strcmp(argv[1], "--config") == 0) {
        file = argv[2];
        k = 3;
    }
    if (k >= argc)
        return usage(stderr);
    if (strcmp(argv[k], "--help") == 0 || strcmp(argv[k], "help") == 0)
        return usage(stdout);
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(argv[k], commands[i].name) == 0)
            return run(&commands[i], file, argc - k, argv + k);
    fprintf(stderr, "mingtang: unknown command '%s'\n", argv[k]);
    return usage(stderr);
}
