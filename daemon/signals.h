/* Signals as values: blocked in every thread, taken by main. */
#ifndef TGCALLD_SIGNALS_H
#define TGCALLD_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Before the first thread: SIGINT, SIGTERM and SIGHUP wait, SIGPIPE is ignored. */
void signals_block(sigset_t *ret_set);
/* The next of them. */
int signals_wait(const sigset_t *set);
/* Whether SIGINT or SIGTERM came meanwhile; takes what waits. */
bool signals_came(const sigset_t *set);
/* From now on another SIGINT or SIGTERM ends the process at once. */
void signals_release(const sigset_t *set);

#endif
