/* What a change means for the members of a chat: one Updates for who acts, the same pushed to everybody else as they
 * see it. A batch lives on the stack for one change. */
#ifndef TGCALLD_SANDBOX_RPC_UPDATE_H
#define TGCALLD_SANDBOX_RPC_UPDATE_H

#include "daemon/sandbox/rpc/rpc.h"

struct update_batch {
    struct world *w;
    struct world_chat *chat;
    struct world_user *actor;
    bool actor_only;                       /* set it for what concerns nobody else */
    bool has_pts;                          /* what is told has a place in a box */
    struct world_user *other;              /* one more for "users"; NULL: none */
    const struct world_chat *speaks_as;    /* one more for "chats"; NULL: none */
    const struct world_participant *crowd; /* more for "users" */
    unsigned crowd_n;
    uint64_t invited; /* more for "users": bit N is chat->members[N] */
    struct say_mark mark;
    struct said_list *lists[WORLD_MEMBERS_MAX]; /* by member: the updates for them */
};

void update_begin(struct update_batch *b, struct world *w, struct world_chat *chat, struct world_user *actor);
/* updateGroupCall, as CALL is now. */
void update_call(struct update_batch *b, const struct world_call *call);
/* updateChannel, to the actor alone: what they may do in it is otherwise now. */
void update_rights(struct update_batch *b);
/* updateGroupCall as a min object, in layers that have those. */
void update_call_min(struct update_batch *b, const struct world_call *call);
/* updateGroupCallParticipants with P, as the call's version is now; VERSIONED: P's change counted it up. For those whom
 * the change is not about it is a min object. */
void update_participant(struct update_batch *b, const struct world_call *call, const struct world_participant *p,
                        bool versioned, bool just_joined);
/* The same with N of them in one update; PEOPLE outlive the batch; of channels
 * that they speak as, one is told of. */
void update_crowd(struct update_batch *b, const struct world_call *call, const struct world_participant *people,
                  unsigned n, bool versioned, bool just_joined);
/* UPDATE (stolen) to the actor and to who has joined CALL. */
void update_joined(struct update_batch *b, const struct world_call *call, json_t *update);
/* A message in the chat, of which ACTION and what belongs to it is set: a new message id, a new pts. */
void update_message(struct update_batch *b, struct world_message message);
/* The N messages before the chat's last one are deleted, as one update with that many pts; fewer where fewer are kept.
 */
void update_deletion(struct update_batch *b, unsigned n);
/* These N messages of a channel are deleted, none of them twice. */
void update_delete(struct update_batch *b, const int *ids, unsigned n);
/* Pushes to all others (and to the actor's other sessions) and returns what the actor is answered. */
json_t *update_finish(struct update_batch *b);
/* The same as the answer of R, which is bytes where R wants them. */
json_t *update_answer(struct update_batch *b, struct rpc *r);
/* UPDATES as the answer of R, the same way. */
json_t *update_said(struct rpc *r, const struct telling *updates);

#endif
