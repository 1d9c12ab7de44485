/* GET /v1/peers/{peer}: who that is, read anew. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/tl/tree.h"
#include "daemon/worker/op.h"

struct peer_get {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
    json_t *input_peer;
    bool is_user;
};

static struct job *finish(struct peer_get *g)
{
    struct job *job = g->job;

    json_decref(g->input_peer);
    free(g);
    return job;
}

static void on_answer(void *ctx, const struct tg_answer *answer)
{
    struct peer_get *g = ctx;
    struct tg_account *account = g->account;
    struct worker *w = g->worker;
    struct fault fault = {0};
    json_t *tree = NULL;

    if (answer->outcome != TG_RESULT) {
        struct problem *p = op_problem_of(w, account, answer);
        op_reply_problem(finish(g), p);
        return;
    }
    int err = tl_tree_result(w->env.schema, answer->method, answer->data, answer->len, &tree, NULL, &fault);
    if (err) {
        struct tg_answer untold = op_untold(answer, err, &fault);
        struct problem *p = op_problem_of(w, account, &untold);
        op_reply_problem(finish(g), p);
        return;
    }
    /* users.getUsers answers a vector, the others an object with `chats`. */
    json_t *found = json_array_get(g->is_user ? tree : json_object_get(tree, "chats"), 0);
    if (found) {
        json_t *body = json_pack("{s:O, s:O}", "input_peer", g->input_peer, g->is_user ? "user" : "chat", found);
        op_reply_json(finish(g), 200, body);
    } else {
        struct problem *p = problem_new(PROBLEM_PEER_UNKNOWN, 0, "Telegram does not show this peer to the account");
        problem_print_remedy(p, "Open the chat with the account %s, or let somebody invite it",
                             tg_account_name(account));
        op_reply_problem(finish(g), p);
    }
    json_decref(tree);
}

static void on_resolved(void *ctx, const struct tg_resolved *r)
{
    struct peer_get *g = ctx;
    struct fault fault = {0};
    char id[24];
    int err;

    if (!r->peer) {
        struct tg_account *account = g->account;
        struct worker *w = g->worker;
        op_reply_problem(finish(g), op_problem_unresolved(w, account, r));
        return;
    }
    g->input_peer = tg_peer_input(r->peer, "InputPeer");
    g->is_user = r->peer->kind == PEER_USER;
    snprintf(id, sizeof(id), "%" PRId64, r->peer->id);
    if (g->is_user)
        err = tg_invoke_named(g->account, "users.getUsers",
                              json_pack("{s:[o]}", "id", tg_peer_input(r->peer, "InputUser")), g->job->deadline_us, 0,
                              on_answer, g, &fault);
    else if (r->peer->kind == PEER_CHANNEL)
        err = tg_invoke_named(g->account, "channels.getChannels",
                              json_pack("{s:[o]}", "id", tg_peer_input(r->peer, "InputChannel")), g->job->deadline_us,
                              0, on_answer, g, &fault);
    else
        err = tg_invoke_named(g->account, "messages.getChats", json_pack("{s:[s]}", "id", id), g->job->deadline_us, 0,
                              on_answer, g, &fault);
    if (err) {
        struct tg_account *account = g->account;
        struct worker *w = g->worker;
        op_reply_fault(w, finish(g), account, NULL, err, &fault);
    }
}

void op_peer_get(struct worker *w, struct job *job)
{
    struct problem *problem = NULL;
    struct tg_account *account = accounts_select(&w->accounts, job, &problem);
    struct fault fault = {0};
    struct peer_get *g;

    if (!account) {
        op_reply_problem(job, problem);
        return;
    }
    g = calloc(1, sizeof(*g));
    if (!g) {
        op_reply_no_memory(job);
        return;
    }
    *g = (struct peer_get){.worker = w, .job = job, .account = account};
    if (tg_resolve_json(account, json_object_get(job->path, "peer"), job->deadline_us, on_resolved, g, &fault) != 0)
        op_reply_problem(finish(g), op_problem_bad_peer(&fault));
}
