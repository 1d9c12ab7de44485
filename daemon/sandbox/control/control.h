/* The control port: JSON over HTTP for tests and people. libmicrohttpd takes requests on a thread of its own; each is
 * answered by the loop's thread.
 *
 *   POST /fault {"type", "method"?, "count"? = 1, …}   one rule more; the answer lists those that wait
 *   POST /clear                                        no rules; wrong login codes are forgiven
 *   POST /opts {…}        sets options; the answer has all of them as they are then
 *   GET /state            users, chats, every call ever created, calls of each method, rules, options;
 *                         ids and hashes of calls are decimal strings
 *   GET /log?since=N      {"events", "next"}: what happened after event N; ask with "next" next time
 *   GET /lints            oddities of clients that were served (lint.h)
 *
 * A refusal is {"status", "detail"} with 4xx; requests with an Origin (a page in a browser) are refused.
 *
 * Types of faults are in inject.h. Those that name METHOD strike an answer and take "method" (none: any method); the
 * others strike the next packet or key exchange. "count" is how often, 0 is until POST /clear. Their other members:
 *
 *   rpc_error        code, message      packet      lie (packet_lie.h)
 *   delay            ms                 handshake   lie (daemon/mt/handshake_server.h; what a legal_… one
 *   large            n                              tells is true and must be accepted)
 *   migrate          dc                 forget_key  permanent (optional)
 *   transport_error  code (negative)    bad_msg     code (16…64)
 *
 * Options, each of which lasts, with their defaults:
 *
 *   any_dc         false  a key exchange may name any DC
 *   clock_skew_s   0      the server's clock minus the machine's
 *   salt_period_s  1800   server salts change this often and stay good for another period
 *   containers     false  every packet is a container
 *   gzip_min       0      answers and updates of at least this many bytes go gzipped; 0: none, 1: all
 *   write_size     0      bytes that go to a socket at once, 1 for single bytes; 0: all
 *   handshake      ""     a lie as above for every key exchange: legal_retry_once, legal_other_prime, …
 *   transport_pad  15     padded intermediate: at most this many bytes of padding
 *   volunteer      true   false: no updates to anybody, and a create's answer says nothing of the call that it ended */
#ifndef TGCALLD_SANDBOX_CONTROL_CONTROL_H
#define TGCALLD_SANDBOX_CONTROL_CONTROL_H

#include <uv.h>

#include "daemon/sandbox/centre/centres.h"

struct control;

/* WAKE is sent when a request waits for control_answer_pending(); S and WAKE outlive it. */
int control_start(struct centres *s, uv_async_t *wake, const char *listen, struct control **ret,
                  struct fault *fault) TGC_MUST;
/* Takes no more requests; before the loop stops, because a request that waits is answered first. */
void control_stop(struct control *c);
/* After the loop's thread has ended. */
void control_free(struct control *c);
/* NULL of NULL. */
const char *control_address(const struct control *c);
/* On the loop's thread, when WAKE was sent. */
void control_answer_pending(struct control *c);

#endif
