/* notify.c: the outbox: a message is queued sealed, a job hands it over by its channel and destroys it. */
#include "notify/notify_internal.h"
#include "notify_sql.h"

#include <errno.h>
#include <stdio.h>

int message_queue(struct work *w, const char *channel, const json_t *o, int64_t run_at) {
    struct db_rows r;
    struct str id = random_token(w->arena, 18);
    char *text = json_dumps(o, JSON_COMPACT);
    struct str sealed = seal(w, "message", str_z(text));
    free(text);
    if (!sealed.n)
        return fail(w, ERR_INTERNAL, "消息没有写成，请稍后再试");
    if (db_one(w, &sql_message_insert, &r, DB_TEXTZ(channel), DB_TEXT(sealed), DB_TEXT(id), DB_INT(w->now)) != 1)
        return -1;
    return message_job(w, db_i(&r, 0, 0), run_at);
}

int message_job(struct work *w, int64_t id, int64_t run_at) {
    json_t *args = json_pack("{s:I}", "id", (json_int_t)id);
    int rc = job_add(w, "message", args, run_at, STR_NONE);
    json_decref(args);
    return rc;
}

int message_password(struct work *w, const char *path, const char *what, const char **ret) {
    char line[300] = "";
    *ret = "";
    if (!path || !*path)
        return 0;
    FILE *f = fopen(path, "re");
    if (!f || !fgets(line, sizeof line, f)) {
        if (f)
            fclose(f);
        return fail(w, ERR_INTERNAL, "%s密码文件 %s 无法读取：%s", what, path, strerror(errno));
    }
    fclose(f);
    line[strcspn(line, "\r\n")] = 0;
    *ret = str_dupz(w->arena, str_z(line));
    return 0;
}

struct str message_member(struct work *w, const json_t *o, const char *key) {
    return str_dup(w->arena, str_z(json_string_value(json_object_get(o, key))));
}

static int done(struct work *w, int64_t id, const char *state, struct str error) {
    if (db_begin(w) < 0)
        return -1;
    if (db_exec(w, &sql_message_done, DB_INT(id), DB_TEXTZ(state), DB_INT(w->now), DB_TEXT(error)) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

/* Nobody is woken by an SMS: its job comes again when the quiet hours end. */
static int postpone(struct work *w, int64_t id, int64_t until) {
    if (db_begin(w) < 0)
        return -1;
    if (message_job(w, id, until) < 0) {
        db_rollback(w);
        return -1;
    }
    return db_commit(w);
}

static int hand_over(struct work *w, bool sms, struct str plain, struct str message_id) {
    json_t *o = json_loadb(plain.p, plain.n, 0, NULL);
    int rc = sms ? sms_hand_over(w, o) : mail_hand_over(w, o, message_id);
    json_decref(o);
    return rc;
}

int notify_send(struct work *w, json_t *args) {
    int64_t id = json_integer_value(json_object_get(args, "id"));
    struct db_rows r;
    struct str plain;
    int n = db_one(w, &sql_message_get, &r, DB_INT(id));
    if (n <= 0 || !str_is(db_s(&r, 0, 3), "waiting"))
        return n < 0 ? -1 : 0;
    bool sms = str_is(db_s(&r, 0, 0), "sms");
    if (!(sms ? notify_can_sms(w->config) : notify_can_mail(w->config)))
        return fail(w, ERR_INTERNAL, "%s",
                    sms ? "没有设置短信网关（sms_url）" : "没有设置邮件服务器（smtp、mail_from）");
    int64_t until = sms ? notify_quiet_until(w->config, w->now) : 0;
    if (until)
        return postpone(w, id, until);
    if (seal_open(w, "message", db_s(&r, 0, 1), &plain) < 0)
        return done(w, id, "failed", S("无法解封：密钥不是写入时的那一个"));
    if (hand_over(w, sms, plain, db_s(&r, 0, 2)) == 0)
        return done(w, id, "sent", STR_NONE);
    if (w->error.code != ERR_INVALID)
        return -1;
    log_line(LOG_WARN, "message_refused", "message=%lld reason=%s", (long long)id, w->error.text);
    return done(w, id, "failed", str_z(w->error.text));
}
