/* POST /v1/calls: the request's words for tg_create(), and its outcome as an answer. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/call/create.h"
#include "daemon/tg/known/auto_start.h"
#include "daemon/tg/known/call_text.h"
#include "daemon/worker/op_call_conference.h"
#include "daemon/worker/wish.h"

struct call_create {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
};

static struct tg_terms terms_of(const json_t *body)
{
    const json_t *title = json_object_get(body, "title"), *rtmp_stream = json_object_get(body, "rtmp_stream"),
                 *auto_start = json_object_get(body, "auto_start");

    return (struct tg_terms){.title = json_string_value(title),
                             .title_len = json_string_length(title),
                             .schedule_date = (int32_t)json_integer_value(json_object_get(body, "schedule_date")),
                             .has_rtmp_stream = rtmp_stream != NULL,
                             .rtmp_stream = json_is_true(rtmp_stream),
                             .has_auto_start = auto_start != NULL,
                             .auto_start = json_is_true(auto_start)};
}

static bool is_fail(const struct job *job)
{
    const char *if_exists = json_string_value(json_object_get(job->body, "if_exists"));

    return if_exists && strcmp(if_exists, "fail") == 0;
}

/* Who asks for the call that is there already, at this date, and for its start, has it: another start there is none. */
static void take_wish(const struct call_create *c, struct tg_call *call, unsigned *differs)
{
    struct tg_terms terms = terms_of(c->job->body);

    if (!tg_terms_wish_start_of(&terms, call))
        return;
    tg_known_wish_start(tg_account_known(c->account), call, true);
    *differs &= ~(unsigned)TG_DIFFERS_AUTO_START;
}

/* A start that is promised is on the disk first. */
static void reply_in_text(const struct call_create *c, int status, const struct tg_call *call)
{
    if (json_is_true(json_object_get(c->job->body, "auto_start")) && tg_call_is_to_start(call))
        wish_reply(c->worker, c->job, status, c->account);
    else
        op_reply_text(c->job, status);
}

static void reply_exists(const struct call_create *c, struct tg_call *call, unsigned differs)
{
    static const struct {
        unsigned differs;
        const char *member;
    } members[] = {{TG_DIFFERS_TITLE, "title"},
                   {TG_DIFFERS_SCHEDULE_DATE, "schedule_date"},
                   {TG_DIFFERS_RTMP_STREAM, "rtmp_stream"},
                   {TG_DIFFERS_AUTO_START, "auto_start"}};
    char look[OP_CALL_PATH_SIZE];
    struct problem *p;

    if (!is_fail(c->job)) {
        json_t *names = json_array();
        take_wish(c, call, &differs);
        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
            if (differs & members[i].differs)
                json_array_append_new(names, json_string(members[i].member));
        if (op_tell_call(c->job, c->account, call, json_pack("{s:b, s:o}", "existing", 1, "differs", names)))
            reply_in_text(c, 200, call);
        return;
    }
    p = problem_new(PROBLEM_CALL_EXISTS, 0, "the chat has a call already, which is %s",
                    tg_call_state_text(call->state));
    problem_put(p, "call", tg_call_json(call, tg_account_name(c->account)));
    op_call_path(c->account, call->id, look);
    problem_print_remedy(p, "Use the call, end it with DELETE %s, or ask for \"if_exists\": \"replace\"", look);
    op_reply_problem(c->job, p);
}

static void reply_made(struct call_create *c, struct tg_call *call, const struct tg_answer *updates)
{
    if (op_tell_made(c->worker, c->job, c->account, call, updates))
        reply_in_text(c, 201, call);
}

/* When it went out before. */
static void reply_made_before(struct call_create *c, struct tg_call *call)
{
    unsigned differs = 0;

    take_wish(c, call, &differs);
    reply_made(c, call, NULL);
}

static struct problem *problem_of_no_call(void)
{
    struct problem *p =
        problem_new(PROBLEM_TELEGRAM_UNAVAILABLE, 0, "Telegram carried the request out, but the chat shows no call");

    problem_put(p, "executed", json_true());
    problem_set_remedy(p, "The call may have been ended at once: repeat the request");
    return p;
}

/* The list of the chat's calls, by the peer that was asked for where a query can bear it. */
static void remedy_of_doubt(const struct call_create *c, char *out, size_t size)
{
    char text[OP_PROBLEM_PEER_SIZE] = "";
    bool is_shown = op_problem_peer(json_object_get(c->job->body, "peer"), text, sizeof(text));
    snprintf(out, size,
             "It may have happened: repeat the request, which with \"if_exists\": \"return\" makes no second call and "
             "ends none, or read GET /v1/calls?account=%s%s%s",
             tg_account_name(c->account), is_shown ? "&peer=" : "", text);
}

static void on_created(void *ctx, const struct tg_create_outcome *outcome)
{
    struct call_create c = *(struct call_create *)ctx;
    struct tg_trouble trouble = outcome->trouble;
    char remedy[1024];

    free(ctx);
    switch (outcome->end) {
    case TG_CREATE_MADE:
        reply_made(&c, outcome->call, outcome->updates);
        break;
    case TG_CREATE_EXISTS:
        if (c.job->is_again)
            reply_made_before(&c, outcome->call);
        else
            reply_exists(&c, outcome->call, outcome->differs);
        break;
    case TG_CREATE_NO_PEER:
        op_reply_problem(c.job, op_problem_unresolved(c.worker, c.account, outcome->resolved));
        break;
    case TG_CREATE_SPENT:
        op_reply_problem(c.job, op_problem_of_spent(c.job, outcome->trouble.answer));
        break;
    case TG_CREATE_NO_CALL:
        op_reply_problem(c.job, problem_of_no_call());
        break;
    case TG_CREATE_TROUBLE:
        remedy_of_doubt(&c, remedy, sizeof(remedy));
        trouble.peer = json_object_get(c.job->body, "peer");
        op_reply_problem(c.job, op_problem_of_trouble(c.worker, c.account, &trouble, remedy));
        break;
    }
}

static struct tg_create_order order_of(const struct job *job)
{
    const json_t *body = job->body;
    const char *if_exists = json_string_value(json_object_get(body, "if_exists"));

    return (struct tg_create_order){
        .peer = json_object_get(body, "peer"),
        .terms = terms_of(body),
        .random_id = (int32_t)json_integer_value(json_object_get(body, "random_id")),
        /* It went out before: the same random_id is the same call. */
        .if_exists = job->is_again || (if_exists && strcmp(if_exists, "replace") == 0) ? TG_IF_EXISTS_REPLACE
                                                                                       : TG_IF_EXISTS_KEEP,
        .deadline_us = job->deadline_us,
        .gate = job->gate,
    };
}

void op_call_create(struct worker *w, struct job *job)
{
    struct problem *problem = NULL;
    struct tg_account *account = accounts_select(&w->accounts, job, &problem);
    struct tg_create_order order = order_of(job);
    struct fault fault = {0};
    struct call_create *c;

    if (!account) {
        op_reply_problem(job, problem);
        return;
    }
    if (json_is_true(json_object_get(job->body, "conference"))) {
        call_conference_create(w, job, account);
        return;
    }
    c = malloc(sizeof(*c));
    if (!c) {
        op_reply_no_memory(job);
        return;
    }
    *c = (struct call_create){w, job, account};
    int err = tg_create(account, &order, on_created, c, &fault);
    if (err) {
        free(c);
        op_reply_problem(job, err == TGC_EINVAL ? op_problem_bad_peer(&fault) : NULL);
    }
}
