#include "daemon/bridge/mailbox.h"

#include <pthread.h>
#include <stdlib.h>

struct mailbox {
    pthread_mutex_t lock;
    size_t slots, used;
    bool closed;
    struct job *first, *last;
    struct job *answered, *answered_last; /* the worker's own: no lock */
    size_t answered_n;
    void (*wake)(void *ctx);
    void *ctx;
};

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

void mailbox_free(struct mailbox *m)
{
    if (!m)
        return;
    pthread_mutex_destroy(&m->lock);
    free(m);
}

int mailbox_admit(struct mailbox *m)
{
    int err = 0;

    pthread_mutex_lock(&m->lock);
    if (m->closed)
        err = TGC_ECLOSED;
    else if (m->used >= m->slots)
        err = TGC_EBUSY;
    else
        m->used++;
    pthread_mutex_unlock(&m->lock);
    return err;
}

void mailbox_post(struct mailbox *m, struct job *job)
{
    job->mailbox = m;
    job->next = NULL;
    pthread_mutex_lock(&m->lock);
    bool was_empty = !m->first;
    if (was_empty)
        m->first = job;
    else
        m->last->next = job;
    m->last = job;
    /* Under the lock: afterwards the worker may have answered and gone, and its wake-up handle with it. */
    if (was_empty)
        m->wake(m->ctx);
    pthread_mutex_unlock(&m->lock);
}

struct job *mailbox_take(struct mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    struct job *list = m->first;
    m->first = NULL;
    m->last = NULL;
    pthread_mutex_unlock(&m->lock);
    return list;
}

void mailbox_answer(struct mailbox *m, struct job *job)
{
    job->next = NULL;
    if (m->answered)
        m->answered_last->next = job;
    else
        m->answered = job;
    m->answered_last = job;
    m->answered_n++;
}

void mailbox_deliver(struct mailbox *m)
{
    struct job *job = m->answered, *next;

    if (!job)
        return;
    /* The slots first: who has an answer may ask again at once. */
    pthread_mutex_lock(&m->lock);
    m->used -= m->answered_n;
    pthread_mutex_unlock(&m->lock);
    m->answered = NULL;
    m->answered_n = 0;
    for (; job; job = next) {
        next = job->next;
        job->next = NULL;
        job->mailbox = NULL;
        job->done(job);
    }
}

int mailbox_pass(struct job *job, struct mailbox *to)
{
    struct mailbox *from = job->mailbox;
    int err = mailbox_admit(to);

    if (err)
        return err;
    mailbox_post(to, job);
    pthread_mutex_lock(&from->lock);
    from->used--;
    pthread_mutex_unlock(&from->lock);
    return 0;
}

void mailbox_close(struct mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    m->closed = true;
    pthread_mutex_unlock(&m->lock);
}

size_t mailbox_used(struct mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    size_t used = m->used;
    pthread_mutex_unlock(&m->lock);
    return used;
}
