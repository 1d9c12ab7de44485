/* A request comes to the journal: a new intent, or one that is there under its key. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "daemon/base/limits.h"
#include "daemon/bridge/mailbox.h"
#include "daemon/tg/account/account.h"
#include "daemon/worker/journal_internal.h"
#include "daemon/worker/op.h"
#include "daemon/worker/op_unkept.h"

/* An attempt has the same deadline, and knows more of why. */
#define GRACE_US (100 * INT64_C(1000))

static int64_t now_us(const struct journal *j)
{
    return clock_mono_us(j->worker->env.clock);
}

static void hash(const char *const *texts, size_t n, const void *key, size_t key_len, uint8_t out[static 32])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, key, key_len, 32);
    for (size_t k = 0; k < n; k++)
        crypto_generichash_update(&state, (const uint8_t *)texts[k], strlen(texts[k]) + 1);
    crypto_generichash_final(&state, out, 32);
    sodium_memzero(&state, sizeof(state));
}

static void wipe_text(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

enum { WORDS_FLAGS = JSON_COMPACT | JSON_SORT_KEYS };

int journal_key_of(const char *token_id, enum job_method method, const json_t *path, const char *key,
                   uint8_t out[static STORE_INTENT_KEY])
{
    char *text = json_dumps(path, WORDS_FLAGS);

    if (!text)
        return TGC_ENOMEM;
    hash((const char *const[]){token_id, job_method_text(method), text, key}, 4, NULL, 0, out);
    free(text);
    return 0;
}

/* The key's name by its scope, and what the request says. */
static int names_of(const struct job *job, uint8_t key[static 32], uint8_t print[static 32])
{
    char *query = json_dumps(job->query, WORDS_FLAGS), *body = json_dumps(job->body, WORDS_FLAGS);
    int err =
        query && body ? journal_key_of(job->terms->token_id, job->method, job->path, job->terms->key, key) : TGC_ENOMEM;

    if (!err)
        hash((const char *const[]){query, body}, 2, key, 32, print);
    free(query);
    wipe_text(body);
    return err;
}

static void set_waiter(struct intent *i, struct job *job)
{
    const struct job_terms *t = job->terms;
    int64_t until = job->deadline_us + GRACE_US;

    i->waiter = job;
    i->waiter_defers = (t->is_async || t->has_wait) && job_asks_telegram(job->method);
    i->defers |= i->waiter_defers;
    i->waiter_until_us = until;
    if (i->waiter_defers && t->has_wait) {
        int64_t asked = now_us(i->journal) + t->wait_s * SECOND_US;
        i->waiter_until_us = asked < job->deadline_us ? asked : job->deadline_us;
    }
}

static void on_begun(struct intent *i, const char *why_not)
{
    if (intent_has_ended(i)) /* it was cancelled meanwhile */
        return;
    if (why_not) {
        const struct op_unkept u = {.err = i->write_err, .why = why_not, .state = "Nothing was sent"};
        intent_end_problem(i, op_unkept(&u, "The request could not be written down"), false);
        return;
    }
    if (i->waiter && i->waiter_defers && (!i->waiter->terms->has_wait || i->waiter_until_us <= now_us(i->journal)))
        intent_reply_deferred(i);
    intent_set_timer(i);
    intent_run(i);
}

/* A job is on the disk before its client hears of it; all else when it is sent. */
static void begin(struct intent *i)
{
    i->tried_since_us = now_us(i->journal);
    i->is_cancelled = false;
    i->shown |= i->waiter_defers;
    intent_set(i, INTENT_QUEUED);
    if (i->waiter_defers)
        intent_write(i, NULL, on_begun);
    else
        intent_run(i);
}

static bool has_random_id(void *ctx, int32_t id)
{
    return journal_has_random_id(ctx, id);
}

/* The words of the request, which the operation may change in its own copy. */
static int take_words(struct intent *i, struct job *job)
{
    const json_t *kept = json_object_get(i->body, "random_id");
    json_t *body = json_deep_copy(job->body), *path = json_deep_copy(job->path), *query = json_deep_copy(job->query);
    int err = body && path && query ? 0 : TGC_ENOMEM;

    if (!err && kept)
        err = json_object_set(body, "random_id", (json_t *)(uintptr_t)kept) == 0 ? 0 : TGC_ENOMEM;
    else if (!err)
        err = journal_fill_random_id(i->journal->worker, job->method, path, body, has_random_id, i->journal);
    if (err) {
        json_decref(body);
        json_decref(path);
        json_decref(query);
        return err;
    }
    json_decref(i->body);
    json_decref(i->path);
    json_decref(i->query);
    i->body = body;
    i->path = path;
    i->query = query;
    intent_weigh(i);
    return 0;
}

/* By its time and then by chance, so that what is asked for together stands together on the disk. */
static void draw_id(struct intent *i)
{
    enum { CHANCE_BITS = 21 };
    uint64_t ms = (uint64_t)(i->created_us / 1000), chance;

    do {
        chance = random_u64(i->journal->worker->env.random) >> (64 - CHANCE_BITS);
        i->id = (int64_t)((ms << CHANCE_BITS | chance) & INT64_MAX);
    } while (i->id == 0 || journal_find(i->journal, i->id));
}

static struct intent *make(struct journal *j, struct job *job)
{
    struct intent *i = intent_new(j);

    if (!i)
        return NULL;
    i->method = job->method;
    i->created_us = journal_wall(j);
    i->scope_admin = job->scope_admin;
    i->scope_secrets = job->scope_secrets;
    i->scopes = job->scopes_needed | op_method_scopes(job);
    i->accounts = json_incref(job->accounts);
    memcpy(i->token, job->terms->token, sizeof(i->token));
    memcpy(i->account, job->account, sizeof(i->account));
    if (job->method == JOB_ACCOUNT_CREATE) /* it is to be its own */
        snprintf(i->account, sizeof(i->account), "%s", json_string_value(json_object_get(job->body, "name")));
    struct tg_account *account = accounts_find(&j->worker->accounts, i->account);
    i->user_id = account ? tg_account_self_id(account) : 0;
    memcpy(i->request_id, job->request_id, sizeof(i->request_id));
    draw_id(i);
    if (take_words(i, job) != 0) {
        intent_free(i);
        return NULL;
    }
    return i;
}

static void refuse_full(struct job *job, int64_t retry_after_s)
{
    struct problem *p =
        problem_new(PROBLEM_QUEUE_FULL, 0,
                    "%d requests with an Idempotency-Key, or that became jobs, are remembered for a day "
                    "each, the last %d for tokens that have fewer than %d, and no more can be",
                    LIMIT_INTENTS, LIMIT_INTENTS_LAST, LIMIT_INTENTS_FEW);

    problem_set_retry_after(p, retry_after_s);
    problem_set_remedy(p,
                       "Nothing was sent. Repeat it after Retry-After seconds; what may be done twice without harm can "
                       "be asked for without Idempotency-Key and Prefer");
    op_reply_problem(job, p);
}

static void refuse(struct job *job, int err)
{
    struct problem *p;

    if (err != TGC_ELIMIT && err != TGC_EBUSY) {
        op_reply_no_memory(job);
        return;
    }
    p = problem_new(PROBLEM_QUEUE_FULL, 0, "Too many jobs are under way");
    problem_set_retry_after(p, 1);
    op_reply_problem(job, p);
}

/* True: it went to the worker that has the intent. */
static bool pass(struct worker *w, struct job *job, size_t owner)
{
    if (owner == w->index)
        return false;
    int err = mailbox_pass(job, w->config.workers->mailboxes[owner]);
    if (err == TGC_EBUSY)
        refuse(job, err);
    else if (err)
        op_reply_problem(job, problem_stopping(true));
    return true;
}

/* Into the tables, under another id where another worker's has this one; *RET_OWNER has the key. */
static int add(struct journal *j, struct intent *i, size_t *ret_owner)
{
    enum { TRIES = 4 };
    int err = journal_add(j, i);

    for (int n = 1; err == TGC_EBUSY && n < TRIES; n++) {
        if (i->has_key)
            (void)directory_find_intent(j->worker->config.workers->directory, i->key, ret_owner);
        if (*ret_owner != j->worker->index)
            break;
        draw_id(i);
        err = journal_add(j, i);
    }
    return err;
}

static void take_new(struct journal *j, struct job *job, const uint8_t *key, const uint8_t *print)
{
    size_t owner = j->worker->index;
    int64_t full_s = journal_make_room(j, job->terms->token);

    if (full_s) {
        refuse_full(job, full_s);
        return;
    }
    if (!journal_has_room(j)) {
        refuse(job, TGC_ELIMIT);
        return;
    }
    struct intent *i = make(j, job);
    int err = i ? 0 : TGC_ENOMEM;

    if (i && key) {
        i->has_key = true;
        memcpy(i->key, key, sizeof(i->key));
        memcpy(i->print, print, sizeof(i->print));
    }
    if (!err)
        err = add(j, i, &owner);
    if (err) {
        intent_free(i);
        /* Another worker may have been asked the same at this moment. */
        if (!pass(j->worker, job, owner))
            refuse(job, err);
        return;
    }
    set_waiter(i, job);
    intent_set_timer(i);
    begin(i);
}

/* --- the same key again --- */

static bool has_left(const struct job *job)
{
    return job->client_left && atomic_load_explicit(job->client_left, memory_order_relaxed);
}

/* Who waits is there still, or is about to be told. */
static bool is_attended(const struct intent *i)
{
    return i->is_ending || (i->waiter && (i->waiter->problem || !has_left(i->waiter)));
}

static void reply_in_progress(const struct intent *i, struct job *job)
{
    struct problem *p =
        problem_new(PROBLEM_IDEMPOTENCY_IN_PROGRESS, 0,
                    "A request with this Idempotency-Key is under way, and its client has no answer yet");
    char id[24];

    problem_set_retry_after(p, 1);
    if (i->shown) {
        snprintf(id, sizeof(id), "%" PRId64, i->id);
        problem_put(p, "job", json_string(id));
        problem_print_remedy(p, "GET /v1/jobs/%s tells what comes of it", id);
    }
    op_reply_problem(job, p);
}

/* A client that has gone could only keep others from waiting in its place. */
static void dismiss_waiter(struct intent *i)
{
    struct job *job = intent_take_waiter(i);

    if (job)
        reply_in_progress(i, job);
}

static void tell_again(struct intent *i, struct job *job, const json_t *answer)
{
    (void)i;
    job->is_replayed = true;
    answer_give(job, answer);
}

static void on_joined(struct intent *i, const char *why_not)
{
    (void)why_not;
    if (intent_has_ended(i)) /* which is told when that is written */
        return;
    if (i->waiter && i->waiter_defers && !i->waiter->terms->has_wait)
        intent_reply_deferred(i);
}

static void take_again(struct intent *i, struct job *job, const uint8_t *print)
{
    if (sodium_memcmp(print, i->print, sizeof(i->print)) != 0) {
        op_reply_problem(job, problem_new(PROBLEM_IDEMPOTENCY_MISMATCH, 0,
                                          "This Idempotency-Key was used for a request with another body"));
    } else if (is_attended(i)) {
        reply_in_progress(i, job);
    } else if (i->state == INTENT_DONE || i->state == INTENT_FAILED) {
        answer_fetch(i, job, tell_again);
    } else if (i->state != INTENT_OPEN) { /* it goes on alone, and has somebody again */
        dismiss_waiter(i);
        set_waiter(i, job);
        intent_set_timer(i);
        bool was_shown = i->shown;
        i->shown |= i->waiter_defers;
        if (was_shown)
            on_joined(i, NULL);
        else if (i->shown)
            intent_write(i, NULL, on_joined);
    } else if (!journal_has_room(i->journal)) {
        refuse(job, TGC_ELIMIT);
    } else if (take_words(i, job) != 0 || intent_note_random_id(i) != 0) {
        op_reply_no_memory(job);
    } else {
        set_waiter(i, job);
        intent_set_timer(i);
        begin(i);
    }
}

void journal_take(struct worker *w, struct job *job)
{
    struct directory *d = w->config.workers->directory;
    uint8_t key[DIRECTORY_INTENT], print[DIRECTORY_INTENT];
    size_t owner = w->index;

    if (!job->terms->key[0]) {
        take_new(w->journal, job, NULL, NULL);
        return;
    }
    if (names_of(job, key, print) != 0) {
        op_reply_no_memory(job);
        return;
    }
    (void)directory_find_intent(d, key, &owner);
    if (pass(w, job, owner))
        return;
    struct intent *i = journal_find_key(w->journal, key);
    if (i)
        take_again(i, job, print);
    else
        take_new(w->journal, job, key, print);
}
