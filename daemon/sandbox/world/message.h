/* What is kept of a service message: enough to show it to anybody. Plain data. */
#ifndef TGCALLD_SANDBOX_WORLD_MESSAGE_H
#define TGCALLD_SANDBOX_WORLD_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

enum world_action {
    WORLD_ACTION_CALL,      /* it began; with VALUE >= 0 it ended after so many seconds */
    WORLD_ACTION_SCHEDULED, /* for VALUE */
    WORLD_ACTION_INVITE,    /* of the members in INVITED */
};

struct world_message {
    int id; /* 0: there is none */
    int date;
    int64_t chat_id;
    bool is_basic;    /* the chat */
    bool is_post;     /* the chat speaks for itself */
    int64_t actor_id; /* the user */
    enum world_action action;
    int64_t call_id, call_hash;
    int64_t value;
    uint64_t invited; /* bit N: chat->members[N] */
};

struct world_event {
    int pts;
    struct world_message message;
};

#endif
