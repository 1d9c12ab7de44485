/* Webhooks on the disk: what they are, how far each is, and what was sent. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/store/delivery_rows.h"
#include "daemon/store/hook_rows.h"
#include "tests/support/temp.h"
#include "tests/unit/store/rows_bed.h"
#include "tests/unit/store/suites.h"

static struct buf told;
static bool heard;

static struct store_hook hook(int64_t id, const char *name)
{
    return (struct store_hook){.name = name,
                               .url = "https://hooks.example/a",
                               .types = "call job",
                               .account = "anna",
                               .secrets = "secret one",
                               .created_at = 1790000000,
                               .place = {.id = id, .cursor = 7}};
}

static void put_hook(const struct store_hook *row)
{
    put_is(store_put_hook(bed_desk, row, bed_done, &h));
}

static void tell_hooks(void *ctx, int err, const char *why, const struct store_hook *list, size_t n, size_t damaged,
                       int64_t last_id)
{
    ck_assert_msg(err == 0, "%s", why);
    buf_reset(&told);
    for (size_t i = 0; i < n; i++)
        buf_printf(&told, "%s%d %s %s [%s] %s %s %d %s at %d/%d/%d/%d n%d", i ? " | " : "", (int)list[i].place.id,
                   list[i].name, list[i].url, list[i].types, list[i].account, list[i].secrets, (int)list[i].state,
                   list[i].reason ? list[i].reason : "-", (int)list[i].place.cursor, (int)list[i].place.head,
                   (int)list[i].place.tries, (int)list[i].place.due_us, (int)list[i].deliveries);
    if (damaged)
        buf_printf(&told, " damaged %zu, last %d", damaged, (int)last_id);
    heard = true;
}

static void tell_deliveries(void *ctx, int err, const char *why, const struct store_delivery *list, size_t n)
{
    ck_assert_msg(err == 0, "%s", why);
    buf_reset(&told);
    for (size_t i = 0; i < n; i++)
        buf_printf(&told, "%s%d:%d.%d=%d/%d%s%s", i ? " " : "", (int)list[i].n, (int)list[i].event_id,
                   (int)list[i].number, (int)list[i].status, (int)list[i].state, list[i].error ? "!" : "",
                   list[i].error ? list[i].error : "");
    heard = true;
}

static void tell_again(void *ctx, int err, const char *why, const int64_t *list, size_t n)
{
    ck_assert_msg(err == 0, "%s", why);
    buf_reset(&told);
    for (size_t i = 0; i < n; i++)
        buf_printf(&told, "%s%d", i ? " " : "", (int)list[i]);
    heard = true;
}

static void tell_marked(void *ctx, int err, const char *why, const int64_t *list, size_t n)
{
    ck_assert_msg(err == 0, "%s", why);
    buf_reset(&told);
    buf_printf(&told, "%zu marked", n);
    heard = true;
}

static const char *await_told(int accepted)
{
    ck_assert_int_eq(accepted, 0);
    for (heard = false; !heard;)
        bed_turn();
    return buf_text(&told);
}

static const char *hooks(void)
{
    return await_told(store_load_hooks(bed_desk, tell_hooks, NULL));
}

static const char *deliveries(int64_t id, int state, int64_t before, size_t limit)
{
    return await_told(store_load_deliveries(bed_desk, id, state, before, limit, tell_deliveries, NULL));
}

static struct store_delivery tried(int64_t id, int64_t n, int64_t event_id, int64_t state)
{
    return (struct store_delivery){.hook_id = id,
                                   .n = n,
                                   .event_id = event_id,
                                   .number = 1,
                                   .status = state ? 500 : 200,
                                   .state = state,
                                   .error = state ? "no" : NULL};
}

static void put_tries(const struct store_delivery *rows, size_t n)
{
    put_is(store_put_deliveries(bed_desk, rows, n, bed_done, &h));
}

static void end_again(const struct store_again *rows, size_t n)
{
    put_is(store_end_again(bed_desk, rows, n, bed_done, &h));
}

static void set_up(void)
{
    rows_set_up();
    buf_init(&told, 1 << 20);
}

static void tear_down(void)
{
    buf_fini(&told);
    bed_close();
    bed_tear_down();
}

START_TEST(a_hook_comes_back_as_it_was_put_and_changed)
{
    struct store_hook a = hook(1, "a"), b = hook(2, "b");

    b.types = "";
    b.account = "";
    put_hook(&a);
    put_hook(&b);
    ck_assert_str_eq(hooks(), "1 a https://hooks.example/a [call job] anna secret one 0 - at 7/0/0/0 n0 | "
                              "2 b https://hooks.example/a []  secret one 0 - at 7/0/0/0 n0");
    put_is(store_put_hook_state(bed_desk, 1, 2, "it is gone", bed_done, &h));
    struct store_hook_place place = {.id = 1, .cursor = 9, .head = 10, .tries = 3, .due_us = 11};
    put_is(store_put_hook_places(bed_desk, &place, 1, bed_done, &h));
    a.url = "http://[::1]/b";
    a.secrets = "two secrets";
    a.state = STORE_HOOK_AS_IT_IS;
    a.place.cursor = 1;
    put_hook(&a);
    reopen();
    ck_assert_str_eq(hooks(), "1 a http://[::1]/b [call job] anna two secrets 2 it is gone at 9/10/3/11 n0 | "
                              "2 b https://hooks.example/a []  secret one 0 - at 7/0/0/0 n0");
    a.state = 0;
    put_hook(&a);
    put_is(store_drop_hook(bed_desk, 2, bed_done, &h));
    ck_assert_str_eq(hooks(), "1 a http://[::1]/b [call job] anna two secrets 0 - at 9/10/3/11 n0");
}
END_TEST

START_TEST(a_value_of_another_row_is_damage_and_takes_no_other_hook_along)
{
    struct store_hook a = hook(1, "a"), b = hook(2, "b");

    put_hook(&a);
    put_hook(&b);
    bed_close();
    bed_sql("UPDATE hooks SET secrets_sealed = (SELECT secrets_sealed FROM hooks WHERE id = 1) WHERE id = 2");
    bed_open();
    ck_assert_str_eq(hooks(),
                     "1 a https://hooks.example/a [call job] anna secret one 0 - at 7/0/0/0 n0 damaged 1, last 2");
    /* Who takes its name anew takes it away. */
    b.place.id = 3;
    put_is(store_add_hook(bed_desk, &b, bed_done, &h));
    ck_assert_str_eq(hooks(), "1 a https://hooks.example/a [call job] anna secret one 0 - at 7/0/0/0 n0 | "
                              "3 b https://hooks.example/a [call job] anna secret one 0 - at 7/0/0/0 n0");
}
END_TEST

START_TEST(deliveries_are_read_by_pages_the_newest_first_and_by_state)
{
    struct store_hook a = hook(1, "a"), b = hook(2, "b");
    struct store_delivery rows[] = {tried(1, 1, 10, 0), tried(1, 2, 11, 1), tried(1, 3, 11, 2),
                                    tried(2, 1, 10, 2), tried(1, 4, 12, 0), tried(9, 1, 10, 0)};

    put_hook(&a);
    put_hook(&b);
    put_tries(rows, 6);
    ck_assert_str_eq(deliveries(1, STORE_DELIVERY_ANY, INT64_MAX, 3), "4:12.1=200/0 3:11.1=500/2!no 2:11.1=500/1!no");
    ck_assert_str_eq(deliveries(1, STORE_DELIVERY_ANY, 2, 3), "1:10.1=200/0");
    ck_assert_str_eq(deliveries(1, STORE_DELIVERED, INT64_MAX, 9), "4:12.1=200/0 1:10.1=200/0");
    ck_assert_str_eq(deliveries(1, STORE_DELIVERY_RETRIED, INT64_MAX, 9), "2:11.1=500/1!no");
    ck_assert_str_eq(deliveries(1, STORE_DELIVERY_FAILED, INT64_MAX, 9), "3:11.1=500/2!no");
    ck_assert_str_eq(deliveries(9, STORE_DELIVERY_ANY, INT64_MAX, 9), "");
    ck_assert_ptr_nonnull(strstr(hooks(), "n4 |"));
    put_is(store_drop_hook(bed_desk, 1, bed_done, &h));
    ck_assert_str_eq(deliveries(1, STORE_DELIVERY_ANY, INT64_MAX, 9), "");
    ck_assert_str_eq(deliveries(2, STORE_DELIVERY_ANY, INT64_MAX, 9), "1:10.1=500/2!no");
}
END_TEST

START_TEST(what_is_sent_again_is_marked_once_and_failed_no_more)
{
    struct store_hook a = hook(1, "a");
    struct store_delivery rows[] = {tried(1, 1, 10, 2), tried(1, 2, 11, 0), tried(1, 3, 12, 1), tried(1, 4, 12, 2),
                                    tried(1, 5, -6, 2)};

    put_hook(&a);
    put_tries(rows, 5);
    ck_assert_str_eq(await_told(store_mark_again(bed_desk, 1, 0, INT64_MAX, true, tell_marked, NULL)), "2 marked");
    ck_assert_str_eq(await_told(store_mark_again(bed_desk, 1, 0, INT64_MAX, true, tell_marked, NULL)), "0 marked");
    ck_assert_str_eq(await_told(store_load_again(bed_desk, 1, 9, tell_again, NULL)), "10 12");
    ck_assert_str_eq(deliveries(1, STORE_DELIVERY_FAILED, INT64_MAX, 9), "5:-6.1=500/2!no");
    end_again((const struct store_again[]){{1, 10}}, 1);
    ck_assert_str_eq(await_told(store_mark_again(bed_desk, 1, 10, 12, false, tell_marked, NULL)), "2 marked");
    ck_assert_str_eq(await_told(store_load_again(bed_desk, 1, 1, tell_again, NULL)), "11");
    /* Those before it stay. */
    end_again((const struct store_again[]){{1, 12}}, 1);
    ck_assert_str_eq(await_told(store_load_again(bed_desk, 1, 9, tell_again, NULL)), "11");
    end_again((const struct store_again[]){{1, 12}, {1, 11}}, 2);
    ck_assert_str_eq(await_told(store_load_again(bed_desk, 1, 9, tell_again, NULL)), "");
}
END_TEST

START_TEST(deliveries_go_with_the_events_that_they_were_of)
{
    struct store_hook a = hook(1, "a");
    struct store_delivery rows[] = {tried(1, 1, 1, 0), tried(1, 2, 2, 0), tried(1, 3, 3, 0)}, later = tried(1, 4, 3, 0);
    struct store_event events[] = {{.id = 1, .account = "anna", .type = "call", .data = "{}", .len = 2},
                                   {.id = 2, .account = "anna", .type = "call", .data = "{}", .len = 2},
                                   {.id = 3, .account = "anna", .type = "call", .data = "{}", .len = 2}};

    bed_close();
    bed_config.events_keep = 1;
    bed_config.events_keep_bytes = 1 << 20;
    bed_open();
    put_hook(&a);
    put_tries(rows, 3);
    /* A page each. */
    for (size_t i = 0; i < 3; i++)
        put_is(store_lend_events(bed_desk, &events[i], 1, &bed_loan, bed_done, &h));
    put_tries(&later, 1);
    ck_assert_str_eq(deliveries(1, STORE_DELIVERY_ANY, INT64_MAX, 9), "4:3.1=200/0 3:3.1=200/0");
}
END_TEST

START_TEST(of_too_many_deliveries_the_oldest_go)
{
    struct store_hook a = hook(1, "a");
    struct store_delivery rows[] = {tried(1, 1, 10, 0), tried(1, 2, 11, 0)},
                          far = tried(1, STORE_DELIVERIES_MAX + 1, 12, 0);

    put_hook(&a);
    put_tries(rows, 2);
    put_tries(&far, 1);
    ck_assert_str_eq(deliveries(1, STORE_DELIVERY_ANY, INT64_MAX, 9), "200001:12.1=200/0 2:11.1=200/0");
}
END_TEST

/* Rows of the hook 1 in the closed file, whoever could read them. */
static int64_t left(void)
{
    return bed_number("SELECT (SELECT count(*) FROM hook_deliveries WHERE hook_id = 1)"
                      " + (SELECT count(*) FROM hook_again WHERE hook_id = 1)"
                      " + (SELECT count(*) FROM hooks WHERE id = 1)");
}

/* A hook that was tried 2000 times, and is to be sent as much again; the disk refuses to remove a
 * try WHEN. */
static void fill_and_refuse(const char *when)
{
    struct store_hook a = hook(1, "a");

    put_hook(&a);
    bed_close();
    bed_sql("WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000)"
            " INSERT INTO hook_deliveries SELECT 1, n, n, 1, 0, 0, 200, 0, NULL FROM c;"
            "INSERT INTO hook_again SELECT 1, n FROM hook_deliveries");
    bed_refuse_delete("hook_deliveries", when);
    bed_open();
}

START_TEST(a_hook_is_gone_at_once_and_its_tries_go_in_pieces_over_the_next_process)
{
    struct store_hook a = hook(2, "a");
    struct store_delivery late = tried(1, 2001, 3, 0);

    fill_and_refuse("old.n > 700");
    put_is(store_drop_hook(bed_desk, 1, bed_done, &h));
    ck_assert_str_eq(hooks(), "");
    ck_assert_str_eq(deliveries(1, STORE_DELIVERY_ANY, INT64_MAX, 9), "");
    ck_assert_str_eq(deliveries(1, STORE_DELIVERED, INT64_MAX, 9), "");
    /* What the thread that delivers still had to say brings nothing back. */
    put_tries(&late, 1);
    put_is(store_put_hook_state(bed_desk, 1, 2, "late", bed_done, &h));
    ck_assert_str_eq(hooks(), "");
    put_is(store_add_hook(bed_desk, &a, bed_done, &h));
    ck_assert_str_eq(hooks(), "2 a https://hooks.example/a [call job] anna secret one 0 - at 7/0/0/0 n0");
    bed_close();
    /* One piece of 512 each went. */
    ck_assert_int_eq(left(), 2 * (2000 - 512) + 1);
    bed_refuse_no_more("hook_deliveries");
    bed_open();
    /* One behind each thing that is asked for, at least. */
    for (int i = 0; i < 8; i++)
        ck_assert_str_eq(hooks(), "2 a https://hooks.example/a [call job] anna secret one 0 - at 7/0/0/0 n0");
    bed_close();
    ck_assert_int_eq(left(), 0);
    bed_open();
    ck_assert_str_eq(hooks(), "2 a https://hooks.example/a [call job] anna secret one 0 - at 7/0/0/0 n0");
}
END_TEST

START_TEST(what_the_disk_refuses_of_that_is_removed_once_it_does_not)
{
    struct store_hook b = hook(2, "b");

    fill_and_refuse("old.n > 700 AND (SELECT count(*) FROM hooks) < 2");
    put_is(store_drop_hook(bed_desk, 1, bed_done, &h));
    ck_assert_str_eq(hooks(), "");
    put_hook(&b);
    for (int i = 0; i < 8; i++)
        ck_assert_ptr_nonnull(strstr(hooks(), "2 b "));
    bed_close();
    ck_assert_int_eq(left(), 0);
    bed_open();
}
END_TEST

START_TEST(of_a_hook_that_is_gone_the_file_has_no_secret_and_another_seal_key_is_taken)
{
    fill_and_refuse("old.n > 700");
    put_is(store_drop_hook(bed_desk, 1, bed_done, &h));
    put_is(store_rotate(bed_desk, bed_done, &h));
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM hooks WHERE id = 1 AND length(secrets_sealed) <"
                                " length(url_sealed) + 8 AND account = '' AND types = ''"),
                     1);
    bed_open();
    ck_assert_str_eq(hooks(), "");
}
END_TEST

Suite *suite_hooks(void)
{
    Suite *s = suite_create("hooks");
    TCase *t = tcase_create("hooks");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_hook_comes_back_as_it_was_put_and_changed);
    tcase_add_test(t, a_value_of_another_row_is_damage_and_takes_no_other_hook_along);
    tcase_add_test(t, deliveries_are_read_by_pages_the_newest_first_and_by_state);
    tcase_add_test(t, what_is_sent_again_is_marked_once_and_failed_no_more);
    tcase_add_test(t, deliveries_go_with_the_events_that_they_were_of);
    tcase_add_test(t, of_too_many_deliveries_the_oldest_go);
    tcase_add_test(t, a_hook_is_gone_at_once_and_its_tries_go_in_pieces_over_the_next_process);
    tcase_add_test(t, what_the_disk_refuses_of_that_is_removed_once_it_does_not);
    tcase_add_test(t, of_a_hook_that_is_gone_the_file_has_no_secret_and_another_seal_key_is_taken);
    suite_add_tcase(s, t);
    return s;
}
