#include "daemon/relay.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/base/thread.h"
#include "daemon/bridge/choose.h"
#include "daemon/bridge/job_pack.h"
#include "daemon/store/relay_link.h"

/* Requests of others that are under way here. */
enum { TAKEN_MAX = 1024 };
/* Who carried it out says why there is no answer before who asked gives up. */
#define MARGIN_US (SECOND_US / 4)
#define READY_US (2 * SECOND_US)

struct relay {
    struct relay_config config;
    struct relay_link *link;
    struct mailbox *mailbox;
    struct buf visible;
    struct buf packed; /* secret; the thread's, as is: */
    bool has_begun;
    atomic_size_t taken_n;
    atomic_bool is_written; /* nothing that was taken waits to be written */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job *done; /* answered by workers; the last first */
    bool is_awake;    /* the link is there to be woken */
};

/* Of a job of another node's. */
struct relay_visit {
    struct relay *relay;
    int64_t id;
};

static void wake(void *ctx)
{
    struct relay *r = ctx;

    pthread_mutex_lock(&r->lock);
    if (r->is_awake)
        relay_link_wake(r->link);
    pthread_mutex_unlock(&r->lock);
}

/* --- asked here --- */

static struct problem *not_taken(const char *detail, const char *remedy)
{
    struct problem *p = problem_new(PROBLEM_NOT_READY, 0, "%s", detail);

    problem_set_retry_after(p, 1);
    problem_set_remedy(p, remedy);
    problem_put(p, "sent", json_false());
    return p;
}

static struct problem *lost(const struct job *job)
{
    if (job_changes_nothing(job->method))
        return not_taken("The node that has the accounts did not answer", "Nothing changed: repeat the request");
    struct problem *p = problem_new(PROBLEM_TELEGRAM_TIMEOUT, 0,
                                    "The node that has the accounts did not answer: whether it was done is not known");
    problem_put(p, "sent", json_true());
    problem_set_remedy(p, job_may_repeat(job)
                              ? "Repeat the request with the same Idempotency-Key: what was done is not done again"
                              : "It may have happened: look at it with GET before you repeat the request; with an "
                                "Idempotency-Key it can be repeated safely");
    return p;
}

/* The link tries to come back four times a second. */
enum { AWAY_RETRY_S = 5 };

static struct problem *away(const char *why)
{
    struct problem *p =
        problem_new(PROBLEM_DATABASE_AWAY, 0, "The request could not be passed on to another node: %s", why);

    problem_set_retry_after(p, AWAY_RETRY_S);
    problem_set_remedy(p, "Nothing was done. See to the PostgreSQL server that [store] url names: GET /readyz is 200 "
                          "when it answers again");
    problem_put(p, "sent", json_false());
    return p;
}

static struct problem *problem_of(const struct relay *r, const struct job *job, enum relay_fate fate)
{
    const char *why = relay_link_away(r->link);

    switch (fate) {
    case RELAY_NOT_TAKEN:
        if (why)
            return away(why);
        if (job->node)
            return not_taken("The node that was asked did not take the request in time, or is no more",
                             "Nothing was done: repeat the request after Retry-After seconds");
        return not_taken("No node that has the accounts took the request in time",
                         "Nothing was done: repeat the request after Retry-After seconds");
    case RELAY_NOT_READ:
        return not_taken("The node that has the accounts cannot read what this one passes on",
                         "Nothing was done: give all nodes the same seal key");
    case RELAY_HAS_ANSWER:
    case RELAY_LOST:
        break;
    }
    return lost(job);
}

static void tell(void *ctx, void *asked, enum relay_fate fate, const uint8_t *bytes, size_t len)
{
    struct job *job = asked;

    if (fate != RELAY_HAS_ANSWER || job_unpack_answer(bytes, len, job) != 0)
        job->problem = problem_of(ctx, job, fate);
    job_reply(job);
}

/* Without a problem, where memory is gone, the front end says that the daemon failed. */
static void refuse(struct job *job, int err)
{
    if (err == TGC_EINVAL)
        job->problem = problem_new(PROBLEM_INTERNAL, 0, "The request cannot be passed on to another node");
    else
        job->problem = problem_new(PROBLEM_INTERNAL, 0, "The request was not passed on: %s", tgc_err_text(err));
    problem_put(job->problem, "sent", json_false());
    job_reply(job);
}

/* Who asks whether all is well, asks often, and is to hear soon that it is not. */
static void hurry(struct job *job, int64_t now_us)
{
    if (job->method == JOB_READY && job->deadline_us > now_us + READY_US)
        job->deadline_us = now_us + READY_US;
}

/* The names of the accounts that JOB's client may see. Others than the letters of names are no account's. */
static const char *visible_to(struct relay *r, const struct job *job)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t i;
    json_t *name;

    buf_reset(&r->visible);
    json_array_foreach (job->accounts, i, name) {
        const char *text = json_string_value(name);
        if (!text || !text[0] || text[strspn(text, letters)])
            continue;
        buf_put_text(&r->visible, r->visible.len ? "," : "");
        buf_put_text(&r->visible, text);
    }
    return r->visible.len ? buf_text(&r->visible) : NULL;
}

static struct relay_route route_of(struct relay *r, const struct job *job)
{
    static const enum relay_about abouts[] = {[CHOOSE_NONE] = RELAY_ABOUT_NONE,
                                              [CHOOSE_ACCOUNT] = RELAY_ABOUT_ACCOUNT,
                                              [CHOOSE_CALL] = RELAY_ABOUT_CALL,
                                              [CHOOSE_SCHEDULE] = RELAY_ABOUT_SCHEDULE,
                                              [CHOOSE_JOB] = RELAY_ABOUT_INTENT};
    struct choose_route c = choose_route(job);

    return (struct relay_route){
        .about = abouts[c.of], .name = c.name, .id = c.id, .visible = c.of == CHOOSE_CALL ? visible_to(r, job) : NULL};
}

static void ask(struct relay *r, struct job *job)
{
    int64_t now_us = clock_mono_us(r->config.clock);

    hurry(job, now_us);
    struct relay_ask a = {.asked = job,
                          .route = route_of(r, job),
                          .node = job->node,
                          .deadline_us = job->deadline_us,
                          .may_repeat = job_may_repeat(job)};
    buf_reset(&r->packed);
    int err = job_pack(job, now_us, &r->packed);
    if (!err) {
        a.bytes = r->packed.data;
        a.len = r->packed.len;
        err = relay_link_ask(r->link, &a);
    }
    if (err)
        refuse(job, err);
}

/* --- asked elsewhere --- */

static void answer(struct relay *r, int64_t id, struct job *job)
{
    buf_reset(&r->packed);
    int err = job_pack_answer(job, &r->packed);

    if (err) {
        problem_free(job->problem);
        job->problem = problem_new(PROBLEM_INTERNAL, 0, "The answer cannot be passed on: %s", tgc_err_text(err));
        buf_reset(&r->packed);
        err = job_pack_answer(job, &r->packed);
    }
    if (!err) {
        relay_link_answer(r->link, id, r->packed.data, r->packed.len);
        return;
    }
    log_error("cluster", "the answer to what another node was asked is lost: %s", tgc_err_text(err));
    relay_link_lose(r->link, id);
}

/* On the worker's thread. */
static void on_done(struct job *job)
{
    struct relay *r = ((struct relay_visit *)job->done_ctx)->relay;

    pthread_mutex_lock(&r->lock);
    bool was_empty = !r->done;
    job->next = r->done;
    r->done = job;
    if (was_empty && r->is_awake)
        relay_link_wake(r->link);
    pthread_mutex_unlock(&r->lock);
}

static void end_visit(struct job *job)
{
    free(job->done_ctx);
    job_free(job);
}

static void answer_done(struct relay *r)
{
    pthread_mutex_lock(&r->lock);
    struct job *next, *job = r->done;
    r->done = NULL;
    pthread_mutex_unlock(&r->lock);
    for (; job; job = next) {
        next = job->next;
        answer(r, ((struct relay_visit *)job->done_ctx)->id, job);
        end_visit(job);
        atomic_fetch_sub(&r->taken_n, 1);
    }
}

/* What cannot become a job of this node's. */
static void answer_problem(struct relay *r, int64_t id, struct problem *p)
{
    struct job *job = job_new(JOB_READY, NULL, NULL, NULL);

    if (!job) {
        problem_free(p);
        relay_link_return(r->link, id);
        return;
    }
    job->problem = p;
    answer(r, id, job);
    job_free(job);
}

static void answer_unreadable(struct relay *r, int64_t id, int err)
{
    struct problem *p;

    if (err == TGC_EPROTO) {
        p = problem_new(PROBLEM_NOT_IMPLEMENTED, 0,
                        "The node that has the accounts runs another version, which does not know this request");
        problem_set_remedy(p, "Nothing was done: run the same version on all nodes");
    } else {
        p = problem_new(PROBLEM_INTERNAL, 0, "The node that has the accounts is %s", tgc_err_text(err));
    }
    problem_put(p, "sent", json_false());
    answer_problem(r, id, p);
}

static int post(struct relay *r, int64_t id, struct job *job, size_t worker)
{
    struct mailbox *m = r->config.workers->mailboxes[worker];
    struct relay_visit *v = malloc(sizeof(*v));
    int err = v ? mailbox_admit(m) : TGC_ENOMEM;

    if (err) {
        free(v);
        return err;
    }
    *v = (struct relay_visit){r, id};
    job->done = on_done;
    job->done_ctx = v;
    atomic_store(&r->is_written, false);
    atomic_fetch_add(&r->taken_n, 1);
    mailbox_post(m, job);
    return 0;
}

/* What is not known here may have gone, with its lease, since it was taken: then it is for who has it next to say. */
static void take(void *ctx, int64_t id, unsigned lease, int64_t left_us, const uint8_t *bytes, size_t len)
{
    struct relay *r = ctx;
    int64_t now_us = clock_mono_us(r->config.clock);
    struct problem *problem;
    struct job *job;
    size_t worker;
    int err = job_unpack(bytes, len, now_us, &job);

    if (err) {
        answer_unreadable(r, id, err);
        return;
    }
    job->deadline_us = now_us + left_us - (left_us > 4 * MARGIN_US ? MARGIN_US : left_us / 4);
    bool is_found = choose_worker(r->config.workers->directory, job, &worker, &problem) == 0;
    if (is_found && post(r, id, job, worker) == 0)
        return;
    if (!is_found && relay_link_has(r->link, lease)) {
        answer_problem(r, id, problem);
    } else {
        problem_free(problem);
        relay_link_return(r->link, id);
    }
    job_free(job);
}

/* Some slots are left to who asks here. */
static size_t room(void *ctx)
{
    struct relay *r = ctx;
    size_t taken = atomic_load(&r->taken_n), n = 0;

    for (size_t i = 0; i < r->config.workers->n; i++) {
        size_t slots = mailbox_slots(r->config.workers->mailboxes[i]);
        size_t used = mailbox_used(r->config.workers->mailboxes[i]);
        slots -= slots / 4;
        n += used < slots ? slots - used : 0;
    }
    size_t most = taken < TAKEN_MAX ? TAKEN_MAX - taken : 0;
    return n < most ? n : most;
}

/* --- turns --- */

/* One that was large is not kept for the next. */
static void forget_packed(struct relay *r)
{
    enum { KEPT = 64 << 10 };

    if (r->packed.cap > KEPT) {
        size_t max = r->packed.max;
        buf_fini(&r->packed);
        buf_init_secret(&r->packed, max);
    } else if (r->packed.cap) {
        explicit_bzero(r->packed.data, r->packed.cap);
    }
    buf_reset(&r->packed);
}

static void turn(void *ctx)
{
    struct relay *r = ctx;
    struct job *job, *next;

    if (!r->has_begun)
        mailbox_own(r->mailbox);
    r->has_begun = true;
    for (job = mailbox_take(r->mailbox); job; job = next) {
        next = job->next;
        job->next = NULL;
        ask(r, job);
    }
    answer_done(r);
}

static void turned(void *ctx)
{
    struct relay *r = ctx;

    mailbox_deliver(r->mailbox);
    forget_packed(r);
    bool is_written = relay_link_is_empty(r->link);
    pthread_mutex_lock(&r->lock);
    atomic_store(&r->is_written, is_written);
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

static int64_t node_id(void *ctx)
{
    struct relay *r = ctx;

    return r->config.node_id(r->config.ctx);
}

/* --- from other threads --- */

int relay_new(const struct relay_config *config, struct relay **ret, struct fault *fault)
{
    struct relay *r = calloc(1, sizeof(*r));

    if (!r)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    const struct relay_link_config link = {
        .url = config->url,
        .key_path = config->key_path,
        .key_is_given = config->key_is_given,
        .lease_us = config->lease_us,
        .clock = config->clock,
        .random = config->random,
        .calls = {
            .turn = turn, .room = room, .take = take, .tell = tell, .turned = turned, .node_id = node_id, .ctx = r}};
    r->config = *config;
    r->config.url = r->config.key_path = NULL; /* they are the link's now */
    atomic_init(&r->is_written, true);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->changed, NULL);
    buf_init_secret(&r->packed, LIMIT_JSON_TEXT + LIMIT_STORE_VALUE);
    buf_init(&r->visible, LIMIT_JSON_TEXT);
    int err = mailbox_new(config->slots, wake, r, &r->mailbox);
    if (err)
        fault_set(fault, err, "%s", tgc_err_text(err));
    else
        err = relay_link_new(&link, &r->link, fault);
    r->is_awake = !err;
    if (!err)
        err = relay_link_start(r->link, fault);
    if (err) {
        relay_link_free(r->link);
        r->link = NULL;
        relay_free(r);
        return err;
    }
    *ret = r;
    return 0;
}

struct mailbox *relay_mailbox(struct relay *r)
{
    return r->mailbox;
}

void relay_serve(struct relay *r, bool is_on)
{
    relay_link_serve(r->link, is_on);
}

void relay_holds(struct relay *r, unsigned lease, bool is_on)
{
    relay_link_holds(r->link, lease, is_on);
}

void relay_holds_all(struct relay *r, bool is_on)
{
    for (unsigned lease = 0; lease <= CLUSTER_SHARES; lease++)
        relay_holds(r, lease, is_on);
}

bool relay_is_idle(struct relay *r)
{
    return mailbox_used(r->mailbox) == 0 && atomic_load(&r->taken_n) == 0 && atomic_load(&r->is_written);
}

static void wait_for_idle(struct relay *r, int64_t deadline_us)
{
    pthread_mutex_lock(&r->lock);
    while (!relay_is_idle(r) && thread_await(&r->changed, &r->lock, r->config.clock, deadline_us))
        ;
    pthread_mutex_unlock(&r->lock);
}

/* A slot that was taken before the mailbox closed may still have become a job. */
static void refuse_rest(struct relay *r)
{
    struct job *job, *next;

    for (job = mailbox_take(r->mailbox); job; job = next) {
        next = job->next;
        job->next = NULL;
        job->problem = problem_stopping(true);
        job_reply(job);
    }
    mailbox_deliver(r->mailbox);
}

void relay_close(struct relay *r, int64_t deadline_us)
{
    if (!r->link)
        return;
    mailbox_close(r->mailbox);
    relay_link_serve(r->link, false);
    wait_for_idle(r, deadline_us);
    pthread_mutex_lock(&r->lock);
    r->is_awake = false;
    pthread_mutex_unlock(&r->lock);
    relay_link_free(r->link);
    r->link = NULL;
    refuse_rest(r);
}

void relay_free(struct relay *r)
{
    struct job *next;

    if (!r)
        return;
    for (struct job *job = r->done; job; job = next) {
        next = job->next;
        end_visit(job);
    }
    mailbox_free(r->mailbox);
    buf_fini(&r->packed);
    buf_fini(&r->visible);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->changed);
    free(r);
}
