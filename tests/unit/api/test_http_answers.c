#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/log.h"

static void answer_created(struct job *job)
{
    job->status = 201;
    buf_put_text(&job->text, "{\"call\":{}}");
    snprintf(job->location, sizeof(job->location), "/v1/calls/5");
}

static void answer_nothing(struct job *job)
{
    job->status = 204;
}

static void answer_busy(struct job *job)
{
    job->problem = problem_new(PROBLEM_FLOOD_WAIT, 0, "Wait");
    problem_set_retry_after(job->problem, 17);
    problem_set_remedy(job->problem, "Wait.");
}

static void answer_not_at_all(struct job *job)
{
}

static void answer_broken(struct job *job)
{
    job->status = 200;
    buf_put_text(&job->text, "{");
    job->text.err = TGC_ELIMIT;
}

static void answer_large(struct job *job)
{
    job->status = 200;
    buf_put_byte(&job->text, '"');
    for (int i = 0; i < 60000; i++)
        buf_put_byte(&job->text, (uint8_t)('a' + i % 26));
    buf_put_byte(&job->text, '"');
}

static size_t long_len;

/* Of LONG_LEN bytes, the LF behind it not counted. */
static void answer_long(struct job *job)
{
    job->status = 200;
    uint8_t *text = buf_room(&job->text, long_len);
    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < long_len; i++)
        text[i] = (uint8_t)('a' + i % 25);
    buf_add(&job->text, long_len);
}

/* Reads LEN bytes of a body, from what the client has of it already. */
static void expect_long(struct client *c, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t wrong = 0;
        for (size_t i = 0; i < c->len; i++, at++)
            wrong += c->data[i] != (at < len - 1 ? (char)('a' + at % 25) : '\n');
        ck_assert_uint_eq(wrong, 0);
        c->len = 0;
        if (at == len)
            return;
        ssize_t n = recv(c->fd, c->data, sizeof(c->data), 0);
        ck_assert_int_gt(n, 0);
        c->len = (size_t)n;
    }
}

/* As long as one does not read, others are answered; and the connection lives on. */
START_TEST(an_answer_of_any_length_comes_whole)
{
    static const size_t lens[] = {(128 << 10) - 2, (128 << 10) - 1, 128 << 10, (192 << 10) - 1, 192 << 10, 9 << 20};
    struct client *c = client_tcp(fx.port);

    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        long_len = lens[i];
        fake_worker_answer_with(fx.worker, answer_long);
        send_request(c, fx.admin, "GET", "/v1/calls", NULL, NULL);
        const char *end = NULL;
        while (!end) {
            ssize_t n = recv(c->fd, c->data + c->len, sizeof(c->data) - c->len, 0);
            ck_assert_int_gt(n, 0);
            c->len += (size_t)n;
            end = memmem(c->data, c->len, "\r\n\r\n", 4);
        }
        expect("GET", "/healthz", "", NULL, 200, NULL);
        size_t head = (size_t)(end + 4 - c->data);
        char want[48];
        snprintf(want, sizeof(want), "Content-Length: %zu\r\n", long_len + 1);
        ck_assert_ptr_nonnull(memmem(c->data, head, want, strlen(want)));
        memmove(c->data, c->data + head, c->len - head);
        c->len -= head;
        expect_long(c, long_len + 1);
    }
    client_free(c);
}
END_TEST

START_TEST(a_created_thing_has_a_location)
{
    fake_worker_answer_with(fx.worker, answer_created);
    struct response r = ask("POST", "/v1/calls", JSON_BODY, "{\"peer\":\"me\"}");
    ck_assert_int_eq(r.status, 201);
    ck_assert_str_eq(response_header(&r, "Location"), "/v1/calls/5");
    ck_assert_str_eq(response_header(&r, "Content-Type"), "application/json; charset=utf-8");
    ck_assert_str_eq(r.body, "{\"call\":{}}\n");
    response_fini(&r);
}
END_TEST

static void answer_qr(struct job *job)
{
    job->status = 200;
    buf_put_text(&job->text, "{\"qr\":{\"url\":\"tg://login?token=AAAA\",\"expires_at\":5}}");
}

static const struct {
    const char *accept, *type, *begins;
} qr_forms[] = {
    {"", "application/json; charset=utf-8", "{\"qr\":{\"url\":"},
    {"Accept: */*\r\n", "application/json; charset=utf-8", "{\"qr\":"},
    {"Accept: text/html\r\n", "application/json; charset=utf-8", "{\"qr\":"},
    {"Accept: image/svg+xml\r\n", "image/svg+xml", "<svg "},
    {"Accept: image/avif\r\nAccept: image/*, */*;q=0.8\r\n", "image/svg+xml", "<svg "},
};

START_TEST(a_login_code_comes_in_the_form_that_is_wanted)
{
    fake_worker_answer_with(fx.worker, answer_qr);
    struct response r = ask("GET", "/v1/accounts/a/login/qr", qr_forms[_i].accept, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(response_header(&r, "Content-Type"), qr_forms[_i].type);
    ck_assert_int_eq(strncmp(r.body, qr_forms[_i].begins, strlen(qr_forms[_i].begins)), 0);
    response_fini(&r);
}
END_TEST

START_TEST(every_answer_ends_its_line)
{
    static const char *const targets[] = {"/healthz", "/version", "/v1/calls", "/nothing", "/v1/calls?limit=0"};

    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        struct response r = ask("GET", targets[i], "", NULL);
        ck_assert_uint_gt(r.body_len, 1);
        ck_assert_msg(r.body[r.body_len - 1] == '\n' && r.body[r.body_len - 2] != '\n', "%s: %s", targets[i], r.body);
        response_fini(&r);
    }
}
END_TEST

static void answer_for_alice(struct job *job)
{
    strcpy(job->account, "alice");
    answer_created(job);
}

/* What the next request writes to the log, as JSON. */
static json_t *logged(const char *method, const char *target, const char *body)
{
    char text[4096];
    FILE *log = tmpfile();
    int old = dup(STDERR_FILENO);

    ck_assert_ptr_nonnull(log);
    log_setup(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
    dup2(fileno(log), STDERR_FILENO);
    struct response r = ask(method, target, JSON_BODY "X-Request-Id: one\r\n", body);
    dup2(old, STDERR_FILENO);
    close(old);
    log_setup(LOG_LEVEL_NOTICE, LOG_FORMAT_TEXT);
    response_fini(&r);
    rewind(log);
    size_t n = fread(text, 1, sizeof(text), log);
    fclose(log);
    ck_assert_msg(memchr(text, '\n', n) == text + n - 1, "not one line: %.*s", (int)n, text);
    json_t *line = json_loadb(text, n, 0, NULL);
    ck_assert_ptr_nonnull(line);
    return line;
}

START_TEST(each_request_is_one_line_of_the_log)
{
    fake_worker_answer_with(fx.worker, answer_for_alice);
    json_t *line = logged("POST", "/v1/calls", "{\"peer\":\"me\"}");

    ck_assert_str_eq(unit_json_text(line, "level"), "info");
    ck_assert_str_eq(unit_json_text(line, "method"), "POST");
    ck_assert_str_eq(unit_json_text(line, "route"), "/v1/calls");
    ck_assert_int_eq(json_integer_value(json_object_get(line, "status")), 201);
    ck_assert(json_is_number(json_object_get(line, "seconds")));
    ck_assert_str_eq(unit_json_text(line, "token"), "admin");
    ck_assert_str_eq(unit_json_text(line, "account"), "alice");
    ck_assert_str_eq(unit_json_text(line, "request_id"), "one");
    json_decref(line);
    line = logged("GET", "/secret-in-a-path", NULL);
    ck_assert_int_eq(json_integer_value(json_object_get(line, "status")), 404);
    ck_assert_ptr_null(json_object_get(line, "route"));
    ck_assert_ptr_null(json_object_get(line, "account"));
    json_decref(line);
}
END_TEST

START_TEST(every_answer_has_the_common_headers)
{
    static const char *const targets[] = {"/healthz", "/v1/calls", "/nothing", "/v1/jobs"};

    for (size_t i = 0; i < 4; i++) {
        struct response r = ask("GET", targets[i], "", NULL);
        ck_assert_str_eq(response_header(&r, "Cache-Control"), "no-store");
        ck_assert_str_eq(response_header(&r, "X-Content-Type-Options"), "nosniff");
        ck_assert_ptr_nonnull(response_header(&r, "X-Request-Id"));
        response_fini(&r);
    }
}
END_TEST

START_TEST(an_answer_without_content_has_none)
{
    fake_worker_answer_with(fx.worker, answer_nothing);
    struct response r = ask("DELETE", "/v1/accounts/a", "", NULL);
    ck_assert_int_eq(r.status, 204);
    ck_assert_uint_eq(r.body_len, 0);
    ck_assert_ptr_null(response_header(&r, "Content-Type"));
    response_fini(&r);
}
END_TEST

START_TEST(a_problem_of_the_worker_goes_out_whole)
{
    fake_worker_answer_with(fx.worker, answer_busy);
    struct response r = ask("GET", "/v1/calls/1", "X-Request-Id: my.id-1_2\r\n", NULL);
    ck_assert_int_eq(r.status, 429);
    ck_assert_str_eq(response_header(&r, "Retry-After"), "17");
    ck_assert_str_eq(response_header(&r, "Content-Type"), "application/problem+json");
    ck_assert_str_eq(unit_json_text(r.json, "instance"), "my.id-1_2");
    ck_assert_str_eq(unit_json_text(r.json, "remedy"), "Wait.");
    response_fini(&r);
}
END_TEST

START_TEST(a_worker_that_says_nothing_is_our_fault)
{
    fake_worker_answer_with(fx.worker, answer_not_at_all);
    expect("GET", "/v1/calls", "", NULL, 500, "internal");
    fake_worker_answer_with(fx.worker, answer_broken);
    expect("GET", "/v1/calls", "", NULL, 500, "internal");
}
END_TEST

START_TEST(head_is_get_without_the_body)
{
    static const char *const targets[] = {"/healthz", "/version", "/openapi.json", "/v1/calls", "/nothing"};
    char length[32];

    for (size_t i = 0; i < 5; i++) {
        struct response get = ask("GET", targets[i], "X-Request-Id: same\r\n", NULL);
        struct client *c = client_tcp(fx.port);
        struct response head;
        send_request(c, fx.admin, "HEAD", targets[i], "X-Request-Id: same\r\n", NULL);
        ck_assert(client_read(c, true, &head));
        ck_assert_int_eq(head.status, get.status);
        snprintf(length, sizeof(length), "%zu", get.body_len);
        ck_assert_str_eq(response_header(&head, "Content-Length"), length);
        /* Were there a body, it would be taken for the next answer. */
        send_request(c, fx.admin, "GET", "/healthz", NULL, NULL);
        response_fini(&head);
        ck_assert(client_read(c, false, &head));
        ck_assert_int_eq(head.status, 200);
        response_fini(&head);
        response_fini(&get);
        client_free(c);
    }
}
END_TEST

static const struct {
    const char *given;
    bool kept;
} ids[] = {
    {"abc", true},
    {"A.b_c-9", true},
    {"0123456789012345678901234567890123456789012345678901234567890123", true},
    {"01234567890123456789012345678901234567890123456789012345678901234", false},
    {"a b", false},
    {"a\"b", false},
    {"\xc3\xa4", false},
    {"", false},
};

START_TEST(a_sane_request_id_is_kept)
{
    char headers[128];

    snprintf(headers, sizeof(headers), "X-Request-Id: %s\r\n", ids[_i].given);
    struct response r = ask("GET", "/v1/calls", headers, NULL);
    const char *id = response_header(&r, "X-Request-Id");
    ck_assert_ptr_nonnull(id);
    ck_assert_int_eq(strcmp(id, ids[_i].given) == 0, ids[_i].kept);
    ck_assert_str_eq(unit_json_text(r.json, "request_id"), id);
    response_fini(&r);
}
END_TEST

START_TEST(made_request_ids_differ)
{
    char first[80];
    struct response r = ask("GET", "/healthz", "", NULL);

    snprintf(first, sizeof(first), "%s", response_header(&r, "X-Request-Id"));
    response_fini(&r);
    r = ask("GET", "/healthz", "", NULL);
    ck_assert_str_ne(first, response_header(&r, "X-Request-Id"));
    response_fini(&r);
}
END_TEST

START_TEST(a_large_answer_comes_whole)
{
    fake_worker_answer_with(fx.worker, answer_large);
    struct response r = ask("GET", "/v1/calls/1", "", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_uint_eq(r.body_len, 60003);
    ck_assert_int_eq(r.body[60001], '"');
    ck_assert_int_eq(r.body[60000], 'a' + 59999 % 26);
    response_fini(&r);
}
END_TEST

START_TEST(what_the_front_end_knows_itself)
{
    struct response r = ask_unknown("GET", "/healthz", "", NULL);
    ck_assert_str_eq(r.body, "{\"status\":\"ok\"}\n");
    response_fini(&r);
    r = ask_unknown("GET", "/version", "", NULL);
    ck_assert_str_eq(unit_json_text(r.json, "version"), "1.2.3");
    response_fini(&r);
    r = ask("GET", "/openapi.json", "", NULL);
    ck_assert_str_eq(unit_json_text(r.json, "openapi"), "3.1.0");
    ck_assert_str_eq(response_header(&r, "Content-Type"), "application/json; charset=utf-8");
    response_fini(&r);
    ck_assert_uint_eq(fake_worker_answered(fx.worker), 0);
}
END_TEST

static void without_openapi(struct api_config *config)
{
    config->openapi = NULL;
}

START_TEST(a_missing_description_is_404)
{
    fixture_up_with(FIXTURE_SLOTS, without_openapi);
    expect("GET", "/openapi.json", "", NULL, 404, "not-found");
    fixture_down();
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *suite_http_answers(void)
{
    Suite *s = suite_create("http_answers");
    TCase *t = tcase_create("http_answers");

    tcase_add_checked_fixture(t, fixture_up, fixture_down);
    tcase_add_test(t, every_answer_ends_its_line);
    tcase_add_test(t, each_request_is_one_line_of_the_log);
    tcase_add_test(t, a_created_thing_has_a_location);
    tcase_add_loop_test(t, a_login_code_comes_in_the_form_that_is_wanted, 0, COUNT(qr_forms));
    tcase_add_test(t, an_answer_of_any_length_comes_whole);
    tcase_add_test(t, every_answer_has_the_common_headers);
    tcase_add_test(t, an_answer_without_content_has_none);
    tcase_add_test(t, a_problem_of_the_worker_goes_out_whole);
    tcase_add_test(t, a_worker_that_says_nothing_is_our_fault);
    tcase_add_test(t, head_is_get_without_the_body);
    tcase_add_loop_test(t, a_sane_request_id_is_kept, 0, COUNT(ids));
    tcase_add_test(t, made_request_ids_differ);
    tcase_add_test(t, a_large_answer_comes_whole);
    tcase_add_test(t, what_the_front_end_knows_itself);
    suite_add_tcase(s, t);
    t = tcase_create("http_answers_bare");
    tcase_add_test(t, a_missing_description_is_404);
    suite_add_tcase(s, t);
    return s;
}
