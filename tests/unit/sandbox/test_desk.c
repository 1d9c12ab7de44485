/* The server's session against the client's, both without I/O: every split, and the rules that are about time. */
#include "tests/support/unit.h"
#include "tests/unit/sandbox/desk.h"
#include "tests/unit/sandbox/suites.h"

enum { ALICE = 1001, BOB = 1002 };

static const struct {
    enum wire_framing framing;
    bool obfuscated;
    size_t piece;
} ways[] = {{WIRE_ABRIDGED, false, 1},     {WIRE_ABRIDGED, true, 1},  {WIRE_INTERMEDIATE, false, 1},
            {WIRE_INTERMEDIATE, true, 1},  {WIRE_PADDED, true, 1},    {WIRE_FULL, false, 1},
            {WIRE_INTERMEDIATE, false, 7}, {WIRE_PADDED, true, 1000}, {WIRE_INTERMEDIATE, false, 0}};

static struct desk desk;
static struct desk_client *const alice = &desk.clients[0], *const bob = &desk.clients[1];

static void setup(void)
{
    desk_init(&desk);
    desk.piece = 1;
    desk_dial(alice, WIRE_INTERMEDIATE, false);
    desk_begin(alice, ALICE);
}

static void teardown(void)
{
    desk_fini(&desk);
}

static json_t *group_peer(void)
{
    const struct world_chat *chat = world_chat_by_name(&desk.s.world, "sandbox_group");

    ck_assert_ptr_nonnull(chat);
    return json_pack("{s:s, s:I, s:I}", "_", "inputPeerChannel", "channel_id", (json_int_t)chat->id, "access_hash",
                     (json_int_t)world_access_hash(&desk.s.world, ALICE, 'c', chat->id));
}

static uint64_t create(void)
{
    return desk_ask(alice, "phone.createGroupCall", json_pack("{s:o, s:i}", "peer", group_peer(), "random_id", 5));
}

/* All that the servers say in one conversation. */
static uint64_t converse(size_t way)
{
    desk_init(&desk);
    desk.piece = ways[way].piece;
    desk_dial(alice, ways[way].framing, ways[way].obfuscated);
    desk_begin(alice, ALICE);
    uint64_t request = create();
    desk_settle(&desk);
    ck_assert_uint_eq(alice->answers, 1);
    ck_assert_uint_eq(alice->answered, request);
    ck_assert_uint_eq(alice->failures + alice->errors, 0);
    ck_assert_uint_eq(desk.s.world.calls_n, 1);
    uint64_t said = desk.said;
    desk_fini(&desk);
    return said;
}

START_TEST(a_call_is_made_whatever_the_pieces)
{
    converse((size_t)_i);
}
END_TEST

START_TEST(nothing_comes_from_anywhere_but_what_is_handed_in)
{
    uint64_t first = converse((size_t)_i);

    ck_assert_uint_eq(converse((size_t)_i), first);
}
END_TEST

START_TEST(an_answer_that_is_late_comes_at_its_time)
{
    desk_fault(&desk, json_pack("{s:s, s:s, s:i}", "type", "delay", "method", "help.getNearestDc", "ms", 3000));
    uint64_t request = desk_ask(alice, "help.getNearestDc", json_object());
    desk_pass(&desk, 3 * SECOND_US - 1);
    ck_assert_uint_eq(alice->answers, 0);
    ck_assert_int_eq(desk_executed(&desk, "help.getNearestDc"), 1);
    desk_pass(&desk, 1);
    ck_assert_uint_eq(alice->answers, 1);
    ck_assert_uint_eq(alice->answered, request);
}
END_TEST

START_TEST(late_answers_come_in_the_order_of_their_times)
{
    desk_fault(&desk, json_pack("{s:s, s:s, s:i}", "type", "delay", "method", "help.getNearestDc", "ms", 3000));
    desk_fault(&desk, json_pack("{s:s, s:s, s:i}", "type", "delay", "method", "help.getConfig", "ms", 1000));
    uint64_t second = desk_ask(alice, "help.getNearestDc", json_object());
    uint64_t first = desk_ask(alice, "help.getConfig", json_object());
    desk_pass(&desk, SECOND_US);
    ck_assert_uint_eq(alice->answers, 1);
    ck_assert_uint_eq(alice->answered, first);
    desk_pass(&desk, 2 * SECOND_US);
    ck_assert_uint_eq(alice->answers, 2);
    ck_assert_uint_eq(alice->answered, second);
}
END_TEST

START_TEST(a_session_outlives_its_line)
{
    desk_fault(&desk, json_pack("{s:s, s:s}", "type", "drop_after", "method", "phone.createGroupCall"));
    uint64_t request = create();
    desk_settle(&desk);
    ck_assert_ptr_null(alice->line);
    ck_assert_uint_eq(alice->answers, 0);
    desk_dial(alice, WIRE_PADDED, true);
    desk_settle(&desk);
    ck_assert_uint_eq(alice->answers, 1);
    ck_assert_uint_eq(alice->answered, request);
    ck_assert_int_eq(desk_executed(&desk, "phone.createGroupCall"), 1);
}
END_TEST

START_TEST(a_client_that_fell_silent_is_hung_up_at_its_time)
{
    desk_ask(alice, "help.getNearestDc", json_object());
    desk_pass(&desk, 120 * SECOND_US);
    ck_assert_int_lt(alice->line->deadline_us, INT64_MAX);
    int64_t left = alice->line->deadline_us - desk.clock.mono_us;
    alice->is_mute = true;
    desk_pass(&desk, left - 1);
    ck_assert_ptr_nonnull(alice->line);
    desk_pass(&desk, 1);
    ck_assert_ptr_null(alice->line);
}
END_TEST

START_TEST(salts_change_under_a_session_that_goes_on)
{
    uint64_t salt = mt_session_salt(alice->session);

    for (unsigned hours = 0; hours < 5; hours++) {
        desk_ask(alice, "help.getNearestDc", json_object());
        desk_pass(&desk, 3600 * SECOND_US);
        ck_assert_uint_eq(alice->answers, hours + 1);
        ck_assert_uint_ne(mt_session_salt(alice->session), salt);
        salt = mt_session_salt(alice->session);
    }
    ck_assert_uint_eq(alice->failures, 0);
}
END_TEST

START_TEST(what_one_does_comes_over_the_line_of_another)
{
    desk_dial(bob, WIRE_FULL, false);
    desk_begin(bob, BOB);
    desk_ask(bob, "help.getNearestDc", json_object());
    desk_settle(&desk);
    ck_assert_uint_eq(bob->updates, 0);
    create();
    desk_settle(&desk);
    ck_assert_uint_gt(bob->updates, 0);
    ck_assert_uint_eq(bob->answers, 1);
}
END_TEST

Suite *suite_desk(void)
{
    Suite *s = suite_create("desk");
    TCase *splits = tcase_create("splits"), *time = tcase_create("time");
    int n = sizeof(ways) / sizeof(*ways);

    tcase_add_loop_test(splits, a_call_is_made_whatever_the_pieces, 0, n);
    tcase_add_loop_test(splits, nothing_comes_from_anywhere_but_what_is_handed_in, 0, n);
    suite_add_tcase(s, splits);
    tcase_add_checked_fixture(time, setup, teardown);
    tcase_add_test(time, an_answer_that_is_late_comes_at_its_time);
    tcase_add_test(time, late_answers_come_in_the_order_of_their_times);
    tcase_add_test(time, a_session_outlives_its_line);
    tcase_add_test(time, a_client_that_fell_silent_is_hung_up_at_its_time);
    tcase_add_test(time, salts_change_under_a_session_that_goes_on);
    tcase_add_test(time, what_one_does_comes_over_the_line_of_another);
    suite_add_tcase(s, time);
    return s;
}
