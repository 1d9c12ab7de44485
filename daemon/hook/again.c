#include "daemon/hook/again.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/store/delivery_rows.h"

enum { RETRY_S = 1 };

struct again_ask {
    struct hooks *hooks;
    struct hook *hook;
    unsigned hurries;
};

static struct again_ask *ask_new(struct hooks *h, struct hook *hook)
{
    struct again_ask *a = calloc(1, sizeof(*a));

    if (a)
        *a = (struct again_ask){.hooks = h, .hook = hook};
    return a;
}

bool hook_again_next(const struct hook_feed *f, uint64_t *ret)
{
    if (f->again_at == f->again_n)
        return false;
    *ret = (uint64_t)f->again[f->again_at];
    return true;
}

void hook_again_done(struct hook_feed *f)
{
    f->again_at++;
}

static bool is_in(const struct hook_range *range, int64_t id)
{
    return (uint64_t)id > range->after && (uint64_t)id <= range->until;
}

/* What is in RANGE of the list's places FROM to END leaves it: it stays on the disk, from where it comes again. */
static void keep_on_disk(struct hook_feed *f, size_t from, size_t end, const struct hook_range *range)
{
    size_t to = from;

    for (size_t i = from; i < end; i++)
        if (!is_in(range, f->again[i]))
            f->again[to++] = f->again[i];
    memmove(&f->again[to], &f->again[end], (f->again_n - end) * sizeof(f->again[0]));
    f->again_at -= end - to;
    f->again_n -= end - to;
}

void hook_again_asked(struct hook_feed *f, const struct hook_range *range, bool is_whole)
{
    if (f->is_sending && f->kind == HOOK_ONCE_MORE && is_whole && is_in(range, (int64_t)f->event_id))
        f->is_asked_again = true;
    keep_on_disk(f, f->is_writing ? f->again_writing : f->again_written, f->again_at, range);
    /* What is being taken off the disk is off it before these are marked, unless that fails. */
    if (!f->is_writing)
        return;
    if (!f->asked.until || range->after < f->asked.after)
        f->asked.after = range->after;
    if (range->until > f->asked.until)
        f->asked.until = range->until;
}

bool hook_again_is_written(const struct hook_feed *f)
{
    return f->again_written == f->again_at;
}

/* --- what is done with --- */

/* Said once, not for every write of a full disk. */
static void wait_to_write(struct hooks *h, struct hook *hook, const char *why)
{
    struct hook_feed *f = hook->feed;

    if (!f->again_failed)
        log_error("hook", "webhook %s: what was sent again cannot be ticked off (%s): no more is until it can",
                  hook->name, why);
    f->again_failed = true;
    f->again_not_before_us = clock_mono_us(h->config.clock) + RETRY_S * SECOND_US;
}

static void on_written(void *ctx, int err, const char *why)
{
    struct again_ask *a = ctx;
    struct hook_feed *f = a->hook->feed;

    pthread_mutex_lock(&a->hooks->lock);
    f->is_writing = false;
    if (err) {
        keep_on_disk(f, f->again_written, f->again_writing, &f->asked);
        wait_to_write(a->hooks, a->hook, why ? why : tgc_err_text(err));
    } else {
        f->again_written = f->again_writing;
        f->again_failed = false;
    }
    pthread_mutex_unlock(&a->hooks->lock);
    free(a);
}

int64_t hook_again_write(struct hooks *h, struct hook *hook, struct store_desk *desk)
{
    struct hook_feed *f = hook->feed;
    struct store_again rows[HOOK_AGAIN_MAX];
    size_t n = 0;

    if (f->is_writing || hook_again_is_written(f))
        return INT64_MAX;
    if (clock_mono_us(h->config.clock) < f->again_not_before_us)
        return f->again_not_before_us;
    for (size_t i = f->again_written; i < f->again_at; i++)
        rows[n++] = (struct store_again){hook->id, f->again[i]};
    struct again_ask *a = ask_new(h, hook);
    int err = a ? 0 : TGC_ENOMEM;
    if (!err) {
        err = store_end_again(desk, rows, n, on_written, a);
    }
    if (!err) {
        f->is_writing = true;
        f->again_writing = f->again_at;
        f->asked = (struct hook_range){0};
        return INT64_MAX;
    }
    free(a);
    wait_to_write(h, hook, err == TGC_ELIMIT ? "the disk does not keep up" : tgc_err_text(err));
    return f->again_not_before_us;
}

/* --- what is to be sent --- */

static void on_loaded(void *ctx, int err, const char *why, const int64_t *list, size_t n)
{
    struct again_ask *a = ctx;
    struct hooks *h = a->hooks;

    if (err)
        log_error("hook", "what is to be sent again cannot be read: %s", why ? why : tgc_err_text(err));
    pthread_mutex_lock(&h->lock);
    struct hook_feed *f = a->hook->feed;
    f->is_loading = false;
    f->again_at = f->again_written = 0;
    f->again_n = err ? 0 : n;
    if (!err && n)
        memcpy(f->again, list, n * sizeof(f->again[0]));
    if (err)
        f->not_before_us = clock_mono_us(h->config.clock) + RETRY_S * SECOND_US;
    else if (!n && a->hook->hurries == a->hurries)
        a->hook->has_again = false;
    pthread_mutex_unlock(&h->lock);
    free(a);
}

int hook_again_load(struct hooks *h, struct hook *hook, struct store_desk *desk)
{
    struct again_ask *a = ask_new(h, hook);

    if (!a)
        return TGC_ENOMEM;
    /* One that asks for more meanwhile is a hurry more. */
    a->hurries = hook->hurries;
    int err = store_load_again(desk, hook->id, HOOK_AGAIN_MAX, on_loaded, a);
    if (err)
        free(a);
    else
        hook->feed->is_loading = true;
    return err;
}
