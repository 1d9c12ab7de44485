/* The sandbox's data centres on a desk: a seeded world, a fake clock, no sockets, no loop, no threads. What the code
 * under test logs as an error is a broken promise. One at a time. */
#ifndef TGCALLD_TESTS_FUZZ_DC_H
#define TGCALLD_TESTS_FUZZ_DC_H

#include "daemon/sandbox/centre/line.h"
#include "tests/fuzz/fuzz.h"

enum { DC_LINES_MAX = 8, DC_ALICE = 1001, DC_BOB = 1002, DC_CAROL = 1003 };

/* One connection as its client has it. */
struct dc_line {
    struct line *line; /* NULL: closed; what was written before is still in IN */
    struct buf in;     /* what the server wrote */
};

struct dc {
    struct centres s;
    int64_t wall_us; /* turn it to let time pass */
    struct clock_source clock;
    struct dc_line lines[DC_LINES_MAX];
    /* What the last look at the world found, for what may only grow. */
    size_t calls_n;
    int64_t pts_sum;
};

/* D is zeroed first. SEEDED: the same random numbers in every run, from this seed. */
void dc_init(struct dc *d, uint64_t seed);
void dc_fini(struct dc *d);

/* A new client of data centre 1 or 2. */
void dc_connect(struct dc *d, struct dc_line *line, int dc);
/* Bytes of the client; then everything that follows at once has happened. */
void dc_feed(struct dc *d, struct dc_line *line, const void *data, size_t len);
/* The client hangs up. */
void dc_hang_up(struct dc *d, struct dc_line *line);
/* Every timer that is set strikes. */
void dc_strike(struct dc *d);

/* An authorization key made of N; DC's only. */
struct auth *dc_add_key(struct dc *d, int dc, uint8_t n, bool temporary);
/* Its bytes again: the client's. */
struct mt_auth_key *dc_key(uint8_t n);
/* Logs the key in without the flow; 0: nobody. */
void dc_log_in(struct dc *d, struct auth *a, int64_t user_id);

/* Bob's password as a client proves it: x of SRP. */
const uint8_t *dc_bob_x(void);

/* The promises of world.h, keys.h and session.h about their own data. */
void dc_check(struct dc *d);
/* A number that stands for all calls, who is in them, and what was told: what a refused query leaves as it is. */
uint64_t dc_digest(const struct dc *d);

#endif
