#include "tests/support/unit.h"
#include "tests/unit/bridge/suites.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/limits.h"
#include "daemon/bridge/audit.h"

#define NOON_US (INT64_C(1790000000) * SECOND_US)

static struct audit *audit;
static struct audit_batch taken;

static void set_up(void)
{
    ck_assert_int_eq(audit_new(&audit), 0);
    audit_batch_init(&taken);
}

static void tear_down(void)
{
    audit_batch_fini(&taken);
    audit_free(audit);
}

static struct audit_record record(int64_t at_s, const char *who, uint16_t status)
{
    static const char path[] = "v1\0calls";

    return (struct audit_record){.at_us = NOON_US + at_s * SECOND_US,
                                 .count = 1,
                                 .status = status,
                                 .family = AUDIT_IP4,
                                 .address = {127, 0, 0, 1},
                                 .method = "POST",
                                 .request_id = "req-1",
                                 .who = who,
                                 .account = "main",
                                 .telegram = "",
                                 .path = path,
                                 .path_len = sizeof(path) - 1};
}

static void note(enum audit_kind kind, int64_t at_s, const char *who, uint16_t status, uint8_t last_of_address)
{
    struct audit_record r = record(at_s, who, status);

    r.address[3] = last_of_address;
    audit_add(audit, kind, &r);
}

static void take(bool all, int64_t at_s)
{
    audit_batch_fini(&taken);
    audit_batch_init(&taken);
    ck_assert_uint_eq(audit_take(audit, all, NOON_US + at_s * SECOND_US, &taken), 0);
}

/* "AT WHO STATUS xCOUNT …", the times from noon on. */
static const char *said(enum audit_kind kind)
{
    static char text[8192];
    const struct buf *b = &taken.records[kind];
    const uint8_t *at = b->data, *end = b->data + b->len;
    size_t n = 0, len = 0;
    struct audit_record r;

    for (text[0] = '\0'; at < end; n++) {
        ck_assert_int_eq(audit_unpack(&at, end, &r), 0);
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d %s %u x%u", n ? ", " : "",
                                (int)((r.at_us - NOON_US) / SECOND_US), r.who, r.status, r.count);
        ck_assert_uint_lt(len, sizeof(text));
    }
    ck_assert_uint_eq(n, taken.n[kind]);
    return text;
}

START_TEST(a_record_is_read_as_it_was_packed)
{
    uint8_t bytes[AUDIT_RECORD_MAX];
    struct audit_record r = record(5, "admin", 403), back;

    r.telegram = "CHAT_ADMIN_REQUIRED";
    r.telegram_code = -503;
    r.count = 70000;
    r.family = AUDIT_IP6;
    memcpy(r.address, "0123456789abcdef", 16);
    size_t len = audit_pack(&r, bytes);
    const uint8_t *at = bytes;
    ck_assert_int_eq(audit_unpack(&at, bytes + len, &back), 0);
    ck_assert_ptr_eq(at, bytes + len);
    ck_assert(back.at_us == r.at_us && back.count == r.count && back.status == 403 && back.telegram_code == -503);
    ck_assert(back.family == AUDIT_IP6 && memcmp(back.address, r.address, 16) == 0);
    ck_assert_str_eq(back.method, "POST");
    ck_assert_str_eq(back.request_id, "req-1");
    ck_assert_str_eq(back.who, "admin");
    ck_assert_str_eq(back.account, "main");
    ck_assert_str_eq(back.telegram, "CHAT_ADMIN_REQUIRED");
    ck_assert_uint_eq(back.path_len, r.path_len);
    ck_assert_mem_eq(back.path, r.path, r.path_len + 1);
    for (size_t cut = 0; cut < len; cut++) {
        at = bytes;
        ck_assert_int_eq(audit_unpack(&at, bytes + cut, &back), TGC_EDAMAGED);
    }
    bytes[20] = 3;
    at = bytes;
    ck_assert_int_eq(audit_unpack(&at, bytes + len, &back), TGC_EDAMAGED);
}
END_TEST

START_TEST(what_is_too_long_is_cut_and_characters_stay_whole)
{
    uint8_t bytes[AUDIT_RECORD_MAX];
    static char long_text[1000], path[1000];
    struct audit_record r = record(0, long_text, 200), back;

    for (size_t i = 0; i + 2 < sizeof(long_text); i += 3)
        memcpy(long_text + i, "\xe2\x82\xac", 3);
    memset(path, 'p', sizeof(path));
    r.method = r.request_id = r.account = r.telegram = long_text;
    r.path = path;
    r.path_len = sizeof(path);
    r.family = AUDIT_IP6;
    size_t len = audit_pack(&r, bytes);
    ck_assert_uint_le(len, sizeof(bytes));
    const uint8_t *at = bytes;
    ck_assert_int_eq(audit_unpack(&at, bytes + len, &back), 0);
    ck_assert_uint_eq(strlen(back.who), 126);
    ck_assert_uint_eq(back.path_len, AUDIT_PATH_MAX);
}
END_TEST

START_TEST(what_was_noted_is_taken_once_and_in_order)
{
    ck_assert_int_eq(audit_haste(audit), AUDIT_NOTHING);
    note(AUDIT_KNOWN, 0, "a", 200, 1);
    note(AUDIT_KNOWN, 0, "a", 200, 1);
    note(AUDIT_KNOWN, 1, "b", 422, 1);
    ck_assert_int_eq(audit_haste(audit), AUDIT_SOON);
    take(false, 1);
    ck_assert_str_eq(said(AUDIT_KNOWN), "0 a 200 x1, 0 a 200 x1, 1 b 422 x1");
    ck_assert_int_eq(audit_haste(audit), AUDIT_NOTHING);
    take(true, 1);
    ck_assert_uint_eq(taken.n[AUDIT_KNOWN] + taken.n[AUDIT_STRANGERS], 0);
}
END_TEST

START_TEST(of_strangers_who_are_alike_a_minute_has_the_first_and_the_number_of_the_others)
{
    for (int64_t s = 0; s < 10; s++)
        note(AUDIT_STRANGERS, s, "", 401, 1);
    note(AUDIT_STRANGERS, 10, "", 403, 1);
    note(AUDIT_STRANGERS, 11, "", 401, 2);
    take(false, 12);
    ck_assert_str_eq(said(AUDIT_STRANGERS), "0  401 x1, 10  403 x1, 11  401 x1");
    ck_assert_int_eq(audit_haste(audit), AUDIT_MINUTE);
    take(false, 59);
    ck_assert_str_eq(said(AUDIT_STRANGERS), "");
    take(false, 60);
    ck_assert_str_eq(said(AUDIT_STRANGERS), "9  401 x9");
    ck_assert_int_eq(audit_haste(audit), AUDIT_NOTHING);
    note(AUDIT_STRANGERS, 70, "", 401, 1);
    note(AUDIT_STRANGERS, 71, "", 401, 1);
    note(AUDIT_STRANGERS, 131, "", 401, 1);
    take(false, 131);
    ck_assert_str_eq(said(AUDIT_STRANGERS), "70  401 x1, 71  401 x1, 131  401 x1");
}
END_TEST

START_TEST(who_reads_has_the_minute_as_far_as_it_went)
{
    for (int64_t s = 0; s < 3; s++)
        note(AUDIT_STRANGERS, s, "", 401, 1);
    take(true, 3);
    ck_assert_str_eq(said(AUDIT_STRANGERS), "0  401 x1, 2  401 x2");
}
END_TEST

START_TEST(a_clock_that_is_set_back_ends_the_minute)
{
    note(AUDIT_STRANGERS, 1000, "", 401, 1);
    note(AUDIT_STRANGERS, 1001, "", 401, 1);
    note(AUDIT_STRANGERS, 0, "", 401, 1);
    take(false, 0);
    ck_assert_str_eq(said(AUDIT_STRANGERS), "1000  401 x1, 1001  401 x1, 0  401 x1");
}
END_TEST

START_TEST(a_crowd_from_everywhere_is_a_bounded_number_of_records)
{
    struct audit_record r = record(0, "", 401);

    for (unsigned i = 0; i < 100000; i++) {
        memcpy(r.address, &i, sizeof(i));
        audit_add(audit, AUDIT_STRANGERS, &r);
    }
    take(true, 1);
    ck_assert_uint_eq(taken.n[AUDIT_STRANGERS], 33);
    ck_assert_ptr_nonnull(strstr(said(AUDIT_STRANGERS), " x99968"));
    ck_assert_uint_eq(taken.n[AUDIT_KNOWN], 0);
}
END_TEST

START_TEST(what_the_disk_did_not_take_waits_again_in_front)
{
    note(AUDIT_KNOWN, 0, "a", 200, 1);
    take(false, 0);
    note(AUDIT_KNOWN, 1, "b", 200, 1);
    note(AUDIT_STRANGERS, 1, "", 401, 1);
    audit_give_back(audit, &taken);
    ck_assert_uint_eq(taken.n[AUDIT_KNOWN] + taken.records[AUDIT_KNOWN].len, 0);
    take(false, 2);
    ck_assert_str_eq(said(AUDIT_KNOWN), "0 a 200 x1, 1 b 200 x1");
    ck_assert_str_eq(said(AUDIT_STRANGERS), "1  401 x1");
}
END_TEST

START_TEST(what_waits_has_a_maximum_and_what_is_lost_is_counted)
{
    size_t noted = 0, before = 0;

    while (before <= LIMIT_AUDIT_WAITING) {
        note(AUDIT_KNOWN, 0, "a", 200, 1);
        before += 60;
        noted++;
    }
    ck_assert_int_eq(audit_haste(audit), AUDIT_NOW);
    for (int i = 0; i < 10000; i++, noted++)
        note(AUDIT_KNOWN, 0, "a", 200, 1);
    size_t lost = audit_take(audit, false, NOON_US, &taken);
    ck_assert_uint_gt(lost, 0);
    ck_assert_uint_eq(taken.n[AUDIT_KNOWN] + lost, noted);
    ck_assert_uint_le(taken.records[AUDIT_KNOWN].len, LIMIT_AUDIT_WAITING);
    /* With a new one it does not fit any more. */
    note(AUDIT_KNOWN, 1, "b", 200, 1);
    for (int i = 0; i < 20; i++)
        note(AUDIT_KNOWN, 1, "b", 200, 1);
    size_t n = taken.n[AUDIT_KNOWN];
    audit_give_back(audit, &taken);
    ck_assert_uint_eq(audit_take(audit, false, NOON_US, &taken), n);
    ck_assert_uint_eq(taken.n[AUDIT_KNOWN], 21);
    audit_add(NULL, AUDIT_KNOWN, NULL);
}
END_TEST

Suite *suite_audit(void)
{
    Suite *s = suite_create("audit");
    TCase *t = tcase_create("audit");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_record_is_read_as_it_was_packed);
    tcase_add_test(t, what_is_too_long_is_cut_and_characters_stay_whole);
    tcase_add_test(t, what_was_noted_is_taken_once_and_in_order);
    tcase_add_test(t, of_strangers_who_are_alike_a_minute_has_the_first_and_the_number_of_the_others);
    tcase_add_test(t, who_reads_has_the_minute_as_far_as_it_went);
    tcase_add_test(t, a_clock_that_is_set_back_ends_the_minute);
    tcase_add_test(t, a_crowd_from_everywhere_is_a_bounded_number_of_records);
    tcase_add_test(t, what_the_disk_did_not_take_waits_again_in_front);
    tcase_add_test(t, what_waits_has_a_maximum_and_what_is_lost_is_counted);
    suite_add_tcase(s, t);
    return s;
}
