#include "tests/support/temp.h"
#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char path[96];

static void up(void)
{
    fixture_up();
    snprintf(path, sizeof(path), "%s", temp_path("s"));
    unlink(path);
}

static const char *const bad[] = {
    "",        "127.0.0.1", "127.0.0.1:",          ":80",        "127.0.0.1:x", "127.0.0.1:99999999",
    "[::1:80", "[]:80",     "https://127.0.0.1:1", "256.0.0.1:0"};

START_TEST(a_bad_address_is_a_fault)
{
    struct fault fault = {0};
    char url[64] = "untouched";

    ck_assert_int_lt(api_listen_tcp(fx.api, bad[_i], url, sizeof(url), &fault), 0);
    ck_assert_str_ne(fault.text, "");
    ck_assert_str_eq(url, "untouched");
}
END_TEST

START_TEST(a_port_in_use_is_a_fault)
{
    struct fault fault = {0};
    char address[64], url[64];

    snprintf(address, sizeof(address), "127.0.0.1:%u", fx.port);
    ck_assert_int_eq(api_listen_tcp(fx.api, address, url, sizeof(url), &fault), TGC_ESYSTEM);
    ck_assert_ptr_nonnull(strstr(fault.text, address));
    ck_assert_ptr_nonnull(strstr(fault.text, "end what serves there, or listen on another port"));
}
END_TEST

START_TEST(each_listener_answers)
{
    char url[64];

    fixture_make(FIXTURE_SLOTS, NULL);
    unsigned first = fx.port;
    ck_assert_int_eq(api_listen_tcp(fx.api, "127.0.0.1:0", url, sizeof(url), NULL), 0);
    fixture_serve();
    ck_assert_int_eq(sscanf(url, "http://127.0.0.1:%u", &fx.port), 1);
    ck_assert_uint_ne(fx.port, first);
    expect("GET", "/v1/calls", "", NULL, 200, NULL);
    fx.port = first;
    expect("GET", "/v1/calls", "", NULL, 200, NULL);
    fixture_down();
}
END_TEST

START_TEST(there_is_a_limit_to_listeners)
{
    char url[64];
    int err = 0, count = 1;

    while (count < 100 && (err = api_listen_tcp(fx.api, "127.0.0.1:0", url, sizeof(url), NULL)) == 0)
        count++;
    ck_assert_int_eq(err, TGC_ELIMIT);
    ck_assert_int_eq(count, 16);
}
END_TEST

START_TEST(a_unix_socket_has_its_mode)
{
    struct stat st;

    ck_assert_int_eq(api_listen_unix(fx.api, path, 0660, (gid_t)-1, NULL), 0);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0660);
}
END_TEST

START_TEST(a_stale_socket_is_replaced_and_a_living_one_is_not)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct fault fault = {0};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(un.sun_path, path);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
    close(fd);
    ck_assert_msg(api_listen_unix(fx.api, path, 0600, (gid_t)-1, &fault) == 0, "%s", fault.text);
    ck_assert_int_eq(api_listen_unix(fx.api, path, 0600, (gid_t)-1, &fault), TGC_EEXIST);
}
END_TEST

START_TEST(a_file_that_is_no_socket_stays)
{
    struct fault fault = {0};
    struct stat st;

    close(open(path, O_CREAT | O_WRONLY, 0600));
    ck_assert_int_eq(api_listen_unix(fx.api, path, 0600, (gid_t)-1, &fault), TGC_ESYSTEM);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert(S_ISREG(st.st_mode));
}
END_TEST

START_TEST(a_path_that_cannot_be_is_a_fault)
{
    struct fault fault = {0};
    char longer[200];

    memset(longer, 'x', sizeof(longer) - 1);
    longer[0] = '/';
    longer[sizeof(longer) - 1] = '\0';
    ck_assert_int_eq(api_listen_unix(fx.api, longer, 0600, (gid_t)-1, &fault), TGC_EINVAL);
    ck_assert_int_eq(api_listen_unix(fx.api, "/nowhere/at/all", 0600, (gid_t)-1, &fault), TGC_ESYSTEM);
}
END_TEST

START_TEST(a_socket_of_somebody_else_is_not_removed)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct stat st;

    ck_assert_int_eq(api_listen_unix(fx.api, path, 0600, (gid_t)-1, NULL), 0);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(un.sun_path, path);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
    fixture_down();
    ck_assert_int_eq(stat(path, &st), 0);
    close(fd);
    fixture_up();
}
END_TEST

static int listening(int family)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_un un;
    } name = {.any.sa_family = (sa_family_t)family};
    int fd = socket(family, SOCK_STREAM, 0);

    if (family == AF_UNIX)
        strcpy(name.un.sun_path, path);
    else
        name.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, &name.any, family == AF_UNIX ? sizeof(name.un) : sizeof(name.in)), 0);
    ck_assert_int_eq(listen(fd, 16), 0);
    return fd;
}

START_TEST(a_passed_socket_is_named_served_and_left)
{
    const int family = _i ? AF_UNIX : AF_INET;
    char url[128] = "";
    struct stat st;

    snprintf(path, sizeof(path), "%s", temp_path("s"));
    unlink(path);
    fixture_make(FIXTURE_SLOTS, NULL);
    int fd = listening(family), copy = dup(fd);
    ck_assert_int_eq(api_listen_passed(fx.api, copy, false, url, sizeof(url), NULL), 0);
    fixture_serve();
    if (family == AF_INET) {
        ck_assert_int_eq(sscanf(url, "http://127.0.0.1:%u", &fx.port), 1);
        expect("GET", "/v1/calls", "", NULL, 200, NULL);
    } else {
        ck_assert_str_eq(url + strlen("unix:"), path);
        struct client *c = client_unix(path);
        send_request(c, fx.admin, "GET", "/v1/calls", NULL, NULL);
        expect_status(c, 200, "");
        client_free(c);
    }
    fixture_down();
    ck_assert_int_lt(fcntl(copy, F_GETFD), 0);
    struct client *next = family == AF_INET ? client_tcp(fx.port) : client_unix(path);
    int accepted = accept(fd, NULL, NULL);
    ck_assert_msg(accepted >= 0, "it listens no more");
    close(accepted);
    client_free(next);
    ck_assert(family == AF_INET || stat(path, &st) == 0);
    close(fd);
}
END_TEST

START_TEST(what_cannot_be_accepted_from_is_not_taken)
{
    struct fault fault = {0};
    char url[128] = "untouched";
    int pair[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    int others[] = {socket(AF_INET, SOCK_STREAM, 0), socket(AF_INET, SOCK_DGRAM, 0), open("/dev/null", O_RDWR), pair[0],
                    pair[1]};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        ck_assert_int_eq(api_listen_passed(fx.api, others[i], false, url, sizeof(url), &fault), TGC_EINVAL);
        ck_assert_str_ne(fault.text, "");
        ck_assert_str_eq(url, "untouched");
        ck_assert_int_eq(close(others[i]), 0);
    }
}
END_TEST

START_TEST(a_passed_unix_socket_without_a_file_is_named_by_its_name)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    char url[128], want[128];
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(un.sun_path + 1, sizeof(un.sun_path) - 1, "tgcalld-test-%d", (int)getpid());
    snprintf(want, sizeof(want), "unix:@%s", un.sun_path + 1);
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(un.sun_path + 1));
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&un, len), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(api_listen_passed(fx.api, fd, false, url, sizeof(url), NULL), 0);
    ck_assert_str_eq(url, want);
}
END_TEST

Suite *suite_listen(void)
{
    Suite *s = suite_create("listen");
    TCase *t = tcase_create("listen");

    tcase_add_checked_fixture(t, up, fixture_down);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_loop_test(t, a_bad_address_is_a_fault, 0, sizeof(bad) / sizeof(bad[0]));
    tcase_add_test(t, a_port_in_use_is_a_fault);
    tcase_add_test(t, there_is_a_limit_to_listeners);
    tcase_add_test(t, a_unix_socket_has_its_mode);
    tcase_add_test(t, a_stale_socket_is_replaced_and_a_living_one_is_not);
    tcase_add_test(t, a_file_that_is_no_socket_stays);
    tcase_add_test(t, a_path_that_cannot_be_is_a_fault);
    tcase_add_test(t, a_socket_of_somebody_else_is_not_removed);
    tcase_add_test(t, what_cannot_be_accepted_from_is_not_taken);
    tcase_add_test(t, a_passed_unix_socket_without_a_file_is_named_by_its_name);
    suite_add_tcase(s, t);
    t = tcase_create("listen_bare");
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_test(t, each_listener_answers);
    tcase_add_loop_test(t, a_passed_socket_is_named_served_and_left, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
