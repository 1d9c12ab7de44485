/* The session's small parts: the map of ids, the window of seen messages, the salts to come. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/mt/acks.h"
#include "daemon/mt/id_map.h"
#include "daemon/mt/salts.h"
#include "daemon/mt/window.h"
#include "tests/unit/mt/suites.h"
#include "tests/unit/mt/support.h"

START_TEST(the_map_keeps_what_was_put_through_any_order_of_drops)
{
    enum { N = 600 };
    static char values[N];
    bool there[N] = {false};
    struct id_map m = {0};
    struct script random;

    script_init(&random, (uint64_t)_i);
    ck_assert_ptr_null(id_map_find(&m, 4));
    id_map_drop(&m, 4);
    for (int step = 0; step < 20000; step++) {
        uint32_t i = random_below(&random.source, N);
        uint64_t id = (UINT64_C(1700000000) << 32) + 4 * (uint64_t)(i + 1);
        if (random_below(&random.source, 2)) {
            ck_assert_int_eq(id_map_reserve(&m, 1), 0);
            id_map_put(&m, id, &values[i]);
            there[i] = true;
        } else {
            id_map_drop(&m, id);
            there[i] = false;
        }
        size_t n = 0;
        for (uint32_t k = step % 37; k < N; k += 37)
            ck_assert_ptr_eq(id_map_find(&m, (UINT64_C(1700000000) << 32) + 4 * (uint64_t)(k + 1)),
                             there[k] ? &values[k] : NULL);
        for (uint32_t k = 0; k < N; k++)
            n += there[k];
        ck_assert_uint_eq(m.n, n);
    }
    id_map_fini(&m);
}
END_TEST

START_TEST(the_window_tells_new_seen_and_old)
{
    struct window w = {0};

    ck_assert(!window_has(&w, 5));
    ck_assert_uint_eq(window_newest(&w), 0);
    for (uint64_t id = 1; id <= 5000; id++) {
        ck_assert_int_eq(window_add(&w, id * 10), WINDOW_NEW);
        ck_assert_int_eq(window_add(&w, id * 10), WINDOW_SEEN);
        ck_assert_uint_eq(window_newest(&w), id * 10);
    }
    uint64_t oldest = (5000 - LIMIT_SEEN_MESSAGES + 1) * 10;
    ck_assert_int_eq(window_add(&w, oldest), WINDOW_SEEN);
    ck_assert_int_eq(window_add(&w, oldest - 1), WINDOW_OLD);
    ck_assert(window_is_below(&w, oldest - 10));
    ck_assert_int_eq(window_add(&w, oldest + 5), WINDOW_NEW); /* late, pushes the oldest out */
    ck_assert_int_eq(window_add(&w, oldest), WINDOW_OLD);
    ck_assert_int_eq(window_add(&w, oldest + 5), WINDOW_SEEN);
    ck_assert_uint_eq(w.n, LIMIT_SEEN_MESSAGES);
    window_fini(&w);
}
END_TEST

START_TEST(the_window_agrees_with_a_simple_one_in_any_order)
{
    struct window w = {0};
    struct script random;
    static bool seen[3000];

    memset(seen, 0, sizeof(seen));
    script_init(&random, 3);
    for (int step = 0; step < 900; step++) { /* fewer than the window holds: nothing is old */
        uint32_t id = 1 + random_below(&random.source, 2999);
        ck_assert_int_eq(window_add(&w, id), seen[id] ? WINDOW_SEEN : WINDOW_NEW);
        seen[id] = true;
    }
    for (uint32_t id = 1; id < 3000; id++)
        ck_assert_int_eq(window_has(&w, id), seen[id]);
    window_fini(&w);
}
END_TEST

START_TEST(salts_are_chosen_by_server_time_and_never_gone_back_to)
{
    const struct future_salt list[] = {{100, 200, 1}, {150, 250, 2}, {200, 300, 3}};
    struct salts s = {0};

    salts_set(&s, 77, 0);
    salts_fill(&s, list, 3);
    ck_assert(!salts_choose(&s, 99));
    ck_assert_uint_eq(s.now, 77);
    ck_assert(salts_choose(&s, 100));
    ck_assert_uint_eq(s.now, 1);
    ck_assert(!salts_choose(&s, 149));
    ck_assert(salts_choose(&s, 210));
    ck_assert_uint_eq(s.now, 3);
    ck_assert(!salts_choose(&s, 160));
    ck_assert_uint_eq(salts_left(&s, 99), 3);
    ck_assert_uint_eq(salts_left(&s, 200), 2);
    ck_assert_uint_eq(salts_left(&s, 300), 0);
    salts_set(&s, 88, 220); /* the server knows better */
    ck_assert(!salts_choose(&s, 230));
    ck_assert_uint_eq(s.now, 88);
}
END_TEST

START_TEST(acks_beyond_the_limit_are_left_out)
{
    struct acks a;
    struct buf out;

    acks_init(&a);
    ck_assert(a.due_us == INT64_MAX);
    for (uint64_t i = 1; i <= LIMIT_ACKS + 10; i++) {
        ck_assert_int_eq(acks_add(&a, i, 1000), 0);
        ck_assert_int_eq(a.due_us, i > 16 ? 1000 : 1000 + 10 * SECOND_US);
    }
    ck_assert_uint_eq(a.n, LIMIT_ACKS);
    buf_init(&out, 1 << 20);
    acks_write(&a, &out);
    ck_assert_uint_eq(out.len, 12 + 8 * LIMIT_ACKS);
    acks_clear(&a);
    ck_assert(a.due_us == INT64_MAX);
    buf_fini(&out);
    acks_fini(&a);
}
END_TEST

Suite *suite_session_parts(void)
{
    Suite *s = suite_create("mt/session_parts");
    TCase *t = tcase_create("parts");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, the_map_keeps_what_was_put_through_any_order_of_drops, 0, 3);
    tcase_add_test(t, the_window_tells_new_seen_and_old);
    tcase_add_test(t, the_window_agrees_with_a_simple_one_in_any_order);
    tcase_add_test(t, salts_are_chosen_by_server_time_and_never_gone_back_to);
    tcase_add_test(t, acks_beyond_the_limit_are_left_out);
    suite_add_tcase(s, t);
    return s;
}
