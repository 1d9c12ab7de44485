/* The JSON text of single values. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tl/writer.h"
#include "tests/support/unit.h"
#include "tests/unit/tl/suites.h"
#include "tests/unit/tl/support.h"

static const char schema_text[] =
    "s#1 v:string = S; b#2 v:bytes = B; d#3 v:double = D; t#4 f:# v:f.0?true w:f.1?Bool = T;"
    "h#5 v:int128 w:int256 = H; v#6 v:Vector<int> w:Vector<string> = V; e#7 = E;"
    "n#8 v:Vector<Vector<E>> = N; o#9 v:Object = O;";

static struct tl_schema *schema;

static void set_up(void)
{
    schema = schema_of(schema_text);
}

static void tear_down(void)
{
    tl_schema_free(schema);
}

static void check_text(const struct buf *in, const char *want)
{
    struct fault fault = {0};
    struct buf text;

    buf_init(&text, 1 << 20);
    int err = tl_text_object(schema, in->data, in->len, &text, NULL, &fault);
    ck_assert_msg(err == 0, "%s: %s", want, fault.text);
    ck_assert_str_eq(buf_text(&text), want);
    ck_assert_uint_eq(strlen(buf_text(&text)), text.len);
    buf_fini(&text);
}

static void check_string(const char *value, size_t len, const char *want_value)
{
    char want[256];
    struct buf in;

    snprintf(want, sizeof(want), "{\"_\":\"s\",\"v\":%s}", want_value);
    buf_init(&in, 4096);
    tl_write_u32(&in, 1);
    tl_write_bytes(&in, value, len);
    check_text(&in, want);
    buf_fini(&in);
}

#define CHECK_STRING(value, want) check_string(value, sizeof(value) - 1, want)

START_TEST(strings_are_escaped_only_where_json_wants_it)
{
    CHECK_STRING("", "\"\"");
    CHECK_STRING("plain", "\"plain\"");
    CHECK_STRING("\"", "\"\\\"\"");
    CHECK_STRING("a\\b/c", "\"a\\\\b/c\"");
    CHECK_STRING("\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"");
    CHECK_STRING("a\0b", "\"a\\u0000b\"");
    CHECK_STRING("\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\"");
    CHECK_STRING("Звонок \xf0\x9f\x91\x8d", "\"Звонок \xf0\x9f\x91\x8d\"");
}
END_TEST

START_TEST(an_escape_is_found_at_every_place_of_a_long_string)
{
    for (size_t len = 1; len < 40; len++) {
        for (size_t at = 0; at < len; at++) {
            static const char special[] = {'"', '\\', '\n', '\0', 0x1f};
            for (size_t k = 0; k < sizeof(special); k++) {
                char value[40];
                struct buf text;
                memset(value, k % 2 ? 'x' : '!', len);
                value[at] = special[k];
                buf_init(&text, 256);
                tl_text_put_string(&text, value, len);
                json_t *j = json_loadb((char *)text.data, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
                ck_assert_msg(json_is_string(j), "%.*s", (int)text.len, text.data);
                ck_assert_uint_eq(json_string_length(j), len);
                ck_assert_mem_eq(json_string_value(j), value, len);
                json_decref(j);
                buf_fini(&text);
            }
        }
    }
}
END_TEST

START_TEST(strings_that_are_not_utf8_are_wrapped_bytes)
{
    CHECK_STRING("\xff\x80", "{\"_bytes\":\"/4A=\"}");
    CHECK_STRING("ab\xd0", "{\"_bytes\":\"YWLQ\"}");               /* cut in the middle of a letter */
    CHECK_STRING("\xed\xa0\x80", "{\"_bytes\":\"7aCA\"}");         /* a surrogate */
    CHECK_STRING("\xc0\x80", "{\"_bytes\":\"wIA=\"}");             /* an overlong NUL */
    CHECK_STRING("\xf4\x90\x80\x80", "{\"_bytes\":\"9JCAgA==\"}"); /* past U+10FFFF */
}
END_TEST

START_TEST(doubles_that_are_not_finite_are_null)
{
    static const double values[] = {INFINITY, -INFINITY, NAN, 1.5};
    static const char *const texts[] = {"null", "null", "null", "1.5"};

    for (size_t i = 0; i < 4; i++) {
        char want[64];
        json_t *tree = NULL;
        struct fault fault = {0};
        struct buf in;
        buf_init(&in, 64);
        tl_write_u32(&in, 3);
        tl_write_double(&in, values[i]);
        snprintf(want, sizeof(want), "{\"_\":\"d\",\"v\":%s}", texts[i]);
        check_text(&in, want);
        ck_assert_int_eq(tl_tree_object(schema, in.data, in.len, &tree, NULL, &fault), 0);
        ck_assert_int_eq(json_is_null(json_object_get(tree, "v")), i < 3);
        json_decref(tree);
        buf_fini(&in);
    }
}
END_TEST

static void check_bytes(const char *hex, const char *want)
{
    size_t len;
    uint8_t *data = unit_hex(hex, &len);
    const struct buf in = {.data = data, .len = len};

    check_text(&in, want);
    free(data);
}

START_TEST(each_kind_of_value_has_its_form)
{
    check_bytes("02000000"
                "02ff8000",
                "{\"_\":\"b\",\"v\":\"/4A=\"}");
    check_bytes("02000000"
                "00000000",
                "{\"_\":\"b\",\"v\":\"\"}");
    check_bytes("04000000"
                "00000000",
                "{\"_\":\"t\"}");
    check_bytes("04000000"
                "01000000",
                "{\"_\":\"t\",\"v\":true}");
    check_bytes("04000000"
                "02000000"
                "379779bc",
                "{\"_\":\"t\",\"w\":false}");
    check_bytes("05000000"
                "000102030405060708090a0b0c0d0e0f"
                "00000000000000000000000000000000000000000000000000000000000000ff",
                "{\"_\":\"h\",\"v\":\"000102030405060708090a0b0c0d0e0f\","
                "\"w\":\"00000000000000000000000000000000000000000000000000000000000000ff\"}");
    check_bytes("06000000"
                "15c4b51c02000000"
                "ffffffff00000080"
                "15c4b51c02000000"
                "01610000"
                "00000000",
                "{\"_\":\"v\",\"v\":[-1,-2147483648],\"w\":[\"a\",\"\"]}");
    check_bytes("06000000"
                "15c4b51c00000000"
                "15c4b51c00000000",
                "{\"_\":\"v\",\"v\":[],\"w\":[]}");
    check_bytes("08000000"
                "15c4b51c03000000"
                "15c4b51c00000000"
                "15c4b51c02000000"
                "0700000007000000"
                "15c4b51c01000000"
                "07000000",
                "{\"_\":\"n\",\"v\":[[],[{\"_\":\"e\"},{\"_\":\"e\"}],[{\"_\":\"e\"}]]}");
    check_bytes("09000000"
                "07000000",
                "{\"_\":\"o\",\"v\":{\"_\":\"e\"}}");
    check_bytes("09000000"
                "b5757299",
                "{\"_\":\"o\",\"v\":true}");
}
END_TEST

Suite *suite_text(void)
{
    Suite *s = suite_create("text");
    TCase *t = tcase_create("text");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, strings_are_escaped_only_where_json_wants_it);
    tcase_add_test(t, an_escape_is_found_at_every_place_of_a_long_string);
    tcase_add_test(t, strings_that_are_not_utf8_are_wrapped_bytes);
    tcase_add_test(t, doubles_that_are_not_finite_are_null);
    tcase_add_test(t, each_kind_of_value_has_its_form);
    suite_add_tcase(s, t);
    return s;
}
