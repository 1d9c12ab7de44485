#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/base/address.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

START_TEST(addresses_are_taken_apart)
{
    static const struct {
        const char *text, *host;
        unsigned port;
        bool numeric, v6, loopback;
    } cases[] = {
        {"127.0.0.1:8765", "127.0.0.1", 8765, true, false, true},
        {"127.255.0.9:0", "127.255.0.9", 0, true, false, true},
        {"[::1]:65535", "::1", 65535, true, true, true},
        {"[::ffff:127.0.0.1]:1", "::ffff:127.0.0.1", 1, true, true, false},
        {"[2001:db8::2]:443", "2001:db8::2", 443, true, true, false},
        {"0.0.0.0:80", "0.0.0.0", 80, true, false, false},
        {"128.0.0.1:80", "128.0.0.1", 80, true, false, false},
        {"localhost:80", "localhost", 80, false, false, true},
        {"dc1.example:443", "dc1.example", 443, false, false, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct address a;
        struct fault f = {0};

        ck_assert_msg(address_from_text(cases[i].text, true, &a, &f) == 0, "%s: %s", cases[i].text, f.text);
        ck_assert_str_eq(a.host, cases[i].host);
        ck_assert_uint_eq(a.port, cases[i].port);
        ck_assert_int_eq(a.numeric, cases[i].numeric);
        ck_assert_int_eq(a.v6, cases[i].v6);
        ck_assert_int_eq(a.loopback, cases[i].loopback);
    }
}
END_TEST

START_TEST(loopback_is_known_of_a_socket_too)
{
    static const struct {
        const char *text;
        bool is;
    } cases[] = {{"127.0.0.1", true},  {"127.9.8.7", true},    {"::1", true},
                 {"128.0.0.1", false}, {"0.0.0.0", false},     {"::", false},
                 {"192.0.2.1", false}, {"2001:db8::1", false}, {"::ffff:127.0.0.1", false}};
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    bool is_four = inet_pton(AF_INET, cases[_i].text, &four.sin_addr) == 1;

    ck_assert(is_four || inet_pton(AF_INET6, cases[_i].text, &six.sin6_addr) == 1);
    ck_assert_int_eq(address_is_loopback(is_four ? (const struct sockaddr *)&four : (const struct sockaddr *)&six),
                     cases[_i].is);
}
END_TEST

START_TEST(an_ipv4_address_is_the_same_at_an_ipv6_socket)
{
    const uint8_t wanted[] = {192, 0, 2, 1}, *bytes;
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    const struct sockaddr nothing = {.sa_family = AF_UNIX};

    ck_assert_int_eq(inet_pton(AF_INET, "192.0.2.1", &four.sin_addr), 1);
    ck_assert_uint_eq(address_bytes((const struct sockaddr *)&four, &bytes), 4);
    ck_assert_mem_eq(bytes, wanted, 4);
    ck_assert_int_eq(inet_pton(AF_INET6, "::ffff:192.0.2.1", &six.sin6_addr), 1);
    ck_assert_uint_eq(address_bytes((const struct sockaddr *)&six, &bytes), 4);
    ck_assert_mem_eq(bytes, wanted, 4);
    ck_assert_int_eq(inet_pton(AF_INET6, "2001:db8::1", &six.sin6_addr), 1);
    ck_assert_uint_eq(address_bytes((const struct sockaddr *)&six, &bytes), 16);
    ck_assert_mem_eq(bytes, &six.sin6_addr, 16);
    ck_assert_uint_eq(address_bytes(&nothing, &bytes), 0);
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
    static const char *const cases[] = {
        "",         ":",          ":80",      "127.0.0.1",   "127.0.0.1:",     "127.0.0.1:-1",
        "a:65536",  "a:000080",   "a:8 0",    "a:80 ",       "a:0x50",         "::1:80",
        "[::1]",    "[::1]80",    "[::1:80",  "[]:80",       "[127.0.0.1]:80", "127.0.0.256:80",
        "1.2.3:80", "999:80",     "a_b:80",   "a b:80",      "a/b:80",         "[::1]:",
        "[::1",     "http://a:1", "a:80:443", "[fe80::%1]:1"};
    struct address a;
    struct fault f;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fault_clear(&f);
        ck_assert_msg(address_from_text(cases[i], true, &a, &f) == TGC_EINVAL, "'%s' was taken", cases[i]);
        ck_assert_str_ne(f.text, "");
    }
    ck_assert_int_eq(address_from_text("127.0.0.1:0", false, &a, &f), TGC_EINVAL);

    char text[400];
    memset(text, 'a', sizeof(text));
    strcpy(text + 255, ":80");
    ck_assert_int_eq(address_from_text(text, true, &a, &f), 0);
    memset(text, 'a', sizeof(text));
    strcpy(text + 256, ":80");
    ck_assert_int_eq(address_from_text(text, true, &a, &f), TGC_EINVAL);
}
END_TEST

Suite *suite_address(void)
{
    Suite *s = suite_create("address");
    TCase *t = tcase_create("address");

    tcase_add_test(t, addresses_are_taken_apart);
    tcase_add_loop_test(t, loopback_is_known_of_a_socket_too, 0, 9);
    tcase_add_test(t, an_ipv4_address_is_the_same_at_an_ipv6_socket);
    tcase_add_test(t, what_is_no_address_is_refused);
    suite_add_tcase(s, t);
    return s;
}
