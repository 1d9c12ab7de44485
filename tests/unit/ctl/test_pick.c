/* Fields out of JSON. */
#include "tests/support/unit.h"
#include "tests/unit/ctl/suites.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/pick.h"
#include "daemon/ctl/wiped.h"

static char text[PICK_SIZE];

static const char *pick(const char *json, const char *path, enum pick_form form, bool for_people)
{
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);

    ck_assert_ptr_nonnull(value);
    pick_text(value, path, form, for_people, text);
    json_decref(value);
    return text;
}

static const char *plain(const char *json, const char *path)
{
    return pick(json, path, PICK_PLAIN, false);
}

START_TEST(a_path_leads_by_names)
{
    ck_assert_str_eq(plain("{\"a\": {\"b\": \"c\"}}", "a.b"), "c");
    ck_assert_str_eq(plain("{\"a\": -5}", "a"), "-5");
    ck_assert_str_eq(plain("{\"a\": true, \"b\": false}", "a b"), "yes no");
    ck_assert_str_eq(plain("{\"a\": null}", "a"), "");
    ck_assert_str_eq(plain("{\"a\": {\"b\": 1}}", "a"), "");
    ck_assert_str_eq(plain("{\"a\": 1}", "a.b"), "");
    ck_assert_str_eq(plain("5", "a"), "");
    ck_assert_str_eq(plain("\"x\"", ""), "x");
}
END_TEST

START_TEST(what_is_there_is_joined_and_the_first_of_several_taken)
{
    ck_assert_str_eq(plain("{\"f\": \"A\", \"l\": \"B\"}", "f l"), "A B");
    ck_assert_str_eq(plain("{\"l\": \"B\"}", "f l"), "B");
    ck_assert_str_eq(plain("{\"f\": \"A\"}", "f l"), "A");
    ck_assert_str_eq(plain("{\"t\": \"T\"}", "f l|t"), "T");
    ck_assert_str_eq(plain("{\"f\": \"A\", \"t\": \"T\"}", "f l|t"), "A");
    ck_assert_str_eq(plain("{}", "f l|t"), "");
}
END_TEST

START_TEST(an_array_is_its_items)
{
    ck_assert_str_eq(plain("{\"a\": [\"x\", \"y\"]}", "a"), "x, y");
    ck_assert_str_eq(plain("{\"a\": [{\"b\": 1}, {\"b\": 2}]}", "a.b"), "1, 2");
    ck_assert_str_eq(plain("{\"a\": []}", "a"), "");
}
END_TEST

START_TEST(a_peer_is_a_marked_id)
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        {"{\"_\": \"peerUser\", \"user_id\": \"1001\"}", "1001"},
        {"{\"_\": \"peerChat\", \"chat_id\": \"5001\"}", "-5001"},
        {"{\"_\": \"peerChannel\", \"channel_id\": \"6001\"}", "-1000000006001"},
        {"{\"_\": \"peerChannel\", \"channel_id\": 1234567890}", "-1001234567890"},
        {"{\"_\": \"user\", \"id\": \"7\"}", "7"},
        {"{\"_\": \"chatForbidden\", \"id\": \"7\"}", "-7"},
        {"{\"_\": \"channelForbidden\", \"id\": \"7\"}", "-1000000000007"},
        {"{\"_\": \"peerUser\", \"user_id\": \"-1\"}", ""},
        {"{\"_\": \"peerChannel\", \"channel_id\": \"9999999999999999999999\"}", ""},
        {"{\"_\": \"message\", \"id\": 1}", ""},
        {"[]", ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_str_eq(pick(cases[i].json, "", PICK_PEER, false), cases[i].want);
}
END_TEST

START_TEST(a_time_is_a_date_for_people_alone)
{
    setenv("TZ", "UTC", 1);
    ck_assert_str_eq(pick("{\"t\": 1900000000}", "t", PICK_TIME, true), "2030-03-17 17:46:40");
    ck_assert_str_eq(pick("{\"t\": 1900000000}", "t", PICK_TIME, false), "1900000000");
    ck_assert_str_eq(pick("{\"t\": 9223372036854775807}", "t", PICK_TIME, true), "9223372036854775807");
    ck_assert_str_eq(pick("{}", "t", PICK_TIME, true), "");
}
END_TEST

START_TEST(what_is_too_long_is_cut_between_characters_for_people_alone)
{
    enum { LEN = 3000 };
    json_t *object = json_object();
    char *longest = calloc(1, LEN + 1);

    ck_assert_ptr_nonnull(longest);
    for (size_t i = 0; i + 3 <= LEN; i += 3)
        memcpy(longest + i, "\xe2\x82\xac", 3);
    ck_assert_int_eq(json_object_set_new(object, "a", json_string(longest)), 0);
    pick_text(object, "a a", PICK_PLAIN, false, text);
    ck_assert_uint_eq(strlen(text), (PICK_SIZE - 1) / 3 * 3);
    char *whole = pick_whole(object, "a a", PICK_PLAIN);
    ck_assert_ptr_nonnull(whole);
    ck_assert_uint_eq(strlen(whole), 2 * LEN + 1);
    ck_assert(memcmp(whole, longest, LEN) == 0 && whole[LEN] == ' ' && strcmp(whole + LEN + 1, longest) == 0);
    wiped_free(whole);
    free(longest);
    json_decref(object);
}
END_TEST

Suite *suite_pick(void)
{
    Suite *s = suite_create("pick");
    TCase *t = tcase_create("pick");

    tcase_add_test(t, a_path_leads_by_names);
    tcase_add_test(t, what_is_there_is_joined_and_the_first_of_several_taken);
    tcase_add_test(t, an_array_is_its_items);
    tcase_add_test(t, a_peer_is_a_marked_id);
    tcase_add_test(t, a_time_is_a_date_for_people_alone);
    tcase_add_test(t, what_is_too_long_is_cut_between_characters_for_people_alone);
    suite_add_tcase(s, t);
    return s;
}
