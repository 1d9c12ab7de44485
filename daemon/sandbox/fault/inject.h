/* Faults on demand: rules {"type", "method"?, "count"?, …} that strike the next fitting event, in the order they were
 * given. */
#ifndef TGCALLD_SANDBOX_FAULT_INJECT_H
#define TGCALLD_SANDBOX_FAULT_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

enum { INJECT_RULES_MAX = 64 };

/* type, what it strikes (an answer may be told by "method", an update by "user"; "every" n: each nth of them), what it
 * does */
#define INJECT_TYPES(X)                                                                                                \
    X("rpc_error", ANSWER, "answer METHOD with rpc_error {code, message}; it is not executed")                         \
    X("delay", ANSWER, "execute METHOD at once, answer after {ms}")                                                    \
    X("no_answer", ANSWER, "execute METHOD, ack it, never answer")                                                     \
    X("drop_before", ANSWER, "close the connection before METHOD is executed")                                         \
    X("drop_after", ANSWER, "execute METHOD, close the connection before it is answered")                              \
    X("duplicate", ANSWER, "send METHOD's answer twice, the same message id")                                          \
    X("gzip", ANSWER, "send METHOD's answer as gzip_packed")                                                           \
    X("container", ANSWER, "send METHOD's answer in a container, with its ack")                                        \
    X("migrate", ANSWER,                                                                                               \
      "answer METHOD with PHONE_MIGRATE or USER_MIGRATE {dc} elsewhere; the user's home is there from now")            \
    X("reorder", ANSWER, "keep METHOD's answer back until the client's next packet was answered")                      \
    X("large", ANSWER, "append {n} empty users to the \"users\" of METHOD's answer")                                   \
    X("packet", ANSWER, "send METHOD's answer first in a packet that must be refused, by {lie}")                       \
    X("bad_server_salt", PACKET, "change the salt, refuse the next packet with bad_server_salt")                       \
    X("bad_msg", PACKET, "refuse the next packet with bad_msg_notification {code}")                                    \
    X("transport_error", PACKET, "answer the next packet with the transport error {code} and close")                   \
    X("forget_session", PACKET, "forget the session before the next packet: new_session_created")                      \
    X("forget_key", PACKET, "forget the next packet's key, with {permanent} also the one it is bound to: -404")        \
    X("handshake", PACKET, "tell {lie} in the next key exchange")                                                      \
    X("lost_update", UPDATE, "what one session is told unasked is not sent")                                           \
    X("double_update", UPDATE, "it is sent twice, in two messages")                                                    \
    X("reorder_update", UPDATE, "it is kept back until the session was told of something else")                        \
    X("too_long_update", UPDATE, "updatesTooLong is sent in its place")                                                \
    X("channel_too_long_update", UPDATE, "updateChannelTooLong is sent in place of what counts in a channel's pts")

struct inject {
    json_t *rules[INJECT_RULES_MAX];
    unsigned n;
};

void inject_fini(struct inject *in);
/* TGC_EINVAL: no such type, a bad member; TGC_ELIMIT: too many rules. COUNT defaults to 1, 0 means for ever. */
int inject_add(struct inject *in, const json_t *rule, struct fault *fault) TGC_MUST;
void inject_clear(struct inject *in);
/* The first rule of TYPE that fits METHOD (NULL: no method is known); borrowed, or NULL. */
const json_t *inject_find(const struct inject *in, const char *type, const char *method);
/* The same, counted down; a new reference, or NULL. */
json_t *inject_take(struct inject *in, const char *type, const char *method);
/* The same for what a session of USER (its id; 0: nobody is logged in) is told unasked. */
bool inject_take_update(struct inject *in, const char *type, int64_t user);
/* The rules that are left; a new reference. */
json_t *inject_list(const struct inject *in);

#endif
