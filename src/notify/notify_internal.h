/* notify_internal.h: what the channels of the outbox share. */
#ifndef MINGTANG_NOTIFY_INTERNAL_H
#define MINGTANG_NOTIFY_INTERNAL_H
#include "notify/notify.h"
#include "view/view.h"

/* In the open transaction: the row, sealed, and its job not before run_at (0: now). o is borrowed. */
int message_queue(struct work *w, const char *channel, const json_t *o, int64_t run_at);
int message_job(struct work *w, int64_t id, int64_t run_at);
struct str message_member(struct work *w, const json_t *o, const char *key);
/* A file of one line, read each time: a changed password needs no restart. "" without a path. */
int message_password(struct work *w, const char *path, const char *what, const char **ret);

/* 0: taken; -1 with w->error: ERR_INVALID refused for good, anything else: try again. */
int mail_hand_over(struct work *w, const json_t *o, struct str message_id);
int sms_hand_over(struct work *w, const json_t *o);
#endif
