#include "daemon/descriptors.h"

#include <sys/resource.h>

#include "api/server.h"

enum {
    /* More are of no use, and some systems have no end. */
    LIMIT_MAX = 65536,
    /* An event loop: what it polls by, what wakes it, libuv's pipe of signals, and a spare one for a full table. */
    LOOP = 5,
    /* Two data centres, and the control port with what it waits by. */
    SANDBOX = LOOP + 5,
    /* The socket for upkeep, its folder, what stops it; and who asks, with two files of a copy. */
    UPKEEP = 6,
    /* The fewest with which there is any use in running. */
    LINKS_MIN = 4,
    CONNECTIONS_MIN = 8,
    /* Of each loop. */
    STREAMS_MIN = 1,
};

static unsigned raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 0;
    rlim_t best = limit.rlim_max < LIMIT_MAX ? limit.rlim_max : LIMIT_MAX;
    if (limit.rlim_cur < best) {
        limit.rlim_cur = best;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0 && getrlimit(RLIMIT_NOFILE, &limit) < 0)
            return 0;
    }
    return limit.rlim_cur < LIMIT_MAX ? (unsigned)limit.rlim_cur : LIMIT_MAX;
}

int descriptors_have(unsigned least, struct fault *fault)
{
    unsigned limit = raise_limit();

    if (limit >= least)
        return 0;
    return fault_set(fault, TGC_ELIMIT,
                     "only %u descriptors may be open at once, and at least %u are needed: raise the limit "
                     "(LimitNOFILE= of the unit, ulimit -Hn of the shell)",
                     limit, least);
}

int descriptors_share(const struct settings *s, unsigned listeners, unsigned *ret_connections, unsigned *ret_streams,
                      struct fault *fault)
{
    bool sandbox = s->environment == SETTINGS_SANDBOX;
    /* Each worker has a part of them. */
    unsigned connections_min = s->workers < CONNECTIONS_MIN ? CONNECTIONS_MIN : (unsigned)s->workers;
    unsigned least = DESCRIPTORS_OWN + UPKEEP + s->workers * (LOOP + API_DESCRIPTORS_LOOP + STREAMS_MIN) +
                     API_DESCRIPTORS + s->workers * listeners * API_DESCRIPTORS_DOOR +
                     (sandbox ? SANDBOX + LINKS_MIN : 0) + LINKS_MIN + listeners * connections_min;
    int err = descriptors_have(least, fault);

    if (err || listeners == 0)
        return err;
    /* Of what is left one half is for clients, a third of that for those who follow events; each account's links come
     * out of the other. */
    unsigned clients = (raise_limit() - least) / 2, streams = s->workers * STREAMS_MIN + clients / 3;
    *ret_streams = streams < API_STREAMS_MAX ? streams : API_STREAMS_MAX;
    unsigned share = connections_min + (clients - clients / 3) * 8 / (8 * listeners + 1);
    *ret_connections = share < API_CONNECTIONS_MAX ? share : API_CONNECTIONS_MAX;
    return 0;
}

int descriptors_have_sandbox(struct fault *fault)
{
    return descriptors_have(DESCRIPTORS_OWN + SANDBOX + LINKS_MIN, fault);
}
