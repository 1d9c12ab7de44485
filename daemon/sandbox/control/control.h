/* The control port: JSON over HTTP for tests and people. libmicrohttpd takes requests on a thread of its own; each is
 * answered by the loop's thread.
 *
 *   POST /fault {"type", "method"?, "count"? = 1, …}   one rule more; the answer lists those that wait
 *   POST /clear                                        no rules; what was done too often for a number is forgotten
 *   POST /opts {…}        sets options; the answer has all of them as they are then
 *   POST /account {…}     what Telegram does to an account, below
 *   POST /move {"dc", "address"? = "127.0.0.1:0"}   the data centre listens there and takes no more clients where it
 *                         did; those that are connected stay, and all are told (updateDcOptions): {"dc", "address"}.
 *                         With "told": true it stays where it is, and only tells that address (of what stands before
 * it) POST /calls/ID/ACT    people without a client in a call, below POST /messages {…}    what people without a client
 * say in a chat, below GET /state            users, chats, every call ever created, calls of each method, rules,
 * options; ids and hashes of calls are decimal strings GET /log?since=N      {"events", "next"}: what happened after
 * event N; ask with "next" next time. Each connection has a number, which its key_exchange (the beginning), the key
 * that it made and each rpc bear GET /lints oddities of clients that were served (lint.h) GET /accounts         the
 * extra users' logins, each with its key: {"accounts":
 * [{"user", "phone", "dc", "key"}]}
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
 * lost_update, double_update, reorder_update, too_long_update and channel_too_long_update strike what sessions are told
 * unasked, the last one what counts in a channel's pts, and take "user" (an id: only theirs) and "every" (each so
 * many).
 *
 * POST /account {"user": id, or "phone", "act", …} lasts as long as the process. What ends logins closes their
 * connections, and the answer says how many there were: {"keys"}.
 *
 *   duplicate        the user's keys are dead: 406 AUTH_KEY_DUPLICATED, whatever is asked under them
 *   revoke  error?   the user's logins are over: 401 SESSION_REVOKED, AUTH_KEY_UNREGISTERED, SESSION_EXPIRED or
 *                    AUTH_KEY_INVALID
 *   ban     error?   the same with 401 USER_DEACTIVATED_BAN or USER_DEACTIVATED, and no login: PHONE_NUMBER_BANNED
 *   freeze  seconds? the user may only read: 420 FROZEN_METHOD_INVALID, and help.getAppConfig says so; until then, or
 *                    for good
 *   restore          neither banned nor frozen any more
 *
 * POST /calls/ID/ACT {"n"? = 1, "batch"? = 1} has N guests do it, of those who can: join, leave, speak, mute, unmute,
 * raise_hand, lower_hand, start_video, stop_video (crowd.h says whom each leaves how). Guests are users 300001 and on,
 * made when they are needed, in no chat; {"users": [id, …]} in place of N names whom it is. The members of the chat are
 * told of BATCH people by each update. "speaks" (join): they are not muted, where newcomers may speak. The answer is
 * {"people", "updates", "version", "participants_count"}. ACT count {"min"?} sends updateGroupCall, and ACT end
 * ends the call by nobody's deed: no message says who.
 *
 * POST /rights {"user", "chat", "manage_call"? = false}: an admin of a channel or supergroup may manage its calls, or
 * not any more, and is told (updateChannel).
 *
 * POST /messages {"chat": id, "from"? = its creator, "count"? = 1, "text"? = "message", "service"? = false} has a
 * member say it, each time in an update of its own; where there are several, a number follows the text. {"chat",
 * "from"?, "delete": N} deletes the N messages before the chat's last one, in one update with so many pts. The answer
 * is the
 * {"pts"} of the channel, or of who says it in a basic group.
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
 *   code_timeout_s 60     a login code may be sent another way after this many seconds; 0: at once
 *   email_login    ""     "set_up": a login needs an e-mail address first, in layers that know of them; "code": its
 *                         code goes by e-mail. The code is 123456
 *   login_layer_min 0     logins in older layers are refused: 406 UPDATE_APP_TO_LOGIN
 *   codes_max      0      so many login codes for one number in a day, then 400 PHONE_NUMBER_FLOOD; 0: any
 *   passwords_max  0      so many wrong passwords for one number in a day, then 420 FLOOD_WAIT_n, and 406
 *                         PHONE_PASSWORD_FLOOD for who asks for a code; 0: any
 *   volunteer      true   false: no updates to anybody, and a create's answer says nothing of the call that it ended
 *   seq            false  containers of what has no pts (updateGroupCall, …) are numbered, each user's for themselves,
 * so that a lost one shows; else their seq is 0, and they come in any order */
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
