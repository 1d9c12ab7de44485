#include "daemon/bridge/mailbox.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct jobs {
    struct job *first, *last;
};

struct mailbox {
    size_t slots;
    atomic_size_t used;
    atomic_bool closed;
    pthread_mutex_t lock;
    struct jobs posted; /* by other threads; under the lock */
    atomic_bool is_posted;
    pthread_t owner;
    atomic_bool is_owned;
    /* The worker's own: no lock. */
    struct jobs own, answered;
    size_t answered_n;
    void (*wake)(void *ctx);
    void *ctx;
};

static void append(struct jobs *list, struct job *job)
{
    job->next = NULL;
    if (list->first)
        list->last->next = job;
    else
        list->first = job;
    list->last = job;
}

static struct job *take(struct jobs *list)
{
    struct job *first = list->first;

    *list = (struct jobs){NULL, NULL};
    return first;
}

int mailbox_new(size_t slots, void (*wake)(void *ctx), void *ctx, struct mailbox **ret)
{
    struct mailbox *m = calloc(1, sizeof(*m));

    if (!m)
        return TGC_ENOMEM;
    pthread_mutex_init(&m->lock, NULL); /* cannot fail with default attributes on Linux */
    m->slots = slots;
    m->wake = wake;
    m->ctx = ctx;
    *ret = m;
    return 0;
}

void mailbox_own(struct mailbox *m)
{
    m->owner = pthread_self();
    atomic_store_explicit(&m->is_owned, true, memory_order_release);
}

void mailbox_free(struct mailbox *m)
{
    if (!m)
        return;
    pthread_mutex_destroy(&m->lock);
    free(m);
}

/* The slot first: who closes looks at the slots afterwards, and sees it, or it is seen here that it is closed. */
int mailbox_admit(struct mailbox *m)
{
    size_t used = atomic_fetch_add(&m->used, 1);
    int err = atomic_load(&m->closed) ? TGC_ECLOSED : used >= m->slots ? TGC_EBUSY : 0;

    if (err)
        atomic_fetch_sub(&m->used, 1);
    return err;
}

void mailbox_post(struct mailbox *m, struct job *job)
{
    job->mailbox = m;
    if (atomic_load_explicit(&m->is_owned, memory_order_acquire) && pthread_equal(m->owner, pthread_self())) {
        append(&m->own, job);
        return;
    }
    pthread_mutex_lock(&m->lock);
    bool was_empty = !m->posted.first;
    append(&m->posted, job);
    /* An exchange, which is over before the waking looks whether somebody has waked already: who is awake sees it. */
    atomic_exchange(&m->is_posted, true);
    /* Under the lock: afterwards the worker may have answered and gone, and its wake-up handle with it. */
    if (was_empty)
        m->wake(m->ctx);
    pthread_mutex_unlock(&m->lock);
}

struct job *mailbox_take(struct mailbox *m)
{
    if (atomic_load(&m->is_posted)) {
        pthread_mutex_lock(&m->lock);
        atomic_store_explicit(&m->is_posted, false, memory_order_relaxed);
        struct job *next, *job = take(&m->posted);
        pthread_mutex_unlock(&m->lock);
        for (; job; job = next) {
            next = job->next;
            append(&m->own, job);
        }
    }
    return take(&m->own);
}

void mailbox_answer(struct mailbox *m, struct job *job)
{
    append(&m->answered, job);
    m->answered_n++;
}

void mailbox_deliver(struct mailbox *m)
{
    struct job *job = take(&m->answered), *next;

    if (!job)
        return;
    /* The slots first: who has an answer may ask again at once. */
    atomic_fetch_sub(&m->used, m->answered_n);
    m->answered_n = 0;
    for (; job; job = next) {
        next = job->next;
        job->next = NULL;
        job->mailbox = NULL;
        job->done(job);
    }
}

bool mailbox_has_answers(const struct mailbox *m)
{
    return m->answered.first != NULL;
}

int mailbox_pass(struct job *job, struct mailbox *to)
{
    struct mailbox *from = job->mailbox;
    int err = mailbox_admit(to);

    if (err)
        return err;
    mailbox_post(to, job);
    atomic_fetch_sub(&from->used, 1);
    return 0;
}

void mailbox_close(struct mailbox *m)
{
    atomic_store(&m->closed, true);
}

void mailbox_open(struct mailbox *m)
{
    atomic_store(&m->closed, false);
}

size_t mailbox_used(struct mailbox *m)
{
    return atomic_load(&m->used);
}

size_t mailbox_slots(const struct mailbox *m)
{
    return m->slots;
}
