#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/connection/init_prefix.h"
#include "tests/support/unit.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

START_TEST(test_the_prefix_is_right_byte_for_byte)
{
    int n = _i ? 229 : 138;
    struct tg_env env = {.schema = shipped_layer(n),
                         .api_id = 12345,
                         .device_model = "tgcalld",
                         .system_version = "Linux",
                         .app_version = "1.0",
                         .lang_code = "en"};
    struct buf out;
    size_t len;
    char hex[512];

    snprintf(hex, sizeof(hex), "%s%s%s", "0d0d9bda", /* invokeWithLayer#da9b0d0d */
             _i ? "e5000000" : "8a000000",
             "a95ecdc1" /* initConnection#c1cd5ea9 */
             "00000000" /* flags */
             "39300000" /* api_id */
             "0774676361"
             "6c6c64"           /* device_model: 7 bytes */
             "054c696e75780000" /* system_version: 5 bytes, padded */
             "03312e30"         /* app_version */
             "02656e00"         /* system_lang_code */
             "00000000"         /* lang_pack */
             "02656e00");       /* lang_code; the query follows */
    uint8_t *want = unit_hex(hex, &len);
    buf_init(&out, 4096);
    ck_assert_int_eq(tg_init_prefix(&env, &out), 0);
    ck_assert_uint_eq(out.len, len);
    ck_assert_mem_eq(out.data, want, len);
    buf_fini(&out);
    free(want);
}
END_TEST

START_TEST(test_a_schema_without_it_is_said_to_be_so)
{
    static const char text[] = "// LAYER 1\nboolFalse#bc799737 = Bool;\n";
    struct tl_schema *schema = NULL;
    struct fault fault = {0};
    struct buf out;

    ck_assert_int_eq(tl_schema_parse(text, strlen(text), "test", &schema, &fault), 0);
    struct tg_env env = {.schema = schema};
    buf_init(&out, 4096);
    ck_assert_int_eq(tg_init_prefix(&env, &out), TGC_EUNKNOWN);
    buf_fini(&out);
    tl_schema_free(schema);
}
END_TEST

Suite *suite_init_prefix(void)
{
    Suite *s = suite_create("init_prefix");
    TCase *t = tcase_create("init_prefix");

    tcase_add_loop_test(t, test_the_prefix_is_right_byte_for_byte, 0, 2);
    tcase_add_test(t, test_a_schema_without_it_is_said_to_be_so);
    suite_add_tcase(s, t);
    return s;
}
