/* GET /v1/events: who may follow, how many, how fast, and until when. */
#include "tests/unit/api/events_bed.h"
#include "tests/unit/api/suites.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/digest.h"
#include "daemon/base/hex.h"
#include "daemon/bridge/events.h"

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

Suite *suite_http_events_who(void)
{
    Suite *s = suite_create("http_events_who");
    TCase *t = tcase_create("http_events_who");

    tcase_add_checked_fixture(t, events_bed_up, fixture_down);
    tcase_add_test(t, a_bound_token_gets_the_events_of_its_accounts);
    tcase_add_test(t, a_token_that_is_revoked_ends_its_streams);
    tcase_add_test(t, a_token_that_somebody_wrote_by_hand_follows);
    tcase_add_test(t, there_are_only_so_many_streams);
    tcase_add_test(t, who_does_not_read_falls_behind_and_is_told);
    tcase_add_test(t, a_stop_ends_streams_and_answers_long_polls);
    suite_add_tcase(s, t);
    t = tcase_create("http_events_who_bare");
    tcase_add_test(t, a_user_of_the_unix_socket_needs_no_token);
    suite_add_tcase(s, t);
    return s;
}
