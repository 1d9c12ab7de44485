#include "tests/unit/program/relay_bed.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/limits.h"
#include "daemon/store/cluster_sql.h"
#include "tests/support/temp.h"
#include "tests/support/unit.h"

#define LEASE_US (18 * SECOND_US)
#define CLOSE_US (20 * SECOND_US)

struct fault bed_fault;

static char url[1000], name[32];
static struct db *db;
static atomic_uint times[BED_NUMBERS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t done = PTHREAD_COND_INITIALIZER;

static void must(int err)
{
    ck_assert_msg(err == 0, "%d: %s", err, bed_fault.text);
}

int64_t bed_now(void)
{
    return clock_mono_us(&clock_system);
}

/* --- the database --- */

static struct db *connect_to(const char *where)
{
    const struct db_server server = {.url = where, .clock = &clock_system, .is_shared = true};
    struct db *ret;

    must(db_open_server(&server, &ret, &bed_fault));
    return ret;
}

static void run_beside(const char *before, const char *after)
{
    struct db *beside = connect_to(getenv("TGCALLD_TEST_DATABASE"));
    char sql[128];

    snprintf(sql, sizeof(sql), "%s %s %s", before, name, after);
    must(db_exec(beside, sql, &bed_fault));
    db_close(beside);
}

const char *bed_key(const char *file, char digit)
{
    static char paths[4][4096];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s", temp_path(file));
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    for (int i = 0; i < 64; i++)
        fputc(digit, f);
    fclose(f);
    ck_assert_int_eq(chmod(path, 0600), 0);
    return path;
}

/* The URL is that of the given database with another name in it: postgresql://USER@/NAME?MORE. */
void bed_set_up(void)
{
    const char *given = getenv("TGCALLD_TEST_DATABASE");
    const char *path = given ? strstr(given, "@/") : NULL;

    ck_assert_ptr_nonnull(path);
    const char *more = strchr(path, '?');
    snprintf(name, sizeof(name), "relay_%d", (int)getpid());
    run_beside("DROP DATABASE IF EXISTS", "WITH (FORCE)");
    run_beside("CREATE DATABASE", "");
    snprintf(url, sizeof(url), "%.*s%s%s", (int)(path + 2 - given), given, name, more ? more : "");
    db = connect_to(url);
    must(cluster_sql_prepare(db, &bed_fault));
    bed_sql("CREATE TABLE accounts (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE)");
    bed_sql("CREATE TABLE calls (account_id BIGINT NOT NULL, id BIGINT NOT NULL, created_here BIGINT NOT NULL,"
            " PRIMARY KEY (account_id, id));"
            " CREATE TABLE schedules (id BIGINT PRIMARY KEY, account_id BIGINT NOT NULL, name TEXT NOT NULL UNIQUE);"
            " CREATE TABLE intents (id BIGINT PRIMARY KEY, account_id BIGINT)");
    bed_account(1, "anna");
    for (int i = 0; i < BED_NUMBERS; i++)
        atomic_store(&times[i], 0);
}

void bed_tear_down(void)
{
    db_close(db);
    db = NULL;
    run_beside("DROP DATABASE", "WITH (FORCE)");
}

static void recover(void)
{
    bool is_committed;

    while (db_recover(db, &is_committed, &bed_fault) != 0)
        poll(NULL, 0, 10);
}

int64_t bed_number(const char *sql)
{
    int64_t n = -1;
    int err = db_number(db, sql, &n, &bed_fault);

    if (err == TGC_EAWAY) {
        recover();
        err = db_number(db, sql, &n, &bed_fault);
    }
    must(err);
    return n;
}

void bed_sql(const char *sql)
{
    must(db_exec(db, sql, &bed_fault));
}

void bed_await_number(const char *sql, int64_t n)
{
    while (bed_number(sql) != n)
        poll(NULL, 0, 5);
}

/* The URL ends with the server's folder. */
void bed_server(const char *what)
{
    char command[3000];
    const char *top = getenv("TGCALLD_SRCDIR"), *folder = strstr(url, "host=");

    ck_assert_ptr_nonnull(folder);
    snprintf(command, sizeof(command), "%s/tests/support/postgres.py %s %s", top ? top : ".", what, folder + 5);
    ck_assert_int_eq(system(command), 0);
}

/* --- a worker --- */

static void echo(struct job *job)
{
    const char *text = json_string_value(json_object_get(job->body, "title"));

    int number;

    if (text && sscanf(text, "number %d", &number) == 1)
        atomic_fetch_add(&times[number], 1);
    job->status = 200;
    buf_printf(&job->text, "{\"echo\":\"%s\"}", text ? text : "");
}

static void answer_all(struct bed_node *n)
{
    struct job *next, *job = n->held;

    n->answered_n += n->held_n;
    n->held = NULL;
    n->held_n = 0;
    pthread_mutex_unlock(&n->lock);
    for (; job; job = next) {
        next = job->next;
        echo(job);
        job_reply(job);
    }
    mailbox_deliver(n->workers.mailboxes[0]);
    pthread_mutex_lock(&n->lock);
}

/* The mailbox is looked into without the lock, which whoever posts takes under the mailbox's. */
static void take_in(struct bed_node *n)
{
    struct job *job, *next;

    pthread_mutex_unlock(&n->lock);
    job = mailbox_take(n->workers.mailboxes[0]);
    pthread_mutex_lock(&n->lock);
    for (; job; job = next) {
        next = job->next;
        job->next = n->held;
        n->held = job;
        n->held_n++;
        pthread_cond_broadcast(&n->changed);
    }
}

static void *work(void *node)
{
    struct bed_node *n = node;

    pthread_mutex_lock(&n->lock);
    while (!n->is_ending || n->held || n->is_rung) {
        if (n->is_rung) {
            n->is_rung = false;
            take_in(n);
        }
        if (n->held && (!n->is_held || n->is_ending))
            answer_all(n);
        else if (!n->is_rung && !n->is_ending)
            pthread_cond_wait(&n->changed, &n->lock);
    }
    pthread_mutex_unlock(&n->lock);
    return NULL;
}

static void ring(void *node)
{
    struct bed_node *n = node;

    pthread_mutex_lock(&n->lock);
    n->is_rung = true;
    pthread_cond_broadcast(&n->changed);
    pthread_mutex_unlock(&n->lock);
}

void bed_hold(struct bed_node *n, bool is_held)
{
    pthread_mutex_lock(&n->lock);
    n->is_held = is_held;
    pthread_cond_broadcast(&n->changed);
    pthread_mutex_unlock(&n->lock);
}

/* Who posts rings, under the lock. */
void bed_stall(struct bed_node *n, bool is_stalled)
{
    if (is_stalled)
        pthread_mutex_lock(&n->lock);
    else
        pthread_mutex_unlock(&n->lock);
}

void bed_await_held(struct bed_node *n, size_t count)
{
    pthread_mutex_lock(&n->lock);
    while (n->held_n < count)
        pthread_cond_wait(&n->changed, &n->lock);
    pthread_mutex_unlock(&n->lock);
}

/* --- nodes --- */

static int64_t id_of(void *node)
{
    return atomic_load(&((struct bed_node *)node)->id);
}

void bed_start_with(struct bed_node *n, int64_t id, size_t slots, const char *at)
{
    const struct relay_config config = {.url = url,
                                        .key_path = at,
                                        .key_is_given = true,
                                        .lease_us = LEASE_US,
                                        .clock = &clock_system,
                                        .random = &random_system,
                                        .slots = slots,
                                        .workers = &n->workers,
                                        .node_id = id_of,
                                        .ctx = n};
    char sql[200];

    *n = (struct bed_node){.id = id, .workers.n = 1};
    snprintf(sql, sizeof(sql), "INSERT INTO tgcalld_node VALUES (%d, 'node%d', '', 1, 9000000000000000, 1, 0)", (int)id,
             (int)id);
    bed_sql(sql);
    pthread_mutex_init(&n->lock, NULL);
    pthread_cond_init(&n->changed, NULL);
    ck_assert_int_eq(directory_new(1, &n->workers.directory), 0);
    ck_assert_int_eq(directory_put(n->workers.directory, "anna", 0), 0);
    directory_set_ready(n->workers.directory, "anna", true);
    ck_assert_int_eq(mailbox_new(slots, ring, n, &n->workers.mailboxes[0]), 0);
    ck_assert_int_eq(pthread_create(&n->thread, NULL, work, n), 0);
    must(relay_new(&config, &n->relay, &bed_fault));
    relay_holds_all(n->relay, true);
    bed_await_number("SELECT (to_regclass('tgcalld_job') IS NOT NULL)::int", 1);
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM tgcalld_job WHERE id = -%d", (int)id);
    bed_await_number(sql, 1);
}

void bed_start(struct bed_node *n, int64_t id, size_t slots)
{
    bed_start_with(n, id, slots, bed_key("seal.key", '7'));
}

/* --- accounts --- */

void bed_account(int64_t id, const char *account)
{
    char sql[200];

    snprintf(sql, sizeof(sql), "INSERT INTO accounts VALUES (%d, '%s')", (int)id, account);
    bed_sql(sql);
}

static unsigned lease_of(int64_t id)
{
    return (unsigned)(id % CLUSTER_SHARES + 1);
}

void bed_load(struct bed_node *n, int64_t id, const char *account)
{
    ck_assert_int_eq(directory_put(n->workers.directory, account, 0), 0);
    directory_set_ready(n->workers.directory, account, true);
    relay_holds(n->relay, lease_of(id), true);
}

void bed_give(struct bed_node *n, int64_t id, const char *account)
{
    relay_holds(n->relay, lease_of(id), false);
    directory_drop(n->workers.directory, account);
}

unsigned bed_times(int number)
{
    return atomic_load(&times[number]);
}

void bed_bury(const struct bed_node *n)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "DELETE FROM tgcalld_node WHERE id = %d", (int)n->id);
    bed_sql(sql);
}

void bed_stop(struct bed_node *n)
{
    relay_close(n->relay, n->is_held ? 0 : bed_now() + CLOSE_US);
    pthread_mutex_lock(&n->lock);
    n->is_ending = true;
    pthread_cond_broadcast(&n->changed);
    pthread_mutex_unlock(&n->lock);
    pthread_join(n->thread, NULL);
    relay_free(n->relay);
    mailbox_free(n->workers.mailboxes[0]);
    directory_free(n->workers.directory);
    pthread_mutex_destroy(&n->lock);
    pthread_cond_destroy(&n->changed);
}

/* --- asking --- */

struct job *bed_job_of(const char *account, const char *text, int64_t left_us)
{
    struct job *job = job_new(JOB_CALL_CREATE, NULL, NULL, json_pack("{s:s, s:s}", "title", text, "account", account));

    job->deadline_us = bed_now() + left_us;
    snprintf(job->request_id, sizeof(job->request_id), "req");
    return job;
}

struct job *bed_job(const char *text, const char *key, int64_t left_us)
{
    struct job *job = bed_job_of("anna", text, left_us);

    if (key) {
        job->terms = calloc(1, sizeof(*job->terms));
        snprintf(job->terms->key, sizeof(job->terms->key), "%s", key);
    }
    return job;
}

static void on_done(struct job *job)
{
    struct bed_asked *a = job->done_ctx;

    pthread_mutex_lock(&lock);
    a->job = job;
    a->is_done = true;
    pthread_cond_broadcast(&done);
    pthread_mutex_unlock(&lock);
}

int bed_try(struct bed_node *n, struct job *job, struct bed_asked *a)
{
    int err = mailbox_admit(relay_mailbox(n->relay));

    *a = (struct bed_asked){0};
    if (err) {
        job_free(job);
        return err;
    }
    job->done = on_done;
    job->done_ctx = a;
    mailbox_post(relay_mailbox(n->relay), job);
    return 0;
}

void bed_ask(struct bed_node *n, struct job *job, struct bed_asked *a)
{
    ck_assert_int_eq(bed_try(n, job, a), 0);
}

struct job *bed_await(struct bed_asked *a)
{
    pthread_mutex_lock(&lock);
    while (!a->is_done)
        pthread_cond_wait(&done, &lock);
    pthread_mutex_unlock(&lock);
    return a->job;
}

bool bed_is_done(struct bed_asked *a)
{
    pthread_mutex_lock(&lock);
    bool is = a->is_done;
    pthread_mutex_unlock(&lock);
    return is;
}
