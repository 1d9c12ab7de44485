/* The second step of a login: the password, proven by SRP. The slow half of the maths runs off the loop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/base/log.h"
#include "daemon/crypto/srp.h"
#include "daemon/tg/account/note.h"
#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"
#include "daemon/tl/base64.h"
#include "daemon/tl/tree.h"

struct password_step {
    struct step *step; /* NULL: it ended while the pool was at work */
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

void password_free(struct password_step *p)
{
    if (!p)
        return;
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

static int ask_password(struct step *s, struct fault *fault);

static void on_checked(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    struct password_step *p = s->password;
    struct fault fault = {0};

    if (answer->outcome == TG_RPC_ERROR && !p->again && s->done &&
        (strcmp(answer->error->message, "SRP_ID_INVALID") == 0 ||
         strcmp(answer->error->message, "SRP_PASSWORD_CHANGED") == 0)) {
        p->again = true; /* the parameters were too old, not the password wrong */
        int err = ask_password(s, &fault);
        if (err)
            step_end_failed(s, err, fault.text);
        return;
    }
    login_on_authorization(s, answer);
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
    struct step *s = p->step;
    struct fault fault = {0};
    char id[24];

    if (!s) { /* its step went with the account */
        password_free(p);
        return;
    }
    account_login(s->account)->working = NULL;
    if (p->err) {
        char detail[FAULT_TEXT_MAX];
        snprintf(detail, sizeof(detail), "%s", p->fault.text[0] ? p->fault.text : tgc_err_text(p->err));
        step_end_failed(s, TGC_EPROTO, detail);
        return;
    }
    snprintf(id, sizeof(id), "%lld", (long long)p->srp_id);
    int err = step_ask(s, "auth.checkPassword",
                       json_pack("{s:{s:s, s:s, s:o, s:o}}", "password", "_", "inputCheckPasswordSRP", "srp_id", id,
                                 "A", base64(p->a, sizeof(p->a)), "M1", base64(p->m1, sizeof(p->m1))),
                       on_checked, &fault);
    if (err)
        step_end_failed(s, err, fault.text);
}

static void on_password(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    struct password_step *p = s->password;
    json_t *password = step_tree(s, answer);

    if (!password)
        return;
    int err = read_password(p, password);
    json_decref(password);
    if (!err)
        err = net_offload(tg_account_env(s->account)->loop, work, worked, p);
    if (err) {
        char detail[FAULT_TEXT_MAX];
        snprintf(detail, sizeof(detail), "%s", p->fault.text[0] ? p->fault.text : tgc_err_text(err));
        step_end_failed(s, TGC_EPROTO, detail);
        return;
    }
    account_login(s->account)->working = p;
    log_debug("tg", "account %s: the password is worked on", tg_account_name(s->account));
}

/* Asked for each attempt anew: srp_B serves once. */
static int ask_password(struct step *s, struct fault *fault)
{
    return tg_invoke_named(s->account, "account.getPassword", json_object(), s->deadline_us, TG_INVOKE_LOGIN,
                           on_password, s, fault);
}

static int go(struct step *s, struct fault *fault)
{
    if (tg_account_state(s->account) != TG_ACCOUNT_WAIT_PASSWORD)
        return fault_set(fault, TGC_ESTATE, "the account waits for no password: it is %s",
                         tg_account_state_text(tg_account_state(s->account)));
    return ask_password(s, fault);
}

int tg_login_password(struct tg_account *a, const char *password, size_t len, int64_t deadline_us, tg_step_fn *done,
                      void *ctx, struct fault *fault)
{
    struct password_step *p;
    struct step *s;
    bool was_taken = account_login(a) && account_login(a)->unheard == STEP_PASSWORD;

    if (tg_account_state(a) != TG_ACCOUNT_WAIT_PASSWORD && !was_taken)
        return fault_set(fault, TGC_ESTATE, "the account waits for no password: it is %s",
                         tg_account_state_text(tg_account_state(a)));
    p = calloc(1, sizeof(*p));
    if (!p || !(p->password = malloc(len ? len : 1))) {
        free(p);
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    }
    p->password_len = len;
    memcpy(p->password, password, len);
    int err = step_new(a, STEP_PASSWORD, deadline_us, done, ctx, &s, fault);
    if (err) {
        password_free(p);
        return err;
    }
    p->step = s;
    s->password = p;
    s->go = go;
    return step_begin(s, fault);
}

void password_abandon(struct tg_account *a)
{
    struct password_step *p = account_login(a)->working;

    if (!p)
        return;
    struct step *s = p->step;
    account_login(a)->working = NULL;
    p->step = NULL; /* worked() frees it */
    s->password = NULL;
    step_end_failed(s, TGC_ECLOSED, "the account is closed");
}

/* --- the hint --- */

static void on_hint(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    struct tg_account *a = s->account;
    json_t *password = NULL;

    if (answer->outcome == TG_RESULT && tl_tree_result(tg_account_env(a)->schema, answer->method, answer->data,
                                                       answer->len, &password, NULL, NULL) == 0) {
        const char *hint = json_string_value(json_object_get(password, "hint"));
        free(account_login(a)->hint);
        account_login(a)->hint = hint ? strdup(hint) : NULL;
        tg_account_note(a);
        json_decref(password);
    }
    step_end(s, NULL);
}

void login_need_password(struct step *s)
{
    struct tg_account *a = s->account;
    struct fault fault;

    (void)account_set_state(a, TG_ACCOUNT_WAIT_PASSWORD, NULL, LOGIN_PASSWORD_REMEDY);
    /* Without the hint the step is taken all the same. Who waits is answered by its deadline. */
    int64_t deadline_us = s->done ? s->deadline_us : tg_now(tg_account_env(a)) + tg_account_env(a)->request_timeout_us;
    if (tg_invoke_named(a, "account.getPassword", json_object(), deadline_us, TG_INVOKE_LOGIN, on_hint, s, &fault) != 0)
        step_end(s, NULL);
}
