/* What a webhook is sent besides what happens, and what it was sent. */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/hook/again.h"
#include "daemon/hook/disk.h"
#include "daemon/hook/thread_internal.h"
#include "daemon/store/delivery_rows.h"

/* --- a test --- */

int hooks_test(struct hooks *h, const char *name, char id[static HOOK_ID_TEXT], struct fault *fault)
{
    /* Above 0, and told apart from others wherever it arrives. */
    int64_t number = (int64_t)(random_u64(h->config.random) >> 12) + 1;

    pthread_mutex_lock(&h->lock);
    struct hook *hook = hooks_find(h, name, NULL);
    bool fits = hook && hook->tests_n < HOOK_TESTS_MAX;
    if (fits)
        hook->tests[hook->tests_n++] = number;
    pthread_mutex_unlock(&h->lock);
    if (!hook)
        return hooks_unknown(fault, name);
    if (!fits)
        return fault_set(fault, TGC_ELIMIT, "%d tests of this webhook are waiting for its receiver", HOOK_TESTS_MAX);
    snprintf(id, HOOK_ID_TEXT, "test_%" PRId64, number);
    hooks_wake(h);
    return 0;
}

/* --- a replay --- */

struct marking {
    struct hook_disk disk;
    size_t n;
};

static void on_marked(void *ctx, int err, const char *why, const int64_t *list, size_t n)
{
    struct marking *m = ctx;

    (void)list;
    m->n = n;
    hook_disk_done(&m->disk, err, why);
}

/* What came of the tries until now is on its way to the disk before the mark, and so is what is on its way to the
 * receiver, of which nobody can say whether it was told. From here on MARKING hears of what is sent. */
static int begin_marking(struct hooks *h, const char *name, const struct hook_range *range, bool failed,
                         struct hook_marking *marking, int64_t *ret_id)
{
    int err = 0;

    pthread_mutex_lock(&h->lock);
    struct hook *hook = hooks_find(h, name, NULL);
    struct hook_feed *f = hook ? hook->feed : NULL;
    *ret_id = hook ? hook->id : 0;
    if (f && h->thread) {
        hook_keep_flush(h->thread->keep);
        hook_again_asked(f, range, !failed);
        if (!failed && f->is_sending && f->kind == HOOK_NEXT && f->event_id > range->after &&
            f->event_id <= range->until)
            err = hook_keep_again(h->thread->keep, hook, f->event_id);
    }
    if (hook && !failed) {
        *marking = (struct hook_marking){range->after, range->until, err, hook->markings};
        hook->markings = marking;
    }
    pthread_mutex_unlock(&h->lock);
    return hook ? 0 : TGC_EUNKNOWN;
}

/* Of a hook that is gone, nobody holds it any more. Returns what could not be noted. */
static int end_marking(struct hooks *h, const char *name, int64_t id, struct hook_marking *marking, bool is_marked)
{
    pthread_mutex_lock(&h->lock);
    struct hook *hook = hooks_find(h, name, NULL);
    if (hook && hook->id == id) {
        struct hook_marking **at = &hook->markings;
        while (*at && *at != marking)
            at = &(*at)->next;
        if (*at)
            *at = marking->next;
        if (is_marked) {
            hook->has_again = true;
            hook_renew(hook);
        }
    }
    int err = marking->err;
    pthread_mutex_unlock(&h->lock);
    hooks_wake(h);
    return err;
}

int hooks_replay(struct hooks *h, const char *name, const struct hook_replay *replay, size_t *ret_n,
                 struct fault *fault)
{
    const struct hook_range range = {replay->after < INT64_MAX ? replay->after : INT64_MAX,
                                     replay->until && replay->until < INT64_MAX ? replay->until : INT64_MAX};
    struct hook_marking marking = {0};
    struct marking m = {.n = 0};
    int64_t id;
    int err = hook_disk_open(h->config.store, &m.disk, fault);

    if (err)
        return err;
    err = begin_marking(h, name, &range, replay->failed, &marking, &id);
    if (!err) {
        err = hook_disk_await(&m.disk,
                              store_mark_again(m.disk.desk, id, (int64_t)range.after, (int64_t)range.until,
                                               replay->failed, on_marked, &m),
                              fault);
        int noted = end_marking(h, name, id, &marking, err == 0);
        if (!err && noted)
            err = fault_set(fault, noted == TGC_ENOMEM ? TGC_ENOMEM : TGC_ESYSTEM, "the store cannot do it: %s",
                            noted == TGC_ELIMIT ? "the disk does not keep up" : tgc_err_text(noted));
    } else {
        err = hooks_unknown(fault, name);
    }
    hook_disk_close(&m.disk);
    if (!err)
        *ret_n = m.n;
    return err;
}

/* --- what was sent --- */

struct listing {
    struct hook_disk disk;
    void (*fn)(void *ctx, const struct hook_delivery *delivery);
    void *ctx;
};

static void on_deliveries(void *ctx, int err, const char *why, const struct store_delivery *list, size_t n)
{
    struct listing *l = ctx;

    for (size_t i = 0; !err && i < n; i++) {
        const struct store_delivery *d = &list[i];
        char id[HOOK_ID_TEXT];
        snprintf(id, sizeof(id), d->event_id < 0 ? "test_%" PRId64 : "%" PRId64,
                 d->event_id < 0 && d->event_id > INT64_MIN ? -d->event_id : d->event_id);
        bool is_known = d->state >= STORE_DELIVERED && d->state <= STORE_DELIVERY_FAILED;
        l->fn(l->ctx,
              &(struct hook_delivery){.number = d->n,
                                      .id = id,
                                      .try_ = d->number,
                                      .at_us = d->at_us,
                                      .took_ms = d->took_ms,
                                      .status = (int)d->status,
                                      .state = is_known ? (enum hook_delivery_state)d->state : HOOK_DELIVERY_FAILED,
                                      .error = d->error});
    }
    hook_disk_done(&l->disk, err, why);
}

int hooks_deliveries(struct hooks *h, const char *name, const struct hook_page *page,
                     void (*fn)(void *ctx, const struct hook_delivery *delivery), void *ctx, struct fault *fault)
{
    struct listing l = {.fn = fn, .ctx = ctx};
    int64_t id;
    int err = hooks_id(h, name, &id, fault);

    if (!err)
        err = hook_disk_open(h->config.store, &l.disk, fault);
    if (err)
        return err;
    err =
        hook_disk_await(&l.disk,
                        store_load_deliveries(l.disk.desk, id, page->state, page->cursor > 0 ? page->cursor : INT64_MAX,
                                              page->limit ? page->limit : 1, on_deliveries, &l),
                        fault);
    hook_disk_close(&l.disk);
    return err;
}
