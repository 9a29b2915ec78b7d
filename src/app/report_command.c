/* report_command.c: mingtang report annual: the annual report from the command line, for files and for programs. */
#include "app/app.h"
#include <errno.h>

struct asked {
    struct report_asked report;
    const char *file;
    bool json;
};

static int option(struct asked *a, const char *name, const char *value) {
    int64_t year;
    if (strcmp(name, "--unit") == 0) {
        a->report.unit = str_z(value);
        return 0;
    }
    if (strcmp(name, "--year") == 0) {
        if (str_int(str_z(value), &year) < 0 || year < 1 || year > 9999)
            return -1;
        a->report.year = (int)year;
        return 0;
    }
    if (strcmp(name, "--html") != 0 && strcmp(name, "--docx") != 0 && strcmp(name, "--pdf") != 0)
        return -1;
    if (a->file)
        return -1;
    a->report.form = name + 2;
    a->file = value;
    return 0;
}

static int read_options(struct asked *a, int argc, char **argv) {
    if (argc < 2 || strcmp(argv[1], "annual") != 0)
        return -1;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            a->json = true;
            continue;
        }
        if (i + 1 == argc || option(a, argv[i], argv[i + 1]) < 0)
            return -1;
        i++;
    }
    return a->report.unit.n && a->report.year ? 0 : -1;
}

static int write_file(const char *path, struct str bytes) {
    FILE *f = fopen(path, "we");
    bool good = f && fwrite(bytes.p, 1, bytes.n, f) == bytes.n;
    if (f && fclose(f) != 0)
        good = false;
    if (!good)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return good ? 0 : -1;
}

static const char *text(const json_t *o, const char *key) {
    return json_string_value(json_object_get(o, key));
}

static long long number(const json_t *o, const char *key) {
    return (long long)json_integer_value(json_object_get(o, key));
}

/* For people: each identity on a line, what fails with both sides. */
static void print_checks(const json_t *report) {
    json_t *check, *line;
    size_t i, k;
    printf("%s\n", text(report, "title"));
    json_array_foreach(json_object_get(report, "checks"), i, check) {
        printf("%lld %s：%s\n", number(check, "number"), text(check, "name"), text(check, "result"));
        json_array_foreach(json_object_get(check, "lines"), k, line) if (!json_is_true(json_object_get(line, "ok")))
            printf("    %s：%lld ≠ %lld\n", text(line, "label"), number(line, "left"), number(line, "right"));
    }
}

int cmd_report(struct app_config *c, int argc, char **argv) {
    struct command_work cw;
    struct asked a = {0};
    if (read_options(&a, argc, argv) < 0)
        return 2;
    if (command_open(c, &cw) < 0)
        return 1;
    int rc = report_annual(&cw.w, &a.report) < 0 ? command_error(&cw.w) : 0;
    if (rc == 0 && a.file && write_file(a.file, a.report.bytes) < 0)
        rc = 1;
    if (a.report.json && a.json) {
        json_dumpf(a.report.json, stdout, JSON_INDENT(1));
        putchar('\n');
    } else if (a.report.json)
        print_checks(a.report.json);
    json_decref(a.report.json);
    command_close(&cw);
    return rc ? rc : a.report.sound ? 0 : 1;
}
