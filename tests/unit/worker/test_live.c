/* A chat that is kept live by the hour: how many calls are made, when, and what is asked for meanwhile. */
#include "tests/support/unit.h"
#include "tests/unit/worker/live_bed.h"
#include "tests/unit/worker/live_disk.h"
#include "tests/unit/worker/live_suites.h"

#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (3600 * SECOND_US)

enum { END_EVERY_S = 36 };

static size_t asked(void)
{
    return centre.creates + centre.looks + centre.rotations;
}

static enum live_state state(void)
{
    ck_assert_ptr_nonnull(bed_live());
    return bed_live()->state;
}

static void begin(const char *body)
{
    ck_assert_int_eq(bed_wish(body), 201);
    bed_pass(0);
    ck_assert_int_eq(state(), LIVE_RUNNING);
    ck_assert_uint_eq(centre.made_n, 1);
}

/* Whoever is against the call ends it each 36 seconds, if there is one. */
static void end_for(int64_t us)
{
    for (int64_t at = 0; at < us; at += END_EVERY_S * SECOND_US) {
        bed_pass(END_EVERY_S * SECOND_US);
        if (centre.running)
            centre_ends();
    }
    bed_pass(0);
}

/* The first call is no re-creation. */
static void is_within(size_t max)
{
    for (size_t i = 1; i + max < centre.made_n; i++) {
        int64_t apart = centre.made_s[i + max] - centre.made_s[i];
        ck_assert_int_ge(apart, 3600);
        /* And no later than there is room, but for the time until somebody ends it. */
        ck_assert_int_le(apart, 3600 + END_EVERY_S);
    }
}

START_TEST(test_an_hour_of_ends_has_as_many_calls_as_are_wished_for)
{
    static const size_t most[] = {1, 6, 60};
    size_t max = most[_i];
    char body[64];

    snprintf(body, sizeof(body), "{'max_per_hour': %zu}", max);
    begin(body);
    end_for(HOUR_US); /* 100 of them */
    ck_assert_uint_eq(centre.made_n, 1 + max);
    ck_assert_int_eq(bed_live()->total, (int64_t)max);
    end_for(2 * HOUR_US);
    is_within(max);
    ck_assert_uint_ge(centre.made_n, 1 + 2 * max);
    ck_assert_uint_eq(asked(), centre.made_n); /* nothing else, and nothing in vain */
}
END_TEST

START_TEST(test_nothing_is_asked_for_while_it_is_paused)
{
    begin("{'max_per_hour': 1}");
    centre_ends();
    bed_pass(0);
    ck_assert_int_eq(state(), LIVE_RUNNING);
    centre_ends();
    bed_pass(SECOND_US);
    ck_assert_int_eq(state(), LIVE_PAUSED);
    size_t before = asked();
    for (int i = 0; i < 58; i++) {
        centre_hints();
        bed_pass(MINUTE_US);
    }
    ck_assert_int_eq(state(), LIVE_PAUSED);
    ck_assert_uint_eq(asked(), before);
    bed_pass(2 * MINUTE_US);
    ck_assert_int_eq(state(), LIVE_RUNNING);
    ck_assert_uint_eq(asked(), before + 1);
}
END_TEST

START_TEST(test_a_right_that_is_lost_is_looked_for_four_times_an_hour)
{
    begin("{}");
    centre.has_right = false;
    centre_ends();
    bed_pass(0);
    ck_assert_int_eq(state(), LIVE_PAUSED);
    ck_assert_int_eq(bed_live()->why, LIVE_WHY_REFUSED);
    ck_assert_uint_eq(centre.creates, 2);
    bed_pass(HOUR_US);
    ck_assert_uint_eq(centre.creates, 2);
    ck_assert_uint_eq(centre.looks, 4);
    ck_assert_str_eq(bed_live()->reason, "Telegram refused");
    ck_assert_str_eq(bed_live()->remedy, "Have it turned on");
    /* It comes back, and nobody says so. */
    centre.has_right = true;
    bed_pass(15 * MINUTE_US);
    ck_assert_int_eq(state(), LIVE_RUNNING);
    ck_assert_uint_eq(centre.made_n, 2);
    ck_assert_int_eq(bed_live()->total, 1);
}
END_TEST

START_TEST(test_a_right_that_is_back_is_used_at_once)
{
    begin("{}");
    centre.has_right = false;
    centre_ends();
    bed_pass(MINUTE_US);
    centre.has_right = true;
    centre_hints();
    bed_pass(0);
    ck_assert_int_eq(state(), LIVE_RUNNING);
    ck_assert_uint_eq(centre.looks, 1);
    ck_assert_uint_eq(centre.made_n, 2);
}
END_TEST

START_TEST(test_rights_that_come_and_go_make_no_storm)
{
    begin("{}");
    centre.has_right = false;
    centre_ends();
    bed_pass(0);
    for (int i = 0; i < 600; i++) {
        centre_hints();
        bed_pass(SECOND_US / 10);
    }
    ck_assert_uint_eq(centre.creates, 2);
    ck_assert_uint_le(centre.looks, 60 / 5 + 1);
    ck_assert_uint_gt(centre.looks, 1);
}
END_TEST

START_TEST(test_an_account_that_is_not_ready_is_waited_for)
{
    begin("{}");
    size_t before = asked();
    bed_log_out();
    centre.running = 0; /* unheard */
    bed_pass(HOUR_US);
    ck_assert_int_eq(state(), LIVE_PAUSED);
    ck_assert_int_eq(bed_live()->why, LIVE_WHY_ACCOUNT);
    ck_assert_uint_eq(asked(), before);
    bed_log_in();
    bed_pass(0);
    ck_assert_int_eq(state(), LIVE_RUNNING);
    ck_assert_uint_eq(centre.made_n, 2);
}
END_TEST

START_TEST(test_an_account_that_is_ready_again_and_lacks_the_right_says_so)
{
    begin("{}");
    centre.has_right = false;
    centre_ends();
    bed_pass(0);
    bed_log_out();
    bed_pass(MINUTE_US);
    ck_assert_int_eq(bed_live()->why, LIVE_WHY_ACCOUNT);
    bed_log_in();
    bed_pass(0);
    ck_assert_int_eq(bed_live()->why, LIVE_WHY_REFUSED);
    ck_assert_str_eq(bed_live()->reason, "the account lacks a right in the chat: manage_call");
}
END_TEST

START_TEST(test_a_wish_that_was_ended_makes_no_call)
{
    begin("{}");
    ck_assert_int_eq(bed_unwish(), 204);
    ck_assert_ptr_null(bed_live());
    centre_ends();
    bed_pass(HOUR_US);
    ck_assert_uint_eq(centre.made_n, 1);
    ck_assert_uint_eq(live_disk_rows_n(), 0);
}
END_TEST

/* Its create waits for the network, or the change of the stream's key before it does. */
START_TEST(test_what_was_not_sent_for_a_wish_that_is_ended_is_never_sent)
{
    begin("{'rtmp_stream': true, 'rotate_key': true}");
    centre.is_away = true;
    bool rotates = _i;
    if (!rotates)
        ck_assert_int_eq(bed_wish("{}"), 200);
    centre_ends();
    bed_pass(0);
    ck_assert_uint_eq(attempts_n, 1);
    ck_assert_int_eq(attempt()->method, rotates ? JOB_PEER_RTMP : JOB_CALL_CREATE);
    ck_assert_int_eq(bed_unwish(), 204);
    centre.is_away = false;
    bed_pass(2 * HOUR_US);
    ck_assert_uint_eq(centre.creates, 1);
    ck_assert_uint_eq(centre.rotations, 0);
    ck_assert_uint_eq(bed_worker->journal->n, 0);
    ck_assert_uint_eq(disk_rows_n(), 0);
}
END_TEST

/* At each step of the disks and the data centre of a PUT and the call it makes, or of a call that is made anew. */
START_TEST(test_a_wish_that_was_ended_at_any_step_is_gone_for_good)
{
    bool is_anew = _i & 1, is_slow = _i & 2;
    unsigned step = 0;
    int put, unwished;

    do {
        live_bed_set_up();
        if (is_anew)
            begin("{'rtmp_stream': true, 'rotate_key': true}");
        if (is_slow)
            bed_slow_disk();
        if (is_anew)
            centre_ends();
        else
            bed_wish_soon("{}", &put);
        bed_unwish_after(step, &unwished);
        bed_pass(0);
        size_t creates = centre.creates;
        ck_assert_msg(!unwished || (unwished == 204 && !bed_live() && !live_disk_rows_n()),
                      "DELETE after %u steps: %d, rows on the disk: %zu", step, unwished, live_disk_rows_n());
        bed_pass(HOUR_US);
        ck_assert_msg(!unwished || centre.creates == creates, "a call was asked for after that (step %u)", step);
        live_bed_tear_down();
        step++;
    } while (unwished); /* until there is no step left */
    ck_assert_uint_gt(step, 4);
}
END_TEST

START_TEST(test_who_wishes_while_a_wish_is_going_has_a_new_one)
{
    int first, second, put;

    begin("{}");
    int64_t id = bed_live()->id;
    bed_unwish_after(0, &first);
    bed_wish_soon("{'max_per_hour': 9}", &put);
    bed_unwish_after(0, &second);
    bed_wish_soon("{'max_per_hour': 8}", &put);
    bed_pass(0);
    ck_assert_int_eq(first, 204);
    ck_assert_int_eq(second, 204);
    ck_assert_int_eq(put, 201);
    ck_assert_int_eq(bed_live()->max_per_hour, 8);
    ck_assert_int_ne(bed_live()->id, id);
    ck_assert_uint_eq(live_disk_rows_n(), 1);
    ck_assert_int_eq(bed_unwish(), 204);
    ck_assert_uint_eq(live_disk_rows_n(), 0);
}
END_TEST

/* What came of each create is with the wish: no key of it is kept for its day. */
START_TEST(test_no_key_is_kept_longer_than_it_is_needed)
{
    begin("{'rtmp_stream': true, 'rotate_key': true}");
    for (int i = 0; i < 3; i++) {
        centre_ends();
        bed_pass(SECOND_US);
    }
    centre.has_right = false;
    centre_ends();
    bed_pass(SECOND_US);
    ck_assert_uint_eq(centre.made_n, 4);
    ck_assert_uint_eq(bed_worker->journal->n, 0);
    ck_assert_uint_eq(disk_rows_n(), 0);
}
END_TEST

/* --- a basic group becomes a supergroup --- */

static void is_in_the_channel(size_t made)
{
    ck_assert_ptr_null(live_find(bed_worker->live, "anna", PEER_CHAT, 5));
    ck_assert_int_eq(state(), LIVE_RUNNING);
    ck_assert_int_eq(bed_live()->key.peer_kind, PEER_CHANNEL);
    ck_assert_uint_eq(live_disk_rows_n(), 1);
    ck_assert_uint_eq(centre.made_n, made);
}

START_TEST(test_a_group_that_becomes_a_supergroup_is_kept_live_there)
{
    bed_is_basic();
    begin("{'title': 'On'}");
    ck_assert_int_eq(bed_live()->key.peer_kind, PEER_CHAT);
    ck_assert_int_eq(centre.peer, -5);
    centre_ends();
    centre_migrates();
    bed_pass(0);
    is_in_the_channel(2);
    ck_assert_int_eq(centre.peer, -1000000000007);
    ck_assert_int_eq(bed_live()->total, 1);
    /* What happens in the channel is heard. */
    centre_ends();
    bed_pass(0);
    is_in_the_channel(3);
    /* By the address of before, too. */
    ck_assert_int_eq(bed_wish("{'title': 'Still on'}"), 200);
    is_in_the_channel(3);
    ck_assert_int_eq(bed_unwish(), 204);
    ck_assert_uint_eq(live_disk_rows_n(), 0);
}
END_TEST

START_TEST(test_what_was_refused_in_the_group_is_not_held_against_the_supergroup)
{
    bed_is_basic();
    begin("{}");
    centre.has_right = false;
    centre_ends();
    bed_pass(0);
    ck_assert_int_eq(bed_live()->why, LIVE_WHY_REFUSED);
    centre.has_right = true;
    centre_migrates();
    bed_pass(0);
    is_in_the_channel(2);
    ck_assert_uint_eq(centre.looks, 0);
}
END_TEST

START_TEST(test_a_wish_for_the_supergroup_itself_stands_for_the_group_s)
{
    bed_is_basic();
    begin("{'title': 'Old'}");
    centre_migrates();
    struct live_wish *there = live_add(bed_worker->live, "anna", PEER_CHANNEL, 7);
    there->id = 1;
    there->since_s = 1;
    there->max_per_hour = 6;
    live_write(there, NULL, NULL);
    there->is_still = false;
    live_put(there, 0);
    bed_pass(SECOND_US);
    is_in_the_channel(1);
    ck_assert_ptr_eq(bed_live(), there);
}
END_TEST

START_TEST(test_a_kill_while_it_moves_loses_and_doubles_nothing)
{
    unsigned step = 0;
    bool is_killed;

    do {
        live_bed_set_up();
        bed_is_basic();
        begin("{}");
        centre_ends();
        centre_migrates();
        bed_kill_after(++step);
        bed_pass(SECOND_US);
        is_killed = bed_was_killed();
        bed_pass(MINUTE_US);
        is_in_the_channel(2);
        live_bed_tear_down();
    } while (is_killed);
    ck_assert_uint_gt(step, 4);
}
END_TEST

/* --- another user --- */

/* The process is killed at any step of an attempt, and the next one has the account logged in as somebody else, who
 * wishes it too: what was asked for before is neither his nor taken back. */
START_TEST(test_what_the_user_before_asked_for_is_not_counted_as_the_next_one_s)
{
    unsigned step = 0;
    size_t in_doubt = 0;
    bool is_killed;

    do {
        live_bed_set_up();
        begin("{}");
        centre_ends();
        bed_kill_and_log_in_as(++step, 2002);
        bed_pass(0);
        is_killed = bed_was_killed();
        if (is_killed) {
            size_t before = centre.made_n, kept = disk_rows_n(), total = (size_t)bed_live()->total;
            ck_assert_int_eq(bed_live()->why, LIVE_WHY_ACCOUNT);
            in_doubt += bed_live()->attempt.body != NULL && before == 2;
            ck_assert_int_eq(bed_wish("{}"), 200);
            bed_pass(MINUTE_US);
            ck_assert_msg(state() == LIVE_RUNNING, "killed after %u steps: %s", step, bed_live()->reason);
            ck_assert_int_eq(bed_live()->user_id, 2002);
            ck_assert_uint_eq((size_t)bed_live()->total - total, centre.made_n - before);
            ck_assert_uint_eq(bed_live()->times_n, centre.made_n - before + total);
            ck_assert_uint_ge(disk_rows_n(), kept);
        }
        live_bed_tear_down();
    } while (is_killed);
    ck_assert_uint_gt(in_doubt, 0);
}
END_TEST

/* --- kills --- */

/* Three ends, then as many as there are within the hour; somewhere a kill. */
static void live_through(unsigned kill_after)
{
    bed_kill_after(kill_after);
    end_for(5 * END_EVERY_S * SECOND_US);
    bed_pass(MINUTE_US);
}

/* The first call, and the three that an hour has, over the kill too. */
static void is_once(unsigned kill_after, bool rotates)
{
    ck_assert_msg(centre.made_n == 4 && centre.creates <= 4 + 1 && centre.looks <= 1 && bed_live()->total == 3,
                  "killed after %u steps: %zu calls of %zu creates, %zu looks", kill_after, centre.made_n,
                  centre.creates, centre.looks);
    ck_assert_int_eq(state(), LIVE_PAUSED);
    ck_assert_int_eq(bed_live()->why, LIVE_WHY_LIMIT);
    if (rotates) {
        ck_assert_uint_ge(centre.rotations, 3);
        ck_assert_uint_le(centre.rotations, 3 + 1);
        ck_assert_uint_eq(centre.rotated_at, 3);
    }
    /* But for what the kill cut short, which is kept for its day. */
    ck_assert_uint_le(bed_worker->journal->n, 2);
}

START_TEST(test_a_kill_at_any_step_makes_no_second_call)
{
    static const char *const bodies[] = {"{'max_per_hour': 3}",
                                         "{'max_per_hour': 3, 'rtmp_stream': true, 'rotate_key': true}"};
    unsigned step = 0;
    bool is_killed;

    do {
        live_bed_set_up();
        begin(bodies[_i]);
        live_through(++step);
        is_killed = bed_was_killed();
        is_once(step, _i == 1);
        bed_pass(HOUR_US);
        ck_assert_uint_eq(centre.made_n, 5);
        ck_assert_int_eq(state(), LIVE_RUNNING);
        live_bed_tear_down();
    } while (is_killed); /* until there is no step left */
    ck_assert_uint_gt(step, 3 * 6);
}
END_TEST

Suite *suite_live(void)
{
    Suite *s = suite_create("live");
    TCase *t = tcase_create("hours"), *k = tcase_create("kills");

    tcase_add_checked_fixture(t, live_bed_set_up, live_bed_tear_down);
    tcase_add_loop_test(t, test_an_hour_of_ends_has_as_many_calls_as_are_wished_for, 0, 3);
    tcase_add_test(t, test_nothing_is_asked_for_while_it_is_paused);
    tcase_add_test(t, test_a_right_that_is_lost_is_looked_for_four_times_an_hour);
    tcase_add_test(t, test_a_right_that_is_back_is_used_at_once);
    tcase_add_test(t, test_rights_that_come_and_go_make_no_storm);
    tcase_add_test(t, test_an_account_that_is_not_ready_is_waited_for);
    tcase_add_test(t, test_an_account_that_is_ready_again_and_lacks_the_right_says_so);
    tcase_add_test(t, test_a_wish_that_was_ended_makes_no_call);
    tcase_add_loop_test(t, test_what_was_not_sent_for_a_wish_that_is_ended_is_never_sent, 0, 2);
    tcase_add_test(t, test_no_key_is_kept_longer_than_it_is_needed);
    tcase_add_test(t, test_who_wishes_while_a_wish_is_going_has_a_new_one);
    tcase_add_test(t, test_a_group_that_becomes_a_supergroup_is_kept_live_there);
    tcase_add_test(t, test_what_was_refused_in_the_group_is_not_held_against_the_supergroup);
    tcase_add_test(t, test_a_wish_for_the_supergroup_itself_stands_for_the_group_s);
    suite_add_tcase(s, t);
    tcase_add_test(k, test_a_kill_while_it_moves_loses_and_doubles_nothing);
    tcase_add_test(k, test_what_the_user_before_asked_for_is_not_counted_as_the_next_one_s);
    tcase_add_loop_test(k, test_a_wish_that_was_ended_at_any_step_is_gone_for_good, 0, 4);
    tcase_add_loop_test(k, test_a_kill_at_any_step_makes_no_second_call, 0, 2);
    suite_add_tcase(s, k);
    return s;
}
