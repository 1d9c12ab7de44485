/* Workers whose accounts come and go, as those of two nodes over one store do: each share is at one of them. */
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "daemon/bridge/choose.h"
#include "daemon/store/event_rows.h"
#include "daemon/worker/worker.h"
#include "tests/support/temp.h"
#include "tests/unit/worker/fixture.h"
#include "tests/unit/worker/suites.h"

enum { ACCOUNTS = 12, SHARES = 5, THREADS = 2, NODES = 2, SLOTS = 100, ROUNDS = 60 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static char database[PATH_MAX];
static struct store *store;
static struct events *events;
static struct chat_locks *locks;

static struct node {
    struct workers workers;
    struct worker_config config;
    struct worker *threads[THREADS];
    struct worker *shares[SHARES];
    unsigned moved[SHARES]; /* how often that was said; under the lock */
    int err;
} nodes[NODES];

/* --- orders --- */

static void on_moved(void *ctx, struct worker *w, int err, const char *why)
{
    struct node *n = ctx;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < SHARES; i++)
        if (n->shares[i] == w)
            n->moved[i]++;
    if (err)
        n->err = err;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void await_move(struct node *n, size_t share, unsigned before)
{
    pthread_mutex_lock(&lock);
    while (n->moved[share] == before)
        pthread_cond_wait(&changed, &lock);
    ck_assert_int_eq(n->err, 0);
    pthread_mutex_unlock(&lock);
}

static void hold(struct node *n, size_t share)
{
    unsigned before = n->moved[share];

    worker_hold(n->shares[share], NULL);
    await_move(n, share, before);
}

static void give(struct node *n, size_t share)
{
    unsigned before = n->moved[share];

    worker_give(n->shares[share], SECOND_US);
    await_move(n, share, before);
}

/* --- jobs --- */

struct asked {
    bool is_answered;
    int status;
    char text[512];
};

static void on_done(struct job *job)
{
    struct asked *a = job->done_ctx;

    pthread_mutex_lock(&lock);
    a->is_answered = true;
    a->status = job->problem ? problem_status(job->problem) : job->status;
    snprintf(a->text, sizeof(a->text), "%.*s", (int)job->text.len, (const char *)job->text.data);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    job_free(job);
}

/* Where nobody at the node takes it, that is the answer: 404 or 503. */
static void post(struct node *n, enum job_method method, const char *where, const char *name, struct asked *a)
{
    struct job *job = job_with(method, where, "name", name);
    struct problem *problem = NULL;
    size_t worker;

    *a = (struct asked){0};
    job->done_ctx = a;
    job->deadline_us = clock_mono_us(&clock_system) + 600 * SECOND_US;
    job->done = on_done;
    if (choose_worker(n->workers.directory, job, &worker, &problem) != 0)
        job->problem = problem;
    else if (mailbox_admit(n->workers.mailboxes[worker]) != 0)
        job->problem = problem_stopping(true);
    if (job->problem)
        on_done(job);
    else
        mailbox_post(n->workers.mailboxes[worker], job);
}

static void await(struct asked *a)
{
    pthread_mutex_lock(&lock);
    while (!a->is_answered)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void ask(struct node *n, enum job_method method, const char *where, const char *name, struct asked *a)
{
    post(n, method, where, name, a);
    await(a);
}

static const char *name_of(size_t i)
{
    static _Thread_local char name[16];

    snprintf(name, sizeof(name), "a%zu", i);
    return name;
}

/* How many of the nodes say that the account is theirs. */
static unsigned places(size_t account)
{
    unsigned n = 0;
    struct asked a;

    for (size_t i = 0; i < NODES; i++) {
        ask(&nodes[i], JOB_ACCOUNT_GET, "path", name_of(account), &a);
        ck_assert(a.status == 200 || a.status == 404);
        n += a.status == 200;
    }
    return n;
}

/* --- the two nodes --- */

static struct worker_config config_for(struct workers *workers)
{
    struct worker_config config = config_of(workers, locks, SLOTS);

    config.store = store;
    config.events = events;
    return config;
}

static void stop(struct worker *const *threads, size_t n)
{
    for (size_t i = 0; i < n; i++)
        worker_close(threads[i]);
    for (size_t i = 0; i < n; i++)
        worker_end(threads[i]);
    for (size_t i = 0; i < n; i++)
        worker_join(threads[i]);
    for (size_t i = 0; i < n; i++)
        worker_free(threads[i]);
}

/* The accounts, by a daemon that is alone. */
static void make_accounts(void)
{
    struct node *alone = &nodes[0];
    struct fault fault = {0};
    struct asked a;

    alone->config = config_for(&alone->workers);
    ck_assert_int_eq(directory_new(1, &alone->workers.directory), 0);
    ck_assert_int_eq(worker_start(&alone->config, &alone->threads[0], &fault), 0);
    worker_load(alone->threads[0], NULL);
    ck_assert_int_eq(worker_wait_loaded(alone->threads[0], &fault), 0);
    for (size_t i = 0; i < ACCOUNTS; i++) {
        ask(alone, JOB_ACCOUNT_CREATE, "body", name_of(i), &a);
        ck_assert_int_eq(a.status, 201);
    }
    stop(alone->threads, 1);
    directory_free(alone->workers.directory);
    *alone = (struct node){0};
}

static void start_node(struct node *n)
{
    struct fault fault = {0};

    n->config = config_for(&n->workers);
    n->config.shares = SHARES;
    n->config.moved = on_moved;
    n->config.moved_ctx = n;
    ck_assert_int_eq(directory_new(THREADS + SHARES, &n->workers.directory), 0);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(worker_start(&n->config, &n->threads[i], &fault), 0);
    for (size_t i = 0; i < SHARES; i++)
        ck_assert_int_eq(worker_add(&n->config, n->threads[i % THREADS], i, &n->shares[i], &fault), 0);
    for (size_t i = 0; i < THREADS; i++) {
        worker_load(n->threads[i], NULL);
        ck_assert_int_eq(worker_wait_loaded(n->threads[i], &fault), 0);
    }
}

/* As the nodes of a server's database have it. */
static void tell_keys_apart(void)
{
    sqlite3 *db;

    ck_assert_int_eq(store_close(store, NULL), 0);
    ck_assert_int_eq(sqlite3_open(database, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "CREATE UNIQUE INDEX one_key ON intents (key_hash)", NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    store = small_store(database);
}

static void set_up(void)
{
    static unsigned n; /* for tests that share a process */
    char name[48];

    memset(nodes, 0, sizeof(nodes));
    snprintf(name, sizeof(name), "shares-%d-%u.db", (int)getpid(), n++);
    snprintf(database, sizeof(database), "%s", temp_path(name));
    store = small_store(database);
    tell_keys_apart();
    struct store_events_place at = store_events_place(store);
    ck_assert_int_eq(events_new(&(struct events_config){.ring = 100,
                                                        .ring_bytes = 1 << 20,
                                                        .newest = (uint64_t)at.newest,
                                                        .reserved_before = (uint64_t)at.reserved_before,
                                                        .reserved = (uint64_t)at.reserved,
                                                        .is_written = true,
                                                        .clock = &clock_system},
                                &events),
                     0);
    ck_assert_int_eq(chat_locks_new(&locks), 0);
    make_accounts();
    for (size_t i = 0; i < NODES; i++)
        start_node(&nodes[i]);
}

static void stop_nodes(void)
{
    for (size_t i = 0; i < NODES; i++) {
        if (nodes[i].threads[0])
            stop(nodes[i].threads, THREADS);
        directory_free(nodes[i].workers.directory);
        nodes[i] = (struct node){0};
    }
}

static void tear_down(void)
{
    stop_nodes();
    chat_locks_free(locks);
    events_free(events);
    ck_assert_int_eq(store_close(store, NULL), 0);
}

START_TEST(test_each_account_is_where_its_share_is)
{
    for (size_t i = 0; i < ACCOUNTS; i++)
        ck_assert_uint_eq(places(i), 0);
    for (size_t i = 0; i < SHARES; i++)
        hold(&nodes[i % NODES], i);
    for (size_t i = 0; i < ACCOUNTS; i++)
        ck_assert_uint_eq(places(i), 1);
}
END_TEST

START_TEST(test_an_account_that_is_given_is_elsewhere_as_it_was)
{
    struct asked before, after;

    for (size_t i = 0; i < SHARES; i++)
        hold(&nodes[0], i);
    for (size_t i = 0; i < ACCOUNTS; i++) {
        ask(&nodes[0], JOB_ACCOUNT_GET, "path", name_of(i), &before);
        ck_assert_int_eq(before.status, 200);
    }
    for (size_t i = 0; i < SHARES; i++) {
        give(&nodes[0], i);
        hold(&nodes[1], i);
    }
    for (size_t i = 0; i < ACCOUNTS; i++)
        ck_assert_uint_eq(places(i), 1);
    ask(&nodes[1], JOB_ACCOUNT_GET, "path", name_of(ACCOUNTS - 1), &after);
    ck_assert_str_eq(after.text, before.text);
}
END_TEST

START_TEST(test_what_is_removed_at_one_node_is_never_at_another)
{
    struct asked a;

    for (size_t i = 0; i < SHARES; i++)
        hold(&nodes[0], i);
    ask(&nodes[0], JOB_ACCOUNT_DELETE, "path", name_of(3), &a);
    ck_assert_int_eq(a.status, 200);
    for (size_t i = 0; i < SHARES; i++) {
        give(&nodes[0], i);
        hold(&nodes[1], i);
    }
    for (size_t i = 0; i < ACCOUNTS; i++)
        ck_assert_uint_eq(places(i), i != 3);
}
END_TEST

START_TEST(test_what_is_asked_while_an_account_goes_is_answered)
{
    static struct asked asked[SLOTS];
    unsigned done = 0;

    for (size_t i = 0; i < SHARES; i++)
        hold(&nodes[0], i);
    for (size_t i = 0; i < SLOTS; i++) {
        post(&nodes[0], i % 2 ? JOB_ACCOUNT_GET : JOB_ACCOUNT_LIST, i % 2 ? "path" : "", name_of(i % ACCOUNTS),
             &asked[i]);
        if (i % (SLOTS / SHARES) == 7)
            worker_give(nodes[0].shares[i / (SLOTS / SHARES)], 0);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        await(&asked[i]);
        ck_assert(asked[i].status == 200 || asked[i].status == 503 || asked[i].status == 404);
        done += asked[i].status == 200;
    }
    ck_assert_uint_gt(done, 0);
}
END_TEST

static void *ask_on(void *ctx)
{
    struct asked a;

    for (size_t i = 0; !atomic_load((atomic_bool *)ctx); i++) {
        ask(&nodes[i % NODES], JOB_ACCOUNT_GET, "path", name_of(i % ACCOUNTS), &a);
        ck_assert(a.status == 200 || a.status == 503 || a.status == 404);
    }
    return NULL;
}

START_TEST(test_accounts_go_to_and_fro_while_they_are_asked)
{
    atomic_bool is_over = false;
    size_t at[SHARES] = {0};
    pthread_t client;

    for (size_t i = 0; i < SHARES; i++)
        hold(&nodes[0], i);
    ck_assert_int_eq(pthread_create(&client, NULL, ask_on, &is_over), 0);
    for (size_t r = 0; r < ROUNDS; r++) {
        size_t share = r * 7 % SHARES;
        give(&nodes[at[share]], share);
        at[share] = 1 - at[share];
        hold(&nodes[at[share]], share);
    }
    is_over = true;
    pthread_join(client, NULL);
    for (size_t i = 0; i < ACCOUNTS; i++)
        ck_assert_uint_eq(places(i), 1);
}
END_TEST

START_TEST(test_a_stop_while_accounts_come_and_go_ends)
{
    for (size_t i = 0; i < SHARES; i += 2)
        hold(&nodes[0], i);
    for (size_t i = 0; i < SHARES; i++)
        if (i % 2)
            worker_hold(nodes[0].shares[i], NULL);
        else
            worker_give(nodes[0].shares[i], SECOND_US);
    stop_nodes();
}
END_TEST

/* --- keys --- */

/* A call that is to be made as ACCOUNT, under a key, as a job, is asked of the worker that has the account's share. */
static void create(struct node *n, size_t share, const char *account, const char *peer, struct asked *a)
{
    struct job *job = job_with(JOB_CALL_CREATE, "body", "peer", peer);
    struct mailbox *to = n->workers.mailboxes[THREADS + share];

    *a = (struct asked){0};
    job->terms = calloc(1, sizeof(*job->terms));
    snprintf(job->terms->token, sizeof(job->terms->token), "token");
    snprintf(job->terms->token_id, sizeof(job->terms->token_id), "0123");
    snprintf(job->terms->key, sizeof(job->terms->key), "a key");
    job->terms->is_async = true;
    job->scopes = UINT32_MAX;
    snprintf(job->account, sizeof(job->account), "%s", account);
    job->deadline_us = clock_mono_us(&clock_system) + 600 * SECOND_US;
    job->done = on_done;
    job->done_ctx = a;
    ck_assert_int_eq(mailbox_admit(to), 0);
    mailbox_post(to, job);
    await(a);
}

START_TEST(test_what_is_asked_by_a_key_that_another_node_has_is_answered_there)
{
    struct asked first, other, again;

    /* Their ids are 1 and 5. */
    hold(&nodes[0], 0);
    hold(&nodes[1], 1);
    nodes[0].workers.elsewhere = nodes[1].workers.mailboxes[THREADS + 1];
    create(&nodes[1], 1, "a0", "@one", &first);
    ck_assert_int_eq(first.status, 202);
    create(&nodes[0], 0, "a4", "@another", &other);
    ck_assert_int_eq(other.status, 422);
    create(&nodes[0], 0, "a4", "@one", &again);
    /* It came to nothing there, and is the same job again; or that it did is being written. */
    ck_assert(again.status == 202 || again.status == 409);
    if (again.status == 202)
        ck_assert_int_eq(strncmp(again.text, first.text, strlen("{\"id\":\"1234567890123456789\"")), 0);
}
END_TEST

Suite *suite_shares(void)
{
    Suite *s = suite_create("shares");
    TCase *t = tcase_create("shares");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_each_account_is_where_its_share_is);
    tcase_add_test(t, test_an_account_that_is_given_is_elsewhere_as_it_was);
    tcase_add_test(t, test_what_is_removed_at_one_node_is_never_at_another);
    tcase_add_test(t, test_what_is_asked_while_an_account_goes_is_answered);
    tcase_add_test(t, test_accounts_go_to_and_fro_while_they_are_asked);
    tcase_add_test(t, test_a_stop_while_accounts_come_and_go_ends);
    tcase_add_test(t, test_what_is_asked_by_a_key_that_another_node_has_is_answered_there);
    suite_add_tcase(s, t);
    return s;
}
