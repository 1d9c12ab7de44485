#include "tests/support/temp.h"
#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    const char *method, *target;
    int status;
} unknowns[] = {
    {"GET", "/healthz", 200},
    {"HEAD", "/healthz", 200},
    {"GET", "/version", 200},
    {"GET", "/readyz", 200},
    {"POST", "/healthz", 401},
    {"GET", "/openapi.json", 200},
    {"GET", "/readyz?account=alice", 401},
    {"GET", "/readyz?account=nobody", 401},
    {"GET", "/v1/calls", 401},
    {"GET", "/nothing", 401},
    {"DELETE", "/v1/calls", 401},
    {"GET", "/v1/calls/%zz", 401},
    {"OPTIONS", "/v1/calls", 401},
    {"GET", "/metrics", 401},
    {"GET", "/healthz/%2e%2e/v1/calls", 401},
    {"GET", "/", 200},
    {"GET", "/dashboard/app.js", 200},
    {"GET", "/dashboard/nothing.js", 404},
    {"POST", "/", 401},
    {"POST", "/v1/tokens", 401},
};

START_TEST(without_a_token_everything_else_is_401_first)
{
    struct response r = ask_unknown(unknowns[_i].method, unknowns[_i].target, "", NULL);

    ck_assert_msg(r.status == unknowns[_i].status, "%s %s: %d", unknowns[_i].method, unknowns[_i].target, r.status);
    if (r.status == 401) {
        ck_assert_str_eq(response_header(&r, "WWW-Authenticate"), "Bearer realm=\"tgcalld\"");
        ck_assert_str_eq(response_slug(&r), "unauthorized");
    }
    ck_assert_ptr_nonnull(response_header(&r, "X-Request-Id"));
    response_fini(&r);
}
END_TEST

static void expect_with(const char *authorization, const char *method, const char *target, const char *body, int status)
{
    char headers[256];

    snprintf(headers, sizeof(headers), JSON_BODY "Authorization: %s\r\n", authorization);
    struct response r = ask_unknown(method, target, headers, body);
    ck_assert_msg(r.status == status, "%s %s: %d", authorization, target, r.status);
    response_fini(&r);
}

START_TEST(a_token_must_be_whole_and_a_bearer)
{
    char text[128];

    snprintf(text, sizeof(text), "Bearer %s", fx.admin);
    expect_with(text, "GET", "/v1/calls", NULL, 200);
    snprintf(text, sizeof(text), "bearer   %s", fx.admin);
    expect_with(text, "GET", "/v1/calls", NULL, 200);
    snprintf(text, sizeof(text), "Bearer %s \t", fx.admin);
    expect_with(text, "GET", "/v1/calls", NULL, 200);
    snprintf(text, sizeof(text), "Basic %s", fx.admin);
    expect_with(text, "GET", "/v1/calls", NULL, 401);
    snprintf(text, sizeof(text), "Bearer %sx", fx.admin);
    expect_with(text, "GET", "/v1/calls", NULL, 401);
    expect_with("Bearer", "GET", "/v1/calls", NULL, 401);
    expect_with("Bearer wrong", "GET", "/healthz", NULL, 200);
}
END_TEST

START_TEST(a_scope_opens_only_its_routes)
{
    char text[128];

    snprintf(text, sizeof(text), "Bearer %s", fx.reader);
    expect_with(text, "GET", "/v1/calls", NULL, 200);
    expect_with(text, "GET", "/v1/accounts", NULL, 200);
    expect_with(text, "GET", "/openapi.json", NULL, 200);
    expect_with(text, "GET", "/metrics", NULL, 200);
    expect_with(text, "POST", "/v1/calls", "{\"peer\":\"me\"}", 403);
    expect_with(text, "POST", "/v1/accounts", "{\"name\":\"a\"}", 403);
    expect_with(text, "POST", "/v1/methods/help.getConfig", "{}", 403);
    expect_with(text, "GET", "/v1/tokens", NULL, 403);
    expect_with(text, "POST", "/v1/calls/1/invitations", "{}", 403);
    expect_with(text, "GET", "/nothing", NULL, 404);
    snprintf(text, sizeof(text), "Bearer %s", fx.bound);
    expect_with(text, "GET", "/metrics", NULL, 403); /* they are of all accounts */
    expect_with(text, "POST", "/v1/calls", "{\"peer\":\"me\"}", 200);
    expect_with(text, "POST", "/v1/peers/me/rtmp", "{}", 403);
}
END_TEST

START_TEST(a_job_knows_who_asks)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    send_request(c, fx.bound, "GET", "/v1/calls", NULL, NULL);
    ck_assert(client_read(c, false, &r));
    ck_assert(json_is_false(json_object_get(r.json, "admin")));
    ck_assert(json_is_true(json_object_get(r.json, "names_allowed")));
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(r.json, "accounts"), 0)), "alice");
    response_fini(&r);
    send_request(c, NULL, "GET", "/readyz", NULL, NULL);
    ck_assert(client_read(c, false, &r));
    ck_assert(json_is_false(json_object_get(r.json, "names_allowed")));
    ck_assert_ptr_null(json_object_get(r.json, "accounts"));
    response_fini(&r);
    client_free(c);
}
END_TEST

static const struct {
    const char *headers;
    int status;
} guards[] = {
    {"Host: localhost\r\n", 200},
    {"Host: LOCALHOST:99\r\n", 200},
    {"Host: 127.0.0.1:1\r\n", 200},
    {"Host: [::1]\r\n", 200},
    {"Host: evil.example\r\n", 403},
    {"Host: localhost.evil.example\r\n", 403},
    {"Host: localhost:80@evil\r\n", 400},
    {"Host: \r\n", 403},
    {"Host: localhost\r\nOrigin: https://dash.example\r\n", 200},
    {"Host: localhost\r\nOrigin: https://evil.example\r\n", 403},
    {"Host: localhost\r\nOrigin: null\r\n", 403},
    {"Host: localhost:8\r\nOrigin: http://localhost:8\r\n", 200},
    {"Host: localhost:8\r\nOrigin: http://localhost:9\r\n", 403},
    {"Host: evil.example\r\nOrigin: http://evil.example\r\n", 403},
    {"Host: localhost \t\r\nOrigin: https://dash.example \r\n", 200},
    {"Host: localhost\r\nHost: localhost\r\n", 400},
    {"Host: evil.example\r\nHost: localhost\r\n", 400},
};

START_TEST(host_and_origin_come_before_all)
{
    struct response r = ask_unknown("GET", "/healthz", guards[_i].headers, NULL);

    ck_assert_msg(r.status == guards[_i].status, "%s: %d", guards[_i].headers, r.status);
    if (r.status == 403) {
        ck_assert_str_eq(response_slug(&r), "forbidden");
        ck_assert_ptr_nonnull(json_object_get(r.json, "remedy"));
        response_fini(&r);
        /* Before the token and the route too. */
        r = ask_unknown("GET", "/nothing", guards[_i].headers, NULL);
        ck_assert_int_eq(r.status, 403);
    }
    response_fini(&r);
}
END_TEST

START_TEST(a_request_without_host_is_refused_and_told_what_to_send)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    client_sendf(c, "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 403);
    ck_assert_str_eq(unit_json_text(r.json, "remedy"), "Send \"Host: localhost\".");
    response_fini(&r);
    client_sendf(c, "GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n");
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 200);
    response_fini(&r);
    client_free(c);
}
END_TEST

START_TEST(a_preflight_of_a_listed_origin_needs_no_token)
{
    struct response r = ask_unknown("OPTIONS", "/v1/calls",
                                    "Origin: https://dash.example\r\nAccess-Control-Request-Method: POST\r\n", NULL);

    ck_assert_int_eq(r.status, 204);
    ck_assert_str_eq(response_header(&r, "Access-Control-Allow-Origin"), "https://dash.example");
    ck_assert_str_eq(response_header(&r, "Access-Control-Allow-Methods"), "GET, HEAD, POST");
    ck_assert_ptr_nonnull(strstr(response_header(&r, "Access-Control-Allow-Headers"), "Authorization"));
    ck_assert_str_eq(response_header(&r, "Vary"), "Origin");
    response_fini(&r);
    r = ask_unknown("OPTIONS", "/v1/calls", "Access-Control-Request-Method: POST\r\n", NULL);
    ck_assert_int_eq(r.status, 401);
    response_fini(&r);
    r = ask("GET", "/v1/calls", "Origin: https://dash.example\r\n", NULL);
    ck_assert_str_eq(response_header(&r, "Access-Control-Allow-Origin"), "https://dash.example");
    ck_assert_ptr_nonnull(response_header(&r, "Access-Control-Expose-Headers"));
    response_fini(&r);
}
END_TEST

static const char *const strangers[] = {"https://evil.example", "https://dash.example.evil.example",
                                        "http://dash.example", "https://dash.example:444", "null"};

/* Whoever looks at what the browser got sees why; the page does not. */
START_TEST(the_page_of_an_origin_that_is_not_listed_reads_nothing)
{
    size_t before = fake_worker_answered(fx.worker);
    const char *origin = strangers[_i / 2];
    char headers[256];

    snprintf(headers, sizeof(headers), "Origin: %s\r\n%s", origin,
             _i % 2 ? "Access-Control-Request-Method: POST\r\n" : JSON_BODY);
    struct response r = ask(_i % 2 ? "OPTIONS" : "POST", "/v1/calls", headers, _i % 2 ? NULL : "{\"peer\":\"me\"}");

    ck_assert_int_eq(r.status, 403);
    ck_assert_str_eq(response_slug(&r), "forbidden");
    ck_assert_ptr_null(strstr(r.head, "Access-Control-"));
    ck_assert_ptr_nonnull(strstr(unit_json_text(r.json, "remedy"), "--cors-origin"));
    ck_assert_uint_eq(fake_worker_answered(fx.worker), before);
    response_fini(&r);
}
END_TEST

/* Listing null would let in each page that has no origin. */
START_TEST(a_page_without_an_origin_is_told_how_to_get_one)
{
    struct response r = ask("GET", "/v1/calls", "Origin: null\r\n", NULL);
    const char *remedy = unit_json_text(r.json, "remedy");

    ck_assert_int_eq(r.status, 403);
    ck_assert_ptr_null(strstr(remedy, "null"));
    ck_assert_ptr_nonnull(strstr(remedy, "--cors-origin http://localhost:3000"));
    response_fini(&r);
}
END_TEST

START_TEST(a_missing_scope_is_named)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    send_request(c, fx.reader, "POST", "/v1/peers/me/rtmp", JSON_BODY, "{}");
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 403);
    ck_assert_str_eq(unit_json_text(r.json, "detail"), "The token lacks the scopes calls, secrets");
    response_fini(&r);
    send_request(c, fx.bound, "POST", "/v1/accounts", JSON_BODY, "{}");
    ck_assert(client_read(c, false, &r));
    ck_assert_str_eq(unit_json_text(r.json, "detail"), "The token lacks the scope accounts");
    ck_assert_str_eq(unit_json_text(r.json, "remedy"),
                     "Use a token with the scope accounts: POST /v1/tokens makes one");
    response_fini(&r);
    client_free(c);
}
END_TEST

static char unix_path[96];

static void unix_up_as(void (*change)(struct api_config *config))
{
    struct fault fault = {0};

    fixture_make(FIXTURE_SLOTS, change);
    snprintf(unix_path, sizeof(unix_path), "%s", temp_path("api.sock"));
    ck_assert_msg(api_listen_unix(fx.api, unix_path, 0600, (gid_t)-1, &fault) == 0, "%s", fault.text);
    fixture_serve();
}

static void unix_down(void)
{
    struct stat st;

    fixture_down();
    ck_assert_msg(lstat(unix_path, &st) != 0, "the socket's file stayed behind");
}

static void send_with_descriptor(int fd, const char *text)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {.iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text)};
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control.room)};

    control.head.cmsg_level = SOL_SOCKET;
    control.head.cmsg_type = SCM_RIGHTS;
    control.head.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
    ck_assert_int_eq(sendmsg(fd, &message, 0), (ssize_t)strlen(text));
}

/* A read ends where one comes with it, though more is there: both halves are there before the front end looks. */
START_TEST(a_descriptor_in_the_middle_of_a_head_is_no_end)
{
    fixture_make(FIXTURE_SLOTS, NULL);
    snprintf(unix_path, sizeof(unix_path), "%s", temp_path("api.sock"));
    ck_assert_int_eq(api_listen_unix(fx.api, unix_path, 0600, (gid_t)-1, NULL), 0);
    struct client *c = client_unix(unix_path);
    struct response r;
    send_with_descriptor(c->fd, "GET /healthz HTTP/1.1\r\nHo");
    client_sendf(c, "st: x\r\n\r\n");
    fixture_serve();
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 200);
    response_fini(&r);
    client_free(c);
    unix_down();
}
END_TEST

START_TEST(on_the_unix_socket_the_own_uid_may_all_and_host_is_not_looked_at)
{
    struct response r;

    unix_up_as(NULL);
    struct client *c = client_unix(unix_path);
    send_request(c, NULL, "GET", "/metrics", "Host: whatever.example\r\n", NULL);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 200);
    response_fini(&r);
    send_request(c, NULL, "POST", "/v1/methods/x", JSON_BODY, "{}");
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 200);
    ck_assert(json_is_true(json_object_get(r.json, "admin")));
    response_fini(&r);
    /* A token that is given counts alone. */
    send_request(c, fx.reader, "POST", "/v1/methods/x", JSON_BODY, "{}");
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 403);
    response_fini(&r);
    send_request(c, "wrong", "GET", "/v1/calls", NULL, NULL);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 401);
    response_fini(&r);
    /* A name that is not checked proves nothing about an Origin. */
    send_request(c, NULL, "GET", "/healthz", "Host: evil.example\r\nOrigin: http://evil.example\r\n", NULL);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 403);
    response_fini(&r);
    client_free(c);
    unix_down();
}
END_TEST

enum { OTHER_UID = 54321, OTHER_GID = 54322 };

static void with_group(struct api_config *config)
{
    config->unix_gid = OTHER_GID;
    config->unix_scopes = SCOPE_READ;
}

struct said {
    int status;
    char detail[160], remedy[200];
};

static void keep_said(const struct response *r, struct said *ret)
{
    *ret = (struct said){.status = r->status};
    if (r->status < 400)
        return;
    snprintf(ret->detail, sizeof(ret->detail), "%s", unit_json_text(r->json, "detail"));
    snprintf(ret->remedy, sizeof(ret->remedy), "%s", unit_json_text(r->json, "remedy"));
}

/* What a process of another user gets, with GID among its groups. */
static struct said said_to_other(gid_t gid, const char *method, const char *target)
{
    int pipes[2];
    struct said said = {0};

    ck_assert_int_eq(pipe(pipes), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        struct response r;
        if (setgroups(1, &gid) != 0 || setgid(OTHER_UID) != 0 || setuid(OTHER_UID) != 0)
            _exit(1);
        struct client *c = client_unix(unix_path);
        send_request(c, NULL, method, target, NULL, NULL);
        if (client_read(c, false, &r)) {
            keep_said(&r, &said);
            (void)!write(pipes[1], &said, sizeof(said));
        }
        _exit(0);
    }
    close(pipes[1]);
    ck_assert_int_eq(read(pipes[0], &said, sizeof(said)), (int)sizeof(said));
    close(pipes[0]);
    waitpid(pid, NULL, 0);
    return said;
}

START_TEST(a_group_gets_its_scopes_and_strangers_nothing)
{
    if (geteuid() != 0)
        return; /* only root can become somebody else */
    unix_up_as(with_group);
    ck_assert_int_eq(chmod(temp_path("."), 0755), 0);
    ck_assert_int_eq(chmod(unix_path, 0666), 0);
    ck_assert_int_eq(said_to_other(OTHER_GID, "GET", "/v1/calls").status, 200);
    ck_assert_int_eq(said_to_other(OTHER_GID, "DELETE", "/v1/calls/1").status, 403);
    ck_assert_int_eq(said_to_other(OTHER_GID + 1, "GET", "/v1/calls").status, 401);
    ck_assert_int_eq(said_to_other(OTHER_GID + 1, "GET", "/healthz").status, 200);
    unix_down();
}
END_TEST

/* It has no token that it could change for another. */
START_TEST(a_group_is_told_where_its_scopes_are_set)
{
    if (geteuid() != 0)
        return; /* only root can become somebody else */
    unix_up_as(with_group);
    ck_assert_int_eq(chmod(temp_path("."), 0755), 0);
    ck_assert_int_eq(chmod(unix_path, 0666), 0);
    struct said said = said_to_other(OTHER_GID, "DELETE", "/v1/calls/1");
    ck_assert_str_eq(said.detail, "The group of the Unix socket lacks the scope calls");
    ck_assert_ptr_nonnull(strstr(said.remedy, "add calls to unix_scopes in the section [server] of "));
    ck_assert_ptr_null(strstr(said.remedy, "token"));
    unix_down();
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *suite_http_access(void)
{
    Suite *s = suite_create("http_access");
    TCase *t = tcase_create("http_access");

    tcase_add_checked_fixture(t, fixture_up, fixture_down);
    tcase_add_loop_test(t, without_a_token_everything_else_is_401_first, 0, COUNT(unknowns));
    tcase_add_test(t, a_token_must_be_whole_and_a_bearer);
    tcase_add_test(t, a_scope_opens_only_its_routes);
    tcase_add_test(t, a_job_knows_who_asks);
    tcase_add_loop_test(t, host_and_origin_come_before_all, 0, COUNT(guards));
    tcase_add_test(t, a_request_without_host_is_refused_and_told_what_to_send);
    tcase_add_test(t, a_preflight_of_a_listed_origin_needs_no_token);
    tcase_add_loop_test(t, the_page_of_an_origin_that_is_not_listed_reads_nothing, 0, 2 * COUNT(strangers));
    tcase_add_test(t, a_page_without_an_origin_is_told_how_to_get_one);
    tcase_add_test(t, a_missing_scope_is_named);
    suite_add_tcase(s, t);
    t = tcase_create("http_access_unix");
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_test(t, a_descriptor_in_the_middle_of_a_head_is_no_end);
    tcase_add_test(t, on_the_unix_socket_the_own_uid_may_all_and_host_is_not_looked_at);
    tcase_add_test(t, a_group_gets_its_scopes_and_strangers_nothing);
    tcase_add_test(t, a_group_is_told_where_its_scopes_are_set);
    suite_add_tcase(s, t);
    return s;
}
