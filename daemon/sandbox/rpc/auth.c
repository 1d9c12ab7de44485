/* The login flow. Its state is the authorization key's (struct account); codes are good on this server only. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/sandbox/rpc/rpc.h"
#include "daemon/sandbox/rpc/view.h"

enum {
    CODE_TRIES = 5,
    CODE_LENGTH = 5,
    CODE_LIFE_S = 900,
    EMAIL_LAYER_MIN = 150, /* logins know of e-mail from about then on */
    PHONE_DIGITS_MIN = 7,
    PHONE_DIGITS_MAX = 15,
};

/* Digits of a phone number as people write it. */
static bool phone_digits(const char *text, char out[static 24])
{
    size_t n = 0;

    for (; *text; text++) {
        if (isdigit((unsigned char)*text)) {
            if (n == PHONE_DIGITS_MAX)
                return false;
            out[n++] = *text;
        } else if (!strchr("+ -()", *text)) {
            return false;
        }
    }
    out[n] = '\0';
    return n >= PHONE_DIGITS_MIN;
}

static struct world_code *code_find(struct world *w, const char *phone, const char *hash)
{
    for (size_t i = 0; i < WORLD_CODES; i++)
        if (*w->codes[i].hash && strcmp(w->codes[i].hash, hash) == 0 && strcmp(w->codes[i].phone, phone) == 0)
            return &w->codes[i];
    return NULL;
}

/* The ways that a code takes, one after the other; who is new here has no app to look into. */
static const struct {
    const char *type, *next;
} ways[] = {
    {"auth.sentCodeTypeApp", "auth.codeTypeSms"},
    {"auth.sentCodeTypeSms", "auth.codeTypeCall"},
    {"auth.sentCodeTypeCall", NULL},
};

enum { WAYS = sizeof(ways) / sizeof(*ways) };

json_t *rpc_sent_code(const struct rpc *r, const struct world_code *code)
{
    if (code->email != WORLD_EMAIL_NONE)
        return rpc_sent_email_code(code);
    json_t *j = json_pack("{s:s, s:{s:s, s:i}, s:s}", "_", "auth.sentCode", "type", "_", ways[code->way].type, "length",
                          CODE_LENGTH, "phone_code_hash", code->hash);

    if (ways[code->way].next) {
        json_put(j, "next_type", json_pack("{s:s}", "_", ways[code->way].next));
        if (r->w->code_timeout_s)
            json_put(j, "timeout", json_integer(r->w->code_timeout_s));
    }
    return j;
}

/* Logins alone: who is logged in goes on in any layer. */
static bool is_too_old(struct rpc *r)
{
    return r->layer < r->w->login_layer_min && !rpc_fail(r, 406, "UPDATE_APP_TO_LOGIN");
}

static json_t *send_code(struct rpc *r, const json_t *params)
{
    char phone[24];
    uint8_t raw[9];

    if (json_get_long(params, "api_id") <= 0)
        return rpc_fail(r, 400, "API_ID_INVALID");
    if (!phone_digits(json_get_text(params, "phone_number"), phone))
        return rpc_fail(r, 400, "PHONE_NUMBER_INVALID");
    const struct world_user *u = world_user_by_phone(r->w, phone);
    int home = u ? u->home_dc : 1;
    if (home != r->account->dc)
        return rpc_fail(r, 303, "PHONE_MIGRATE_%d", home);
    if (is_too_old(r))
        return NULL;
    if (u && *u->banned)
        return rpc_fail(r, 400, "PHONE_NUMBER_BANNED");
    if (rpc_limit_left_s(r->w, phone, RPC_LIMIT_WRONG_PASSWORDS))
        return rpc_fail(r, 406, "PHONE_PASSWORD_FLOOD");
    if (rpc_limit_left_s(r->w, phone, RPC_LIMIT_CODES))
        return rpc_fail(r, 400, "PHONE_NUMBER_FLOOD");
    rpc_limit_note(r->w, phone, RPC_LIMIT_CODES);
    struct world_code *code = &r->w->codes[r->w->codes_at++ % WORLD_CODES];
    *code = (struct world_code){.key_id = r->account->key_id, .made_at = world_now(r->w)};
    snprintf(code->phone, sizeof(code->phone), "%s", phone);
    snprintf(code->code, sizeof(code->code), "%s", u ? u->code : "12345");
    random_fill(r->w->random, raw, sizeof(raw));
    hex_encode(raw, sizeof(raw), code->hash);
    r->account->pending = NULL;
    code->way = u ? 0 : 1;
    code->email = r->layer >= EMAIL_LAYER_MIN ? r->w->email_login : WORLD_EMAIL_NONE;
    return rpc_sent_code(r, code);
}

/* The code that a later step names; NULL with the error set. */
struct world_code *rpc_code_of(struct rpc *r, const json_t *params)
{
    char phone[24];
    const char *hash = json_get_text(params, "phone_code_hash");

    if (!phone_digits(json_get_text(params, "phone_number"), phone))
        return rpc_fail(r, 400, "PHONE_NUMBER_INVALID"), NULL;
    if (!*hash)
        return rpc_fail(r, 400, "PHONE_CODE_HASH_EMPTY"), NULL;
    struct world_code *code = code_find(r->w, phone, hash);
    if (!code || code->key_id != r->account->key_id || code->made_at + CODE_LIFE_S <= world_now(r->w))
        return rpc_fail(r, 400, "PHONE_CODE_EXPIRED"), NULL;
    return code;
}

static json_t *resend_code(struct rpc *r, const json_t *params)
{
    struct world_code *code = rpc_code_of(r, params);

    if (!code)
        return NULL;
    if (code->email == WORLD_EMAIL_CODE) {
        code->email = WORLD_EMAIL_NONE;
        return rpc_sent_code(r, code);
    }
    if (code->way + 1 == WAYS || code->email == WORLD_EMAIL_SET_UP)
        return rpc_fail(r, 406, "SEND_CODE_UNAVAILABLE");
    code->way++;
    return rpc_sent_code(r, code);
}

static json_t *cancel_code(struct rpc *r, const json_t *params)
{
    struct world_code *code = rpc_code_of(r, params);

    if (!code)
        return NULL;
    *code = (struct world_code){0};
    return json_true();
}

static json_t *authorization(struct rpc *r, struct world_user *user)
{
    if (*user->banned)
        return rpc_fail(r, 401, "%s", user->banned);
    r->account->user = r->user = user;
    r->account->pending = NULL;
    r->account->ended_code = 0;
    return json_pack("{s:s, s:o}", "_", "auth.authorization", "user", view_user(r->w, user, user));
}

json_t *rpc_log_in(struct rpc *r, struct world_user *user)
{
    if (!*user->password)
        return authorization(r, user);
    r->account->pending = user;
    return rpc_fail(r, 401, "SESSION_PASSWORD_NEEDED");
}

static json_t *sign_in(struct rpc *r, const json_t *params)
{
    struct world_code *code = rpc_code_of(r, params);
    const char *given;

    if (!code || is_too_old(r))
        return NULL;
    if (code->email == WORLD_EMAIL_NONE)
        given = json_get_text(params, "phone_code");
    else
        given = rpc_email_code(json_object_get(params, "email_verification"));
    if (!*given)
        return rpc_fail(r, 400, "PHONE_CODE_EMPTY");
    int wait_s = rpc_limit_left_s(r->w, code->phone, RPC_LIMIT_WRONG_CODES);
    if (wait_s)
        return rpc_fail(r, 420, "FLOOD_WAIT_%d", wait_s);
    if (strcmp(given, code->email == WORLD_EMAIL_NONE ? code->code : RPC_EMAIL_CODE) != 0 ||
        code->email == WORLD_EMAIL_SET_UP) {
        rpc_limit_note(r->w, code->phone, RPC_LIMIT_WRONG_CODES);
        if (++code->tries >= CODE_TRIES)
            *code = (struct world_code){0};
        return rpc_fail(r, 400, "PHONE_CODE_INVALID");
    }
    struct world_user *u = world_user_by_phone(r->w, code->phone);
    code->is_confirmed = true;
    if (!u)
        return json_pack("{s:s, s:{s:s, s:{s:s, s:s}, s:s, s:[]}}", "_", "auth.authorizationSignUpRequired",
                         "terms_of_service", "_", "help.termsOfService", "id", "_", "dataJSON", "data",
                         "{\"terms\":\"sandbox\"}", "text", "Be kind to the other numbers.", "entities");
    rpc_limit_forgive(r->w, code->phone, RPC_LIMIT_WRONG_CODES);
    *code = (struct world_code){0};
    return rpc_log_in(r, u);
}

static json_t *sign_up(struct rpc *r, const json_t *params)
{
    struct world_code *code = rpc_code_of(r, params);
    const char *first = json_get_text(params, "first_name"), *last = json_get_text(params, "last_name");

    if (!code)
        return NULL;
    if (!*first || strlen(first) > 64)
        return rpc_fail(r, 400, "FIRSTNAME_INVALID");
    if (json_string_length(json_object_get(params, "last_name")) != strlen(last) || strlen(last) > 64)
        return rpc_fail(r, 400, "LASTNAME_INVALID");
    if (world_user_by_phone(r->w, code->phone))
        return rpc_fail(r, 400, "PHONE_NUMBER_OCCUPIED");
    if (!code->is_confirmed)
        return rpc_fail(r, 400, "PHONE_CODE_INVALID");
    struct world_user *u = world_add_user(r->w, 0, code->phone, first, last, "", r->account->dc);
    *code = (struct world_code){0};
    return u ? authorization(r, u) : NULL;
}

/* The proof is good for one try: a new srp_id is due after each, right or wrong. */
static json_t *check_password(struct rpc *r, const json_t *params)
{
    const json_t *proof = json_object_get(params, "password");
    struct account *a = r->account;
    struct world_user *u = a->pending ? a->pending : a->user;
    uint8_t client_a[256], m1[32];
    size_t a_len, m1_len;

    if (!u)
        return rpc_not_logged_in(r);
    if (!*u->password || strcmp(json_tag(proof), "inputCheckPasswordSRP") != 0)
        return rpc_fail(r, 400, "PASSWORD_HASH_INVALID");
    int wait_s = rpc_limit_left_s(r->w, u->phone, RPC_LIMIT_WRONG_PASSWORDS);
    if (wait_s)
        return rpc_fail(r, 420, "FLOOD_WAIT_%d", wait_s);
    if (!a->srp_id || json_get_long(proof, "srp_id") != a->srp_id)
        return rpc_fail(r, 400, "SRP_ID_INVALID");
    a->srp_id = 0;
    if (json_get_bytes(proof, "A", client_a, sizeof(client_a), &a_len) ||
        json_get_bytes(proof, "M1", m1, sizeof(m1), &m1_len) || m1_len != sizeof(m1) || world_user_verifier(r->w, u) ||
        srp_server_check(&u->algo, u->verifier, a->srp_b, a->srp_public, client_a, a_len, m1)) {
        rpc_limit_note(r->w, u->phone, RPC_LIMIT_WRONG_PASSWORDS);
        return rpc_fail(r, 400, "PASSWORD_HASH_INVALID");
    }
    rpc_limit_forgive(r->w, u->phone, RPC_LIMIT_WRONG_PASSWORDS);
    return authorization(r, u);
}

static json_t *import_bot(struct rpc *r, const json_t *params)
{
    return rpc_fail(r, 400, json_get_long(params, "api_id") <= 0 ? "API_ID_INVALID" : "ACCESS_TOKEN_INVALID");
}

static json_t *log_out(struct rpc *r, const json_t *params)
{
    r->account->user = NULL;
    r->account->pending = NULL;
    return json_pack("{s:s}", "_", "auth.loggedOut");
}

static json_t *export_authorization(struct rpc *r, const json_t *params)
{
    int dc = (int)json_get_long(params, "dc_id");

    if ((dc != 1 && dc != 2) || dc == r->account->dc)
        return rpc_fail(r, 400, "DC_ID_INVALID");
    struct world_export *e = &r->w->exports[r->w->exports_at++ % WORLD_EXPORTS];
    *e = (struct world_export){.user_id = r->user->id, .dc = dc};
    random_fill(r->w->random, e->bytes, sizeof(e->bytes));
    return json_pack("{s:s, s:I, s:o}", "_", "auth.exportedAuthorization", "id", (json_int_t)r->user->id, "bytes",
                     json_from_bytes(e->bytes, sizeof(e->bytes)));
}

static json_t *import_authorization(struct rpc *r, const json_t *params)
{
    uint8_t bytes[32];
    size_t len;

    if (json_get_bytes(params, "bytes", bytes, sizeof(bytes), &len) || len != sizeof(bytes))
        return rpc_fail(r, 400, "AUTH_BYTES_INVALID");
    for (size_t i = 0; i < WORLD_EXPORTS; i++) {
        struct world_export *e = &r->w->exports[i];
        if (e->user_id && e->user_id == json_get_long(params, "id") && e->dc == r->account->dc &&
            memcmp(e->bytes, bytes, len) == 0) {
            struct world_user *u = world_user_by_id(r->w, e->user_id);
            *e = (struct world_export){0};
            return u ? authorization(r, u) : NULL;
        }
    }
    return rpc_fail(r, 400, "AUTH_BYTES_INVALID");
}

const struct rpc_row rpc_auth_rows[] = {
    {"auth.sendCode", send_code, RPC_PUBLIC},
    {"auth.resendCode", resend_code, RPC_PUBLIC},
    {"auth.cancelCode", cancel_code, RPC_PUBLIC},
    {"auth.signIn", sign_in, RPC_PUBLIC},
    {"auth.signUp", sign_up, RPC_PUBLIC},
    {"auth.checkPassword", check_password, RPC_PUBLIC},
    {"auth.importBotAuthorization", import_bot, RPC_PUBLIC},
    {"auth.logOut", log_out, 0},
    {"auth.exportAuthorization", export_authorization, 0},
    {"auth.importAuthorization", import_authorization, RPC_PUBLIC},
    {NULL, NULL, 0},
};
