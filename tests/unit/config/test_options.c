#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/options.h"
#include "daemon/base/log.h"
#include "tests/support/unit.h"
#include "tests/unit/config/suites.h"

/* Parses a line of words with single blanks between. */
static struct options parse(const char *line)
{
    char *copy = strdup(line), *argv[32], *save = NULL;
    int argc = 0;
    struct options o;

    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    argv[argc] = NULL;
    ck_assert_int_eq(options_parse(argc, argv, &o), 0);
    free(copy);
    return o;
}

START_TEST(nothing_given_is_the_daemon_with_its_defaults)
{
    struct options o = parse("tgcalld");

    ck_assert_int_eq(o.run, OPTIONS_DAEMON);
    ck_assert_ptr_null(o.config);
    ck_assert_ptr_null(o.state_dir);
    ck_assert_ptr_null(o.store);
    ck_assert_ptr_null(o.unix_path);
    ck_assert_uint_eq(o.listen.n, 0);
    ck_assert(!o.sandbox);
    ck_assert_uint_eq(o.layer, 0);
    ck_assert_int_eq(o.log_level, -1);
    options_fini(&o);
    options_fini(&o);
}
END_TEST

START_TEST(every_option_of_the_daemon_is_taken)
{
    struct options o =
        parse("tgcalld --config a.conf --state-dir dir --listen 127.0.0.1:0 --listen=[::1]:1 --unix sock "
              "--layer 138 --schema x.tl --schema y.tl --log-level debug --store postgresql://db/calls");

    ck_assert_int_eq(o.run, OPTIONS_DAEMON);
    ck_assert_str_eq(o.config, "a.conf");
    ck_assert_str_eq(o.state_dir, "dir");
    ck_assert_uint_eq(o.listen.n, 2);
    ck_assert_str_eq(o.listen.items[1], "[::1]:1");
    ck_assert_ptr_null(o.listen.items[2]);
    ck_assert_str_eq(o.store, "postgresql://db/calls");
    ck_assert_str_eq(o.unix_path, "sock");
    ck_assert_uint_eq(o.layer, 138);
    ck_assert_uint_eq(o.schema.n, 2);
    ck_assert_str_eq(o.schema.items[0], "x.tl");
    ck_assert_int_eq(o.log_level, LOG_LEVEL_DEBUG);
    options_fini(&o);

    o = parse("tgcalld --sandbox --host a --host b --cors-origin http://localhost:3000");
    ck_assert_uint_eq(o.hosts.n, 2);
    ck_assert_str_eq(o.hosts.items[1], "b");
    ck_assert_uint_eq(o.cors_origins.n, 1);
    options_fini(&o);

    o = parse("tgcalld --sandbox --control 127.0.0.1:0");
    ck_assert(o.sandbox);
    ck_assert_str_eq(o.control, "127.0.0.1:0");
    options_fini(&o);

    o = parse("tgcalld --check-config --config a.conf");
    ck_assert_int_eq(o.run, OPTIONS_CHECK_CONFIG);
    options_fini(&o);
}
END_TEST

START_TEST(a_token_is_reset_in_a_state_directory)
{
    struct options o = parse("tgcalld token reset --state-dir dir --config a.conf --store postgresql:///x");

    ck_assert_int_eq(o.run, OPTIONS_TOKEN_RESET);
    ck_assert_str_eq(o.state_dir, "dir");
    ck_assert_str_eq(o.config, "a.conf");
    ck_assert_str_eq(o.store, "postgresql:///x");
    options_fini(&o);
}
END_TEST

START_TEST(what_is_kept_has_its_commands)
{
    struct options o = parse("tgcalld backup copy.db --state-dir dir --config a.conf --replace");

    ck_assert_int_eq(o.run, OPTIONS_BACKUP);
    ck_assert_str_eq(o.backup, "copy.db");
    ck_assert_str_eq(o.state_dir, "dir");
    ck_assert_str_eq(o.config, "a.conf");
    ck_assert(o.replace);
    options_fini(&o);

    o = parse("tgcalld seal rotate --state-dir dir --store postgresql://db/calls");
    ck_assert_int_eq(o.run, OPTIONS_SEAL_ROTATE);
    ck_assert_str_eq(o.store, "postgresql://db/calls");
    ck_assert_str_eq(o.state_dir, "dir");
    options_fini(&o);
}
END_TEST

START_TEST(every_option_of_the_sandbox_is_taken)
{
    struct options o =
        parse("tgcalld sandbox --listen 127.0.0.1:1 --second [::1]:2 --control localhost:3 "
              "--public-key-out pub --key priv --seed 18446744073709551615 --chats 1000 --accounts 9000 --schema x.tl "
              "--stored-answers");

    ck_assert_int_eq(o.run, OPTIONS_SANDBOX);
    ck_assert_uint_eq(o.listen.n, 1);
    ck_assert_str_eq(o.listen.items[0], "127.0.0.1:1");
    ck_assert_str_eq(o.second, "[::1]:2");
    ck_assert_str_eq(o.control, "localhost:3");
    ck_assert_str_eq(o.public_key_out, "pub");
    ck_assert_str_eq(o.key, "priv");
    ck_assert(o.seeded);
    ck_assert(o.seed == UINT64_MAX);
    ck_assert_uint_eq(o.chats, 1000);
    ck_assert_uint_eq(o.accounts, 9000);
    ck_assert(o.stored_answers);
    ck_assert_uint_eq(o.schema.n, 1);
    options_fini(&o);

    o = parse("tgcalld sandbox");
    ck_assert_int_eq(o.run, OPTIONS_SANDBOX);
    ck_assert(!o.seeded);
    ck_assert(!o.stored_answers);
    options_fini(&o);
}
END_TEST

/* Each of these ends the process. */
static const char *const unusable[] = {
    "tgcalld --nonsense",
    "tgcalld start",
    "tgcalld --log-level debug sandbox",
    "tgcalld --log-level loud",
    "tgcalld --layer x",
    "tgcalld --layer 0",
    "tgcalld --layer -1",
    "tgcalld --config",
    "tgcalld --config a --config b",
    "tgcalld --config=",
    "tgcalld --sandbox --config a.conf",
    "tgcalld --control 127.0.0.1:0",
    "tgcalld --sandbox --control 0.0.0.0:0",
    "tgcalld --seed 1",
    "tgcalld sandbox --listen 0.0.0.0:0",
    "tgcalld sandbox --listen 127.0.0.1",
    "tgcalld sandbox --listen 127.0.0.1:0 --listen 127.0.0.1:0",
    "tgcalld sandbox --second 192.0.2.1:1",
    "tgcalld sandbox --seed 18446744073709551616",
    "tgcalld sandbox --seed 1x",
    "tgcalld sandbox --chats 100001",
    "tgcalld sandbox --accounts 9001",
    "tgcalld sandbox --state-dir dir",
    "tgcalld sandbox more",
    "tgcalld token",
    "tgcalld token make",
    "tgcalld token reset reset",
    "tgcalld token reset --layer 138",
    "tgcalld --log-level debug token reset",
    "tgcalld backup",
    "tgcalld backup one two",
    "tgcalld backup one --sandbox",
    "tgcalld backup one --store postgresql://db/calls",
    "tgcalld --config a.conf backup one",
    "tgcalld seal",
    "tgcalld seal break",
    "tgcalld seal rotate rotate",
    "tgcalld seal rotate --replace",
};

START_TEST(an_unusable_command_line_ends_with_2)
{
    parse(unusable[_i]);
}
END_TEST

static const char *const informing[] = {"tgcalld --help",       "tgcalld --version", "tgcalld sandbox --help",
                                        "tgcalld token --help", "tgcalld --usage",   "tgcalld -?"};

START_TEST(help_and_version_end_with_0)
{
    /* Help goes to stdout, where TAP is. */
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
    parse(informing[_i]);
}
END_TEST

Suite *suite_options(void)
{
    Suite *s = suite_create("options");
    TCase *t = tcase_create("options");

    tcase_add_test(t, nothing_given_is_the_daemon_with_its_defaults);
    tcase_add_test(t, every_option_of_the_daemon_is_taken);
    tcase_add_test(t, a_token_is_reset_in_a_state_directory);
    tcase_add_test(t, what_is_kept_has_its_commands);
    tcase_add_test(t, every_option_of_the_sandbox_is_taken);
    tcase_add_loop_exit_test(t, an_unusable_command_line_ends_with_2, 2, 0, sizeof(unusable) / sizeof(unusable[0]));
    tcase_add_loop_exit_test(t, help_and_version_end_with_0, 0, 0, sizeof(informing) / sizeof(informing[0]));
    suite_add_tcase(s, t);
    return s;
}
