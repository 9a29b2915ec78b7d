/* fuzz_mustache.c: any text as a template. What compiles must render within its bounds, and alike a second time.
 * The template sees itself as the partial and parent "p", so that recursion is found. */
#include "view/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mustache *get(void *ctx, struct str name) {
    return str_is(name, "p") ? ctx : NULL;
}

static int render(const struct mustache *m, json_t *model, struct buf *out) {
    json_t *stack[] = {model, model};
    void *self;
    memcpy(&self, &m, sizeof self);
    buf_init(out, 1 << 16);
    return mustache_render(m, stack, 2, get, self, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static json_t *model;
    char why[120];
    struct buf one, two;
    if (!model)
        model = json_loads("{\"a\":{\"b\":[1,{\"c\":\"<&\"},[]]},\"l\":[{\"x\":1},{\"x\":0}],\"t\":true,\"s\":"
                           "\"x\\ny\",\"z\":0,\"r\":1.5}",
                           0, NULL);
    struct mustache *m = mustache_compile((struct str){(const char *)data, size}, why, sizeof why);
    if (!m)
        return strlen(why) > 0 ? 0 : (abort(), 0);
    int rc = render(m, model, &one);
    if (render(m, model, &two) != rc || (rc == 0 && !str_eq(buf_str(&one), buf_str(&two))))
        abort();
    buf_release(&one);
    buf_release(&two);
    mustache_free(m);
    return 0;
}
