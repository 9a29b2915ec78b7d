/* request_pages.c: the addresses for applicants. None needs an account; what concerns one case needs its query code. */
#include "request/request_apply.h"

const struct route request_routes[] = {
    {HTTP_GET, "/requests", start_page, PERM_PUBLIC, CACHE_PUBLIC, NULL, ROUTE_PLAIN,
     "依申请公开：可以申请什么、怎样申请、何时答复，已公开的答复和典型案例"},
    {HTTP_POST, "/requests", apply_once, PERM_PUBLIC, NO_CACHE, &apply_once_table,
     ROUTE_API_ONLY | ROUTE_UPLOAD | ROUTE_OWN_TX | ROUTE_NO_CSRF,
     "提交公开申请或者更正申请；给出申请编号和查询码，查询码只出现这一次"},
    {HTTP_GET, "/requests/new", apply_page, PERM_PUBLIC, NO_CACHE, &request_apply_table, ROUTE_HTML_ONLY, "填写申请"},
    {HTTP_POST, "/requests/new", apply_post, PERM_PUBLIC, NO_CACHE, &request_apply_table,
     ROUTE_HTML_ONLY | ROUTE_UPLOAD | ROUTE_OWN_TX | ROUTE_NO_CSRF, "申请的一步，或者提交"},
    {HTTP_GET, "/requests/similar", similar_page, PERM_PUBLIC, NO_CACHE, &similar_table, ROUTE_API_ONLY,
     "与所需信息相近的、已经公开的信息和答复"},
    {HTTP_GET, "/requests/track", track_page, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_HTML_ONLY, "查询申请进度"},
    {HTTP_POST, "/requests/track", track_post, PERM_PUBLIC, NO_CACHE, &track_table,
     ROUTE_HTML_ONLY | ROUTE_OWN_TX | ROUTE_NO_CSRF, "核对申请编号和查询码"},
    {HTTP_GET, "/requests/{number}", mine_page, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_OWN_TX,
     "一件申请的进度、文书和文件；程序用 X-Request-Code 给出查询码"},
    {HTTP_GET, "/requests/{number}/withdraw", mine_withdraw, PERM_PUBLIC, NO_CACHE, NULL,
     ROUTE_HTML_ONLY | ROUTE_OWN_TX, "确认撤回申请"},
    {HTTP_POST, "/requests/{number}/steps/{verb}", mine_step, PERM_PUBLIC, NO_CACHE, &mine_table,
     ROUTE_UPLOAD | ROUTE_OWN_TX | ROUTE_NO_CSRF,
     "申请人的一步：supplement 补正、reasons 说明理由、dispute 对收费有异议、withdraw 撤回、fetch 领取答复、rate 评价、"
     "suggest 建议主动公开"},
    {HTTP_POST, "/requests/{number}/files", mine_upload, PERM_PUBLIC, NO_CACHE, &mine_table,
     ROUTE_UPLOAD | ROUTE_OWN_TX | ROUTE_NO_CSRF, "补充材料"},
    {HTTP_GET, "/requests/{number}/files/{id}", mine_file, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_OWN_TX, "下载文件"},
    {HTTP_GET, "/requests/{number}/letters/{id}", mine_letter, PERM_PUBLIC, NO_CACHE, NULL, ROUTE_OWN_TX,
     "下载文书（PDF）"},
};
const size_t request_route_count = countof(request_routes);
