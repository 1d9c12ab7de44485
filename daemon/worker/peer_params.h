/* The peers in a method's parameters, as people write them (text, marked ids, Peer objects), resolved in place. The
 * worker's thread. */
#ifndef TGCALLD_WORKER_PEER_PARAMS_H
#define TGCALLD_WORKER_PEER_PARAMS_H

#include <jansson.h>

#include "daemon/bridge/problem.h"
#include "daemon/tg/account/account.h"
#include "daemon/tl/model.h"

struct worker;

/* OK: all were found and stand in PARAMS as METHOD wants them. Else PROBLEM (the callee's) says why not; NULL: memory
 * was gone. */
typedef void peer_params_fn(void *ctx, bool ok, struct problem *problem);

/* Every peer of PARAMS (borrowed until DONE) that stands where METHOD wants an InputPeer, InputUser or InputChannel.
 * DONE is called once; from inside this function where nothing had to be asked. Pointers in problems are into PARAMS.
 */
void peer_params_resolve(struct worker *w, struct tg_account *account, const struct tl_comb *method, json_t *params,
                         int64_t deadline_us, peer_params_fn *done, void *ctx);

#endif
