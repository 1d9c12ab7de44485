/* Webhooks are made, changed and forgotten, and a new process has them as they were. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "tests/support/temp.h"
#include "tests/unit/hook/bed.h"
#include "tests/unit/hook/suites.h"

static struct fault fault;
static char secret[HOOK_SECRET_TEXT];

static int create(const char *name, const char *url)
{
    static const char *const types[] = {"call", "updateGroupCall"};
    const struct hook_words words = {.name = name, .url = url, .types = types, .types_n = 2, .account = "anna"};

    fault_clear(&fault);
    return hooks_create(bed_hooks, &words, secret, &fault);
}

static void list_is(const char *want)
{
    char *list = bed_list();

    ck_assert_str_eq(list, want);
    free(list);
}

START_TEST(hooks_are_there_by_name_and_for_the_next_process_too)
{
    const struct hook_words all = {.name = "b", .url = "http://[::1]:8080/"};

    bed_happen("anna", "call");
    ck_assert_msg(create("c", "https://hooks.example/x") == 0, "%s", fault.text);
    ck_assert(strncmp(secret, "whsec_", 6) == 0 && strlen(secret) == 50);
    ck_assert_int_eq(hooks_create(bed_hooks, &all, secret, &fault), 0);
    bed_happen("anna", "call");
    static const char want[] = "b http://[::1]:8080/ [] - active - pending 1 | "
                               "c https://hooks.example/x [call updateGroupCall] anna active - pending 1";
    list_is(want);
    bed_close();
    bed_open();
    list_is(want);
}
END_TEST

static void two_and_three(void *ctx, uint64_t *ret_after, uint64_t *ret_end)
{
    *ret_after = 1;
    *ret_end = 3;
}

START_TEST(numbers_that_no_event_has_do_not_wait)
{
    const struct hook_words all = {.name = "b", .url = "http://[::1]:8080/"};

    ck_assert_int_eq(hooks_create(bed_hooks, &all, secret, &fault), 0);
    for (int i = 0; i < 5; i++)
        bed_happen("anna", "call");
    list_is("b http://[::1]:8080/ [] - active - pending 5");
    bed_close();
    bed_config.source.skipped = two_and_three;
    bed_open();
    list_is("b http://[::1]:8080/ [] - active - pending 3");
}
END_TEST

START_TEST(what_is_wrong_is_told_with_its_place)
{
    static const char *const types[] = {"call", "no type"};
    struct hook_words words = {.name = "a", .url = "http://localhost/", .types = types, .types_n = 2};

    ck_assert_int_eq(hooks_create(bed_hooks, &words, secret, &fault), TGC_EINVAL);
    ck_assert_str_eq(fault.path, "/types/1");
    ck_assert_int_eq(create("a", "http://10.0.0.1/"), TGC_EINVAL);
    ck_assert_str_eq(fault.path, "/url");
    ck_assert_int_eq(create("a/b", "http://localhost/"), TGC_EINVAL);
    ck_assert_str_eq(fault.path, "/name");
    ck_assert_int_eq(create("", "http://localhost/"), TGC_EINVAL);
    ck_assert_int_eq(create("a", "http://localhost/"), 0);
    ck_assert_int_eq(create("a", "http://localhost/"), TGC_EEXIST);
    list_is("a http://localhost/ [call updateGroupCall] anna active - pending 0");
}
END_TEST

START_TEST(there_is_a_most_of_hooks)
{
    char name[16];

    for (int i = 0; i < LIMIT_HOOKS; i++) {
        snprintf(name, sizeof(name), "h%d", i);
        ck_assert_int_eq(create(name, "http://localhost/"), 0);
    }
    ck_assert_int_eq(create("more", "http://localhost/"), TGC_ELIMIT);
    ck_assert_int_eq(hooks_delete(bed_hooks, "h7", &fault), 0);
    ck_assert_int_eq(create("more", "http://localhost/"), 0);
}
END_TEST

START_TEST(an_edit_changes_what_it_names)
{
    static const char *const types[] = {"job"};
    const struct hook_edit none = {0}, url = {.url = "http://127.0.0.1/"}, all = {.has_types = true},
                           job = {.has_types = true, .types = types, .types_n = 1},
                           pause = {.has_paused = true, .paused = true}, go_on = {.has_paused = true},
                           bad = {.url = "http://10.0.0.1/"};

    ck_assert_int_eq(create("a", "http://localhost/"), 0);
    ck_assert_int_eq(hooks_edit(bed_hooks, "a", &none, &fault), 0);
    list_is("a http://localhost/ [call updateGroupCall] anna active - pending 0");
    ck_assert_int_eq(hooks_edit(bed_hooks, "a", &url, &fault), 0);
    ck_assert_int_eq(hooks_edit(bed_hooks, "a", &all, &fault), 0);
    list_is("a http://127.0.0.1/ [] anna active - pending 0");
    ck_assert_int_eq(hooks_edit(bed_hooks, "a", &job, &fault), 0);
    ck_assert_int_eq(hooks_edit(bed_hooks, "a", &pause, &fault), 0);
    ck_assert_int_eq(hooks_edit(bed_hooks, "a", &bad, &fault), TGC_EINVAL);
    ck_assert_int_eq(hooks_edit(bed_hooks, "b", &pause, &fault), TGC_EUNKNOWN);
    bed_close();
    bed_open();
    list_is("a http://127.0.0.1/ [job] anna paused - pending 0");
    ck_assert_int_eq(hooks_edit(bed_hooks, "a", &go_on, &fault), 0);
    list_is("a http://127.0.0.1/ [job] anna active - pending 0");
}
END_TEST

START_TEST(a_rotation_gives_another_secret)
{
    char other[HOOK_SECRET_TEXT], third[HOOK_SECRET_TEXT];

    ck_assert_int_eq(create("a", "http://localhost/"), 0);
    ck_assert_int_eq(hooks_rotate(bed_hooks, "a", other, &fault), 0);
    ck_assert_str_ne(other, secret);
    bed_close();
    bed_open();
    ck_assert_int_eq(hooks_rotate(bed_hooks, "a", third, &fault), 0);
    ck_assert_str_ne(other, third);
    ck_assert_int_eq(hooks_rotate(bed_hooks, "b", third, &fault), TGC_EUNKNOWN);
}
END_TEST

START_TEST(a_hook_that_was_deleted_is_gone)
{
    ck_assert_int_eq(create("a", "http://localhost/"), 0);
    ck_assert_int_eq(create("b", "http://localhost/"), 0);
    ck_assert_int_eq(hooks_delete(bed_hooks, "a", &fault), 0);
    ck_assert_int_eq(hooks_delete(bed_hooks, "a", &fault), TGC_EUNKNOWN);
    list_is("b http://localhost/ [call updateGroupCall] anna active - pending 0");
    bed_close();
    bed_open();
    list_is("b http://localhost/ [call updateGroupCall] anna active - pending 0");
    ck_assert_int_eq(create("a", "http://localhost/"), 0);
}
END_TEST

START_TEST(a_damaged_hook_is_nobody_elses_place_and_its_name_may_be_taken)
{
    static const char want[] = "a http://localhost/ [call updateGroupCall] anna active - pending 0 | "
                               "new http://localhost/new [call updateGroupCall] anna active - pending 0";

    ck_assert_int_eq(create("a", "http://localhost/"), 0);
    ck_assert_int_eq(create("b", "http://localhost/"), 0);
    bed_close();
    bed_close_store();
    bed_sql("UPDATE hooks SET url_sealed = x'00' WHERE name = 'b'");
    bed_open_store();
    bed_open();
    ck_assert_int_eq(create("new", "http://localhost/new"), 0);
    list_is(want);
    bed_close();
    bed_open();
    list_is(want);
    ck_assert_msg(create("b", "http://localhost/") == 0, "%s", fault.text);
    bed_close();
    bed_open();
    ck_assert_int_eq(hooks_delete(bed_hooks, "b", &fault), 0);
    list_is(want);
}
END_TEST

START_TEST(a_word_that_allows_nothing_known_is_refused)
{
    static const char *const words[] = {"public", "intern"};
    struct hooks *h;

    bed_config.allow = words;
    bed_config.allow_n = 2;
    ck_assert_int_eq(hooks_open(&bed_config, &h, &fault), TGC_EINVAL);
    ck_assert_ptr_nonnull(strstr(fault.text, "intern"));
}
END_TEST

Suite *suite_registry(void)
{
    Suite *s = suite_create("registry");
    TCase *t = tcase_create("registry");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_test(t, hooks_are_there_by_name_and_for_the_next_process_too);
    tcase_add_test(t, numbers_that_no_event_has_do_not_wait);
    tcase_add_test(t, what_is_wrong_is_told_with_its_place);
    tcase_add_test(t, there_is_a_most_of_hooks);
    tcase_add_test(t, an_edit_changes_what_it_names);
    tcase_add_test(t, a_rotation_gives_another_secret);
    tcase_add_test(t, a_hook_that_was_deleted_is_gone);
    tcase_add_test(t, a_damaged_hook_is_nobody_elses_place_and_its_name_may_be_taken);
    tcase_add_test(t, a_word_that_allows_nothing_known_is_refused);
    suite_add_tcase(s, t);
    return s;
}
