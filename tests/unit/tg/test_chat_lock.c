#include <stdlib.h>

#include "daemon/base/limits.h"
#include "daemon/tg/chat_lock.h"
#include "tests/support/fake_net.h"
#include "tests/unit/tg/suites.h"

enum { CROWD = 1000 };

static struct fake_net net;
static struct chat_locks *locks;
static struct chat_seat *seat, *far; /* the far one as if of another thread */
static int order[CROWD + 8];
static size_t told;
static unsigned depth, deepest;

struct taker {
    struct chat_waiter waiter;
    int number;
    bool gives_at_once, far;
};

static void on_granted(void *ctx)
{
    struct taker *t = ctx;

    if (++depth > deepest)
        deepest = depth;
    order[told++] = t->number;
    if (t->gives_at_once)
        chat_lock_give(seat, PEER_CHAT, 1);
    depth--;
}

static void take(struct taker *t, int64_t id)
{
    t->waiter = (struct chat_waiter){.granted = on_granted, .ctx = t, .owner = t->far ? (void *)far : (void *)seat};
    int err = chat_lock_take(t->far ? far : seat, PEER_CHAT, id, &t->waiter);

    ck_assert(err == 0 || err == 1);
}

static void on_probed(void *ctx)
{
    *(bool *)ctx = true;
}

/* Whether a taker would have to wait. */
static bool is_held(int64_t id)
{
    bool granted = false;
    struct chat_waiter probe = {.granted = on_probed, .ctx = &granted, .owner = seat};

    if (chat_lock_take(seat, PEER_CHAT, id, &probe) == 1)
        chat_lock_leave(seat, PEER_CHAT, id, &probe);
    else
        chat_lock_give(seat, PEER_CHAT, id);
    return !granted;
}

static void set_up(void)
{
    fake_net_init(&net);
    ck_assert_int_eq(chat_locks_new(&locks), 0);
    ck_assert_int_eq(chat_seat_new(locks, net.loop, &seat), 0);
    ck_assert_int_eq(chat_seat_new(locks, net.loop, &far), 0);
    told = 0;
    depth = deepest = 0;
}

static void tear_down(void)
{
    chat_seat_free(far);
    chat_seat_free(seat);
    chat_locks_free(locks);
    fake_net_fini(&net);
}

START_TEST(test_waiters_go_in_the_order_of_their_coming)
{
    struct taker t[4] = {{.number = 0}, {.number = 1}, {.number = 2}, {.number = 3}};

    ck_assert(!is_held(1));
    for (int i = 0; i < 4; i++)
        take(&t[i], 1);
    ck_assert(is_held(1));
    ck_assert_uint_eq(told, 1);
    for (int i = 0; i < 4; i++) {
        ck_assert_uint_eq(told, (size_t)i + 1);
        ck_assert_int_eq(order[i], i);
        chat_lock_give(seat, PEER_CHAT, 1);
    }
    ck_assert(!is_held(1));
}
END_TEST

START_TEST(test_other_chats_do_not_wait)
{
    struct taker a = {0}, b = {0};

    take(&a, 1);
    take(&b, 2);
    ck_assert_uint_eq(told, 2);
    chat_lock_give(seat, PEER_CHAT, 1);
    chat_lock_give(seat, PEER_CHAT, 2);
    chat_lock_give(seat, PEER_CHAT, 2); /* not held: nothing happens */
    ck_assert(!is_held(1));
}
END_TEST

START_TEST(test_a_thousand_waiters_do_not_nest)
{
    static struct taker crowd[CROWD];
    struct taker first = {.number = -1};

    take(&first, 1);
    for (int i = 0; i < CROWD; i++) {
        crowd[i] = (struct taker){.number = i, .gives_at_once = true};
        take(&crowd[i], 1);
    }
    chat_lock_give(seat, PEER_CHAT, 1);
    ck_assert_uint_eq(told, CROWD + 1);
    for (int i = 0; i < CROWD; i++)
        ck_assert_int_eq(order[i + 1], i);
    ck_assert_uint_eq(deepest, 1);
    ck_assert(!is_held(1));
}
END_TEST

START_TEST(test_who_leaves_the_line_is_passed_over)
{
    struct taker t[3] = {{.number = 0}, {.number = 1}, {.number = 2}};

    for (int i = 0; i < 3; i++)
        take(&t[i], 1);
    chat_lock_leave(seat, PEER_CHAT, 1, &t[1].waiter);
    chat_lock_give(seat, PEER_CHAT, 1);
    ck_assert_uint_eq(told, 2);
    ck_assert_int_eq(order[1], 2);
    chat_lock_give(seat, PEER_CHAT, 1);
    ck_assert(!is_held(1));
}
END_TEST

START_TEST(test_another_seat_hears_on_its_own_loop)
{
    struct taker a = {.number = 0}, b = {.number = 1, .far = true};

    take(&a, 1);
    take(&b, 1);
    chat_lock_give(seat, PEER_CHAT, 1);
    ck_assert_uint_eq(told, 1);
    ck_assert(is_held(1));
    fake_net_advance(&net, 0);
    ck_assert_uint_eq(told, 2);
    chat_lock_give(far, PEER_CHAT, 1);
    ck_assert(!is_held(1));
}
END_TEST

START_TEST(test_who_leaves_before_it_hears_gives_the_chat_on)
{
    struct taker a = {.number = 0}, b = {.number = 1, .far = true}, c = {.number = 2};

    take(&a, 1);
    take(&b, 1);
    take(&c, 1);
    chat_lock_give(seat, PEER_CHAT, 1);
    chat_lock_leave(far, PEER_CHAT, 1, &b.waiter);
    fake_net_advance(&net, 0);
    ck_assert_uint_eq(told, 2);
    ck_assert_int_eq(order[1], 2);
    chat_lock_give(seat, PEER_CHAT, 1);
    ck_assert(!is_held(1));
}
END_TEST

START_TEST(test_it_is_told_whether_another_had_the_chat_in_between)
{
    struct taker mine = {0}, others = {.far = true};

    take(&mine, 1);
    ck_assert(!mine.waiter.after_other);
    chat_lock_give(seat, PEER_CHAT, 1);
    take(&mine, 1);
    ck_assert(!mine.waiter.after_other);
    take(&others, 1);
    chat_lock_give(seat, PEER_CHAT, 1);
    fake_net_advance(&net, 0);
    ck_assert(others.waiter.after_other);
    chat_lock_give(far, PEER_CHAT, 1);
    take(&mine, 1);
    ck_assert(mine.waiter.after_other);
    chat_lock_give(seat, PEER_CHAT, 1);
    take(&mine, 1);
    ck_assert(!mine.waiter.after_other);
    chat_lock_give(seat, PEER_CHAT, 1);
    chat_lock_note(far, PEER_CHAT, 1, far);
    take(&mine, 1);
    ck_assert(mine.waiter.after_other);
    chat_lock_give(seat, PEER_CHAT, 1);
}
END_TEST

START_TEST(test_nobody_relies_on_a_chat_in_doubt)
{
    struct taker mine = {0}, others = {.far = true};
    struct taker more = {0};

    chat_lock_doubt(seat, PEER_CHAT, 1);
    chat_lock_doubt(seat, PEER_CHAT, 1);
    for (int64_t id = 2; id < LIMIT_CHAT_LOCKS + 10; id++) { /* which does not push it out */
        take(&more, id);
        chat_lock_give(seat, PEER_CHAT, id);
        told = 0;
    }
    for (int i = 0; i < 3; i++) {
        take(&mine, 1);
        ck_assert_int_eq(mine.waiter.after_other, i < 2);
        chat_lock_give(seat, PEER_CHAT, 1);
        chat_lock_doubt_end(seat, PEER_CHAT, 1);
    }
    take(&others, 1);
    fake_net_advance(&net, 0);
    ck_assert(others.waiter.after_other);
    chat_lock_give(far, PEER_CHAT, 1);
    take(&others, 1);
    ck_assert(!others.waiter.after_other);
    chat_lock_give(far, PEER_CHAT, 1);
}
END_TEST

START_TEST(test_who_leaves_before_it_hears_has_not_had_the_chat)
{
    struct taker mine = {0}, others = {.far = true};

    take(&mine, 1);
    take(&others, 1);
    chat_lock_give(seat, PEER_CHAT, 1);
    chat_lock_leave(far, PEER_CHAT, 1, &others.waiter);
    take(&others, 1);
    ck_assert(others.waiter.after_other);
    chat_lock_give(far, PEER_CHAT, 1);
}
END_TEST

/* _i: while the other has the lock, before, or before anybody had it. */
START_TEST(test_others_hear_of_what_was_done_without_the_lock)
{
    struct taker mine = {0}, others = {.far = true};

    if (_i < 2) {
        take(&others, 1);
        if (_i == 1)
            chat_lock_give(far, PEER_CHAT, 1);
    }
    chat_lock_note(seat, PEER_CHAT, 1, seat);
    if (_i == 0)
        chat_lock_give(far, PEER_CHAT, 1);
    take(&others, 1);
    ck_assert(others.waiter.after_other);
    chat_lock_give(far, PEER_CHAT, 1);
    take(&others, 1);
    ck_assert(!others.waiter.after_other);
    chat_lock_give(far, PEER_CHAT, 1);
    take(&mine, 1);
    ck_assert(mine.waiter.after_other);
    chat_lock_give(seat, PEER_CHAT, 1);
}
END_TEST

START_TEST(test_more_chats_than_are_remembered)
{
    struct taker t = {0};

    for (int64_t id = 0; id < LIMIT_CHAT_LOCKS + 10; id++) {
        take(&t, id);
        told = 0;
        ck_assert(is_held(id));
        chat_lock_give(seat, PEER_CHAT, id);
        chat_lock_note(seat, PEER_CHANNEL, id, seat);
    }
}
END_TEST

Suite *suite_chat_lock(void)
{
    Suite *s = suite_create("chat_lock");
    TCase *t = tcase_create("chat_lock");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_waiters_go_in_the_order_of_their_coming);
    tcase_add_test(t, test_other_chats_do_not_wait);
    tcase_add_test(t, test_a_thousand_waiters_do_not_nest);
    tcase_add_test(t, test_who_leaves_the_line_is_passed_over);
    tcase_add_test(t, test_another_seat_hears_on_its_own_loop);
    tcase_add_test(t, test_who_leaves_before_it_hears_gives_the_chat_on);
    tcase_add_test(t, test_it_is_told_whether_another_had_the_chat_in_between);
    tcase_add_test(t, test_nobody_relies_on_a_chat_in_doubt);
    tcase_add_test(t, test_who_leaves_before_it_hears_has_not_had_the_chat);
    tcase_add_loop_test(t, test_others_hear_of_what_was_done_without_the_lock, 0, 3);
    tcase_add_test(t, test_more_chats_than_are_remembered);
    suite_add_tcase(s, t);
    return s;
}
