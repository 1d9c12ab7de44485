#include "daemon/worker/op_call_conference.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/tg/call/conference.h"
#include "daemon/tl/text.h"
#include "daemon/worker/call_act.h"
#include "daemon/worker/peer_params.h"

/* --- creating --- */

struct conference_create {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
};

static void on_created(void *ctx, const struct tg_conference_outcome *outcome)
{
    struct conference_create c = *(struct conference_create *)ctx;
    char remedy[160];

    free(ctx);
    switch (outcome->end) {
    case TG_CONFERENCE_MADE:
        op_reply_made(c.worker, c.job, c.account, outcome->call, outcome->updates);
        break;
    case TG_CONFERENCE_SPENT:
        op_reply_problem(c.job, op_problem_of_spent(c.job, outcome->trouble.answer));
        break;
    case TG_CONFERENCE_TROUBLE:
        snprintf(remedy, sizeof(remedy),
                 "It may have happened: repeat the request with \"random_id\": %" PRId32
                 ", which Telegram takes for the same conference",
                 outcome->random_id);
        op_reply_problem(c.job, op_problem_of_trouble(c.worker, c.account, &outcome->trouble, remedy));
        break;
    }
}

void call_conference_create(struct worker *w, struct job *job, struct tg_account *account)
{
    struct conference_create *c = malloc(sizeof(*c));

    if (!c) {
        op_reply_no_memory(job);
        return;
    }
    *c = (struct conference_create){w, job, account};
    tg_conference_create(account, (int32_t)json_integer_value(json_object_get(job->body, "random_id")),
                         job->deadline_us, job->gate, on_created, c);
}

/* --- inviting --- */

static const char one_user[] = "phone.inviteConferenceCallParticipant";

struct invite {
    struct call_target target;
    json_t *params;     /* {"users": [InputUser, …]}, once they are resolved */
    size_t next;        /* whose turn it is */
    struct buf updates; /* the answers' texts, with commas between */
};

static json_t *users_given(const struct invite *i)
{
    return json_object_get(i->target.job->body, "users");
}

static void free_invite(struct invite *i)
{
    buf_fini(&i->updates);
    json_decref(i->params);
    free(i);
}

/* INVITED of them were; P is why the next was not. */
static void reply_problem(struct invite *i, struct problem *p, size_t invited)
{
    struct job *job = i->target.job;
    json_t *done = json_array();

    for (size_t n = 0; n < invited; n++)
        json_array_append(done, json_array_get(users_given(i), n));
    problem_put(p, "invited", done);
    if (invited < json_array_size(users_given(i)))
        problem_put(p, "user", json_incref(json_array_get(users_given(i), invited)));
    free_invite(i);
    op_reply_problem(job, p);
}

/* Who would repeat the whole request would ring once more at those who were. */
static void set_remedy_of_rest(struct problem *p)
{
    static const char rest[] = "nvite again only \"user\" and those after: it rings at \"invited\"";
    int64_t wait_s = problem_retry_after(p);

    if (json_is_false(problem_member(p, "sent")))
        problem_put(p, "sent", json_true());
    if (wait_s)
        problem_print_remedy(p, "After %" PRId64 " seconds, not before, i%s", wait_s, rest);
    else
        problem_print_remedy(p, "I%s", rest);
}

static void reply_failed(struct invite *i, const struct tg_step_outcome *outcome)
{
    struct problem *p = call_target_problem(&i->target, outcome);

    if (outcome->end == TG_STEP_TROUBLE && outcome->trouble.fate == TG_FATE_SENT)
        problem_set_remedy(p, "It may ring at \"user\": ask there, or invite again, which rings once more");
    else if (i->next && p && problem_slug_of(p) != PROBLEM_TELEGRAM_REFUSED)
        set_remedy_of_rest(p);
    reply_problem(i, p, i->next);
}

static void reply_untold(struct invite *i, const struct tg_answer *answer, int err, struct fault *fault)
{
    struct call_target *t = &i->target;

    reply_problem(i,
                  op_problem_untold(t->worker, t->account, answer, err, fault, "It was done: it rings at \"invited\""),
                  i->next);
}

static void reply_invited(struct invite *i)
{
    struct buf *text = &i->target.job->text;
    struct job *job = i->target.job;

    buf_reset(text);
    buf_put_text(text, "{\"updates\":[");
    buf_put(text, i->updates.data, i->updates.len);
    buf_put_text(text, "]}");
    if (buf_err(text)) {
        struct fault fault = {0};
        reply_untold(i, &(struct tg_answer){.executed = true}, buf_err(text), &fault);
        return;
    }
    free_invite(i);
    op_reply_text(job, 200);
}

static void invite_next(struct invite *i);

static void on_invited(void *ctx, const struct tg_step_outcome *outcome)
{
    struct invite *i = ctx;
    const struct tg_answer *answer = outcome->answer;
    struct fault fault = {0};
    int err = 0;

    if (outcome->end != TG_STEP_DONE) {
        reply_failed(i, outcome);
        return;
    }
    i->next++;
    if (answer && i->updates.len)
        buf_put_byte(&i->updates, ',');
    if (answer)
        err = tl_text_result(i->target.worker->env.schema, answer->method, answer->data, answer->len, &i->updates, NULL,
                             &fault);
    if (err)
        reply_untold(i, answer, err, &fault);
    else if (i->next < json_array_size(users_given(i)))
        invite_next(i);
    else
        reply_invited(i);
}

static void invite_next(struct invite *i)
{
    json_t *user = json_array_get(json_object_get(i->params, "users"), i->next);

    tg_call_step_gated(i->target.account, i->target.id, one_user, json_pack("{s:O}", "user_id", user),
                       i->target.job->deadline_us, i->target.job->gate, on_invited, i);
}

static void on_peers(void *ctx, bool ok, struct problem *problem)
{
    struct invite *i = ctx;
    struct job *job = i->target.job;

    if (ok) {
        invite_next(i);
        return;
    }
    free_invite(i);
    op_reply_problem(job, problem);
}

/* Who all of them are is known before it rings at the first. */
void call_conference_invite(const struct call_target *target)
{
    struct worker *w = target->worker;
    struct job *job = target->job;
    const struct tl_comb *many = tl_find_method(w->env.schema, "phone.inviteToGroupCall");
    struct invite *i = NULL;

    if (!many || !tl_find_method(w->env.schema, one_user)) {
        op_reply_problem(job, op_problem_no_method(w, one_user));
        return;
    }
    i = calloc(1, sizeof(*i));
    if (i) {
        i->target = *target;
        buf_init(&i->updates, job->text.max);
        i->params = json_pack("{s:o}", "users", json_deep_copy(users_given(i)));
    }
    if (i && i->params) {
        peer_params_resolve(w, target->account, many, i->params, job->deadline_us, on_peers, i);
        return;
    }
    free(i);
    op_reply_no_memory(job);
}
