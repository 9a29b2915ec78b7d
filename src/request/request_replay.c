/* request_replay.c: what the replay of a case needs from this room. Who applies is not in it. */
#include "request/request_internal.h"

json_t *request_replay(struct work *w, int64_t id) {
    struct request c;
    if (request_get(w, id, &c) < 0)
        return NULL;
    json_t *o = json_object();
    json_set_int(o, "id", c.id);
    json_set_int(o, "unit_id", c.unit_id);
    json_set_str(o, "unit_name", c.unit_name);
    json_set_str(o, "number", c.number);
    json_set_str(
        o, "title",
        str_printf(w->arena, "公开申请 %.*s%s%.*s", STR_ARG(c.number), c.subject.n ? "：" : "", STR_ARG(c.subject)));
    return o;
}
