/* message_command.c: `mingtang message mail|sms TO`: a message to try the settings with. */
#include "app/app.h"

struct try_step {
    bool sms;
    struct str to;
};

static int try_queue(struct work *w, void *arg) {
    const struct try_step *t = arg;
    struct str text = str_printf(w->arena, "这是%s的测试消息，发出时间 %.*s。收到即说明设置正确。",
                                 w->config->site_name, STR_ARG(instant_text(w->arena, w->now)));
    struct notify_mail m = {.to = t->to, .subject = S("测试邮件"), .text = text};
    if (t->sms)
        return notify_can_sms(w->config) ? notify_sms(w, t->to, text) : fail(w, ERR_WRONG_STATE, "没有设置 sms_url");
    if (!notify_can_mail(w->config))
        return fail(w, ERR_WRONG_STATE, "没有设置 smtp 和 mail_from");
    return notify_address_ok(t->to) ? notify_mail(w, &m) : fail(w, ERR_INVALID, "邮箱地址有误");
}

int cmd_message(struct app_config *c, int argc, char **argv) {
    struct command_work cw;
    if (argc != 3 || (strcmp(argv[1], "mail") != 0 && strcmp(argv[1], "sms") != 0))
        return 2;
    struct try_step t = {strcmp(argv[1], "sms") == 0, str_z(argv[2])};
    if (command_open(c, &cw) < 0)
        return 1;
    int rc = command_transaction(&cw.w, try_queue, &t);
    if (rc == 0)
        printf("queued: the running server sends it\n");
    command_close(&cw);
    return rc;
}
