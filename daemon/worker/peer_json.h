/* A Peer as a call's answer bears it: {"_": "peerChannel", "channel_id": "6001"}. */
#ifndef TGCALLD_WORKER_PEER_JSON_H
#define TGCALLD_WORKER_PEER_JSON_H

#include <jansson.h>

#include "daemon/base/peer_text.h"

/* NULL where memory is gone. */
json_t *peer_json(enum peer_kind kind, int64_t id);

#endif
