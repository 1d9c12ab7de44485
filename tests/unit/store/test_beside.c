/* Several processes at one database of a server: who reads beside the one that has it, and takes over. */
#include <stdlib.h>
#include <string.h>

#include "daemon/store/audit_rows.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/suites.h"

/* A store of the bed's that is put aside while another one is the bed's. */
struct aside {
    struct store *store;
    struct store_desk *desk;
};

static void swap(struct aside *a)
{
    struct aside other = {bed_store, bed_desk};

    bed_store = a->store;
    bed_desk = a->desk;
    *a = other;
}

static void set_up(void)
{
    bed_set_up();
    bed_config.takes_over = true;
    bed_config.events_keep = 1000;
    bed_config.events_keep_bytes = 1 << 20;
}

static struct aside open_beside(void)
{
    struct aside second = {0};

    swap(&second);
    bed_config.reads_beside = true;
    bed_open();
    bed_config.reads_beside = false;
    swap(&second);
    return second;
}

START_TEST(one_that_is_not_made_yet_cannot_be_read)
{
    bed_config.reads_beside = true;
    bed_refused(TGC_ESTATE, "version 0");
}
END_TEST

START_TEST(who_reads_beside_another_sees_what_that_one_wrote)
{
    bed_open();
    bed_put_account("anna");
    struct aside second = open_beside();
    bed_put_account("berta");
    swap(&second);
    char *all = bed_accounts();
    ck_assert_msg(strstr(all, "anna") && strstr(all, "berta"), "%s", all);
    free(all);
    bed_close();
    swap(&second);
    bed_put_account("carla");
    bed_close();
}
END_TEST

static void rotate(void)
{
    struct bed_heard done = {0};

    ck_assert_int_eq(store_rotate(bed_desk, bed_done, &done), 0);
    bed_await(&done, 1);
    ck_assert_msg(done.err == 0, "%s", done.why);
}

START_TEST(who_reads_beside_follows_a_change_of_the_seal_key)
{
    bed_open();
    bed_put_account("anna");
    struct aside second = open_beside();
    rotate();
    bed_put_account("berta");
    swap(&second);
    char *all = bed_accounts();
    ck_assert_msg(strstr(all, "anna") && strstr(all, "berta") && !strstr(all, "damage"), "%s", all);
    free(all);
    bed_close();
    swap(&second);
    bed_close();
}
END_TEST

START_TEST(who_takes_over_writes_and_who_had_it_does_not)
{
    struct fault fault = {0};
    struct bed_heard h = {0};
    struct store_account late = bed_account("late");

    bed_open();
    bed_put_account("anna");
    struct aside second = open_beside();
    ck_assert_msg(store_take_over(second.store, &fault) == 0, "%s", fault.text);
    ck_assert_int_eq(store_put_account(bed_desk, &late, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_int_eq(h.err, TGC_EBUSY);
    swap(&second);
    bed_put_account("berta");
    char *all = bed_accounts();
    ck_assert_msg(strstr(all, "anna") && strstr(all, "berta") && !strstr(all, "late"), "%s", all);
    free(all);
    bed_close();
    swap(&second);
    store_desk_free(bed_desk);
    bed_desk = NULL;
    (void)!store_close(bed_store, &fault);
    bed_store = NULL;
}
END_TEST

START_TEST(who_cannot_take_over_reads_on)
{
    struct fault fault = {0};

    bed_config.takes_over = false;
    bed_open();
    bed_put_account("anna");
    struct aside second = open_beside();
    /* It is no node's, which a lease would count for. */
    ck_assert_int_eq(store_take_over(second.store, &fault), TGC_EBUSY);
    bed_put_account("berta");
    swap(&second);
    char *all = bed_accounts();
    ck_assert_msg(strstr(all, "berta"), "%s", all);
    free(all);
    bed_close();
    swap(&second);
    bed_close();
}
END_TEST

static void put_page(struct bed_heard *h, const char *text)
{
    const struct store_audit_page p = {.data = (const uint8_t *)text, .len = strlen(text), .n = 1};

    ck_assert_int_eq(store_put_audit(bed_desk, &p, 1, bed_done, h), 0);
}

enum { PAGES = 60 };

START_TEST(the_audit_is_put_by_several_at_once)
{
    struct bed_heard h[2] = {{0}, {0}};

    bed_open();
    struct aside second = open_beside();
    for (int i = 0; i < PAGES; i++) {
        put_page(&h[0], "12345678 of the first");
        swap(&second);
        put_page(&h[1], "12345678 of the second");
        swap(&second);
        if (i % 7)
            continue;
        /* So that there are many transactions, and each meets one of the other's. */
        while (h[0].n < (unsigned)i + 1 || h[1].n < (unsigned)i + 1) {
            bed_turn();
            swap(&second);
            store_desk_run(bed_desk);
            swap(&second);
        }
    }
    while (h[0].n < PAGES || h[1].n < PAGES) {
        bed_turn();
        swap(&second);
        store_desk_run(bed_desk);
        swap(&second);
    }
    ck_assert_msg(!h[0].err && !h[1].err, "%s%s", h[0].why, h[1].why);
    swap(&second);
    bed_close();
    swap(&second);
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(DISTINCT id) FROM audit_pages"), 2 * PAGES);
    bed_open();
    bed_close();
}
END_TEST

Suite *suite_beside(void)
{
    Suite *s = suite_create("beside");
    TCase *t = tcase_create("beside");

    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, bed_tear_down);
    tcase_add_test(t, one_that_is_not_made_yet_cannot_be_read);
    tcase_add_test(t, who_reads_beside_another_sees_what_that_one_wrote);
    tcase_add_test(t, who_reads_beside_follows_a_change_of_the_seal_key);
    tcase_add_test(t, who_takes_over_writes_and_who_had_it_does_not);
    tcase_add_test(t, who_cannot_take_over_reads_on);
    tcase_add_test(t, the_audit_is_put_by_several_at_once);
    suite_add_tcase(s, t);
    return s;
}
