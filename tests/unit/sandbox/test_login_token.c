/* Login by QR code. */
#include <string.h>

#include "tests/support/unit.h"
#include "tests/unit/sandbox/fixture.h"
#include "tests/unit/sandbox/raw.h"
#include "tests/unit/sandbox/suites.h"

static int pushed_keys;

static void on_push_key(void *ctx, int dc, uint64_t key_id, const json_t *updates)
{
    ck_assert_int_eq(dc, 1);
    ck_assert_uint_eq(key_id, 99);
    ck_assert_str_eq(json_tag(json_object_get(updates, "update")), "updateLoginToken");
    pushed_keys++;
}

/* Who shows the code: nobody on key 99 of DC 1. Who scans it: another key. */
static void as_shower(struct fixture *f)
{
    f->account = (struct account){.key_id = 99, .dc = 1};
}

static void as_scanner(struct fixture *f, int64_t user)
{
    f->account = (struct account){.key_id = 5, .dc = 1};
    fixture_become(f, user);
}

static void setup(struct fixture *f)
{
    fixture_init(f);
    f->world.push_key = on_push_key;
    pushed_keys = 0;
    as_shower(f);
}

static json_t *shown(struct fixture *f, int64_t except)
{
    return fixture_call(f, "auth.exportLoginToken",
                        json_pack("{s:i, s:s, s:[I]}", "api_id", 1, "api_hash", "x", "except_ids", (json_int_t)except));
}

static json_t *token_params(const json_t *j)
{
    return json_pack("{s:O}", "token", json_object_get(j, "token"));
}

START_TEST(a_token_is_shown_accepted_and_logs_in_once)
{
    struct fixture f;

    setup(&f);
    json_t *first = shown(&f, 0), *again = shown(&f, 0);
    ck_assert_str_eq(json_tag(first), "auth.loginToken");
    ck_assert_int_eq(json_get_long(first, "expires"), world_now(&f.world) + 30);
    ck_assert(json_equal(first, again));
    as_scanner(&f, ALICE);
    json_t *j = fixture_call(&f, "auth.acceptLoginToken", token_params(first));
    ck_assert_str_eq(json_tag(j), "authorization");
    ck_assert_int_eq(pushed_keys, 1);
    json_decref(j);
    fixture_refused(&f, "auth.acceptLoginToken", token_params(first), 400, "AUTH_TOKEN_ALREADY_ACCEPTED");
    as_shower(&f);
    j = shown(&f, 0);
    ck_assert_str_eq(json_tag(j), "auth.loginTokenSuccess");
    ck_assert_int_eq(json_get_long(json_object_get(json_object_get(j, "authorization"), "user"), "id"), ALICE);
    ck_assert_int_eq(f.account.user->id, ALICE);
    json_decref(j);
    as_scanner(&f, ALICE);
    fixture_refused(&f, "auth.acceptLoginToken", token_params(first), 400, "AUTH_TOKEN_INVALID");
    json_decref(first);
    json_decref(again);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_password_is_still_asked_for)
{
    struct fixture f;

    setup(&f);
    json_t *token = shown(&f, 0);
    as_scanner(&f, BOB);
    json_decref(fixture_call(&f, "auth.acceptLoginToken", token_params(token)));
    as_shower(&f);
    fixture_refused(&f, "auth.exportLoginToken", json_pack("{s:i}", "api_id", 1), 401, "SESSION_PASSWORD_NEEDED");
    ck_assert_ptr_null(f.account.user);
    ck_assert_int_eq(f.account.pending->id, BOB);
    json_decref(token);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_user_of_the_other_data_centre_ends_there)
{
    struct fixture f;

    setup(&f);
    json_t *token = shown(&f, 0);
    as_scanner(&f, CAROL);
    json_decref(fixture_call(&f, "auth.acceptLoginToken", token_params(token)));
    as_shower(&f);
    json_t *moved = shown(&f, 0);
    ck_assert_str_eq(json_tag(moved), "auth.loginTokenMigrateTo");
    ck_assert_int_eq(json_get_long(moved, "dc_id"), 2);
    fixture_refused(&f, "auth.importLoginToken", token_params(moved), 400, "AUTH_TOKEN_INVALID");
    f.account = (struct account){.key_id = 100, .dc = 2};
    json_t *j = fixture_call(&f, "auth.importLoginToken", token_params(moved));
    ck_assert_str_eq(json_tag(j), "auth.loginTokenSuccess");
    ck_assert_int_eq(f.account.user->id, CAROL);
    json_decref(j);
    fixture_refused(&f, "auth.importLoginToken", token_params(moved), 400, "AUTH_TOKEN_INVALID");
    json_decref(moved);
    json_decref(token);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_token_that_is_old_wrong_or_not_for_this_user_is_refused)
{
    struct fixture f;

    setup(&f);
    fixture_refused(&f, "auth.exportLoginToken", json_pack("{s:i}", "api_id", 0), 400, "API_ID_INVALID");
    json_t *token = shown(&f, ALICE);
    as_scanner(&f, ALICE);
    fixture_refused(&f, "auth.acceptLoginToken", token_params(token), 400, "AUTH_TOKEN_EXCEPTION");
    fixture_refused(&f, "auth.acceptLoginToken", json_pack("{s:s}", "token", "AAAA"), 400, "AUTH_TOKEN_INVALID");
    fixture_refused(&f, "auth.importLoginToken", token_params(token), 400, "AUTH_TOKEN_INVALID");
    f.wall_us += 31 * SECOND_US;
    as_scanner(&f, BOB);
    fixture_refused(&f, "auth.acceptLoginToken", token_params(token), 400, "AUTH_TOKEN_EXPIRED");
    as_shower(&f);
    fixture_refused(&f, "auth.acceptLoginToken", token_params(token), 401, "AUTH_KEY_UNREGISTERED");
    json_t *other = shown(&f, 0);
    ck_assert(!json_equal(json_object_get(token, "token"), json_object_get(other, "token")));
    json_decref(token);
    json_decref(other);
    fixture_fini(&f);
}
END_TEST

/* Over sockets: the update finds a key on which nobody is logged in, in its own layer. */
START_TEST(who_shows_a_token_is_told_that_it_was_accepted)
{
    struct server v;
    struct raw shower, scanner;

    server_start(&v);
    raw_init(&shower, &v, 1, _i ? 229 : 138, WIRE_INTERMEDIATE, false);
    raw_init(&scanner, &v, 1, 229, WIRE_INTERMEDIATE, false);
    raw_login(&scanner, "15550001");
    json_t *params = json_pack("{s:i, s:s, s:[]}", "api_id", 1, "api_hash", "x", "except_ids");
    json_t *token = raw_call(&shower, "auth.exportLoginToken", json_incref(params));
    ck_assert_msg(token != NULL, "%s", shower.error);
    json_t *j = raw_call(&scanner, "auth.acceptLoginToken", token_params(token));
    ck_assert_msg(j != NULL, "%s", scanner.error);
    json_decref(j);
    json_decref(raw_call(&shower, "help.getConfig", json_object()));
    const json_t *update = json_array_get(shower.updates, json_array_size(shower.updates) - 1);
    ck_assert_str_eq(json_tag(json_object_get(update, "update")), "updateLoginToken");
    j = raw_call(&shower, "auth.exportLoginToken", params);
    ck_assert_msg(j != NULL, "%s", shower.error);
    ck_assert_str_eq(json_tag(j), "auth.loginTokenSuccess");
    json_decref(j);
    json_decref(token);
    raw_fini(&shower);
    raw_fini(&scanner);
    server_stop(&v);
}
END_TEST

Suite *suite_login_token(void)
{
    Suite *s = suite_create("login_token");
    TCase *t = tcase_create("login_token");

    tcase_add_test(t, a_token_is_shown_accepted_and_logs_in_once);
    tcase_add_test(t, a_password_is_still_asked_for);
    tcase_add_test(t, a_user_of_the_other_data_centre_ends_there);
    tcase_add_test(t, a_token_that_is_old_wrong_or_not_for_this_user_is_refused);
    tcase_add_loop_test(t, who_shows_a_token_is_told_that_it_was_accepted, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
