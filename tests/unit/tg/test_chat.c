/* When what is known of a chat's call is enough, and when Telegram is to be asked again. */
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/call/chat.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

enum { START = 1700000000, QUARTER = 15 * 60 };

static int64_t now_s;

static int64_t now_us(void *ctx)
{
    (void)ctx;
    return now_s * SECOND_US;
}

static const struct clock_source clock_by_hand = {now_us, now_us, NULL};
static const struct tg_dcs no_dcs = {.first = 1};
static struct tg_env env;
static struct tg_account *a;

static void set_up(void)
{
    now_s = START;
    env = (struct tg_env){
        .clock = &clock_by_hand, .random = &random_system, .schema = shipped_layer(229), .dcs = &no_dcs};
    ck_assert_int_eq(net_loop_new(env.clock, &env.loop), 0);
    ck_assert_int_eq(tg_account_new(&env, "a", &a), 0);
}

static void tear_down(void)
{
    tg_account_free(a);
    net_loop_free(env.loop);
}

/* Something of no interest, but a sign that updates come. */
static void update(void)
{
    struct buf bytes;

    bytes_of(229, "{'_':'updateShort','update':{'_':'updateConfig'},'date':1}", &bytes);
    account_on_update(a, bytes.data, bytes.len);
    buf_fini(&bytes);
}

static void on_call(void *ctx, struct tg_call *call, const struct tg_answer *failure)
{
    *(int64_t *)ctx = failure ? -1 : call ? call->id : 0;
}

/* The call that is told without asking; 0 for none; -1 where Telegram would have been asked. */
static int64_t known_call(void)
{
    struct tg_peer peer = channel(6001, 1);
    int64_t told = -2;

    tg_chat_call(a, &peer, INT64_MAX, on_call, &told);
    ck_assert_int_ne(told, -2);
    return told;
}

static void see_call(void)
{
    struct tg_call_seen seen = {.id = 7,
                                .access_hash = 1,
                                .from_update = true,
                                .has_peer = true,
                                .peer_kind = PEER_CHANNEL,
                                .peer_id = 6001,
                                .version = 1};

    ck_assert_int_eq(tg_known_see_call(tg_account_known(a), &seen), 0);
}

START_TEST(test_a_call_is_believed_as_long_as_updates_come)
{
    see_call();
    ck_assert_int_eq(known_call(), 7);
    now_s += QUARTER - 1;
    update();
    now_s += QUARTER - 1;
    ck_assert_int_eq(known_call(), 7);
    now_s++;
    ck_assert_int_eq(known_call(), -1);
    update();
    ck_assert_int_eq(known_call(), -1);
    see_call();
    ck_assert_int_eq(known_call(), 7);
}
END_TEST

Suite *suite_chat(void)
{
    Suite *s = suite_create("chat");
    TCase *t = tcase_create("chat");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_a_call_is_believed_as_long_as_updates_come);
    suite_add_tcase(s, t);
    return s;
}
