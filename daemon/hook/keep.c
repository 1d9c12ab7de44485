#include "daemon/hook/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/hook/send.h"
#include "daemon/store/hook_rows.h"

enum { TRIES_MAX = 512, RETRY_S = 1 };
#define PACE_US (SECOND_US / 4)

struct hook_keep {
    struct hooks *hooks;
    struct store_desk *desk;
    int64_t due_us;                   /* INT64_MAX: nothing waits */
    bool tries_failed, places_failed; /* the last time */
    bool is_all;                      /* all places and states are to be written, whether they changed or not */
    size_t n;
    struct store_delivery rows[TRIES_MAX];
    char errors[TRIES_MAX][HOOK_ERROR_MAX];
};

int hook_keep_new(struct hooks *h, struct store_desk *desk, struct hook_keep **ret)
{
    struct hook_keep *k = calloc(1, sizeof(*k));

    if (!k)
        return TGC_ENOMEM;
    k->hooks = h;
    k->desk = desk;
    k->due_us = INT64_MAX;
    *ret = k;
    return 0;
}

/* Said once, not for every write of a full disk. */
static void say_tries(struct hook_keep *k, int err, const char *why)
{
    if (err && !k->tries_failed)
        log_error("hook", "webhooks' deliveries go on, but cannot be listed: %s", why ? why : tgc_err_text(err));
    else if (!err && k->tries_failed)
        log_notice("hook", "webhooks' deliveries are listed again");
    k->tries_failed = err != 0;
}

/* Whose it was nobody remembers: all are written then. */
static void say_places(struct hook_keep *k, int err, const char *why)
{
    if (err) {
        k->is_all = true;
        k->due_us = clock_mono_us(k->hooks->config.clock) + RETRY_S * SECOND_US;
    }
    if (err && !k->places_failed)
        log_error("hook", "what came of webhooks' deliveries cannot be kept (%s): they go on, and may come twice later",
                  why ? why : tgc_err_text(err));
    else if (!k->is_all && k->places_failed)
        log_notice("hook", "what comes of webhooks' deliveries is kept again");
    k->places_failed = k->is_all;
}

static void on_tries(void *ctx, int err, const char *why)
{
    struct hook_keep *k = ctx;

    pthread_mutex_lock(&k->hooks->lock);
    say_tries(k, err, why);
    pthread_mutex_unlock(&k->hooks->lock);
}

static void on_places(void *ctx, int err, const char *why)
{
    struct hook_keep *k = ctx;

    pthread_mutex_lock(&k->hooks->lock);
    say_places(k, err, why);
    pthread_mutex_unlock(&k->hooks->lock);
}

/* That it is kept again is said when all of it is: by the places, which come last. */
static void on_part(void *ctx, int err, const char *why)
{
    if (err)
        on_places(ctx, err, why);
}

static const char *refused(int err)
{
    return err == TGC_ELIMIT ? "the disk does not keep up" : NULL;
}

static int by_hook(const void *a, const void *b)
{
    const struct store_delivery *x = a, *y = b;

    if (x->hook_id != y->hook_id)
        return x->hook_id < y->hook_id ? -1 : 1;
    return x->n < y->n ? -1 : x->n > y->n;
}

static void write_tries(struct hook_keep *k)
{
    if (!k->n)
        return;
    qsort(k->rows, k->n, sizeof(k->rows[0]), by_hook);
    int err = store_put_deliveries(k->desk, k->rows, k->n, on_tries, k);
    if (err)
        say_tries(k, err, refused(err));
    k->n = 0;
}

/* Whoever changes a webhook writes all of its row, as it was when he began: nothing of it is written beside him. */
static bool may_write_row(struct hook_keep *k)
{
    if (pthread_mutex_trylock(&k->hooks->edits) == 0)
        return true;
    k->due_us = clock_mono_us(k->hooks->config.clock) + RETRY_S * SECOND_US;
    return false;
}

static void write_state(struct hook_keep *k, struct hook *hook)
{
    hook->state_is_changed = true;
    if (!may_write_row(k))
        return;
    hook->state_is_changed = false;
    int err = store_put_hook_state(k->desk, hook->id, hook->state, hook->reason[0] ? hook->reason : NULL, on_part, k);
    pthread_mutex_unlock(&k->hooks->edits);
    if (err)
        say_places(k, err, refused(err));
}

static void write_secrets(struct hook_keep *k, struct hook *hook)
{
    char secrets[HOOK_SECRETS_TEXT];

    hook->secrets_are_changed = true;
    if (!may_write_row(k))
        return;
    hook->secrets_are_changed = false;
    hook_secrets_write(&hook->secrets, secrets);
    int err = store_put_hook_secrets(k->desk, hook->id, secrets, on_part, k);
    pthread_mutex_unlock(&k->hooks->edits);
    explicit_bzero(secrets, sizeof(secrets));
    if (err)
        say_places(k, err, refused(err));
}

/* Behind the tries: what is on the disk as done has its tries there. */
static void write_places(struct hook_keep *k)
{
    struct hooks *h = k->hooks;
    struct store_hook_place places[LIMIT_HOOKS];
    int64_t now_us = clock_mono_us(h->config.clock), wall_us = clock_wall_us(h->config.clock);
    size_t n = 0;
    bool is_all = k->is_all;

    k->is_all = false;
    for (size_t i = 0; i < h->n; i++) {
        struct hook *hook = h->list[i];
        if (is_all || hook->state_is_changed)
            write_state(k, hook);
        if (is_all || hook->secrets_are_changed)
            write_secrets(k, hook);
        if (!is_all && !hook->is_changed)
            continue;
        const struct hook_line *l = &hook->line;
        places[n++] = (struct store_hook_place){.id = hook->id,
                                                .cursor = (int64_t)l->cursor,
                                                .head = (int64_t)l->head,
                                                .tries = l->tries,
                                                .due_us = l->due_us > now_us ? wall_us + (l->due_us - now_us) : 0};
        hook->is_changed = false;
    }
    int err = n ? store_put_hook_places(k->desk, places, n, on_places, k) : 0;
    if (err)
        say_places(k, err, refused(err));
}

/* Under the lock: puts wait for nothing. */
static void write_all(struct hook_keep *k)
{
    k->due_us = INT64_MAX;
    write_tries(k);
    write_places(k);
}

static void begin(struct hook_keep *k)
{
    if (k->due_us == INT64_MAX)
        k->due_us = clock_mono_us(k->hooks->config.clock) + PACE_US;
}

void hook_keep_try(struct hook_keep *k, const struct store_delivery *row)
{
    if (k->n == TRIES_MAX)
        write_all(k);
    k->rows[k->n] = *row;
    if (row->error) {
        snprintf(k->errors[k->n], sizeof(k->errors[0]), "%s", row->error);
        k->rows[k->n].error = k->errors[k->n];
    }
    k->n++;
    begin(k);
}

void hook_keep_place(struct hook_keep *k, struct hook *hook)
{
    hook->is_changed = true;
    begin(k);
}

void hook_keep_secrets(struct hook_keep *k, struct hook *hook)
{
    hook->secrets_are_changed = true;
    begin(k);
}

static void on_again(void *ctx, int err, const char *why)
{
    (void)ctx;
    if (err)
        log_error("hook", "a replay lacks an event that was just sent: %s", why ? why : tgc_err_text(err));
}

int hook_keep_again(struct hook_keep *k, const struct hook *hook, uint64_t id)
{
    return store_put_again(k->desk, hook->id, (int64_t)id, on_again, k);
}

void hook_keep_flush(struct hook_keep *k)
{
    write_all(k);
}

int64_t hook_keep_due_us(const struct hook_keep *k)
{
    return k->due_us;
}

void hook_keep_turn(struct hook_keep *k)
{
    pthread_mutex_lock(&k->hooks->lock);
    if (clock_mono_us(k->hooks->config.clock) >= k->due_us)
        write_all(k);
    pthread_mutex_unlock(&k->hooks->lock);
}

void hook_keep_free(struct hook_keep *k)
{
    if (!k)
        return;
    pthread_mutex_lock(&k->hooks->lock);
    write_all(k);
    pthread_mutex_unlock(&k->hooks->lock);
    free(k);
}
