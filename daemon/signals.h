/* Signals as values: blocked in every thread and taken, the moment they come, by a thread of their own, so that two
 * right behind each other are two. The first SIGINT or SIGTERM asks for a stop, the second to hurry it; the third ends
 * the process at once, as if it had never been blocked, wherever the stop may hang. */
#ifndef TGCALLD_SIGNALS_H
#define TGCALLD_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"

struct signals;

/* Before any other thread: SIGINT, SIGTERM and SIGHUP are blocked in all, SIGPIPE is ignored. TGC_ENOMEM, TGC_ESYSTEM.
 */
int signals_new(struct signals **ret) TGC_MUST;
/* When all is done: they stay blocked, so that none that comes now spoils the end. NULL is fine. */
void signals_free(struct signals *s);

/* Waits: SIGHUP where one came that was not yet given out, else the SIGINT or SIGTERM that asked for the stop. */
int signals_wait(struct signals *s);
/* The same, at most until DUE_US (clock_system's monotonic; INT64_MAX: for ever): 0 where none came. */
int signals_wait_until(struct signals *s, int64_t due_us);
/* Ends a wait that there is, or else the next one, as if its time were over. Any thread. */
void signals_nudge(struct signals *s);
/* Whether a second SIGINT or SIGTERM came. Any thread. */
bool signals_hurry(struct signals *s);

#endif
