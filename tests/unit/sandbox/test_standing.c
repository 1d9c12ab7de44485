/* What Telegram does to accounts, on demand: logins that are ended, bans, freezes, limits. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/fixture.h"
#include "tests/unit/sandbox/pair.h"
#include "tests/unit/sandbox/raw.h"
#include "tests/unit/sandbox/suites.h"

/* --- over the control port --- */

static void act(const char *body, int keys)
{
    json_t *j = server_control(&pair_server, "POST", "/account", body);

    ck_assert_msg(json_get_long(j, "keys") == keys && !json_object_get(j, "detail"), "%s: %s", body,
                  json_dumps(j, JSON_COMPACT));
    json_decref(j);
}

static void expect_error(const char *method, json_t *params, int code, const char *error)
{
    json_t *j = raw_call(&pair_client, method, params);

    ck_assert_msg(!j && pair_client.error_code == code && strcmp(pair_client.error, error) == 0, "%s: %d %s", method,
                  j ? 0 : pair_client.error_code, j ? "a result" : pair_client.error);
}

static void expect_state(int code, const char *error)
{
    expect_error("updates.getState", json_object(), code, error);
}

static void expect_result(const char *method, json_t *params)
{
    json_t *j = raw_call(&pair_client, method, params);

    ck_assert_msg(j != NULL, "%s: %s", method, pair_client.error);
    json_decref(j);
}

static const struct {
    const char *body;
    int code;
    const char *error;
    bool is_public; /* what needs no login still is answered */
} ends[] = {
    {"{\"phone\":\"15550001\",\"act\":\"duplicate\"}", 406, "AUTH_KEY_DUPLICATED", false},
    {"{\"user\":1001,\"act\":\"revoke\"}", 401, "SESSION_REVOKED", true},
    {"{\"user\":1001,\"act\":\"revoke\",\"error\":\"AUTH_KEY_UNREGISTERED\"}", 401, "AUTH_KEY_UNREGISTERED", true},
    {"{\"user\":1001,\"act\":\"ban\"}", 401, "USER_DEACTIVATED_BAN", true},
    {"{\"user\":1001,\"act\":\"ban\",\"error\":\"USER_DEACTIVATED\"}", 401, "USER_DEACTIVATED", true},
};

START_TEST(a_login_is_ended_from_elsewhere)
{
    struct raw_message m;

    raw_login(&pair_client, "15550001");
    act(ends[_i].body, 1);
    ck_assert(!raw_recv(&pair_client, &m)); /* the connection was closed */
    raw_reconnect(&pair_client);
    for (int i = 0; i < 2; i++) {
        expect_state(ends[_i].code, ends[_i].error);
        if (ends[_i].is_public)
            expect_result("help.getNearestDc", json_object());
        else
            expect_error("help.getNearestDc", json_object(), ends[_i].code, ends[_i].error);
    }
    act(ends[_i].body, 0);
}
END_TEST

START_TEST(a_new_login_makes_a_revoked_key_good_again)
{
    raw_login(&pair_client, "15550001");
    act("{\"user\":1001,\"act\":\"revoke\"}", 1);
    raw_reconnect(&pair_client);
    raw_login(&pair_client, "15550001");
    expect_result("updates.getState", json_object());
}
END_TEST

START_TEST(nobody_else_is_struck)
{
    struct raw carol;

    raw_init(&carol, &pair_server, 2, 229, WIRE_INTERMEDIATE, false);
    raw_login(&carol, "15550003");
    raw_login(&pair_client, "15550001");
    act("{\"phone\":\"15550003\",\"act\":\"ban\"}", 1);
    expect_result("updates.getState", json_object());
    raw_fini(&carol);
}
END_TEST

START_TEST(a_frozen_account_reads_until_the_freeze_ends)
{
    raw_login(&pair_client, "15550001");
    json_t *peer = json_pack("{s:{s:s, s:i}, s:i}", "peer", "_", "inputPeerChat", "chat_id", 5001, "random_id", 1);
    act("{\"user\":1001,\"act\":\"freeze\",\"seconds\":600}", 0);
    expect_error("phone.createGroupCall", json_incref(peer), 420, "FROZEN_METHOD_INVALID");
    expect_result("updates.getState", json_object());
    json_t *j = raw_call(&pair_client, "help.getAppConfig", json_pack("{s:i}", "hash", 0));
    json_t *pairs = json_object_get(json_object_get(j, "config"), "value");
    ck_assert_uint_eq(json_array_size(pairs), 3);
    ck_assert_str_eq(json_get_text(json_array_get(pairs, 0), "key"), "freeze_since_date");
    ck_assert_str_eq(json_get_text(json_array_get(pairs, 1), "key"), "freeze_until_date");
    json_decref(j);
    pair_opts("{\"clock_skew_s\": 600}");
    pair_client.now_us = clock_wall_us(&clock_system) + 600 * SECOND_US;
    expect_result("phone.createGroupCall", json_incref(peer));
    j = raw_call(&pair_client, "help.getAppConfig", json_pack("{s:i}", "hash", 0));
    ck_assert_uint_eq(json_array_size(json_object_get(json_object_get(j, "config"), "value")), 0);
    json_decref(j);
    act("{\"user\":1001,\"act\":\"freeze\"}", 0);
    expect_error("phone.createGroupCall", json_incref(peer), 420, "FROZEN_METHOD_INVALID");
    act("{\"user\":1001,\"act\":\"restore\"}", 0);
    expect_result("phone.createGroupCall", peer);
}
END_TEST

static const struct {
    const char *body, *detail;
} wrong[] = {
    {"{}", "act is one of"},
    {"[]", "act is one of"},
    {"{\"act\":\"bless\",\"user\":1001}", "act is one of"},
    {"{\"act\":\"ban\",\"user\":1}", "no such user"},
    {"{\"act\":\"ban\",\"phone\":\"1\"}", "no such user"},
    {"{\"act\":\"ban\"}", "no such user"},
    {"{\"act\":\"ban\",\"user\":1001,\"error\":\"SESSION_REVOKED\"}", "not told by this error"},
    {"{\"act\":\"ban\",\"user\":1001,\"seconds\":1}", "no member \"seconds\""},
    {"{\"act\":\"restore\",\"user\":1001,\"error\":\"\"}", "no member \"error\""},
    {"{\"act\":\"freeze\",\"user\":1001,\"seconds\":0}", "from 1 to"},
    {"{\"act\":\"freeze\",\"user\":1001,\"seconds\":true}", "from 1 to"},
};

START_TEST(a_wrong_act_is_refused)
{
    json_t *j = server_control(&pair_server, "POST", "/account", wrong[_i].body);

    ck_assert_msg(strstr(json_get_text(j, "detail"), wrong[_i].detail) != NULL, "%s", json_get_text(j, "detail"));
    json_decref(j);
}
END_TEST

/* --- logins --- */

static json_t *phone(const char *number)
{
    return json_pack("{s:s, s:i, s:s, s:{s:s}}", "phone_number", number, "api_id", 1, "api_hash", "x", "settings", "_",
                     "codeSettings");
}

static void code_is_sent(struct fixture *f, const char *number)
{
    json_t *j = fixture_call(f, "auth.sendCode", phone(number));

    ck_assert_msg(j != NULL, "%s", f->rpc.message);
    json_decref(j);
}

START_TEST(logins_of_old_layers_are_refused)
{
    struct fixture f;

    fixture_init(&f);
    f.world.login_layer_min = FIXTURE_LAYER + 1;
    fixture_refused(&f, "auth.sendCode", phone("15550001"), 406, "UPDATE_APP_TO_LOGIN");
    f.world.login_layer_min = FIXTURE_LAYER;
    json_t *sent = fixture_call(&f, "auth.sendCode", phone("15550001"));
    json_t *code = json_pack("{s:s, s:O, s:s}", "phone_number", "15550001", "phone_code_hash",
                             json_object_get(sent, "phone_code_hash"), "phone_code", "12345");
    f.world.login_layer_min = FIXTURE_LAYER + 1;
    fixture_refused(&f, "auth.signIn", json_incref(code), 406, "UPDATE_APP_TO_LOGIN");
    f.world.login_layer_min = 0;
    json_decref(fixture_call(&f, "auth.signIn", code));
    ck_assert_ptr_nonnull(f.account.user);
    f.world.login_layer_min = FIXTURE_LAYER + 1; /* who is inside stays */
    json_t *j = fixture_call(&f, "updates.getState", json_object());
    ck_assert_ptr_nonnull(j);
    json_decref(j);
    json_decref(sent);
    fixture_fini(&f);
}
END_TEST

START_TEST(so_many_codes_are_sent_to_a_number_in_a_day)
{
    struct fixture f;

    fixture_init(&f);
    f.world.codes_max = 3;
    for (int i = 0; i < 3; i++)
        code_is_sent(&f, "15550001");
    fixture_refused(&f, "auth.sendCode", phone("+1 555 0001"), 400, "PHONE_NUMBER_FLOOD");
    code_is_sent(&f, "15550002");
    f.wall_us += 86399 * SECOND_US;
    fixture_refused(&f, "auth.sendCode", phone("15550001"), 400, "PHONE_NUMBER_FLOOD");
    f.wall_us += SECOND_US;
    code_is_sent(&f, "15550001");
    fixture_fini(&f);
}
END_TEST

START_TEST(so_many_passwords_may_be_wrong_in_a_day)
{
    struct fixture f;

    fixture_init(&f);
    f.world.passwords_max = 2;
    f.account.pending = world_user_by_id(&f.world, BOB);
    for (int i = 0; i < 2; i++) {
        json_t *j = fixture_call(&f, "account.getPassword", json_object());
        fixture_refused(&f, "auth.checkPassword",
                        json_pack("{s:{s:s, s:O, s:s, s:s}}", "password", "_", "inputCheckPasswordSRP", "srp_id",
                                  json_object_get(j, "srp_id"), "A", "AAAA", "M1", "AAAA"),
                        400, "PASSWORD_HASH_INVALID");
        json_decref(j);
    }
    fixture_refused(&f, "auth.checkPassword", json_pack("{s:{s:s}}", "password", "_", "inputCheckPasswordSRP"), 420,
                    "FLOOD_WAIT_86400");
    fixture_refused(&f, "auth.sendCode", phone("15550002"), 406, "PHONE_PASSWORD_FLOOD");
    f.wall_us += 86400 * SECOND_US;
    code_is_sent(&f, "15550002");
    fixture_fini(&f);
}
END_TEST

START_TEST(who_is_banned_is_not_let_in)
{
    struct fixture f;

    fixture_init(&f);
    snprintf(world_user_by_id(&f.world, BOB)->banned, sizeof(f.account.ended), "USER_DEACTIVATED");
    fixture_refused(&f, "auth.sendCode", phone("15550002"), 400, "PHONE_NUMBER_BANNED");
    code_is_sent(&f, "15550001");
    fixture_fini(&f);
}
END_TEST

Suite *suite_standing(void)
{
    Suite *s = suite_create("standing");
    TCase *over = tcase_create("control"), *logins = tcase_create("logins");

    tcase_add_checked_fixture(over, pair_setup, pair_teardown);
    tcase_add_loop_test(over, a_login_is_ended_from_elsewhere, 0, sizeof(ends) / sizeof(*ends));
    tcase_add_test(over, a_new_login_makes_a_revoked_key_good_again);
    tcase_add_test(over, nobody_else_is_struck);
    tcase_add_test(over, a_frozen_account_reads_until_the_freeze_ends);
    tcase_add_loop_test(over, a_wrong_act_is_refused, 0, sizeof(wrong) / sizeof(*wrong));
    suite_add_tcase(s, over);
    tcase_add_test(logins, logins_of_old_layers_are_refused);
    tcase_add_test(logins, so_many_codes_are_sent_to_a_number_in_a_day);
    tcase_add_test(logins, so_many_passwords_may_be_wrong_in_a_day);
    tcase_add_test(logins, who_is_banned_is_not_let_in);
    suite_add_tcase(s, logins);
    return s;
}
