/* The intents of a worker: found, remembered, forgotten. */
#include "daemon/worker/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/worker/journal_internal.h"
#include "daemon/worker/op.h"

int64_t journal_wall(const struct journal *j)
{
    return clock_wall_us(j->worker->env.clock);
}

static int64_t now_us(const struct journal *j)
{
    return clock_mono_us(j->worker->env.clock);
}

/* --- the tables --- */

/* What the directory calls it. */
static void name_of_id(int64_t id, uint8_t out[static DIRECTORY_INTENT])
{
    memset(out, 0, DIRECTORY_INTENT);
    le64_store(out, (uint64_t)id);
}

struct intent *journal_find(struct journal *j, int64_t id)
{
    struct intent *i;

    HASH_FIND(hh, j->by_id, &id, sizeof(id), i);
    return i;
}

struct intent *journal_find_key(struct journal *j, const uint8_t *key)
{
    struct intent *i;

    HASH_FIND(hh_key, j->by_key, key, STORE_INTENT_KEY, i);
    return i;
}

bool journal_has_random_id(const struct journal *j, int32_t random_id)
{
    struct intent *i;

    HASH_FIND(hh_random_id, j->by_random_id, &random_id, sizeof(random_id), i);
    return i;
}

bool intent_has_ended(const struct intent *i)
{
    return i->state >= INTENT_DONE;
}

bool intent_is_over(const struct intent *i)
{
    return intent_has_ended(i) && !i->is_ending;
}

struct intent *intent_new(struct journal *j)
{
    struct intent *i = calloc(1, sizeof(*i));

    if (i)
        i->journal = j;
    return i;
}

static size_t size_of(const json_t *o)
{
    return o ? json_dumpb(o, NULL, 0, JSON_COMPACT) : 0;
}

void intent_weigh(struct intent *i)
{
    i->journal->bytes -= i->bytes;
    i->bytes = size_of(i->path) + size_of(i->query) + size_of(i->body) + size_of(i->answer);
    i->journal->bytes += i->bytes;
}

void intent_free(struct intent *i)
{
    if (!i)
        return;
    i->journal->bytes -= i->bytes;
    net_timer_free(i->timer);
    if (i->canceller)
        op_reply_problem(i->canceller, problem_new(PROBLEM_NOT_FOUND, 0, "The job is gone"));
    job_wipe_body(i->method, i->body);
    json_decref(i->accounts);
    json_decref(i->path);
    json_decref(i->query);
    json_decref(i->body);
    json_decref(i->answer);
    free(i);
}

static void drop_random_id(struct intent *i)
{
    if (i->random_id)
        HASH_DELETE(hh_random_id, i->journal->by_random_id, i);
    i->random_id = 0;
}

int intent_note_random_id(struct intent *i)
{
    const json_t *said = i->method == JOB_CALL_CREATE ? json_object_get(i->body, "random_id") : NULL;
    int32_t random_id = (int32_t)json_integer_value(said);

    if (!random_id || random_id == i->random_id)
        return 0;
    drop_random_id(i);
    i->random_id = random_id;
    HASH_ADD(hh_random_id, i->journal->by_random_id, random_id, sizeof(i->random_id), i);
    if (i->hh_random_id.tbl)
        return 0;
    i->random_id = 0;
    return TGC_ENOMEM;
}

static bool claim(struct journal *j, const uint8_t *name)
{
    size_t owner = j->worker->index;

    return directory_claim_intent(j->worker->config.workers->directory, name, &owner) == 0 && owner == j->worker->index;
}

bool journal_has_room(struct journal *j)
{
    struct intent *i;

    DL_FOREACH (j->list, i) {
        if (j->bytes < LIMIT_INTENTS_BYTES)
            break;
        if (!i->answer || !intent_has_ended(i) || i->writes_n)
            continue;
        json_decref(i->answer); /* its key stays: what it asked for is done once, though nobody can say how */
        i->answer = NULL;
        intent_weigh(i);
    }
    return j->bytes < LIMIT_INTENTS_BYTES;
}

/* Out of the tables of its names. */
static void drop_names(struct intent *i)
{
    struct journal *j = i->journal;
    struct directory *d = j->worker->config.workers->directory;
    uint8_t name[DIRECTORY_INTENT];

    name_of_id(i->id, name);
    directory_drop_intent(d, name);
    HASH_DEL(j->by_id, i);
    if (i->has_key) {
        directory_drop_intent(d, i->key);
        HASH_DELETE(hh_key, j->by_key, i);
    }
    drop_random_id(i);
}

int journal_add(struct journal *j, struct intent *i)
{
    uint8_t name[DIRECTORY_INTENT];

    name_of_id(i->id, name);
    if (journal_find(j, i->id) || !claim(j, name))
        return TGC_EBUSY;
    if (i->has_key && (journal_find_key(j, i->key) || !claim(j, i->key))) {
        directory_drop_intent(j->worker->config.workers->directory, name);
        return TGC_EBUSY;
    }
    HASH_ADD(hh, j->by_id, id, sizeof(i->id), i);
    if (i->hh.tbl && i->has_key) {
        HASH_ADD(hh_key, j->by_key, key, STORE_INTENT_KEY, i);
        if (!i->hh_key.tbl) {
            HASH_DEL(j->by_id, i);
            i->hh.tbl = NULL;
        }
    }
    if (!i->hh.tbl) {
        directory_drop_intent(j->worker->config.workers->directory, name);
        if (i->has_key)
            directory_drop_intent(j->worker->config.workers->directory, i->key);
        return TGC_ENOMEM;
    }
    if (intent_note_random_id(i) != 0 || journal_room_take(i) != 0) {
        drop_names(i);
        return TGC_ENOMEM;
    }
    DL_APPEND(j->list, i);
    return 0;
}

void intent_drop(struct intent *i)
{
    struct journal *j = i->journal;

    drop_names(i);
    DL_DELETE(j->list, i);
    journal_room_give(i);
    intent_leave_attempt(i);
    intent_wait_no_more(i);
    intent_free(i);
}

/* --- the journal --- */

int journal_new(struct worker *w, struct journal **ret)
{
    struct journal *j = calloc(1, sizeof(*j));

    if (!j)
        return TGC_ENOMEM;
    j->worker = w;
    int err = net_timer_new(w->env.loop, journal_prune, j, &j->prune);
    if (!err)
        err = net_timer_new(w->env.loop, journal_waits_over, j, &j->waits_timer);
    if (err) {
        net_timer_free(j->prune);
        free(j);
        return err;
    }
    net_timer_set(j->prune, now_us(j) + JOURNAL_PRUNE_US);
    *ret = j;
    return 0;
}

void journal_free(struct journal *j)
{
    if (!j)
        return;
    HASH_CLEAR(hh, j->by_id);
    HASH_CLEAR(hh_key, j->by_key);
    HASH_CLEAR(hh_random_id, j->by_random_id);
    while (j->list) {
        struct intent *i = j->list;
        DL_DELETE(j->list, i);
        journal_room_give(i);
        intent_free(i);
    }
    net_timer_free(j->prune);
    net_timer_free(j->waits_timer);
    free(j);
}

bool journal_is_kept(const struct journal *j)
{
    return !j->asked_n;
}

void journal_stop(struct journal *j)
{
    struct intent *i;

    DL_FOREACH (j->list, i)
        if (!i->attempt && i->waiter && !i->writes_n)
            op_reply_problem(intent_take_waiter(i), problem_stopping(!i->sent));
}

void journal_forget_account(struct journal *j, const char *account)
{
    struct intent *i, *next;

    DL_FOREACH_SAFE(j->list, i, next)
    {
        if (strcmp(i->account, account) != 0)
            continue;
        if (i->attempt || i->writes_n) {
            i->is_orphan = true;
        } else {
            struct job *job = intent_take_waiter(i);
            intent_drop(i);
            if (job)
                op_reply_problem(job, accounts_gone(account));
        }
    }
}

void journal_listen(struct journal *j, journal_changed_fn *changed, void *ctx)
{
    j->changed = changed;
    j->changed_ctx = ctx;
}
