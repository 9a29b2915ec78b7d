/* request_desk.c: the routes of the workbench's pages of applications. Statistics are the room report's. */
#include "request/request_internal.h"

#include "request/request_desk.h"

const struct route request_desk_routes[] = {
    {HTTP_GET, "/desk/requests", desk_requests, PERM_REQUEST_READ, NO_CACHE, &work_list_table, ROUTE_PLAIN,
     "依申请公开：申请列表"},
    {HTTP_GET, "/desk/requests.xlsx", desk_requests_xlsx, PERM_REQUEST_READ, NO_CACHE, &work_list_table,
     ROUTE_HTML_ONLY, "依申请公开：导出筛选出的申请"},
    {HTTP_GET, "/desk/requests/new", desk_register_page, PERM_REQUEST_WORK, NO_CACHE, NULL, ROUTE_HTML_ONLY,
     "登记申请"},
    {HTTP_POST, "/desk/requests", desk_register, PERM_REQUEST_READ, NO_CACHE, &register_table, ROUTE_UPLOAD,
     "登记一件申请"},
    {HTTP_GET, "/desk/requests/proposals", desk_proposals, PERM_REQUEST_READ, NO_CACHE, NULL, ROUTE_PLAIN,
     "纳入主动公开的建议"},
    {HTTP_POST, "/desk/requests/proposals/{id}", desk_proposal_step, PERM_REQUEST_WORK, NO_CACHE, &proposal_table,
     ROUTE_PLAIN, "处理一条建议"},
    {HTTP_GET, "/desk/requests/{id}", desk_request, PERM_REQUEST_READ, NO_CACHE, &request_page_table, ROUTE_PLAIN,
     "一件申请"},
    {HTTP_POST, "/desk/requests/{id}/reveal", desk_request_reveal, PERM_REQUEST_PERSONAL, NO_CACHE, NULL,
     ROUTE_HTML_ONLY, "查看申请人个人信息（留痕）"},
    {HTTP_POST, "/desk/requests/{id}/steps/{verb}", desk_request_step, PERM_REQUEST_READ, NO_CACHE, &request_step_table,
     ROUTE_PLAIN, "办理一步"},
    {HTTP_POST, "/desk/requests/{id}/files", desk_request_upload, PERM_REQUEST_WORK, NO_CACHE, &request_upload_table,
     ROUTE_UPLOAD, "添加文件"},
    {HTTP_GET, "/desk/requests/{id}/files/{file}", desk_request_file, PERM_REQUEST_READ, NO_CACHE, NULL, ROUTE_PLAIN,
     "下载一个文件（留痕）"},
    {HTTP_POST, "/desk/requests/{id}/files/{file}/remove", desk_request_file_remove, PERM_REQUEST_WORK, NO_CACHE, NULL,
     ROUTE_PLAIN, "移除一个文件"},
    {HTTP_GET, "/desk/requests/{id}/redact", desk_redact_page, PERM_REQUEST_WORK, NO_CACHE, &redact_page_table,
     ROUTE_HTML_ONLY | ROUTE_OWN_TX, "遮盖不予公开的内容"},
    {HTTP_GET, "/desk/requests/{id}/redact/{file}/{page}", desk_redact_image, PERM_REQUEST_WORK, NO_CACHE, NULL,
     ROUTE_HTML_ONLY | ROUTE_OWN_TX, "原件的一页"},
    {HTTP_POST, "/desk/requests/{id}/redact", desk_redact, PERM_REQUEST_WORK, NO_CACHE, &redact_table, ROUTE_OWN_TX,
     "生成遮盖后的文件"},
    {HTTP_GET, "/desk/requests/{id}/letters/{letter}/{format}", desk_request_letter, PERM_REQUEST_READ, NO_CACHE, NULL,
     ROUTE_PLAIN, "一份文书（PDF、Word）"},
    {HTTP_POST, "/desk/requests/{id}/letters/{letter}", desk_request_save_letter, PERM_REQUEST_WORK, NO_CACHE,
     &letter_save_table, ROUTE_PLAIN, "修改答复书"},
    {HTTP_POST, "/desk/requests/{id}/case", desk_case, PERM_REQUEST_WORK, NO_CACHE, &case_table, ROUTE_PLAIN,
     "拟写典型案例或者公开答复"},
};
const size_t request_desk_route_count = countof(request_desk_routes);
