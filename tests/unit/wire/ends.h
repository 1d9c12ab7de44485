/* Ends of a stream for the tests of daemon/wire; every function fails the test where the library fails. */
#ifndef TGCALLD_TESTS_WIRE_ENDS_H
#define TGCALLD_TESTS_WIRE_ENDS_H

#include "daemon/wire/wire.h"
#include "tests/support/unit.h"

enum { ENDS_PACKET_MAX = 1 << 20 };

struct wire *end_client(enum wire_framing framing, bool obfuscated, const struct random_source *random);
/* The same, obfuscated, and hidden by an MTProxy's secret where there is one. */
struct wire *end_client_of_proxy(enum wire_framing framing, const struct random_source *random, const uint8_t *secret,
                                 int16_t dc);
struct wire *end_server_of_proxy(const struct random_source *random, const uint8_t *secret);
struct wire *end_server(const struct random_source *random);

void end_feed(struct wire *w, const void *data, size_t len);
void end_feed_hex(struct wire *w, const char *hex);
struct wire_packet end_next(struct wire *w);
/* The error of wire_next(), with the fault's text set. */
int end_next_error(struct wire *w);

/* A random source that gives BYTES from the front and, after the last one, zeros. */
struct script {
    const uint8_t *bytes;
    size_t len, at;
};
struct random_source script_source(struct script *s);

#endif
