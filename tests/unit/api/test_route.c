#include "tests/support/unit.h"
#include "tests/unit/api/suites.h"

#include <stdio.h>
#include <string.h>

#include "api/route.h"

static const char *rule;

static int find(const char *path, enum http_method method, const struct route **ret, unsigned *methods, json_t *params,
                struct faults *faults)
{
    static char raw[512];
    struct target t;

    snprintf(raw, sizeof(raw), "%s", path);
    ck_assert_int_eq(target_parse(raw, &t, NULL), 0);
    int err = route_find(&t, method, ret, methods);
    return err || !params ? err : route_params(*ret, &t, params, faults, &rule);
}

static const struct {
    enum http_method method;
    const char *path, *pattern; /* NULL: none */
} paths[] = {
    {HTTP_GET, "/", "/"},
    {HTTP_GET, "/healthz", "/healthz"},
    {HTTP_GET, "/healthz/", NULL},
    {HTTP_GET, "/healthzz", NULL},
    {HTTP_GET, "/health", NULL},
    {HTTP_POST, "/v1/calls", "/v1/calls"},
    {HTTP_GET, "/v1/calls/", NULL},
    {HTTP_GET, "/v1//calls", NULL},
    {HTTP_GET, "/v1/%63alls", "/v1/calls"},
    {HTTP_GET, "/v1/calls/1", "/v1/calls/{id}"},
    {HTTP_POST, "/v1/calls/1/start", "/v1/calls/{id}/start"},
    {HTTP_POST, "/v1/calls/1/start/x", NULL},
    {HTTP_GET, "/v1/peers/t.me%2F%2Bhash", "/v1/peers/{peer}"},
    {HTTP_GET, "/v1/peers/t.me/name", NULL},
    {HTTP_POST, "/v1/accounts/a/login/code", "/v1/accounts/{name}/login/code"},
    {HTTP_PATCH, "/v1/calls/1/participants/me", "/v1/calls/{id}/participants/{peer}"},
    {HTTP_GET, "/V1/calls", NULL},
    {HTTP_GET, "/a/b/c/d/e/f/g/h/i/j", NULL},
};

START_TEST(a_path_finds_its_row)
{
    const struct route *route = NULL;
    unsigned methods = 0;
    int err = find(paths[_i].path, paths[_i].method, &route, &methods, NULL, NULL);

    if (paths[_i].pattern) {
        ck_assert_msg(err == 0, "%s", paths[_i].path);
        ck_assert_str_eq(route->pattern, paths[_i].pattern);
    } else {
        ck_assert_msg(err == TGC_EUNKNOWN, "%s", paths[_i].path);
    }
}
END_TEST

START_TEST(a_wrong_method_learns_the_right_ones)
{
    const struct route *route = NULL;
    unsigned methods = 0;
    char allow[ROUTE_ALLOW_SIZE];

    ck_assert_int_eq(find("/v1/calls/1", HTTP_POST, &route, &methods, NULL, NULL), TGC_EINVAL);
    route_allow_text(methods, allow);
    ck_assert_str_eq(allow, "GET, HEAD, PATCH, DELETE");
    route_allow_text(~0u, allow);
    ck_assert_str_eq(allow, "GET, HEAD, POST, PUT, PATCH, DELETE");
}
END_TEST

static const struct {
    enum http_method method;
    const char *path, *name, *value; /* value NULL: there can be no such thing */
} params[] = {
    {HTTP_GET, "/v1/calls/9223372036854775807", "id", "9223372036854775807"},
    {HTTP_GET, "/v1/calls/-5", "id", "-5"},
    {HTTP_GET, "/v1/calls/%31", "id", "1"},
    {HTTP_GET, "/v1/calls/9223372036854775808", NULL, NULL},
    {HTTP_GET, "/v1/calls/007", NULL, NULL},
    {HTTP_GET, "/v1/calls/-0", NULL, NULL},
    {HTTP_GET, "/v1/calls/abc", NULL, NULL},
    {HTTP_GET, "/v1/calls/1%20", NULL, NULL},
    {HTTP_GET, "/v1/peers/t.me%2Fdurov", "peer", "t.me/durov"},
    {HTTP_GET, "/v1/peers/-1001234567890", "peer", "-1001234567890"},
    {HTTP_POST, "/v1/methods/phone.createGroupCall", "method", "phone.createGroupCall"},
    {HTTP_POST, "/v1/methods/a%2Fb", NULL, NULL},
    {HTTP_GET, "/v1/accounts/alice", "name", "alice"},
    {HTTP_GET, "/v1/accounts/Alice", NULL, NULL},
};

START_TEST(parameters_are_decoded_and_judged)
{
    const struct route *route;
    unsigned methods;
    struct faults faults = {0};
    json_t *o = json_object();
    rule = NULL;
    int err = find(params[_i].path, params[_i].method, &route, &methods, o, &faults);

    if (params[_i].value) {
        ck_assert_msg(err == 0 && !faults.found, "%s", params[_i].path);
        ck_assert_str_eq(unit_json_text(o, params[_i].name), params[_i].value);
    } else {
        ck_assert_msg(err == TGC_EUNKNOWN, "%s", params[_i].path);
        ck_assert_ptr_nonnull(rule);
    }
    json_decref(o);
}
END_TEST

START_TEST(a_peer_that_is_none_is_a_fault)
{
    const struct route *route;
    unsigned methods;
    struct faults faults = {0};
    json_t *o = json_object();

    ck_assert_int_eq(find("/v1/peers/no%20peer", HTTP_GET, &route, &methods, o, &faults), 0);
    ck_assert(faults.found);
    problem_free(faults.problem);
    json_decref(o);
}
END_TEST

START_TEST(the_table_is_sound)
{
    for (size_t i = 0; i < routes_count; i++) {
        const struct route *r = &routes[i];
        ck_assert_ptr_nonnull(r->query);
        ck_assert_ptr_nonnull(r->summary);
        ck_assert(r->does != ROUTE_HERE || r->handler);
        ck_assert_msg(r->method != HTTP_GET || (!r->body && !r->body_any), "%s", r->pattern);
        for (size_t k = 0; k < i; k++)
            ck_assert_msg(routes[k].method != r->method || strcmp(routes[k].pattern, r->pattern) != 0,
                          "%s is there twice", r->pattern);
    }
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *suite_route(void)
{
    Suite *s = suite_create("route");
    TCase *t = tcase_create("route");

    tcase_add_loop_test(t, a_path_finds_its_row, 0, COUNT(paths));
    tcase_add_test(t, a_wrong_method_learns_the_right_ones);
    tcase_add_loop_test(t, parameters_are_decoded_and_judged, 0, COUNT(params));
    tcase_add_test(t, a_peer_that_is_none_is_a_fault);
    tcase_add_test(t, the_table_is_sound);
    suite_add_tcase(s, t);
    return s;
}
