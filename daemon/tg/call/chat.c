#include "daemon/tg/call/chat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/account/account.h"
#include "daemon/tl/tree.h"

/* So often the chat is asked where what came meanwhile contradicts its answer; the last one is told as it is. */
enum { TRIES_MAX = 4 };

struct ask {
    struct tg_account *account;
    struct tg_peer peer;
    unsigned tries;
    int64_t call_id;
    int64_t refused_id; /* the call that the chat named and Telegram did not show */
    int64_t deadline_us;
    tg_chat_call_fn *done;
    void *ctx;
};

static void end(struct ask *k, struct tg_call *call, const struct tg_answer *failure)
{
    tg_chat_call_fn *done = k->done;
    void *ctx = k->ctx;

    free(k);
    done(ctx, call, failure);
}

static void end_failed(struct ask *k, int err, const char *detail)
{
    end(k, NULL, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = err, .detail = detail});
}

static int ask_chat(struct ask *k, struct fault *fault);

/* The answers are learnt. They may be older than what else was: then nobody knows yet. */
static void end_known(struct ask *k)
{
    struct tg_call *call = NULL, *told = k->call_id ? tg_calls_find(tg_account_calls(k->account), k->call_id) : NULL;
    struct fault fault = {0};
    int err = 0;

    if (tg_known_chat(tg_account_known(k->account), k->peer.kind, k->peer.id, &call) != TG_CHAT_UNKNOWN)
        end(k, call, NULL);
    else if (++k->tries == TRIES_MAX)
        end(k, told && told->state != TG_CALL_DISCARDED ? told : NULL, NULL);
    else
        err = ask_chat(k, &fault);
    if (err)
        end_failed(k, err, fault.text);
}

static void on_group_call(void *ctx, const struct tg_answer *answer)
{
    struct ask *k = ctx;
    bool invalid = tg_answer_is_error(answer, "GROUPCALL_INVALID");

    /* It may have ended between the two questions. Where the chat names it once more, that is the answer. */
    if ((invalid || tg_answer_is_error(answer, "GROUPCALL_FORBIDDEN")) && k->refused_id != k->call_id) {
        struct tg_call *gone = invalid ? tg_calls_find(tg_account_calls(k->account), k->call_id) : NULL;
        k->refused_id = k->call_id;
        k->call_id = 0;
        if (gone && tg_known_call_ended(tg_account_known(k->account), gone) != 0)
            end_failed(k, TGC_ENOMEM, "out of memory");
        else
            end_known(k);
        return;
    }
    if (answer->outcome != TG_RESULT) {
        end(k, NULL, answer);
        return;
    }
    /* phone.groupCall names no chat, but we asked by one. */
    struct tg_call *call = tg_calls_find(tg_account_calls(k->account), k->call_id);
    if (call && tg_known_call_is_of(tg_account_known(k->account), call, k->peer.kind, k->peer.id, answer->mark) != 0)
        end_failed(k, TGC_ENOMEM, "out of memory");
    else
        end_known(k);
}

static void on_full_chat(void *ctx, const struct tg_answer *answer)
{
    struct ask *k = ctx;
    struct fault fault = {0};
    json_t *tree = NULL;

    if (answer->outcome != TG_RESULT) {
        end(k, NULL, answer);
        return;
    }
    int err = tl_tree_result(tg_account_env(k->account)->schema, answer->method, answer->data, answer->len, &tree, NULL,
                             &fault);
    json_t *call = json_object_get(json_object_get(tree, "full_chat"), "call");
    const char *id = json_string_value(json_object_get(call, "id"));
    k->call_id = id ? strtoll(id, NULL, 10) : 0;
    if (!err && !id) {
        end_known(k);
    } else if (!err) {
        err = tg_invoke_named(k->account, "phone.getGroupCall", json_pack("{s:O, s:i}", "call", call, "limit", 1),
                              k->deadline_us, 0, on_group_call, k, &fault);
    }
    json_decref(tree);
    if (err)
        end_failed(k, err, fault.text);
}

static int ask_chat(struct ask *k, struct fault *fault)
{
    char id[24];

    k->call_id = 0;
    if (tg_known_chat_is_asked(tg_account_known(k->account), k->peer.kind, k->peer.id) != 0)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (k->peer.kind != PEER_CHAT)
        return tg_invoke_named(k->account, "channels.getFullChannel",
                               json_pack("{s:o}", "channel", tg_peer_input(&k->peer, "InputChannel")), k->deadline_us,
                               0, on_full_chat, k, fault);
    snprintf(id, sizeof(id), "%lld", (long long)k->peer.id);
    return tg_invoke_named(k->account, "messages.getFullChat", json_pack("{s:s}", "chat_id", id), k->deadline_us, 0,
                           on_full_chat, k, fault);
}

void tg_chat_call_again(struct tg_account *a, const struct tg_peer *peer, int64_t deadline_us, tg_chat_call_fn *done,
                        void *ctx)
{
    struct fault fault = {0};
    struct ask *k = calloc(1, sizeof(*k));

    if (!k) {
        done(ctx, NULL, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = TGC_ENOMEM, .detail = "out of memory"});
        return;
    }
    *k = (struct ask){.account = a, .peer = *peer, .deadline_us = deadline_us, .done = done, .ctx = ctx};
    int err = ask_chat(k, &fault);
    if (err)
        end_failed(k, err, fault.text);
}

void tg_chat_call(struct tg_account *a, const struct tg_peer *peer, int64_t deadline_us, tg_chat_call_fn *done,
                  void *ctx)
{
    struct tg_call *call = NULL;

    if (peer->kind != PEER_USER && tg_known_chat(tg_account_known(a), peer->kind, peer->id, &call) == TG_CHAT_UNKNOWN)
        tg_chat_call_again(a, peer, deadline_us, done, ctx);
    else
        done(ctx, call, NULL);
}
