/* The second step of a login: the password, proven by SRP. The slow half of the maths runs off the loop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/base/log.h"
#include "daemon/crypto/srp.h"
#include "daemon/tg/account/login_internal.h"
#include "daemon/tl/base64.h"
#include "daemon/tl/tree.h"

struct password_step {
    struct step *step;
    struct tg_account *account; /* NULL: freed while the pool was at work */
    char *password;
    size_t password_len;
    struct srp_algo algo;
    uint8_t b[256];
    size_t b_len;
    int64_t srp_id;
    uint8_t a[256], m1[32];
    int err;
    struct fault fault;
    bool again; /* SRP_ID_INVALID was answered once already */
};

static void free_password(struct password_step *p)
{
    if (p->password)
        explicit_bzero(p->password, p->password_len);
    free(p->password);
    explicit_bzero(p, sizeof(*p));
    free(p);
}

/* --- account.Password as we need it --- */

/* base64 is the tree's form of bytes. */
static bool bytes_of(const json_t *object, const char *member, uint8_t *out, size_t max, size_t *ret_len)
{
    const json_t *v = json_object_get(object, member);
    const char *text = json_string_value(v);
    size_t len;

    if (!text || tl_base64_decoded_len(text, json_string_length(v), &len) != 0 || len > max ||
        tl_base64_decode(text, json_string_length(v), out) != 0)
        return false;
    *ret_len = len;
    return true;
}

static int read_password(struct password_step *p, const json_t *password)
{
    const json_t *algo = json_object_get(password, "current_algo");
    const char *name = json_string_value(json_object_get(algo, "_"));
    uint8_t prime[256];
    size_t prime_len;

    if (!name || strcmp(name, "passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow") != 0)
        return fault_set(&p->fault, TGC_EUNKNOWN, "Telegram uses a password algorithm that this version does not know");
    p->algo.g = (int32_t)json_integer_value(json_object_get(algo, "g"));
    const char *id = json_string_value(json_object_get(password, "srp_id"));
    p->srp_id = id ? strtoll(id, NULL, 10) : 0;
    if (!bytes_of(algo, "salt1", p->algo.salt1, sizeof(p->algo.salt1), &p->algo.salt1_len) ||
        !bytes_of(algo, "salt2", p->algo.salt2, sizeof(p->algo.salt2), &p->algo.salt2_len) ||
        !bytes_of(algo, "p", prime, sizeof(prime), &prime_len) || prime_len != sizeof(p->algo.p) ||
        !bytes_of(password, "srp_B", p->b, sizeof(p->b), &p->b_len) || !id)
        return fault_set(&p->fault, TGC_EPROTO, "Telegram's password parameters cannot be read");
    memcpy(p->algo.p, prime, sizeof(prime));
    return 0;
}

static json_t *base64(const uint8_t *data, size_t len)
{
    char text[(256 + 2) / 3 * 4];

    tl_base64_encode(data, len, text);
    return json_stringn(text, tl_base64_encoded_len(len));
}

/* --- the steps --- */

static void ask_password(struct password_step *p);

static void end(struct password_step *p, const struct tg_answer *failure)
{
    struct step *s = p->step;

    free_password(p);
    step_end(s, failure);
}

static void end_failed(struct password_step *p, int err, const char *detail)
{
    end(p, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = err, .detail = detail});
}

static void on_checked(void *ctx, const struct tg_answer *answer)
{
    struct password_step *p = ctx;
    struct fault fault = {0};
    json_t *authorization = NULL;

    if (answer->outcome == TG_RPC_ERROR && !p->again &&
        (strcmp(answer->error->message, "SRP_ID_INVALID") == 0 ||
         strcmp(answer->error->message, "SRP_PASSWORD_CHANGED") == 0)) {
        p->again = true; /* the parameters were too old, not the password wrong */
        ask_password(p);
        return;
    }
    if (answer->outcome != TG_RESULT) {
        end(p, answer);
        return;
    }
    int err = tl_tree_result(p->account->env->schema, answer->method, answer->data, answer->len, &authorization, NULL,
                             &fault);
    if (!err)
        err = login_take_authorization(p->account, authorization);
    json_decref(authorization);
    if (err)
        end_failed(p, TGC_EPROTO, "Telegram answered with an authorization that cannot be read");
    else
        end(p, NULL);
}

static void work(void *ctx)
{
    struct password_step *p = ctx;
    uint8_t x[32];

    p->err = srp_password_hash(&p->algo, p->password, p->password_len, x);
    /* The account's own source of random bytes belongs to the loop's thread. */
    if (!p->err)
        p->err = srp_client(&p->algo, x, p->b, p->b_len, &random_system, NULL, p->a, p->m1, &p->fault);
    explicit_bzero(x, sizeof(x));
}

static void worked(void *ctx)
{
    struct password_step *p = ctx;
    struct fault fault = {0};
    char id[24];

    if (!p->account) { /* its step went with the account */
        free_password(p);
        return;
    }
    p->account->password_step = NULL;
    if (p->err) {
        char detail[FAULT_TEXT_MAX];
        snprintf(detail, sizeof(detail), "%s", p->fault.text[0] ? p->fault.text : tgc_err_text(p->err));
        end_failed(p, TGC_EPROTO, detail);
        return;
    }
    snprintf(id, sizeof(id), "%lld", (long long)p->srp_id);
    json_t *params = json_pack("{s:{s:s, s:s, s:o, s:o}}", "password", "_", "inputCheckPasswordSRP", "srp_id", id, "A",
                               base64(p->a, sizeof(p->a)), "M1", base64(p->m1, sizeof(p->m1)));
    int err = tg_invoke_named(p->account, "auth.checkPassword", params, p->step->deadline_us, TG_INVOKE_LOGIN,
                              on_checked, p, &fault);
    if (err)
        end_failed(p, err, fault.text);
}

static void on_password(void *ctx, const struct tg_answer *answer)
{
    struct password_step *p = ctx;
    struct fault fault = {0};
    json_t *password = NULL;

    if (answer->outcome != TG_RESULT) {
        end(p, answer);
        return;
    }
    int err =
        tl_tree_result(p->account->env->schema, answer->method, answer->data, answer->len, &password, NULL, &fault);
    if (!err)
        err = read_password(p, password);
    json_decref(password);
    if (!err)
        err = net_offload(p->account->env->loop, work, worked, p);
    if (err) {
        char detail[FAULT_TEXT_MAX];
        snprintf(detail, sizeof(detail), "%s", p->fault.text[0] ? p->fault.text : tgc_err_text(err));
        end_failed(p, TGC_EPROTO, detail);
        return;
    }
    p->account->password_step = p;
    log_debug("tg", "account %s: the password is worked on", p->account->name);
}

/* Asked for each attempt anew: srp_B serves once. */
static void ask_password(struct password_step *p)
{
    struct fault fault = {0};
    int err = tg_invoke_named(p->account, "account.getPassword", json_object(), p->step->deadline_us, TG_INVOKE_LOGIN,
                              on_password, p, &fault);

    if (err)
        end_failed(p, err, fault.text);
}

int tg_login_password(struct tg_account *a, const char *password, size_t len, int64_t deadline_us, tg_step_fn *done,
                      void *ctx, struct fault *fault)
{
    struct password_step *p;

    if (a->state != TG_ACCOUNT_WAIT_PASSWORD)
        return fault_set(fault, TGC_ESTATE, "the account waits for no password: it is %s",
                         tg_account_state_text(a->state));
    p = calloc(1, sizeof(*p));
    if (!p || !(p->password = malloc(len ? len : 1))) {
        free(p);
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    }
    p->account = a;
    p->password_len = len;
    memcpy(p->password, password, len);
    int err = step_new(a, deadline_us, done, ctx, &p->step, fault);
    if (!err) {
        err = tg_invoke_named(a, "account.getPassword", json_object(), deadline_us, TG_INVOKE_LOGIN, on_password, p,
                              fault);
        if (err)
            step_drop(p->step);
    }
    if (err)
        free_password(p);
    return err;
}

void login_password_abandon(struct tg_account *a)
{
    struct password_step *p = a->password_step;

    if (!p)
        return;
    a->password_step = NULL;
    p->account = NULL; /* worked() frees it */
    step_end_failed(p->step, TGC_ECLOSED, "the account is closed");
    p->step = NULL;
}

/* --- the hint --- */

static void on_hint(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    struct tg_account *a = s->account;
    json_t *password = NULL;

    if (answer->outcome == TG_RESULT &&
        tl_tree_result(a->env->schema, answer->method, answer->data, answer->len, &password, NULL, NULL) == 0) {
        const char *hint = json_string_value(json_object_get(password, "hint"));
        free(a->login.hint);
        a->login.hint = hint ? strdup(hint) : NULL;
        json_decref(password);
    }
    step_end(s, NULL);
}

void login_need_password(struct step *s)
{
    struct tg_account *a = s->account;
    struct fault fault;

    account_set_state(a, TG_ACCOUNT_WAIT_PASSWORD, NULL,
                      "Send the two-step verification password with POST /v1/accounts/{name}/login/password");
    /* Without the hint the step is taken all the same. */
    if (tg_invoke_named(a, "account.getPassword", json_object(), s->deadline_us, TG_INVOKE_LOGIN, on_hint, s, &fault) !=
        0)
        step_end(s, NULL);
}
