/* The audit on the disk. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/store/audit_rows.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/suites.h"

static struct bed_heard h;
static struct buf told;
static bool heard;
static int64_t oldest_seen;

static void set_up(void)
{
    bed_set_up();
    bed_config.events_keep = 100;
    bed_config.events_keep_bytes = 1 << 20;
    memset(&h, 0, sizeof(h));
}

static void must(int accepted)
{
    ck_assert_int_eq(accepted, 0);
    bed_await(&h, h.n + 1);
    ck_assert_msg(h.err == 0, "%s", h.why);
}

/* Its first eight bytes are a number above 0, as they have to be. */
static struct store_audit_page page_of(const char *text, int64_t n, bool of_strangers)
{
    return (struct store_audit_page){
        .data = (const uint8_t *)text, .len = strlen(text), .n = n, .of_strangers = of_strangers};
}

static void put(const char *text, int64_t n, bool of_strangers)
{
    struct store_audit_page p = page_of(text, n, of_strangers);

    must(store_put_audit(bed_desk, &p, 1, bed_done, &h));
}

static void tell(void *ctx, int err, const char *why, const struct store_audit_page *list, size_t n, size_t damaged,
                 int64_t oldest)
{
    ck_assert_msg(err == 0, "%s", why);
    buf_reset(&told);
    for (size_t i = 0; i < n; i++)
        buf_printf(&told, "%s%d%s:%.*s", told.len ? " " : "", (int)list[i].id, list[i].of_strangers ? "s" : "",
                   list[i].len > 12 ? 12 : (int)list[i].len, (const char *)list[i].data);
    if (damaged)
        buf_printf(&told, " damaged %zu", damaged);
    oldest_seen = oldest;
    heard = true;
}

/* "ID:TEXT IDs:TEXT …", the newest first. */
static const char *pages(int64_t before)
{
    heard = false;
    ck_assert_int_eq(store_load_audit(bed_desk, before, tell, NULL), 0);
    while (!heard)
        bed_turn();
    return buf_text(&told);
}

START_TEST(pages_come_back_the_newest_first_whichever_kind_they_are)
{
    bed_open();
    ck_assert_str_eq(pages(INT64_MAX), "");
    put("one-one-one", 1, false);
    struct store_audit_page two[] = {page_of("two-two-two", 3, false), page_of("three-three", 2, true)};
    must(store_put_audit(bed_desk, two, 2, bed_done, &h));
    put("four-four-4", 1, true);
    bed_close();
    bed_open();
    put("five-five-5", 1, false);
    ck_assert_str_eq(pages(INT64_MAX), "5:five-five-5 4s:four-four-4 3s:three-three 2:two-two-two 1:one-one-one");
    ck_assert_int_eq(oldest_seen, 0);
    ck_assert_str_eq(pages(4), "3s:three-three 2:two-two-two 1:one-one-one");
    ck_assert_str_eq(pages(1), "");
    bed_close();
}
END_TEST

START_TEST(a_load_ends_where_it_is_long_enough)
{
    static char text[300 << 10];

    memset(text, 'x', sizeof(text) - 1);
    bed_config.events_keep_bytes = 64 << 20;
    bed_open();
    for (int i = 0; i < 6; i++)
        put(text, 1, false);
    ck_assert_str_eq(pages(INT64_MAX), "6:xxxxxxxxxxxx 5:xxxxxxxxxxxx 4:xxxxxxxxxxxx 3:xxxxxxxxxxxx");
    ck_assert_int_eq(oldest_seen, 3);
    ck_assert_str_eq(pages(3), "2:xxxxxxxxxxxx 1:xxxxxxxxxxxx");
    ck_assert_int_eq(oldest_seen, 0);
    bed_close();
}
END_TEST

START_TEST(of_too_many_the_oldest_go_and_none_of_the_other_kind)
{
    char text[32];

    bed_open();
    put("known-known", 10, false);
    for (int i = 0; i < 40; i++) {
        snprintf(text, sizeof(text), "stranger %02d", i);
        put(text, 1, true);
    }
    pages(43);
    ck_assert_ptr_nonnull(strstr(buf_text(&told), "1:known-known"));
    for (int i = 0; i < 20; i++) {
        snprintf(text, sizeof(text), "known is %02d", i);
        put(text, 10, false);
    }
    pages(INT64_MAX);
    ck_assert_ptr_null(strstr(buf_text(&told), "known is 09"));
    ck_assert_ptr_nonnull(strstr(buf_text(&told), "known is 10"));
    ck_assert_ptr_nonnull(strstr(buf_text(&told), "s:stranger 39"));
    bed_close();
    ck_assert_int_eq(bed_number("SELECT sum(n) FROM audit_pages WHERE id > 0"), 100);
    ck_assert_int_eq(bed_number("SELECT count(*) FROM audit_pages WHERE id < 0"), 10);
}
END_TEST

START_TEST(of_too_many_bytes_the_oldest_go)
{
    char text[512];

    bed_config.events_keep = 1000000;
    bed_config.events_keep_bytes = 20000;
    bed_open();
    for (unsigned i = 0, x = 1; i < 100; i++) {
        for (size_t k = 0; k < sizeof(text) - 1; k++, x = x * 1664525 + 1013904223)
            text[k] = (char)('!' + (x >> 24) % 90);
        text[sizeof(text) - 1] = '\0';
        put(text, 1, false);
    }
    bed_close();
    int64_t bytes = bed_number("SELECT sum(length(page_sealed)) FROM audit_pages");
    ck_assert_int_le(bytes, 20000);
    ck_assert_int_gt(bytes, 18000);
}
END_TEST

START_TEST(a_log_of_nothing_has_its_newest_page)
{
    bed_config.events_keep = 0;
    bed_config.events_keep_bytes = 0;
    bed_open();
    for (int i = 0; i < 3; i++)
        put("known-known", 10, false);
    ck_assert_str_eq(pages(INT64_MAX), "3:known-known");
    bed_close();
}
END_TEST

START_TEST(it_is_sealed_and_sealed_anew)
{
    bed_open();
    put("secret names", 1, false);
    put("others names", 1, true);
    must(store_rotate(bed_desk, bed_done, &h));
    ck_assert_str_eq(pages(INT64_MAX), "2s:others names 1:secret names");
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM audit_pages WHERE instr(page_sealed, 'names') > 0"), 0);
    bed_open();
    ck_assert_str_eq(pages(INT64_MAX), "2s:others names 1:secret names");
    bed_close();
}
END_TEST

START_TEST(what_is_damaged_or_moved_is_counted_and_hides_nothing_else)
{
    bed_open();
    put("one-one-one", 1, false);
    put("two-two-two", 1, false);
    put("three-three", 1, true);
    bed_close();
    bed_sql("UPDATE audit_pages SET page_sealed = (SELECT page_sealed FROM audit_pages WHERE id = 1) WHERE id = 2");
    bed_open();
    ck_assert_str_eq(pages(INT64_MAX), "3s:three-three 1:one-one-one damaged 1");
    bed_close();
}
END_TEST

static void tear_down(void)
{
    bed_tear_down();
    buf_fini(&told);
}

Suite *suite_audit_rows(void)
{
    Suite *s = suite_create("audit");
    TCase *t = tcase_create("audit");

    buf_init(&told, 1 << 20);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, pages_come_back_the_newest_first_whichever_kind_they_are);
    tcase_add_test(t, a_load_ends_where_it_is_long_enough);
    tcase_add_test(t, of_too_many_the_oldest_go_and_none_of_the_other_kind);
    tcase_add_test(t, of_too_many_bytes_the_oldest_go);
    tcase_add_test(t, a_log_of_nothing_has_its_newest_page);
    tcase_add_test(t, it_is_sealed_and_sealed_anew);
    tcase_add_test(t, what_is_damaged_or_moved_is_counted_and_hides_nothing_else);
    suite_add_tcase(s, t);
    return s;
}
