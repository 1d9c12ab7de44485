/* The small judgements: how long to wait, what an error means, what a person can do. */
#include <limits.h>
#include <string.h>

#include "daemon/base/fill.h"
#include "daemon/base/clock.h"
#include "daemon/tg/connection/backoff.h"
#include "daemon/tg/dc.h"
#include "daemon/tg/call/remedy.h"
#include "daemon/tg/account/retry.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

START_TEST(test_waits_double_with_jitter_up_to_a_minute)
{
    struct backoff b = {0};
    int64_t base = SECOND_US / 2;

    for (int i = 0; i < 20; i++) {
        int64_t wait = backoff_next(&b, 1, 0, &random_system);
        ck_assert_int_ge(wait, base * 7 / 10);
        ck_assert_int_le(wait, base * 13 / 10);
        base = base * 2 > 60 * SECOND_US ? 60 * SECOND_US : base * 2;
    }
}
END_TEST

START_TEST(test_a_wait_that_was_asked_for_is_not_undercut)
{
    for (int i = 0; i < 100; i++) {
        struct backoff b = {0};
        ck_assert_int_ge(backoff_next(&b, 1, 5 * SECOND_US, &random_system), 5 * SECOND_US);
        ck_assert_int_ge(backoff_next(&b, 1, 60 * SECOND_US, &random_system), 60 * SECOND_US);
    }
}
END_TEST

START_TEST(test_a_server_that_wants_a_pause_gets_longer_ones_though_it_serves_in_between)
{
    struct backoff b = {0};

    for (int64_t most = 0, i = 0; i < 6; i++) {
        backoff_useful(&b);
        int64_t wait = backoff_next(&b, 1, 5 * SECOND_US, &random_system);
        most = most ? most * 2 : 5 * SECOND_US;
        most = most > 60 * SECOND_US ? 60 * SECOND_US : most;
        ck_assert_int_ge(wait, most * 7 / 10);
    }
    backoff_useful(&b);
    ck_assert_int_le(backoff_next(&b, 1, 0, &random_system), SECOND_US);
}
END_TEST

START_TEST(test_only_half_a_minute_of_health_is_a_success)
{
    struct backoff b = {0};
    int64_t now = SECOND_US;

    for (int i = 0; i < 4; i++)
        backoff_next(&b, now, 0, &random_system);
    backoff_healthy(&b, now);
    int64_t after_a_moment = backoff_next(&b, now + 29 * SECOND_US, 0, &random_system);
    backoff_healthy(&b, now);
    backoff_healthy(&b, now + 29 * SECOND_US); /* the first word counts */
    int64_t after_a_while = backoff_next(&b, now + 30 * SECOND_US, 0, &random_system);
    ck_assert_int_ge(after_a_moment, 5 * SECOND_US);
    ck_assert_int_le(after_a_while, SECOND_US);
}
END_TEST

START_TEST(test_a_link_that_served_may_be_had_again_soon)
{
    struct backoff b = {0};

    for (int i = 0; i < 6; i++)
        backoff_next(&b, 1, 0, &random_system);
    backoff_useful(&b);
    ck_assert_int_le(backoff_next(&b, 1, 0, &random_system), SECOND_US);
    /* Once: what comes after served nothing. */
    ck_assert_int_ge(backoff_next(&b, 1, 0, &random_system), SECOND_US * 7 / 10);
}
END_TEST

static const struct {
    int code;
    const char *message;
    enum tg_reaction reaction;
} errors[] = {
    {303, "PHONE_MIGRATE_2", TG_REACT_MIGRATE},
    {303, "NETWORK_MIGRATE_4", TG_REACT_MIGRATE},
    {303, "USER_MIGRATE_5", TG_REACT_MIGRATE},
    {303, "FILE_MIGRATE_5", TG_REACT_GIVE},
    {400, "PHONE_MIGRATE_2", TG_REACT_GIVE},
    {400, "CONNECTION_NOT_INITED", TG_REACT_INIT},
    {400, "CONNECTION_LAYER_INVALID", TG_REACT_INIT},
    {401, "SESSION_PASSWORD_NEEDED", TG_REACT_GIVE},
    {401, "AUTH_KEY_PERM_EMPTY", TG_REACT_INIT},
    {401, "USER_DEACTIVATED", TG_REACT_BANNED},
    {401, "USER_DEACTIVATED_BAN", TG_REACT_BANNED},
    {401, "AUTH_KEY_UNREGISTERED", TG_REACT_REVOKED},
    {401, "AUTH_KEY_INVALID", TG_REACT_REVOKED},
    {401, "SESSION_REVOKED", TG_REACT_REVOKED},
    {401, "SESSION_EXPIRED", TG_REACT_REVOKED},
    {401, "SOMETHING_NEW", TG_REACT_GIVE},
    {406, "AUTH_KEY_DUPLICATED", TG_REACT_DUPLICATED},
    {406, "UPDATE_APP_TO_LOGIN", TG_REACT_OLD_LAYER},
    {406, "PHONE_PASSWORD_FLOOD", TG_REACT_GIVE},
    {420, "FROZEN_METHOD_INVALID", TG_REACT_FROZEN},
    {400, "FROZEN_PARTICIPANT_MISSING", TG_REACT_FROZEN},
    {420, "FLOOD_WAIT_3", TG_REACT_WAIT},
    {420, "FLOOD_PREMIUM_WAIT_3", TG_REACT_WAIT},
    {420, "SLOWMODE_WAIT_60", TG_REACT_WAIT},
    {420, "TAKEOUT_INIT_DELAY_60", TG_REACT_WAIT},
    {420, "FLOOD_WAIT_99999999999999999999999", TG_REACT_WAIT},
    {420, "FLOOD_WAIT_-5", TG_REACT_WAIT},
    {420, "FLOOD_WAIT", TG_REACT_WAIT},
    {420, "FLOOD_WAIT_", TG_REACT_WAIT},
    {420, "A_LIMIT_WITHOUT_A_NUMBER", TG_REACT_GIVE},
    {400, "FLOOD_WAIT_3", TG_REACT_GIVE},
    {500, "AUTH_RESTART", TG_REACT_GIVE},
    {500, "AUTH_RESTART_2", TG_REACT_GIVE},
    {500, "RANDOM_ID_DUPLICATE", TG_REACT_GIVE},
    {500, "RPC_CALL_FAIL", TG_REACT_TRY_AGAIN},
    {500, "INTERDC_2_CALL_ERROR", TG_REACT_TRY_AGAIN},
    {500, "", TG_REACT_TRY_AGAIN},
    {-503, "Timeout", TG_REACT_TRY_AGAIN},
    {-500, "No workers running", TG_REACT_TRY_AGAIN},
    {502, "BAD_GATEWAY", TG_REACT_TRY_AGAIN},
    {9999, "ODD", TG_REACT_TRY_AGAIN},
    {503, "RANDOM_ID_DUPLICATE", TG_REACT_GIVE},
    {0, "ODD", TG_REACT_TRY_AGAIN},
    {10000, "ODD", TG_REACT_TRY_AGAIN},
    {-10000, "ODD", TG_REACT_TRY_AGAIN},
    {INT_MAX, "ODD", TG_REACT_TRY_AGAIN},
    {INT_MIN, "ODD", TG_REACT_TRY_AGAIN},
    {400, "A_NAME_NOBODY_KNOWS", TG_REACT_GIVE},
    {403, "", TG_REACT_GIVE},
    {404, "METHOD_INVALID", TG_REACT_GIVE},
};

START_TEST(test_each_family_has_its_reaction)
{
    struct mt_rpc_error e;

    mt_rpc_error_set(&e, errors[_i].code, errors[_i].message, strlen(errors[_i].message));
    ck_assert_msg(tg_retry_judge(&e) == errors[_i].reaction, "%d %s gave %d", errors[_i].code, errors[_i].message,
                  tg_retry_judge(&e));
}
END_TEST

START_TEST(test_a_wait_is_between_a_second_and_two_weeks)
{
    static const struct {
        const char *message;
        int64_t seconds;
    } waits[] = {{"FLOOD_WAIT_0", 1},
                 {"FLOOD_WAIT_1", 1},
                 {"FLOOD_WAIT_300", 300},
                 {"FLOOD_WAIT_2147483647", 14 * 86400},
                 {"FLOOD_WAIT_99999999999999999999999", 14 * 86400},
                 {"FLOOD_WAIT_-5", 1},
                 {"FLOOD_WAIT", 1}};

    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        struct mt_rpc_error e;
        mt_rpc_error_set(&e, 420, waits[i].message, strlen(waits[i].message));
        ck_assert_msg(tg_retry_wait_s(&e) == waits[i].seconds, "%s gave %lld", waits[i].message,
                      (long long)tg_retry_wait_s(&e));
    }
}
END_TEST

START_TEST(test_known_errors_have_a_remedy_and_others_none)
{
    static const char *const known[] = {"CHAT_ADMIN_REQUIRED",   "SCHEDULE_DATE_INVALID", "PEER_ID_INVALID",
                                        "CHANNEL_PRIVATE",       "GROUPCALL_INVALID",     "PHONE_CODE_INVALID",
                                        "PASSWORD_HASH_INVALID", "API_ID_INVALID",        "USER_BANNED_IN_CHANNEL"};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        ck_assert_msg(tg_remedy(known[i]) != NULL, "%s has none", known[i]);
    ck_assert_ptr_null(tg_remedy("A_NAME_NOBODY_KNOWS"));
    ck_assert_ptr_null(tg_remedy(""));
}
END_TEST

/* Every error that a method of calls is known to give, by the documents and by what clients look for. */
static const char *const of_calls[] = {
    "ANONYMOUS_CALLS_DISABLED",
    "BROADCAST_CALLS_DISABLED",
    "BUSINESS_CONNECTION_NOT_ALLOWED",
    "CHANNEL_INVALID",
    "CHANNEL_MONOFORUM_UNSUPPORTED",
    "CHANNEL_PRIVATE",
    "CHAT_ADMIN_REQUIRED",
    "CHAT_FORBIDDEN",
    "CHAT_ID_INVALID",
    "CHAT_TYPE_INVALID",
    "CHAT_WRITE_FORBIDDEN",
    "CONF_WRITE_CHAIN_INVALID",
    "CONF_WRITE_CHAIN_INVALID_HEIGHT",
    "CREATE_CALL_FAILED",
    "DATA_JSON_INVALID",
    "GROUPCALL_ADD_PARTICIPANTS_FAILED",
    "GROUPCALL_ALREADY_DISCARDED",
    "GROUPCALL_ALREADY_STARTED",
    "GROUPCALL_ANONYMOUS_FORBIDDEN",
    "GROUPCALL_CHANGE_FORBIDDEN",
    "GROUPCALL_FORBIDDEN",
    "GROUPCALL_INVALID",
    "GROUPCALL_JOIN_MISSING",
    "GROUPCALL_NOT_MODIFIED",
    "GROUPCALL_PARTICIPANTS_TOO_MUCH",
    "GROUPCALL_PARTICIPANT_INVALID",
    "GROUPCALL_SSRC_DUPLICATE_MUCH",
    "GROUPCALL_VIDEO_TOO_MUCH",
    "INPUT_LAYER_INVALID",
    "INPUT_METHOD_INVALID",
    "INVITE_FORBIDDEN_WITH_JOINAS",
    "JOIN_AS_PEER_INVALID",
    "MESSAGE_ID_INVALID",
    "PARTICIPANT_JOIN_MISSING",
    "PARTICIPANT_PRESENTATION_MISSING",
    "PEER_ID_INVALID",
    "PUBLIC_CHANNEL_MISSING",
    "PUBLIC_KEY_INVALID",
    "RAISE_HAND_FORBIDDEN",
    "RANDOM_ID_DUPLICATE",
    "SCHEDULE_DATE_INVALID",
    "SCHEDULE_DATE_TOO_LATE",
    "SEND_AS_PEER_INVALID",
    "STORY_LIVE_ALREADY_77",
    "USER_ALREADY_INVITED",
    "USER_ALREADY_PARTICIPANT",
    "USER_ID_INVALID",
    "USER_NOT_PARTICIPANT",
    "USER_PRIVACY_RESTRICTED",
    "USER_VOLUME_INVALID",
    "USER_WAS_KICKED",
    "VIDEO_PAUSE_FORBIDDEN",
    "VIDEO_STOP_FORBIDDEN",
};

START_TEST(test_each_error_of_calls_has_a_remedy)
{
    struct mt_rpc_error e;
    char text[512], named[512], whole[512];

    mt_rpc_error_set(&e, 400, of_calls[_i], strlen(of_calls[_i]));
    const char *remedy = tg_remedy(e.family);
    ck_assert_msg(remedy != NULL, "%s has none", of_calls[_i]);
    ck_assert_msg(strlen(remedy) > 10 && remedy[strlen(remedy) - 1] != '.', "%s: %s", of_calls[_i], remedy);
    /* Of names it has only those that are filled in, and all of it fits with them. */
    fill_name(text, sizeof(text), remedy, "account", "a2345678901234567890123456789012");
    fill_name(named, sizeof(named), text, "peer", "-1000000000000");
    fill_name(whole, sizeof(whole), named, "call", "-9223372036854775808");
    ck_assert_msg(!strchr(whole, '{') && strlen(whole) < sizeof(whole) - 1, "%s: %s", of_calls[_i], whole);
}
END_TEST

START_TEST(test_data_centres_have_their_bounds)
{
    static struct tg_dcs dcs;
    char host[NET_HOST_MAX + 1];

    for (int i = 1; i <= TG_DCS_MAX; i++)
        ck_assert_ptr_nonnull(tg_dc_get(&dcs, i));
    ck_assert_ptr_null(tg_dc_get(&dcs, 99));
    ck_assert_ptr_eq(tg_dc_get(&dcs, 3), tg_dc_find(&dcs, 3));
    ck_assert_ptr_null(tg_dc_find(&dcs, 99));
    struct tg_dc *dc = tg_dc_get(&dcs, 1);
    memset(host, 'a', sizeof(host) - 1);
    host[sizeof(host) - 1] = '\0';
    ck_assert_int_eq(tg_dc_add_address(dc, host, 1), TGC_ELIMIT);
    for (int i = 0; i < TG_DC_ADDRESSES_MAX; i++)
        ck_assert_int_eq(tg_dc_add_address(dc, "127.0.0.1", 443), 0);
    ck_assert_int_eq(tg_dc_add_address(dc, "127.0.0.1", 443), TGC_ELIMIT);
    for (int i = 0; i < TG_DC_KEYS_MAX; i++)
        ck_assert_int_eq(tg_dc_add_key(dc, NULL), 0);
    ck_assert_int_eq(tg_dc_add_key(dc, NULL), TGC_ELIMIT);
}
END_TEST

Suite *suite_judge(void)
{
    Suite *s = suite_create("judge");
    TCase *t = tcase_create("judge");

    tcase_add_test(t, test_waits_double_with_jitter_up_to_a_minute);
    tcase_add_test(t, test_a_wait_that_was_asked_for_is_not_undercut);
    tcase_add_test(t, test_a_server_that_wants_a_pause_gets_longer_ones_though_it_serves_in_between);
    tcase_add_test(t, test_only_half_a_minute_of_health_is_a_success);
    tcase_add_test(t, test_a_link_that_served_may_be_had_again_soon);
    tcase_add_loop_test(t, test_each_family_has_its_reaction, 0, sizeof(errors) / sizeof(errors[0]));
    tcase_add_test(t, test_a_wait_is_between_a_second_and_two_weeks);
    tcase_add_test(t, test_known_errors_have_a_remedy_and_others_none);
    tcase_add_loop_test(t, test_each_error_of_calls_has_a_remedy, 0, sizeof(of_calls) / sizeof(of_calls[0]));
    tcase_add_test(t, test_data_centres_have_their_bounds);
    suite_add_tcase(s, t);
    return s;
}
