/* How the front end comes to its end. */
#include "tests/support/fake_clock.h"
#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Nothing was sent, and when to ask again is said. */
static void expect_another_try_is_safe(const struct response *r)
{
    ck_assert(json_is_false(json_object_get(r->json, "sent")));
    ck_assert_ptr_nonnull(response_header(r, "Retry-After"));
}

static void *release_later(void *ctx)
{
    usleep(50000); /* nothing tells that the stop waits; if this comes first, the test still holds */
    fake_worker_hold(fx.worker, false);
    return NULL;
}

START_TEST(a_stop_lets_requests_under_way_end)
{
    struct client *waiting, *kept;
    struct response r;
    pthread_t releaser;

    fixture_up();
    kept = client_tcp(fx.port);
    send_request(kept, fx.admin, "GET", "/healthz", NULL, NULL);
    ck_assert(client_read(kept, false, &r));
    response_fini(&r);
    fake_worker_hold(fx.worker, true);
    waiting = client_tcp(fx.port);
    send_request(waiting, fx.admin, "GET", "/v1/calls", NULL, NULL);
    fake_worker_await(fx.worker, 1);

    api_quiesce(fx.api);
    api_quiesce(fx.api);
    send_request(kept, fx.admin, "GET", "/v1/calls", NULL, NULL);
    ck_assert(client_read(kept, false, &r));
    ck_assert_int_eq(r.status, 503);
    ck_assert_str_eq(response_slug(&r), "stopping");
    ck_assert_str_eq(response_header(&r, "Connection"), "close");
    response_fini(&r);
    ck_assert(client_is_closed(kept));
    client_free(kept);

    mailbox_close(fake_worker_mailbox(fx.worker));
    ck_assert_int_eq(pthread_create(&releaser, NULL, release_later, NULL), 0);
    fixture_stop();
    pthread_join(releaser, NULL);
    ck_assert_msg(client_read(waiting, false, &r), "the answer was lost");
    ck_assert_int_eq(r.status, 200);
    response_fini(&r);
    client_free(waiting);
    fake_worker_stop(fx.worker);
    tokens_free(fx.tokens);
    events_free(fx.events);
    json_decref(fx.version);
}
END_TEST

START_TEST(a_closed_mailbox_is_503_stopping)
{
    mailbox_close(fake_worker_mailbox(fx.worker));
    struct response r = ask("GET", "/v1/calls", "", NULL);
    ck_assert_int_eq(r.status, 503);
    ck_assert_str_eq(response_slug(&r), "stopping");
    expect_another_try_is_safe(&r);
    response_fini(&r);
}
END_TEST

START_TEST(a_new_connection_during_a_stop_is_told_so)
{
    struct response r;

    api_quiesce(fx.api);
    struct client *c = client_tcp(fx.port);
    send_request(c, fx.admin, "GET", "/healthz", NULL, NULL);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 503);
    ck_assert_str_eq(response_header(&r, "Connection"), "close");
    expect_another_try_is_safe(&r);
    response_fini(&r);
    ck_assert(client_is_closed(c));
    client_free(c);
}
END_TEST

struct asker {
    pthread_t thread;
    atomic_uint answers;
    bool is_lost;
};

/* A client that asks again a moment after each answer, until one says that it is the last. */
static void *ask_until_told(void *ctx)
{
    struct asker *a = ctx;
    struct client *c = client_tcp(fx.port);
    struct response r;

    int64_t asked_us = clock_mono_us(&clock_system);
    for (bool last = false; !last; a->answers++) {
        usleep(5000); /* what a client does between two requests: most are at it when the stop comes */
        int64_t before_us = asked_us;
        asked_us = clock_mono_us(&clock_system);
        send_request(c, fx.admin, "GET", "/v1/calls", NULL, NULL);
        /* A thread that slept for long is none that asks again soon. When its answer came nobody here knows. */
        bool is_quick = clock_mono_us(&clock_system) - before_us < SECOND_US / 10;
        if (!client_read(c, false, &r)) {
            a->is_lost = is_quick;
            break;
        }
        const char *connection = response_header(&r, "Connection");
        last = connection && strcasecmp(connection, "close") == 0;
        response_fini(&r);
    }
    client_free(c);
    return NULL;
}

START_TEST(a_stop_under_load_leaves_no_request_without_an_answer)
{
    enum { ASKERS = 48 };
    struct asker askers[ASKERS] = {0};

    fixture_up();
    for (int i = 0; i < ASKERS; i++)
        ck_assert_int_eq(pthread_create(&askers[i].thread, NULL, ask_until_told, &askers[i]), 0);
    for (int i = 0; i < ASKERS; i++)
        while (atomic_load(&askers[i].answers) < 3)
            usleep(1000);
    api_quiesce(fx.api);
    mailbox_close(fake_worker_mailbox(fx.worker));
    fixture_stop();
    for (int i = 0; i < ASKERS; i++) {
        pthread_join(askers[i].thread, NULL);
        ck_assert_msg(!askers[i].is_lost, "asker %d got no answer", i);
    }
    fake_worker_stop(fx.worker);
    tokens_free(fx.tokens);
    json_decref(fx.version);
}
END_TEST

START_TEST(unfinished_requests_do_not_hold_a_stop_up)
{
    fixture_up();
    struct client *idle = client_tcp(fx.port), *half = client_tcp(fx.port), *body = client_tcp(fx.port);

    client_sendf(half, "GET /healthz HTTP/1.1\r\nHo");
    client_sendf(body, "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{");
    expect("GET", "/healthz", "", NULL, 200, NULL);
    int64_t before = clock_mono_us(&clock_system);
    fixture_down();
    ck_assert_int_lt(clock_mono_us(&clock_system) - before, SECOND_US);
    client_free(body);
    client_free(half);
    client_free(idle);
}
END_TEST

static struct fake_clock by_hand;

static void turn_by_hand(struct api_config *config)
{
    fake_clock_init(&by_hand);
    config->clock = &by_hand.source;
}

static void wake_nobody(void *host)
{
    (void)host;
}

START_TEST(what_came_while_the_loop_did_not_turn_is_answered_before_the_end)
{
    struct response r;

    fixture_make(FIXTURE_SLOTS, turn_by_hand);
    ck_assert_int_eq(api_start(fx.api, 1, NULL), 0);
    struct guest *g = api_guest(fx.api, 0);
    g->wake = wake_nobody;
    struct client *c = client_tcp(fx.port);
    g->readable(g->ctx, 0);
    g->turn(g->ctx);
    fake_clock_pass(&by_hand, SECOND_US);
    send_request(c, NULL, "GET", "/healthz", NULL, NULL);
    api_quiesce(fx.api);
    while (!g->leave(g->ctx)) {
        fake_clock_pass(&by_hand, SECOND_US / 1000);
        g->turn(g->ctx);
    }
    g->close(g->ctx);
    ck_assert_msg(client_read(c, false, &r), "the request was lost");
    ck_assert_int_eq(r.status, 503);
    expect_another_try_is_safe(&r);
    response_fini(&r);
    client_free(c);
    api_free(fx.api);
    fake_worker_stop(fx.worker);
    directory_free(fx.workers.directory);
    tokens_free(fx.tokens);
    events_free(fx.events);
    metrics_free(fx.metrics);
    json_decref(fx.version);
}
END_TEST

Suite *suite_http_stop(void)
{
    Suite *s = suite_create("http_stop");
    TCase *t = tcase_create("http_stop");

    tcase_add_checked_fixture(t, fixture_up, fixture_down);
    tcase_add_test(t, a_closed_mailbox_is_503_stopping);
    tcase_add_test(t, a_new_connection_during_a_stop_is_told_so);
    suite_add_tcase(s, t);
    t = tcase_create("http_stop_bare");
    tcase_add_test(t, unfinished_requests_do_not_hold_a_stop_up);
    tcase_add_test(t, a_stop_lets_requests_under_way_end);
    tcase_add_test(t, a_stop_under_load_leaves_no_request_without_an_answer);
    tcase_add_test(t, what_came_while_the_loop_did_not_turn_is_answered_before_the_end);
    suite_add_tcase(s, t);
    return s;
}
