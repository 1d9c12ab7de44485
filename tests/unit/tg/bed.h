/* An account in front of fake data centres, with time in the test's hand. A whole test:
 *
 *     struct bed b;
 *     struct bed_answer answer;
 *
 *     bed_init(&b, BED_READY);
 *     fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_LATE, .after_us = 40 * SECOND_US});
 *     bed_ask(&b, "phone.createGroupCall", "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7}",
 *             30 * SECOND_US, 0, &answer);
 *     bed_wait(&b, &answer);                       time passes until it is there
 *     ck_assert_int_eq(answer.outcome, TG_NO_ANSWER);
 *     bed_pass(&b, 60 * SECOND_US);                time passes, whatever happens in it
 *     ck_assert_uint_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), 1);
 *     ck_assert_uint_eq(fake_world_alive(b.world), 1);
 *     bed_answer_fini(&answer);
 *     bed_fini(&b);
 *
 * What can be done to the servers is in tests/support/fake_dc.h, what lives behind them in fake_world.h, what can be
 * done to the network in fake_net.h.
 */
#ifndef TGCALLD_TESTS_TG_BED_H
#define TGCALLD_TESTS_TG_BED_H

#include "daemon/tg/account/account.h"
#include "daemon/tg/account/invoke.h"
#include "daemon/tg/login/login.h"
#include "tests/support/fake_dc.h"
#include "tests/unit/tg/support.h"

enum { BED_CENTRES = 2, BED_WAIT_S = 3600 };

struct bed {
    struct fake_net net;
    struct fake_dc *dc;
    struct fake_world *world;
    struct random_seeded seeded;
    struct random_source random;
    struct tg_dcs dcs;
    struct chat_locks *chat_locks;
    struct tg_env env;
    struct tg_account *a;
};

enum bed_state { BED_NEW, BED_READY };

/* BED_READY: user 1001 is logged in, and nothing is counted yet. In layer 229, or the other shipped one. */
void bed_init(struct bed *b, enum bed_state state);
void bed_init_in(struct bed *b, enum bed_state state, int layer_n);
/* The account is freed first: what it still waited for is answered then. */
void bed_fini(struct bed *b);

void bed_pass(struct bed *b, int64_t us);
/* The deadline that is so far away. */
int64_t bed_in(const struct bed *b, int64_t us);

/* --- asking --- */

struct bed_answer {
    unsigned times;   /* how often it was answered */
    unsigned unknown; /* of an intent: how often its fate was said to be unknown */
    bool sent;        /* where it was not answered: it may have happened */
    enum tg_outcome outcome;
    json_t *json; /* TG_RESULT */
    int code;     /* TG_RPC_ERROR, with its text; else the err of TG_NO_ANSWER, with its detail */
    char text[320];
    int64_t call_id;
    int64_t at_us; /* when */
};

/* PARAMS are JSON with ' for ". Answers are kept in RET, which is initialised here. */
void bed_ask(struct bed *b, const char *method, const char *params, int64_t timeout_us, unsigned flags,
             struct bed_answer *ret);
/* The same by one who has a use for a late answer: at the deadline RET->unknown becomes 1 where it was sent. */
void bed_intend(struct bed *b, const char *method, const char *params, int64_t timeout_us, unsigned flags,
                const struct tg_effect *effect, struct bed_answer *ret);
/* Until it is answered; fails the test where that takes more than an hour. */
void bed_wait(struct bed *b, const struct bed_answer *answer);
/* Both, with a deadline of 30 s. */
void bed_ask_now(struct bed *b, const char *method, const char *params, unsigned flags, struct bed_answer *ret);
void bed_answer_fini(struct bed_answer *answer);
/* Fails the test where the answer is another: a result; CODE TEXT; no answer, for ERR. */
void bed_expect_result(const struct bed_answer *answer);
void bed_expect_error(const struct bed_answer *answer, int code, const char *text);
void bed_expect_no_answer(const struct bed_answer *answer, int err);

/* --- logging in --- */

/* A step that was taken, as a bed_answer: TG_RESULT without JSON where it went well. Initialised by bed_step_begin().
 */
void bed_step_begin(struct bed_answer *ret);
tg_step_fn bed_step_done; /* CTX: the bed_answer */
/* Steps with a deadline of 30 s, waited for. */
void bed_phone(struct bed *b, const char *phone, struct bed_answer *ret);
void bed_code(struct bed *b, const char *code, struct bed_answer *ret);
void bed_password(struct bed *b, const char *password, struct bed_answer *ret);
void bed_resend(struct bed *b, struct bed_answer *ret);
void bed_cancel(struct bed *b, struct bed_answer *ret);
void bed_logout(struct bed *b, struct bed_answer *ret);

#endif
