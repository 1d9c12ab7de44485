/* An event log, what is said to it, and what its readers and its disk are told. */
#ifndef TGCALLD_TESTS_BRIDGE_EVENTS_BED_H
#define TGCALLD_TESTS_BRIDGE_EVENTS_BED_H

#include "daemon/bridge/events.h"

/* Most know no disk: what is appended is shown at once. What CONFIG leaves out is enough for a few events. */
struct events *log_make(struct events_config config);
int log_say(struct events *e, const char *account, const char *data);
void log_says(struct events *e, const char *data);
/* "ID:DATA" of all after AFTER that are in memory, with spaces between; gaps as "ID:gap(AFTER)". One static buffer. */
const char *log_told(struct events *e, uint64_t after);
/* Takes what is to be written: "ID:DATA" or "ID:gap". One static buffer. */
const char *log_taken(struct events *e, uint64_t *ret_reserved);
/* A reader's wake, which counts in an int. */
void log_count_wake(void *ctx);

#endif
