/* How many come from where. */
#include "api/addresses.h"
#include "tests/support/unit.h"
#include "tests/unit/api/suites.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static struct sockaddr_storage of(const char *text)
{
    struct sockaddr_storage any = {0};
    struct sockaddr_in *four = (struct sockaddr_in *)&any;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&any;

    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
    } else {
        ck_assert_int_eq(inet_pton(AF_INET6, text, &six->sin6_addr), 1);
        six->sin6_family = AF_INET6;
    }
    return any;
}

static struct address_count *take(struct addresses *all, const char *text, unsigned max)
{
    struct sockaddr_storage any = of(text);

    return addresses_take(all, (const struct sockaddr *)&any, max);
}

START_TEST(an_address_has_so_many_and_no_other_pays_for_it)
{
    struct addresses *all = addresses_new();
    struct address_count *one = take(all, "192.0.2.1", 2), *two = take(all, "192.0.2.1", 2);

    ck_assert(one && two);
    ck_assert_ptr_null(take(all, "192.0.2.1", 2));
    ck_assert_uint_eq(addresses_refused(all), 1);
    struct address_count *other = take(all, "192.0.2.2", 2);
    ck_assert_ptr_nonnull(other);
    addresses_give(one);
    one = take(all, "192.0.2.1", 2);
    ck_assert_ptr_nonnull(one);
    addresses_give(one);
    addresses_give(two);
    addresses_give(other);
    addresses_give(NULL);
    addresses_free(all);
}
END_TEST

START_TEST(the_first_half_of_an_ipv6_address_counts)
{
    struct addresses *all = addresses_new();
    struct address_count *one = take(all, "2001:db8:1:2::1", 1);

    ck_assert_ptr_nonnull(one);
    ck_assert_ptr_null(take(all, "2001:db8:1:2:ffff::9", 1));
    struct address_count *other = take(all, "2001:db8:1:3::1", 1);
    ck_assert_ptr_nonnull(other);
    addresses_give(one);
    addresses_give(other);
    addresses_free(all);
}
END_TEST

/* As a socket of both kinds shows them, which a service manager may pass. */
START_TEST(ipv4_addresses_at_an_ipv6_socket_are_told_apart)
{
    struct addresses *all = addresses_new();
    struct address_count *one = take(all, "::ffff:192.0.2.1", 1), *other = take(all, "::ffff:192.0.2.2", 1);

    ck_assert(one && other);
    ck_assert_ptr_null(take(all, "::ffff:192.0.2.1", 1));
    /* The same client at another listener. */
    ck_assert_ptr_null(take(all, "192.0.2.2", 1));
    addresses_give(one);
    addresses_give(other);
    addresses_free(all);
}
END_TEST

START_TEST(many_are_told_apart)
{
    static struct address_count *taken[5000];
    struct addresses *all = addresses_new();
    char text[32];

    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof(text), "10.%d.%d.1", i / 250, i % 250);
        taken[i] = take(all, text, 1);
        ck_assert_ptr_nonnull(taken[i]);
        ck_assert_ptr_null(take(all, text, 1));
    }
    for (int i = 0; i < 5000; i += 2)
        addresses_give(taken[i]);
    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof(text), "10.%d.%d.1", i / 250, i % 250);
        if (i % 2 == 0)
            taken[i] = take(all, text, 1);
        ck_assert_ptr_nonnull(taken[i]);
        ck_assert_ptr_null(take(all, text, 1));
    }
    for (int i = 0; i < 5000; i++)
        addresses_give(taken[i]);
    addresses_free(all);
}
END_TEST

Suite *suite_addresses(void)
{
    Suite *s = suite_create("addresses");
    TCase *t = tcase_create("addresses");

    tcase_add_test(t, an_address_has_so_many_and_no_other_pays_for_it);
    tcase_add_test(t, the_first_half_of_an_ipv6_address_counts);
    tcase_add_test(t, ipv4_addresses_at_an_ipv6_socket_are_told_apart);
    tcase_add_test(t, many_are_told_apart);
    suite_add_tcase(s, t);
    return s;
}
