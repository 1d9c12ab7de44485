/* GET /v1/events where several processes write the log, and all of it is on the disk. */
#include "tests/unit/api/events_bed.h"
#include "tests/unit/api/suites.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "daemon/bridge/events.h"

static void up(void)
{
    fixture_log_is_shared = true;
    events_bed_up();
    disk_oldest = 1;
    events_follow(fx.events, 6);
}

static void down(void)
{
    fixture_down();
    fixture_log_is_shared = false;
}

/* The disk has nothing there any more. */
static void read_nothing(struct job *job)
{
    job->events_up_to = events_oldest_here(fx.events) - 1;
    job->status = 200;
}

static void expect_event(struct client *c, unsigned id)
{
    char want[64];

    snprintf(want, sizeof(want), "id: %u\nevent: call\ndata: []\n\n", id);
    expect_block(c, want);
}

static void expect_gap(struct client *c, unsigned after, unsigned resumes_after)
{
    char block[BLOCK_SIZE], want[64];

    client_read_chunk(c, block, sizeof(block));
    snprintf(want, sizeof(want), "id: %u\nevent: gap\n", resumes_after);
    ck_assert_msg(strncmp(block, want, strlen(want)) == 0, "%s", block);
    snprintf(want, sizeof(want), "\"after\":%u,\"resumes_after\":%u}", after, resumes_after);
    ck_assert_msg(strstr(block, want) != NULL, "%s", block);
}

START_TEST(a_stream_has_what_is_on_the_disk_and_what_comes_to_it)
{
    struct client *all = follow("/v1/events?after=4", NULL, 4),
                  *bob = follow("/v1/events?account=bob&after=1", NULL, 1);
    struct client *late = follow("/v1/events", NULL, 6);

    expect_event(all, 5);
    expect_event(all, 6);
    for (unsigned id = 2; id <= 6; id += 2)
        expect_event(bob, id);
    for (unsigned newest = 7; newest <= 30; newest++) {
        events_follow(fx.events, newest);
        expect_event(all, newest);
        expect_event(late, newest);
        if (newest % 2 == 0)
            expect_event(bob, newest);
    }
    client_free(all);
    client_free(bob);
    client_free(late);
}
END_TEST

START_TEST(who_was_told_elsewhere_what_is_not_heard_here_yet_gets_no_gap)
{
    struct client *c = follow("/v1/events", "Last-Event-ID: 8\r\n", 8);

    events_follow(fx.events, 7);
    events_follow(fx.events, 8);
    events_follow(fx.events, 8);
    events_follow(fx.events, 9);
    expect_event(c, 9);
    client_free(c);
}
END_TEST

START_TEST(who_has_an_id_that_is_of_no_event_gets_a_gap_when_that_is_known)
{
    struct client *c = follow("/v1/events?types=job", "Last-Event-ID: 20\r\n", 20);

    events_follow(fx.events, 6);
    events_follow(fx.events, 6);
    expect_gap(c, 20, 6);
    client_free(c);
    c = follow("/v1/events", "Last-Event-ID: 20\r\n", 20);
    events_follow(fx.events, 7);
    events_follow(fx.events, 7);
    expect_gap(c, 20, 7);
    events_follow(fx.events, 8);
    expect_event(c, 8);
    client_free(c);
}
END_TEST

START_TEST(a_database_that_is_put_back_is_a_gap_for_who_follows)
{
    struct client *c = follow("/v1/events?after=5", NULL, 5);
    struct pollfd at = {.fd = c->fd, .events = POLLIN};

    expect_event(c, 6);
    while (poll(&at, 1, 10) == 0)
        events_follow(fx.events, 3);
    expect_gap(c, 6, 3);
    events_follow(fx.events, 4);
    expect_event(c, 4);
    client_free(c);
}
END_TEST

START_TEST(what_was_forgotten_is_passed_over)
{
    struct client *c = follow("/v1/events?after=2", NULL, 2);

    for (unsigned id = 3; id <= 6; id++)
        expect_event(c, id);
    fake_worker_answer_with(fx.worker, read_nothing);
    size_t answered = fake_worker_answered(fx.worker);
    events_follow(fx.events, 8);
    while (fake_worker_answered(fx.worker) == answered)
        poll(NULL, 0, 1);
    struct event *ninth[] = {
        event_new(9, &(struct event_words){.account = "alice", .type = "call", .data = "[]", .len = 2})};
    events_follow_with(fx.events, 9, ninth, 1);
    expect_event(c, 9);
    client_free(c);
}
END_TEST

START_TEST(what_happens_here_is_shown_when_it_is_read_back)
{
    struct event_words words = {.account = "alice", .type = "call", .data = "[]", .len = 2};
    struct client *c = follow("/v1/events", NULL, 6), *poller = client_tcp(fx.port);
    struct event *list[4];
    uint64_t reserved;
    struct response r;

    send_request(poller, fx.admin, "GET", "/v1/events?wait=60&after=6", NULL, NULL);
    tell("alice", "call", "[]");
    ck_assert_uint_eq(events_to_write(fx.events, 4, list, &reserved), 1);
    event_drop(list[0]);
    events_written(fx.events, true);
    ck_assert_uint_eq(events_newest(fx.events), 6);
    list[0] = event_new(7, &words);
    events_follow_with(fx.events, 7, list, 1);
    expect_event(c, 7);
    ck_assert(client_read(poller, false, &r));
    ck_assert_str_eq(r.body, "{\"events\":[{\"id\":7,\"event\":\"call\",\"data\":[]}],\"next\":7}\n");
    response_fini(&r);
    client_free(poller);
    client_free(c);
}
END_TEST

/* Looks go on until it is answered. */
static void expect_page(const char *target, uint64_t newest, const char *begin, const char *end)
{
    struct client *c = client_tcp(fx.port);
    struct pollfd at = {.fd = c->fd, .events = POLLIN};
    struct response r;

    send_request(c, fx.admin, "GET", target, "Accept: application/json\r\n", NULL);
    while (poll(&at, 1, 10) == 0)
        events_follow(fx.events, newest);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 200);
    ck_assert_msg(strncmp(r.body, begin, strlen(begin)) == 0, "%s", r.body);
    ck_assert_msg(strstr(r.body, end) != NULL, "%s", r.body);
    response_fini(&r);
    client_free(c);
}

START_TEST(a_page_has_what_is_on_the_disk)
{
    expect_page("/v1/events?after=5", 6, "{\"events\":[{\"id\":6,\"event\":\"call\",\"data\":[]}],\"next\":6}", "");
    expect_page("/v1/events?after=6", 6, "{\"events\":[],\"next\":6}", "");
    expect_page("/v1/events?wait=60&after=6", 7, "{\"events\":[{\"id\":7,\"event\":\"call\",\"data\":[]}],\"next\":7}",
                "");
}
END_TEST

START_TEST(a_page_of_who_is_ahead_waits_until_it_is_known)
{
    expect_page("/v1/events?after=7", 7, "{\"events\":[],\"next\":7}", "");
    expect_page("/v1/events?after=20", 7, "{\"events\":[{\"id\":7,\"event\":\"gap\",",
                "\"after\":20,\"resumes_after\":7}}],\"next\":7}");
    expect_page("/v1/events?after=20&wait=60", 7, "{\"events\":[{\"id\":7,\"event\":\"gap\",",
                "\"after\":20,\"resumes_after\":7}}],\"next\":7}");
}
END_TEST

Suite *suite_http_events_followed(void)
{
    Suite *s = suite_create("http_events_followed");
    TCase *t = tcase_create("http_events_followed");

    tcase_add_checked_fixture(t, up, down);
    tcase_add_test(t, a_stream_has_what_is_on_the_disk_and_what_comes_to_it);
    tcase_add_test(t, who_was_told_elsewhere_what_is_not_heard_here_yet_gets_no_gap);
    tcase_add_test(t, who_has_an_id_that_is_of_no_event_gets_a_gap_when_that_is_known);
    tcase_add_test(t, a_database_that_is_put_back_is_a_gap_for_who_follows);
    tcase_add_test(t, what_was_forgotten_is_passed_over);
    tcase_add_test(t, what_happens_here_is_shown_when_it_is_read_back);
    tcase_add_test(t, a_page_has_what_is_on_the_disk);
    tcase_add_test(t, a_page_of_who_is_ahead_waits_until_it_is_known);
    suite_add_tcase(s, t);
    return s;
}
