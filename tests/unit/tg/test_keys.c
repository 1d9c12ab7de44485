/* The slots of keys by their policies: one table for both kinds, on a clock in the hand. */
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/tg/connection/keys.h"
#include "tests/unit/tg/suites.h"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S };

static const uint8_t bytes[256] = {7};

static struct tg_key_slot slot;

static void tear_down(void)
{
    tg_key_slot_clear(&slot);
}

/* Made at server time 1,000,000 s, which is second 1,000 of ours. */
static void put(enum tg_key_kind kind)
{
    int32_t life_s = tg_key_policies[kind].life_s;
    struct mt_handshake_result made = {.key = mt_auth_key_new(bytes),
                                       .salt = 5,
                                       .time_offset_us = 999000 * SECOND_US,
                                       .expires_at = life_s ? 1000000 + life_s : 0};

    ck_assert_ptr_nonnull(made.key);
    tg_key_slot_init(&slot, kind);
    tg_key_slot_put(&slot, &made);
}

static void put_kept(enum tg_key_kind kind)
{
    put(kind);
    if (tg_key_slot_offer(&slot))
        tg_key_slot_committed(&slot, true);
    ck_assert_int_eq(slot.stage, TG_KEY_KEPT);
}

static enum tg_key_need need_at(int64_t s)
{
    return tg_key_slot_need(&slot, s * SECOND_US);
}

START_TEST(test_an_empty_slot_needs_a_key)
{
    tg_key_slot_init(&slot, (enum tg_key_kind)_i);
    ck_assert_int_eq(need_at(0), TG_KEY_MAKE);
    ck_assert_int_eq(tg_key_slot_renew_us(&slot), INT64_MAX);
    ck_assert(!tg_key_slot_offer(&slot));
    ck_assert(!tg_key_slot_denied(&slot));
}
END_TEST

START_TEST(test_a_permanent_key_is_used_once_it_is_kept)
{
    put(TG_KEY_PERMANENT);
    tg_key_slot_committed(&slot, true); /* a word on no offer */
    ck_assert_int_eq(need_at(1000), TG_KEY_COMMIT);
    ck_assert(tg_key_slot_offer(&slot));
    ck_assert(!tg_key_slot_offer(&slot));
    ck_assert_int_eq(need_at(1000), TG_KEY_WAIT);
    tg_key_slot_committed(&slot, false);
    ck_assert_int_eq(need_at(1000), TG_KEY_COMMIT);
    ck_assert(tg_key_slot_offer(&slot));
    tg_key_slot_committed(&slot, true);
    ck_assert_int_eq(need_at(1000), TG_KEY_USE);
    tg_key_slot_committed(&slot, false); /* a second word */
    ck_assert_int_eq(need_at(1000), TG_KEY_USE);
}
END_TEST

START_TEST(test_a_temporary_key_is_never_kept)
{
    put(TG_KEY_TEMPORARY);
    ck_assert_int_eq(need_at(1000), TG_KEY_USE);
    ck_assert(!tg_key_slot_offer(&slot));
}
END_TEST

START_TEST(test_a_key_that_is_given_is_used_and_its_server_time_is_not_known)
{
    tg_key_slot_init(&slot, TG_KEY_PERMANENT);
    ck_assert_int_eq(tg_key_slot_give(&slot, bytes, 9, false), 0);
    ck_assert_int_eq(need_at(INT64_MAX / SECOND_US), TG_KEY_USE);
    ck_assert(!slot.time_is_trusted);
    ck_assert_uint_eq(slot.salt, 9);
    ck_assert_int_eq(memcmp(slot.key->key, bytes, sizeof(bytes)), 0);
}
END_TEST

/* What happens to a key, by letters: s it serves, d it is denied; and the denial at which it is given up. */
static const struct {
    enum tg_key_kind kind;
    const char *events;
    int given_up_at; /* of its denials, from 1; 0: never */
} denials[] = {
    {TG_KEY_PERMANENT, "d", 1},       {TG_KEY_PERMANENT, "sd", 0},        {TG_KEY_PERMANENT, "sdd", 0},
    {TG_KEY_PERMANENT, "sddd", 3},    {TG_KEY_PERMANENT, "sddsdd", 0},    {TG_KEY_PERMANENT, "sdsdsdsd", 0},
    {TG_KEY_PERMANENT, "sddsddd", 5}, {TG_KEY_TEMPORARY, "d", 1},         {TG_KEY_TEMPORARY, "sd", 1},
    {TG_KEY_TEMPORARY, "sssd", 1},    {TG_KEY_PERMANENT, "ssssssddd", 3},
};

START_TEST(test_when_a_denied_key_is_given_up)
{
    int denied = 0, given_up_at = 0;

    put_kept(denials[_i].kind);
    for (const char *e = denials[_i].events; *e && !given_up_at; e++) {
        if (*e == 's')
            tg_key_slot_served(&slot);
        else if (denied++, tg_key_slot_denied(&slot))
            given_up_at = denied;
    }
    ck_assert_int_eq(given_up_at, denials[_i].given_up_at);
}
END_TEST

START_TEST(test_a_given_key_that_is_new_is_offered_first_and_given_up_at_its_first_denial)
{
    tg_key_slot_init(&slot, TG_KEY_PERMANENT);
    ck_assert_int_eq(tg_key_slot_give(&slot, bytes, 0, true), 0);
    ck_assert_int_eq(tg_key_slot_need(&slot, 0), TG_KEY_COMMIT);
    ck_assert(tg_key_slot_offer(&slot));
    tg_key_slot_committed(&slot, true);
    ck_assert_int_eq(tg_key_slot_need(&slot, 0), TG_KEY_USE);
    ck_assert(tg_key_slot_denied(&slot));
}
END_TEST

START_TEST(test_a_given_key_is_not_given_up_at_its_first_denial)
{
    tg_key_slot_init(&slot, TG_KEY_PERMANENT);
    ck_assert_int_eq(tg_key_slot_give(&slot, bytes, 0, false), 0);
    ck_assert(!tg_key_slot_denied(&slot));
    ck_assert(!tg_key_slot_denied(&slot));
    ck_assert(tg_key_slot_denied(&slot));
}
END_TEST

START_TEST(test_a_key_that_is_not_in_use_is_not_denied)
{
    put(TG_KEY_PERMANENT);
    ck_assert(!tg_key_slot_denied(&slot));
    ck_assert(tg_key_slot_offer(&slot));
    ck_assert(!tg_key_slot_denied(&slot));
    ck_assert_uint_eq(slot.denials, 0);
}
END_TEST

/* The age of a kept key made at our second 1,000, and what it needs then. */
static const struct {
    enum tg_key_kind kind;
    int64_t age_s;
    enum tg_key_need need;
} ages[] = {
    {TG_KEY_PERMANENT, 0, TG_KEY_USE},
    {TG_KEY_PERMANENT, DAY_S, TG_KEY_USE},
    {TG_KEY_PERMANENT, INT64_C(100) * 365 * DAY_S, TG_KEY_USE},
    {TG_KEY_TEMPORARY, 0, TG_KEY_USE},
    {TG_KEY_TEMPORARY, DAY_S - HOUR_S - 1, TG_KEY_USE},
    {TG_KEY_TEMPORARY, DAY_S - HOUR_S, TG_KEY_RENEW},
    {TG_KEY_TEMPORARY, DAY_S - 1, TG_KEY_RENEW},
    {TG_KEY_TEMPORARY, DAY_S, TG_KEY_MAKE},
    {TG_KEY_TEMPORARY, 2 * DAY_S, TG_KEY_MAKE},
};

START_TEST(test_what_a_key_needs_at_its_age)
{
    put_kept(ages[_i].kind);
    ck_assert_int_eq(need_at(1000 + ages[_i].age_s), ages[_i].need);
}
END_TEST

START_TEST(test_when_the_next_key_is_due)
{
    put_kept(TG_KEY_PERMANENT);
    ck_assert_int_eq(tg_key_slot_renew_us(&slot), INT64_MAX);
    tg_key_slot_clear(&slot);
    put_kept(TG_KEY_TEMPORARY);
    ck_assert_int_eq(tg_key_slot_renew_us(&slot), (1000 + DAY_S - HOUR_S) * SECOND_US);
}
END_TEST

START_TEST(test_a_cleared_slot_has_no_past)
{
    put_kept((enum tg_key_kind)_i);
    tg_key_slot_served(&slot);
    ck_assert(tg_key_slot_denied(&slot) == (_i == TG_KEY_TEMPORARY));
    tg_key_slot_clear(&slot);
    struct tg_key_slot fresh;
    tg_key_slot_init(&fresh, (enum tg_key_kind)_i);
    ck_assert_int_eq(slot.kind, fresh.kind);
    ck_assert(!slot.key && slot.stage == TG_KEY_NONE && slot.denials == 0 && !slot.has_served &&
              slot.expires_us == INT64_MAX && !slot.time_is_trusted);
}
END_TEST

Suite *suite_keys(void)
{
    Suite *s = suite_create("keys");
    TCase *t = tcase_create("keys");

    tcase_add_checked_fixture(t, NULL, tear_down);
    tcase_add_loop_test(t, test_an_empty_slot_needs_a_key, 0, TG_KEY_KINDS);
    tcase_add_test(t, test_a_permanent_key_is_used_once_it_is_kept);
    tcase_add_test(t, test_a_temporary_key_is_never_kept);
    tcase_add_test(t, test_a_key_that_is_given_is_used_and_its_server_time_is_not_known);
    tcase_add_loop_test(t, test_when_a_denied_key_is_given_up, 0, sizeof(denials) / sizeof(denials[0]));
    tcase_add_test(t, test_a_given_key_that_is_new_is_offered_first_and_given_up_at_its_first_denial);
    tcase_add_test(t, test_a_given_key_is_not_given_up_at_its_first_denial);
    tcase_add_test(t, test_a_key_that_is_not_in_use_is_not_denied);
    tcase_add_loop_test(t, test_what_a_key_needs_at_its_age, 0, sizeof(ages) / sizeof(ages[0]));
    tcase_add_test(t, test_when_the_next_key_is_due);
    tcase_add_loop_test(t, test_a_cleared_slot_has_no_past, 0, TG_KEY_KINDS);
    suite_add_tcase(s, t);
    return s;
}
