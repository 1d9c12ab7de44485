#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

START_TEST(a_connection_lives_on_after_any_answer)
{
    static const struct {
        const char *token, *method, *target, *headers, *body;
        int status;
    } steps[] = {
        {"admin", "GET", "/healthz", "", NULL, 200},
        {NULL, "POST", "/v1/calls", JSON_BODY, "{}", 401},
        {"admin", "POST", "/nothing", JSON_BODY, "{}", 404},
        {"admin", "PUT", "/v1/calls", JSON_BODY, "{}", 405},
        {"admin", "POST", "/v1/calls", "", "{}", 415},
        {"admin", "POST", "/v1/calls", JSON_BODY, "{", 400},
        {"admin", "POST", "/v1/calls", JSON_BODY, "{}", 422},
        {"admin", "GET", "/metrics", "", NULL, 200},
        {NULL, "POST", "/v1/calls", "Host: evil\r\n", "{}", 403},
        {"admin", "GET", "/v1/calls", "", NULL, 200},
        {"admin", "GET", "/v1/peers/%zz", "", NULL, 400},
        {"admin", "POST", "/v1/calls", JSON_BODY, "{\"peer\":\"me\"}", 200},
    };
    struct client *c = client_tcp(fx.port);

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct response r;
        send_request(c, steps[i].token ? fx.admin : NULL, steps[i].method, steps[i].target, steps[i].headers,
                     steps[i].body);
        ck_assert_msg(client_read(c, false, &r), "closed at step %zu", i);
        ck_assert_int_eq(r.status, steps[i].status);
        response_fini(&r);
    }
    client_free(c);
}
END_TEST

START_TEST(pipelined_requests_are_answered_in_order)
{
    struct client *c = client_tcp(fx.port);
    struct response r;
    char id[32];

    for (int i = 0; i < 10; i++) {
        snprintf(id, sizeof(id), "/v1/calls/%d", i + 1);
        send_request(c, fx.admin, "GET", id, NULL, NULL);
    }
    for (int i = 0; i < 10; i++) {
        snprintf(id, sizeof(id), "%d", i + 1);
        ck_assert(client_read(c, false, &r));
        ck_assert_int_eq(r.status, 200);
        ck_assert_str_eq(unit_json_text(json_object_get(r.json, "path"), "id"), id);
        response_fini(&r);
    }
    client_free(c);
}
END_TEST

START_TEST(a_request_in_single_bytes_is_the_same_request)
{
    struct client *c = client_tcp(fx.port);
    struct response r;
    char text[512];

    snprintf(text, sizeof(text),
             "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n" JSON_BODY
             "Content-Length: 13\r\n\r\n{\"peer\":\"me\"}",
             fx.admin);
    for (const char *p = text; *p; p++)
        client_send(c, p, 1);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 200);
    response_fini(&r);
    client_free(c);
}
END_TEST

START_TEST(a_full_queue_is_503_and_comes_back)
{
    struct client *c[2];
    struct response r;

    fixture_up_with(2, NULL);
    fake_worker_hold(fx.worker, true);
    for (int i = 0; i < 2; i++) {
        c[i] = client_tcp(fx.port);
        send_request(c[i], fx.admin, "GET", "/v1/calls", NULL, NULL);
    }
    fake_worker_await(fx.worker, 2);
    r = ask("GET", "/v1/calls", "", NULL);
    ck_assert_int_eq(r.status, 503);
    ck_assert_str_eq(response_slug(&r), "queue-full");
    ck_assert_str_eq(response_header(&r, "Retry-After"), "1");
    response_fini(&r);
    expect("GET", "/healthz", "", NULL, 200, NULL);
    fake_worker_hold(fx.worker, false);
    for (int i = 0; i < 2; i++) {
        ck_assert(client_read(c[i], false, &r));
        ck_assert_int_eq(r.status, 200);
        response_fini(&r);
        client_free(c[i]);
    }
    expect("GET", "/v1/calls", "", NULL, 200, NULL);
    fixture_down();
}
END_TEST

START_TEST(a_client_that_leaves_while_it_waits_harms_nobody)
{
    enum { COUNT = 20 };
    struct client *c[COUNT];

    fake_worker_hold(fx.worker, true);
    for (int i = 0; i < COUNT; i++) {
        c[i] = client_tcp(fx.port);
        send_request(c[i], fx.admin, "POST", "/v1/calls", JSON_BODY, "{\"peer\":\"me\"}");
    }
    fake_worker_await(fx.worker, COUNT);
    for (int i = 0; i < COUNT; i++)
        client_free(c[i]);
    fake_worker_hold(fx.worker, false);
    expect("GET", "/v1/calls", "", NULL, 200, NULL);
    while (mailbox_used(fake_worker_mailbox(fx.worker)) > 0)
        usleep(1000); /* a slot comes back without a sound */
    expect("GET", "/v1/calls", "", NULL, 200, NULL);
    ck_assert_uint_eq(fake_worker_answered(fx.worker), COUNT + 2);
}
END_TEST

START_TEST(a_client_that_leaves_in_mid_request_harms_nobody)
{
    static const char *const starts[] = {
        "",
        "GET",
        "GET /v1/calls HTTP/1.1\r\n",
        "GET /v1/calls HTTP/1.1\r\nHost: localhost\r\n",
        "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{",
        "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "GET /v1/calls HTTP/1.1\r\nbroken header\r\n\r\n",
        "GET /v1/calls HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "\r\n\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET /v1/calls HTTP/9.9\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        struct client *c = client_tcp(fx.port);
        client_send(c, starts[i], strlen(starts[i]));
        expect("GET", "/healthz", "", NULL, 200, NULL); /* by this answer the server has turned to both */
        client_free(c);
    }
    expect("GET", "/v1/calls", "", NULL, 200, NULL);
}
END_TEST

/* What was sent and the end of it mostly come to the server as one event. */
START_TEST(a_client_that_ends_in_mid_head_is_told_and_let_go)
{
    for (int i = 0; i < 50; i++) {
        struct client *c = client_tcp(fx.port);
        client_sendf(c, "GET /healthz HTTP/1.1\r\nHo");
        shutdown(c->fd, SHUT_WR);
        expect_status(c, 400, "bad-json");
        ck_assert(client_is_closed(c));
        client_free(c);
    }
}
END_TEST

START_TEST(headers_beyond_the_memory_limit_are_refused)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    client_sendf(c, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: %0*d\r\n\r\n", 40000, 0);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 431);
    response_fini(&r);
    client_free(c);
    expect("GET", "/healthz", "", NULL, 200, NULL);
}
END_TEST

enum { PARALLEL = 64, ROUNDS = 20 };

static void *ask_many(void *ctx)
{
    int number = *(int *)ctx, bad = 0;
    struct client *c = client_tcp(fx.port);
    char target[64], id[32];

    for (int i = 0; i < ROUNDS; i++) {
        struct response r;
        snprintf(id, sizeof(id), "%d", number * 1000 + i + 1);
        snprintf(target, sizeof(target), "/v1/calls/%s", id);
        send_request(c, fx.admin, "GET", target, NULL, NULL);
        if (!client_read(c, false, &r) || r.status != 200 ||
            strcmp(unit_json_text(json_object_get(r.json, "path"), "id"), id) != 0)
            bad++;
        response_fini(&r);
    }
    client_free(c);
    *(int *)ctx = bad;
    return NULL;
}

START_TEST(parallel_requests_get_their_own_answers)
{
    pthread_t threads[PARALLEL];
    int numbers[PARALLEL];

    for (int i = 0; i < PARALLEL; i++) {
        numbers[i] = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_many, &numbers[i]), 0);
    }
    for (int i = 0; i < PARALLEL; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(numbers[i], 0);
    }
    ck_assert_uint_eq(fake_worker_answered(fx.worker), PARALLEL * ROUNDS);
}
END_TEST

START_TEST(all_of_many_suspended_requests_are_answered)
{
    struct client *c[PARALLEL];
    struct response r;

    fake_worker_hold(fx.worker, true);
    for (int i = 0; i < PARALLEL; i++) {
        c[i] = client_tcp(fx.port);
        send_request(c[i], fx.admin, "GET", "/v1/calls", NULL, NULL);
    }
    fake_worker_await(fx.worker, PARALLEL);
    ck_assert_uint_eq(mailbox_used(fake_worker_mailbox(fx.worker)), PARALLEL);
    fake_worker_hold(fx.worker, false);
    for (int i = 0; i < PARALLEL; i++) {
        ck_assert(client_read(c[i], false, &r));
        ck_assert_int_eq(r.status, 200);
        response_fini(&r);
        client_free(c[i]);
    }
}
END_TEST

Suite *suite_http_life(void)
{
    Suite *s = suite_create("http_life");
    TCase *t = tcase_create("http_life");

    tcase_add_checked_fixture(t, fixture_up, fixture_down);
    tcase_add_test(t, a_connection_lives_on_after_any_answer);
    tcase_add_test(t, pipelined_requests_are_answered_in_order);
    tcase_add_test(t, a_request_in_single_bytes_is_the_same_request);
    tcase_add_test(t, a_client_that_leaves_while_it_waits_harms_nobody);
    tcase_add_test(t, a_client_that_leaves_in_mid_request_harms_nobody);
    tcase_add_test(t, a_client_that_ends_in_mid_head_is_told_and_let_go);
    tcase_add_test(t, headers_beyond_the_memory_limit_are_refused);
    tcase_add_test(t, parallel_requests_get_their_own_answers);
    tcase_add_test(t, all_of_many_suspended_requests_are_answered);
    suite_add_tcase(s, t);
    t = tcase_create("http_life_bare");
    tcase_add_test(t, a_full_queue_is_503_and_comes_back);
    suite_add_tcase(s, t);
    return s;
}
