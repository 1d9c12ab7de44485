/* What a client sends on its line, from its bytes on: plain packets go to its key exchange, the rest to sessions. */
#ifndef TGCALLD_SANDBOX_CENTRE_HEAR_H
#define TGCALLD_SANDBOX_CENTRE_HEAR_H

#include "daemon/sandbox/centre/line.h"

/* Takes in bytes, any split. */
void hear_bytes(struct line *l, const void *data, size_t len);
/* Serves the next packet of them; false: there is none, or nothing more is heard. */
bool hear_packet(struct line *l);

#endif
