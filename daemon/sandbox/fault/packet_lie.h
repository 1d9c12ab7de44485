/* Packets that a client must refuse ("Security Guidelines for Client Developers"), one lie each. */
#ifndef TGCALLD_SANDBOX_FAULT_PACKET_LIE_H
#define TGCALLD_SANDBOX_FAULT_PACKET_LIE_H

#include "daemon/mt/packed.h"

/* name, text */
#define PACKET_LIES(X)                                                                                                 \
    X(MSG_KEY, "msg_key")             /* the ciphertext is not what msg_key was made of */                             \
    X(KEY_ID, "key_id")               /* another authorization key */                                                  \
    X(NOT_16, "not_16")               /* a ciphertext of 16 n + 4 bytes */                                             \
    X(SESSION_ID, "session_id")       /* another session */                                                            \
    X(EVEN_MSG_ID, "even_msg_id")     /* a client's id */                                                              \
    X(OLD_MSG_ID, "old_msg_id")       /* 400 s ago */                                                                  \
    X(FUTURE_MSG_ID, "future_msg_id") /* in 100 s */                                                                   \
    X(LENGTH_LONG, "length_long")     /* the length passes the end */                                                  \
    X(LENGTH_NEGATIVE, "length_negative")                                                                              \
    X(LENGTH_ODD, "length_odd")       /* no multiple of 4 */                                                           \
    X(PADDING_SHORT, "padding_short") /* less than 12 bytes */                                                         \
    X(PADDING_LONG, "padding_long")   /* more than 1024 bytes */

enum packet_lie {
    PACKET_LIE_NONE,
#define X(name, text) PACKET_LIE_##name,
    PACKET_LIES(X)
#undef X
};

/* By its text; PACKET_LIE_NONE where there is none of that name. */
enum packet_lie packet_lie_find(const char *text);
/* As mt_packed_seal() to a client, with LIE told. */
int packet_lie_seal(const struct mt_auth_key *key, const struct mt_message *m, enum packet_lie lie,
                    const struct random_source *random, struct buf *out) TGC_MUST;

#endif
