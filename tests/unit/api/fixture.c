#include "tests/unit/api/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"

struct fixture fx;
bool fixture_log_is_shared;

/* The accounts that the fake worker is taken to have; the first is ready. */
static const char *const known[] = {"alice", "bob", "a", "b", "1"};
static const char *const origins[] = {"https://dash.example", NULL};

/* Two of the dashboard's files. */
static const struct page pages[] = {
    {.name = "index.html", .etag = "\"one\"", .bytes = (char[]){"<!DOCTYPE html>"}, .len = 15},
    {.name = "app.js", .etag = "\"two\"", .bytes = (char[]){"let a = 1;\n"}, .len = 11},
};

void fixture_make(size_t slots, void (*change)(struct api_config *config))
{
    struct fault fault = {0};
    char url[64];
    json_t *accounts = json_pack("[s]", "alice");

    memset(&fx, 0, sizeof(fx));
    log_setup(LOG_LEVEL_NOTICE, LOG_FORMAT_TEXT);
    fx.worker = fake_worker_start(slots);
    fx.workers = (struct workers){.n = 1, .mailboxes = {fake_worker_mailbox(fx.worker)}};
    ck_assert_int_eq(directory_new(1, &fx.workers.directory), 0);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        ck_assert_int_eq(directory_put(fx.workers.directory, known[i], 0), 0);
    directory_set_ready(fx.workers.directory, known[0], true);
    ck_assert_int_eq(tokens_new(&fx.tokens), 0);
    ck_assert_int_eq(tokens_create(fx.tokens, "admin", SCOPE_ADMIN, NULL, 0, fx.admin, NULL), 0);
    ck_assert_int_eq(tokens_create(fx.tokens, "reader", SCOPE_READ, NULL, 0, fx.reader, NULL), 0);
    ck_assert_int_eq(tokens_create(fx.tokens, "bound", SCOPE_READ | SCOPE_CALLS, accounts, 0, fx.bound, NULL), 0);
    json_decref(accounts);
    struct events_config log = {.ring = 64,
                                .ring_bytes = 1 << 20,
                                .reserved = UINT64_MAX,
                                .is_shared = fixture_log_is_shared,
                                .clock = &clock_system};
    ck_assert_int_eq(events_new(&log, &fx.events), 0);
    ck_assert_int_eq(metrics_new(FIXTURE_LOOPS, &fx.metrics), 0);
    fx.version = json_pack("{s:s}", "version", "1.2.3");
    struct api_config config = {.clock = &clock_system,
                                .workers = &fx.workers,
                                .tokens = fx.tokens,
                                .events = fx.events,
                                .metrics = fx.metrics,
                                .version = fx.version,
                                .asyncapi = "{\"asyncapi\":\"3.0.0\"}",
                                .openapi = "{\"openapi\":\"3.1.0\"}",
                                .pages = pages,
                                .pages_n = sizeof(pages) / sizeof(pages[0]),
                                .origins = origins,
                                .body_max = FIXTURE_BODY_MAX,
                                .request_timeout_us = 5 * SECOND_US,
                                .head_timeout_us = 60 * SECOND_US,
                                .body_timeout_us = 60 * SECOND_US,
                                .idle_timeout_us = 60 * SECOND_US,
                                .connections_max = 200,
                                .streams_max = 20,
                                .unix_gid = (gid_t)-1};
    if (change)
        change(&config);
    ck_assert_int_eq(api_new(&config, &fx.api, &fault), 0);
    ck_assert_msg(api_listen_tcp(fx.api, "127.0.0.1:0", url, sizeof(url), &fault) == 0, "%s", fault.text);
    ck_assert_int_eq(sscanf(url, "http://127.0.0.1:%u", &fx.port), 1);
}

void fixture_serve(void)
{
    struct fault fault = {0};

    ck_assert_msg(api_start(fx.api, FIXTURE_LOOPS, &fault) == 0, "%s", fault.text);
    for (size_t i = 0; i < FIXTURE_LOOPS; i++)
        fx.hosts[i] = fake_host_start(api_guest(fx.api, i));
}

void fixture_up_with(size_t slots, void (*change)(struct api_config *config))
{
    fixture_make(slots, change);
    fixture_serve();
}

void fixture_up(void)
{
    fixture_up_with(FIXTURE_SLOTS, NULL);
}

void fixture_stop(void)
{
    api_quiesce(fx.api);
    for (size_t i = 0; i < FIXTURE_LOOPS; i++)
        fake_host_end(fx.hosts[i]);
    for (size_t i = 0; i < FIXTURE_LOOPS; i++)
        fake_host_join(fx.hosts[i]);
    api_free(fx.api);
}

void fixture_down(void)
{
    fake_worker_hold(fx.worker, false);
    fixture_stop();
    fake_worker_stop(fx.worker);
    directory_free(fx.workers.directory);
    tokens_free(fx.tokens);
    events_free(fx.events);
    metrics_free(fx.metrics);
    json_decref(fx.version);
}

void send_request(struct client *c, const char *token, const char *method, const char *target, const char *headers,
                  const char *body)
{
    char auth[128] = "", length[64] = "";

    if (token)
        snprintf(auth, sizeof(auth), "Authorization: Bearer %s\r\n", token);
    if (body)
        snprintf(length, sizeof(length), "Content-Length: %zu\r\n", strlen(body));
    bool has_host = headers && strstr(headers, "Host:");
    client_sendf(c, "%s %s HTTP/1.1\r\n%s%s%s%s\r\n%s", method, target, has_host ? "" : "Host: localhost\r\n", auth,
                 length, headers ? headers : "", body ? body : "");
}

static struct response ask_as(const char *token, const char *method, const char *target, const char *headers,
                              const char *body)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    send_request(c, token, method, target, headers, body);
    ck_assert_msg(client_read(c, strcmp(method, "HEAD") == 0, &r), "%s %s: closed without an answer", method, target);
    client_free(c);
    return r;
}

struct response ask(const char *method, const char *target, const char *headers, const char *body)
{
    return ask_as(fx.admin, method, target, headers, body);
}

struct response ask_unknown(const char *method, const char *target, const char *headers, const char *body)
{
    return ask_as(NULL, method, target, headers, body);
}

void expect(const char *method, const char *target, const char *headers, const char *body, int status, const char *slug)
{
    struct response r = ask(method, target, headers, body);

    ck_assert_msg(r.status == status, "%s %s: %d instead of %d: %s", method, target, r.status, status, r.body);
    if (slug)
        ck_assert_str_eq(response_slug(&r), slug);
    response_fini(&r);
}

void expect_status(struct client *c, int status, const char *slug)
{
    struct response r;

    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, status);
    ck_assert_str_eq(response_slug(&r), slug);
    response_fini(&r);
}

struct client *trusted(void)
{
    struct client *c = client_tcp(fx.port);

    send_request(c, fx.admin, "GET", "/v1/calls", NULL, NULL);
    expect_status(c, 200, "");
    return c;
}

const char *error_at(const struct response *r, const char *pointer)
{
    json_t *error;
    size_t i;

    json_array_foreach (json_object_get(r->json, "errors"), i, error) {
        if (strcmp(unit_json_text(error, "pointer"), pointer) == 0)
            return unit_json_text(error, "detail");
    }
    return NULL;
}
