#include <stdlib.h>

#include "daemon/tg/call/chat_lock.h"
#include "tests/unit/tg/suites.h"

enum { CROWD = 1000 };

static struct chat_locks locks;
static int order[CROWD + 8];
static size_t told;
static unsigned depth, deepest;

struct taker {
    struct chat_waiter waiter;
    int number;
    bool gives_at_once;
};

static void on_granted(void *ctx)
{
    struct taker *t = ctx;

    if (++depth > deepest)
        deepest = depth;
    order[told++] = t->number;
    if (t->gives_at_once)
        chat_lock_give(&locks, PEER_CHAT, 1);
    depth--;
}

static void take(struct taker *t, int64_t id)
{
    t->waiter = (struct chat_waiter){.granted = on_granted, .ctx = t};
    ck_assert_int_eq(chat_lock_take(&locks, PEER_CHAT, id, &t->waiter), 0);
}

static void set_up(void)
{
    locks = (struct chat_locks){0};
    told = 0;
    depth = deepest = 0;
}

START_TEST(test_waiters_go_in_the_order_of_their_coming)
{
    struct taker t[4] = {{.number = 0}, {.number = 1}, {.number = 2}, {.number = 3}};

    ck_assert(!chat_lock_is_held(&locks, PEER_CHAT, 1));
    for (int i = 0; i < 4; i++)
        take(&t[i], 1);
    ck_assert(chat_lock_is_held(&locks, PEER_CHAT, 1));
    ck_assert_uint_eq(told, 1);
    for (int i = 0; i < 4; i++) {
        ck_assert_uint_eq(told, (size_t)i + 1);
        ck_assert_int_eq(order[i], i);
        chat_lock_give(&locks, PEER_CHAT, 1);
    }
    ck_assert_ptr_null(locks.held);
}
END_TEST

START_TEST(test_other_chats_do_not_wait)
{
    struct taker a = {0}, b = {0};

    take(&a, 1);
    take(&b, 2);
    ck_assert_uint_eq(told, 2);
    chat_lock_give(&locks, PEER_CHAT, 1);
    chat_lock_give(&locks, PEER_CHAT, 2);
    chat_lock_give(&locks, PEER_CHAT, 2); /* not held: nothing happens */
    ck_assert_ptr_null(locks.held);
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
    chat_lock_give(&locks, PEER_CHAT, 1);
    ck_assert_uint_eq(told, CROWD + 1);
    for (int i = 0; i < CROWD; i++)
        ck_assert_int_eq(order[i + 1], i);
    ck_assert_uint_eq(deepest, 1);
    ck_assert_ptr_null(locks.held);
}
END_TEST

START_TEST(test_who_leaves_the_line_is_passed_over)
{
    struct taker t[3] = {{.number = 0}, {.number = 1}, {.number = 2}};

    for (int i = 0; i < 3; i++)
        take(&t[i], 1);
    chat_lock_leave(&locks, PEER_CHAT, 1, &t[1].waiter);
    chat_lock_give(&locks, PEER_CHAT, 1);
    ck_assert_uint_eq(told, 2);
    ck_assert_int_eq(order[1], 2);
    chat_lock_give(&locks, PEER_CHAT, 1);
    ck_assert_ptr_null(locks.held);
}
END_TEST

Suite *suite_chat_lock(void)
{
    Suite *s = suite_create("chat_lock");
    TCase *t = tcase_create("chat_lock");

    tcase_add_checked_fixture(t, set_up, NULL);
    tcase_add_test(t, test_waiters_go_in_the_order_of_their_coming);
    tcase_add_test(t, test_other_chats_do_not_wait);
    tcase_add_test(t, test_a_thousand_waiters_do_not_nest);
    tcase_add_test(t, test_who_leaves_the_line_is_passed_over);
    suite_add_tcase(s, t);
    return s;
}
