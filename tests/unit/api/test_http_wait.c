/* What comes, ends and stays while a request waits for its answer. */
#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

static void expect_call(struct client *c, const char *id)
{
    struct response r;

    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(unit_json_text(json_object_get(r.json, "path"), "id"), id);
    response_fini(&r);
}

/* A second round shows that a connection which was resumed is heard as it was before. */
START_TEST(what_comes_while_a_request_waits_is_read_afterwards)
{
    struct client *c = client_tcp(fx.port);

    for (int round = 0; round < 2; round++) {
        fake_worker_hold(fx.worker, true);
        send_request(c, fx.admin, "GET", "/v1/calls/1", NULL, NULL);
        fake_worker_await(fx.worker, 1);
        send_request(c, fx.admin, "GET", "/v1/calls/2", NULL, NULL);
        expect("GET", "/healthz", "", NULL, 200, NULL);
        fake_worker_hold(fx.worker, false);
        expect_call(c, "1");
        expect_call(c, "2");
        send_request(c, fx.admin, "GET", "/v1/calls/3", NULL, NULL);
        expect_call(c, "3");
    }
    client_free(c);
}
END_TEST

/* libmicrohttpd looks at the connection that is idle longest before it reads from any: beside older ones it reads
 * first. So many that each loop has some. */
enum { OLDER = 16 };

static void older_clients(struct client *older[static OLDER])
{
    struct response r;

    for (int i = 0; i < OLDER; i++) {
        older[i] = client_tcp(fx.port);
        send_request(older[i], fx.admin, "GET", "/healthz", NULL, NULL);
        ck_assert(client_read(older[i], false, &r));
        response_fini(&r);
    }
}

static void free_clients(struct client *list[static OLDER])
{
    for (int i = 0; i < OLDER; i++)
        client_free(list[i]);
}

/* With the request (0), while it waits (1), after its answer (2). */
START_TEST(a_client_that_sends_no_more_gets_its_answer_and_the_end)
{
    struct client *older[OLDER];

    older_clients(older);
    struct client *c = client_tcp(fx.port);

    fake_worker_hold(fx.worker, _i < 2);
    send_request(c, fx.admin, "POST", "/v1/calls", JSON_BODY, "{\"peer\":\"me\"}");
    if (_i == 0)
        shutdown(c->fd, SHUT_WR);
    if (_i < 2)
        fake_worker_await(fx.worker, 1);
    if (_i == 1)
        shutdown(c->fd, SHUT_WR);
    /* By this answer its loop has probably heard of that. */
    expect("GET", "/healthz", "", NULL, 200, NULL);
    fake_worker_hold(fx.worker, false);
    struct response r;
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 200);
    response_fini(&r);
    if (_i == 2)
        shutdown(c->fd, SHUT_WR);
    ck_assert(client_is_closed(c));
    client_free(c);
    free_clients(older);
}
END_TEST

/* Its end and what it sent mostly come as one event, and no other follows: after one request (1) and several, whole
 * (0) or with a part of one more (1) or a body that lacks its end (2), for which there is a refusal. */
START_TEST(a_client_that_ends_behind_its_requests_is_let_go)
{
    struct client *older[OLDER];

    older_clients(older);
    for (int n = 1; n < 4; n++) {
        struct client *c = client_tcp(fx.port);
        struct response r;
        char sent[4096];
        size_t len = 0;
        for (int i = 0; i < n; i++)
            len += (size_t)snprintf(sent + len, sizeof(sent) - len, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
        if (_i == 1)
            len += (size_t)snprintf(sent + len, sizeof(sent) - len, "GET /healthz HTTP/1.1\r\nHo");
        if (_i == 2)
            len +=
                (size_t)snprintf(sent + len, sizeof(sent) - len,
                                 "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n" JSON_BODY
                                 "Content-Length: 13\r\n\r\n{\"peer\":",
                                 fx.admin);
        client_send(c, sent, len);
        shutdown(c->fd, SHUT_WR);
        for (int i = 0; i < n; i++) {
            ck_assert(client_read(c, false, &r));
            ck_assert_int_eq(r.status, 200);
            response_fini(&r);
        }
        if (_i > 0)
            expect_status(c, 400, "bad-json");
        ck_assert(client_is_closed(c));
        client_free(c);
    }
    free_clients(older);
}
END_TEST

/* Whoever waits for a worker: it may have another take its place. */
START_TEST(a_job_says_that_its_client_has_gone)
{
    struct client *c = client_tcp(fx.port);

    fake_worker_hold(fx.worker, true);
    send_request(c, fx.admin, "GET", "/v1/calls/1", NULL, NULL);
    fake_worker_await(fx.worker, 1);
    ck_assert(!fake_worker_sees_left(fx.worker));
    client_free(c);
    while (!fake_worker_sees_left(fx.worker))
        sched_yield();
    fake_worker_hold(fx.worker, false);
}
END_TEST

/* The kernel spreads connections over the loops: so many that each has hundreds, whichever way it does. */
enum { CROWD = 2000 };

static void crowded(struct api_config *config)
{
    config->connections_max = 2 * FIXTURE_LOOPS * CROWD;
    config->request_timeout_us = 60 * SECOND_US;
}

static void allow_descriptors(rlim_t n)
{
    struct rlimit limit;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur < n)
        limit.rlim_cur = n;
    ck_assert_msg(setrlimit(RLIMIT_NOFILE, &limit) == 0, "%lu descriptors are needed", (unsigned long)n);
}

/* Some of them vanish meanwhile, and one asked for more than it reads. */
START_TEST(a_crowd_that_waits_holds_nobody_up)
{
    static struct client *c[CROWD];
    struct response r;

    allow_descriptors(2 * CROWD + 200);
    fixture_up_with(CROWD + 10, crowded);
    fake_worker_hold(fx.worker, true);
    for (int i = 0; i < CROWD; i++) {
        c[i] = client_tcp(fx.port);
        send_request(c[i], fx.admin, "GET", "/v1/calls", NULL, NULL);
    }
    fake_worker_await(fx.worker, CROWD);
    struct client *slow = client_tcp(fx.port);
    for (int i = 0; i < 50; i++)
        send_request(slow, NULL, "GET", "/openapi.json", NULL, NULL);
    for (int i = 0; i < CROWD; i += 10) {
        client_free(c[i]);
        c[i] = NULL;
    }
    for (int i = 0; i < 50; i++)
        expect("GET", "/healthz", "", NULL, 200, NULL);
    fake_worker_hold(fx.worker, false);
    for (int i = 0; i < CROWD; i++) {
        if (!c[i])
            continue;
        ck_assert(client_read(c[i], false, &r));
        ck_assert_int_eq(r.status, 200);
        response_fini(&r);
        client_free(c[i]);
    }
    client_free(slow);
    fixture_down();
}
END_TEST

Suite *suite_http_wait(void)
{
    Suite *s = suite_create("http_wait");
    TCase *t = tcase_create("http_wait");

    tcase_add_checked_fixture(t, fixture_up, fixture_down);
    tcase_add_test(t, what_comes_while_a_request_waits_is_read_afterwards);
    tcase_add_loop_test(t, a_client_that_sends_no_more_gets_its_answer_and_the_end, 0, 3);
    tcase_add_loop_test(t, a_client_that_ends_behind_its_requests_is_let_go, 0, 3);
    tcase_add_test(t, a_job_says_that_its_client_has_gone);
    suite_add_tcase(s, t);
    t = tcase_create("http_wait_bare");
    tcase_add_test(t, a_crowd_that_waits_holds_nobody_up);
    suite_add_tcase(s, t);
    return s;
}
