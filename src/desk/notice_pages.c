/* notice_pages.c: the notices to my post: read, marked as read one by one or all at once. */
#include "desk/desk_internal.h"
#include "notify/notify.h"
#include "view/view.h"

struct notices_input {
    struct str after;
    int64_t page_size;
};
static const struct field notices_fields[] = {
    FIELD(FIELD_STR, notices_input, after, "续页标记", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_INT, notices_input, page_size, "每页条数", FIELD_OPTIONAL, 0, LIMIT_PAGE_SIZE, NULL, NULL),
};
const struct field_table notice_page = {notices_fields, countof(notices_fields), sizeof(struct notices_input)};

struct open_input {
    bool open;
};
static const struct field open_fields[] = {
    FIELD(FIELD_BOOL, open_input, open, "打开所指的页面", FIELD_OPTIONAL, 0, 0, NULL, NULL),
};
const struct field_table notice_open = {open_fields, countof(open_fields), sizeof(struct open_input)};

int desk_notices(struct http_request *in, struct http_response *out) {
    struct work *w = in->w;
    struct notices_input x;
    int64_t key, id, next = 0;
    if (fields_read(in, &notice_page, &x) < 0 || view_cursor_read(w, x.after, &key, &id) < 0)
        return -1;
    int64_t size = x.page_size ? x.page_size : 30;
    int unread = notice_unread(w);
    json_t *list = unread < 0 ? NULL : notice_list(w, id, size, &next), *model = json_object();
    if (!list) {
        json_decref(model);
        return -1;
    }
    json_object_set_new(model, "list", list);
    json_set_int(model, "unread", unread);
    view_pager(in, model, next ? view_cursor(w->arena, 0, next) : STR_NONE, size);
    return view_page(out, "desk/notices", model);
}

int desk_notice_read(struct http_request *in, struct http_response *out) {
    struct open_input x;
    struct str address;
    int64_t id;
    if (http_path_int(in, "id", &id) < 0 || fields_read(in, &notice_open, &x) < 0 ||
        notice_get(in->w, id, &address) < 0 || notice_read(in->w, id) < 0)
        return -1;
    return x.open ? view_redirect(in, out, "%.*s", STR_ARG(address)) : view_redirect(in, out, "/desk/notices");
}

int desk_notices_read(struct http_request *in, struct http_response *out) {
    return notice_read(in->w, 0) < 0 ? -1 : view_redirect(in, out, "/desk/notices");
}
