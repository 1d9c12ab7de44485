#include "daemon/worker/hook_errand.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/worker/op_unkept.h"

#define REMEDY_SYSTEM                                                                                                  \
    "the state directory must have space and belong to the daemon, and the package libcurl4 must be installed"

static const char *text(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

static struct problem *unknown(const char *name)
{
    struct problem *p = problem_new(PROBLEM_NOT_FOUND, 0, "there is no webhook \"%s\"", name);

    problem_set_remedy(p, "GET /v1/webhooks lists them");
    return p;
}

static struct problem *invalid(const struct fault *f)
{
    struct problem *p = problem_new(PROBLEM_INVALID_REQUEST, 0, "%s%s%s", f->path, f->path[0] ? ": " : "", f->text);

    problem_add_error(p, f->path, f->text);
    return p;
}

static struct problem *problem_of(const struct hook_errand *e)
{
    const char *why = e->fault.text[0] ? e->fault.text : tgc_err_text(e->err);
    struct problem *p;

    switch (e->err) {
    case TGC_EUNKNOWN:
        return unknown(e->name);
    case TGC_EINVAL:
        return invalid(&e->fault);
    case TGC_EEXIST:
        p = problem_new(PROBLEM_EXISTS, 0, "there is a webhook \"%s\" already", e->name);
        problem_print_remedy(p, "Choose another name, or change that one with PATCH /v1/webhooks/%s", e->name);
        return p;
    case TGC_ELIMIT:
        if (e->job->method != JOB_WEBHOOK_CREATE) {
            p = problem_new(PROBLEM_QUEUE_FULL, 0, "%s", why);
            problem_set_retry_after(p, 1);
            return p;
        }
        p = problem_new(PROBLEM_EXISTS, 0, "%s", why);
        problem_set_remedy(p, "Forget webhooks that nobody needs with DELETE: GET /v1/webhooks shows how each does");
        return p;
    default:
        return op_unkept(
            &(struct op_unkept){.err = e->err, .why = why, .mend = "Mend what the detail names: " REMEDY_SYSTEM},
            "nothing was changed");
    }
}

static void forget(struct hook_errand *e)
{
    json_decref(e->list);
    explicit_bzero(e, sizeof(*e));
    free(e);
}

static void work(void *ctx)
{
    struct hook_errand *e = ctx;

    e->err = e->work(e);
}

static void done(void *ctx)
{
    struct hook_errand *e = ctx;

    if (e->err == TGC_ENOMEM)
        op_reply_no_memory(e->job);
    else if (e->err)
        op_reply_problem(e->job, problem_of(e));
    else
        e->answer(e);
    forget(e);
}

/* Who is bound to accounts may make, see and change none: a webhook may be of all. */
struct hooks *hook_errand_hooks(struct worker *w, struct job *job)
{
    struct problem *p;

    if (job->accounts) {
        p = problem_new(PROBLEM_FORBIDDEN, 0, "this token is bound to accounts");
        problem_set_remedy(p, "Use a token with the scope admin that is bound to no accounts");
        op_reply_problem(job, p);
        return NULL;
    }
    if (!w->hooks)
        op_reply_problem(job, problem_new(PROBLEM_NOT_IMPLEMENTED, 0, "nothing outlives this process"));
    return w->hooks;
}

void hook_errand_unknown(struct job *job, const char *name)
{
    op_reply_problem(job, unknown(name));
}

void hook_errand_start(struct worker *w, struct job *job, int (*what)(struct hook_errand *e),
                       void (*answer)(struct hook_errand *e))
{
    struct hooks *hooks = hook_errand_hooks(w, job);
    const char *name = text(job->path, "webhook");

    if (!hooks)
        return;
    struct hook_errand *e = calloc(1, sizeof(*e));
    if (e) {
        e->hooks = hooks;
        e->job = job;
        e->name = name ? name : text(job->body, "name");
        e->work = what;
        e->answer = answer;
    }
    if (!e || net_offload(w->loop, work, done, e) != 0) {
        free(e);
        op_reply_no_memory(job);
    }
}
