/* PATCH /v1/calls/{id}: the settings, then the title, because Telegram has a method for each; at last what is ours
 * alone, whether the call is to be started. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/tg/known/auto_start.h"
#include "daemon/tg/known/call_text.h"
#include "daemon/tl/text.h"
#include "daemon/worker/call_target.h"
#include "daemon/worker/wish.h"

static const char *const settings[] = {"join_muted", "reset_invite_hash", "messages_enabled",
                                       "send_paid_messages_stars"};
enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };

struct call_edit {
    struct call_target target;
    struct buf updates; /* the answers' texts, with commas between */
    json_t *applied;    /* members that Telegram took */
    bool title_next, wish_next;
    bool is_title, is_wish; /* what the step under way is about; else the settings */
};

static void free_edit(struct call_edit *e)
{
    buf_fini(&e->updates);
    json_decref(e->applied);
    free(e);
}

static int keep_answer(struct call_edit *e, const struct tg_answer *answer, struct fault *fault)
{
    if (e->updates.len)
        buf_put_byte(&e->updates, ',');
    return tl_text_result(e->target.worker->env.schema, answer->method, answer->data, answer->len, &e->updates, NULL,
                          fault);
}

static void reply_problem(struct call_edit *e, struct problem *problem)
{
    struct job *job = e->target.job;

    if (problem && json_array_size(e->applied))
        problem_put(problem, "applied", json_incref(e->applied));
    free_edit(e);
    op_reply_problem(job, problem);
}

static void reply_untold(struct call_edit *e, const struct tg_answer *result, int err, struct fault *fault)
{
    char look[OP_CALL_PATH_SIZE], remedy[OP_CALL_PATH_SIZE + 32];

    op_call_path(e->target.account, e->target.id, look);
    snprintf(remedy, sizeof(remedy), "It was done: read GET %s", look);
    reply_problem(e, op_problem_untold(e->target.worker, e->target.account, result, err, fault, remedy));
}

static void reply(struct call_edit *e, const struct tg_call *call)
{
    struct job *job = e->target.job;

    buf_reset(&job->text);
    buf_put_text(&job->text, "{\"call\":");
    tg_call_text(call, tg_account_name(e->target.account), &job->text);
    buf_put_text(&job->text, ",\"updates\":[");
    buf_put(&job->text, e->updates.data, e->updates.len);
    buf_put_text(&job->text, "]}");
    if (buf_err(&job->text)) {
        struct fault fault = {0};
        reply_untold(e, &(struct tg_answer){.executed = true}, buf_err(&job->text), &fault);
        return;
    }
    struct call_target target = e->target;
    bool is_wish = e->is_wish;
    free_edit(e);
    if (is_wish)
        wish_reply(target.worker, job, 200, target.account);
    else
        op_reply_text(job, 200);
}

static void run_step(struct call_edit *e, const char *method, json_t *params);

/* How the call is, is Telegram's to say: one that runs was started, and needs no wish. */
static void wish(struct call_edit *e, struct tg_call *call)
{
    struct job *job = e->target.job;
    bool wanted = json_is_true(json_object_get(job->body, "auto_start"));

    tg_known_wish_start(tg_account_known(e->target.account), call, wanted && call->state == TG_CALL_SCHEDULED);
}

static void run_next(struct call_edit *e)
{
    if (e->title_next) {
        e->title_next = false;
        e->is_title = true;
        run_step(e, "phone.editGroupCallTitle",
                 json_pack("{s:O}", "title", json_object_get(e->target.job->body, "title")));
    } else {
        e->wish_next = false;
        e->is_wish = true;
        run_step(e, "phone.getGroupCall", json_pack("{s:i}", "limit", 1));
    }
}

/* What the step that has ended was about. */
static void note_applied(struct call_edit *e, bool was_title)
{
    const json_t *body = e->target.job->body;

    if (was_title)
        json_array_append_new(e->applied, json_string("title"));
    for (size_t i = 0; !was_title && i < SETTINGS; i++)
        if (json_object_get(body, settings[i]))
            json_array_append_new(e->applied, json_string(settings[i]));
}

static void on_step(void *ctx, const struct tg_step_outcome *outcome)
{
    struct call_edit *e = ctx;
    struct fault fault = {0};

    if (outcome->end != TG_STEP_DONE) {
        reply_problem(e, call_target_problem(&e->target, outcome));
        return;
    }
    if (e->is_wish) {
        wish(e, outcome->call);
        reply(e, outcome->call);
        return;
    }
    note_applied(e, e->is_title);
    int err = outcome->answer ? keep_answer(e, outcome->answer, &fault) : 0;
    if (err)
        reply_untold(e, outcome->answer, err, &fault);
    else if (e->title_next || e->wish_next)
        run_next(e);
    else
        reply(e, outcome->call);
}

static void run_step(struct call_edit *e, const char *method, json_t *params)
{
    tg_call_step(e->target.account, e->target.id, method, params, e->target.job->deadline_us, on_step, e);
}

void op_call_edit(struct worker *w, struct job *job)
{
    struct call_edit *e = calloc(1, sizeof(*e));
    json_t *params = json_object();

    if (!e || !params) {
        free(e);
        json_decref(params);
        op_reply_no_memory(job);
        return;
    }
    if (!call_target_find(w, job, &e->target)) {
        json_decref(params);
        free(e);
        return;
    }
    buf_init(&e->updates, job->text.max);
    e->applied = json_array();
    e->title_next = json_object_get(job->body, "title") != NULL;
    e->wish_next = json_object_get(job->body, "auto_start") != NULL;
    for (size_t i = 0; i < SETTINGS; i++) {
        json_t *v = json_object_get(job->body, settings[i]);
        if (v)
            json_object_set(params, settings[i], v);
    }
    if (json_object_size(params) == 0) {
        json_decref(params);
        run_next(e);
        return;
    }
    run_step(e, "phone.toggleGroupCallSettings", params);
}
