/* The thread that delivers. It sleeps in libcurl's wait, from which events, the disk's answers and people's changes
 * wake it; each round it looks at all webhooks, and begins what can begin. */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/base/meter.h"
#include "daemon/hook/again.h"
#include "daemon/hook/thread_internal.h"

enum { SLEEP_MAX_S = 60 };

void hook_thread_want_by(struct hook_thread *t, int64_t at_us)
{
    if (at_us < t->next_us)
        t->next_us = at_us;
}

/* --- a round --- */

static void give_up(struct hook_thread *t, struct hook *hook)
{
    hook_sender_give_up(t->sender, hook);
    hook_deliver_give_place_back(t, hook->feed);
}

static void let_go(struct hook_thread *t)
{
    struct hook **at = &t->hooks->gone;

    while (*at) {
        struct hook *hook = *at;
        if (hook->feed && hook->feed->is_sending)
            give_up(t, hook);
        if (hook_feed_is_asking(hook->feed)) {
            at = &hook->next_gone;
            continue;
        }
        *at = hook->next_gone;
        hook_feed_free(hook->feed);
        hook_free(hook);
    }
}

/* What is under way, or waits, of an account that goes is not sent on. Whose event it is that waits nobody may know any
 * more: then it is looked at now, since those behind it wait for it. */
static void stop_forgotten(struct hook_thread *t)
{
    struct hooks *h = t->hooks;

    if (t->forgotten_n == h->forgotten_n)
        return;
    t->forgotten_n = h->forgotten_n;
    for (size_t i = 0; i < h->n; i++) {
        struct hook *hook = h->list[i];
        struct hook_feed *f = hook->feed;
        if (!f || f->kind == HOOK_TEST || f->event_id != hook->line.head) {
            hook_line_hurry(&hook->line);
            continue;
        }
        if (!hooks_is_forgotten(h, f->account, f->event_id))
            continue;
        if (f->is_sending)
            give_up(t, hook);
        hook->line.head = 0;
        hook->line.tries = 0;
        hook->line.due_us = 0;
    }
}

/* A secret that signs no more is nowhere any more. */
static void forget_secrets(struct hook_thread *t, struct hook *hook, int64_t now_us)
{
    int64_t now = clock_wall_us(t->hooks->config.clock) / SECOND_US;

    if (hook_secrets_forget(&hook->secrets, now))
        hook_keep_secrets(t->keep, hook);
    int64_t end = hook_secrets_end(&hook->secrets);
    if (end < now + SLEEP_MAX_S)
        hook_thread_want_by(t, now_us + (end - now) * SECOND_US);
}

static void show(struct hook_thread *t)
{
    struct hooks *h = t->hooks;
    int64_t pending = 0, oldest = 0;

    for (size_t i = 0; i < h->n; i++) {
        const struct hook *hook = h->list[i];
        pending += (int64_t)hooks_pending(h, hook);
        if (hook->line.head && hook->line.tries && hook->head_at && (!oldest || hook->head_at < oldest))
            oldest = hook->head_at;
    }
    meter_add(h->config.meter, METER_HOOKS_PENDING, pending - t->shown_pending);
    meter_add(h->config.meter, METER_HOOKS_OLDEST, oldest - t->shown_oldest);
    t->shown_pending = pending;
    t->shown_oldest = oldest;
}

static void look_at_all(struct hook_thread *t)
{
    struct hooks *h = t->hooks;
    int64_t now_us = clock_mono_us(h->config.clock);

    t->next_us = now_us + SLEEP_MAX_S * SECOND_US;
    pthread_mutex_lock(&h->lock);
    hook_deliver_end(t);
    let_go(t);
    stop_forgotten(t);
    size_t first = t->turn++;
    for (size_t i = 0; i < h->n; i++) {
        hook_deliver_look(t, h->list[(first + i) % h->n], now_us);
        forget_secrets(t, h->list[i], now_us);
    }
    show(t);
    hook_thread_want_by(t, hook_keep_due_us(t->keep));
    pthread_mutex_unlock(&h->lock);
}

/* What comes from here on wakes again, and what came before is seen by the round. */
static void hear_wake(struct hooks *h)
{
    uint64_t n;

    (void)!read(h->wake_fd, &n, sizeof(n));
    atomic_store(&h->is_woken, false);
}

static bool is_asking(struct hooks *h)
{
    bool is = false;

    pthread_mutex_lock(&h->lock);
    for (size_t i = 0; i < h->n; i++)
        is = is || hook_feed_is_asking(h->list[i]->feed);
    for (const struct hook *hook = h->gone; hook; hook = hook->next_gone)
        is = is || hook_feed_is_asking(hook->feed);
    pthread_mutex_unlock(&h->lock);
    return is;
}

/* What is done with is on the disk for the next process, unless the disk refused it just now. */
static void write_again(struct hook_thread *t)
{
    pthread_mutex_lock(&t->hooks->lock);
    for (size_t i = 0; i < t->hooks->n; i++)
        if (t->hooks->list[i]->feed)
            (void)hook_again_write(t->hooks, t->hooks->list[i], t->desk);
    pthread_mutex_unlock(&t->hooks->lock);
}

/* What the store was asked for it answers. */
static void end_asks(struct hook_thread *t)
{
    write_again(t);
    while (is_asking(t->hooks)) {
        hear_wake(t->hooks);
        store_desk_run(t->desk);
        write_again(t);
        if (is_asking(t->hooks))
            (void)!poll(&(struct pollfd){.fd = t->hooks->wake_fd, .events = POLLIN}, 1, -1);
    }
}

static void *run(void *ctx)
{
    struct hook_thread *t = ctx;
    struct hooks *h = t->hooks;

    for (;;) {
        /* In this order: a stop behind the question wakes the wait below. */
        hear_wake(h);
        if (atomic_load(&t->is_stopping))
            break;
        store_desk_run(t->desk);
        look_at_all(t);
        hook_keep_turn(t->keep);
        hook_sender_wait(t->sender, h->wake_fd, t->next_us - clock_mono_us(h->config.clock));
    }
    end_asks(t);
    return NULL;
}

/* --- the room --- */

static void thread_free(struct hook_thread *t)
{
    hook_sender_free(t->sender);
    hook_keep_free(t->keep);
    store_desk_free(t->desk);
    free(t);
}

static void wake(void *ctx)
{
    hooks_wake(ctx);
}

int hook_thread_start(struct hooks *h, struct fault *fault)
{
    const struct hook_sender_config config = {.allow = &h->allow,
                                              .clock = h->config.clock,
                                              .user_agent = h->config.user_agent,
                                              .parallel = h->config.parallel,
                                              .resolve = h->config.resolve,
                                              .ca_file = h->config.ca_file,
                                              .try_ms = h->config.try_ms};

    if (h->thread)
        return 0;
    struct hook_thread *t = calloc(1, sizeof(*t));
    if (!t)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    t->hooks = h;
    int err = hook_sender_new(&config, &t->sender, fault);
    if (!err && (store_desk_new(h->config.store, wake, h, &t->desk) != 0 || hook_keep_new(h, t->desk, &t->keep) != 0))
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    if (!err && pthread_create(&t->thread, NULL, run, t) != 0)
        err = fault_set(fault, TGC_ESYSTEM, "a thread cannot be started");
    if (err) {
        thread_free(t);
        return err;
    }
    pthread_mutex_lock(&h->lock);
    h->thread = t;
    pthread_mutex_unlock(&h->lock);
    return 0;
}

void hook_thread_stop(struct hooks *h)
{
    struct hook_thread *t = h->thread;

    if (!t)
        return;
    atomic_store(&t->is_stopping, true);
    hooks_wake(h);
    pthread_join(t->thread, NULL);
    pthread_mutex_lock(&h->lock);
    h->thread = NULL;
    pthread_mutex_unlock(&h->lock);
    thread_free(t);
    for (size_t i = 0; i < h->n; i++) {
        hook_feed_free(h->list[i]->feed);
        h->list[i]->feed = NULL;
    }
    for (struct hook *hook = h->gone; hook; hook = hook->next_gone) {
        hook_feed_free(hook->feed);
        hook->feed = NULL;
    }
}
