/* A login without a number: a code is shown, and whoever scans it with an app logs this key in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/tg/account/retry.h"
#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

#define SCHEME "tg://login?token="

enum {
    TOKEN_MAX = 512,    /* of base64; Telegram's has 44 */
    LIFE_MAX_S = 30,    /* of a token: a wrong clock here must not keep a dead one */
    RENEW_BEFORE_S = 2, /* it expires */
    TRY_AGAIN_S = 5,    /* where no new one could be had */
};

struct qr {
    struct tg_account *account;
    char url[sizeof(SCHEME) + TOKEN_MAX]; /* "": none yet */
    int64_t expires_at;                   /* Unix seconds */
    struct net_timer *timer;              /* the next look */
    struct step *asked;                   /* the look that is under way and was not given up; NULL */
    bool is_told;                         /* and Telegram had word of it meanwhile */
};

json_t *qr_json(const struct tg_account *a)
{
    const struct qr *q = account_login(a)->qr;

    return q ? json_pack("{s:s, s:I}", "url", q->url, "expires_at", (json_int_t)q->expires_at) : NULL;
}

void qr_free(struct tg_account *a)
{
    struct qr *q = account_login(a)->qr;

    if (!q)
        return;
    net_timer_free(q->timer);
    explicit_bzero(q, sizeof(*q));
    free(q);
    account_login(a)->qr = NULL;
}

static void look_in(struct qr *q, int64_t s)
{
    net_timer_set(q->timer, tg_now(tg_account_env(q->account)) + s * SECOND_US);
}

/* Base64 as the schema's trees have it, in the letters of URLs (RFC 4648, without padding). */
static int read_token(const json_t *token, char url[static sizeof(SCHEME) + TOKEN_MAX])
{
    const char *text = json_string_value(json_object_get(token, "token"));
    size_t n = text ? strcspn(text, "=") : 0;

    if (!n || n >= TOKEN_MAX)
        return TGC_EPROTO;
    snprintf(url, sizeof(SCHEME) + TOKEN_MAX, SCHEME "%.*s", (int)n, text);
    for (char *p = url + strlen(SCHEME); *p; p++)
        *p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
    return 0;
}

static int show(struct qr *q, const json_t *token)
{
    struct tg_account *a = q->account;
    char url[sizeof(q->url)];
    int err = read_token(token, url);

    if (err)
        return err;
    int64_t expires_at = json_integer_value(json_object_get(token, "expires"));
    int64_t life_s = expires_at - clock_wall_us(tg_account_env(a)->clock) / SECOND_US;
    bool is_new = strcmp(url, q->url) != 0;
    memcpy(q->url, url, sizeof(url));
    q->expires_at = expires_at;
    life_s = life_s > LIFE_MAX_S || life_s < 0 ? LIFE_MAX_S : life_s;
    /* Asked too early Telegram gives the same again: then this one is kept to its end. */
    look_in(q, is_new && life_s > RENEW_BEFORE_S ? life_s - RENEW_BEFORE_S : life_s > 0 ? life_s : 1);
    if (tg_account_state(a) != TG_ACCOUNT_WAIT_QR || is_new)
        (void)account_set_state(
            a, TG_ACCOUNT_WAIT_QR, NULL,
            "Scan the code of GET /v1/accounts/{account}/login/qr in a Telegram app, under Settings, "
            "Devices, Link Desktop Device");
    return 0;
}

/* --- what is answered --- */

static void on_answer(void *ctx, const struct tg_answer *answer);

/* Who scanned it is at home elsewhere: there the login comes to its end. */
static int move(struct step *s, const json_t *token)
{
    struct fault fault = {0};
    int err = account_move(s->account, (int32_t)json_integer_value(json_object_get(token, "dc_id")));

    if (!err)
        err = step_ask(s, "auth.importLoginToken", json_pack("{s:O}", "token", json_object_get(token, "token")),
                       on_answer, &fault);
    return err;
}

/* True: S goes on. */
static bool hear(struct step *s, struct qr *q, const json_t *token, int *ret_err)
{
    struct tg_account *a = s->account;
    const char *name = json_string_value(json_object_get(token, "_"));

    if (name && strcmp(name, "auth.loginTokenMigrateTo") == 0) {
        *ret_err = move(s, token);
        return *ret_err == 0;
    }
    /* Whoever is logged in is, whatever was wanted since. */
    if (name && strcmp(name, "auth.loginTokenSuccess") == 0) {
        (void)step_take(s);
        *ret_err = login_take_authorization(a, json_object_get(token, "authorization"));
    } else if (!name || strcmp(name, "auth.loginToken") != 0) {
        *ret_err = TGC_EPROTO;
    } else if (!account_is_inside(a) && step_take(s)) {
        *ret_err = show(q, token);
    }
    return false;
}

static void look_again(struct qr *q, const struct tg_answer *failure)
{
    bool is_flood = failure && failure->outcome == TG_RPC_ERROR && tg_retry_judge(failure->error) == TG_REACT_WAIT;

    if (tg_account_state(q->account) != TG_ACCOUNT_WAIT_QR)
        return;
    if (q->is_told)
        look_in(q, 0);
    else if (failure)
        look_in(q, is_flood ? tg_retry_wait_s(failure->error) : TRY_AGAIN_S);
    q->is_told = false;
}

static void on_answer(void *ctx, const struct tg_answer *answer)
{
    struct step *s = ctx;
    struct tg_account *a = s->account;
    struct qr *q = account_login(a)->qr;
    json_t *token = NULL;
    int err = 0;

    if (q->asked == s)
        q->asked = NULL;
    if (tg_answer_is_error(answer, "SESSION_PASSWORD_NEEDED") && !account_is_inside(a)) {
        if (step_take(s))
            login_need_password(s);
        else
            step_end(s, NULL);
        return;
    }
    if (answer->outcome != TG_RESULT) {
        step_end(s, account_is_inside(a) ? NULL : answer);
        if (!account_is_closing(a))
            look_again(q, answer);
        return;
    }
    token = step_tree(s, answer);
    bool goes_on = token && hear(s, q, token, &err);
    bool is_unread = !token;
    json_decref(token);
    if (goes_on) {
        q->asked = s;
        return;
    }
    if (err)
        step_end_failed(s, err, "Telegram's word on the login by a QR code cannot be followed");
    else if (!is_unread)
        step_end(s, NULL);
    look_again(q, err || is_unread ? &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = TGC_EPROTO} : NULL);
}

/* --- asking --- */

/* It was sent, and not answered in time: it may be yet, but the code grows old. */
static void on_unknown(struct step *s)
{
    struct qr *q = account_login(s->account)->qr;

    if (q->asked == s)
        q->asked = NULL;
    look_again(q, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = TGC_ETIMEOUT});
}

static int go(struct step *s, struct fault *fault)
{
    const struct tg_env *env = tg_account_env(s->account);

    s->unknown = on_unknown;
    int err =
        step_ask(s, "auth.exportLoginToken",
                 json_pack("{s:i, s:s, s:[]}", "api_id", (int)env->api_id, "api_hash", env->api_hash, "except_ids"),
                 on_answer, fault);

    if (!err)
        account_login(s->account)->qr->asked = s;
    return err;
}

static void on_due(void *ctx)
{
    struct qr *q = ctx;
    const struct tg_env *env = tg_account_env(q->account);
    struct fault fault = {0};
    struct step *s;

    if (q->asked || tg_account_state(q->account) != TG_ACCOUNT_WAIT_QR)
        return;
    int err = step_new_unwaited(q->account, STEP_QR, tg_now(env) + env->request_timeout_us, &s, &fault);
    if (!err) {
        err = go(s, &fault);
        if (err)
            step_drop(s);
    }
    if (err) {
        log_debug("tg", "account %s: its QR code is not renewed: %s", tg_account_name(q->account), fault.text);
        look_in(q, TRY_AGAIN_S);
    }
}

/* To a key that logs nobody in Telegram has nothing else to say. */
void qr_on_update(struct tg_account *a)
{
    struct qr *q = account_login(a)->qr;

    if (!q || tg_account_state(a) != TG_ACCOUNT_WAIT_QR)
        return;
    q->is_told = q->asked != NULL;
    if (!q->asked)
        look_in(q, 0);
}

static int make(struct tg_account *a)
{
    struct login *l = login_of(a);

    if (!l || l->qr)
        return l ? 0 : TGC_ENOMEM;
    l->qr = calloc(1, sizeof(*l->qr));
    if (!l->qr)
        return TGC_ENOMEM;
    l->qr->account = a;
    int err = net_timer_new(tg_account_env(a)->loop, on_due, l->qr, &l->qr->timer);
    if (err) {
        free(l->qr);
        l->qr = NULL;
    }
    return err;
}

int tg_login_qr(struct tg_account *a, int64_t deadline_us, tg_step_fn *done, void *ctx, struct fault *fault)
{
    struct step *s;

    if (account_is_inside(a))
        return fault_set(fault, TGC_ESTATE, "the account is logged in already");
    if (!tg_account_env(a)->api_id)
        return fault_set(fault, TGC_EINVAL, "no api_id is configured, without which Telegram lets nobody log in");
    int err = make(a);
    if (err)
        return fault_set(fault, err, "out of memory");
    err = step_new(a, STEP_QR, deadline_us, done, ctx, &s, fault);
    if (err)
        return err;
    s->go = go;
    return step_begin(s, fault);
}
