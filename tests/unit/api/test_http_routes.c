#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/route.h"

static const struct {
    const char *method, *target, *body, *echo; /* echo: {"method", "path", "query", "body"} */
} jobs[] = {
    {"POST", "/v1/calls",
     "{\"peer\":\"@sandbox_group\",\"random_id\":\"7\",\"schedule_date\":\"1970-01-01T00:01:00Z\",\"title\":null}",
     "{\"method\":\"call_create\",\"path\":{},\"query\":{},\"body\":{\"peer\":\"@sandbox_group\",\"random_id\":7,"
     "\"schedule_date\":60}}"},
    {"POST", "/v1/calls",
     "{\"peer\":-1001234567890,\"auto_start\":false,\"if_exists\":\"fail\",\"rtmp_stream\":true,\"account\":\"a\"}",
     "{\"method\":\"call_create\",\"path\":{},\"query\":{},\"body\":{\"peer\":-1001234567890,\"auto_start\":false,"
     "\"if_exists\":\"fail\",\"rtmp_stream\":true,\"account\":\"a\"}}"},
    {"GET", "/v1/calls?account=a&peer=%40sandbox_group&state=active&limit=5&cursor=x", NULL,
     "{\"method\":\"call_list\",\"path\":{},\"query\":{\"account\":\"a\",\"peer\":\"@sandbox_group\",\"state\":"
     "\"active\",\"limit\":5,\"cursor\":\"x\"},\"body\":{}}"},
    {"GET", "/v1/calls/12?limit=3", NULL,
     "{\"method\":\"call_get\",\"path\":{\"id\":\"12\"},\"query\":{\"limit\":3},\"body\":{}}"},
    {"PATCH", "/v1/calls/12?account=b", "{\"title\":\"\",\"send_paid_messages_stars\":\"5\"}",
     "{\"method\":\"call_edit\",\"path\":{\"id\":\"12\"},\"query\":{\"account\":\"b\"},\"body\":{\"title\":\"\",\"send_"
     "paid_messages_stars\":5}}"},
    {"DELETE", "/v1/calls/12", NULL, "{\"method\":\"call_discard\",\"path\":{\"id\":\"12\"},\"query\":{},\"body\":{}}"},
    {"POST", "/v1/calls/12/start", NULL,
     "{\"method\":\"call_start\",\"path\":{\"id\":\"12\"},\"query\":{},\"body\":{}}"},
    {"POST", "/v1/calls/12/start", "{}",
     "{\"method\":\"call_start\",\"path\":{\"id\":\"12\"},\"query\":{},\"body\":{}}"},
    {"GET", "/v1/peers/t.me%2Fdurov", NULL,
     "{\"method\":\"peer_get\",\"path\":{\"peer\":\"t.me/durov\"},\"query\":{},\"body\":{}}"},
    {"POST", "/v1/methods/help.getConfig", NULL,
     "{\"method\":\"method_invoke\",\"path\":{\"method\":\"help.getConfig\"},\"query\":{},\"body\":{}}"},
    {"POST", "/v1/methods/users.getUsers?account=a", "{\"id\":[{\"_\":\"inputUserSelf\"}],\"x\":null}",
     "{\"method\":\"method_invoke\",\"path\":{\"method\":\"users.getUsers\"},\"query\":{\"account\":\"a\"},\"body\":{"
     "\"id\":[{\"_\":\"inputUserSelf\"}],\"x\":null}}"},
    {"POST", "/v1/accounts", "{\"name\":\"bob\"}",
     "{\"method\":\"account_create\",\"path\":{},\"query\":{},\"body\":{\"name\":\"bob\"}}"},
    {"POST", "/v1/accounts", "{\"name\":\"bob\",\"proxy\":\"socks5://me:word@h:1\"}",
     "{\"method\":\"account_create\",\"path\":{},\"query\":{},\"body\":{\"name\":\"bob\",\"proxy\":\"socks5://"
     "me:word@h:1\"}}"},
    {"POST", "/v1/accounts", "{\"name\":\"bob\",\"proxy\":null}",
     "{\"method\":\"account_create\",\"path\":{},\"query\":{},\"body\":{\"name\":\"bob\"}}"},
    {"PATCH", "/v1/accounts/bob", "{\"proxy\":\"none\"}",
     "{\"method\":\"account_edit\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{\"proxy\":\"none\"}}"},
    {"PATCH", "/v1/accounts/bob", "{\"proxy\":null}",
     "{\"method\":\"account_edit\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{\"proxy\":null}}"},
    {"GET", "/v1/accounts", NULL, "{\"method\":\"account_list\",\"path\":{},\"query\":{},\"body\":{}}"},
    {"GET", "/v1/accounts/bob", NULL,
     "{\"method\":\"account_get\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{}}"},
    {"DELETE", "/v1/accounts/bob", NULL,
     "{\"method\":\"account_delete\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{}}"},
    {"POST", "/v1/accounts/bob/login", "{\"phone\":\"+15550001\"}",
     "{\"method\":\"login\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{\"phone\":\"+15550001\"}}"},
    {"POST", "/v1/accounts/bob/login/code", "{\"code\":\"12345\"}",
     "{\"method\":\"login_code\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{\"code\":\"12345\"}}"},
    {"POST", "/v1/accounts/bob/login/password", "{\"password\":\"correct horse\"}",
     "{\"method\":\"login_password\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{\"password\":\"correct "
     "horse\"}}"},
    {"POST", "/v1/accounts/bob/login/registration", "{\"first_name\":\"Bob\"}",
     "{\"method\":\"login_registration\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{\"first_name\":\"Bob\"}}"},
    {"POST", "/v1/accounts/bob/login/email", "{\"email\":\"a@b\"}",
     "{\"method\":\"login_email\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{\"email\":\"a@b\"}}"},
    {"POST", "/v1/accounts/bob/login/email-code", "{\"code\":\"123456\"}",
     "{\"method\":\"login_email_code\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{\"code\":\"123456\"}}"},
    {"POST", "/v1/accounts/bob/login", "{\"qr\":true}",
     "{\"method\":\"login\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{\"qr\":true}}"},
    {"GET", "/v1/accounts/bob/login/qr", NULL,
     "{\"method\":\"login_qr\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{}}"},
    {"POST", "/v1/accounts/bob/login/resend", "",
     "{\"method\":\"login_resend\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{}}"},
    {"POST", "/v1/accounts/bob/login/cancel", "",
     "{\"method\":\"login_cancel\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{}}"},
    {"POST", "/v1/accounts/bob/logout", "",
     "{\"method\":\"logout\",\"path\":{\"name\":\"bob\"},\"query\":{},\"body\":{}}"},
    {"POST", "/v1/calls/7/invitations", "{\"users\":[\"@bobby\",-1001,{\"_\":\"peerUser\",\"user_id\":\"5\"}]}",
     "{\"method\":\"call_invite\",\"path\":{\"id\":\"7\"},\"query\":{},\"body\":{\"users\":[\"@bobby\",-1001,{\"_\":"
     "\"peerUser\",\"user_id\":\"5\"}]}}"},
    {"PATCH", "/v1/calls/7/participants/%40bobby?account=bob", "{\"muted\":true,\"volume\":20000}",
     "{\"method\":\"call_participant_edit\",\"path\":{\"id\":\"7\",\"peer\":\"@bobby\"},\"query\":{\"account\":\"bob\"}"
     ",\"body\":{\"muted\":true,\"volume\":20000}}"},
    {"POST", "/v1/calls/7/join", "{\"params\":{\"ssrc\": 1}}",
     "{\"method\":\"call_join\",\"path\":{\"id\":\"7\"},\"query\":{},\"body\":{\"params\":\"{\\\"ssrc\\\":1}\"}}"},
    {"POST", "/v1/calls/7/join", "{\"params\":\"{ \\\"n\\\": 1.50 }\"}",
     "{\"method\":\"call_join\",\"path\":{\"id\":\"7\"},\"query\":{},\"body\":{\"params\":\"{ \\\"n\\\": 1.50 }\"}}"},
    {"GET", "/readyz?account=bob", NULL,
     "{\"method\":\"ready\",\"path\":{},\"query\":{\"account\":\"bob\"},\"body\":{}}"},
};

START_TEST(a_request_becomes_a_uniform_job)
{
    struct response r = ask(jobs[_i].method, jobs[_i].target, JSON_BODY, jobs[_i].body);
    json_t *expected = json_loads(jobs[_i].echo, 0, NULL);
    const char *name;
    json_t *value;

    ck_assert_ptr_nonnull(expected);
    ck_assert_msg(r.status == 200, "%s %s: %d %s", jobs[_i].method, jobs[_i].target, r.status, r.body);
    json_object_foreach (expected, name, value) {
        ck_assert_msg(json_equal(value, json_object_get(r.json, name)), "%s: %s", name, r.body);
    }
    ck_assert(json_is_true(json_object_get(r.json, "admin")));
    json_decref(expected);
    response_fini(&r);
}
END_TEST

static const struct {
    const char *method, *target, *headers, *body;
    int status;
    const char *slug;
} refusals[] = {
    {"GET", "/nothing", "", NULL, 404, "unknown-route"},
    {"GET", "/v1/calls/", "", NULL, 404, "unknown-route"},
    {"PUT", "/v1/calls", JSON_BODY, "{}", 405, "method-not-allowed"},
    {"BREW", "/v1/calls", "", NULL, 405, "method-not-allowed"},
    {"OPTIONS", "/v1/calls", "", NULL, 405, "method-not-allowed"},
    {"GET", "/v1/calls/abc", "", NULL, 404, "not-found"},
    {"GET", "/v1/calls/9223372036854775808", "", NULL, 404, "not-found"},
    {"GET", "/v1/accounts/A", "", NULL, 404, "not-found"},
    {"GET", "/v1/peers/%00", "", NULL, 400, "bad-json"},
    {"GET", "/v1/peers/%ff", "", NULL, 400, "bad-json"},
    {"GET", "/v1/peers/%4", "", NULL, 400, "bad-json"},
    {"GET", "/v1/calls?peer=%zz", "", NULL, 400, "bad-json"},
    {"GET", "/v1/peers/not%20one", "", NULL, 422, "invalid-request"},
    {"GET", "/v1/calls?limit=0", "", NULL, 422, "invalid-request"},
    {"GET", "/v1/calls?page=1", "", NULL, 422, "invalid-request"},
    {"GET", "/healthz?x=1", "", NULL, 422, "invalid-request"},
    {"POST", "/v1/calls", JSON_BODY, "{}", 422, "invalid-request"},
    {"POST", "/v1/calls?account=a", JSON_BODY, "{\"peer\":\"me\"}", 422, "invalid-request"},
    {"PATCH", "/v1/calls/1", JSON_BODY, "{}", 422, "invalid-request"},
    {"PATCH", "/v1/calls/1", JSON_BODY, "{\"title\":null}", 422, "invalid-request"},
    {"PATCH", "/v1/calls/1", "", NULL, 422, "invalid-request"},
    {"POST", "/v1/calls/1/start", JSON_BODY, "{\"x\":1}", 422, "invalid-request"},
    {"POST", "/v1/calls/1/invitations", JSON_BODY, "{\"users\":\"@bobby\"}", 422, "invalid-request"},
    {"POST", "/v1/calls/1/invitations", JSON_BODY, "{\"users\":[]}", 422, "invalid-request"},
    {"POST", "/v1/calls/1/invitations", JSON_BODY, "{\"users\":[null]}", 422, "invalid-request"},
    {"POST", "/v1/calls/1/check", JSON_BODY, "{\"sources\":[1,4294967296]}", 422, "invalid-request"},
    {"POST", "/v1/calls/1/join", JSON_BODY, "{\"params\":\"{}x\"}", 422, "invalid-request"},
    {"POST", "/v1/calls/1/join", JSON_BODY, "{\"params\":{\"a\":1},\"param\":1}", 422, "invalid-request"},
    {"PATCH", "/v1/calls/1/participants/me", JSON_BODY, "{}", 422, "invalid-request"},
    {"PATCH", "/v1/calls/1/participants/not%20one", JSON_BODY, "{\"muted\":true}", 422, "invalid-request"},
    {"PATCH", "/v1/calls/x/participants/me", JSON_BODY, "{\"muted\":true}", 404, "not-found"},
    {"POST", "/v1/accounts/a/login", JSON_BODY, "{}", 422, "invalid-request"},
    {"POST", "/v1/accounts/a/login", JSON_BODY, "{\"qr\":1}", 422, "invalid-request"},
    {"POST", "/v1/calls", JSON_BODY, "{\"peer\":\"me\",\"schedule_date\":5,\"auto_start\":true}", 200, NULL},
    {"POST", "/v1/calls", JSON_BODY, "{\"peer\":\"me\",\"auto_start\":true}", 422, "invalid-request"},
    {"POST", "/v1/calls", JSON_BODY "Idempotency-Key: k\r\n", "{\"peer\":\"me\"}", 200, NULL},
    {"POST", "/v1/calls", JSON_BODY "Idempotency-Key: \r\n", "{\"peer\":\"me\"}", 422, "invalid-request"},
    {"POST", "/v1/calls", JSON_BODY "Idempotency-Key: k\r\nIdempotency-Key: l\r\n", "{\"peer\":\"me\"}", 400,
     "bad-json"},
    {"POST", "/v1/calls", JSON_BODY "Idempotency-Key: k\r\n", "{\"peer\":\"me\",\"random_id\":1}", 422,
     "invalid-request"},
    {"POST", "/v1/calls", JSON_BODY "Prefer: respond-async\r\n", "{\"peer\":\"me\"}", 200, NULL},
    {"GET", "/v1/jobs?state=waiting&limit=5", "", NULL, 200, NULL},
    {"GET", "/v1/jobs?state=odd", "", NULL, 422, "invalid-request"},
    {"GET", "/v1/jobs/x", "", NULL, 404, "not-found"},
    {"DELETE", "/v1/jobs/5", "", NULL, 200, NULL},
    {"GET", "/v1/calls", "Prefer: wait=5\r\n", NULL, 200, NULL},
    {"GET", "http://localhost/healthz", "", NULL, 200, NULL},
    {"GET", "http://evil.example/healthz", "", NULL, 403, "forbidden"},
};

START_TEST(what_is_wrong_is_said)
{
    size_t before = fake_worker_answered(fx.worker);
    struct response r = ask(refusals[_i].method, refusals[_i].target, refusals[_i].headers, refusals[_i].body);

    ck_assert_msg(r.status == refusals[_i].status, "%s %s: %d %s", refusals[_i].method, refusals[_i].target, r.status,
                  r.body);
    if (refusals[_i].slug) {
        ck_assert_str_eq(response_slug(&r), refusals[_i].slug);
        ck_assert_str_eq(response_header(&r, "Content-Type"), "application/problem+json");
        ck_assert_str_eq(unit_json_text(r.json, "instance"), response_header(&r, "X-Request-Id"));
        ck_assert_msg(fake_worker_answered(fx.worker) == before, "a refused request reached the worker");
    }
    response_fini(&r);
}
END_TEST

static const struct {
    const char *target, *remedy;
} meant[] = {
    {"/v1/calls/", "Did you mean /v1/calls?"},
    {"//v1/calls", "Did you mean /v1/calls?"},
    {"/calls", "Did you mean /v1/calls?"},
    {"/v1/call/5", "Did you mean /v1/calls/5?"},
    {"/v1/acounts", "Did you mean /v1/accounts?"},
    {"/v1/calls/5/stop", "Did you mean DELETE /v1/calls/5?"},
    {"/v1/calls/5/end", "Did you mean DELETE /v1/calls/5?"},
    {"/v1/calls/5/title", "Did you mean PATCH /v1/calls/5?"},
    {"/v1/calls/5/strat", "Did you mean /v1/calls/5/start?"},
    {"/v1/accounts/a/log-out", "Did you mean /v1/accounts/a/logout?"},
    {"/health", "Did you mean /healthz?"},
    /* A link's slashes are not the path's. */
    {"/v1/peers/t.me/name", "Did you mean GET /v1/peers/t.me%2Fname?"},
    {"/v1/peers/https://t.me/name/12", "Did you mean GET /v1/peers/t.me%2Fname%2F12?"},
    {"/v1/peers/t.me/+abc-DEF_1", "Did you mean GET /v1/peers/t.me%2F%2Babc-DEF_1?"},
    {"/v1/peers/t.me/c/12345/6", "Did you mean GET /v1/peers/t.me%2Fc%2F12345%2F6?"},
    {"/v1/peers/example.org/name", "GET /openapi.json lists the routes."},
    /* Names as they have to be written, and none that are too long for a sentence. */
    {"/v1/calls/a%20b%2Fc/stop", "Did you mean DELETE /v1/calls/a%20b%2Fc?"},
    {"/v1/calls/%7Bid%7D/stop", "Did you mean DELETE /v1/calls/%7Bid%7D?"},
    {"/v1/calls/1234567890123456789012345678901234567890123456789/stop", "Did you mean DELETE /v1/calls/ID?"},
    {"/openapi", "GET /openapi.json lists the routes."},
    {"/something/else", "GET /openapi.json lists the routes."},
    {"/a/b/c/d/e/f/g/h/i", "GET /openapi.json lists the routes."},
};

START_TEST(a_route_that_was_probably_meant_is_named)
{
    struct response r = ask("GET", meant[_i].target, "", NULL);

    ck_assert_int_eq(r.status, 404);
    ck_assert_str_eq(unit_json_text(r.json, "remedy"), meant[_i].remedy);
    response_fini(&r);
}
END_TEST

/* The path is there, or nearly, but not for this. */
static const struct {
    const char *method, *target;
    int status;
    const char *remedy;
} misdone[] = {
    {"POST", "/v1/calls/create", 405, "Did you mean POST /v1/calls?"},
    {"POST", "/v1/calls/new", 405, "Did you mean POST /v1/calls?"},
    {"GET", "/v1/calls/list", 404, "Did you mean GET /v1/calls?"},
    {"POST", "/v1/calls/list", 405, "Did you mean GET /v1/calls?"},
    {"POST", "/v1/calls/stop", 405, "Did you mean DELETE /v1/calls/ID?"},
    {"POST", "/v1/calls/5/delete", 404, "Did you mean DELETE /v1/calls/5?"},
    {"POST", "/v1/calls/create/5", 404, "GET /openapi.json lists the routes."},
    {"POST", "/v1/accounts/add", 405, "Did you mean POST /v1/accounts?"},
    {"POST", "/v1/accounts/login", 405, "Did you mean POST /v1/accounts/NAME/login?"},
    {"POST", "/v1/accounts/a/remove", 404, "Did you mean DELETE /v1/accounts/a?"},
    {"POST", "/v1/peers/resolve", 405, "Did you mean GET /v1/peers/PEER?"},
    {"POST", "/v1/calls/start", 405, "Did you mean POST /v1/calls/ID/start?"},
    {"GET", "/v1/calls/abc", 404, "An id is a whole number of 64 bits, as GET /v1/calls shows them"},
    /* No word says what is meant: what there is. */
    {"POST", "/v1/calls/5", 405, "Here there are GET /v1/calls/5, PATCH /v1/calls/5, DELETE /v1/calls/5."},
    {"PUT", "/v1/calls", 405, "Here there are POST /v1/calls, GET /v1/calls."},
    {"POST", "/healthz", 405, "Here there is GET /healthz."},
};

START_TEST(what_to_send_instead_is_named)
{
    struct response r = ask(misdone[_i].method, misdone[_i].target, JSON_BODY, "{}");

    ck_assert_int_eq(r.status, misdone[_i].status);
    ck_assert_str_eq(unit_json_text(r.json, "remedy"), misdone[_i].remedy);
    response_fini(&r);
}
END_TEST

START_TEST(a_member_that_was_probably_meant_is_named)
{
    struct response r = ask("POST", "/v1/calls", JSON_BODY,
                            "{\"peer\":\"me\",\"scheduleDate\":5,\"titel\":\"x\",\"rtmp\":true,\"per\":1}");

    ck_assert_int_eq(r.status, 422);
    ck_assert_str_eq(error_at(&r, "/scheduleDate"), "there is no such member: did you mean \"schedule_date\"?");
    ck_assert_str_eq(error_at(&r, "/titel"), "there is no such member: did you mean \"title\"?");
    ck_assert_str_eq(error_at(&r, "/rtmp"), "there is no such member");
    ck_assert_str_eq(error_at(&r, "/per"), "there is no such member: did you mean \"peer\"?");
    response_fini(&r);
    r = ask("GET", "/v1/calls?acount=a", "", NULL);
    ck_assert_str_eq(error_at(&r, "/acount"), "there is no such member: did you mean \"account\"?");
    response_fini(&r);
}
END_TEST

START_TEST(a_member_in_the_wrong_part_of_a_request_is_told_its_place)
{
    struct response r = ask("POST", "/v1/calls?account=a", JSON_BODY, "{\"peer\":\"me\"}");

    ck_assert_str_eq(error_at(&r, "/account"), "belongs in the body of this request, not in its query");
    response_fini(&r);
    r = ask("PATCH", "/v1/calls/5", JSON_BODY, "{\"title\":\"x\",\"account\":\"a\"}");
    ck_assert_str_eq(error_at(&r, "/account"), "belongs in the query of this request, not in its body");
    response_fini(&r);
}
END_TEST

START_TEST(the_first_fault_is_the_detail_of_the_problem)
{
    struct response r = ask("POST", "/v1/calls", JSON_BODY, "{\"peer\":\"me\",\"title\":5,\"rtmp_stream\":5}");

    ck_assert_str_eq(unit_json_text(r.json, "detail"), "/title: a string was expected");
    response_fini(&r);
    r = ask("PATCH", "/v1/calls/5", JSON_BODY, "{}");
    ck_assert_str_eq(unit_json_text(r.json, "detail"), "at least one member is needed");
    response_fini(&r);
}
END_TEST

static const struct {
    const char *value, *reason;
} dates[] = {
    {"\"tomorrow\"", ": it is no such time"},
    {"\"2026-02-30T10:00:00Z\"", ": it is no such time"},
    {"\"2026-01-01T10:00:00\"", ": its offset from UTC is missing"},
    {"\"1767258000\"", ": a number is written without quotes"},
    {"1767258000000", ": these look like milliseconds"},
    {"\"2040-12-01T20:00:00Z\"", "(2038-01-19T03:14:07Z)"},
    {"true", ": it is neither a number nor a text"},
};

START_TEST(a_date_that_is_none_says_why_and_shows_one)
{
    char body[128];

    snprintf(body, sizeof(body), "{\"peer\":\"me\",\"schedule_date\":%s}", dates[_i].value);
    struct response r = ask("POST", "/v1/calls", JSON_BODY, body);
    const char *detail = error_at(&r, "/schedule_date");
    ck_assert_ptr_nonnull(detail);
    ck_assert_msg(strstr(detail, "such as 1767258000 or \"2026-01-01T10:00:00+01:00\""), "%s", detail);
    ck_assert_msg(strstr(detail, dates[_i].reason) != NULL, "%s", detail);
    response_fini(&r);
}
END_TEST

START_TEST(faults_of_query_and_body_come_together)
{
    struct response r =
        ask("PATCH", "/v1/calls/1?x=1&account=B", JSON_BODY, "{\"title\":5,\"join_muted\":0,\"y/z\":1}");

    ck_assert_int_eq(r.status, 422);
    ck_assert_uint_eq(json_array_size(json_object_get(r.json, "errors")), 5);
    ck_assert_ptr_nonnull(error_at(&r, "/x"));
    ck_assert_ptr_nonnull(error_at(&r, "/account"));
    ck_assert_ptr_nonnull(error_at(&r, "/title"));
    ck_assert_ptr_nonnull(error_at(&r, "/join_muted"));
    ck_assert_ptr_nonnull(error_at(&r, "/y~1z"));
    response_fini(&r);
}
END_TEST

START_TEST(a_title_is_counted_in_code_points)
{
    char body[600], title[65 * 4 + 1] = "";

    for (int i = 0; i < 64; i++)
        strcat(title, "\xf0\x9f\x98\x80");
    snprintf(body, sizeof(body), "{\"peer\":\"me\",\"title\":\"%s\"}", title);
    expect("POST", "/v1/calls", JSON_BODY, body, 200, NULL);
    strcat(title, "x");
    snprintf(body, sizeof(body), "{\"peer\":\"me\",\"title\":\"%s\"}", title);
    expect("POST", "/v1/calls", JSON_BODY, body, 422, "invalid-request");
}
END_TEST

START_TEST(allow_lists_the_methods)
{
    struct response r = ask("POST", "/v1/calls/5", JSON_BODY, "{}");

    ck_assert_int_eq(r.status, 405);
    ck_assert_str_eq(response_header(&r, "Allow"), "GET, HEAD, PATCH, DELETE");
    response_fini(&r);
}
END_TEST

/* "/v1/calls/{id}/start" → "/v1/calls/1/start" */
static void fill(const char *pattern, char *out)
{
    while (*pattern) {
        if (*pattern == '{') {
            out = stpcpy(out, strncmp(pattern, "{file}", 6) == 0 ? "app.js" : "1");
            pattern = strchr(pattern, '}') + 1;
        } else {
            *out++ = *pattern++;
        }
    }
    *out = '\0';
}

START_TEST(every_row_of_the_table_answers)
{
    char target[128], unit[160];

    ck_assert_int_eq(directory_put_schedule(fx.workers.directory, "1", "1"), 0);
    for (size_t i = 0; i < routes_count; i++) {
        const struct route *route = &routes[i];
        fill(route->pattern, target);
        struct response r = ask(http_method_text(route->method), target, "", NULL);
        if (route->does == ROUTE_UNBUILT) {
            ck_assert_int_eq(r.status, 501);
            ck_assert_str_eq(response_slug(&r), "not-implemented");
            snprintf(unit, sizeof(unit), "%s %s is not there yet", http_method_text(route->method), target);
            ck_assert_str_eq(unit_json_text(r.json, "detail"), unit);
        } else {
            ck_assert_msg(r.status == 200 || r.status == 400 || r.status == 422, "%s: %d", route->pattern, r.status);
        }
        response_fini(&r);
        r = ask_unknown(http_method_text(route->method), target, "", NULL);
        ck_assert_msg((r.status == 401) == (route->scopes != 0), "%s without a token: %d", route->pattern, r.status);
        response_fini(&r);
    }
}
END_TEST

START_TEST(a_query_of_any_number_of_parts_is_answered)
{
    static const struct {
        size_t parts;
        int status;
    } rows[] = {{1, 422}, {200, 422}, {300, 422}, {550, 422}, {610, 414}, {1500, 414}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct client *c = client_tcp(fx.port);
        struct response r;
        client_sendf(c, "GET /v1/calls?");
        for (size_t n = 0; n < rows[i].parts; n++)
            client_sendf(c, "a%zu=1&", n);
        client_sendf(c, " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", fx.admin);
        ck_assert(client_read(c, false, &r));
        ck_assert_int_eq(r.status, rows[i].status);
        response_fini(&r);
        client_free(c);
    }
}
END_TEST

static struct response ask_with_headers(const char *name, size_t count, size_t len)
{
    struct client *c = client_tcp(fx.port);
    struct response r;
    char *value = malloc(len + 1);

    memset(value, 'x', len);
    value[len] = '\0';
    client_sendf(c, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
    for (size_t i = 0; i < count; i++)
        client_sendf(c, "%s: %s\r\n", name, value);
    client_sendf(c, "\r\n");
    ck_assert(client_read(c, false, &r));
    free(value);
    client_free(c);
    return r;
}

/* Those that mean nothing here take no room from the answer. */
START_TEST(headers_that_leave_no_room_for_the_answer_are_431)
{
    static const struct {
        const char *name;
        size_t count, len;
        int status;
    } rows[] = {
        {"X-Other", 1, 14000, 200}, {"X-Other", 1000, 1, 200}, {"X-Other", 1, 15000, 431}, {"X-Other", 1200, 1, 431},
        {"Prefer", 1, 3900, 200},   {"Prefer", 1, 4100, 431},  {"Prefer", 50, 1, 200},     {"Prefer", 60, 1, 431},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct response r = ask_with_headers(rows[i].name, rows[i].count, rows[i].len);
        ck_assert_msg(r.status == rows[i].status, "row %zu: %d", i, r.status);
        if (r.status == 431)
            ck_assert_str_eq(response_slug(&r), "too-large");
        ck_assert_ptr_nonnull(response_header(&r, "X-Request-Id"));
        response_fini(&r);
    }
}
END_TEST

/* All of a request's line is in libmicrohttpd's memory. */
START_TEST(a_method_beyond_that_memory_is_414)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    client_sendf(c, "%05000d / HTTP/1.1\r\nHost: localhost\r\n\r\n", 0);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 414);
    response_fini(&r);
    client_free(c);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *suite_http_routes(void)
{
    Suite *s = suite_create("http_routes");
    TCase *t = tcase_create("http_routes");

    tcase_add_checked_fixture(t, fixture_up, fixture_down);
    tcase_add_loop_test(t, a_request_becomes_a_uniform_job, 0, COUNT(jobs));
    tcase_add_loop_test(t, what_is_wrong_is_said, 0, COUNT(refusals));
    tcase_add_loop_test(t, what_to_send_instead_is_named, 0, COUNT(misdone));
    tcase_add_loop_test(t, a_route_that_was_probably_meant_is_named, 0, COUNT(meant));
    tcase_add_test(t, a_member_that_was_probably_meant_is_named);
    tcase_add_test(t, a_member_in_the_wrong_part_of_a_request_is_told_its_place);
    tcase_add_test(t, the_first_fault_is_the_detail_of_the_problem);
    tcase_add_loop_test(t, a_date_that_is_none_says_why_and_shows_one, 0, COUNT(dates));
    tcase_add_test(t, faults_of_query_and_body_come_together);
    tcase_add_test(t, a_title_is_counted_in_code_points);
    tcase_add_test(t, allow_lists_the_methods);
    tcase_add_test(t, every_row_of_the_table_answers);
    tcase_add_test(t, a_query_of_any_number_of_parts_is_answered);
    tcase_add_test(t, headers_that_leave_no_room_for_the_answer_are_431);
    tcase_add_test(t, a_method_beyond_that_memory_is_414);
    suite_add_tcase(s, t);
    return s;
}
