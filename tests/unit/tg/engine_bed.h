/* The update engine, by what comes, when, and what it tells and asks for. What is told is written down in short: cN is
 * a step of the common sequence to N, kN of the channel's, qN of qts, sN an update without a sequence, n and N a
 * message of a difference, ! what was missed, + that calls are to be read again. */
#ifndef TGCALLD_TESTS_TG_ENGINE_BED_H
#define TGCALLD_TESTS_TG_ENGINE_BED_H

#include "daemon/tg/updates/engine.h"

extern struct updates *u;
extern char told[4096];                /* since it was last expected */
extern unsigned changes;               /* of what is to be kept */
extern int64_t now;                    /* its clock, in microseconds */
extern struct updates_need need;       /* the question that was asked last */
extern const struct updates_ears ears; /* what writes all of that down */

#define NOW (100 * SECOND_US)
#define STATE(pts) "{'_':'updates.state','pts':" #pts ",'qts':5,'date':50,'seq':7,'unread_count':0}"
#define C(pts) "{'_':'updateDeleteMessages','messages':[],'pts':" #pts ",'pts_count':1}"
#define K(pts) "{'_':'updateDeleteChannelMessages','channel_id':'6001','messages':[],'pts':" #pts ",'pts_count':1}"
#define Q(qts) "{'_':'updateBotStopped','user_id':'1','date':1,'stopped':true,'qts':" #qts "}"
#define S(n) "{'_':'updateChat','chat_id':'" #n "'}"
#define BEHIND(pts) "{'_':'updateChannelTooLong','channel_id':'6001','pts':" #pts "}"
#define IN(updates) "{'_':'updates','updates':[" updates "],'users':[],'chats':[],'date':60,'seq':0}"
#define SEQ(updates, seq) "{'_':'updates','updates':[" updates "],'users':[],'chats':[],'date':60,'seq':" #seq "}"
#define MESSAGE(peer) "{'_':'messageService','id':1,'peer_id':" peer ",'date':1,'action':{'_':'messageActionEmpty'}}"
#define OF_CHAT "{'_':'peerChat','chat_id':'5001'}"
#define OF_CHANNEL "{'_':'peerChannel','channel_id':'6001'}"
#define DIFFERENCE(messages, updates, state)                                                                           \
    "{'_':'updates.difference','new_messages':[" messages "],'new_encrypted_messages':[],'other_updates':[" updates    \
    "],'chats':[],'users':[],'state':" state "}"
#define SLICE(messages, updates, state)                                                                                \
    "{'_':'updates.differenceSlice','new_messages':[" messages                                                         \
    "],'new_encrypted_messages':[],'other_updates':[" updates "],'chats':[],'users':[],'intermediate_state':" state    \
    "}"
#define EMPTY "{'_':'updates.differenceEmpty','date':61,'seq':7}"
#define OF_THE_CHANNEL(final, pts, messages, updates)                                                                  \
    "{'_':'updates.channelDifference','final':" #final ",'pts':" #pts ",'new_messages':[" messages                     \
    "],'other_updates':[" updates "],'chats':[],'users':[]}"
#define CHANNEL_EMPTY(pts) "{'_':'updates.channelDifferenceEmpty','final':true,'pts':" #pts "}"

/* The state is not known yet, the time is NOW. */
void engine_set_up(void);
void engine_tear_down(void);

/* Something comes; as the answer to a request about a channel. */
void feed(const char *text);
void feed_of(const char *text, int64_t channel_id);
/* The answer to `need`. */
void answer(const char *text);

void expect_told(const char *want);
void expect_asked(enum updates_question question, int pts);
void expect_nothing_asked(void);
/* Time goes on until something is due; how long that was. */
int64_t until_due(void);

#endif
