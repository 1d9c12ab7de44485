#include <string.h>

#include "daemon/mt/rpc_error.h"
#include "tests/unit/mt/suites.h"

static const struct {
    const char *message, *family;
    bool has;
    int64_t parameter;
} cases[] = {
    {"FLOOD_WAIT_17", "FLOOD_WAIT_X", true, 17},
    {"FILE_PART_3_MISSING", "FILE_PART_X_MISSING", true, 3},
    {"PHONE_MIGRATE_5", "PHONE_MIGRATE_X", true, 5},
    {"SLOWMODE_WAIT_0", "SLOWMODE_WAIT_X", true, 0},
    {"STORY_LIVE_ALREADY_12", "STORY_LIVE_ALREADY_X", true, 12},
    {"2FA_CONFIRM_WAIT_604800", "2FA_CONFIRM_WAIT_X", true, 604800},
    {"AUTH_KEY_DROP_DUPLICATE_NOSECRET_99", "AUTH_KEY_DROP_DUPLICATE_NOSECRET_X", true, 99},
    {"SHA256_HASH_INVALID", "SHA256_HASH_INVALID", false, 0},
    {"CHAT_ADMIN_REQUIRED", "CHAT_ADMIN_REQUIRED", false, 0},
    {"FLOOD_WAIT_", "FLOOD_WAIT_", false, 0},
    {"A_1_B_2", "A_X_B_X", true, 1},
    {"WAIT_999999999999999999", "WAIT_X", true, 999999999999999999},
    {"WAIT_9223372036854775807", "WAIT_X", true, INT64_MAX},
    {"WAIT_9223372036854775808", "WAIT_X", true, INT64_MAX},
    {"WAIT_99999999999999999999999", "WAIT_X", true, INT64_MAX},
    {"WAIT_000000000000000000000000007", "WAIT_X", true, 7},
    {"Timeout", "Timeout", false, 0},
    {"", "", false, 0},
};

START_TEST(texts_are_split_into_family_and_parameter)
{
    struct mt_rpc_error e;

    mt_rpc_error_set(&e, 420, cases[_i].message, strlen(cases[_i].message));
    ck_assert_int_eq(e.code, 420);
    ck_assert_str_eq(e.message, cases[_i].message);
    ck_assert_str_eq(e.family, cases[_i].family);
    ck_assert_int_eq(e.has_parameter, cases[_i].has);
    ck_assert_int_eq(e.parameter, cases[_i].parameter);
}
END_TEST

START_TEST(bytes_that_are_no_printable_ascii_are_replaced)
{
    struct mt_rpc_error e;

    mt_rpc_error_set(&e, -503, "A\r\n\0\xff_7", 7);
    ck_assert_str_eq(e.message, "A????_7");
    ck_assert_str_eq(e.family, "A????_X");
    ck_assert_int_eq(e.parameter, 7);
}
END_TEST

START_TEST(long_texts_are_cut)
{
    struct mt_rpc_error e;
    char text[1000];

    memset(text, 'A', sizeof(text));
    mt_rpc_error_set(&e, 400, text, sizeof(text));
    ck_assert_uint_eq(strlen(e.message), MT_RPC_ERROR_TEXT_MAX - 1);
    ck_assert_uint_eq(strlen(e.family), MT_RPC_ERROR_TEXT_MAX - 1);
}
END_TEST

Suite *suite_rpc_error(void)
{
    Suite *s = suite_create("mt/rpc_error");
    TCase *t = tcase_create("rpc_error");

    tcase_add_loop_test(t, texts_are_split_into_family_and_parameter, 0, sizeof(cases) / sizeof(cases[0]));
    tcase_add_test(t, bytes_that_are_no_printable_ascii_are_replaced);
    tcase_add_test(t, long_texts_are_cut);
    suite_add_tcase(s, t);
    return s;
}
