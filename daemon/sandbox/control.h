/* The control port: JSON over HTTP for tests and people. libmicrohttpd takes requests on a thread of its own; each is
 * answered by the loop's thread.
 *   POST /fault {"type", "method"?, "count"? = 1, …}  one rule more (inject.h has the types); the rules that wait
 *   POST /clear                                       no rules
 *   POST /opts {"any_dc"?, "transport_pad"?, "gzip_min"?, "clock_skew_s"?, "salt_period_s"?}   all options as they are
 * then GET /state   users, chats, every call ever created (ids and hashes as decimal strings), calls of each method,
 * rules GET /log?since=N   {"events", "next"}: what happened after event N; "next" is the number to ask with next time
 *   GET /lints   oddities of clients that were served
 * A refusal is {"status", "detail"} with 4xx; requests with an Origin (a page in a browser) are refused. */
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

/* --- control_routes.c --- */
/* The answer (a new reference) and *RET_STATUS. BODY is NULL where there is none. */
json_t *control_route(struct sandbox *s, const char *method, const char *path, uint64_t since, const json_t *body,
                      unsigned *ret_status);

#endif
