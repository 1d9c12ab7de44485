#include <stdlib.h>
#include <string.h>

#include "config/paths.h"
#include "tests/support/unit.h"
#include "tests/unit/config/suites.h"

static void forget_environment(void)
{
    static const char *const names[] = {
        "STATE_DIRECTORY", "RUNTIME_DIRECTORY", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "HOME", "TGCALLD_DATADIR"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unsetenv(names[i]);
}

static void want_state(const char *given, const char *want)
{
    char *path;

    ck_assert_int_eq(paths_state_dir(given, &path, NULL), 0);
    ck_assert_str_eq(path, want);
    free(path);
}

START_TEST(the_state_goes_to_the_first_place_that_is_named)
{
    struct fault f = {0};
    char *path;

    forget_environment();
    ck_assert_int_eq(paths_state_dir(NULL, &path, &f), TGC_EINVAL);
    ck_assert_ptr_nonnull(strstr(f.text, "--state-dir"));
    setenv("HOME", "/home/x", 1);
    want_state(NULL, "/home/x/.local/state/tgcalld");
    setenv("XDG_STATE_HOME", "/xdg", 1);
    want_state(NULL, "/xdg/tgcalld");
    setenv("STATE_DIRECTORY", "/var/lib/tgcalld:/var/lib/other", 1);
    want_state(NULL, "/var/lib/tgcalld");
    want_state("given", "given");
    setenv("STATE_DIRECTORY", "", 1);
    want_state(NULL, "/xdg/tgcalld");
}
END_TEST

static void want_socket(const char *asked, bool state_dir_given, const char *want)
{
    char *path;

    ck_assert_int_eq(paths_unix_socket(asked, state_dir_given, "/state", &path, NULL), 0);
    ck_assert_str_eq(path, want);
    free(path);
}

START_TEST(the_socket_goes_with_a_given_state_directory_else_to_the_runtime_directory)
{
    forget_environment();
    want_socket(NULL, false, "/state/api.sock");
    setenv("XDG_RUNTIME_DIR", "/run/user/1", 1);
    want_socket(NULL, false, "/run/user/1/tgcalld/api.sock");
    setenv("RUNTIME_DIRECTORY", "/run/tgcalld:/run/x", 1);
    want_socket(NULL, false, "/run/tgcalld/api.sock");
    want_socket(NULL, true, "/state/api.sock");
    want_socket("/asked", true, "/asked");
    want_socket("/asked", false, "/asked");
}
END_TEST

START_TEST(a_socket_path_has_107_bytes_at_most)
{
    char dir[200], *path;
    struct fault f = {0};

    memset(dir, 'd', sizeof(dir));
    dir[0] = '/';
    dir[107 - strlen("/api.sock")] = '\0';
    ck_assert_int_eq(paths_unix_socket(NULL, true, dir, &path, &f), 0);
    ck_assert_uint_eq(strlen(path), 107);
    free(path);
    strcat(dir, "d");
    ck_assert_int_eq(paths_unix_socket(NULL, true, dir, &path, &f), TGC_ELIMIT);
    ck_assert_ptr_nonnull(strstr(f.text, "108"));
}
END_TEST

START_TEST(data_is_looked_for_where_the_environment_says_else_where_it_was_installed)
{
    char *path;

    forget_environment();
    setenv("TGCALLD_DATADIR", "/data", 1);
    ck_assert_int_eq(paths_data("dc/test.conf", &path), 0);
    ck_assert_str_eq(path, "/data/dc/test.conf");
    free(path);
    /* This program does not lie beside a config.status, as an installed one does not. */
    unsetenv("TGCALLD_DATADIR");
    ck_assert_int_eq(paths_data("schema", &path), 0);
    ck_assert_str_eq(path, TGCALLD_PKGDATADIR "/schema");
    free(path);
}
END_TEST

Suite *suite_paths(void)
{
    Suite *s = suite_create("paths");
    TCase *t = tcase_create("paths");

    tcase_add_test(t, the_state_goes_to_the_first_place_that_is_named);
    tcase_add_test(t, the_socket_goes_with_a_given_state_directory_else_to_the_runtime_directory);
    tcase_add_test(t, a_socket_path_has_107_bytes_at_most);
    tcase_add_test(t, data_is_looked_for_where_the_environment_says_else_where_it_was_installed);
    suite_add_tcase(s, t);
    return s;
}
