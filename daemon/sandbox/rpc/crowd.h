/* People in a call who have no client: guests, of whom there are as many as are asked for, and users of the world. They
 * do what clients do by methods, and the chat's members are told of it in the same updates; only that a guest is no
 * member of the chat is asked of nobody. */
#ifndef TGCALLD_SANDBOX_RPC_CROWD_H
#define TGCALLD_SANDBOX_RPC_CROWD_H

#include <jansson.h>

#include "daemon/base/fault.h"
#include "daemon/sandbox/world/world.h"

enum { CROWD_BATCH_MAX = 100 };

/* name, what who does it is afterwards */
#define CROWD_ACTS(X)                                                                                                  \
    X("join", "in the call; a guest where none is named")                                                              \
    X("leave", "out of it")                                                                                            \
    X("speak", "heard now: no change of the call, so its version stays")                                               \
    X("mute", "muted")                                                                                                 \
    X("unmute", "not muted: whoever may speak")                                                                        \
    X("raise_hand", "waiting to be let speak: whoever may not")                                                        \
    X("lower_hand", "not waiting any more")                                                                            \
    X("start_video", "seen: whoever may speak, where it is no stream")                                                 \
    X("stop_video", "not seen any more")

struct crowd_order {
    const char *act;
    const json_t *users; /* their ids; NULL: N guests, of those who can */
    unsigned n;
    unsigned batch; /* people an update tells of; 1 … CROWD_BATCH_MAX */
    bool speaks;    /* join: not muted, where newcomers may speak */
};

struct crowd_done {
    unsigned people, updates;
};

/* All of it, or none where somebody named cannot: TGC_EINVAL with FAULT saying who and why. Fewer guests than were
 * asked for is no error. TGC_ENOMEM: some may have acted. */
int crowd_act(struct world *w, struct world_call *call, const struct crowd_order *o, struct crowd_done *ret,
              struct fault *fault) TGC_MUST;
/* updateGroupCall to the chat's members, with a version of its own; MIN: as a min object where the layer has those. */
void crowd_tell_call(struct world *w, struct world_call *call, bool min);

/* The call is over by nobody's deed: an update says so, and no message in the chat does. */
void crowd_end_call(struct world *w, struct world_call *call);

#endif
