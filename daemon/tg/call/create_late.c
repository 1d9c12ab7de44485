/* A create that nobody waits for any more, whose fate is still to be learnt. */
#include <stdlib.h>

#include "daemon/tg/call/chat.h"
#include "daemon/tg/call/create_internal.h"

static struct tg_unsettled *put(struct create *c)
{
    return tg_unsettled_put(&c->desk->unsettled, c->peer.kind, c->peer.id, tg_account_self_id(c->account), c->random_id,
                            tg_now(tg_account_env(c->account)));
}

void create_note_lost(struct create *c)
{
    struct tg_unsettled *u = put(c);

    if (u)
        tg_unsettled_close(&c->desk->unsettled, u, true, tg_now(tg_account_env(c->account)));
}

void create_on_unknown(void *ctx, const struct tg_answer *answer)
{
    struct create *c = ctx;
    tg_create_fn *done = c->done;

    /* Without memory for it, the next create in the chat asks the chat all the same. */
    (void)!put(c);
    c->done = NULL;
    c->order = (struct tg_create_order){0};
    create_leave_chat(c);
    done(c->ctx, &(struct tg_create_outcome){.end = TG_CREATE_TROUBLE,
                                             .trouble = {.fate = tg_fate_of(answer), .answer = answer}});
}

/* What is learnt on the way is all that is wanted. */
static void on_told(void *ctx, struct tg_call *call, const struct tg_answer *failure)
{
    (void)ctx;
    (void)call;
    (void)failure;
}

static void note_result(struct create *c, const struct tg_answer *answer)
{
    struct tg_calls *calls = tg_account_calls(c->account);
    struct tg_call *call = answer->call_id ? tg_calls_find(calls, answer->call_id) : NULL;

    if (!call)
        return;
    if (tg_known_call_is_of(tg_account_known(c->account), call, c->peer.kind, c->peer.id, answer->mark) == 0)
        create_note_made(c, call);
}

void create_on_late(struct create *c, const struct tg_answer *answer)
{
    const struct tg_env *env = tg_account_env(c->account);
    struct tg_unsettled *u = create_unsettled_own(c);
    enum tg_fate fate = tg_fate_of(answer);
    bool crossed = !u || u->crossed;

    if (answer->outcome == TG_RESULT)
        note_result(c, answer);
    if (u && fate == TG_FATE_EXECUTED)
        tg_unsettled_drop(&c->desk->unsettled, u);
    else if (u)
        tg_unsettled_close(&c->desk->unsettled, u, fate == TG_FATE_SENT, tg_now(env));
    /* Which of several creates was the last to run only the chat can tell, and of an answer that cannot be read it is
     * the only witness. */
    if ((crossed && fate != TG_FATE_NOT_SENT) || (fate == TG_FATE_EXECUTED && answer->outcome != TG_RESULT))
        tg_chat_call_again(c->account, &c->peer, tg_now(env) + env->request_timeout_us, on_told, NULL);
    free(c->refusal);
    free(c);
}
