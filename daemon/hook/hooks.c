#include "daemon/hook/hooks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/hook/disk.h"
#include "daemon/hook/hooks_internal.h"
#include "daemon/store/delivery_rows.h"
#include "daemon/store/hook_rows.h"

const char *hook_state_name(enum hook_state state)
{
    static const char *const names[] = {"active", "paused", "disabled"};

    return names[state];
}

static const char *const delivery_names[] = {"delivered", "retried", "failed"};

const char *hook_delivery_state_name(enum hook_delivery_state state)
{
    return delivery_names[state];
}

int hook_delivery_state_parse(const char *name)
{
    for (int i = 0; i < 3; i++)
        if (strcmp(name, delivery_names[i]) == 0)
            return i;
    return -1;
}

/* --- the list --- */

struct hook *hooks_find(struct hooks *h, const char *name, size_t *ret_at)
{
    size_t at = 0;
    int differs = 1;

    while (at < h->n && (differs = strcmp(h->list[at]->name, name)) < 0)
        at++;
    if (ret_at)
        *ret_at = at;
    return at < h->n && differs == 0 ? h->list[at] : NULL;
}

void hooks_set_state(struct hooks *h, struct hook *hook, enum hook_state state, const char *reason)
{
    static const enum meter_number numbers[] = {METER_HOOKS_ACTIVE, METER_HOOKS_PAUSED, METER_HOOKS_DISABLED};

    meter_add(h->config.meter, numbers[hook->state], -1);
    meter_add(h->config.meter, numbers[state], 1);
    hook->state = state;
    hook->state_changes++;
    snprintf(hook->reason, sizeof(hook->reason), "%s", reason ? reason : "");
}

void hook_free(struct hook *hook)
{
    if (!hook)
        return;
    free(hook->url);
    hook_types_fini(&hook->types);
    explicit_bzero(hook, sizeof(*hook));
    free(hook);
}

void hook_renew(struct hook *hook)
{
    hook_line_renew(&hook->line);
    hook->hurries++;
}

bool hooks_is_forgotten(const struct hooks *h, const char *account, uint64_t id)
{
    size_t n = h->forgotten_n < HOOK_FORGOTTEN_MAX ? h->forgotten_n : HOOK_FORGOTTEN_MAX;

    for (size_t i = 0; account[0] && i < n; i++)
        if (id <= h->forgotten[i].up_to && strcmp(h->forgotten[i].account, account) == 0)
            return true;
    return false;
}

uint64_t hooks_pending(const struct hooks *h, const struct hook *hook)
{
    const struct hook_source *source = &h->config.source;
    uint64_t newest = source->newest(source->ctx), cursor = hook->line.cursor, after, end;

    if (newest <= cursor)
        return 0;
    source->skipped(source->ctx, &after, &end);
    if (after < cursor)
        after = cursor;
    return newest - cursor - (end > after && end <= newest ? end - after : 0);
}

size_t hooks_each(struct hooks *h, const char *name, void (*fn)(void *ctx, const struct hook_view *view), void *ctx)
{
    size_t n = 0;

    pthread_mutex_lock(&h->lock);
    for (size_t i = 0; i < h->n; i++) {
        const struct hook *hook = h->list[i];
        if (name && strcmp(hook->name, name) != 0)
            continue;
        struct hook_view view = {
            .name = hook->name,
            .url = hook->url,
            .types = hook->types.list,
            .types_n = hook->types.n,
            .account = hook->account,
            .state = hook->state,
            .reason = hook->reason[0] ? hook->reason : NULL,
            .created_at = hook->created_at,
            .pending = hooks_pending(h, hook),
            .oldest_pending_at = hook->line.head ? hook->head_at : 0,
            .last = {hook->last_at, hook->last_status, hook->last_error[0] ? hook->last_error : NULL}};
        fn(ctx, &view);
        n++;
    }
    pthread_mutex_unlock(&h->lock);
    return n;
}

/* --- what the store has --- */

struct loading {
    struct hook_disk disk;
    struct hooks *hooks;
    struct hook *of;
};

/* What is not to be read, it is, by its name, not there: its deliveries stay. */
static int add_loaded(struct hooks *h, const struct store_hook *row)
{
    int64_t now_us = clock_mono_us(h->config.clock), wall_us = clock_wall_us(h->config.clock);
    struct hook *hook = calloc(1, sizeof(*hook));
    struct fault fault = {0};
    size_t at;

    if (!hook || !(hook->url = strdup(row->url)))
        fault.err = TGC_ENOMEM;
    else if (h->n == LIMIT_HOOKS || !row->name || strlen(row->name) > HOOK_NAME_MAX ||
             strlen(row->account) > HOOK_NAME_MAX || row->state < HOOK_ACTIVE || row->state > HOOK_DISABLED ||
             row->place.cursor < 0 || row->place.head < 0 || hook_secrets_read(row->secrets, &hook->secrets) != 0)
        fault.err = TGC_EDAMAGED;
    if (!fault.err)
        (void)!hook_types_read(row->types, &hook->types, &fault);
    if (fault.err) {
        hook_free(hook);
        if (fault.err != TGC_ENOMEM)
            log_error("hook", "a webhook in the store cannot be read, and gets no events");
        return fault.err == TGC_ENOMEM ? TGC_ENOMEM : 0;
    }
    hook->id = row->place.id;
    snprintf(hook->name, sizeof(hook->name), "%s", row->name);
    snprintf(hook->account, sizeof(hook->account), "%s", row->account);
    snprintf(hook->reason, sizeof(hook->reason), "%s", row->reason ? row->reason : "");
    hook->created_at = row->created_at;
    hook->deliveries = row->deliveries;
    hook->has_again = true;
    /* A clock that was set meanwhile makes nobody wait for longer than any wait is. */
    int64_t wait_us = row->place.due_us - wall_us;
    if (wait_us < 0 || wait_us > HOOK_WAIT_MAX_S * SECOND_US)
        wait_us = 0;
    hook->line = (struct hook_line){.cursor = (uint64_t)row->place.cursor,
                                    .head = (uint64_t)row->place.head,
                                    .tries = (unsigned)row->place.tries,
                                    .due_us = now_us + wait_us,
                                    .is_troubled = row->place.tries > 0};
    hook->state = (enum hook_state)row->state;
    meter_add(h->config.meter, (enum meter_number)(METER_HOOKS_ACTIVE + (int)hook->state), 1);
    (void)hooks_find(h, hook->name, &at);
    memmove(&h->list[at + 1], &h->list[at], (h->n - at) * sizeof(h->list[0]));
    h->list[at] = hook;
    h->n++;
    return 0;
}

static void on_hooks(void *ctx, int err, const char *why, const struct store_hook *list, size_t n, size_t damaged,
                     int64_t last_id)
{
    struct loading *l = ctx;

    if (damaged)
        log_error("hook", "%zu webhooks in the store cannot be read, and get no events", damaged);
    /* Also of those that cannot be read: no other takes their place. */
    l->hooks->last_id = last_id;
    for (size_t i = 0; !err && i < n; i++)
        err = add_loaded(l->hooks, &list[i]);
    hook_disk_done(&l->disk, err, why);
}

static void on_last(void *ctx, int err, const char *why, const struct store_delivery *list, size_t n)
{
    struct loading *l = ctx;

    if (!err && n) {
        l->of->last_at = list[0].at_us / SECOND_US;
        l->of->last_status = (int)list[0].status;
        snprintf(l->of->last_error, sizeof(l->of->last_error), "%s", list[0].error ? list[0].error : "");
    }
    hook_disk_done(&l->disk, err, why);
}

static int load(struct hooks *h, struct fault *fault)
{
    struct loading l = {.hooks = h};
    int err = hook_disk_open(h->config.store, &l.disk, fault);

    if (err)
        return err;
    err = hook_disk_await(&l.disk, store_load_hooks(l.disk.desk, on_hooks, &l), fault);
    for (size_t i = 0; !err && i < h->n; i++) {
        l.of = h->list[i];
        err = hook_disk_await(&l.disk, store_load_deliveries(l.disk.desk, l.of->id, -1, INT64_MAX, 1, on_last, &l),
                              fault);
    }
    hook_disk_close(&l.disk);
    return err;
}

/* --- the room --- */

static int read_allow(struct hooks *h, const struct hooks_config *config, struct fault *fault)
{
    int err = 0;

    for (size_t i = 0; !err && i < config->allow_n; i++)
        err = hook_allow_add(&h->allow, config->allow[i], fault);
    if (!config->allow_n)
        h->allow.loopback = h->allow.public_ = true;
    return err;
}

int hooks_open(const struct hooks_config *config, struct hooks **ret, struct fault *fault)
{
    struct hooks *h = calloc(1, sizeof(*h));

    if (!h)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    h->config = *config;
    pthread_mutex_init(&h->edits, NULL);
    pthread_mutex_init(&h->lock, NULL);
    h->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int err = h->wake_fd < 0 ? fault_set(fault, TGC_ESYSTEM, "there is no descriptor left") : 0;
    if (!err)
        err = read_allow(h, config, fault);
    if (!err)
        err = load(h, fault);
    if (err) {
        hooks_free(h);
        return err;
    }
    *ret = h;
    return 0;
}

int hooks_start(struct hooks *h, struct fault *fault)
{
    pthread_mutex_lock(&h->edits);
    h->is_started = true;
    int err = h->n ? hook_thread_start(h, fault) : 0;
    pthread_mutex_unlock(&h->edits);
    return err;
}

void hooks_stop(struct hooks *h)
{
    pthread_mutex_lock(&h->edits);
    h->is_started = false;
    hook_thread_stop(h);
    pthread_mutex_unlock(&h->edits);
}

void hooks_free(struct hooks *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < h->n; i++)
        hook_free(h->list[i]);
    while (h->gone) {
        struct hook *hook = h->gone;
        h->gone = hook->next_gone;
        hook_free(hook);
    }
    if (h->wake_fd >= 0)
        close(h->wake_fd);
    pthread_mutex_destroy(&h->edits);
    pthread_mutex_destroy(&h->lock);
    explicit_bzero(h, sizeof(*h));
    free(h);
}

void hooks_wake(struct hooks *h)
{
    static const uint64_t one = 1;

    if (!atomic_exchange(&h->is_woken, true))
        (void)!write(h->wake_fd, &one, sizeof(one));
}

void hooks_forget(struct hooks *h, const char *account, uint64_t up_to)
{
    pthread_mutex_lock(&h->lock);
    struct hook_forgotten *f = &h->forgotten[h->forgotten_n++ % HOOK_FORGOTTEN_MAX];
    snprintf(f->account, sizeof(f->account), "%s", account);
    f->up_to = up_to;
    pthread_mutex_unlock(&h->lock);
    hooks_wake(h);
}
