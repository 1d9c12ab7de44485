/* Whether somebody listens at an address: TCP alone, nothing is said there. So it is nobody's login that is used, and
 * which of several nodes holds a lease does not matter (net/gate.h). */
#ifndef TGCALLD_CTL_REACH_H
#define TGCALLD_CTL_REACH_H

#include <stddef.h>

#include "daemon/base/address.h"

enum { REACH_MAX = 128, REACH_FOUND_SIZE = 64, REACH_WHY_SIZE = 128 };

struct reach {
    struct address address;
    char found[REACH_FOUND_SIZE]; /* what a name was found to be: an IP address; "": not found */
    char why[REACH_WHY_SIZE];     /* why nobody answers; "": somebody does */
    int fd;                       /* while it is tried */
};

/* Tries all N (at most REACH_MAX) addresses at once, names after they were looked up one by one, until each has
 * answered or TIMEOUT_MS have passed since. Sets all but `address`. */
void reach_all(struct reach *places, size_t n, int timeout_ms);

#endif
