/* Which method was meant. */
#include <stdio.h>
#include <string.h>

#include "daemon/tl/guess.h"
#include "tests/support/unit.h"
#include "tests/unit/tl/suites.h"
#include "tests/unit/tl/support.h"

static const struct {
    const char *name, *meant;
} cases[] = {
    {"phone.createGroupcall", "phone.createGroupCall"},
    {"phone.createGrupCall", "phone.createGroupCall"},
    {"phone.create_group_call", "phone.createGroupCall"},
    {"createGroupCall", "phone.createGroupCall"},
    {"createGrupCall", "phone.createGroupCall"},
    {"messages.createGroupCall", "phone.createGroupCall"},
    {"functions.phone.createGroupCall", "phone.createGroupCall"},
    {"Phone.CreateGroupCall", "phone.createGroupCall"},
    {"phone.discardGroupCalls", "phone.discardGroupCall"},
    {"users.getUser", "users.getUsers"},
    {"getUser", "users.getUsers"},
    /* Constructors are no methods. */
    {"groupCallX", ""},
    {"help.getNothingAtAll", ""},
    {"", ""},
    {".", ""},
    {"phone.", ""},
};

START_TEST(a_method_that_was_probably_meant_is_found)
{
    const struct tl_comb *found[TL_GUESSES_MAX];
    char text[256] = "";
    size_t n = tl_guess_methods(shipped("layer-229"), cases[_i].name, found);

    for (size_t i = 0; i < n; i++) {
        size_t at = strlen(text);
        snprintf(text + at, sizeof(text) - at, "%s%s", i ? " " : "", found[i]->name);
    }
    ck_assert_msg(strcmp(text, cases[_i].meant) == 0, "%s: %s", cases[_i].name, text);
}
END_TEST

START_TEST(each_method_is_its_own_nearest)
{
    const struct tl_schema *s = shipped("layer-229");
    const struct tl_comb *found[TL_GUESSES_MAX];
    size_t combs_n, methods = 0;
    const struct tl_comb *combs = tl_schema_combs(s, &combs_n);

    for (size_t i = 0; i < combs_n; i++) {
        if (!combs[i].is_method)
            continue;
        methods++;
        ck_assert_uint_eq(tl_guess_methods(s, combs[i].name, found), 1);
        ck_assert_ptr_eq(found[0], &combs[i]);
    }
    ck_assert_uint_gt(methods, 700);
}
END_TEST

Suite *suite_guess(void)
{
    Suite *s = suite_create("guess");
    TCase *t = tcase_create("guess");

    tcase_add_loop_test(t, a_method_that_was_probably_meant_is_found, 0, sizeof(cases) / sizeof(cases[0]));
    tcase_add_test(t, each_method_is_its_own_nearest);
    suite_add_tcase(s, t);
    return s;
}
