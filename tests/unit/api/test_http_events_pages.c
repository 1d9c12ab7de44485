/* GET /v1/events: pages and long polls. */
#include "tests/unit/api/events_bed.h"
#include "tests/unit/api/suites.h"

#include <stdio.h>

#include "daemon/bridge/events.h"

static void expect_page(const char *target, const char *headers, const char *want)
{
    struct response r = ask("GET", target, headers, NULL);

    ck_assert_msg(r.status == 200, "%s: %d %s", target, r.status, r.body);
    ck_assert_str_eq(r.body, want);
    response_fini(&r);
}

START_TEST(a_page_has_what_there_is)
{
    tell("alice", "call", "{\"n\":1}");
    tell("bob", "call", "{\"n\":2}");
    expect_page("/v1/events?wait=60&after=0&account=bob", NULL,
                "{\"events\":[{\"id\":2,\"event\":\"call\",\"data\":{\"n\":2}}],\"next\":2}\n");
    expect_page("/v1/events?after=1", "Accept: application/json\r\n",
                "{\"events\":[{\"id\":2,\"event\":\"call\",\"data\":{\"n\":2}}],\"next\":2}\n");
    expect_page("/v1/events", "Accept: application/json\r\n", "{\"events\":[],\"next\":2}\n");
    expect_page("/v1/events?wait=1&types=job&after=0", NULL, "{\"events\":[],\"next\":2}\n");
    expect_page("/v1/events?wait=0&after=2", NULL, "{\"events\":[],\"next\":2}\n");
}
END_TEST

START_TEST(a_page_has_what_is_on_the_disk)
{
    disk_oldest = 5;
    tell_many(RING + 6);
    expect_page("/v1/events?wait=60&after=4&account=bob", NULL,
                "{\"events\":[{\"id\":6,\"event\":\"call\",\"data\":[]}],\"next\":6}\n");
    expect_page(
        "/v1/events?after=2&account=bob", "Accept: application/json\r\n",
        "{\"events\":[{\"id\":4,\"event\":\"gap\",\"data\":{\"received_at\":1,\"after\":2,\"resumes_after\":4}},"
        "{\"id\":6,\"event\":\"call\",\"data\":[]}],\"next\":6}\n");
    /* Nothing is for it there; the next page goes on. */
    expect_page("/v1/events?wait=60&after=4&types=job", NULL, "{\"events\":[],\"next\":6}\n");
}
END_TEST

START_TEST(a_long_poll_waits_for_what_is_for_it)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    send_request(c, fx.admin, "GET", "/v1/events?wait=60&after=0&types=job", NULL, NULL);
    for (int i = 0; i < 20; i++)
        tell("alice", "call", "{}");
    tell("", "job", "{}");
    ck_assert(client_read(c, false, &r));
    ck_assert_str_eq(r.body, "{\"events\":[{\"id\":21,\"event\":\"job\",\"data\":{}}],\"next\":21}\n");
    response_fini(&r);
    /* The connection goes on. */
    send_request(c, fx.admin, "GET", "/healthz", NULL, NULL);
    expect_status(c, 200, "");
    client_free(c);
}
END_TEST

START_TEST(what_is_wrong_is_said)
{
    static const struct {
        const char *query, *pointer;
    } bad[] = {
        {"types=calls", "/types"},     {"types=", "/types"},       {"types=call,", "/types"},
        {"types=call,,job", "/types"}, {"types=update", "/types"}, {"types=update%20X", "/types"},
        {"after=-1", "/after"},        {"after=x", "/after"},      {"wait=61", "/wait"},
        {"wait=x", "/wait"},           {"account=No", "/account"}, {"since=1", "/since"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char target[64];
        snprintf(target, sizeof(target), "/v1/events?%s", bad[i].query);
        struct response r = ask("GET", target, NULL, NULL);
        ck_assert_msg(r.status == 422 && error_at(&r, bad[i].pointer), "%s: %d %s", target, r.status, r.body);
        response_fini(&r);
    }
    expect("GET", "/v1/events", "Last-Event-ID: x\r\n", NULL, 422, "invalid-request");
    expect("GET", "/v1/events?account=nobody", NULL, NULL, 404, "not-found");
    expect("POST", "/v1/events", NULL, NULL, 405, "method-not-allowed");
    struct response r = ask_unknown("GET", "/v1/events", NULL, NULL);
    ck_assert_int_eq(r.status, 401);
    response_fini(&r);
}
END_TEST

Suite *suite_http_events_pages(void)
{
    Suite *s = suite_create("http_events_pages");
    TCase *t = tcase_create("http_events_pages");

    tcase_add_checked_fixture(t, events_bed_up, fixture_down);
    tcase_add_test(t, a_page_has_what_there_is);
    tcase_add_test(t, a_page_has_what_is_on_the_disk);
    tcase_add_test(t, a_long_poll_waits_for_what_is_for_it);
    tcase_add_test(t, what_is_wrong_is_said);
    suite_add_tcase(s, t);
    return s;
}
