#include <string.h>

#include "tests/support/unit.h"
#include "tests/unit/sandbox/fixture.h"
#include "tests/unit/sandbox/suites.h"

static json_t *send_code(struct fixture *f, const char *phone)
{
    return fixture_call(f, "auth.sendCode",
                        json_pack("{s:s, s:i, s:s}", "phone_number", phone, "api_id", 1, "api_hash", "x"));
}

/* The parameters of signIn and its kin for a code that was just sent. */
static json_t *code_params(struct fixture *f, const char *phone, const char *code)
{
    json_t *sent = send_code(f, phone);

    ck_assert_msg(sent != NULL, "%s", f->rpc.message);
    json_t *params = json_pack("{s:s, s:O, s:s}", "phone_number", phone, "phone_code_hash",
                               json_object_get(sent, "phone_code_hash"), "phone_code", code);
    json_decref(sent);
    return params;
}

START_TEST(the_right_code_logs_in)
{
    struct fixture f;

    fixture_init(&f);
    json_t *j = fixture_call(&f, "auth.signIn", code_params(&f, "+1 555 0001", "12345"));
    ck_assert_msg(j != NULL, "%s", f.rpc.message);
    ck_assert_int_eq(json_get_long(json_object_get(j, "user"), "id"), ALICE);
    ck_assert_ptr_nonnull(f.account.user);
    json_decref(j);
    j = fixture_call(&f, "auth.logOut", json_object());
    ck_assert_ptr_nonnull(j);
    ck_assert_ptr_null(f.account.user);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

static const struct {
    const char *phone;
    int api_id, code;
    const char *message;
} refused[] = {
    {"+15550001", 0, 400, "API_ID_INVALID"},         {"12", 1, 400, "PHONE_NUMBER_INVALID"},
    {"not a phone", 1, 400, "PHONE_NUMBER_INVALID"}, {"", 1, 400, "PHONE_NUMBER_INVALID"},
    {"+15550003", 1, 303, "PHONE_MIGRATE_2"},        {"1234567890123456", 1, 400, "PHONE_NUMBER_INVALID"},
};

/* There are no bots here, and they have no group calls elsewhere. */
START_TEST(a_bot_does_not_log_in)
{
    struct fixture f;

    fixture_init(&f);
    fixture_refused(
        &f, "auth.importBotAuthorization",
        json_pack("{s:i, s:i, s:s, s:s}", "flags", 0, "api_id", 1, "api_hash", "x", "bot_auth_token", "1:a"), 400,
        "ACCESS_TOKEN_INVALID");
    fixture_refused(&f, "auth.importBotAuthorization", json_pack("{s:i}", "api_id", 0), 400, "API_ID_INVALID");
    fixture_fini(&f);
}
END_TEST

START_TEST(a_wrong_request_for_a_code_is_refused)
{
    struct fixture f;

    fixture_init(&f);
    fixture_refused(
        &f, "auth.sendCode",
        json_pack("{s:s, s:i, s:s}", "phone_number", refused[_i].phone, "api_id", refused[_i].api_id, "api_hash", "x"),
        refused[_i].code, refused[_i].message);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_user_of_the_other_data_centre_logs_in_there)
{
    struct fixture f;

    fixture_init(&f);
    f.account.dc = 2;
    json_t *j = fixture_call(&f, "auth.signIn", code_params(&f, "15550003", "12345"));
    ck_assert_ptr_nonnull(j);
    json_decref(j);
    f.account.user = NULL;
    fixture_refused(&f, "auth.sendCode", json_pack("{s:s, s:i}", "phone_number", "15550001", "api_id", 1), 303,
                    "PHONE_MIGRATE_1");
    fixture_fini(&f);
}
END_TEST

START_TEST(a_wrong_code_may_be_tried_again_but_not_for_ever)
{
    struct fixture f;

    fixture_init(&f);
    json_t *params = code_params(&f, "15550001", "99999");
    for (int i = 0; i < 5; i++)
        fixture_refused(&f, "auth.signIn", json_incref(params), 400, "PHONE_CODE_INVALID");
    json_object_set_new(params, "phone_code", json_string("12345"));
    fixture_refused(&f, "auth.signIn", params, 400, "PHONE_CODE_EXPIRED");
    fixture_fini(&f);
}
END_TEST

START_TEST(a_code_grows_old)
{
    struct fixture f;

    fixture_init(&f);
    json_t *params = code_params(&f, "15550001", "12345");
    f.wall_us += 901 * SECOND_US;
    fixture_refused(&f, "auth.signIn", json_incref(params), 400, "PHONE_CODE_EXPIRED");
    fixture_refused(&f, "auth.resendCode", params, 400, "PHONE_CODE_EXPIRED");
    fixture_fini(&f);
}
END_TEST

START_TEST(too_many_wrong_codes_close_a_number_for_an_hour)
{
    struct fixture f;

    fixture_init(&f);
    for (int i = 0; i < 4; i++) {
        json_t *params = code_params(&f, "15550001", "99999");
        for (int k = 0; k < 5; k++)
            fixture_refused(&f, "auth.signIn", json_incref(params), 400, "PHONE_CODE_INVALID");
        json_decref(params);
    }
    f.wall_us += 600 * SECOND_US;
    fixture_refused(&f, "auth.signIn", code_params(&f, "15550001", "12345"), 420, "FLOOD_WAIT_3000");
    fixture_refused(&f, "auth.signIn", code_params(&f, "15550002", "12345"), 401, "SESSION_PASSWORD_NEEDED");
    f.wall_us += 3000 * SECOND_US;
    json_t *j = fixture_call(&f, "auth.signIn", code_params(&f, "15550001", "12345"));
    ck_assert_msg(j != NULL, "%s", f.rpc.message);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

static const struct {
    const char *method, *phone, *hash, *message;
} wrong_codes[] = {
    {"auth.resendCode", "12", "x", "PHONE_NUMBER_INVALID"},
    {"auth.cancelCode", "12", "x", "PHONE_NUMBER_INVALID"},
    {"auth.signIn", "12", "x", "PHONE_NUMBER_INVALID"},
    {"auth.signUp", "12", "x", "PHONE_NUMBER_INVALID"},
    {"auth.resendCode", "15550001", "", "PHONE_CODE_HASH_EMPTY"},
    {"auth.cancelCode", "15550001", "", "PHONE_CODE_HASH_EMPTY"},
    {"auth.signUp", "15550001", "", "PHONE_CODE_HASH_EMPTY"},
    {"auth.resendCode", "15550001", "x", "PHONE_CODE_EXPIRED"},
    {"auth.cancelCode", "15550001", "x", "PHONE_CODE_EXPIRED"},
    {"auth.signUp", "15550001", "x", "PHONE_CODE_EXPIRED"},
};

START_TEST(a_step_without_its_code_is_refused)
{
    struct fixture f;

    fixture_init(&f);
    fixture_refused(
        &f, wrong_codes[_i].method,
        json_pack("{s:s, s:s}", "phone_number", wrong_codes[_i].phone, "phone_code_hash", wrong_codes[_i].hash), 400,
        wrong_codes[_i].message);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_number_that_is_taken_does_not_sign_up)
{
    struct fixture f;

    fixture_init(&f);
    json_t *params = code_params(&f, "15550001", "12345");
    json_object_set_new(params, "first_name", json_string("Dora"));
    fixture_refused(&f, "auth.signUp", params, 400, "PHONE_NUMBER_OCCUPIED");
    fixture_fini(&f);
}
END_TEST

START_TEST(a_code_is_good_once_for_its_key_and_its_number)
{
    struct fixture f;

    fixture_init(&f);
    json_t *params = code_params(&f, "15550001", "12345");
    f.account.key_id++;
    fixture_refused(&f, "auth.signIn", json_incref(params), 400, "PHONE_CODE_EXPIRED");
    f.account.key_id--;
    json_t *other = json_copy(params);
    json_object_set_new(other, "phone_number", json_string("15550002"));
    fixture_refused(&f, "auth.signIn", other, 400, "PHONE_CODE_EXPIRED");
    json_t *empty = json_copy(params);
    json_object_set_new(empty, "phone_code", json_string(""));
    fixture_refused(&f, "auth.signIn", empty, 400, "PHONE_CODE_EMPTY");
    json_t *no_hash = json_copy(params);
    json_object_set_new(no_hash, "phone_code_hash", json_string(""));
    fixture_refused(&f, "auth.signIn", no_hash, 400, "PHONE_CODE_HASH_EMPTY");
    json_decref(fixture_call(&f, "auth.signIn", json_incref(params)));
    ck_assert_ptr_nonnull(f.account.user);
    fixture_refused(&f, "auth.signIn", params, 400, "PHONE_CODE_EXPIRED");
    fixture_fini(&f);
}
END_TEST

START_TEST(a_code_is_sent_again_and_cancelled)
{
    struct fixture f;

    fixture_init(&f);
    json_t *params = code_params(&f, "15550001", "12345");
    json_t *j = fixture_call(&f, "auth.resendCode", json_incref(params));
    ck_assert_str_eq(json_tag(json_object_get(j, "type")), "auth.sentCodeTypeSms");
    ck_assert_str_eq(json_get_text(j, "phone_code_hash"), json_get_text(params, "phone_code_hash"));
    ck_assert_str_eq(json_tag(json_object_get(j, "next_type")), "auth.codeTypeCall");
    ck_assert_int_eq(json_get_long(j, "timeout"), 60);
    json_decref(j);
    f.world.code_timeout_s = 0;
    j = fixture_call(&f, "auth.resendCode", json_incref(params));
    ck_assert_str_eq(json_tag(json_object_get(j, "type")), "auth.sentCodeTypeCall");
    ck_assert_ptr_null(json_object_get(j, "next_type"));
    ck_assert_ptr_null(json_object_get(j, "timeout"));
    json_decref(j);
    fixture_refused(&f, "auth.resendCode", json_incref(params), 406, "SEND_CODE_UNAVAILABLE");
    j = fixture_call(&f, "auth.cancelCode", json_incref(params));
    ck_assert(json_is_true(j));
    json_decref(j);
    fixture_refused(&f, "auth.signIn", params, 400, "PHONE_CODE_EXPIRED");
    fixture_fini(&f);
}
END_TEST

/* {purpose, …} of setting an address up for the code in PARAMS (borrowed). */
static json_t *set_up_params(const json_t *params)
{
    return json_pack("{s:{s:s, s:O, s:O}}", "purpose", "_", "emailVerifyPurposeLoginSetup", "phone_number",
                     json_object_get(params, "phone_number"), "phone_code_hash",
                     json_object_get(params, "phone_code_hash"));
}

static json_t *with_code(json_t *params, const char *member, const char *code)
{
    json_object_set_new(params, member, json_pack("{s:s, s:s}", "_", "emailVerificationCode", "code", code));
    return params;
}

START_TEST(an_address_is_proved_before_a_code_is_sent)
{
    struct fixture f;

    fixture_init(&f);
    f.world.email_login = WORLD_EMAIL_SET_UP;
    json_t *params = code_params(&f, "15550001", "12345");
    fixture_refused(&f, "auth.signIn", json_incref(params), 400, "PHONE_CODE_EMPTY");
    json_t *early = with_code(set_up_params(params), "verification", "123456");
    fixture_refused(&f, "account.verifyEmail", early, 400, "EMAIL_VERIFY_EXPIRED");
    json_t *bad = set_up_params(params);
    json_object_set_new(bad, "email", json_string("nobody"));
    fixture_refused(&f, "account.sendVerifyEmailCode", bad, 400, "EMAIL_INVALID");
    json_t *good = set_up_params(params);
    json_object_set_new(good, "email", json_string("alice@example.org"));
    json_t *j = fixture_call(&f, "account.sendVerifyEmailCode", good);
    ck_assert_str_eq(json_get_text(j, "email_pattern"), "a***@example.org");
    json_decref(j);
    fixture_refused(&f, "account.verifyEmail", with_code(set_up_params(params), "verification", "1"), 400,
                    "CODE_INVALID");
    j = fixture_call(&f, "account.verifyEmail", with_code(set_up_params(params), "verification", "123456"));
    ck_assert_str_eq(json_tag(j), "account.emailVerifiedLogin");
    ck_assert_str_eq(json_tag(json_object_get(json_object_get(j, "sent_code"), "type")), "auth.sentCodeTypeApp");
    json_decref(j);
    j = fixture_call(&f, "auth.signIn", params);
    ck_assert_str_eq(json_tag(j), "auth.authorization");
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_code_by_e_mail_is_given_as_one)
{
    struct fixture f;

    fixture_init(&f);
    f.world.email_login = WORLD_EMAIL_CODE;
    json_t *params = code_params(&f, "15550001", "12345");
    fixture_refused(&f, "auth.signIn", json_incref(params), 400, "PHONE_CODE_EMPTY");
    json_t *j = fixture_call(&f, "auth.signIn", with_code(params, "email_verification", "123456"));
    ck_assert_str_eq(json_tag(j), "auth.authorization");
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_new_number_signs_up)
{
    struct fixture f;

    fixture_init(&f);
    json_t *params = code_params(&f, "15557777", "12345");
    json_t *j = fixture_call(&f, "auth.signIn", json_incref(params));
    ck_assert_str_eq(json_tag(j), "auth.authorizationSignUpRequired");
    json_decref(j);
    ck_assert_ptr_null(f.account.user);
    fixture_refused(&f, "auth.signUp", json_incref(params), 400, "FIRSTNAME_INVALID");
    json_object_set_new(params, "first_name", json_string("Dora"));
    j = fixture_call(&f, "auth.signUp", params);
    ck_assert_str_eq(json_get_text(json_object_get(j, "user"), "first_name"), "Dora");
    json_decref(j);
    ck_assert_ptr_eq(world_user_by_phone(&f.world, "15557777"), f.account.user);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_number_signs_up_only_behind_its_code)
{
    struct fixture f;

    fixture_init(&f);
    json_t *params = code_params(&f, "15557777", "99999");
    json_object_set_new(params, "first_name", json_string("Dora"));
    fixture_refused(&f, "auth.signUp", json_incref(params), 400, "PHONE_CODE_INVALID");
    fixture_refused(&f, "auth.signIn", json_incref(params), 400, "PHONE_CODE_INVALID");
    fixture_refused(&f, "auth.signUp", params, 400, "PHONE_CODE_INVALID");
    ck_assert_ptr_null(world_user_by_phone(&f.world, "15557777"));
    fixture_fini(&f);
}
END_TEST

/* The client's side of SRP from an account.password; NULL where it has none. */
static json_t *proof_of(struct fixture *f, const char *password)
{
    json_t *j = fixture_call(f, "account.getPassword", json_object());
    const json_t *algo = json_object_get(j, "current_algo");
    struct srp_algo a = {.g = (int32_t)json_get_long(algo, "g")};
    uint8_t p[256], b[256], x[32], out_a[256], m1[32];
    size_t p_len, b_len;
    struct fault fault;

    ck_assert_int_eq(json_get_bytes(algo, "salt1", a.salt1, sizeof(a.salt1), &a.salt1_len), 0);
    ck_assert_int_eq(json_get_bytes(algo, "salt2", a.salt2, sizeof(a.salt2), &a.salt2_len), 0);
    ck_assert_int_eq(json_get_bytes(algo, "p", p, sizeof(p), &p_len), 0);
    ck_assert_int_eq(json_get_bytes(j, "srp_B", b, sizeof(b), &b_len), 0);
    memcpy(a.p, p, sizeof(a.p));
    ck_assert_int_eq(srp_password_hash(&a, password, strlen(password), x), 0);
    ck_assert_int_eq(srp_client(&a, x, b, b_len, &f->random, NULL, out_a, m1, &fault), 0);
    json_t *proof = json_pack("{s:{s:s, s:O, s:o, s:o}}", "password", "_", "inputCheckPasswordSRP", "srp_id",
                              json_object_get(j, "srp_id"), "A", json_from_bytes(out_a, sizeof(out_a)), "M1",
                              json_from_bytes(m1, sizeof(m1)));
    json_decref(j);
    return proof;
}

START_TEST(a_password_is_proved_by_srp_and_each_challenge_serves_once)
{
    struct fixture f;

    fixture_init(&f);
    fixture_refused(&f, "auth.signIn", code_params(&f, "15550002", "12345"), 401, "SESSION_PASSWORD_NEEDED");
    ck_assert_ptr_null(f.account.user);
    fixture_refused(&f, "updates.getState", json_object(), 401, "SESSION_PASSWORD_NEEDED");
    json_t *wrong = proof_of(&f, "correct horse ");
    fixture_refused(&f, "auth.checkPassword", json_incref(wrong), 400, "PASSWORD_HASH_INVALID");
    fixture_refused(&f, "auth.checkPassword", wrong, 400, "SRP_ID_INVALID");
    json_t *stale = proof_of(&f, "correct horse");
    json_t *right = proof_of(&f, "correct horse");
    fixture_refused(&f, "auth.checkPassword", stale, 400, "SRP_ID_INVALID");
    json_t *j = fixture_call(&f, "auth.checkPassword", right);
    ck_assert_msg(j != NULL, "%s", f.rpc.message);
    ck_assert_int_eq(f.account.user->id, BOB);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_proof_that_is_none_is_refused)
{
    struct fixture f;

    fixture_init(&f);
    fixture_refused(&f, "auth.signIn", code_params(&f, "15550002", "12345"), 401, "SESSION_PASSWORD_NEEDED");
    fixture_refused(&f, "auth.checkPassword", json_pack("{s:{s:s}}", "password", "_", "inputCheckPasswordEmpty"), 400,
                    "PASSWORD_HASH_INVALID");
    json_t *proof = proof_of(&f, "correct horse");
    json_object_set_new(json_object_get(proof, "password"), "M1", json_string("AAAA"));
    fixture_refused(&f, "auth.checkPassword", proof, 400, "PASSWORD_HASH_INVALID");
    fixture_fini(&f);
}
END_TEST

START_TEST(an_authorization_goes_to_the_other_data_centre_once)
{
    struct fixture f;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    fixture_refused(&f, "auth.exportAuthorization", json_pack("{s:i}", "dc_id", 1), 400, "DC_ID_INVALID");
    json_t *j = fixture_call(&f, "auth.exportAuthorization", json_pack("{s:i}", "dc_id", 2));
    json_t *params = json_pack("{s:O, s:O}", "id", json_object_get(j, "id"), "bytes", json_object_get(j, "bytes"));
    json_decref(j);
    fixture_become(&f, 0);
    fixture_refused(&f, "auth.importAuthorization", json_incref(params), 400, "AUTH_BYTES_INVALID");
    f.account.dc = 2;
    j = fixture_call(&f, "auth.importAuthorization", json_incref(params));
    ck_assert_ptr_nonnull(j);
    ck_assert_int_eq(f.account.user->id, ALICE);
    json_decref(j);
    fixture_refused(&f, "auth.importAuthorization", params, 400, "AUTH_BYTES_INVALID");
    fixture_fini(&f);
}
END_TEST

Suite *suite_auth(void)
{
    Suite *s = suite_create("auth");
    TCase *t = tcase_create("auth");

    tcase_add_test(t, the_right_code_logs_in);
    tcase_add_loop_test(t, a_wrong_request_for_a_code_is_refused, 0, sizeof(refused) / sizeof(*refused));
    tcase_add_test(t, a_user_of_the_other_data_centre_logs_in_there);
    tcase_add_test(t, a_wrong_code_may_be_tried_again_but_not_for_ever);
    tcase_add_test(t, a_code_grows_old);
    tcase_add_test(t, too_many_wrong_codes_close_a_number_for_an_hour);
    tcase_add_loop_test(t, a_step_without_its_code_is_refused, 0, sizeof(wrong_codes) / sizeof(*wrong_codes));
    tcase_add_test(t, a_number_that_is_taken_does_not_sign_up);
    tcase_add_test(t, a_code_is_good_once_for_its_key_and_its_number);
    tcase_add_test(t, a_code_is_sent_again_and_cancelled);
    tcase_add_test(t, a_bot_does_not_log_in);
    tcase_add_test(t, an_address_is_proved_before_a_code_is_sent);
    tcase_add_test(t, a_code_by_e_mail_is_given_as_one);
    tcase_add_test(t, a_new_number_signs_up);
    tcase_add_test(t, a_number_signs_up_only_behind_its_code);
    tcase_add_test(t, a_password_is_proved_by_srp_and_each_challenge_serves_once);
    tcase_add_test(t, a_proof_that_is_none_is_refused);
    tcase_add_test(t, an_authorization_goes_to_the_other_data_centre_once);
    suite_add_tcase(s, t);
    return s;
}
