#include "tests/unit/tg/bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "daemon/tg/chat_lock.h"
#include "daemon/tl/tree.h"
#include "tests/support/server_key.h"

enum { TIMEOUT_S = 30, PORT = 443 };

static void add_centre(struct tg_dcs *dcs, int id)
{
    struct tg_dc *dc = tg_dc_get(dcs, id);
    char host[32];

    snprintf(host, sizeof(host), "10.0.0.%d", id);
    ck_assert_int_eq(tg_dc_add_address(dc, host, PORT), 0);
    ck_assert_int_eq(tg_dc_add_key(dc, test_server_key()), 0);
}

static void log_in(struct bed *b)
{
    struct bed_answer answer;

    bed_phone(b, "15550001", &answer);
    bed_expect_result(&answer);
    bed_code(b, "12345", &answer);
    bed_expect_result(&answer);
    ck_assert_int_eq(tg_account_state(b->a), TG_ACCOUNT_READY);
    bed_pass(b, SECOND_US); /* what follows a login by itself */
    fake_dc_forget_counts(b->dc);
}

void bed_init_in(struct bed *b, enum bed_state state, int layer_n)
{
    *b = (struct bed){0};
    fake_net_init(&b->net);
    b->dc = fake_dc_new(&b->net, shipped_layer(layer_n), BED_CENTRES);
    b->world = fake_dc_world(b->dc);
    random_seeded_init(&b->seeded, 5);
    b->random = random_seeded_source(&b->seeded);
    for (int id = 1; id <= BED_CENTRES; id++)
        add_centre(&b->dcs, id);
    b->dcs.first = 1;
    b->env = (struct tg_env){
        .loop = b->net.loop,
        .clock = &b->net.clock.source,
        .random = &b->random,
        .schema = shipped_layer(layer_n),
        .dcs = &b->dcs,
        .environment = "test",
        .api_id = 1,
        .api_hash = "hash",
        .device_model = "bed",
        .system_version = "1",
        .app_version = "1",
        .lang_code = "en",
        .framing = WIRE_PADDED,
        .temporary_key_life_s = 86400,
        .flood_wait_max_us = 10 * SECOND_US,
        .request_timeout_us = TIMEOUT_S * SECOND_US,
    };
    ck_assert_int_eq(chat_locks_new(&b->chat_locks), 0);
    ck_assert_int_eq(chat_seat_new(b->chat_locks, b->net.loop, &b->env.chats), 0);
    ck_assert_int_eq(tg_account_new(&b->env, "a", &b->a), 0);
    if (state == BED_READY)
        log_in(b);
}

void bed_init(struct bed *b, enum bed_state state)
{
    bed_init_in(b, state, 229);
}

void bed_fini(struct bed *b)
{
    tg_account_free(b->a);
    chat_seat_free(b->env.chats);
    chat_locks_free(b->chat_locks);
    fake_dc_free(b->dc);
    fake_net_fini(&b->net);
}

void bed_pass(struct bed *b, int64_t us)
{
    fake_net_advance(&b->net, us);
}

int64_t bed_in(const struct bed *b, int64_t us)
{
    return b->net.clock.mono_us + us;
}

/* --- asking --- */

struct asking {
    struct bed *b;
    struct bed_answer *ret;
};

static void note_failure(struct bed_answer *to, const struct tg_answer *answer)
{
    to->code = answer->outcome == TG_RPC_ERROR ? answer->error->code : answer->err;
    snprintf(to->text, sizeof(to->text), "%s",
             answer->outcome == TG_RPC_ERROR ? answer->error->message : answer->detail);
}

static void on_answer(void *ctx, const struct tg_answer *answer)
{
    struct asking *k = ctx;
    struct bed_answer *to = k->ret;

    to->times++;
    to->outcome = answer->outcome;
    to->call_id = answer->call_id;
    to->at_us = k->b->net.clock.mono_us;
    to->sent = answer->sent;
    if (answer->outcome == TG_RESULT)
        ck_assert_int_eq(
            tl_tree_result(k->b->env.schema, answer->method, answer->data, answer->len, &to->json, NULL, NULL), 0);
    else
        note_failure(to, answer);
    free(k);
}

static void on_unknown(void *ctx, const struct tg_answer *answer)
{
    struct bed_answer *to = ((struct asking *)ctx)->ret;

    ck_assert(answer->outcome == TG_NO_ANSWER && answer->sent && to->times == 0);
    to->unknown++;
}

static void ask(struct bed *b, const char *method, const char *params, const struct tg_ask *how, struct bed_answer *ret)
{
    struct asking *k = malloc(sizeof(*k));
    struct tg_ask full = *how;
    struct fault fault = {0};
    json_t *j = json_of(params);

    ck_assert_ptr_nonnull(k);
    *ret = (struct bed_answer){0};
    *k = (struct asking){b, ret};
    full.method = tl_find_method(b->env.schema, method);
    full.params = j;
    full.done = on_answer;
    full.ctx = k;
    ck_assert_msg(full.method != NULL, "there is no %s", method);
    int err = tg_invoke(b->a, &full, &fault);
    ck_assert_msg(err == 0, "%s: %s %s", method, fault.text, fault.path);
    json_decref(j);
}

void bed_ask(struct bed *b, const char *method, const char *params, int64_t timeout_us, unsigned flags,
             struct bed_answer *ret)
{
    ask(b, method, params, &(struct tg_ask){.deadline_us = bed_in(b, timeout_us), .flags = flags}, ret);
}

void bed_intend(struct bed *b, const char *method, const char *params, int64_t timeout_us, unsigned flags,
                const struct tg_effect *effect, struct bed_answer *ret)
{
    ask(b, method, params,
        &(struct tg_ask){
            .deadline_us = bed_in(b, timeout_us), .flags = flags, .effect = *effect, .unknown = on_unknown},
        ret);
}

static bool is_answered(void *ctx)
{
    return ((const struct bed_answer *)ctx)->times > 0;
}

void bed_wait(struct bed *b, const struct bed_answer *answer)
{
    ck_assert_msg(fake_net_run_until(&b->net, is_answered, (void *)answer, BED_WAIT_S * SECOND_US), "no answer came");
}

void bed_ask_now(struct bed *b, const char *method, const char *params, unsigned flags, struct bed_answer *ret)
{
    bed_ask(b, method, params, TIMEOUT_S * SECOND_US, flags, ret);
    bed_wait(b, ret);
}

void bed_answer_fini(struct bed_answer *answer)
{
    json_decref(answer->json);
    answer->json = NULL;
}

void bed_expect_result(const struct bed_answer *answer)
{
    ck_assert_msg(answer->times == 1 && answer->outcome == TG_RESULT, "answered %u times: %d %s", answer->times,
                  answer->code, answer->text);
}

void bed_expect_error(const struct bed_answer *answer, int code, const char *text)
{
    ck_assert_msg(answer->times == 1 && answer->outcome == TG_RPC_ERROR && answer->code == code &&
                      strcmp(answer->text, text) == 0,
                  "answered %u times, outcome %d: %d %s; want %d %s", answer->times, (int)answer->outcome, answer->code,
                  answer->text, code, text);
}

void bed_expect_no_answer(const struct bed_answer *answer, int err)
{
    ck_assert_msg(answer->times == 1 && answer->outcome == TG_NO_ANSWER && answer->code == err,
                  "answered %u times, outcome %d: %d %s; want no answer for %d", answer->times, (int)answer->outcome,
                  answer->code, answer->text, err);
}

/* --- logging in --- */

void bed_step_begin(struct bed_answer *ret)
{
    *ret = (struct bed_answer){0};
}

void bed_step_done(void *ctx, const struct tg_answer *failure)
{
    struct bed_answer *to = ctx;

    to->times++;
    to->outcome = failure ? failure->outcome : TG_RESULT;
    if (failure)
        note_failure(to, failure);
}

/* ERR is what the step's function returned. */
static void wait_step(struct bed *b, int err, const struct fault *fault, const struct bed_answer *answer)
{
    ck_assert_msg(err == 0, "the step was refused: %s", fault->text);
    bed_wait(b, answer);
}

void bed_phone(struct bed *b, const char *phone, struct bed_answer *ret)
{
    struct fault fault = {0};

    bed_step_begin(ret);
    wait_step(b, tg_login_phone(b->a, phone, bed_in(b, TIMEOUT_S * SECOND_US), bed_step_done, ret, &fault), &fault,
              ret);
}

void bed_code(struct bed *b, const char *code, struct bed_answer *ret)
{
    struct fault fault = {0};

    bed_step_begin(ret);
    wait_step(b, tg_login_code(b->a, code, bed_in(b, TIMEOUT_S * SECOND_US), bed_step_done, ret, &fault), &fault, ret);
}

void bed_password(struct bed *b, const char *password, struct bed_answer *ret)
{
    struct fault fault = {0};

    bed_step_begin(ret);
    wait_step(b,
              tg_login_password(b->a, password, strlen(password), bed_in(b, TIMEOUT_S * SECOND_US), bed_step_done, ret,
                                &fault),
              &fault, ret);
}

void bed_resend(struct bed *b, struct bed_answer *ret)
{
    struct fault fault = {0};

    bed_step_begin(ret);
    wait_step(b, tg_login_resend(b->a, bed_in(b, TIMEOUT_S * SECOND_US), bed_step_done, ret, &fault), &fault, ret);
}

void bed_cancel(struct bed *b, struct bed_answer *ret)
{
    struct fault fault = {0};
    bool is_done = false;

    bed_step_begin(ret);
    int err = tg_login_cancel(b->a, bed_in(b, TIMEOUT_S * SECOND_US), bed_step_done, ret, &is_done, &fault);
    if (!err && is_done)
        bed_step_done(ret, NULL);
    wait_step(b, err, &fault, ret);
}

void bed_logout(struct bed *b, struct bed_answer *ret)
{
    struct fault fault = {0};

    bed_step_begin(ret);
    wait_step(b, tg_logout(b->a, bed_in(b, TIMEOUT_S * SECOND_US), bed_step_done, ret, &fault), &fault, ret);
}
