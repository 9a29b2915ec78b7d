/* limit_internal.h: default numbers of days, shared by limit_parse.c and limit_rule.c. */
#ifndef MINGTANG_LIMIT_INTERNAL_H
#define MINGTANG_LIMIT_INTERNAL_H

#include "catalogue/catalogue.h"

struct limit_default {
    struct limit target, cap; /* cap.n 0: none */
    char status[4];
};
struct limit_defaults {
    struct limit_default prompt, immediate, continuous, manual;
    struct limit_default period[PERIOD_WORKDAYS + 1]; /* by enum limit_period; PERIOD_WORKDAYS has none */
};
const struct limit_defaults *limit_defaults(void); /* NULL: neither loaded nor embedded */
#endif
