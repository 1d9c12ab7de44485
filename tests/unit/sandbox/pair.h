/* One server and one client of it, for suites over a real socket: data centre 1, layer 229, intermediate framing. */
#ifndef TGCALLD_TESTS_SANDBOX_PAIR_H
#define TGCALLD_TESTS_SANDBOX_PAIR_H

#include "tests/unit/sandbox/raw.h"

extern struct server pair_server;
extern struct raw pair_client;
/* The body of a ping. */
extern const uint8_t pair_ping[12];

/* A checked fixture. */
void pair_setup(void);
void pair_teardown(void);

/* The client's next message with this constructor, see raw_expect(). */
struct raw_message pair_next(uint32_t id);
/* The smallest query there is, encoded; sent too: its message id. */
void pair_encode_nearest(struct buf *b);
uint64_t pair_ask_nearest(void);

/* R pings, and has its pong. */
void pair_is_heard(struct raw *r);
/* How often this oddity was noted. */
int pair_lints(const char *lint);

/* Rules and options of the control port, which must be taken. */
void pair_fault(const char *rule);
void pair_opts(const char *members);

#endif
