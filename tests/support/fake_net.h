/* daemon/net without sockets: a program that links these files instead of libnet.a has its loops, timers, links and
 * work off the loop, on a clock that is turned by hand. Nothing happens but inside fake_net_advance() and its kin, and
 * then in the order of time; a link is a pipe to a server object (fake_listener) that answers here, in the same thread.
 *
 *     fake_net_init(&net);
 *     fake_net_listen(&net, "127.0.0.1", 443, &listener, server);
 *     …make what is tested, with net.loop and &net.clock.source…
 *     fake_net_advance(&net, 5 * SECOND_US);
 *     …take down what was tested…
 *     fake_net_fini(&net);
 */
#ifndef TGCALLD_TESTS_FAKE_NET_H
#define TGCALLD_TESTS_FAKE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/net/link.h"
#include "daemon/net/loop.h"
#include "tests/support/fake_clock.h"

enum { FAKE_NET_LATENCY_US = 10000 };

struct fake_net {
    struct fake_clock clock;
    struct net_loop *loop;
};

void fake_net_init(struct fake_net *net);
/* Fails the test where a timer, a wake-up or a link was left. */
void fake_net_fini(struct fake_net *net);

/* Time passes, and all that is due in it runs, each at its own time. Fails the test where something is due again and
 * again without time passing. */
void fake_net_advance(struct fake_net *net, int64_t us);
/* The same until DONE says so (it is asked before, and after each event): whether it did within AT_MOST_US. The clock
 * stands where it did. */
bool fake_net_run_until(struct fake_net *net, bool (*done)(void *ctx), void *ctx, int64_t at_most_us);
/* Microseconds to the next event; INT64_MAX where there is none. */
int64_t fake_net_next(const struct fake_net *net);

/* --- servers --- */

struct fake_listener {
    /* A client connected. What is returned comes with the calls below. */
    void *(*on_accept)(void *ctx, struct net_link *link);
    void (*on_packet)(void *conn, const uint8_t *data, size_t len);
    /* The client closed it: no call comes any more, and the link may not be used. */
    void (*on_closed)(void *conn);
};

/* HOST is compared as it is written. Where nobody listens, connections are refused. */
void fake_net_listen(struct fake_net *net, const char *host, uint16_t port, const struct fake_listener *listener,
                     void *ctx);
enum fake_address { FAKE_LISTENS, FAKE_REFUSES, FAKE_IS_SILENT };
/* What a new connection meets at an address where somebody listens. */
void fake_net_set_address(struct fake_net *net, const char *host, uint16_t port, enum fake_address state);

/* How often it was dialled. A proxy is dialled in place of what it is to lead to. */
unsigned fake_net_dials(const struct fake_net *net, const char *host, uint16_t port);

/* The time that a packet takes, each way. */
void fake_net_set_latency(struct fake_net *net, int64_t us);
/* While it is dead, what is sent on any link is lost in silence, and nobody is told of an end. */
void fake_net_set_dead(struct fake_net *net, bool is_dead);

/* The server's side of a link; from the calls above or from the test. */
void fake_link_send(struct net_link *link, const void *data, size_t len);
void fake_link_send_error(struct net_link *link, int32_t code);
/* The server closes: what it sent before still comes. No call of the listener's comes any more, and the link may not be
 * used. */
void fake_link_drop(struct net_link *link);
/* The same with a reset: what is on its way is lost. */
void fake_link_reset(struct net_link *link);

#endif
