/* Which addresses webhooks may be sent to. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "daemon/hook/address_judge.h"
#include "tests/support/unit.h"
#include "tests/unit/hook/suites.h"

static const struct {
    const char *text;
    enum hook_reach reach;
} addresses[] = {
    {"127.0.0.1", HOOK_LOOPBACK},
    {"127.255.255.254", HOOK_LOOPBACK},
    {"::1", HOOK_LOOPBACK},
    {"::ffff:127.0.0.1", HOOK_LOOPBACK}, /* the kernel connects to 127.0.0.1 */
    {"10.0.0.1", HOOK_PRIVATE},
    {"10.255.255.255", HOOK_PRIVATE},
    {"172.16.0.1", HOOK_PRIVATE},
    {"172.31.255.255", HOOK_PRIVATE},
    {"172.32.0.1", HOOK_PUBLIC},
    {"172.15.255.255", HOOK_PUBLIC},
    {"192.168.0.1", HOOK_PRIVATE},
    {"192.169.0.1", HOOK_PUBLIC},
    {"100.64.0.1", HOOK_PRIVATE},
    {"100.127.255.255", HOOK_PRIVATE},
    {"100.128.0.1", HOOK_PUBLIC},
    {"100.63.255.255", HOOK_PUBLIC},
    {"fc00::1", HOOK_PRIVATE},
    {"fdff::1", HOOK_PRIVATE},
    {"fec0::1", HOOK_PRIVATE},
    {"0.0.0.0", HOOK_NOWHERE},
    {"0.1.2.3", HOOK_NOWHERE},
    {"169.254.169.254", HOOK_NOWHERE},
    {"192.0.0.1", HOOK_NOWHERE},
    {"192.0.2.1", HOOK_NOWHERE},
    {"192.88.99.1", HOOK_NOWHERE},
    {"198.18.0.1", HOOK_NOWHERE},
    {"198.19.255.255", HOOK_NOWHERE},
    {"198.20.0.1", HOOK_PUBLIC},
    {"198.51.100.1", HOOK_NOWHERE},
    {"203.0.113.1", HOOK_NOWHERE},
    {"224.0.0.1", HOOK_NOWHERE},
    {"239.255.255.255", HOOK_NOWHERE},
    {"240.0.0.1", HOOK_NOWHERE},
    {"255.255.255.255", HOOK_NOWHERE},
    {"::", HOOK_NOWHERE},
    {"fe80::1", HOOK_NOWHERE},
    {"febf::1", HOOK_NOWHERE},
    {"ff02::1", HOOK_NOWHERE},
    {"2001:db8::1", HOOK_NOWHERE},
    {"3fff::1", HOOK_NOWHERE},
    {"2001:2::1", HOOK_NOWHERE}, /* benchmarking */
    {"100::1", HOOK_NOWHERE},    /* discard */
    {"4000::1", HOOK_NOWHERE},   /* nobody's yet */
    {"93.184.216.34", HOOK_PUBLIC},
    {"1.1.1.1", HOOK_PUBLIC},
    {"2606:4700:4700::1111", HOOK_PUBLIC},
    {"2a00:1450:4001:81b::200e", HOOK_PUBLIC},
    /* An IPv4 address in an IPv6 one, by every way that there is. */
    {"::ffff:10.0.0.1", HOOK_PRIVATE},
    {"::ffff:169.254.169.254", HOOK_NOWHERE},
    {"::ffff:1.1.1.1", HOOK_PUBLIC},
    {"::ffff:0:127.0.0.1", HOOK_NOWHERE},
    {"::ffff:0:10.0.0.1", HOOK_PRIVATE},
    {"::127.0.0.1", HOOK_NOWHERE},
    {"::10.0.0.1", HOOK_PRIVATE},
    {"::2", HOOK_NOWHERE},
    {"64:ff9b::127.0.0.1", HOOK_NOWHERE},
    {"64:ff9b::10.0.0.1", HOOK_PRIVATE},
    {"64:ff9b::1.1.1.1", HOOK_PUBLIC},
    {"64:ff9b:1::169.254.169.254", HOOK_NOWHERE},
    {"2002:7f00:1::1", HOOK_NOWHERE},
    {"2002:a00:1::1", HOOK_PRIVATE},
    {"2002:101:101::1", HOOK_PUBLIC},
    {"2001:0:4136:e378:8000:63bf:80ff:fffe", HOOK_NOWHERE}, /* 127.0.0.1 with its bits turned */
    {"2001:0:4136:e378:8000:63bf:f5ff:fffe", HOOK_PRIVATE}, /* 10.0.0.1 */
    {"2001:0:4136:e378:8000:63bf:fefe:fefe", HOOK_PUBLIC},  /* 1.1.1.1 */
};

static const struct sockaddr *parsed(const char *text)
{
    static union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at;

    memset(&at, 0, sizeof(at));
    at.v4.sin_family = AF_INET;
    if (inet_pton(AF_INET, text, &at.v4.sin_addr) == 1)
        return &at.any;
    at.v6.sin6_family = AF_INET6;
    ck_assert_msg(inet_pton(AF_INET6, text, &at.v6.sin6_addr) == 1, "%s", text);
    return &at.any;
}

START_TEST(every_address_is_what_it_is)
{
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
        ck_assert_msg(hook_reach_of(parsed(addresses[i].text)) == addresses[i].reach, "%s is %d", addresses[i].text,
                      hook_reach_of(parsed(addresses[i].text)));
}
END_TEST

START_TEST(what_is_no_ip_address_is_nowhere)
{
    const struct sockaddr local = {.sa_family = AF_UNIX};
    const struct hook_allow all = {.loopback = true, .private_ = true, .public_ = true};

    ck_assert_int_eq(hook_reach_of(&local), HOOK_NOWHERE);
    ck_assert(!hook_is_allowed(&all, &local));
}
END_TEST

static bool allowed(const struct hook_allow *a, const char *text)
{
    return hook_is_allowed(a, parsed(text));
}

START_TEST(a_list_allows_its_kinds_and_networks_and_nothing_else)
{
    struct hook_allow a = {0};
    struct fault fault;

    ck_assert_int_eq(hook_allow_add(&a, "loopback", &fault), 0);
    ck_assert(allowed(&a, "127.0.0.1") && allowed(&a, "::1"));
    ck_assert(!allowed(&a, "1.1.1.1") && !allowed(&a, "10.0.0.1"));
    ck_assert_int_eq(hook_allow_add(&a, "10.1.0.0/16", &fault), 0);
    ck_assert_int_eq(hook_allow_add(&a, "fe80::/10", &fault), 0);
    ck_assert_int_eq(hook_allow_add(&a, "192.0.2.7/32", &fault), 0);
    ck_assert(allowed(&a, "10.1.255.255") && !allowed(&a, "10.2.0.0") && !allowed(&a, "::10.1.0.1"));
    ck_assert(allowed(&a, "fe80::1") && allowed(&a, "febf::1") && !allowed(&a, "fec0::1"));
    ck_assert(allowed(&a, "192.0.2.7") && !allowed(&a, "192.0.2.6"));
    ck_assert_int_eq(hook_allow_add(&a, "private", &fault), 0);
    ck_assert(allowed(&a, "192.168.1.1") && !allowed(&a, "169.254.169.254"));
    ck_assert_int_eq(hook_allow_add(&a, "public", &fault), 0);
    ck_assert(allowed(&a, "1.1.1.1") && !allowed(&a, "224.0.0.1"));
    ck_assert_int_eq(hook_allow_add(&a, "0.0.0.0/0", &fault), 0);
    ck_assert(allowed(&a, "224.0.0.1") && allowed(&a, "0.0.0.0"));
}
END_TEST

START_TEST(a_word_that_is_no_network_is_refused)
{
    static const char *const words[] = {
        "",          "Public", "10.0.0.0",    "10.0.0.0/",  "10.0.0.0/33", "10.0.0.0/+8", "10.0.0/8",    "fd00::/129",
        "fd00::/8x", "/8",     "10.0.0.0/-1", "[fd00::]/8", "localhost",   "10.0.0.0/ 8", "0x0a000000/8"};
    struct hook_allow a = {0};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct fault fault = {0};
        ck_assert_msg(hook_allow_add(&a, words[i], &fault) == TGC_EINVAL, "%s", words[i]);
        ck_assert_str_ne(fault.text, "");
    }
    ck_assert_uint_eq(a.networks_n, 0);
}
END_TEST

START_TEST(there_is_a_most_of_networks)
{
    struct hook_allow a = {0};
    struct fault fault;

    for (int i = 0; i < HOOK_NETWORKS_MAX; i++)
        ck_assert_int_eq(hook_allow_add(&a, "10.0.0.0/8", &fault), 0);
    ck_assert_int_eq(hook_allow_add(&a, "10.0.0.0/8", &fault), TGC_ELIMIT);
}
END_TEST

Suite *suite_address(void)
{
    Suite *s = suite_create("address");
    TCase *t = tcase_create("address");

    tcase_add_test(t, every_address_is_what_it_is);
    tcase_add_test(t, what_is_no_ip_address_is_nowhere);
    tcase_add_test(t, a_list_allows_its_kinds_and_networks_and_nothing_else);
    tcase_add_test(t, a_word_that_is_no_network_is_refused);
    tcase_add_test(t, there_is_a_most_of_networks);
    suite_add_tcase(s, t);
    return s;
}
