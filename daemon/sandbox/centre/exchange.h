/* The key exchange on a line. */
#ifndef TGCALLD_SANDBOX_CENTRE_EXCHANGE_H
#define TGCALLD_SANDBOX_CENTRE_EXCHANGE_H

#include "daemon/sandbox/centre/line.h"

/* A packet without a key. */
void exchange_hear(struct line *l, const uint8_t *packet, size_t len);
/* It is over: its last answers are not asked for again. */
void exchange_drop(struct line *l);

#endif
