/* Notices in the log for who tries a client: a few about each key. */
#ifndef TGCALLD_SANDBOX_CENTRE_TELL_H
#define TGCALLD_SANDBOX_CENTRE_TELL_H

#include "daemon/sandbox/centre/invocation.h"

/* WHAT the layer does not have; what to do about it is said where the layer is not the client's. */
void tell_unknown(struct invocation *v, const char *what);
/* Where the client's layer is not loaded. */
void tell_other_layer(struct invocation *v);
/* A method of the layer that the sandbox does not have. */
void tell_unserved(struct invocation *v);

#endif
