#include <string.h>

#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/mt/ids.h"
#include "daemon/sandbox/centre/query.h"
#include "daemon/tl/writer.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/suites.h"

static const char tiny[] = "// LAYER 7\n---types---\njsonNull#3f6d7b68 = JSONValue;\n"
                           "inputClientProxy#75588b3f address:string port:int = InputClientProxy;\n"
                           "---functions---\nping.me#11111111 = JSONValue;\n";

static struct tl_schema *schema;

static const struct tl_schema *find(void *ctx, int layer)
{
    return layer == 7 ? schema : NULL;
}

static void setup(void)
{
    struct fault fault;

    fault_clear(&fault);
    ck_assert_msg(tl_schema_parse(tiny, strlen(tiny), "tiny", &schema, &fault) == 0, "%u: %s", fault.line, fault.text);
}

static void teardown(void)
{
    tl_schema_free(schema);
}

static void put_layer(struct buf *b, uint32_t layer)
{
    buf_put_u32(b, 0xda9b0d0d);
    buf_put_u32(b, layer);
}

static void put_init(struct buf *b, uint32_t flags, uint32_t api_id)
{
    buf_put_u32(b, 0xc1cd5ea9);
    buf_put_u32(b, flags);
    buf_put_u32(b, api_id);
    tl_write_text(b, "phone\n");
    tl_write_text(b, "os");
    tl_write_text(b, "app");
    tl_write_text(b, "en");
    tl_write_text(b, "");
    tl_write_text(b, "en");
}

START_TEST(all_wrappers_come_off_in_any_order)
{
    struct buf b;
    struct query q;

    buf_init(&b, 4096);
    buf_put_u32(&b, 0xcb9f372d);
    buf_put_u64(&b, 1);
    buf_put_u32(&b, 0xbf9459b7);
    put_layer(&b, 7);
    put_init(&b, 3, 5);
    buf_put_u32(&b, 0x75588b3f);
    tl_write_text(&b, "host");
    buf_put_u32(&b, 80);
    buf_put_u32(&b, 0x3f6d7b68);
    buf_put_u32(&b, 0x11111111);
    query_unwrap(&q, NULL, 0, find, NULL, b.data, b.len);
    ck_assert_ptr_null(q.error);
    ck_assert_uint_eq(q.len, 4);
    ck_assert_uint_eq(le32_load(q.data), 0x11111111);
    ck_assert(q.is_inited && q.without_updates && q.layer == 7 && q.schema == schema);
    ck_assert_str_eq(q.app, "app, phone?");
    query_fini(&q);
    buf_fini(&b);
}
END_TEST

START_TEST(a_query_gzipped_behind_a_wrapper_is_found)
{
    struct buf b, packed;
    struct query q;

    buf_init(&b, 4096);
    buf_init(&packed, 4096);
    ck_assert_int_eq(gzip_pack("\x11\x11\x11\x11", 4, &packed), 0);
    buf_put_u32(&b, 0xcb9f372d);
    buf_put_u64(&b, 1);
    buf_put_u32(&b, MT_GZIP_PACKED);
    tl_write_bytes(&b, packed.data, packed.len);
    query_unwrap(&q, schema, 7, find, NULL, b.data, b.len);
    ck_assert_ptr_null(q.error);
    ck_assert_uint_eq(le32_load(q.data), 0x11111111);
    query_fini(&q);
    buf_fini(&b);
    buf_fini(&packed);
}
END_TEST

static const struct {
    bool layer, init;
    uint32_t layer_n, flags, api_id;
    size_t cut; /* bytes off the end */
    const char *error;
} wrong[] = {
    {false, false, 0, 0, 0, 0, "CONNECTION_NOT_INITED"},   {true, true, 8, 0, 5, 0, "CONNECTION_LAYER_INVALID"},
    {false, true, 0, 0, 5, 0, "CONNECTION_LAYER_INVALID"}, {true, true, 7, 0, 0, 0, "CONNECTION_API_ID_INVALID"},
    {true, true, 7, 1, 5, 0, "INPUT_FETCH_ERROR"},         {true, true, 7, 2, 5, 0, "INPUT_FETCH_ERROR"},
    {true, true, 7, 0, 5, 8, "INPUT_FETCH_ERROR"},         {true, false, 7, 0, 5, 8, "INPUT_FETCH_ERROR"},
};

START_TEST(what_does_not_unwrap_is_refused)
{
    struct buf b;
    struct query q;

    buf_init(&b, 4096);
    if (wrong[_i].layer)
        put_layer(&b, wrong[_i].layer_n);
    if (wrong[_i].init)
        put_init(&b, wrong[_i].flags, wrong[_i].api_id);
    buf_put_u32(&b, 0x11111111);
    buf_cut(&b, b.len - wrong[_i].cut);
    query_unwrap(&q, NULL, 0, find, NULL, b.data, b.len);
    ck_assert_str_eq(q.error ? q.error : "", wrong[_i].error);
    query_fini(&q);
    buf_fini(&b);
}
END_TEST

START_TEST(wrappers_without_end_are_refused)
{
    struct buf b;
    struct query q;

    buf_init(&b, 4096);
    for (int i = 0; i < 20; i++)
        buf_put_u32(&b, 0xbf9459b7);
    query_unwrap(&q, schema, 7, find, NULL, b.data, b.len);
    ck_assert_str_eq(q.error, "INPUT_REQUEST_TOO_LONG");
    query_fini(&q);
    buf_fini(&b);
}
END_TEST

Suite *suite_query(void)
{
    Suite *s = suite_create("query");
    TCase *t = tcase_create("query");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, all_wrappers_come_off_in_any_order);
    tcase_add_test(t, a_query_gzipped_behind_a_wrapper_is_found);
    tcase_add_loop_test(t, what_does_not_unwrap_is_refused, 0, sizeof(wrong) / sizeof(*wrong));
    tcase_add_test(t, wrappers_without_end_are_refused);
    suite_add_tcase(s, t);
    return s;
}
