#include "daemon/worker/peer_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct peer_reading {
    struct peer_read read;
    peer_read_fn *done;
};

static struct peer_reading finish(struct peer_reading *r)
{
    struct peer_reading left = *r;

    free(r);
    return left;
}

static struct problem *not_shown(const struct tg_account *account)
{
    struct problem *p = problem_new(PROBLEM_PEER_UNKNOWN, 0, "Telegram does not show this peer to the account");

    problem_print_remedy(p, "Open the chat with the account %s, or let somebody invite it", tg_account_name(account));
    return p;
}

static void on_answer(void *ctx, const struct tg_answer *answer)
{
    struct peer_reading r = finish(ctx);
    struct worker *w = r.read.worker;
    struct tg_account *account = r.read.account;

    if (answer->outcome != TG_RESULT) {
        op_reply_problem(r.read.job, op_problem_of(w, account, answer));
        return;
    }
    json_t *tree = op_tree(w, r.read.job, account, answer);
    if (!tree)
        return;
    /* users.getUsers answers a vector, the others an object with `chats`. */
    r.read.found = json_array_get(r.read.peer.kind == PEER_USER ? tree : json_object_get(tree, "chats"), 0);
    if (r.read.found)
        r.done(&r.read);
    else
        op_reply_problem(r.read.job, not_shown(account));
    json_decref(tree);
}

static int ask(struct peer_reading *r, struct fault *fault)
{
    const struct tg_peer *peer = &r->read.peer;
    int64_t deadline_us = r->read.job->deadline_us;
    char id[24];

    snprintf(id, sizeof(id), "%" PRId64, peer->id);
    if (peer->kind == PEER_USER)
        return tg_invoke_named(r->read.account, "users.getUsers",
                               json_pack("{s:[o]}", "id", tg_peer_input(peer, "InputUser")), deadline_us, 0, on_answer,
                               r, fault);
    if (peer->kind == PEER_CHANNEL)
        return tg_invoke_named(r->read.account, "channels.getChannels",
                               json_pack("{s:[o]}", "id", tg_peer_input(peer, "InputChannel")), deadline_us, 0,
                               on_answer, r, fault);
    return tg_invoke_named(r->read.account, "messages.getChats", json_pack("{s:[s]}", "id", id), deadline_us, 0,
                           on_answer, r, fault);
}

static void on_resolved(void *ctx, const struct tg_resolved *resolved)
{
    struct peer_reading *r = ctx;
    struct fault fault = {0};

    if (!resolved->peer) {
        struct peer_read left = finish(r).read;
        op_reply_problem(left.job, op_problem_unresolved(left.worker, left.account, resolved));
        return;
    }
    r->read.peer = *resolved->peer;
    int err = ask(r, &fault);
    if (err) {
        struct peer_read left = finish(r).read;
        op_reply_fault(left.worker, left.job, left.account, NULL, err, &fault);
    }
}

void peer_read(struct worker *w, struct job *job, peer_read_fn *done)
{
    struct problem *problem = NULL;
    struct tg_account *account = accounts_select(&w->accounts, job, &problem);
    struct fault fault = {0};

    if (!account) {
        op_reply_problem(job, problem);
        return;
    }
    struct peer_reading *r = calloc(1, sizeof(*r));
    if (!r) {
        op_reply_no_memory(job);
        return;
    }
    *r = (struct peer_reading){{.worker = w, .job = job, .account = account}, done};
    int err = tg_resolve_json(account, json_object_get(job->path, "peer"), job->deadline_us, on_resolved, r, &fault);
    if (err)
        op_reply_problem(finish(r).read.job, err == TGC_ENOMEM ? NULL : op_problem_bad_peer(&fault));
}
