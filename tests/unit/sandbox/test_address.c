#include "daemon/sandbox/port/address.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/suites.h"

static const char *const good[] = {"127.0.0.1:0", "127.1.2.3:65535", "[::1]:4000"};
static const char *const bad[] = {
    "0.0.0.0:1", "192.168.0.1:1", "[::]:1",      "[fe80::1]:1",     "localhost:1",
    "127.0.0.1", "127.0.0.1:",    "127.0.0.1:x", "127.0.0.1:65536", ":1",
    "",          "127.0.0.1:-1",  "::1:5",       "[127.0.0.1]:5",
};

START_TEST(a_loopback_address_is_read_and_written)
{
    struct sockaddr_storage a;
    struct fault fault;
    char text[80], host[64];
    int port;

    ck_assert_int_eq(address_parse(good[_i], &a, &fault), 0);
    address_format(&a, text, sizeof(text), host, sizeof(host), &port);
    ck_assert_str_eq(text, good[_i]);
}
END_TEST

START_TEST(another_address_is_refused)
{
    struct sockaddr_storage a;
    struct fault fault;

    ck_assert_msg(address_parse(bad[_i], &a, &fault) == TGC_EINVAL, "%s", bad[_i]);
}
END_TEST

Suite *suite_address(void)
{
    Suite *s = suite_create("address");
    TCase *t = tcase_create("address");

    tcase_add_loop_test(t, a_loopback_address_is_read_and_written, 0, sizeof(good) / sizeof(*good));
    tcase_add_loop_test(t, another_address_is_refused, 0, sizeof(bad) / sizeof(*bad));
    suite_add_tcase(s, t);
    return s;
}
