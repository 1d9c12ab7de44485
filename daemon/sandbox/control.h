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
#ifndef TGCALLD_SANDBOX_CONTROL_H
#define TGCALLD_SANDBOX_CONTROL_H

#include "daemon/sandbox/sandbox_internal.h"

/* --- control.c --- */
int control_start(struct sandbox *s, const char *listen, struct fault *fault) TGC_MUST;
/* Takes no more requests; before the loop stops, because a request that waits is answered first. */
void control_stop(struct sandbox *s);
/* After the loop's thread has ended. */
void control_free(struct sandbox *s);
const char *control_address(const struct control *c);
/* On the loop's thread, when s->job was sent. */
void control_answer_pending(struct sandbox *s);

/* --- control_opts.c --- */
/* The options as they are; a new reference. */
json_t *control_opts(const struct sandbox *s);
/* Takes all MEMBERS or none: NULL, or the name of the first that is wrong. */
const char *control_opts_set(struct sandbox *s, const json_t *members);

/* --- control_routes.c --- */
/* The answer (a new reference) and *RET_STATUS. BODY is NULL where there is none. */
json_t *control_route(struct sandbox *s, const char *method, const char *path, uint64_t since, const json_t *body,
                      unsigned *ret_status);

#endif
