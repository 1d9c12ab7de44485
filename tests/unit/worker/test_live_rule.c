/* What is to be done for a chat that is kept live, as a table. */
#include "daemon/worker/live_rule.h"

#include "daemon/base/clock.h"
#include "tests/unit/worker/suites.h"

enum { NOW_S = 1790000000, HOUR_S = 3600 };
#define NOW_US (1000 * SECOND_US)
#define NOW .now_us = NOW_US, .now_s = NOW_S

struct row {
    const char *name;
    struct live_facts facts;
    enum live_word word;
    enum live_why why;
    int64_t wait_us;
};

static const int64_t full[] = {NOW_S - 3000, NOW_S - 2000, NOW_S - 1000, NOW_S - 3, NOW_S - 2, NOW_S - 1};
static const int64_t aged[] = {NOW_S - 3600, NOW_S - 2000, NOW_S - 1000, NOW_S - 3, NOW_S - 2, NOW_S - 1};

#define FACTS(...)                                                                                                     \
    {                                                                                                                  \
        .is_ready = true, .max_per_hour = 6, .now_us = NOW_US, .now_s = NOW_S, ##__VA_ARGS__                           \
    }
#define TIMES(list) .times_s = list, .times_n = sizeof(list) / sizeof(list[0])

static const struct row rows[] = {
    {"an open chat gets a call", FACTS(), LIVE_CREATE, LIVE_WHY_NONE, 0},
    {"one that runs is all that is wished for", FACTS(.chat = LIVE_CHAT_RUNS), LIVE_RUNS, LIVE_WHY_NONE, 0},
    {"it is so whatever was refused before", FACTS(.chat = LIVE_CHAT_RUNS, .is_refused = true, .look_at_us = INT64_MAX),
     LIVE_RUNS, LIVE_WHY_NONE, 0},
    {"a scheduled call is left alone", FACTS(.chat = LIVE_CHAT_SCHEDULED), LIVE_WAIT, LIVE_WHY_SCHEDULED, -1},
    {"an account that is not ready asks nothing",
     {.is_ready = false, .chat = LIVE_CHAT_RUNS, NOW},
     LIVE_WAIT,
     LIVE_WHY_ACCOUNT,
     -1},
    {"what an earlier process may have made is looked for", FACTS(.must_look = true), LIVE_LOOK, LIVE_WHY_NONE, 0},
    {"a refusal stands until the next look", FACTS(.is_refused = true, .look_at_us = NOW_US + 7), LIVE_WAIT,
     LIVE_WHY_REFUSED, 7},
    {"then it is read, and nothing made", FACTS(.is_refused = true, .look_at_us = NOW_US), LIVE_LOOK, LIVE_WHY_NONE, 0},
    {"a look that failed has its pause", FACTS(.is_refused = true, .look_at_us = 0, .pause_until_us = NOW_US + 5),
     LIVE_WAIT, LIVE_WHY_REFUSED, 5},
    {"trouble has its pause", FACTS(.pause_until_us = NOW_US + 9), LIVE_WAIT, LIVE_WHY_TROUBLE, 9},
    {"and then goes on", FACTS(.pause_until_us = NOW_US), LIVE_CREATE, LIVE_WHY_NONE, 0},
    {"an hour that is full waits for its oldest", FACTS(TIMES(full), .counts = true), LIVE_WAIT, LIVE_WHY_LIMIT,
     600 * SECOND_US},
    {"which makes room when it is an hour old", FACTS(TIMES(aged), .counts = true), LIVE_CREATE, LIVE_WHY_NONE, 0},
    {"what is under way was counted", FACTS(TIMES(full)), LIVE_CREATE, LIVE_WHY_NONE, 0},
    {"a lower maximum counts the newest",
     {.is_ready = true, .counts = true, TIMES(full), .max_per_hour = 2, NOW},
     LIVE_WAIT,
     LIVE_WHY_LIMIT,
     (HOUR_S - 2) * SECOND_US},
    {"a higher one makes room at once",
     {.is_ready = true, .counts = true, TIMES(full), .max_per_hour = 7, NOW},
     LIVE_CREATE,
     LIVE_WHY_NONE,
     0},
};

START_TEST(test_each_row_comes_to_its_word)
{
    const struct row *r = &rows[_i];
    struct live_verdict v = live_judge(&r->facts);

    ck_assert_msg(v.word == r->word && v.why == r->why && v.wait_us == r->wait_us, "%s: %d %d %lld", r->name, v.word,
                  v.why, (long long)v.wait_us);
}
END_TEST

/* However often a call is ended within an hour, so many are made; and the hour slides. */
START_TEST(test_no_hour_has_more_than_its_maximum)
{
    int64_t times[LIVE_PER_HOUR_MAX];
    size_t n = 0;

    for (int64_t s = NOW_S; s < NOW_S + 3 * HOUR_S; s++) {
        struct live_facts f = {
            .is_ready = true, .counts = true, .times_s = times, .times_n = n, .max_per_hour = 6, .now_s = s};
        if (live_judge(&f).word == LIVE_CREATE)
            times[n++] = s;
        ck_assert_uint_le(n, LIVE_PER_HOUR_MAX);
    }
    ck_assert_uint_eq(n, 18);
    for (size_t i = 6; i < n; i++)
        ck_assert_int_ge(times[i] - times[i - 6], HOUR_S);
}
END_TEST

START_TEST(test_a_clock_that_was_set_back_does_not_stop_it_for_longer_than_an_hour)
{
    int64_t times[] = {NOW_S + 90000, NOW_S + 90001, NOW_S - 10};

    ck_assert(live_clamp_times(times, 3, NOW_S));
    ck_assert(times[0] == NOW_S && times[1] == NOW_S && times[2] == NOW_S - 10);
    ck_assert(!live_clamp_times(times, 3, NOW_S));
}
END_TEST

START_TEST(test_pauses_grow_up_to_a_maximum)
{
    ck_assert_int_eq(live_pause_us(0, 0), SECOND_US);
    ck_assert_int_eq(live_pause_us(3, 0), 8 * SECOND_US);
    ck_assert_int_eq(live_pause_us(1000, 0), 300 * SECOND_US);
    ck_assert_int_eq(live_pause_us(0, 900), 900 * SECOND_US);
    ck_assert_int_eq(live_refused_pause_us(1), 0);
    ck_assert_int_eq(live_refused_pause_us(2), 30 * SECOND_US);
    ck_assert_int_eq(live_refused_pause_us(1000), 900 * SECOND_US);
}
END_TEST

Suite *suite_live_rule(void)
{
    Suite *s = suite_create("live_rule");
    TCase *t = tcase_create("live_rule");

    tcase_add_loop_test(t, test_each_row_comes_to_its_word, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(t, test_no_hour_has_more_than_its_maximum);
    tcase_add_test(t, test_a_clock_that_was_set_back_does_not_stop_it_for_longer_than_an_hour);
    tcase_add_test(t, test_pauses_grow_up_to_a_maximum);
    suite_add_tcase(s, t);
    return s;
}
