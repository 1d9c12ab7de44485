/* One allocation fails, of the store's or of SQLite's: all of the first ones, then ever fewer. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/support/starve.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/suites.h"

/* Each version of the schema makes an opening a little longer. */
enum { ROUNDS_MAX = 8000 };

static sqlite3_mem_methods memory;

/* SQLite's allocations are counted among ours. */
static bool is_starved(void)
{
    void *probe = malloc(1);

    free(probe);
    return probe == NULL;
}

static void *sqlite_malloc(int n)
{
    return is_starved() ? NULL : memory.xMalloc(n);
}

static void *sqlite_realloc(void *p, int n)
{
    return is_starved() ? NULL : memory.xRealloc(p, n);
}

static void set_up(void)
{
    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory), SQLITE_OK);
    sqlite3_mem_methods ours = memory;
    ours.xMalloc = sqlite_malloc;
    ours.xRealloc = sqlite_realloc;
    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &ours), SQLITE_OK);
    ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
    bed_set_up();
}

static size_t next_round(size_t n)
{
    ck_assert_uint_lt(n, ROUNDS_MAX);
    return n + 1 + n / 16;
}

START_TEST(a_starved_opening_says_so_and_the_next_one_goes_well)
{
    bool starved = true;

    for (size_t n = 0; starved; n = next_round(n)) {
        struct fault fault;
        unlink(bed_config.path);
        unlink(bed_config.key_path);
        fault_clear(&fault);
        starve_at(n);
        int err = store_open(&bed_config, &bed_store, &fault);
        starved = starve_end();
        ck_assert_msg(err == 0 || (starved && err == TGC_ENOMEM), "allocation %zu: %d, %s", n, err, fault.text);
        if (!err)
            ck_assert_int_eq(store_close(bed_store, NULL), 0);
        bed_store = NULL;
        bed_open();
        bed_put_account("anna");
        bed_close();
    }
}
END_TEST

/* Waits where it was accepted; the error. */
static int told(int accepted, struct bed_heard *h)
{
    if (accepted)
        return accepted;
    bed_await(h, h->n + 1);
    return h->err;
}

static void ignore_events(void *ctx, int err, const char *why, const struct store_event *list, size_t n, size_t damaged,
                          int64_t dropped)
{
    bed_done(ctx, err, why);
}

static void ignore(void *ctx, int err, const char *why, const struct store_loaded_account *list, size_t n)
{
    bed_done(ctx, err, why);
}

START_TEST(a_starved_write_is_as_it_was_told)
{
    bool starved = true;
    uint8_t there = 1;

    bed_open();
    bed_put_account("anna");
    bed_put_key("anna", 2, there);
    for (size_t n = 0; starved; n = next_round(n)) {
        struct bed_heard h = {0};
        uint8_t next = there == 1 ? 2 : 1;
        struct store_key k = bed_key("anna", 2, next);
        struct store_peer p = {"anna", PEER_USER, 1, 2, true, true, 0, "491709876543"};
        struct store_event e = {.id = (int64_t)n + 1, .account = "anna", .type = "call", .data = "{}", .len = 2};
        starve_at(n);
        int errs[] = {told(store_put_key(bed_desk, &k, bed_done, &h), &h),
                      told(store_put_peers(bed_desk, &p, 1, bed_done, &h), &h),
                      told(store_load_accounts(bed_desk, ignore, &h), &h),
                      told(store_lend_events(bed_desk, &e, 1, &bed_loan, bed_done, &h), &h),
                      told(store_load_events(bed_desk, 0, 10, ignore_events, &h), &h),
                      told(store_rotate(bed_desk, bed_done, &h), &h)};
        starved = starve_end();
        for (int i = 0; i < 6; i++)
            ck_assert_msg(errs[i] == 0 || (starved && errs[i] == TGC_ENOMEM), "allocation %zu, step %d: %d, %s", n, i,
                          errs[i], h.why);
        if (!errs[0])
            there = next;
        char *accounts = bed_accounts(), expected[128];
        snprintf(expected, sizeof(expected),
                 "anna ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} keys 2:%02x",
                 there);
        ck_assert_str_eq(accounts, expected);
        free(accounts);
    }
    bed_close();
    bed_is_sound(bed_config.path);
}
END_TEST

Suite *suite_starved(void)
{
    Suite *s = suite_create("starved");
    TCase *t = tcase_create("starved");

    tcase_set_timeout(t, 30);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, bed_tear_down);
    tcase_add_test(t, a_starved_opening_says_so_and_the_next_one_goes_well);
    tcase_add_test(t, a_starved_write_is_as_it_was_told);
    suite_add_tcase(s, t);
    return s;
}
