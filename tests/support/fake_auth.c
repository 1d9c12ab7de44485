/* Logging in, and what is asked right after it. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "daemon/crypto/dh.h"
#include "daemon/crypto/srp.h"
#include "daemon/tl/base64.h"
#include "tests/support/fake_rpc.h"

static json_t *json_of_bytes(const void *data, size_t len)
{
    char text[(256 + 2) / 3 * 4];

    ck_assert_uint_le(len, 256);
    tl_base64_encode(data, len, text);
    return json_stringn(text, tl_base64_encoded_len(len));
}

/* Whether member MEMBER has exactly SIZE bytes. */
static bool take_bytes(const json_t *object, const char *member, void *out, size_t size)
{
    const char *text = fake_text(object, member);
    size_t len;

    return tl_base64_decoded_len(text, strlen(text), &len) == 0 && len == size &&
           tl_base64_decode(text, strlen(text), out) == 0;
}

static struct fake_user *by_phone(struct fake_world *w, const char *phone)
{
    phone += *phone == '+';
    for (size_t i = 0; i < FAKE_USERS; i++)
        if (strcmp(w->users[i].phone, phone) == 0)
            return &w->users[i];
    return NULL;
}

static json_t *send_code(struct fake_rpc *r, const json_t *params)
{
    struct fake_user *u = by_phone(r->w, fake_text(params, "phone_number"));

    if (!u)
        return fake_rpc_fail(r, 400, "PHONE_NUMBER_INVALID");
    if (u->home_dc != r->centre)
        return fake_rpc_fail(r, 303, "PHONE_MIGRATE_%d", u->home_dc);
    snprintf(u->code_hash, sizeof(u->code_hash), "hash-%u", ++r->w->codes_n);
    return json_pack("{s:s, s:{s:s, s:i}, s:s, s:{s:s}, s:i}", "_", "auth.sentCode", "type", "_",
                     "auth.sentCodeTypeApp", "length", (int)strlen(u->code), "phone_code_hash", u->code_hash,
                     "next_type", "_", "auth.codeTypeSms", "timeout", 60);
}

static struct fake_user *by_code(struct fake_rpc *r, const json_t *params)
{
    struct fake_user *u = by_phone(r->w, fake_text(params, "phone_number"));

    if (!u)
        return fake_rpc_fail(r, 400, "PHONE_NUMBER_INVALID"), NULL;
    if (!u->code_hash[0] || strcmp(u->code_hash, fake_text(params, "phone_code_hash")) != 0)
        return fake_rpc_fail(r, 400, "PHONE_CODE_EXPIRED"), NULL;
    return u;
}

static json_t *resend_code(struct fake_rpc *r, const json_t *params)
{
    struct fake_user *u = by_code(r, params);

    if (!u)
        return NULL;
    r->w->codes_n++;
    return json_pack("{s:s, s:{s:s, s:i}, s:s}", "_", "auth.sentCode", "type", "_", "auth.sentCodeTypeSms", "length",
                     (int)strlen(u->code), "phone_code_hash", u->code_hash);
}

static json_t *cancel_code(struct fake_rpc *r, const json_t *params)
{
    struct fake_user *u = by_code(r, params);

    if (!u)
        return NULL;
    u->code_hash[0] = '\0';
    return json_true();
}

/* Numbers of nobody are told apart by the tests' own rules. */
static json_t *sign_up(struct fake_rpc *r, const json_t *params)
{
    struct fake_user *u = by_code(r, params);

    if (!u)
        return NULL;
    snprintf(u->first_name, sizeof(u->first_name), "%s", fake_text(params, "first_name"));
    r->login->user = u;
    return json_pack("{s:s, s:o}", "_", "auth.authorization", "user", fake_json_user(u));
}

static json_t *log_in(struct fake_rpc *r, struct fake_user *u)
{
    r->login->user = u;
    r->login->pending = NULL;
    return json_pack("{s:s, s:o}", "_", "auth.authorization", "user", fake_json_user(u));
}

/* A code serves once. */
static json_t *sign_in(struct fake_rpc *r, const json_t *params)
{
    struct fake_user *u = by_code(r, params);

    if (!u)
        return NULL;
    const json_t *by_mail = json_object_get(params, "email_verification");
    if (strcmp(by_mail ? "123456" : u->code, fake_text(by_mail ? by_mail : params, by_mail ? "code" : "phone_code")) !=
        0)
        return fake_rpc_fail(r, 400, "PHONE_CODE_INVALID");
    u->code_hash[0] = '\0';
    if (!*u->password)
        return log_in(r, u);
    r->login->pending = u;
    return fake_rpc_fail(r, 401, "SESSION_PASSWORD_NEEDED");
}

/* --- the password --- */

static void password_algo(const struct fake_user *u, struct srp_algo *algo, uint8_t verifier[static 256])
{
    uint8_t x[32];

    *algo = (struct srp_algo){.salt1 = "salt one", .salt2 = "salt two", .salt1_len = 8, .salt2_len = 8, .g = 3};
    memcpy(algo->p, dh_telegram_prime, sizeof(algo->p));
    ck_assert_int_eq(srp_password_hash(algo, u->password, strlen(u->password), x), 0);
    ck_assert_int_eq(srp_verifier(algo, x, verifier), 0);
}

static json_t *get_password(struct fake_rpc *r, const json_t *params)
{
    struct fake_login *l = r->login;
    struct fake_user *u = l->pending ? l->pending : l->user;
    struct srp_algo algo;
    uint8_t verifier[256];

    (void)params;
    if (!u)
        return fake_rpc_fail(r, 401, "AUTH_KEY_UNREGISTERED");
    json_t *j =
        json_pack("{s:s, s:{s:s}, s:{s:s}, s:s}", "_", "account.password", "new_algo", "_", "passwordKdfAlgoUnknown",
                  "new_secure_algo", "_", "securePasswordKdfAlgoUnknown", "secure_random", "");
    if (!*u->password)
        return j;
    password_algo(u, &algo, verifier);
    random_fill(r->w->random, l->srp_secret, sizeof(l->srp_secret));
    ck_assert_int_eq(srp_server_public(&algo, verifier, l->srp_secret, l->srp_public), 0);
    l->srp_id = (int64_t)(random_u32(r->w->random) | 1);
    json_object_set_new(j, "has_password", json_true());
    json_object_set_new(j, "current_algo",
                        json_pack("{s:s, s:o, s:o, s:i, s:o}", "_",
                                  "passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow", "salt1",
                                  json_of_bytes(algo.salt1, algo.salt1_len), "salt2",
                                  json_of_bytes(algo.salt2, algo.salt2_len), "g", (int)algo.g, "p",
                                  json_of_bytes(algo.p, sizeof(algo.p))));
    json_object_set_new(j, "srp_B", json_of_bytes(l->srp_public, sizeof(l->srp_public)));
    json_object_set_new(j, "srp_id", json_integer(l->srp_id));
    json_object_set_new(j, "hint", json_string("the usual"));
    return j;
}

/* An srp_id serves for one try. */
static json_t *check_password(struct fake_rpc *r, const json_t *params)
{
    const json_t *proof = json_object_get(params, "password");
    struct fake_login *l = r->login;
    struct srp_algo algo;
    uint8_t verifier[256], a[256], m1[32];

    if (!l->pending)
        return fake_rpc_fail(r, 401, "AUTH_KEY_UNREGISTERED");
    if (!l->srp_id || fake_long(proof, "srp_id") != l->srp_id)
        return fake_rpc_fail(r, 400, "SRP_ID_INVALID");
    l->srp_id = 0;
    password_algo(l->pending, &algo, verifier);
    if (!take_bytes(proof, "A", a, sizeof(a)) || !take_bytes(proof, "M1", m1, sizeof(m1)) ||
        srp_server_check(&algo, verifier, l->srp_secret, l->srp_public, a, sizeof(a), m1) != 0)
        return fake_rpc_fail(r, 400, "PASSWORD_HASH_INVALID");
    return log_in(r, l->pending);
}

/* --- QR codes: one at a time --- */

static json_t *token_bytes(const struct fake_rpc *r)
{
    uint8_t token[32] = {0xff, 0xef, (uint8_t)r->w->tokens_n};

    return json_of_bytes(token, sizeof(token));
}

static json_t *token_success(struct fake_rpc *r)
{
    struct fake_user *u = r->w->scanned_by;

    r->w->scanned_by = NULL;
    r->w->token_until = 0;
    if (*u->password) {
        r->login->pending = u;
        return fake_rpc_fail(r, 401, "SESSION_PASSWORD_NEEDED");
    }
    return json_pack("{s:s, s:o}", "_", "auth.loginTokenSuccess", "authorization", log_in(r, u));
}

static json_t *export_token(struct fake_rpc *r, const json_t *params)
{
    struct fake_world *w = r->w;
    int64_t now = clock_wall_us(w->clock) / SECOND_US;

    (void)params;
    if (w->scanned_by && w->scanned_by->home_dc != r->centre)
        return json_pack("{s:s, s:i, s:o}", "_", "auth.loginTokenMigrateTo", "dc_id", w->scanned_by->home_dc, "token",
                         token_bytes(r));
    if (w->scanned_by)
        return token_success(r);
    if (w->token_until <= now) {
        w->tokens_n++;
        w->token_until = now + 30;
    }
    return json_pack("{s:s, s:I, s:o}", "_", "auth.loginToken", "expires", (json_int_t)w->token_until, "token",
                     token_bytes(r));
}

static json_t *import_token(struct fake_rpc *r, const json_t *params)
{
    json_t *token = token_bytes(r);
    bool is_it = json_equal(token, json_object_get(params, "token"));

    json_decref(token);
    if (!is_it || !r->w->scanned_by || r->w->scanned_by->home_dc != r->centre)
        return fake_rpc_fail(r, 400, "AUTH_TOKEN_EXPIRED");
    return token_success(r);
}

/* --- e-mail --- */

static json_t *send_email_code(struct fake_rpc *r, const json_t *params)
{
    const json_t *purpose = json_object_get(params, "purpose");

    ck_assert_str_eq(fake_text(purpose, "_"), "emailVerifyPurposeLoginSetup");
    if (!by_code(r, purpose))
        return NULL;
    return json_pack("{s:s, s:s, s:i}", "_", "account.sentEmailCode", "email_pattern", "a***@b.org", "length", 6);
}

static json_t *verify_email(struct fake_rpc *r, const json_t *params)
{
    const json_t *verification = json_object_get(params, "verification");
    struct fake_user *u = by_code(r, json_object_get(params, "purpose"));

    if (!u)
        return NULL;
    ck_assert_str_eq(fake_text(verification, "_"), "emailVerificationCode");
    if (strcmp(fake_text(verification, "code"), "123456") != 0)
        return fake_rpc_fail(r, 400, "CODE_INVALID");
    return json_pack("{s:s, s:s, s:{s:s, s:{s:s, s:i}, s:s}}", "_", "account.emailVerifiedLogin", "email", "a@b.org",
                     "sent_code", "_", "auth.sentCode", "type", "_", "auth.sentCodeTypeApp", "length",
                     (int)strlen(u->code), "phone_code_hash", u->code_hash);
}

/* --- the rest --- */

static json_t *log_out(struct fake_rpc *r, const json_t *params)
{
    (void)params;
    r->login->user = r->login->pending = NULL;
    return json_pack("{s:s}", "_", "auth.loggedOut");
}

static json_t *export_authorization(struct fake_rpc *r, const json_t *params)
{
    struct fake_world *w = r->w;

    w->exported_to = (int)fake_long(params, "dc_id");
    if (w->exported_to == r->centre)
        return fake_rpc_fail(r, 400, "DC_ID_INVALID");
    w->exported_user = r->login->user->id;
    random_fill(w->random, w->exported_for, sizeof(w->exported_for));
    return json_pack("{s:s, s:I, s:o}", "_", "auth.exportedAuthorization", "id", (json_int_t)w->exported_user, "bytes",
                     json_of_bytes(w->exported_for, sizeof(w->exported_for)));
}

static json_t *import_authorization(struct fake_rpc *r, const json_t *params)
{
    struct fake_world *w = r->w;
    uint8_t bytes[sizeof(w->exported_for)];
    int64_t id = fake_long(params, "id");

    if (!id || id != w->exported_user || w->exported_to != r->centre ||
        !take_bytes(params, "bytes", bytes, sizeof(bytes)) || memcmp(bytes, w->exported_for, sizeof(bytes)) != 0)
        return fake_rpc_fail(r, 400, "AUTH_BYTES_INVALID");
    w->exported_user = 0;
    for (size_t i = 0; i < FAKE_USERS; i++)
        if (w->users[i].id == id)
            return log_in(r, &w->users[i]);
    return fake_rpc_fail(r, 400, "USER_ID_INVALID");
}

static json_t *get_state(struct fake_rpc *r, const json_t *params)
{
    (void)params;
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:i}", "_", "updates.state", "pts", 1, "qts", 1, "date",
                     (int)(clock_wall_us(r->w->clock) / SECOND_US), "seq", 1, "unread_count", 0);
}

static json_t *get_difference(struct fake_rpc *r, const json_t *params)
{
    (void)params;
    return json_pack("{s:s, s:i, s:i}", "_", "updates.differenceEmpty", "date",
                     (int)(clock_wall_us(r->w->clock) / SECOND_US), "seq", 1);
}

static json_t *get_users(struct fake_rpc *r, const json_t *params)
{
    json_t *users = json_array();
    const json_t *input;
    size_t i;

    json_array_foreach ((json_t *)json_object_get(params, "id"), i, input)
        if (strcmp(fake_text(input, "_"), "inputUserSelf") == 0)
            json_array_append_new(users, fake_json_user(r->login->user));
    return users;
}

static json_t *get_nearest_dc(struct fake_rpc *r, const json_t *params)
{
    (void)params;
    return json_pack("{s:s, s:s, s:i, s:i}", "_", "nearestDc", "country", "AQ", "this_dc", r->centre, "nearest_dc", 1);
}

const struct fake_method fake_auth_methods[] = {
    {"account.sendVerifyEmailCode", send_email_code, true},
    {"account.verifyEmail", verify_email, true},
    {"account.getPassword", get_password, true},
    {"auth.cancelCode", cancel_code, true},
    {"auth.checkPassword", check_password, true},
    {"auth.exportAuthorization", export_authorization, false},
    {"auth.importAuthorization", import_authorization, true},
    {"auth.exportLoginToken", export_token, true},
    {"auth.importLoginToken", import_token, true},
    {"auth.logOut", log_out, false},
    {"auth.resendCode", resend_code, true},
    {"auth.sendCode", send_code, true},
    {"auth.signIn", sign_in, true},
    {"auth.signUp", sign_up, true},
    {"help.getNearestDc", get_nearest_dc, true},
    {"updates.getDifference", get_difference, false},
    {"updates.getState", get_state, false},
    {"users.getUsers", get_users, false},
    {NULL, NULL, false},
};
