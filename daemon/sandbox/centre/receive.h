/* A packet of a client, decrypted: judged, taken apart, and each of its messages given to whom it is for. */
#ifndef TGCALLD_SANDBOX_CENTRE_RECEIVE_H
#define TGCALLD_SANDBOX_CENTRE_RECEIVE_H

#include "daemon/sandbox/centre/session.h"

/* May close L; may free sessions of A, and A. */
void receive_packet(struct line *l, struct auth *a, const struct mt_message *m);

#endif
