/* That the key by which a chat is streamed to is another one, as an event; never the key. The worker's thread. */
#ifndef TGCALLD_WORKER_TELL_STREAM_KEY_H
#define TGCALLD_WORKER_TELL_STREAM_KEY_H

#include <jansson.h>

#include "daemon/worker/tell_events.h"

/* For whom a key is revoked: the member of POST /v1/peers/{peer}/rtmp that says so is of own jobs alone, since the
 * front end lets no client give it. Left out: a request. */
#define STREAM_KEY_ROTATED_BY "rotated_by"

/* PEER: an InputPeer or a Peer. ROTATED_BY: "request", "live" or "schedule". */
void tell_stream_key(struct tell_events *t, const struct tg_account *account, const json_t *peer,
                     const char *rotated_by);

#endif
