#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/limits.h"
#include "daemon/store/away.h"
#include "daemon/store/hook_leave.h"

enum { LOOK_S = 1 };

void store_list_init(struct store_list *l)
{
    l->first = NULL;
    l->end = &l->first;
}

void store_list_add(struct store_list *l, struct store_op *op)
{
    op->next = NULL;
    *l->end = op;
    l->end = &op->next;
}

struct store_op *store_list_take(struct store_list *l)
{
    struct store_op *op = l->first;

    if (op && !(l->first = op->next))
        l->end = &l->first;
    return op;
}

/* All of FROM's, in its place. */
static void take_all(struct store_list *from, struct store_list *to)
{
    store_list_init(to);
    if (!from->first)
        return;
    *to = *from;
    store_list_init(from);
}

/* --- operations --- */

struct store_op *store_op_new(struct store_desk *d, const struct store_kind *kind, size_t size)
{
    struct store_op *op = calloc(1, size);

    if (op)
        *op = (struct store_op){.kind = kind, .desk = d, .size = size};
    return op;
}

void store_op_free(struct store_op *op)
{
    if (op->kind->fini)
        op->kind->fini(op);
    free(op->why);
    explicit_bzero(op, op->size);
    free(op);
}

const char *store_op_why(const struct store_op *op)
{
    if (!op->err)
        return NULL;
    return op->why ? op->why : tgc_err_text(op->err);
}

int store_submit(struct store_op *op)
{
    struct store *s = op->desk->store;

    pthread_mutex_lock(&s->lock);
    bool fits = op->size + op->lent <= LIMIT_STORE_QUEUE - s->waiting;
    if (fits) {
        s->waiting += op->size + op->lent;
        op->desk->under_way++;
        store_list_add(&s->queue, op);
        pthread_cond_signal(&s->came);
    }
    pthread_mutex_unlock(&s->lock);
    if (!fits)
        store_op_free(op);
    return fits ? 0 : TGC_ELIMIT;
}

/* --- desks --- */

int store_desk_new(struct store *s, void (*wake)(void *ctx), void *ctx, struct store_desk **ret)
{
    struct store_desk *d = calloc(1, sizeof(*d));

    if (!d)
        return TGC_ENOMEM;
    d->store = s;
    d->wake = wake;
    d->ctx = ctx;
    store_list_init(&d->done);
    *ret = d;
    return 0;
}

bool store_desk_is_waiting(const struct store_desk *d)
{
    return atomic_load(&d->store->is_away);
}

static void release(struct store *s, struct store_list *l)
{
    size_t freed = 0;
    struct store_op *op;

    while ((op = store_list_take(l))) {
        freed += op->size + op->lent;
        store_op_free(op);
    }
    pthread_mutex_lock(&s->lock);
    s->waiting -= freed;
    pthread_mutex_unlock(&s->lock);
}

void store_desk_run(struct store_desk *d)
{
    struct store_list done, over;
    struct store_op *op;

    store_list_init(&over);
    pthread_mutex_lock(&d->store->lock);
    take_all(&d->done, &done);
    pthread_mutex_unlock(&d->store->lock);
    while ((op = store_list_take(&done))) {
        op->kind->complete(op);
        store_list_add(&over, op);
    }
    release(d->store, &over);
}

void store_desk_free(struct store_desk *d)
{
    struct store_list done;

    if (!d)
        return;
    struct store *s = d->store;
    pthread_mutex_lock(&s->lock);
    take_all(&d->done, &done);
    d->is_gone = true;
    bool is_over = d->under_way == 0;
    pthread_mutex_unlock(&s->lock);
    release(s, &done);
    if (is_over)
        free(d);
}

/* --- the thread --- */

/* A desk that is gone: nobody hears of it. */
static void bury(struct store *s, struct store_op *op)
{
    if (op->err && op->kind->writes && !s->unheard.err)
        fault_set(&s->unheard, op->err, "%s", store_op_why(op));
}

/* All under the lock, so that nobody frees a desk meanwhile. What nobody hears goes to GONE. */
static void deliver(struct store *s, struct store_list *done, struct store_list *gone)
{
    struct store_op *op;

    pthread_mutex_lock(&s->lock);
    while ((op = store_list_take(done))) {
        struct store_desk *d = op->desk;
        d->under_way--;
        if (d->is_gone) {
            bury(s, op);
            store_list_add(gone, op);
            if (d->under_way == 0)
                free(d);
            continue;
        }
        bool was_empty = !d->done.first;
        store_list_add(&d->done, op);
        if (was_empty)
            d->wake(d->ctx);
    }
    pthread_mutex_unlock(&s->lock);
}

/* Under the lock, which it leaves meanwhile. */
static void take_turn(struct store *s)
{
    struct store_turn *turn = s->turn;

    s->turn = NULL;
    pthread_mutex_unlock(&s->lock);
    int err = store_lead(s, turn->fault);
    pthread_mutex_lock(&s->lock);
    turn->err = err;
    turn->is_over = true;
    pthread_cond_signal(&turn->over);
}

/* Until something is to be done. A server is looked at meanwhile. */
static void wait_for_work(struct store *s, struct store_list *done)
{
    while (!s->queue.first && !s->turn && !s->is_closing && s->sweep != STORE_SWEEP_ON) {
        if (!s->config.url) {
            pthread_cond_wait(&s->came, &s->lock);
            continue;
        }
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += LOOK_S;
        if (pthread_cond_clockwait(&s->came, &s->lock, CLOCK_MONOTONIC, &until) != ETIMEDOUT)
            continue;
        pthread_mutex_unlock(&s->lock);
        store_look(s);
        store_take_settled(s, done);
        pthread_mutex_lock(&s->lock);
        if (done->first)
            return;
    }
}

void *store_thread(void *store)
{
    struct store *s = store;
    struct store_list taken, done, gone;

    store_list_init(&done);
    store_list_init(&gone);
    pthread_mutex_lock(&s->lock);
    for (;;) {
        wait_for_work(s, &done);
        if (s->turn)
            take_turn(s);
        if (!s->queue.first && s->is_closing)
            break;
        take_all(&s->queue, &taken);
        pthread_mutex_unlock(&s->lock);
        deliver(s, &done, &gone);
        while (taken.first) {
            store_run(s, &taken, &done);
            store_take_settled(s, &done);
            deliver(s, &done, &gone);
            release(s, &gone);
        }
        if (s->sweep)
            store_hook_sweep(s);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    store_give_up_unsure(s);
    store_take_settled(s, &done);
    deliver(s, &done, &gone);
    release(s, &gone);
    return NULL;
}
