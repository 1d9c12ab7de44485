/* What is kept of a message: enough to show it to anybody. Plain data. */
#ifndef TGCALLD_SANDBOX_WORLD_MESSAGE_H
#define TGCALLD_SANDBOX_WORLD_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

enum world_action {
    WORLD_ACTION_CALL,       /* it began; with VALUE >= 0 it ended after so many seconds */
    WORLD_ACTION_SCHEDULED,  /* for VALUE */
    WORLD_ACTION_INVITE,     /* of the members in INVITED */
    WORLD_ACTION_CONFERENCE, /* somebody is invited to one; VALUE: enum world_ring */
    WORLD_ACTION_NONE,       /* somebody says TEXT */
    WORLD_ACTION_CUSTOM,     /* a service message that says TEXT */
    WORLD_ACTION_DELETED,    /* no message: the one with this id is gone */
};

enum { WORLD_SAID_MAX = 48 /* bytes of TEXT and its end: there is one for each member of each chat */ };

enum world_ring { WORLD_RING_VIDEO = 1, WORLD_RING_MISSED = 2 };

struct world_message {
    int id; /* 0: there is none */
    int date;
    int64_t chat_id;
    bool is_basic;    /* the chat */
    bool is_post;     /* the chat speaks for itself */
    bool is_private;  /* there is no chat: CHAT_ID is the other user */
    bool is_edit;     /* it is the new form of what was said before */
    int other_id;     /* private: its id on the other side */
    int64_t actor_id; /* the user */
    enum world_action action;
    int64_t call_id, call_hash;
    int64_t value;
    uint64_t invited; /* bit N: chat->members[N] */
    char text[WORLD_SAID_MAX];
};

struct world_event {
    int pts;
    struct world_message message;
};

#endif
