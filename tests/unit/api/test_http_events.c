/* GET /v1/events: what streams tell, their filters and gaps. */
#include "tests/unit/api/events_bed.h"
#include "tests/unit/api/suites.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

START_TEST(a_stream_tells_what_happens_from_now_on)
{
    tell("alice", "call", "{\"n\":1}");
    struct client *c = follow("/v1/events", NULL, 1);

    tell("alice", "updateGroupCall", "{\"n\":2}");
    expect_block(c, "id: 2\nevent: updateGroupCall\ndata: {\"n\":2}\n\n");
    tell("", "job", "{\"n\":3}");
    expect_block(c, "id: 3\nevent: job\ndata: {\"n\":3}\n\n");
    client_free(c);
}
END_TEST

START_TEST(all_streams_get_each_event)
{
    struct client *all[STREAMS_MAX / 2];
    enum { N = sizeof(all) / sizeof(all[0]) };

    for (int i = 0; i < N; i++)
        all[i] = follow("/v1/events", NULL, 0);
    for (int e = 1; e <= 5; e++) {
        char want[64];
        snprintf(want, sizeof(want), "id: %d\nevent: call\ndata: {}\n\n", e);
        tell("alice", "call", "{}");
        for (int i = 0; i < N; i++)
            expect_block(all[i], want);
    }
    for (int i = 0; i < N; i++)
        client_free(all[i]);
}
END_TEST

START_TEST(who_comes_back_misses_nothing)
{
    tell_many(3);
    struct client *c = follow("/v1/events?after=2", "Last-Event-ID: 1\r\n", 1);

    expect_block(c, "id: 2\nevent: call\ndata: {}\n\n");
    expect_block(c, "id: 3\nevent: call\ndata: {}\n\n");
    client_free(c);
    c = follow("/v1/events?after=2", NULL, 2);
    expect_block(c, "id: 3\nevent: call\ndata: {}\n\n");
    client_free(c);
}
END_TEST

/* Wants a gap with these numbers, and its id. */
static void expect_gap(struct client *c, uint64_t after, uint64_t resumes_after)
{
    char block[BLOCK_SIZE], want[128];

    client_read_chunk(c, block, sizeof(block));
    snprintf(want, sizeof(want), "id: %" PRIu64 "\nevent: gap\ndata: {", resumes_after);
    ck_assert_msg(strncmp(block, want, strlen(want)) == 0, "%s", block);
    snprintf(want, sizeof(want), "\"after\":%" PRIu64 ",\"resumes_after\":%" PRIu64 "}\n\n", after, resumes_after);
    ck_assert_msg(strstr(block, want) != NULL, "%s", block);
}

START_TEST(what_is_forgotten_is_a_gap)
{
    tell_many(RING + 10);
    struct client *c = follow("/v1/events?types=account", "Last-Event-ID: 3\r\n", 3);

    expect_gap(c, 3, 10);
    tell("alice", "account", "{}");
    expect_block(c, "id: 75\nevent: account\ndata: {}\n\n");
    client_free(c);
}
END_TEST

START_TEST(what_memory_has_no_more_comes_from_the_disk)
{
    enum { N = 300 };
    char want[64];

    disk_oldest = 1;
    tell_many(N);
    struct client *all = follow("/v1/events", "Last-Event-ID: 0\r\n", 0),
                  *bob = follow("/v1/events?account=bob&after=9", NULL, 9);
    for (int id = 1; id <= N; id++) {
        snprintf(want, sizeof(want), "id: %d\nevent: call\ndata: %s\n\n", id, id <= N - RING ? "[]" : "{}");
        expect_block(all, want);
    }
    for (int id = 10; id <= N - RING; id += 2) {
        snprintf(want, sizeof(want), "id: %d\nevent: call\ndata: []\n\n", id);
        expect_block(bob, want);
    }
    tell("bob", "account", "{}");
    expect_block(all, "id: 301\nevent: account\ndata: {}\n\n");
    expect_block(bob, "id: 301\nevent: account\ndata: {}\n\n");
    client_free(all);
    client_free(bob);
}
END_TEST

START_TEST(many_at_once_read_the_disk_in_turn)
{
    struct client *all[STREAMS_MAX / 2];
    enum { N = sizeof(all) / sizeof(all[0]), EVENTS = 200 };
    char want[64];

    disk_oldest = 1;
    tell_many(EVENTS);
    fake_worker_hold(fx.worker, true);
    for (int i = 0; i < N; i++)
        all[i] = follow("/v1/events", "Last-Event-ID: 0\r\n", 0);
    fake_worker_await(fx.worker, 1);
    /* One leaves while a worker has his job. */
    client_free(all[0]);
    fake_worker_hold(fx.worker, false);
    for (int i = 1; i < N; i++) {
        for (int id = 1; id <= EVENTS; id++) {
            snprintf(want, sizeof(want), "id: %d\nevent: call\ndata: %s\n\n", id, id <= EVENTS - RING ? "[]" : "{}");
            expect_block(all[i], want);
        }
        client_free(all[i]);
    }
}
END_TEST

static void fail_to_read(struct job *job)
{
    job->problem = problem_new(PROBLEM_INTERNAL, 0, "the disk is gone");
}

START_TEST(where_the_disk_cannot_be_read_nothing_is_passed_over)
{
    fake_worker_answer_with(fx.worker, fail_to_read);
    tell_many(RING + 1);
    struct client *c = follow("/v1/events", "Last-Event-ID: 0\r\n", 0);
    expect_end(c);
    client_free(c);
    expect("GET", "/v1/events?wait=1&after=0", NULL, NULL, 500, "internal");
}
END_TEST

START_TEST(an_id_that_no_event_has_yet_is_a_gap)
{
    tell_many(2);
    struct client *c = follow("/v1/events", "Last-Event-ID: 99\r\n", 99);

    expect_gap(c, 99, 2);
    tell("alice", "call", "{}");
    expect_block(c, "id: 3\nevent: call\ndata: {}\n\n");
    client_free(c);
}
END_TEST

START_TEST(a_stream_is_of_one_account_or_of_some_types)
{
    struct client *account = follow("/v1/events?account=bob", NULL, 0),
                  *types = follow("/v1/events?types=schedule,job,updateGroupCall", NULL, 0);

    tell("alice", "call", "{}");
    tell("", "job", "{}");
    tell("bob", "call", "{}");
    tell("bob", "updateGroupCall", "{}");
    expect_block(account, "id: 3\nevent: call\ndata: {}\n\n");
    expect_block(account, "id: 4\nevent: updateGroupCall\ndata: {}\n\n");
    expect_block(types, "id: 2\nevent: job\ndata: {}\n\n");
    expect_block(types, "id: 4\nevent: updateGroupCall\ndata: {}\n\n");
    client_free(account);
    client_free(types);
}
END_TEST

START_TEST(a_client_of_http_1_0_gets_no_chunks)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    client_sendf(c, "GET /v1/events HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", fx.admin);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 200);
    ck_assert_ptr_null(response_header(&r, "Transfer-Encoding"));
    tell("alice", "call", "{}");
    /* All that came, which is two blocks by then. */
    static const char want[] = "retry: 1000\nid: 0\n\nid: 1\nevent: call\ndata: {}\n\n";
    while (c->len < strlen(want))
        ck_assert_int_gt(recv(c->fd, c->data + c->len++, 1, 0), 0);
    ck_assert_int_eq(memcmp(c->data, want, strlen(want)), 0);
    response_fini(&r);
    client_free(c);
}
END_TEST

START_TEST(the_head_says_what_comes)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    send_request(c, fx.admin, "GET", "/v1/events", "Origin: https://dash.example\r\nX-Request-Id: mine\r\n", NULL);
    ck_assert(client_read(c, false, &r));
    ck_assert_str_eq(response_header(&r, "Cache-Control"), "no-store");
    ck_assert_str_eq(response_header(&r, "X-Request-Id"), "mine");
    ck_assert_str_eq(response_header(&r, "Access-Control-Allow-Origin"), "https://dash.example");
    ck_assert_str_eq(response_header(&r, "Transfer-Encoding"), "chunked");
    ck_assert_ptr_nonnull(response_header(&r, "Date"));
    response_fini(&r);
    client_free(c);
    r = ask("HEAD", "/v1/events", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(response_header(&r, "Content-Type"), "text/event-stream");
    response_fini(&r);
}
END_TEST

Suite *suite_http_events(void)
{
    Suite *s = suite_create("http_events");
    TCase *t = tcase_create("http_events");

    tcase_add_checked_fixture(t, events_bed_up, fixture_down);
    tcase_add_test(t, a_stream_tells_what_happens_from_now_on);
    tcase_add_test(t, all_streams_get_each_event);
    tcase_add_test(t, who_comes_back_misses_nothing);
    tcase_add_test(t, what_is_forgotten_is_a_gap);
    tcase_add_test(t, what_memory_has_no_more_comes_from_the_disk);
    tcase_add_test(t, many_at_once_read_the_disk_in_turn);
    tcase_add_test(t, where_the_disk_cannot_be_read_nothing_is_passed_over);
    tcase_add_test(t, an_id_that_no_event_has_yet_is_a_gap);
    tcase_add_test(t, a_stream_is_of_one_account_or_of_some_types);
    tcase_add_test(t, a_client_of_http_1_0_gets_no_chunks);
    tcase_add_test(t, the_head_says_what_comes);
    suite_add_tcase(s, t);
    return s;
}
