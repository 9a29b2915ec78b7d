/* config.c: the table of settings: name, kind, default, unit, help. Help, check and manual come from it. */
#include "app/app.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum setting_kind { SET_TEXT, SET_INT, SET_BOOL, SET_INSTANT };
struct setting {
    const char *name;
    enum setting_kind kind;
    const char *standard, *unit, *help;
    size_t offset;
    int64_t min, max;
};
#define AT(member) offsetof(struct app_config, member)

static const struct setting settings[] = {
    {"listen", SET_TEXT, "127.0.0.1:8080", "ADDRESS:PORT", "where the server listens", AT(listen), 0, 0},
    {"database", SET_TEXT, "sqlite:var/mingtang.db", "sqlite:PATH or postgresql://…", "the main database", AT(database),
     0, 0},
    {"data_dir", SET_TEXT, "var", "path", "attachments, temporary files, keys", AT(data_dir), 0, 0},
    {"base_url", SET_TEXT, "http://127.0.0.1:8080", "address", "public address; https turns on Secure cookies and HSTS",
     AT(base_url), 0, 0},
    {"secret_file", SET_TEXT, "var/secret", "path",
     "32 random bytes, made on first start, readable by the service alone", AT(secret_file), 0, 0},
    {"clock", SET_INSTANT, "", "RFC 3339", "a fixed instant, for tests and demonstrations only", AT(clock), 0, 0},
    {"assets_dir", SET_TEXT, "", "path", "read templates, web bundle and data from this tree (same as serve --dev)",
     AT(assets_dir), 0, 0},
    {"workers", SET_INT, "8", "threads", "request workers", AT(workers), 1, 256},
    {"daemons", SET_INT, "0", "threads", "HTTP threads; 0: one per core", AT(daemons), 0, 64},
    {"db_pool", SET_INT, "10", "connections", "PostgreSQL connections of this node, or SQLite readers", AT(db_pool), 2,
     256},
    {"upload_max", SET_INT, "104857600", "bytes", "one attachment", AT(upload_max), 1024, LIMIT_UPLOAD_BYTES},
    {"session_idle_minutes", SET_INT, "30", "minutes",
     "signed out after so long without a request (GB/T 22239 8.1.4.1)", AT(session_idle_minutes), 1, 720},
    {"totp_required", SET_BOOL, "no", "yes/no", "staff must use a second factor", AT(totp_required), 0, 0},
    {"trusted_proxy", SET_BOOL, "no", "yes/no", "behind nginx or HAProxy: believe X-Forwarded-For", AT(trusted_proxy),
     0, 0},
    {"access_log", SET_BOOL, "yes", "yes/no", "one line a request on stderr, without query and names", AT(access_log),
     0, 0},
    {"cache", SET_BOOL, "yes", "yes/no", "page cache; off only to measure", AT(cache), 0, 0},
    {"ledger_origin", SET_TEXT, "", "address without scheme",
     "name of the ledger; empty: base_url/ledger at first start", AT(ledger_origin), 0, 0},
    {"ledger_key_file", SET_TEXT, "", "path",
     "Ed25519 signing key of the ledger, made on first start; empty: data_dir/ledger-key.pem", AT(ledger_key_file), 0,
     0},
    {"ledger_sm2_key_file", SET_TEXT, "", "path", "second signing key (SM2 with SM3); empty: none",
     AT(ledger_sm2_key_file), 0, 0},
    {"ledger_witnesses", SET_TEXT, "", "path", "file of witnesses, one a line: vkey and address; empty: none",
     AT(ledger_witnesses), 0, 0},
    {"probe_addresses", SET_TEXT, "", "addresses",
     "every node's address, blank-separated, asked after a withdrawal; empty: this node", AT(probe_addresses), 0, 0},
    {"site_check_outside", SET_BOOL, "no", "yes/no",
     "the site check also asks addresses of other sites (needs a way to the internet)", AT(site_check_outside), 0, 0},
    {"search_dir", SET_TEXT, "", "path", "this node's full-text index, on a disk of its own machine; empty: data_dir",
     AT(search_dir), 0, 0},
    {"rules_dir", SET_TEXT, "", "path",
     "own rule tables (foi.json, letters.json, remedies.json, messages.json, limits.json, watchlist.json) instead of "
     "those that ship",
     AT(rules_dir), 0, 0},
    {"ocr", SET_BOOL, "no", "yes/no", "recognise pictures and scans (packages tesseract-ocr, tesseract-ocr-chi-sim)",
     AT(ocr), 0, 0},
    {"smtp", SET_TEXT, "", "smtp://host:port", "mail server (or smtps://…); empty: no mail is sent or offered",
     AT(smtp), 0, 0},
    {"smtp_user", SET_TEXT, "", "text", "its account", AT(smtp_user), 0, 0},
    {"smtp_password_file", SET_TEXT, "", "path", "its password, one line, readable by the service alone",
     AT(smtp_password_file), 0, 0},
    {"mail_from", SET_TEXT, "", "e-mail address", "sender of all mail", AT(mail_from), 0, 0},
    {"sms_url", SET_TEXT, "", "address", "SMS gateway, with the places {to} {text} {user} {password}; empty: no SMS",
     AT(sms_url), 0, 0},
    {"sms_user", SET_TEXT, "", "text", "its account", AT(sms_user), 0, 0},
    {"sms_password_file", SET_TEXT, "", "path", "its password, one line, readable by the service alone",
     AT(sms_password_file), 0, 0},
    {"sms_accept", SET_TEXT, "^(0: Accepted|[03]: )", "PCRE2 pattern",
     "what the gateway answers when it took the message; the default is Kannel's", AT(sms_accept), 0, 0},
    {"quiet_hours", SET_TEXT, "21:00-08:00", "HH:MM-HH:MM", "SMS wait until their end (Asia/Shanghai); empty: none",
     AT(quiet_hours), 0, 0},
    {"seal_cipher", SET_TEXT, "aes-256-gcm", "aes-256-gcm or sm4-hmac-sm3",
     "cipher of personal data from now on; what is already sealed stays readable", AT(seal_cipher), 0, 0},
    {"theme", SET_TEXT, "blue", "blue or red", "colours of the portal: formal blue, formal red", AT(theme), 0, 0},
    {"site_undertaker", SET_TEXT, "", "text", "承办单位", AT(site_undertaker), 0, 0},
    {"site_ipv6", SET_BOOL, "no", "yes/no", "the site is reachable by IPv6: said in the footer", AT(site_ipv6), 0, 0},
    {"site_name", SET_TEXT, "如皋市政务公开", "text", "name of the site", AT(site_name), 0, 0},
    {"site_code", SET_TEXT, "", "10 digits", "政府网站标识码", AT(site_code), 0, 0},
    {"site_icp", SET_TEXT, "", "text", "ICP 备案号", AT(site_icp), 0, 0},
    {"site_police", SET_TEXT, "", "text", "公安机关备案号", AT(site_police), 0, 0},
    {"site_host_unit", SET_TEXT, "如皋市人民政府办公室", "text", "主办单位", AT(site_host_unit), 0, 0},
    {"site_contact", SET_TEXT, "", "text", "联系方式", AT(site_contact), 0, 0},
};

static const char *sources[countof(settings)]; /* "default", "FILE:LINE" or "MINGTANG_X" */

static void *slot(struct app_config *c, const struct setting *s) {
    return (char *)c + s->offset;
}

/* Reads RFC 3339 "2026-11-23T08:05:06+08:00"; seconds and zone are required. */
static int parse_instant(const char *text, int64_t *ret) {
    int64_t h, m, s;
    day_t d;
    struct str t = str_z(text);
    if (t.n != 25 || day_parse(str_sub(t, 0, 10), &d) < 0 || str_int(str_sub(t, 11, 2), &h) < 0 ||
        str_int(str_sub(t, 14, 2), &m) < 0 || str_int(str_sub(t, 17, 2), &s) < 0 ||
        !str_is(str_sub(t, 19, 6), "+08:00") || h > 23 || m > 59 || s > 59)
        return -1;
    *ret = day_start(d) + ((h * 60 + m) * 60 + s) * 1000;
    return 0;
}

/* Texts of a certain form: NULL, or what is expected. */
static const char *text_wrong(const struct setting *s, const char *value) {
    if (s->offset == AT(theme) && strcmp(value, "blue") != 0 && strcmp(value, "red") != 0)
        return "must be blue or red";
    if (s->offset == AT(seal_cipher) && !seal_cipher_ok(value))
        return "must be aes-256-gcm or sm4-hmac-sm3";
    if (s->offset == AT(sms_url) && !notify_sms_url_ok(value))
        return "must be an http or https address with {to} and {text}";
    if (s->offset == AT(sms_accept) && !notify_sms_accept_ok(value))
        return "must be a PCRE2 pattern";
    if (s->offset == AT(quiet_hours) && !notify_quiet_hours_ok(value))
        return "must look like 21:00-08:00, or be empty";
    return NULL;
}

static int set(struct app_config *c, size_t k, const char *value, const char *source) {
    const struct setting *s = &settings[k];
    int64_t n;
    switch (s->kind) {
    case SET_TEXT:
        if (text_wrong(s, value)) {
            fprintf(stderr, "%s: %s %s, not '%s'\n", source, s->name, text_wrong(s, value), value);
            return -1;
        }
        *(const char **)slot(c, s) = *value || s->offset != AT(assets_dir) ? strdup(value) : NULL;
        break;
    case SET_INT:
        if (str_int(str_z(value), &n) < 0 || n < s->min || n > s->max) {
            fprintf(stderr, "%s: %s must be a whole number from %lld to %lld (%s), not '%s'\n", source, s->name,
                    (long long)s->min, (long long)s->max, s->unit, value);
            return -1;
        }
        if (s->offset == AT(upload_max))
            *(int64_t *)slot(c, s) = n;
        else
            *(int *)slot(c, s) = (int)n;
        break;
    case SET_BOOL:
        if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0) {
            fprintf(stderr, "%s: %s must be yes or no, not '%s'\n", source, s->name, value);
            return -1;
        }
        *(bool *)slot(c, s) = value[0] == 'y';
        break;
    case SET_INSTANT:
        n = 0;
        if (*value && parse_instant(value, &n) < 0) {
            fprintf(stderr, "%s: %s must look like 2026-11-23T08:05:06+08:00, not '%s'\n", source, s->name, value);
            return -1;
        }
        c->clock.fixed_ms = n;
        break;
    }
    sources[k] = strdup(source);
    return 0;
}

static int find(struct str name) {
    for (size_t k = 0; k < countof(settings); k++)
        if (str_is(name, settings[k].name))
            return (int)k;
    return -1;
}

static int read_line(struct app_config *c, const char *file, int number, char *line) {
    char source[600];
    struct str key, value;
    snprintf(source, sizeof source, "%s:%d", file, number);
    line[strcspn(line, "\r\n")] = 0;
    struct str s = str_trim(str_z(line));
    if (s.n == 0 || s.p[0] == '#')
        return 0;
    if (!str_cut(s, '=', &key, &value)) {
        fprintf(stderr, "%s: expected key = value\n", source);
        return -1;
    }
    int k = find(str_trim(key));
    if (k < 0) {
        fprintf(stderr, "%s: unknown setting '%.*s'\n", source, STR_ARG(str_trim(key)));
        return -1;
    }
    value = str_trim(value);
    char text[2048];
    snprintf(text, sizeof text, "%.*s", STR_ARG(value));
    return set(c, (size_t)k, text, source);
}

static int read_file(struct app_config *c, const char *file, bool must) {
    FILE *f = fopen(file, "re");
    if (!f) {
        if (must || errno != ENOENT)
            fprintf(stderr, "%s: %s\n", file, strerror(errno));
        return must || errno != ENOENT ? -1 : 0;
    }
    char line[4096];
    int rc = 0, number = 0;
    while (fgets(line, sizeof line, f))
        if (read_line(c, file, ++number, line) < 0)
            rc = -1;
    fclose(f);
    return rc;
}

int config_load(struct app_config *c, const char *file) {
    *c = (struct app_config){0};
    int rc = 0;
    for (size_t k = 0; k < countof(settings); k++)
        rc |= set(c, k, settings[k].standard, "default");
    const char *from_env = getenv("MINGTANG_CONFIG");
    rc |= read_file(c, file ? file : from_env ? from_env : "mingtang.conf", file || from_env);
    for (size_t k = 0; k < countof(settings); k++) {
        char name[64] = "MINGTANG_";
        for (size_t i = 0; i < sizeof name - 10 && settings[k].name[i]; i++)
            name[9 + i] = (char)(settings[k].name[i] >= 'a' && settings[k].name[i] <= 'z' ? settings[k].name[i] - 32
                                                                                          : settings[k].name[i]);
        const char *value = getenv(name);
        if (value)
            rc |= set(c, k, value, name);
    }
    if (c->daemons == 0)
        c->daemons = (int)sysconf(_SC_NPROCESSORS_ONLN);
    return rc;
}

static json_t *setting_json(const struct app_config *c, size_t k) {
    const struct setting *s = &settings[k];
    const char *at = (const char *)c + s->offset;
    json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "name", s->name, "unit", s->unit, "source",
                          sources[k] ? sources[k] : "default", "help", s->help);
    if (s->kind == SET_TEXT)
        json_object_set_new(
            o, "value",
            json_string(*(const char *const *)(const void *)at ? *(const char *const *)(const void *)at : ""));
    else if (s->kind == SET_BOOL)
        json_object_set_new(o, "value", json_boolean(*(const bool *)(const void *)at));
    else if (s->kind == SET_INSTANT || s->offset == AT(upload_max))
        json_object_set_new(o, "value", json_integer(*(const int64_t *)(const void *)at));
    else
        json_object_set_new(o, "value", json_integer(*(const int *)(const void *)at));
    return o;
}

/* Effective values; a password in a database address is not shown. */
void config_print(const struct app_config *c, bool json) {
    json_t *list = json_array(), *o;
    size_t i;
    for (size_t k = 0; k < countof(settings); k++)
        json_array_append_new(list, setting_json(c, k));
    if (json) {
        json_dumpf(list, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_array_foreach(list, i, o) {
        if (json)
            break;
        char *v = json_dumps(json_object_get(o, "value"), JSON_ENCODE_ANY);
        printf("%-22s %-34s # %s; %s (%s)\n", settings[i].name, v, settings[i].unit, settings[i].help,
               json_string_value(json_object_get(o, "source")));
        free(v);
    }
    json_decref(list);
}

int config_secret(struct app_config *c) {
    int fd = open(c->secret_file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        random_bytes(c->secret, sizeof c->secret);
        fd = open(c->secret_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 || write(fd, c->secret, sizeof c->secret) != sizeof c->secret || fsync(fd) < 0) {
            fprintf(stderr, "%s: %s\n", c->secret_file, strerror(errno));
            if (fd >= 0)
                close(fd);
            return -1;
        }
        close(fd);
        return 0;
    }
    struct stat st;
    bool good = fd >= 0 && fstat(fd, &st) == 0 && read(fd, c->secret, sizeof c->secret) == sizeof c->secret;
    if (fd >= 0)
        close(fd);
    if (!good || (st.st_mode & 077)) {
        fprintf(stderr, "%s: %s\n", c->secret_file,
                good ? "must be readable by the service alone (chmod 600)" : "cannot be read, or is not 32 bytes");
        return -1;
    }
    return 0;
}
