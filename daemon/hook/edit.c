/* What people change of webhooks: each change is on the disk before it holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/event_type.h"
#include "daemon/base/meter.h"
#include "daemon/hook/disk.h"
#include "daemon/hook/hooks_internal.h"
#include "daemon/hook/url_judge.h"
#include "daemon/store/hook_rows.h"

static int at_member(struct fault *fault, int err, const char *member)
{
    if (err == TGC_EINVAL)
        fault_path_member(fault, member);
    return err;
}

static int judge_url(const struct hooks *h, const char *url, struct fault *fault)
{
    return at_member(fault, hook_url_judge(url, &h->allow, fault), "url");
}

static int judge_name(const char *name, const char *member, struct fault *fault)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    if (n && n <= HOOK_NAME_MAX && !name[n] && name[0] != '.')
        return 0;
    return at_member(fault,
                     fault_set(fault, TGC_EINVAL,
                               "A name has 1 to %d letters of A-Z a-z 0-9 . _ -, and does not begin with a dot",
                               HOOK_NAME_MAX),
                     member);
}

/* Of what is named anew; what was taken before there was a rule stays. */
static int make_types(const char *const *list, size_t n, struct hook_types *ret, struct fault *fault)
{
    int err = hook_types_make(list, n, ret, fault);

    for (size_t i = 0; !err && i < n; i++) {
        if (event_type_is(list[i], strlen(list[i])))
            continue;
        err = fault_set(fault, TGC_EINVAL, "There is no such type of event: there are " EVENT_TYPES_THAT_ARE);
        fault_path_index(fault, i);
        fault_path_member(fault, "types");
        hook_types_fini(ret);
    }
    return err;
}

typedef int hook_put_fn(struct store_desk *d, const struct store_hook *hook, store_done_fn *done, void *ctx);

/* The row of a hook as it is, or is to be; TYPES is for free(). */
static int row_of(const struct hook *hook, struct store_hook *ret, char secrets[static HOOK_SECRETS_TEXT], char **types,
                  struct fault *fault)
{
    *types = hook_types_write(&hook->types);
    if (!*types)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    hook_secrets_write(&hook->secrets, secrets);
    *ret = (struct store_hook){.name = hook->name,
                               .url = hook->url,
                               .types = *types,
                               .account = hook->account,
                               .secrets = secrets,
                               .reason = hook->reason[0] ? hook->reason : NULL,
                               .state = hook->state,
                               .created_at = hook->created_at,
                               .place = {.id = hook->id, .cursor = (int64_t)hook->line.cursor}};
    return 0;
}

/* HOOK is nobody else's. PUT: for a new one, or for one that is there. WITH_STATE: its state is written too. */
static int write_hook(struct hooks *h, const struct hook *hook, hook_put_fn *put, bool with_state, struct fault *fault)
{
    char secrets[HOOK_SECRETS_TEXT], *types = NULL;
    struct store_hook row;
    struct hook_disk disk;
    int err = hook_disk_open(h->config.store, &disk, fault);

    if (err)
        return err;
    err = row_of(hook, &row, secrets, &types, fault);
    if (!err && !with_state)
        row.state = STORE_HOOK_AS_IT_IS;
    if (!err)
        err = hook_disk_await(&disk, put(disk.desk, &row, hook_disk_done, &disk), fault);
    explicit_bzero(secrets, sizeof(secrets));
    free(types);
    hook_disk_close(&disk);
    return err;
}

int hooks_unknown(struct fault *fault, const char *name)
{
    return fault_set(fault, TGC_EUNKNOWN, "There is no webhook \"%.64s\"", name);
}

/* --- a new one --- */

static int make(struct hooks *h, const struct hook_words *w, struct hook **ret, struct fault *fault)
{
    int err = judge_name(w->name, "name", fault);

    if (!err && w->account && w->account[0])
        err = judge_name(w->account, "account", fault);
    if (!err)
        err = judge_url(h, w->url, fault);
    struct hook *hook = err ? NULL : calloc(1, sizeof(*hook));
    if (!hook)
        return err ? err : fault_set(fault, TGC_ENOMEM, "out of memory");
    err = make_types(w->types, w->types_n, &hook->types, fault);
    if (!err && !(hook->url = strdup(w->url)))
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    if (err) {
        hook_free(hook);
        return err;
    }
    snprintf(hook->name, sizeof(hook->name), "%s", w->name);
    snprintf(hook->account, sizeof(hook->account), "%s", w->account ? w->account : "");
    hook_secret_make(h->config.random, hook->secrets.now);
    hook->created_at = clock_wall_us(h->config.clock) / SECOND_US;
    hook->line.cursor = h->config.source.newest(h->config.source.ctx);
    *ret = hook;
    return 0;
}

/* Only who holds the edits adds or takes away: what was found free still is. */
static int add(struct hooks *h, struct hook *hook, struct fault *fault)
{
    size_t at;

    if (hooks_find(h, hook->name, NULL))
        return fault_set(fault, TGC_EEXIST, "There is a webhook \"%s\" already", hook->name);
    if (h->n == LIMIT_HOOKS)
        return fault_set(fault, TGC_ELIMIT, "There are %d webhooks, and there may be no more", LIMIT_HOOKS);
    int err = h->is_started ? hook_thread_start(h, fault) : 0;
    if (!err) {
        hook->id = h->last_id + 1;
        err = write_hook(h, hook, store_add_hook, true, fault);
    }
    if (err)
        return err;
    pthread_mutex_lock(&h->lock);
    h->last_id = hook->id;
    (void)hooks_find(h, hook->name, &at);
    memmove(&h->list[at + 1], &h->list[at], (h->n - at) * sizeof(h->list[0]));
    h->list[at] = hook;
    h->n++;
    meter_add(h->config.meter, METER_HOOKS_ACTIVE, 1);
    pthread_mutex_unlock(&h->lock);
    hooks_wake(h);
    return 0;
}

int hooks_create(struct hooks *h, const struct hook_words *words, char secret[static HOOK_SECRET_TEXT],
                 struct fault *fault)
{
    struct hook *hook = NULL;
    int err = make(h, words, &hook, fault);

    if (err)
        return err;
    char text[HOOK_SECRET_TEXT];
    memcpy(text, hook->secrets.now, sizeof(text));
    pthread_mutex_lock(&h->edits);
    err = add(h, hook, fault);
    pthread_mutex_unlock(&h->edits);
    if (err)
        hook_free(hook);
    else
        memcpy(secret, text, sizeof(text));
    explicit_bzero(text, sizeof(text));
    return err;
}

/* --- changes --- */

/* A copy of what is on the disk of the hook, for who holds the edits. */
static int copy_of(struct hooks *h, const char *name, struct hook **ret, struct fault *fault)
{
    struct hook *copy = calloc(1, sizeof(*copy));

    if (!copy)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    pthread_mutex_lock(&h->lock);
    const struct hook *hook = hooks_find(h, name, NULL);
    int err = hook ? 0 : hooks_unknown(fault, name);
    if (!err) {
        *copy = *hook;
        copy->url = NULL;
        copy->types = (struct hook_types){0};
        err = hook_types_make(hook->types.list, hook->types.n, &copy->types, fault);
    }
    if (!err && !(copy->url = strdup(hook->url)))
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    pthread_mutex_unlock(&h->lock);
    if (err)
        hook_free(copy);
    else
        *ret = copy;
    return err;
}

static int apply_words(struct hooks *h, struct hook *copy, const struct hook_edit *e, struct fault *fault)
{
    struct hook_types types;

    if (e->url) {
        int err = judge_url(h, e->url, fault);
        char *url = err ? NULL : strdup(e->url);
        if (!url)
            return err ? err : fault_set(fault, TGC_ENOMEM, "out of memory");
        free(copy->url);
        copy->url = url;
    }
    if (e->has_types) {
        int err = make_types(e->types, e->types_n, &types, fault);
        if (err)
            return err;
        hook_types_fini(&copy->types);
        copy->types = types;
    }
    if (e->has_paused) {
        copy->state = e->paused ? HOOK_PAUSED : HOOK_ACTIVE;
        copy->reason[0] = '\0';
    }
    return 0;
}

/* What COPY was made of is still there. The thread may have disabled it meanwhile, and that holds: which of the two
 * came to the disk last is not known, so that the thread writes it once more. */
static void take_over(struct hooks *h, struct hook *copy, const struct hook_edit *e)
{
    pthread_mutex_lock(&h->lock);
    struct hook *hook = hooks_find(h, copy->name, NULL);
    char *url = hook->url;
    struct hook_types types = hook->types;
    hook->url = copy->url;
    hook->types = copy->types;
    copy->url = url;
    copy->types = types;
    if (e->has_paused && hook->state_changes == copy->state_changes)
        hooks_set_state(h, hook, copy->state, NULL);
    else if (e->has_paused)
        hook->state_is_changed = true;
    hook_renew(hook);
    pthread_mutex_unlock(&h->lock);
    hooks_wake(h);
}

int hooks_edit(struct hooks *h, const char *name, const struct hook_edit *edit, struct fault *fault)
{
    struct hook *copy = NULL;

    pthread_mutex_lock(&h->edits);
    int err = copy_of(h, name, &copy, fault);
    if (!err)
        err = apply_words(h, copy, edit, fault);
    if (!err)
        err = write_hook(h, copy, store_put_hook, edit->has_paused, fault);
    if (!err)
        take_over(h, copy, edit);
    hook_free(copy);
    pthread_mutex_unlock(&h->edits);
    return err;
}

int hooks_rotate(struct hooks *h, const char *name, char secret[static HOOK_SECRET_TEXT], struct fault *fault)
{
    struct hook *copy = NULL;

    pthread_mutex_lock(&h->edits);
    int err = copy_of(h, name, &copy, fault);
    if (!err) {
        hook_secrets_rotate(&copy->secrets, h->config.random, clock_wall_us(h->config.clock) / SECOND_US);
        err = write_hook(h, copy, store_put_hook, false, fault);
    }
    if (!err) {
        pthread_mutex_lock(&h->lock);
        hooks_find(h, name, NULL)->secrets = copy->secrets;
        pthread_mutex_unlock(&h->lock);
        memcpy(secret, copy->secrets.now, HOOK_SECRET_TEXT);
    }
    hook_free(copy);
    pthread_mutex_unlock(&h->edits);
    return err;
}

/* --- it goes --- */

static void take_away(struct hooks *h, const char *name)
{
    static const enum meter_number numbers[] = {METER_HOOKS_ACTIVE, METER_HOOKS_PAUSED, METER_HOOKS_DISABLED};
    size_t at;

    pthread_mutex_lock(&h->lock);
    struct hook *hook = hooks_find(h, name, &at);
    h->n--;
    memmove(&h->list[at], &h->list[at + 1], (h->n - at) * sizeof(h->list[0]));
    meter_add(h->config.meter, numbers[hook->state], -1);
    bool is_kept = h->thread != NULL;
    if (is_kept) {
        hook->is_gone = true;
        hook->next_gone = h->gone;
        h->gone = hook;
    }
    pthread_mutex_unlock(&h->lock);
    if (!is_kept)
        hook_free(hook);
    hooks_wake(h);
}

int hooks_id(struct hooks *h, const char *name, int64_t *ret, struct fault *fault)
{
    pthread_mutex_lock(&h->lock);
    const struct hook *hook = hooks_find(h, name, NULL);
    *ret = hook ? hook->id : 0;
    pthread_mutex_unlock(&h->lock);
    return hook ? 0 : hooks_unknown(fault, name);
}

int hooks_delete(struct hooks *h, const char *name, struct fault *fault)
{
    struct hook_disk disk;
    int64_t id;

    pthread_mutex_lock(&h->edits);
    int err = hooks_id(h, name, &id, fault);
    if (!err)
        err = hook_disk_open(h->config.store, &disk, fault);
    if (!err) {
        err = hook_disk_await(&disk, store_drop_hook(disk.desk, id, hook_disk_done, &disk), fault);
        hook_disk_close(&disk);
        if (!err)
            take_away(h, name);
    }
    pthread_mutex_unlock(&h->edits);
    return err;
}
