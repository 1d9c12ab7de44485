#include "daemon/worker/op_problem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/fill.h"
#include "daemon/base/percent.h"
#include "daemon/tg/account/repeat.h"
#include "daemon/tg/account/retry.h"
#include "daemon/tg/call/remedy.h"
#include "daemon/tg/login/login.h"
#include "daemon/worker/worker_internal.h"

/* A move that could not be made. */
static struct problem *problem_of_move(const struct worker *w, const struct mt_rpc_error *e)
{
    struct problem *p = problem_new(PROBLEM_TELEGRAM_UNAVAILABLE, 0, "Telegram answered %d %s", e->code, e->message);

    if (e->has_parameter && e->parameter <= INT32_MAX && !tg_dc_find(w->env.dcs, (int32_t)e->parameter) &&
        strcmp(w->env.environment, "custom") == 0)
        problem_print_remedy(p, "Add a section [dc %d] with the address and public key of that data centre to %s",
                             (int)e->parameter, w->config.config_file ? w->config.config_file : "the configuration");
    return p;
}

bool op_problem_peer(const json_t *peer, char *out, size_t size)
{
    char number[24] = "";

    if (json_is_integer(peer))
        snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(peer));
    const char *given = json_is_string(peer) ? json_string_value(peer) : number;
    return percent_encode(given, strlen(given), out, size) && out[0];
}

/* What is known of this error, else where Telegram says what its method is refused for. */
static void set_remedy(struct problem *p, const struct tg_account *account, const struct tg_answer *failure,
                       const struct tg_trouble *trouble)
{
    const char *known = tg_remedy(failure->error->family);
    char text[512], named[512], call[24] = "…", peer[OP_PROBLEM_PEER_SIZE], whole[512 + OP_PROBLEM_PEER_SIZE];

    if (known) {
        if (trouble->call_id)
            snprintf(call, sizeof(call), "%" PRId64, trouble->call_id);
        if (!op_problem_peer(trouble->peer, peer, sizeof(peer)))
            snprintf(peer, sizeof(peer), "…");
        fill_name(text, sizeof(text), known, "account", tg_account_name(account));
        fill_name(named, sizeof(named), text, "call", call);
        fill_name(whole, sizeof(whole), named, "peer", peer);
        problem_set_remedy(p, whole);
    } else if (problem_slug_of(p) == PROBLEM_TELEGRAM_REFUSED && failure->method) {
        problem_print_remedy(p, "https://core.telegram.org/method/%s says why Telegram refuses this method",
                             failure->method->name);
    } else if (problem_slug_of(p) == PROBLEM_ACCOUNT_NOT_READY) {
        problem_print_remedy(p, "Look at the state in GET /v1/accounts/%s", tg_account_name(account));
    }
}

/* The table of the REST contract, by the code and, for waits and dead logins, by the decision table's own judgement. */
static struct problem *problem_of_error(const struct worker *w, const struct tg_account *account,
                                        const struct tg_answer *failure, const struct tg_trouble *trouble)
{
    const struct mt_rpc_error *e = failure->error;
    struct problem *p;

    switch (tg_retry_judge(e)) {
    case TG_REACT_WAIT:
        p = problem_new(PROBLEM_FLOOD_WAIT, 0, "Telegram asks to wait %" PRId64 " s", tg_retry_wait_s(e));
        problem_set_retry_after(p, tg_retry_wait_s(e));
        problem_print_remedy(p, "Repeat the request after %" PRId64 " seconds, not before", tg_retry_wait_s(e));
        break;
    case TG_REACT_REVOKED:
    case TG_REACT_DUPLICATED:
    case TG_REACT_BANNED:
    case TG_REACT_FROZEN:
        p = accounts_not_ready(account);
        break;
    case TG_REACT_MIGRATE:
        p = problem_of_move(w, e);
        break;
    default:
        if (e->code == 400 || e->code == 403 || e->code == 404)
            p = problem_new(PROBLEM_TELEGRAM_REFUSED, e->code, "Telegram answered %s", e->message);
        else if (e->code == 406)
            p = problem_new(PROBLEM_TELEGRAM_REFUSED, 409, "Telegram answered %s", e->message);
        else if (e->code == 401)
            p = problem_new(PROBLEM_ACCOUNT_NOT_READY, 0, "Telegram answered %s", e->message);
        else if (e->code >= 300 && e->code < 500 && e->code != 420)
            p = problem_new(PROBLEM_TELEGRAM_REFUSED, 400, "Telegram answered %d %s", e->code, e->message);
        else if (e->code == 420) /* a limit without a number */
            p = problem_new(PROBLEM_FLOOD_WAIT, 0, "Telegram answered %s", e->message);
        else
            p = problem_new(PROBLEM_TELEGRAM_UNAVAILABLE, 0, "Telegram answered %d %s", e->code, e->message);
        if (p)
            set_remedy(p, account, failure, trouble);
        break;
    }
    json_t *telegram = json_pack("{s:i, s:s}", "code", (int)e->code, "message", e->message);
    if (telegram && e->has_parameter)
        json_object_set_new(telegram, "parameter", json_integer(e->parameter));
    problem_put(p, "telegram", telegram);
    return p;
}

static struct problem *problem_of(const struct worker *w, const struct tg_account *account,
                                  const struct tg_answer *failure, const struct tg_trouble *trouble)
{
    struct problem *p;

    if (failure->outcome == TG_RPC_ERROR)
        return problem_of_error(w, account, failure, trouble);
    switch (failure->err) {
    case TGC_ETIMEOUT:
    case TGC_ELOST:
        p = problem_new(PROBLEM_TELEGRAM_TIMEOUT, 0, "%s", failure->detail);
        problem_print_remedy(
            p, "Repeat the request; where that does not help, look at the connection in GET /v1/accounts/%s",
            tg_account_name(account));
        return p;
    case TGC_ESTATE:
        return accounts_not_ready(account);
    case TGC_ECLOSED:
        if (w->stopping)
            return problem_stopping(false);
        return accounts_gone(tg_account_name(account));
    case TGC_EREFUSED:
        p = problem_new(PROBLEM_TELEGRAM_REFUSED, 409, "%s", failure->detail);
        if (failure->remedy)
            problem_set_remedy(p, failure->remedy);
        return p;
    case TGC_EPROTO:
    case TGC_EUNKNOWN:
        return problem_new(PROBLEM_TELEGRAM_UNAVAILABLE, 0, "%s", failure->detail);
    default:
        return problem_new(PROBLEM_INTERNAL, 0, "%s", failure->detail);
    }
}

struct problem *op_problem_of(const struct worker *w, const struct tg_account *account, const struct tg_answer *failure)
{
    return problem_of(w, account, failure, &(struct tg_trouble){0});
}

/* What to do about it names what is there: an account that was removed answers nothing more. */
static const char *remedy_of(const struct worker *w, const struct tg_account *account, enum tg_fate fate,
                             const char *remedy)
{
    if (w->stopping || (accounts_has(&w->accounts, account) && !tg_login_is_quitting(account)))
        return remedy;
    return fate == TG_FATE_EXECUTED ? "It happened: look with another account, or in Telegram itself"
                                    : "It may have happened: look with another account, or in Telegram itself";
}

struct problem *op_problem_of_trouble(const struct worker *w, const struct tg_account *account,
                                      const struct tg_trouble *trouble, const char *remedy)
{
    const struct tl_comb *method = trouble->method ? tl_find_method(w->env.schema, trouble->method) : NULL;
    struct problem *p;

    if (trouble->answer)
        p = problem_of(w, account, trouble->answer, trouble);
    else if (trouble->err == TGC_EUNKNOWN && !method)
        p = op_problem_no_method(w, trouble->method);
    else
        p = op_problem_of_fault(w, account, method, trouble->err, trouble->fault);
    if (!p)
        return NULL;
    switch (trouble->fate) {
    case TG_FATE_NONE:
        break;
    case TG_FATE_NOT_SENT:
        if (problem_slug_of(p) == PROBLEM_STOPPING)
            problem_put(p, "sent", json_false());
        if (problem_slug_of(p) == PROBLEM_TELEGRAM_TIMEOUT) {
            problem_put(p, "sent", json_false());
            problem_set_remedy(p, "Nothing was sent, and nothing changed: repeat the request");
        }
        break;
    case TG_FATE_SENT:
        problem_put(p, "sent", json_true());
        problem_set_remedy(p, remedy_of(w, account, trouble->fate, remedy));
        break;
    case TG_FATE_EXECUTED:
        problem_put(p, "executed", json_true());
        problem_set_remedy(p, remedy_of(w, account, trouble->fate, remedy));
        break;
    }
    return p;
}

struct problem *op_problem_of_asked(const struct worker *w, const struct tg_account *account,
                                    const struct tg_answer *answer, const json_t *params, const char *remedy)
{
    bool is_read = answer->method && tg_repeat_judge(answer->method, params) == TG_REPEAT_READ;
    struct tg_trouble trouble = {.answer = answer, .fate = TG_FATE_NONE};

    if (!is_read)
        trouble.fate = tg_fate_of(answer);
    else if (!params)
        trouble.fate = TG_FATE_NOT_SENT;
    return op_problem_of_trouble(w, account, &trouble, remedy);
}

struct tg_answer op_untold(const struct tg_answer *result, int err, struct fault *fault)
{
    struct tg_answer untold = *result;

    if (!fault->text[0])
        fault_set(fault, err, "Telegram's answer cannot be told: %s", tgc_err_text(err));
    untold.outcome = TG_NO_ANSWER;
    untold.err = err;
    untold.detail = fault->text;
    return untold;
}

struct problem *op_problem_untold(const struct worker *w, const struct tg_account *account,
                                  const struct tg_answer *result, int err, struct fault *fault, const char *remedy)
{
    struct tg_answer untold = op_untold(result, err, fault);

    return op_problem_of_trouble(w, account, &(struct tg_trouble){.fate = TG_FATE_EXECUTED, .answer = &untold}, remedy);
}

struct problem *op_problem_of_spent(const struct job *job, const struct tg_answer *answer)
{
    /* Of a chat it is known that it has no call. */
    bool is_conference = json_is_true(json_object_get(job->body, "conference"));
    struct problem *p = problem_new(
        PROBLEM_TELEGRAM_REFUSED, 409, "this random_id was used for a call %s",
        is_conference && answer && tg_answer_is_error(answer, "RANDOM_ID_DUPLICATE") ? "before" : "that has ended");

    if (answer)
        problem_put(p, "telegram",
                    json_pack("{s:i, s:s}", "code", (int)answer->error->code, "message", answer->error->message));
    problem_set_remedy(p, job->gate ? "Use a new Idempotency-Key, and no random_id or a new one"
                                    : "Leave random_id out, or use a new one");
    return p;
}

struct problem *op_problem_no_api_id(const struct worker *w, const struct fault *fault)
{
    struct problem *p = problem_new(PROBLEM_ACCOUNT_NOT_READY, 0, "%s", fault->text);

    problem_print_remedy(p,
                         "Get an api_id and api_hash of your own at https://my.telegram.org, set both in the section "
                         "[telegram] of %s, and start the daemon again",
                         w->config.config_file ? w->config.config_file : "the configuration");
    return p;
}

struct problem *op_problem_unresolved(const struct worker *w, const struct tg_account *account,
                                      const struct tg_resolved *r)
{
    struct problem *p;

    if (r->failure)
        return op_problem_of(w, account, r->failure);
    p = problem_new(PROBLEM_PEER_UNKNOWN, 0, "%s", r->detail);
    problem_set_remedy(p, r->remedy);
    return p;
}

struct problem *op_problem_bad_peer(struct fault *fault)
{
    struct problem *p = problem_new(PROBLEM_INVALID_REQUEST, 0, "%s", fault->text);

    fault_path_member(fault, "peer");
    problem_add_error(p, fault->path, fault->text);
    return p;
}
