/* Which texts are URLs that webhooks may be sent to. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/hook/url_judge.h"
#include "tests/support/unit.h"
#include "tests/unit/hook/suites.h"

static const struct hook_allow usual = {.loopback = true, .public_ = true};

static const char *const good[] = {
    "https://hooks.example/tgcalld",  "http://localhost:8080", "http://127.0.0.1:1/", "http://[::1]:65535/a?b=c&d=%2f",
    "HTTPS://Hooks.Example./x",       "https://1.1.1.1/",      "https://1.1.1.1?x",   "http://a_b.example:80/",
    "https://xn--bcher-kva.example/", "http://1password.com/", "http://0x.example/",  "http://127.0.0.1.example/",
};

/* What is refused, and a word of what is said. */
static const struct {
    const char *url, *says;
} bad[] = {
    {"", "URL"},
    {"hooks.example/x", ""},
    {"ftp://hooks.example/", "https://"},
    {"file:///etc/passwd", ""},
    {"gopher://127.0.0.1:25/", "https://"},
    {"unix:/run/x", ""},
    {"https://", ""},
    {"https:///x", "https://"},
    {"https:/hooks.example/", "https://"},
    {"https://user@hooks.example/", "user"},
    {"https://user:word@hooks.example/", "user"},
    {"https://:word@hooks.example/", ""},
    {"https://hooks.example@127.0.0.1/", "user"},
    {"https://hooks.example/#top", "fragment"},
    {"https://hooks.example:0/", "port"},
    {"https://hooks.example:65536/", ""},
    {"https://hooks.example:-1/", ""},
    {"https://hooks.example:80x/", ""},
    {"https://hooks.example/a b", "%20"},
    {"https://hooks.example/a\r\nHost: x", "%0D"},
    {"https://hooks.example\\@127.0.0.1/", "%5C"},
    {"https://h\xc3\xb6oks.example/", "%C3"},
    {"https://hooks%2eexample/", ""},
    /* Addresses that are not allowed. */
    {"http://10.0.0.1/", "allow"},
    {"http://192.168.1.1/", "allow"},
    {"http://169.254.169.254/latest/meta-data/", "allow"},
    {"http://0.0.0.0/", "allow"},
    {"http://[::]/", "allow"},
    {"http://[fe80::1]/", "allow"},
    {"http://[fd00::1]/", "allow"},
    {"http://[::ffff:10.0.0.1]/", "allow"},
    {"http://[::ffff:a00:1]/", "allow"},
    {"http://[::10.0.0.1]/", "allow"},
    {"http://[64:ff9b::a00:1]/", "allow"},
    {"http://[2002:a00:1::]/", "allow"},
    {"http://[ff02::1]/", "allow"},
    {"http://224.0.0.1/", "allow"},
    /* Numbers that some take for addresses, also of loopback, which is allowed as it is. */
    {"http://2130706433/", ""},
    {"http://0x7f000001/", ""},
    {"http://017700000001/", ""},
    {"http://127.1/", ""},
    {"http://127.0.1/", ""},
    {"http://0177.0.0.1/", ""},
    {"http://0x7f.0.0.1/", ""},
    {"http://127.0.0.01/", ""},
    {"http://05.0.0.1/", "odd form"},
    {"http://005.1/", ""},
    {"http://127.0.0.1./", ""},
    {"http://127.0.0.256/", ""},
    {"http://1.2.3.4.5/", ""},
    {"http://example.0x1/", ""},
    {"http://3232235777/", ""},
    {"http://0/", ""},
    /* Zones, and what is no IPv6 address. */
    {"http://[::1%25lo]/", ""},
    {"http://[fe80::1%25eth0]/", ""},
    {"http://[::1/", ""},
    {"http://[127.0.0.1]/", ""},
    {"http://[v1.x]/", ""},
    {"http://[]/", ""},
};

START_TEST(good_urls_are_taken)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct fault fault = {0};
        ck_assert_msg(hook_url_judge(good[i], &usual, &fault) == 0, "%s: %s", good[i], fault.text);
    }
}
END_TEST

START_TEST(others_are_refused_and_it_is_said_why)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct fault fault = {0};
        ck_assert_msg(hook_url_judge(bad[i].url, &usual, &fault) == TGC_EINVAL, "%s: %s", bad[i].url, fault.text);
        ck_assert_msg(fault.text[0] && strstr(fault.text, bad[i].says), "%s: %s", bad[i].url, fault.text);
    }
}
END_TEST

START_TEST(what_is_allowed_is_asked_of_the_list)
{
    const struct hook_allow nothing = {0}, all = {.loopback = true, .private_ = true, .public_ = true};
    struct fault fault;

    ck_assert_int_eq(hook_url_judge("http://127.0.0.1/", &nothing, &fault), TGC_EINVAL);
    ck_assert_int_eq(hook_url_judge("http://1.1.1.1/", &nothing, &fault), TGC_EINVAL);
    ck_assert_int_eq(hook_url_judge("http://10.0.0.1/", &all, &fault), 0);
    ck_assert_int_eq(hook_url_judge("http://[::ffff:a00:1]/", &all, &fault), 0);
    ck_assert_int_eq(hook_url_judge("http://169.254.169.254/", &all, &fault), TGC_EINVAL);
}
END_TEST

START_TEST(a_url_has_a_greatest_length)
{
    static char url[LIMIT_HOOK_URL + 2] = "http://localhost/";
    struct fault fault = {0};
    size_t n = strlen(url);

    memset(url + n, 'a', LIMIT_HOOK_URL - n);
    ck_assert_msg(hook_url_judge(url, &usual, &fault) == 0, "%s", fault.text);
    url[LIMIT_HOOK_URL] = 'a';
    ck_assert_int_eq(hook_url_judge(url, &usual, &fault), TGC_EINVAL);
}
END_TEST

Suite *suite_url(void)
{
    Suite *s = suite_create("url");
    TCase *t = tcase_create("url");

    tcase_add_test(t, good_urls_are_taken);
    tcase_add_test(t, others_are_refused_and_it_is_said_why);
    tcase_add_test(t, what_is_allowed_is_asked_of_the_list);
    tcase_add_test(t, a_url_has_a_greatest_length);
    suite_add_tcase(s, t);
    return s;
}
