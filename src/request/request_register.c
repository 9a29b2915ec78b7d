/* request_register.c: the unified desk (统一受理): applications from every channel written down, with the receipt day
 * that the channel gives (条例第三十一条). */
#include "request/request_internal.h"

struct register_input {
    struct request_input x; /* first: the fields' offsets are its own */
    struct file_list identity, material;
};
static const struct field register_fields[] = {
    FIELD(FIELD_ENUM, request_input, matter, "申请事项", FIELD_OPTIONAL, 0, 0, matter_options, NULL),
    FIELD(FIELD_ENUM, request_input, applicant, "申请人类别", FIELD_OPTIONAL, 0, 0, applicant_options, NULL),
    FIELD(FIELD_STR, request_input, name, "姓名或名称", FIELD_REQUIRED, 0, 100, NULL, NULL),
    FIELD(FIELD_ENUM, request_input, id_type, "证件类型", FIELD_OPTIONAL, 0, 0, id_type_options, NULL),
    FIELD(FIELD_STR, request_input, id_number, "证件号码", FIELD_OPTIONAL, 0, 40, NULL, "组织填写统一社会信用代码"),
    FIELD(FIELD_STR, request_input, contact_name, "联系人", FIELD_OPTIONAL, 0, 60, NULL, "组织填写"),
    FIELD(FIELD_STR, request_input, head, "法定代表人", FIELD_OPTIONAL, 0, 60, NULL, "组织填写"),
    FIELD(FIELD_STR, request_input, workplace, "工作单位", FIELD_OPTIONAL, 0, 100, NULL, NULL),
    FIELD(FIELD_STR, request_input, address, "通信地址", FIELD_OPTIONAL, 0, 200, NULL, NULL),
    FIELD(FIELD_STR, request_input, postcode, "邮政编码", FIELD_OPTIONAL, 0, 6, NULL, NULL),
    FIELD(FIELD_STR, request_input, mobile, "联系电话", FIELD_OPTIONAL, 0, 20, NULL, "手机号码可以收到短信"),
    FIELD(FIELD_STR, request_input, mail, "电子邮箱", FIELD_OPTIONAL, 0, 254, NULL, NULL),
    FIELD(FIELD_STR, request_input, fax, "传真", FIELD_OPTIONAL, 0, 20, NULL, NULL),
    FIELD(FIELD_STR, request_input, subject, "所需信息的名称", FIELD_OPTIONAL, 0, 200, NULL, NULL),
    FIELD(FIELD_STR, request_input, info_number, "文号", FIELD_OPTIONAL, 0, 60, NULL, NULL),
    FIELD(FIELD_TEXT, request_input, description, "其他特征描述", FIELD_OPTIONAL, 0, 20000, NULL, NULL),
    FIELD(FIELD_TEXT, request_input, evidence, "记录不准确的证据", FIELD_OPTIONAL, 0, 5000, NULL, "申请更正的填写"),
    FIELD(FIELD_ENUM, request_input, carrier, "载体", FIELD_OPTIONAL, 0, 0, carrier_options, NULL),
    FIELD(FIELD_ENUM, request_input, delivery, "获取方式", FIELD_OPTIONAL, 0, 0, delivery_options, NULL),
    FIELD(FIELD_BOOL, request_input, other_way, "接受其他方式", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_STR, request_input, help, "需要的帮助", FIELD_OPTIONAL, 0, 200, NULL,
          "阅读、视听有困难的（条例第四十三条）"),
    FIELD(FIELD_INT, request_input, unit_id, "承办单位", FIELD_OPTIONAL, 0, INT64_MAX, NULL, NULL),
    FIELD(FIELD_ENUM, request_input, channel, "提交渠道", FIELD_REQUIRED, 0, 0, channel_options, NULL),
    FIELD(FIELD_DAY, request_input, came_day, "提交或签收日期", FIELD_OPTIONAL, 0, 0, NULL, NULL),
    FIELD(FIELD_DAY, request_input, received_day, "收到申请之日", FIELD_OPTIONAL, 0, 0, NULL,
          "平常信函、传真、互联网以双方确认之日为准，尚未确认的不填"),
    FIELD(FIELD_FILES, register_input, identity, "身份证明", FIELD_OPTIONAL, 0, 1, NULL, "加密保存，查看留痕"),
    FIELD(FIELD_FILES, register_input, material, "申请材料", FIELD_OPTIONAL, 0, 7, NULL, "申请表、授权委托书等"),
};
const struct field_table register_table = {register_fields, countof(register_fields), sizeof(struct register_input)};

/* Identity first, then material: at most the eight that a case takes in with its application. */
static int take_files(struct work *w, struct register_input *r) {
    struct sealed_file f;
    r->x.file_count = 1;
    if (r->identity.n && sealed_take(w, &r->identity.v[0], "identity", 0, &f) == 0)
        r->x.file_ids[0] = f.id;
    for (size_t i = 0; i < r->material.n && w->error.code == 0; i++) {
        if (r->x.file_count == countof(r->x.file_ids))
            return fail_field(w, "material", "too_many", "随申请最多登记 7 个材料文件，其余可以在办理页面添加");
        if (sealed_take(w, &r->material.v[i], "material", 0, &f) == 0)
            r->x.file_ids[r->x.file_count++] = f.id;
    }
    return w->error.code ? -1 : 0;
}

static json_t *choices(const struct field_option *o, json_t *form, const char *field) {
    const char *chosen = json_string_value(json_object_get(json_object_get(form, field), "value"));
    json_t *list = json_array();
    for (; o->value; o++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "value", o->value, "label", o->label, "selected",
                                              chosen && strcmp(chosen, o->value) == 0));
    return list;
}

json_t *request_units(struct work *w, int64_t chosen) {
    json_t *all = unit_list(w, NULL), *kept = json_array(), *u;
    size_t i;
    json_array_foreach(all, i, u) {
        const char *kind = json_string_value(json_object_get(u, "kind"));
        if (strcmp(kind, "village") == 0 || strcmp(kind, "assessor") == 0 || strcmp(kind, "enterprise") == 0)
            continue;
        json_object_set_new(u, "selected", json_boolean(json_integer_value(json_object_get(u, "id")) == chosen));
        json_array_append(kept, u);
    }
    json_decref(all);
    return kept;
}

/* Choices marked by what was typed. */
static void put_choices(struct work *w, json_t *model) {
    json_t *form = json_object_get(model, "form"), *channels = json_array();
    const char *unit = json_string_value(json_object_get(json_object_get(form, "unit_id"), "value"));
    int64_t chosen = 0;
    str_int(str_z(unit), &chosen);
    json_object_set_new(model, "matters", choices(matter_options, form, "matter"));
    json_object_set_new(model, "applicants", choices(applicant_options, form, "applicant"));
    json_object_set_new(model, "id_types", choices(id_type_options, form, "id_type"));
    json_object_set_new(model, "carriers", choices(carrier_options, form, "carrier"));
    json_object_set_new(model, "deliveries", choices(delivery_options, form, "delivery"));
    json_object_set_new(model, "channels", choices(channel_options, form, "channel"));
    for (const struct field_option *o = channel_options; o->value; o++) {
        const struct foi_channel *ch = foi_channel(str_z(o->value));
        json_array_append_new(channels,
                              json_pack("{s:s, s:s, s:s}", "name", ch->name, "rule", ch->rule, "article", ch->article));
    }
    json_object_set_new(model, "channel_rules", channels);
    json_object_set_new(model, "units", request_units(w, chosen ? chosen : w->actor.unit_id));
}

int desk_register_page(struct http_request *in, struct http_response *out) {
    json_t *model = json_object();
    json_object_set_new(model, "form", json_object());
    put_choices(in->w, model);
    return view_page(out, "request/desk_register", model);
}

/* The number and the query code, once; the receipt to print carries both. */
static int registered(struct http_request *in, struct http_response *out, const struct request_made *made) {
    struct request c;
    if (request_get(in->w, made->id, &c) < 0)
        return -1;
    json_t *model = request_json(in->w, &c);
    json_set_str(model, "code", made->code);
    json_set_bool(model, "waits", c.received_day == DAY_NONE);
    json_set_str(model, "due_words", request_clock_words(in->w, c.due_at));
    if (in->api)
        out->status = 201;
    return view_page(out, "request/desk_registered", model);
}

int desk_register(struct http_request *in, struct http_response *out) {
    struct register_input r;
    struct request_made made;
    int rc = fields_read(in, &register_table, &r);
    if (rc == 0 && !r.x.unit_id)
        r.x.unit_id = in->w->actor.unit_id;
    if (rc == 0)
        rc = take_files(in->w, &r);
    if (rc == 0)
        rc = request_submit(in->w, &r.x, &made);
    if (rc == 0)
        return registered(in, out, &made);
    if (in->api || in->w->error.code != ERR_INVALID)
        return -1;
    struct error kept = in->w->error;
    int shown = view_form_again(in, out, "request/desk_register", &register_table, json_object());
    error_clear(in->w);
    put_choices(in->w, out->model);
    in->w->error = kept;
    return shown;
}
