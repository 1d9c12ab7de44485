/* What is taken for a database's URL, and that neither an error nor what is shown has a secret in it. */
#include <string.h>

#include "daemon/base/database_url.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

START_TEST(what_may_be_shown_has_no_password)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"postgresql://", "postgresql://"},
        {"postgresql:///tgcalld", "postgresql:///tgcalld"},
        {"postgresql://tgcalld@/calls?host=/run/postgresql", "postgresql://tgcalld@/calls?host=/run/postgresql"},
        {"postgres://db.example:5432/calls", "postgres://db.example:5432/calls"},
        {"postgresql://me:seCret@db.example/calls", "postgresql://me:***@db.example/calls"},
        {"postgresql://me:se:Cret@db.example", "postgresql://me:***@db.example"},
        {"postgresql://me:@db.example", "postgresql://me:***@db.example"},
        {"postgresql://:seCret@db.example", "postgresql://:***@db.example"},
        {"postgresql://me@[2001:db8::1]:5433/calls", "postgresql://me@[2001:db8::1]:5433/calls"},
        {"postgresql://me@one:1,two,[::1]/calls", "postgresql://me@one:1,two,[::1]/calls"},
        {"postgresql://me@db/calls?password=seCret", "postgresql://me@db/calls"},
        {"postgresql://me@db/calls?sslmode=verify-full&sslpassword=seCret&port=5433",
         "postgresql://me@db/calls?sslmode=verify-full&port=5433"},
        {"postgresql://me@db/calls?%70assword=seCret&hostpassword=seCret", "postgresql://me@db/calls"},
        {"postgresql://db?user=me&password=seCret&host", "postgresql://db?user=me&host"},
        {"postgresql://m%40e:se%2FCret@%2Frun%2Fpostgresql/calls", "postgresql://m%40e:***@%2Frun%2Fpostgresql/calls"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fault fault = {0};
        char shown[DATABASE_URL_MAX + 4];
        ck_assert_msg(database_url_check(cases[i].text, &fault) == 0, "%s: %s", cases[i].text, fault.text);
        database_url_show(cases[i].text, shown);
        ck_assert_str_eq(shown, cases[i].shown);
    }
}
END_TEST

/* Most of them are a password that was written as it is. */
START_TEST(what_is_refused_is_not_quoted)
{
    static const char *const cases[] = {
        "",
        "seCret",
        "/var/seCret",
        "host=db password=seCret",
        "mysql://me:seCret@db/calls",
        "POSTGRESQL://me:seCret@db/calls",
        "postgresql:/me:seCret@db",
        "postgresql://me:se Cret@db/calls",
        "postgresql://me:seCret\t@db/calls",
        "postgresql://me:seCret%@db/calls",
        "postgresql://me:seCret%2@db/calls",
        "postgresql://me:seCret%zz@db/calls",
        "postgresql://me:seCret%00@db/calls",
        "postgresql://me:p@seCret@db/calls",
        "postgresql://me:p/seCret@db/calls",
        "postgresql://me:5/seCret/p@db/calls",
        "postgresql://db:seCret/calls",
        "postgresql://db:5432x/seCret",
        "postgresql://[::1/seCret",
        "postgresql://[::1]5/seCret",
        "postgresql://one:1,two:seCret/calls",
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fault fault = {0};
        ck_assert_msg(database_url_check(cases[i], &fault) == TGC_EINVAL && fault.err == TGC_EINVAL, "%s", cases[i]);
        ck_assert_msg(fault.text[0] && !strstr(fault.text, "seCret"), "%s: %s", cases[i], fault.text);
    }
}
END_TEST

START_TEST(the_longest_is_shown_whole)
{
    static const char start[] = "postgresql://m:@";
    char text[DATABASE_URL_MAX + 2], shown[DATABASE_URL_MAX + 4];
    struct fault fault = {0};

    memset(text, 'h', sizeof(text));
    memcpy(text, start, strlen(start));
    text[DATABASE_URL_MAX + 1] = '\0';
    ck_assert_int_eq(database_url_check(text, &fault), TGC_EINVAL);
    text[DATABASE_URL_MAX] = '\0';
    ck_assert_int_eq(database_url_check(text, &fault), 0);
    database_url_show(text, shown);
    ck_assert_uint_eq(strlen(shown), DATABASE_URL_MAX + 3);
    memcpy(text + DATABASE_URL_MAX - 7, "?host=x", 8);
    ck_assert_int_eq(database_url_check(text, &fault), 0);
    database_url_show(text, shown);
    ck_assert_uint_eq(strlen(shown), DATABASE_URL_MAX + 3);
    ck_assert_str_eq(shown + DATABASE_URL_MAX - 4, "?host=x");
}
END_TEST

Suite *suite_database_url(void)
{
    Suite *s = suite_create("database_url");
    TCase *t = tcase_create("database_url");

    tcase_add_test(t, what_may_be_shown_has_no_password);
    tcase_add_test(t, what_is_refused_is_not_quoted);
    tcase_add_test(t, the_longest_is_shown_whole);
    suite_add_tcase(s, t);
    return s;
}
