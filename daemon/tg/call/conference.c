#include "daemon/tg/call/conference.h"

#include <stdlib.h>

#include "daemon/tg/known/known.h"
#include "daemon/tl/values.h"

struct conference {
    struct tg_account *account;
    int32_t random_id;
    tg_conference_fn *done; /* NULL: nobody waits any more */
    void *ctx;
};

static void end(struct conference *c, struct tg_conference_outcome outcome)
{
    tg_conference_fn *done = c->done;
    void *ctx = c->ctx;

    outcome.random_id = c->random_id;
    free(c);
    if (done)
        done(ctx, &outcome);
}

static void end_trouble(struct conference *c, struct tg_trouble trouble)
{
    end(c, (struct tg_conference_outcome){.end = TG_CONFERENCE_TROUBLE, .trouble = trouble});
}

static void on_result(struct conference *c, const struct tg_answer *answer)
{
    int64_t id = answer->call_id ? answer->call_id : answer->ended_id;
    struct tg_call *call = id ? tg_calls_find(tg_account_calls(c->account), id) : NULL;

    if (!call) {
        end_trouble(c, (struct tg_trouble){.fate = TG_FATE_EXECUTED,
                                           .answer = &(struct tg_answer){.outcome = TG_NO_ANSWER,
                                                                         .err = TGC_EPROTO,
                                                                         .detail = "Telegram's answer shows no call"}});
        return;
    }
    tg_known_call_is_ours(tg_account_known(c->account), call);
    /* The answer to a random_id that was used before is the first one's: it does not tell of the end. */
    if (call->state == TG_CALL_DISCARDED)
        end(c, (struct tg_conference_outcome){.end = TG_CONFERENCE_SPENT});
    else
        end(c, (struct tg_conference_outcome){.end = TG_CONFERENCE_MADE, .call = call, .updates = answer});
}

static void on_answer(void *ctx, const struct tg_answer *answer)
{
    struct conference *c = ctx;

    if (answer->outcome == TG_RESULT)
        on_result(c, answer);
    else if (tg_answer_is_error(answer, "GROUPCALL_ALREADY_DISCARDED") ||
             tg_answer_is_error(answer, "RANDOM_ID_DUPLICATE"))
        end(c, (struct tg_conference_outcome){.end = TG_CONFERENCE_SPENT, .trouble = {.answer = answer}});
    else
        end_trouble(c, (struct tg_trouble){.fate = tg_fate_of(answer), .answer = answer});
}

/* Who waits is told; the intent goes on alone. */
static void on_unknown(void *ctx, const struct tg_answer *answer)
{
    struct conference *c = ctx;
    tg_conference_fn *done = c->done;

    c->done = NULL;
    done(c->ctx, &(struct tg_conference_outcome){.end = TG_CONFERENCE_TROUBLE,
                                                 .random_id = c->random_id,
                                                 .trouble = {.fate = tg_fate_of(answer), .answer = answer}});
}

void tg_conference_create(struct tg_account *a, int32_t random_id, int64_t deadline_us, struct tg_gate *gate,
                          tg_conference_fn *done, void *ctx)
{
    static const char name[] = "phone.createConferenceCall";
    const struct tg_env *env = tg_account_env(a);
    struct conference *c = malloc(sizeof(*c));
    struct fault fault = {0};
    struct tl_values params;

    if (!c) {
        done(ctx, &(struct tg_conference_outcome){
                      .end = TG_CONFERENCE_TROUBLE,
                      .random_id = random_id,
                      .trouble = {.fate = TG_FATE_NOT_SENT,
                                  .answer = &(struct tg_answer){
                                      .outcome = TG_NO_ANSWER, .err = TGC_ENOMEM, .detail = "out of memory"}}});
        return;
    }
    *c = (struct conference){a, random_id ? random_id : random_id32(env->random), done, ctx};
    if (gate)
        gate->random_id = c->random_id;
    tl_values_begin(&params, NULL);
    tl_values_int(&params, "random_id", c->random_id);
    struct tg_ask ask = {.method = tl_find_method(env->schema, name),
                         .values = &params,
                         .deadline_us = deadline_us,
                         .done = on_answer,
                         .unknown = on_unknown,
                         .gate = gate,
                         .ctx = c};
    int err = ask.method ? tg_invoke(a, &ask, &fault) : TGC_EUNKNOWN;
    if (err)
        end_trouble(c, (struct tg_trouble){.fate = TG_FATE_NOT_SENT, .err = err, .method = name, .fault = &fault});
}
