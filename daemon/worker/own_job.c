#include "daemon/worker/own_job.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/worker/dispatch.h"
#include "daemon/worker/journal_internal.h"

/* No token has this for an id. */
#define OWN_TOKEN_ID ":own"

struct own_job {
    own_job_fn *answered; /* NULL: nobody waits */
    void *ctx;
    struct own_job **here; /* where who asked has it; NULL: nobody has */
};

static void on_answer(struct job *job)
{
    struct own_job *own = job->done_ctx;
    struct own_job stood = *own;

    free(own);
    if (stood.here)
        *stood.here = NULL;
    if (stood.answered)
        stood.answered(stood.ctx, job);
    job_free(job);
}

static struct job_terms *terms_of(const char *key)
{
    struct job_terms *terms = calloc(1, sizeof(*terms));

    if (!terms)
        return NULL;
    snprintf(terms->token_id, sizeof(terms->token_id), "%s", OWN_TOKEN_ID);
    snprintf(terms->key, sizeof(terms->key), "%s", key);
    return terms;
}

static struct job *job_of(const struct worker *w, struct own_order *o)
{
    struct job *job = job_new(o->method, o->path, o->query, o->body);

    o->path = o->query = o->body = NULL;
    if (!job || (o->key && !(job->terms = terms_of(o->key)))) {
        job_free(job);
        return NULL;
    }
    snprintf(job->request_id, sizeof(job->request_id), "%s", o->name);
    snprintf(job->account, sizeof(job->account), "%s", o->account);
    job->deadline_us = clock_mono_us(w->env.clock) + w->env.request_timeout_us;
    job->scopes = SCOPE_ALL;
    job->scope_secrets = true;
    job->names_allowed = true;
    job->done = on_answer;
    return job;
}

int own_job_ask(struct worker *w, struct own_order *order, own_job_fn *answered, void *ctx, struct own_job **ret)
{
    struct job *job = job_of(w, order);
    struct own_job *own = job ? malloc(sizeof(*own)) : NULL;

    if (!own) {
        job_free(job);
        return TGC_ENOMEM;
    }
    *own = (struct own_job){.answered = answered, .ctx = ctx, .here = ret};
    *ret = own;
    job->done_ctx = own;
    if (job->terms)
        journal_take(w, job);
    else
        dispatch_find(job->method)(w, job);
    return 0;
}

void own_job_leave(struct own_job *own)
{
    if (!own)
        return;
    if (own->here)
        *own->here = NULL;
    own->answered = NULL;
    own->here = NULL;
}

/* It has its answer, or had nobody left who waits for one when a process was killed. */
static bool is_at_rest(const struct intent *i)
{
    return (intent_is_over(i) || (i->state == INTENT_OPEN && !i->attempt && !i->waiter)) && !i->writes_n;
}

static struct intent *find(struct worker *w, enum job_method method, const json_t *path, const char *key)
{
    json_t *given = path ? NULL : json_object();
    uint8_t name[STORE_INTENT_KEY];
    struct intent *i = NULL;

    if ((path || given) && journal_key_of(OWN_TOKEN_ID, method, path ? path : given, key, name) == 0)
        i = journal_find_key(w->journal, name);
    json_decref(given);
    return i;
}

static void forget(struct intent *i)
{
    intent_unwrite(i);
    intent_drop(i);
}

/* It stands where a waiter does, and nobody hears what it is told. */
static bool is_left(const struct job *waiter)
{
    const struct own_job *own = waiter->done_ctx;

    return !own->answered;
}

enum own_job_rest own_job_withdraw(struct worker *w, enum job_method method, const json_t *path, const char *key)
{
    struct intent *i = find(w, method, path, key);

    if (!i)
        return OWN_JOB_NOTHING;
    if ((i->waiter && !is_left(i->waiter)) || i->is_ending || i->state == INTENT_DONE || i->state == INTENT_FAILED)
        return OWN_JOB_COMES;
    if (i->state == INTENT_OPEN && i->sent)
        return OWN_JOB_DOUBT;
    if (i->state != INTENT_OPEN && !intent_cancel(i))
        return OWN_JOB_COMES;
    struct job *left = intent_take_waiter(i);
    forget(i);
    if (left)
        on_answer(left);
    return OWN_JOB_NOTHING;
}

void own_job_settle(struct worker *w, enum job_method method, const json_t *path, const char *key)
{
    struct intent *i = find(w, method, path, key);

    if (i && is_at_rest(i))
        forget(i);
}
