/* What may be open at once, and who gets how much of it: connections of clients are many and cheap to make, and leave
 * enough for the links to Telegram, the files of the state and the daemon's own loops. On the main thread. */
#ifndef TGCALLD_DESCRIPTORS_H
#define TGCALLD_DESCRIPTORS_H

#include "config/settings.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"

enum {
    /* Whatever is run: the standard files, the state's lock, libuv's pipe of signals, the journal's socket, and what
     * comes and goes: files that are read and written, names that are looked up. */
    DESCRIPTORS_OWN = 16,
};

/* Raises the soft limit as far as the hard one allows. TGC_ELIMIT: that is less than LEAST, and the fault says what to
 * do. */
int descriptors_have(unsigned least, struct fault *fault) TGC_MUST;

/* The same for all that the settings ask for, with so many LISTENERS; *RET_CONNECTIONS is how many connections each
 * listener may have, *RET_STREAMS how many clients may follow events on all of them, and both are untouched where there
 * is none. */
int descriptors_share(const struct settings *s, unsigned listeners, unsigned *ret_connections, unsigned *ret_streams,
                      struct fault *fault) TGC_MUST;

/* For the sandbox alone. */
int descriptors_have_sandbox(struct fault *fault) TGC_MUST;

#endif
