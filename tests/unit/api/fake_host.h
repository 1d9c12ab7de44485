/* A thread with a loop of its own for a guest (daemon/bridge/guest.h), as a worker has one. */
#ifndef TGCALLD_TESTS_API_FAKE_HOST_H
#define TGCALLD_TESTS_API_FAKE_HOST_H

#include "daemon/bridge/guest.h"

struct fake_host;

struct fake_host *fake_host_start(struct guest *guest);
/* How many turns it had. */
unsigned fake_host_turns(struct fake_host *h);
/* The guest is to leave. */
void fake_host_end(struct fake_host *h);
/* Waits until it has left and was closed. */
void fake_host_join(struct fake_host *h);

#endif
