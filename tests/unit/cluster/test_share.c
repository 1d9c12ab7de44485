#include "daemon/cluster/share.h"

#include "daemon/base/limits.h"
#include "tests/support/unit.h"
#include "tests/unit/cluster/suites.h"

static struct share_node node(int64_t id, const char *name, uint32_t held)
{
    return (struct share_node){.id = id, .name = name, .is_candidate = true, .held = held};
}

static void expect(struct share_node *nodes, size_t n, size_t accounts, const uint32_t *targets)
{
    share_out(nodes, n, accounts);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(nodes[i].target == targets[i], "node %zu: %u instead of %u", i, nodes[i].target, targets[i]);
}

START_TEST(who_has_one_more_than_the_others_keeps_it)
{
    struct share_node nodes[] = {node(1, "a", 3), node(2, "b", 4), node(3, "c", 3)};

    expect(nodes, 3, 10, (uint32_t[]){3, 4, 3});
}
END_TEST

START_TEST(what_nobody_has_yet_goes_to_the_oldest)
{
    struct share_node nodes[] = {node(1, "a", 2), node(2, "b", 3), node(3, "c", 0)};

    expect(nodes, 3, 11, (uint32_t[]){4, 4, 3});
}
END_TEST

/* 7 and 6, one joins, the first has given two and the second none yet: the aim is what it was. */
START_TEST(the_aim_stays_while_accounts_are_on_their_way)
{
    for (uint32_t a = 7; a >= 5; a--)
        for (uint32_t b = 6; b >= 4; b--) {
            struct share_node nodes[] = {node(1, "a", a), node(2, "b", b), node(3, "c", 0)};
            expect(nodes, 3, 13, (uint32_t[]){5, 4, 4});
        }
}
END_TEST

START_TEST(one_that_leaves_has_no_share)
{
    struct share_node nodes[] = {node(1, "a", 5), node(2, "b", 5)};

    nodes[0].is_candidate = false;
    expect(nodes, 2, 10, (uint32_t[]){0, 10});
    ck_assert(!nodes[0].is_member);
}
END_TEST

/* The one before has died and is not buried yet: what it has is to be its successor's, and nobody else moves. */
START_TEST(of_one_name_the_newest_counts)
{
    struct share_node nodes[] = {node(1, "a", 5), node(2, "b", 5), node(3, "a", 0)};

    expect(nodes, 3, 10, (uint32_t[]){0, 5, 5});
}
END_TEST

START_TEST(one_of_the_same_name_that_leaves_does_not_hide_the_one_before)
{
    struct share_node nodes[] = {node(1, "a", 5), node(3, "a", 0)};

    nodes[1].is_candidate = false;
    expect(nodes, 2, 5, (uint32_t[]){5, 0});
}
END_TEST

START_TEST(of_nobody_nothing_is_asked)
{
    struct share_node nodes[] = {node(1, "a", 5)};

    nodes[0].is_candidate = false;
    expect(nodes, 1, 5, (uint32_t[]){0});
    share_out(nodes, 0, 5);
}
END_TEST

/* Each of the free ones is exactly one node's, wherever the accounts are. */
START_TEST(the_free_ones_are_dealt_out_without_holes)
{
    for (uint32_t a = 0; a <= 6; a++)
        for (uint32_t b = 0; b <= 6; b++) {
            struct share_node nodes[] = {node(1, "a", a), node(2, "b", b), node(5, "c", 1)};
            size_t free_n = 13 - a - b - 1, next = 0;
            share_out(nodes, 3, 13);
            for (size_t i = 0; i < 3; i++) {
                size_t first, n;
                share_free(nodes, 3, i, &first, &n);
                ck_assert_uint_eq(first, next);
                next += n;
            }
            ck_assert_uint_ge(next, free_n);
        }
}
END_TEST

Suite *suite_share(void)
{
    Suite *s = suite_create("share");
    TCase *c = tcase_create("share");

    tcase_add_test(c, who_has_one_more_than_the_others_keeps_it);
    tcase_add_test(c, what_nobody_has_yet_goes_to_the_oldest);
    tcase_add_test(c, the_aim_stays_while_accounts_are_on_their_way);
    tcase_add_test(c, one_that_leaves_has_no_share);
    tcase_add_test(c, of_one_name_the_newest_counts);
    tcase_add_test(c, one_of_the_same_name_that_leaves_does_not_hide_the_one_before);
    tcase_add_test(c, of_nobody_nothing_is_asked);
    tcase_add_test(c, the_free_ones_are_dealt_out_without_holes);
    suite_add_tcase(s, c);
    return s;
}
