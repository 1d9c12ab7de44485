/* A tunnel and the proxy at its other end, as a script of bytes. */
#ifndef TGCALLD_TESTS_WIRE_TUNNELS_H
#define TGCALLD_TESTS_WIRE_TUNNELS_H

#include "daemon/wire/tunnel.h"
#include "tests/support/unit.h"

struct talk {
    const char *proxy;
    struct tunnel_target target;
    const char *answers; /* all that the proxy says, in hex */
    /* What comes of it. */
    const char *sent; /* all that the client says, in hex; NULL: not looked at */
    int err;
    const char *text;  /* of the fault */
    const char *clear; /* in hex */
};

/* Plays it whole, and byte by byte; a talk without an error ends with an open tunnel. */
void talk_play(const struct talk *talk);
/* A talk that goes well is cut off after each byte but the last: the tunnel waits, and says for what. */
void talk_cut(const struct talk *talk);

#define TARGET_V4                                                                                                      \
    {                                                                                                                  \
        .address = {127, 0, 0, 2}, .port = 443                                                                         \
    }
#define TARGET_V6                                                                                                      \
    {                                                                                                                  \
        .v6 = true, .address = {0x20, 1, 0x0d, 0xb8, [15] = 1}, .port = 0x1234                                         \
    }

#endif
