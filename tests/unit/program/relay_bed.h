/* Nodes in one process that pass on what they are asked: each a relay, and a worker on a thread of its own that echoes,
 * with a database of PostgreSQL's between them. */
#ifndef TGCALLD_TESTS_RELAY_BED_H
#define TGCALLD_TESTS_RELAY_BED_H

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/relay.h"
#include "daemon/store/db.h"

enum { BED_SLOTS = 256 };

struct bed_node {
    atomic_int_least64_t id;
    struct relay *relay;
    struct workers workers;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_rung, is_held, is_ending;
    struct job *held; /* the last first */
    size_t held_n, answered_n;
};

/* A request's way back. */
struct bed_asked {
    struct job *job; /* answered; for job_free() */
    bool is_done;
};

extern struct fault bed_fault;

/* A fresh database with the cluster's tables, the account "anna" of id 1, and a seal key. For a checked fixture. */
void bed_set_up(void);
void bed_tear_down(void);
/* As the clock is, and far from any other test's. */
int64_t bed_now(void);
/* One statement; the number that it gives. */
int64_t bed_number(const char *sql);
void bed_sql(const char *sql);
/* Until the number of SQL is N. */
void bed_await_number(const char *sql, int64_t n);
/* tests/support/postgres.py WHAT. */
void bed_server(const char *what);
/* The seal key's FILE, of 64 times DIGIT; one of four static buffers. */
const char *bed_key(const char *file, char digit);

/* A node of that number, with a live row among the cluster's. It knows "anna", and holds every lease. SLOTS are its
 * relay's and its worker's. */
void bed_start(struct bed_node *n, int64_t id, size_t slots);
/* With a seal key of its own, at PATH. */
void bed_start_with(struct bed_node *n, int64_t id, size_t slots, const char *key_path);
/* Its row is gone, as of one that died. */
void bed_bury(const struct bed_node *n);
void bed_stop(struct bed_node *n);
/* Jobs stay with the worker until this is false again. */
void bed_hold(struct bed_node *n, bool is_held);
/* The relay stands still at the first job that it posts to the worker, until this is false again: on one thread. */
void bed_stall(struct bed_node *n, bool is_stalled);
/* Until the worker holds N. */
void bed_await_held(struct bed_node *n, size_t count);

/* The account of that id is in the store; and it is at the node, with its lease, or not any more, as a node says it. */
void bed_account(int64_t id, const char *account);
void bed_load(struct bed_node *n, int64_t id, const char *account);
void bed_give(struct bed_node *n, int64_t id, const char *account);

/* How often a create of the title "number N" was carried out, by all nodes since bed_set_up(). */
enum { BED_NUMBERS = 1000 };
unsigned bed_times(int number);

/* A create of the title TEXT, with a key or without (NULL), to be answered within LEFT_US. */
struct job *bed_job(const char *text, const char *key, int64_t left_us);
struct job *bed_job_of(const char *account, const char *text, int64_t left_us);
/* It goes to the node's relay. TGC_EBUSY and TGC_ECLOSED: it is freed. */
int bed_try(struct bed_node *n, struct job *job, struct bed_asked *a);
void bed_ask(struct bed_node *n, struct job *job, struct bed_asked *a);
struct job *bed_await(struct bed_asked *a);
bool bed_is_done(struct bed_asked *a);

#endif
