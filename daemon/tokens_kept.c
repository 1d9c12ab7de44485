#include "daemon/tokens_kept.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/store/token_rows.h"

/* The store tells within its patience what it knows. Whether what a server was sent was written it may learn much
 * later, and who waits is a thread of few. */
enum { PATIENCE_S = STORE_PATIENCE_US / SECOND_US + 5 };

/* --- what is asked of the store, awaited --- */

struct tokens_errand {
    enum { ERRAND_LOAD, ERRAND_PUT, ERRAND_DROP, ERRAND_USES } what;
    const struct store_token *rows;
    size_t n;
    const char *name;
    const struct store_token *uses; /* beside it */
    size_t uses_n;
    json_t *list; /* of ERRAND_LOAD, which is awaited to its end */
    size_t *damaged;
    /* How it went. */
    bool is_done;
    int err;
    struct fault fault;
    struct tokens_errand *next; /* of those that nobody waits for */
};

static void on_wake(void *ctx)
{
    struct tokens_kept *k = ctx;

    pthread_mutex_lock(&k->lock);
    k->woken = true;
    pthread_cond_signal(&k->came);
    pthread_mutex_unlock(&k->lock);
}

static void on_done(void *ctx, int err, const char *why)
{
    struct tokens_errand *e = ctx;

    e->is_done = true;
    e->err = err ? fault_set(&e->fault, err, "%s", why) : 0;
}

/* NULL: it is no token's. */
static json_t *entry_of(const struct store_token *row)
{
    json_t *entry = row->text ? json_loadb(row->text, row->text_len, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *name = json_string_value(json_object_get(entry, "name"));

    if (!name || strcmp(name, row->name) != 0 ||
        (row->used_at && json_object_set_new(entry, "last_used_at", json_integer(row->used_at)) < 0)) {
        json_decref(entry);
        return NULL;
    }
    return entry;
}

static void on_loaded(void *ctx, int err, const char *why, const struct store_token *list, size_t n)
{
    struct tokens_errand *e = ctx;

    for (size_t i = 0; i < n; i++) {
        json_t *entry = entry_of(&list[i]);
        if (entry && json_array_append_new(e->list, entry) == 0)
            continue;
        log_error("main", "the token \"%s\" of the store cannot be read: it opens nothing", list[i].name);
        ++*e->damaged;
    }
    on_done(e, err, why);
}

static int ask(struct store_desk *d, struct tokens_errand *e)
{
    int err = 0;

    if (e->uses_n)
        err = store_use_tokens(d, e->uses, e->uses_n, e->what == ERRAND_USES ? on_done : NULL, e);
    if (err)
        return err;
    switch (e->what) {
    case ERRAND_LOAD:
        return store_load_tokens(d, on_loaded, e);
    case ERRAND_PUT:
        return store_put_tokens(d, e->rows, e->n, on_done, e);
    case ERRAND_DROP:
        return store_drop_token(d, e->name, on_done, e);
    case ERRAND_USES:
        break;
    }
    return 0;
}

static bool await_wake(struct tokens_kept *k)
{
    struct timespec until;
    int failed = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&k->lock);
    while (!k->woken && failed != ETIMEDOUT)
        failed = pthread_cond_clockwait(&k->came, &k->lock, CLOCK_MONOTONIC, &until);
    bool woken = k->woken;
    k->woken = false;
    pthread_mutex_unlock(&k->lock);
    return woken;
}

/* ALL: those too that were never told of. */
static void forget_left(struct tokens_kept *k, bool all)
{
    struct tokens_errand **at = &k->left;

    while (*at) {
        struct tokens_errand *e = *at;
        if (!e->is_done && !all) {
            at = &e->next;
            continue;
        }
        *at = e->next;
        free(e);
    }
}

/* What it asks for is copied by the store: only E itself may have to outlive the wait. Frees it, or leaves it. */
static int await(struct tokens_kept *k, struct tokens_errand *e, struct fault *fault)
{
    while (!e->is_done) {
        if (!await_wake(k) && e->what != ERRAND_LOAD && store_desk_is_waiting(k->desk)) {
            e->next = k->left;
            k->left = e;
            return fault_set(fault, TGC_ELOST,
                             "the database server does not answer: see that it runs and can be reached");
        }
        store_desk_run(k->desk);
        forget_left(k, false);
    }
    int err = e->err;
    if (err)
        fault_set(fault, err, "%s", e->fault.text);
    free(e);
    return err;
}

static int run_errand(struct tokens_kept *k, const struct tokens_errand *errand, struct fault *fault)
{
    struct tokens_errand *e = malloc(sizeof(*e));
    int err = e ? 0 : TGC_ENOMEM;

    if (!err) {
        *e = *errand;
        err = ask(k->desk, e);
    }
    if (!err)
        return await(k, e, fault);
    free(e);
    return fault_set(fault, err, "%s", tgc_err_text(err));
}

int tokens_kept_open(struct tokens_kept *k, struct store *store, struct tokens *tokens)
{
    *k = (struct tokens_kept){.store = store, .tokens = tokens};
    int err = store_desk_new(store, on_wake, k, &k->desk);
    if (err)
        return err;
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->came, NULL);
    return 0;
}

void tokens_kept_close(struct tokens_kept *k)
{
    if (!k->desk)
        return;
    store_desk_free(k->desk);
    k->desk = NULL;
    forget_left(k, true);
    pthread_cond_destroy(&k->came);
    pthread_mutex_destroy(&k->lock);
}

/* --- rows --- */

/* Its own text, freed by free_rows(). */
static int row_of(const json_t *entry, struct store_token *ret)
{
    json_t *kept = json_copy((json_t *)(uintptr_t)entry);

    json_object_del(kept, "last_used_at");
    char *text = kept ? json_dumps(kept, JSON_COMPACT) : NULL;
    json_decref(kept);
    if (!text)
        return TGC_ENOMEM;
    *ret = (struct store_token){.name = json_string_value(json_object_get(entry, "name")),
                                .text = text,
                                .text_len = strlen(text),
                                .used_at = json_integer_value(json_object_get(entry, "last_used_at"))};
    return 0;
}

static void free_rows(struct store_token *rows, size_t n)
{
    for (size_t i = 0; rows && i < n; i++)
        free((char *)(uintptr_t)rows[i].text);
    free(rows);
}

int tokens_kept_put_all(struct tokens_kept *k, struct fault *fault)
{
    json_t *all = tokens_save(k->tokens), *list = json_object_get(all, "tokens");
    size_t n = json_array_size(list);
    struct store_token *rows = calloc(n + 1, sizeof(*rows));
    int err = all && rows ? 0 : TGC_ENOMEM;

    for (size_t i = 0; !err && i < n; i++)
        err = row_of(json_array_get(list, i), &rows[i]);
    if (err)
        fault_set(fault, err, "%s", tgc_err_text(err));
    else if (n)
        err = run_errand(k, &(struct tokens_errand){.what = ERRAND_PUT, .rows = rows, .n = n}, fault);
    free_rows(rows, n);
    json_decref(all);
    return err;
}

int tokens_kept_load(struct tokens_kept *k, size_t *ret_n, struct fault *fault)
{
    size_t damaged = 0;
    json_t *list = json_array(), *all = list ? json_pack("{s:O}", "tokens", list) : NULL;
    struct fault inner = {0};
    int err = TGC_ENOMEM;

    if (all)
        err = run_errand(k, &(struct tokens_errand){.what = ERRAND_LOAD, .list = list, .damaged = &damaged}, fault);
    else
        fault_set(fault, err, "out of memory");
    /* A node that has not the key yet: those that it knows are better than none. */
    if (!err && damaged && !json_array_size(list) && tokens_count(k->tokens))
        err =
            fault_set(fault, TGC_EDAMAGED, "none of those in the store can be read: all nodes need the same seal key");
    else if (!err && (err = tokens_load(k->tokens, all, &inner)) != 0)
        fault_set(fault, err, "those in the store: %s: %s", inner.path, inner.text);
    *ret_n = json_array_size(list) + damaged;
    json_decref(all);
    json_decref(list);
    return err;
}

/* --- changes --- */

/* Who was used since that was kept last. Names are of ALL. */
static struct store_token *uses_since(const json_t *all, int64_t from, size_t *ret_n)
{
    const json_t *list = json_object_get(all, "tokens"), *entry;
    struct store_token *rows = calloc(json_array_size(list) + 1, sizeof(*rows));
    size_t i;

    *ret_n = 0;
    if (!rows)
        return NULL;
    json_array_foreach (list, i, entry) {
        int64_t used_at = json_integer_value(json_object_get(entry, "last_used_at"));
        if (used_at && used_at >= from)
            rows[(*ret_n)++] =
                (struct store_token){.name = json_string_value(json_object_get(entry, "name")), .used_at = used_at};
    }
    return rows;
}

/* With when tokens were used: nothing else writes that until the end. */
static int change(struct tokens_kept *k, struct tokens_errand *e, struct fault *fault)
{
    int64_t now = clock_wall_us(&clock_system) / SECOND_US;
    json_t *all = tokens_save(k->tokens);
    struct store_token *uses = uses_since(all, k->used_from, &e->uses_n);
    int err = 0;

    e->uses = uses;
    if (e->what != ERRAND_USES || e->uses_n)
        err = run_errand(k, e, fault);
    if (!err)
        k->used_from = now;
    free(uses);
    json_decref(all);
    return err;
}

static void tell(const struct tokens_kept *k)
{
    if (k->kept)
        k->kept(k->kept_ctx);
}

static int put(void *ctx, const json_t *entry, struct fault *fault)
{
    struct store_token row;
    int err = row_of(entry, &row);

    if (err)
        return fault_set(fault, err, "%s", tgc_err_text(err));
    err = change(ctx, &(struct tokens_errand){.what = ERRAND_PUT, .rows = &row, .n = 1}, fault);
    free((char *)(uintptr_t)row.text);
    if (!err)
        tell(ctx);
    return err;
}

static int drop(void *ctx, const char *name, struct fault *fault)
{
    int err = change(ctx, &(struct tokens_errand){.what = ERRAND_DROP, .name = name}, fault);

    if (!err)
        tell(ctx);
    return err;
}

void tokens_kept_begin(struct tokens_kept *k, void (*kept)(void *ctx), void *ctx)
{
    k->has_begun = true;
    k->kept = kept;
    k->kept_ctx = ctx;
    tokens_keep(k->tokens, &(struct tokens_keeper){.put = put, .drop = drop, .ctx = k});
}

void tokens_kept_end(struct tokens_kept *k)
{
    struct fault fault = {0};

    if (k->has_begun && change(k, &(struct tokens_errand){.what = ERRAND_USES}, &fault) != 0)
        log_warning("main", "when the tokens were used last is not kept: %s", fault.text);
}
