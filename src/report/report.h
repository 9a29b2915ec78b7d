/* report.h: the annual report on government information disclosure (年度报告, 国办公开办函〔2021〕30号) and the
 * statistics of applications. Figures come from the cases and nowhere else; above request, which it only reads. */
#ifndef MINGTANG_REPORT_H
#define MINGTANG_REPORT_H
#include "base/base.h"
#include "db/db.h"
#include "flow/flow.h"
#include "http/http.h"
#include <jansson.h>

/* What `mingtang report annual` prints: the report as JSON (as its page's model), and as a file: "html", "docx", "pdf".
 * unit: a unit's code, "all" is the city total. ERR_NOT_FOUND, ERR_INVALID. */
struct report_asked {
    struct str unit;
    int year;
    const char *form; /* NULL: no file */
    /* given back */
    json_t *json; /* new reference */
    struct str bytes;
    bool sound; /* no blocking check fails */
};
int report_annual(struct work *w, struct report_asked *x);

extern const struct flow report_flow;
extern const struct route report_routes[];
extern const size_t report_route_count;
#endif
