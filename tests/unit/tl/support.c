#include "tests/unit/tl/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

struct tl_schema *schema_of(const char *text)
{
    struct tl_schema *schema = NULL;
    struct fault fault = {0};
    int err = tl_schema_parse(text, strlen(text), "test", &schema, &fault);

    ck_assert_msg(err == 0, "%u:%u: %s", fault.line, fault.column, fault.text);
    return schema;
}

json_t *json_of(const char *text)
{
    char *copy = strdup(text);
    json_error_t error;

    for (char *p = copy; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    json_t *j = json_loads(copy, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
    ck_assert_msg(j != NULL, "%s: %s", text, error.text);
    free(copy);
    return j;
}

char *joined_hex(const json_t *array)
{
    size_t len = 0;
    char *out = calloc(1, 1);

    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *part = json_array_get(array, i);
        ck_assert(json_is_string(part));
        out = realloc(out, len + json_string_length(part) + 1);
        memcpy(out + len, json_string_value(part), json_string_length(part) + 1);
        len += json_string_length(part);
    }
    return out;
}

int err_by_name(const char *name)
{
    static const struct {
        const char *name;
        int err;
    } all[] = {
#define X(err_name, value, text) {#err_name, value},
        TGC_ERRORS(X)
#undef X
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(all[i].name, name) == 0)
            return all[i].err;
    ck_abort_msg("no error %s", name);
    return 0;
}

void encode_any(const struct tl_schema *s, const json_t *object, const char *what, struct buf *out)
{
    const char *name = json_string_value(json_object_get(object, "_"));
    const struct tl_comb *method = tl_find_method(s, name);
    struct fault fault = {0};

    int err = method && !tl_find_constructor_name(s, name)
                  ? tl_encode_method(s, method, object, TL_ENCODE_STRICT, out, &fault)
                  : tl_encode_object(s, object, TL_ENCODE_STRICT, out, &fault);
    ck_assert_msg(err == 0, "%s: %s: %s", what, fault.path, fault.text);
    ck_assert_int_eq(buf_err(out), 0);
}

/* A call has no text form of its own: its text is that of the tree. */
static json_t *decode_call(const struct tl_schema *s, const void *data, size_t len, const char *what)
{
    struct tl_reader r;
    json_t *tree = NULL;
    struct fault fault = {0};

    tl_reader_init(&r, data, len);
    int err = tl_tree_call(s, &r, &tree, NULL, &fault);
    ck_assert_msg(err == 0, "%s: at %zu: %s", what, fault.offset, fault.text);
    ck_assert_msg(tl_reader_left(&r) == 0, "%s: %zu bytes left", what, tl_reader_left(&r));
    return tree;
}

json_t *decode_any(const struct tl_schema *s, bool is_method, const void *data, size_t len, const char *what)
{
    struct tl_walk_stats stats = {0};
    struct fault fault = {0};
    json_t *tree = NULL;
    json_error_t error;
    struct buf text;

    if (is_method)
        return decode_call(s, data, len, what);
    int err = tl_tree_object(s, data, len, &tree, &stats, &fault);
    ck_assert_msg(err == 0, "%s: at %zu: %s", what, fault.offset, fault.text);
    ck_assert_uint_eq(stats.undefined_flags, 0);
    buf_init(&text, 64 << 20);
    err = tl_text_object(s, data, len, &text, NULL, &fault);
    ck_assert_msg(err == 0, "%s: at %zu: %s", what, fault.offset, fault.text);
    json_t *parsed = json_loadb((const char *)text.data, text.len,
                                JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    ck_assert_msg(parsed != NULL, "%s: %s: %.*s", what, error.text, (int)text.len, (const char *)text.data);
    ck_assert_msg(json_equal(parsed, tree), "%s: text and tree differ: %.*s", what, (int)text.len,
                  (const char *)text.data);
    json_decref(parsed);
    buf_fini(&text);
    return tree;
}
