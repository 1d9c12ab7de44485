/* A key on two connections at once is told from one whose client dialled again. */
#include "daemon/sandbox/world/json.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/pair.h"
#include "tests/unit/sandbox/suites.h"

START_TEST(a_key_on_two_connections_in_turn_is_at_two_places)
{
    struct raw twin;

    raw_init_twin(&twin, &pair_client);
    pair_is_heard(&pair_client);
    pair_is_heard(&twin);
    ck_assert_int_eq(pair_lints("key_at_two_places"), 0);
    pair_is_heard(&pair_client);
    ck_assert_int_eq(pair_lints("key_at_two_places"), 1);
    pair_is_heard(&pair_client);
    ck_assert_int_eq(pair_lints("key_at_two_places"), 1);
    pair_is_heard(&twin);
    ck_assert_int_eq(pair_lints("key_at_two_places"), 2);
    raw_fini(&twin);
}
END_TEST

START_TEST(the_second_place_may_be_gone_when_the_first_goes_on)
{
    struct raw twin;

    pair_is_heard(&pair_client);
    raw_init_twin(&twin, &pair_client);
    pair_is_heard(&twin);
    raw_fini(&twin);
    pair_is_heard(&pair_client);
    ck_assert_int_eq(pair_lints("key_at_two_places"), 1);
}
END_TEST

/* Its old connection hangs, and ends at any time later. */
START_TEST(who_dials_again_and_is_silent_where_it_was_is_at_one_place)
{
    struct raw later[3];

    pair_is_heard(&pair_client);
    for (int i = 0; i < 3; i++) {
        raw_init_twin(&later[i], &pair_client);
        pair_is_heard(&later[i]);
        pair_is_heard(&later[i]);
    }
    raw_reconnect(&pair_client);
    pair_is_heard(&pair_client);
    ck_assert_int_eq(pair_lints("key_at_two_places"), 0);
    for (int i = 0; i < 3; i++)
        raw_fini(&later[i]);
}
END_TEST

START_TEST(another_key_on_another_connection_is_nothing)
{
    struct raw other;

    raw_init(&other, &pair_server, 1, 229, WIRE_INTERMEDIATE, false);
    for (int i = 0; i < 2; i++) {
        pair_is_heard(&pair_client);
        pair_is_heard(&other);
    }
    ck_assert_int_eq(pair_lints("key_at_two_places"), 0);
    raw_fini(&other);
}
END_TEST

Suite *suite_place(void)
{
    Suite *s = suite_create("place");
    TCase *t = tcase_create("place");

    tcase_add_checked_fixture(t, pair_setup, pair_teardown);
    tcase_add_test(t, a_key_on_two_connections_in_turn_is_at_two_places);
    tcase_add_test(t, the_second_place_may_be_gone_when_the_first_goes_on);
    tcase_add_test(t, who_dials_again_and_is_silent_where_it_was_is_at_one_place);
    tcase_add_test(t, another_key_on_another_connection_is_nothing);
    suite_add_tcase(s, t);
    return s;
}
