#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
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
        {"admin", "GET", "/v1/jobs", "", NULL, 501},
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

START_TEST(a_closed_mailbox_is_503_stopping)
{
    mailbox_close(fake_worker_mailbox(fx.worker));
    expect("GET", "/v1/calls", "", NULL, 503, "stopping");
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
START_TEST(a_client_that_ends_in_mid_head_is_let_go)
{
    for (int i = 0; i < 50; i++) {
        struct client *c = client_tcp(fx.port);
        client_sendf(c, "GET /healthz HTTP/1.1\r\nHo");
        shutdown(c->fd, SHUT_WR);
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
 * (0) or with a part of one more (1) or a body that lacks its end (2). */
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
        ck_assert(client_is_closed(c));
        client_free(c);
    }
    free_clients(older);
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
    json_decref(fx.version);
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

    for (bool last = false; !last; a->answers++) {
        int64_t answered_us = clock_mono_us(&clock_system);
        usleep(5000); /* what a client does between two requests: most are at it when the stop comes */
        send_request(c, fx.admin, "GET", "/v1/calls", NULL, NULL);
        /* A thread that slept for long is none that asks again soon. */
        bool is_quick = clock_mono_us(&clock_system) - answered_us < SECOND_US / 10;
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

Suite *suite_http_life(void)
{
    Suite *s = suite_create("http_life");
    TCase *t = tcase_create("http_life");

    tcase_add_checked_fixture(t, fixture_up, fixture_down);
    tcase_add_test(t, a_connection_lives_on_after_any_answer);
    tcase_add_test(t, pipelined_requests_are_answered_in_order);
    tcase_add_test(t, a_request_in_single_bytes_is_the_same_request);
    tcase_add_test(t, a_closed_mailbox_is_503_stopping);
    tcase_add_test(t, a_client_that_leaves_while_it_waits_harms_nobody);
    tcase_add_test(t, a_client_that_leaves_in_mid_request_harms_nobody);
    tcase_add_test(t, a_client_that_ends_in_mid_head_is_let_go);
    tcase_add_test(t, headers_beyond_the_memory_limit_are_refused);
    tcase_add_test(t, parallel_requests_get_their_own_answers);
    tcase_add_test(t, all_of_many_suspended_requests_are_answered);
    tcase_add_test(t, what_comes_while_a_request_waits_is_read_afterwards);
    tcase_add_loop_test(t, a_client_that_sends_no_more_gets_its_answer_and_the_end, 0, 3);
    tcase_add_loop_test(t, a_client_that_ends_behind_its_requests_is_let_go, 0, 3);
    tcase_add_test(t, a_new_connection_during_a_stop_is_told_so);
    suite_add_tcase(s, t);
    t = tcase_create("http_life_bare");
    tcase_add_test(t, a_full_queue_is_503_and_comes_back);
    tcase_add_test(t, a_crowd_that_waits_holds_nobody_up);
    tcase_add_test(t, unfinished_requests_do_not_hold_a_stop_up);
    tcase_add_test(t, a_stop_lets_requests_under_way_end);
    tcase_add_test(t, a_stop_under_load_leaves_no_request_without_an_answer);
    suite_add_tcase(s, t);
    return s;
}
