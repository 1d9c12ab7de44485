/* GET /v1/events: streams and long polls, their filters, gaps and ends. */
#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/digest.h"
#include "daemon/base/hex.h"
#include "daemon/bridge/events.h"

enum { RING = 64, BLOCK_SIZE = 16 << 10, STREAMS_MAX = 20 };

static void tell(const char *account, const char *type, const char *data)
{
    struct event_words text = {.account = account, .type = type, .data = data, .len = strlen(data)};

    ck_assert_int_eq(events_append(fx.events, &text, NULL), 0);
}

static void tell_many(int n)
{
    for (int i = 0; i < n; i++)
        tell("alice", "call", "{}");
}

/* What the fake disk has of the events that the ring has no more: those from this one on. */
static uint64_t disk_oldest;

/* In place of a worker. */
static void read_disk(struct job *job)
{
    uint64_t after = (uint64_t)json_integer_value(json_object_get(job->query, "after"));
    size_t limit = (size_t)json_integer_value(json_object_get(job->query, "limit"));
    uint64_t end = events_oldest_here(fx.events) - 1;

    ck_assert_int_eq(job->method, JOB_EVENTS_READ);
    ck_assert(limit >= 1 && limit <= 256);
    job->events = calloc(limit + 1, sizeof(struct event *));
    if (after + 1 < disk_oldest) {
        uint64_t resumes = disk_oldest - 1 < end ? disk_oldest - 1 : end;
        job->events[job->events_n++] = event_new_gap(resumes, after, 1);
        after = resumes;
    }
    for (size_t i = 0; i < limit && after < end; i++) {
        struct event_words words = {.account = after % 2 ? "bob" : "alice", .type = "call", .data = "[]", .len = 2};
        job->events[job->events_n++] = event_new(++after, &words);
    }
    job->events_up_to = after;
    job->status = 200;
}

static void up(void)
{
    fixture_up();
    disk_oldest = UINT64_MAX;
    fake_worker_answer_with(fx.worker, read_disk);
}

/* A stream by TOKEN whose head was read. */
static struct client *follow_as(const char *token, const char *target, const char *headers)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    send_request(c, token, "GET", target, headers, NULL);
    ck_assert(client_read(c, false, &r));
    ck_assert_msg(r.status == 200, "%s: %d %s", target, r.status, r.body);
    ck_assert_str_eq(response_header(&r, "Content-Type"), "text/event-stream");
    response_fini(&r);
    return c;
}

static void expect_block(struct client *c, const char *want)
{
    char block[BLOCK_SIZE];

    client_read_chunk(c, block, sizeof(block));
    ck_assert_str_eq(block, want);
}

static struct client *follow(const char *target, const char *headers, uint64_t after)
{
    struct client *c = follow_as(fx.admin, target, headers);
    char want[64];

    snprintf(want, sizeof(want), "retry: 1000\nid: %" PRIu64 "\n\n", after);
    expect_block(c, want);
    return c;
}

/* Its stream ends in order. */
static void expect_end(struct client *c)
{
    char block[BLOCK_SIZE];

    ck_assert_uint_eq(client_read_chunk(c, block, sizeof(block)), 0);
    ck_assert(client_is_closed(c));
}

/* --- streams --- */

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

START_TEST(a_bound_token_gets_the_events_of_its_accounts)
{
    struct client *c = follow_as(fx.bound, "/v1/events", NULL);

    expect_block(c, "retry: 1000\nid: 0\n\n");
    tell("bob", "call", "{}");
    tell("", "account", "{}");
    tell("alice", "call", "{}");
    expect_block(c, "id: 3\nevent: call\ndata: {}\n\n");
    client_free(c);
    c = client_tcp(fx.port);
    send_request(c, fx.bound, "GET", "/v1/events?account=bob", NULL, NULL);
    expect_status(c, 404, "not-found");
    client_free(c);
}
END_TEST

START_TEST(a_token_that_is_revoked_ends_its_streams)
{
    char token[TOKEN_TEXT_SIZE], late[TOKEN_TEXT_SIZE];
    int64_t soon = time(NULL) + 2;

    ck_assert_int_eq(tokens_create(fx.tokens, "gone", SCOPE_READ, NULL, 0, token, NULL), 0);
    ck_assert_int_eq(tokens_create(fx.tokens, "late", SCOPE_READ, NULL, soon, late, NULL), 0);
    struct client *stays = follow("/v1/events", NULL, 0), *revoked = follow_as(token, "/v1/events", NULL),
                  *expires = follow_as(late, "/v1/events", NULL);
    expect_block(revoked, "retry: 1000\nid: 0\n\n");
    expect_block(expires, "retry: 1000\nid: 0\n\n");
    ck_assert_int_eq(tokens_drop(fx.tokens, "gone", NULL), 0);
    expect_end(revoked);
    expect_end(expires);
    ck_assert_int_ge(time(NULL), soon);
    tell("alice", "call", "{}");
    expect_block(stays, "id: 1\nevent: call\ndata: {}\n\n");
    client_free(stays);
    client_free(revoked);
    client_free(expires);
}
END_TEST

/* Longer than ours, so that no connection remembers it. */
START_TEST(a_token_that_somebody_wrote_by_hand_follows)
{
    static const char token[] = "a-token-that-somebody-wrote-by-hand-and-that-is-longer-than-ours";
    json_t *all = tokens_save(fx.tokens);
    uint8_t hash[DIGEST_SIZE];
    char hex[2 * DIGEST_SIZE + 1];
    struct response r;

    digest_sha256(token, strlen(token), hash);
    hex_encode(hash, sizeof(hash), hex);
    json_array_append_new(json_object_get(all, "tokens"),
                          json_pack("{s:s, s:s, s:[s], s:[s], s:i}", "name", "own", "hash", hex, "scopes", "read",
                                    "accounts", "alice", "created_at", 1));
    ck_assert_int_eq(tokens_load(fx.tokens, all, NULL), 0);
    json_decref(all);
    struct client *c = follow_as(token, "/v1/events", NULL), *poll = client_tcp(fx.port);
    expect_block(c, "retry: 1000\nid: 0\n\n");
    send_request(poll, token, "GET", "/v1/events?wait=60", NULL, NULL);
    /* Its stream outlives the next look at it, and other tokens that come. */
    int64_t until = time(NULL) + 3;
    for (char name[] = "a"; time(NULL) < until; usleep(500000), name[0]++) {
        char other[TOKEN_TEXT_SIZE];
        ck_assert_int_eq(tokens_create(fx.tokens, name, SCOPE_READ, NULL, 0, other, NULL), 0);
    }
    tell("alice", "call", "{}");
    expect_block(c, "id: 1\nevent: call\ndata: {}\n\n");
    ck_assert(client_read(poll, false, &r));
    ck_assert_int_eq(r.status, 200);
    response_fini(&r);
    ck_assert_int_eq(tokens_drop(fx.tokens, "own", NULL), 0);
    expect_end(c);
    client_free(c);
    client_free(poll);
}
END_TEST

START_TEST(there_are_only_so_many_streams)
{
    struct client *all[STREAMS_MAX + 1];
    struct response r;
    int n = 0;

    for (r.status = 200; r.status == 200; n += r.status == 200) {
        ck_assert_int_le(n, STREAMS_MAX);
        all[n] = client_tcp(fx.port);
        send_request(all[n], fx.admin, "GET", "/v1/events", NULL, NULL);
        ck_assert(client_read(all[n], false, &r));
        if (r.status != 200) {
            ck_assert_str_eq(response_slug(&r), "queue-full");
            ck_assert_ptr_nonnull(response_header(&r, "Retry-After"));
        }
        response_fini(&r);
    }
    client_free(all[n]);
    ck_assert_int_ge(n, STREAMS_MAX / FIXTURE_LOOPS);
    for (int i = 0; i < n; i++)
        client_free(all[i]);
    /* Each was noticed when it left. */
    do {
        all[0] = client_tcp(fx.port);
        send_request(all[0], fx.admin, "GET", "/v1/events", NULL, NULL);
        ck_assert(client_read(all[0], false, &r));
        response_fini(&r);
        client_free(all[0]);
    } while (r.status != 200);
}
END_TEST

START_TEST(who_does_not_read_falls_behind_and_is_told)
{
    enum { N = 3000, SIZE = 8 << 10 };
    char *data = malloc(SIZE + 1), block[BLOCK_SIZE];
    struct client *slow = follow("/v1/events", NULL, 0), *quick = follow("/v1/events?types=job", NULL, 0);
    uint64_t last = 0, gaps = 0;

    ck_assert_ptr_nonnull(data);
    memset(data, 'x', SIZE);
    data[0] = '"';
    data[SIZE - 1] = '"';
    data[SIZE] = '\0';
    for (int i = 0; i < N; i++) {
        tell("alice", "call", data);
        if (i % RING == RING / 2)
            expect("GET", "/healthz", NULL, NULL, 200, NULL);
    }
    tell("alice", "job", "{}");
    do
        client_read_chunk(quick, block, sizeof(block)); /* it may have been behind for a moment too */
    while (strstr(block, "event: gap"));
    ck_assert_ptr_nonnull(strstr(block, "event: job"));
    while (last < N + 1) {
        client_read_chunk(slow, block, sizeof(block));
        uint64_t id = strtoull(block + strlen("id: "), NULL, 10);
        if (strstr(block, "event: gap")) {
            char want[64];
            snprintf(want, sizeof(want), "\"after\":%" PRIu64 ",\"resumes_after\":%" PRIu64 "}", last, id);
            ck_assert_ptr_nonnull(strstr(block, want));
            gaps++;
        } else {
            ck_assert_uint_eq(id, last + 1);
        }
        last = id;
    }
    ck_assert_uint_ge(gaps, 1);
    client_free(slow);
    client_free(quick);
    free(data);
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

START_TEST(a_user_of_the_unix_socket_needs_no_token)
{
    char path[] = "/tmp/tgcalld-events-XXXXXX", file[64];
    struct fault fault = {0};
    struct response r;

    ck_assert_ptr_nonnull(mkdtemp(path));
    snprintf(file, sizeof(file), "%s/s", path);
    fixture_make(FIXTURE_SLOTS, NULL);
    ck_assert_int_eq(api_listen_unix(fx.api, file, 0600, (gid_t)-1, &fault), 0);
    fixture_serve();
    struct client *c = client_unix(file);
    send_request(c, NULL, "GET", "/v1/events", NULL, NULL);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 200);
    expect_block(c, "retry: 1000\nid: 0\n\n");
    tell("alice", "call", "{}");
    expect_block(c, "id: 1\nevent: call\ndata: {}\n\n");
    response_fini(&r);
    fixture_down();
    expect_end(c);
    client_free(c);
    rmdir(path);
}
END_TEST

START_TEST(a_stop_ends_streams_and_answers_long_polls)
{
    struct client *streams[STREAMS_MAX / 2], *waiting = client_tcp(fx.port);
    enum { N = sizeof(streams) / sizeof(streams[0]) };
    struct response r;

    for (int i = 0; i < N; i++)
        streams[i] = follow("/v1/events", NULL, 0);
    send_request(waiting, fx.admin, "GET", "/v1/events?wait=60", NULL, NULL);
    api_quiesce(fx.api);
    for (int i = 0; i < N; i++) {
        expect_end(streams[i]);
        client_free(streams[i]);
    }
    ck_assert(client_read(waiting, false, &r));
    ck_assert(r.status == 200 || r.status == 503); /* it came before the stop, or after */
    if (r.status == 200)
        ck_assert_str_eq(r.body, "{\"events\":[],\"next\":0}\n");
    response_fini(&r);
    client_free(waiting);
}
END_TEST

/* --- pages --- */

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

Suite *suite_http_events(void)
{
    Suite *s = suite_create("http_events");
    TCase *t = tcase_create("http_events");

    tcase_add_checked_fixture(t, up, fixture_down);
    tcase_add_test(t, a_stream_tells_what_happens_from_now_on);
    tcase_add_test(t, all_streams_get_each_event);
    tcase_add_test(t, who_comes_back_misses_nothing);
    tcase_add_test(t, what_is_forgotten_is_a_gap);
    tcase_add_test(t, what_memory_has_no_more_comes_from_the_disk);
    tcase_add_test(t, many_at_once_read_the_disk_in_turn);
    tcase_add_test(t, where_the_disk_cannot_be_read_nothing_is_passed_over);
    tcase_add_test(t, an_id_that_no_event_has_yet_is_a_gap);
    tcase_add_test(t, a_stream_is_of_one_account_or_of_some_types);
    tcase_add_test(t, a_bound_token_gets_the_events_of_its_accounts);
    tcase_add_test(t, a_token_that_is_revoked_ends_its_streams);
    tcase_add_test(t, a_token_that_somebody_wrote_by_hand_follows);
    tcase_add_test(t, there_are_only_so_many_streams);
    tcase_add_test(t, who_does_not_read_falls_behind_and_is_told);
    tcase_add_test(t, a_client_of_http_1_0_gets_no_chunks);
    tcase_add_test(t, the_head_says_what_comes);
    tcase_add_test(t, a_stop_ends_streams_and_answers_long_polls);
    tcase_add_test(t, a_page_has_what_there_is);
    tcase_add_test(t, a_page_has_what_is_on_the_disk);
    tcase_add_test(t, a_long_poll_waits_for_what_is_for_it);
    tcase_add_test(t, what_is_wrong_is_said);
    suite_add_tcase(s, t);
    t = tcase_create("http_events_bare");
    tcase_add_test(t, a_user_of_the_unix_socket_needs_no_token);
    suite_add_tcase(s, t);
    return s;
}
