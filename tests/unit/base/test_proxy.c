/* The grammar of proxies: what is taken, what each part is, and that an error quotes no secret. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/base/proxy.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

START_TEST(what_is_written_is_read)
{
    static const struct {
        const char *text;
        enum proxy_kind kind;
        const char *name, *user, *password;
    } cases[] = {
        {"socks5://127.0.0.1:1080", PROXY_SOCKS5, "127.0.0.1:1080", "", ""},
        {"SOCKS5://proxy.example:1080/", PROXY_SOCKS5, "proxy.example:1080", "", ""},
        {"socks5://me:word@[2001:db8::1]:9", PROXY_SOCKS5, "[2001:db8::1]:9", "me", "word"},
        {"socks5://m%3Ae:w%40%2F%25@h:65535", PROXY_SOCKS5, "h:65535", "m:e", "w@/%"},
        {"socks5://u:a:b@h:1", PROXY_SOCKS5, "h:1", "u", "a:b"},
        {"http://10.0.0.1:3128", PROXY_HTTP, "10.0.0.1:3128", "", ""},
        {"http://me:@h:8080", PROXY_HTTP, "h:8080", "me", ""},
        {"http://me@h:8080/", PROXY_HTTP, "h:8080", "me", ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct proxy p;
        struct fault fault = {0};
        char name[PROXY_NAME_SIZE];
        ck_assert_msg(proxy_parse(cases[i].text, &p, &fault) == 0, "%s: %s", cases[i].text, fault.text);
        proxy_name(&p, name);
        ck_assert_int_eq(p.kind, cases[i].kind);
        ck_assert_str_eq(name, cases[i].name);
        ck_assert_str_eq(p.user, cases[i].user);
        ck_assert_str_eq(p.password, cases[i].password);
    }
}
END_TEST

START_TEST(secrets_of_mtproxies_are_read)
{
    static const struct {
        const char *text, *key, *domain;
        bool padded;
    } cases[] = {
        {"mtproxy://h:443?secret=52a493bdfb90eea55739eabff2d92a14", "52a493bdfb90eea55739eabff2d92a14", "", false},
        {"mtproxy://h:443/?secret=ddf05fb7acb549be047a7c585116581418", "f05fb7acb549be047a7c585116581418", "", true},
        {"mtproxy://h:443?secret=ee852380f362a09343efb4690c4e17862e676f6f676c652e636f6d",
         "852380f362a09343efb4690c4e17862e", "google.com", true},
        /* The same in base64, base64url without padding, and escaped. */
        {"mtproxy://h:443?secret=7oUjgPNioJND77RpDE4Xhi5nb29nbGUuY29t", "852380f362a09343efb4690c4e17862e",
         "google.com", true},
        {"mtproxy://h:443?secret=7v////////////////////9hLmI=", "ffffffffffffffffffffffffffffffff", "a.b", true},
        {"mtproxy://h:443?secret=7v____________________9hLmI", "ffffffffffffffffffffffffffffffff", "a.b", true},
        {"mtproxy://h:443?secret=3f%2f%2f%2f%2f%2f%2f%2f%2f%2f%2f%2f%2f%2f%2f%2f%2f%2f%2f%2f%2f8%3d",
         "ffffffffffffffffffffffffffffffff", "", true},
        {"mtproxy://h:443?secret=UqSTvfuQ7qVXOeq_8tkqFA", "52a493bdfb90eea55739eabff2d92a14", "", false},
        {"tg://proxy?server=h&port=443&secret=52a493bdfb90eea55739eabff2d92a14", "52a493bdfb90eea55739eabff2d92a14", "",
         false},
        {"https://t.me/proxy?port=443&secret=52A493BDFB90EEA55739EABFF2D92A14&server=h",
         "52a493bdfb90eea55739eabff2d92a14", "", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct proxy p;
        struct fault fault = {0};
        char name[PROXY_NAME_SIZE], key[2 * PROXY_KEY_SIZE + 1];
        ck_assert_msg(proxy_parse(cases[i].text, &p, &fault) == 0, "%s: %s", cases[i].text, fault.text);
        proxy_name(&p, name);
        hex_encode(p.key, sizeof(p.key), key);
        ck_assert_int_eq(p.kind, PROXY_MTPROXY);
        ck_assert_str_eq(name, "h:443");
        ck_assert_str_eq(key, cases[i].key);
        ck_assert_str_eq(p.domain, cases[i].domain);
        ck_assert(p.padded == cases[i].padded);
    }
}
END_TEST

START_TEST(what_is_wrong_is_refused_without_a_secret_in_the_words)
{
    static const char *const cases[] = {
        "",
        "hunter2",
        "hunter2:1080",
        "socks4://hunter2:1",
        "https://hunter2:443",
        "socks5://",
        "socks5://h",
        "socks5://h:0",
        "socks5://h:65536",
        "socks5://::1:1080",
        "socks5://:hunter2@h:1",
        "socks5://hunter2@h:1",
        "socks5://u:@h:1",
        "socks5://u:hun/ter2@h:1",
        "socks5://u:hun?ter2@h:1",
        "socks5://u:hun#ter2@h:1",
        "socks5://u:hun@ter2@h:1",
        "socks5://u:hunter2%@h:1",
        "socks5://u:hunter2%0@h:1",
        "socks5://u:hunter2%00@h:1",
        "socks5://u:hunter2\x01@h:1",
        "socks5://h:1/hunter2",
        "socks5://h:1?hunter2",
        "http://hun%3Ater2:x@h:1",
        "http://u:hunter2%0D%0A@h:1",
        "mtproxy://h:1",
        "mtproxy://h:1?secret=",
        "mtproxy://h:1?secret=hunter2!",
        "mtproxy://u:hunter2@h:1?secret=52a493bdfb90eea55739eabff2d92a14",
        "mtproxy://h:1?secret=52a493bdfb90eea55739eabff2d92a",
        "mtproxy://h:1?secret=dd",
        "mtproxy://h:1?secret=52a493bdfb90eea55739eabff2d92a1422",
        "mtproxy://h:1?secret=ee852380f362a09343efb4690c4e17862e",
        "mtproxy://h:1?secret=ee852380f362a09343efb4690c4e17862e20", /* a blank for a domain */
        "tg://proxy?server=h&secret=52a493bdfb90eea55739eabff2d92a14",
        "tg://proxy?port=1&server=h"};
    static const char *const secrets[] = {"hun", "ter2", "52a4", "8523"};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct proxy p = {.kind = PROXY_HTTP};
        struct fault fault = {0};
        ck_assert_msg(proxy_parse(cases[i], &p, &fault) == TGC_EINVAL, "'%s' was taken", cases[i]);
        ck_assert_str_ne(fault.text, "");
        ck_assert_int_eq(p.kind, PROXY_HTTP);
        for (size_t k = 0; k < sizeof(secrets) / sizeof(secrets[0]); k++)
            ck_assert_msg(!strstr(fault.text, secrets[k]), "%s", fault.text);
    }
}
END_TEST

/* What a word of every length becomes: 255 bytes are taken whole, more are not. */
START_TEST(the_longest_words_are_taken)
{
    char text[1200], expected[PROXY_WORD_MAX + 1];
    struct proxy p;

    for (size_t n = PROXY_WORD_MAX; n <= PROXY_WORD_MAX + 1; n++) {
        size_t at = (size_t)snprintf(text, sizeof(text), "http://");
        memset(text + at, 'u', n);
        text[at + n] = ':';
        memset(text + at + n + 1, 'p', n);
        snprintf(text + at + 2 * n + 1, 32, "@h:1");
        ck_assert_int_eq(proxy_parse(text, &p, NULL), n > PROXY_WORD_MAX ? TGC_EINVAL : 0);
    }
    memset(expected, 'p', PROXY_WORD_MAX);
    expected[PROXY_WORD_MAX] = '\0';
    ck_assert_str_eq(p.password, expected);
    char basic[PROXY_BASIC_SIZE];
    proxy_basic(&p, basic);
    ck_assert_uint_eq(strlen(basic), (2 * PROXY_WORD_MAX + 1 + 2) / 3 * 4);
    ck_assert_int_eq(strncmp(basic, "dXV1", 4), 0);
    proxy_wipe(&p);
    ck_assert_str_eq(p.password, "");
}
END_TEST

START_TEST(what_is_shown_has_no_secret)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"SOCKS5://me:word@proxy.example:1080", "socks5://proxy.example:1080"},
        {"http://me:word@[2001:db8::1]:8080/", "http://[2001:db8::1]:8080"},
        {"tg://proxy?server=h&port=443&secret=52a493bdfb90eea55739eabff2d92a14", "mtproxy://h:443"},
    };
    char shown[PROXY_SHOWN_SIZE], text[PROXY_TEXT_MAX + 2], host[256];
    struct proxy p;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert_int_eq(proxy_parse(cases[i].text, &p, NULL), 0);
        proxy_show(&p, shown);
        ck_assert_str_eq(shown, cases[i].shown);
    }
    /* The longest host is not cut. */
    memset(host, 'h', sizeof(host) - 1);
    for (size_t i = 63; i < sizeof(host) - 1; i += 64)
        host[i] = '.';
    host[253] = '\0';
    snprintf(text, sizeof(text), "mtproxy://%s:65535?secret=52a493bdfb90eea55739eabff2d92a14", host);
    ck_assert_int_eq(proxy_parse(text, &p, NULL), 0);
    proxy_show(&p, shown);
    ck_assert_uint_eq(strlen(shown), strlen("mtproxy://") + strlen(host) + strlen(":65535"));
}
END_TEST

/* A query may have more in it than is looked at. */
START_TEST(a_text_without_an_end_is_refused)
{
    char text[PROXY_TEXT_MAX + 2];
    struct fault fault = {0};
    struct proxy p;
    int n = snprintf(text, sizeof(text), "tg://proxy?server=h&port=443&secret=52a493bdfb90eea55739eabff2d92a14&x=");

    memset(text + n, 'x', sizeof(text) - (size_t)n);
    text[PROXY_TEXT_MAX + 1] = '\0';
    ck_assert_int_eq(proxy_parse(text, &p, &fault), TGC_EINVAL);
    ck_assert_ptr_nonnull(strstr(fault.text, "2000 bytes"));
    text[PROXY_TEXT_MAX] = '\0';
    ck_assert_int_eq(proxy_parse(text, &p, NULL), 0);
}
END_TEST

START_TEST(mtproxies_demand_a_framing)
{
    static const char *const framings[] = {"padded", "intermediate", "abridged", "full"};
    static const struct {
        const char *text, *fits; /* y: the framing of that place does */
    } cases[] = {
        {"socks5://h:1", "yyyy"},
        {"http://h:1", "yyyy"},
        {"mtproxy://h:1?secret=52a493bdfb90eea55739eabff2d92a14", "yyyn"},
        {"mtproxy://h:1?secret=dd52a493bdfb90eea55739eabff2d92a14", "ynnn"},
        {"mtproxy://h:1?secret=ee52a493bdfb90eea55739eabff2d92a14612e62", "ynnn"},
    };
    struct proxy p;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert_int_eq(proxy_parse(cases[i].text, &p, NULL), 0);
        for (size_t f = 0; f < 4; f++)
            ck_assert_msg((proxy_unfit(&p, framings[f]) == NULL) == (cases[i].fits[f] == 'y'), "%s, %s", cases[i].text,
                          framings[f]);
    }
}
END_TEST

Suite *suite_proxy(void)
{
    Suite *suite = suite_create("proxy");
    TCase *t = tcase_create("grammar");

    tcase_add_test(t, what_is_written_is_read);
    tcase_add_test(t, secrets_of_mtproxies_are_read);
    tcase_add_test(t, what_is_wrong_is_refused_without_a_secret_in_the_words);
    tcase_add_test(t, the_longest_words_are_taken);
    tcase_add_test(t, what_is_shown_has_no_secret);
    tcase_add_test(t, a_text_without_an_end_is_refused);
    tcase_add_test(t, mtproxies_demand_a_framing);
    suite_add_tcase(suite, t);
    return suite;
}
