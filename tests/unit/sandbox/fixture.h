/* A seeded world without any socket, and calls into it as a user. */
#ifndef TGCALLD_TESTS_SANDBOX_FIXTURE_H
#define TGCALLD_TESTS_SANDBOX_FIXTURE_H

#include "daemon/sandbox/rpc/rpc.h"

enum { ALICE = 1001, BOB = 1002, CAROL = 1003, FIXTURE_LAYER = 229 };

struct fixture {
    struct world world;
    struct account account;
    int64_t wall_us; /* turn it to let time pass */
    struct clock_source clock;
    struct random_seeded seeded;
    struct random_source random;
    struct rpc rpc;           /* of the last call: its error */
    const struct tl_schema *schema; /* fixture_speak() */
    struct buf bytes;         /* of the last answer, where a handler made them */
    json_t *pushed;           /* [{"user", "updates"}] */
};

void fixture_init(struct fixture *f);
void fixture_fini(struct fixture *f);
/* Answers have bytes from now on, in FIXTURE_LAYER. */
void fixture_speak(struct fixture *f);
/* Logs the account in without the flow; 0 logs it out. */
void fixture_become(struct fixture *f, int64_t user_id);
/* METHOD with PARAMS (stolen). The answer is the caller's; NULL: f->rpc has the error. */
json_t *fixture_call(struct fixture *f, const char *method, json_t *params);
/* The same, which must end in CODE and MESSAGE. */
void fixture_refused(struct fixture *f, const char *method, json_t *params, int code, const char *message);
/* inputPeerChannel or inputPeerChat of a seeded chat as the account has it. */
json_t *fixture_peer(struct fixture *f, int64_t chat_id);
json_t *fixture_channel(struct fixture *f, int64_t chat_id);
/* phone.createGroupCall; the call's JSON (borrowed from *RET_UPDATES, the caller's). */
const json_t *fixture_create(struct fixture *f, int64_t chat_id, int random_id, json_t **ret_updates);
/* inputGroupCall of a groupCall. */
json_t *fixture_input_call(const json_t *call);

#endif
