/* openapi.c: OpenAPI 3.1 from the route tables, so that it is never wrong. */
#include "http/http_internal.h"

static json_t *schema_of(const struct field *f) {
    json_t *o = json_object();
    json_object_set_new(o, "description", json_string(f->hint ? f->hint : f->label));
    json_object_set_new(o, "title", json_string(f->label));
    static const char *const types[] = {"",       "string", "string", "string", "integer", "boolean",
                                        "string", "string", "string", "array",  "array",   "object"};
    json_object_set_new(o, "type", json_string(types[f->type]));
    if (f->type == FIELD_DAY)
        json_object_set_new(o, "format", json_string("date"));
    if (f->type == FIELD_INSTANT)
        json_object_set_new(o, "format", json_string("date-time"));
    if ((f->type == FIELD_STR || f->type == FIELD_TEXT) && f->max)
        json_object_set_new(o, "maxLength", json_integer(f->max));
    if (f->type == FIELD_INT && f->max && f->max != INT64_MAX)
        json_object_set_new(o, "maximum", json_integer(f->max));
    if (f->type == FIELD_LIST)
        json_object_set_new(o, "items", json_pack("{s:s}", "type", "string"));
    if (f->type == FIELD_FILES)
        json_object_set_new(o, "items", json_pack("{s:s, s:s}", "type", "string", "format", "binary"));
    if (f->options) {
        json_t *values = json_array();
        for (const struct field_option *p = f->options; p->value; p++)
            json_array_append_new(values, json_string(p->value));
        json_object_set_new(o, "enum", values);
    }
    return o;
}

static json_t *query_parameters(const struct route *r, json_t *list) {
    for (size_t i = 0; r->fields && r->method == HTTP_GET && i < r->fields->n; i++) {
        const struct field *f = &r->fields->fields[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:o}", "name", f->name, "in", "query", "required",
                                              (int)(f->flags & FIELD_REQUIRED), "schema", schema_of(f)));
    }
    return list;
}

static json_t *path_parameters(const char *path) {
    json_t *list = json_array();
    for (const char *p = strchr(path, '{'); p; p = strchr(p + 1, '{')) {
        const char *end = strchr(p, '}');
        json_array_append_new(list, json_pack("{s:s%, s:s, s:b, s:{s:s}}", "name", p + 1, (size_t)(end - p) - 1, "in",
                                              "path", "required", 1, "schema", "type", "string"));
    }
    return list;
}

static json_t *request_body(const struct route *r) {
    json_t *properties = json_object(), *required = json_array();
    for (size_t i = 0; i < r->fields->n; i++) {
        const struct field *f = &r->fields->fields[i];
        json_object_set_new(properties, f->name, schema_of(f));
        if (f->flags & FIELD_REQUIRED)
            json_array_append_new(required, json_string(f->name));
    }
    json_t *schema = json_pack("{s:s, s:o, s:o}", "type", "object", "properties", properties, "required", required);
    const char *media = r->flags & ROUTE_UPLOAD ? "multipart/form-data" : "application/json";
    return json_pack("{s:{s:{s:o}}}", "content", media, "schema", schema);
}

static json_t *operation(const struct route *r, const char *(*permission_name)(int)) {
    json_t *o = json_pack("{s:s, s:s, s:o}", "summary", r->summary, "x-permission", permission_name(r->permission),
                          "parameters", query_parameters(r, path_parameters(r->path)));
    if (r->method != HTTP_GET && r->fields)
        json_object_set_new(o, "requestBody", request_body(r));
    json_object_set_new(o, "responses",
                        json_pack("{s:{s:s}, s:{s:s, s:{s:{s:{s:s}}}}}", "200", "description", "成功", "default",
                                  "description", "问题（RFC 9457）", "content", "application/problem+json", "schema",
                                  "$ref", "#/components/schemas/problem"));
    if (r->permission != 1)
        json_object_set_new(o, "security", json_pack("[{s:[]}]", "bearer"));
    return o;
}

json_t *http_openapi(const struct http_server *s, const char *(*permission_name)(int)) {
    static const char *const methods[] = {"", "get", "post", "put", "delete"};
    const struct route *const *rows;
    size_t n = router_all(s->router, &rows);
    json_t *paths = json_object();
    for (size_t i = 0; i < n; i++) {
        if (rows[i]->flags & ROUTE_HTML_ONLY)
            continue;
        json_t *item = json_object_get(paths, rows[i]->path);
        if (!item) {
            item = json_object();
            json_object_set_new(paths, rows[i]->path, item);
        }
        json_object_set_new(item, methods[rows[i]->method], operation(rows[i], permission_name));
    }
    json_t *problem =
        json_loads("{\"type\":\"object\",\"properties\":{\"title\":{\"type\":\"string\"},\"status\":{\"type\":"
                   "\"integer\"},\"code\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"},"
                   "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"field\":{\"type\":"
                   "\"string\"},\"code\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"}}}}}}",
                   0, NULL);
    return json_pack("{s:s, s:{s:s, s:s}, s:[{s:s}], s:o, s:{s:{s:o}, s:{s:{s:s, s:s}}}}", "openapi", "3.1.0", "info",
                     "title", s->config->site_name, "version", "1", "servers", "url", "/api/v1", "paths", paths,
                     "components", "schemas", "problem", problem, "securitySchemes", "bearer", "type", "http", "scheme",
                     "bearer");
}
