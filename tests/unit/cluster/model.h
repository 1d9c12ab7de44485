/* A world of nodes over one database, in which everything that may go wrong does, by a seed. Real time is microseconds
 * from 0; every machine has clocks of its own, which are off by days and run up to 1 % fast or slow. */
#ifndef TGCALLD_TESTS_CLUSTER_MODEL_H
#define TGCALLD_TESTS_CLUSTER_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/cluster/node.h"
#include "tests/unit/cluster/database.h"

/* The leases are those of accounts and, as the first of them, the lead. */
enum { MODEL_PLACES = 5, MODEL_ACCOUNTS = 14, MODEL_SHARED = MODEL_ACCOUNTS - 1 };

#define MODEL_LEASE_US INT64_C(6000000)

struct model_clock {
    int64_t off_us;
    int32_t ppm;
};

/* A place for a process: its machine, and who runs there. */
struct model_place {
    struct model_clock clock;
    unsigned life;             /* of which process: what is under way for one before it comes to nobody */
    struct cluster_node *node; /* NULL: no process runs */
    char name[16];
    int64_t stopped_until_us; /* by SIGSTOP; 0: it runs */
    bool is_leaving;
    int64_t wake_us;
    struct cluster_node_row watched; /* the newest of its name, when the process before ended; id 0: none */
    int64_t watched_us;              /* by the place's clock */
    bool runs[MODEL_ACCOUNTS];       /* the worker has traffic of it, as far as the gate lets it */
    int64_t epochs[MODEL_ACCOUNTS], ids[MODEL_ACCOUNTS]; /* as it was told to start */
};

enum model_kind { MODEL_ARRIVES, MODEL_ANSWERED, MODEL_STOPPED, MODEL_READY, MODEL_HINT, MODEL_WRITE, MODEL_CHAOS };

struct model_event {
    int64_t at_us;
    uint64_t seq;
    enum model_kind kind;
    unsigned place, life;
    bool is_silent; /* ARRIVES: nobody hears the answer */
    struct cluster_statement *statement;
    struct database_nodes *seen; /* ARRIVES: a take that has begun, and waits for its rows */
    struct database_answer *answer;
    int64_t account, epoch, id;
};

struct model_line {
    struct model_event *heap;
    size_t n, cap;
    uint64_t seq;
};

void model_line_put(struct model_line *line, struct model_event e);
struct model_event model_line_take(struct model_line *line);

struct model {
    uint64_t seed, random;
    int64_t now_us;
    bool is_calm;   /* nothing goes wrong any more */
    bool has_steps; /* the database's clock is set forward and back */
    int64_t away_until_us;
    struct model_clock db_clock;
    struct database db;
    struct cluster_lease_row leases[MODEL_ACCOUNTS];
    struct model_place places[MODEL_PLACES];
    struct model_line line;
    int64_t orders; /* given so far */
    /* for the checks */
    int64_t epochs[MODEL_ACCOUNTS], accepted[MODEL_ACCOUNTS], started[MODEL_ACCOUNTS], starter[MODEL_ACCOUNTS];
    int64_t unheld_since_us[MODEL_ACCOUNTS]; /* -1: it is held */
    int64_t gap_us;                          /* the longest time without, since it was set to 0 */
    /* how often what happened: so that no seed of all tests nothing */
    struct {
        uint64_t kills, stops, terms, aways, late, lapses, buried, moves, refused_writes, writes;
    } seen;
};

void model_init(struct model *m, uint64_t seed);
void model_fini(struct model *m);
uint64_t model_random(struct model *m, uint64_t below);
/* In LOW … HIGH. */
int64_t model_between(struct model *m, int64_t low, int64_t high);

int64_t model_clock_us(const struct model_clock *c, int64_t real_us);
/* By the clock of a place, now. */
int64_t model_here_us(const struct model *m, const struct model_place *p);

void model_start(struct model *m, struct model_place *p, const char *name);
void model_kill(struct model *m, struct model_place *p);
void model_term(struct model *m, struct model_place *p);
/* Goes on until UNTIL_US; true before that, as soon as DONE says so. */
bool model_run(struct model *m, int64_t until_us, bool (*done)(const struct model *m));
/* An event of chaos now and then until it is calm. */
void model_begin_chaos(struct model *m);
/* Ends all faults; of one name one process stays. */
void model_end_chaos(struct model *m);

/* model_check.c: what must be true after each step. Fails the test, naming the seed. */
void model_check(struct model *m);
void model_check_start(struct model *m, const struct model_place *p, const struct cluster_order *order);
void model_check_write(struct model *m, const struct model_event *e, bool is_accepted);
/* Whether an account of the place may have traffic this moment. */
bool model_is_capable(const struct model *m, const struct model_place *p, size_t account);
bool model_is_all_held(const struct model *m);
/* The place that has it; MODEL_PLACES: none. */
size_t model_holder(const struct model *m, size_t account);
/* How many accounts it has. */
size_t model_count(const struct model *m, const struct model_place *p);
size_t model_alive(const struct model *m);

#endif
