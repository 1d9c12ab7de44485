/* Secrets that were replaced: they sign as long as they are to, and are then nowhere any more. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/hook/disk.h"
#include "daemon/store/hook_rows.h"
#include "tests/support/temp.h"
#include "tests/unit/hook/deliver_bed.h"
#include "tests/unit/hook/suites.h"

static _Atomic int64_t later_us;

static int64_t mono_us(void *ctx)
{
    return clock_mono_us(&clock_system);
}

static int64_t wall_us(void *ctx)
{
    return clock_wall_us(&clock_system) + atomic_load(&later_us);
}

static const struct clock_source later_clock = {mono_us, wall_us, NULL};

/* The webhooks' wall clock, from here on. */
static void go_to(int64_t hours)
{
    atomic_store(&later_us, hours * 3600 * SECOND_US);
    hooks_wake(bed_hooks);
}

static void set_up(void)
{
    atomic_store(&later_us, 0);
    bed_set_up_store();
    bed_config.clock = &later_clock;
    bed_open_store();
    bed_open();
    start();
    r = receiver_new();
    other = receiver_new();
}

struct on_disk {
    struct hook_disk disk;
    char secrets[HOOK_SECRETS_TEXT];
};

static void see(void *ctx, int err, const char *why, const struct store_hook *list, size_t n, size_t damaged,
                int64_t last_id)
{
    struct on_disk *d = ctx;

    ck_assert(!err && n == 1 && !damaged);
    snprintf(d->secrets, sizeof(d->secrets), "%s", list[0].secrets);
    hook_disk_done(&d->disk, err, why);
}

/* How many secrets the disk has of the only webhook, and whether the first is NEWEST. */
static int secrets_kept(const char *newest)
{
    struct on_disk d;
    struct hook_secrets s;

    ck_assert_int_eq(hook_disk_open(bed_store, &d.disk, &fault), 0);
    ck_assert_int_eq(hook_disk_await(&d.disk, store_load_hooks(d.disk.desk, see, &d), &fault), 0);
    hook_disk_close(&d.disk);
    ck_assert_int_eq(hook_secrets_read(d.secrets, &s), 0);
    ck_assert_str_eq(s.now, newest);
    return 1 + !!s.before[0].text[0] + !!s.before[1].text[0];
}

static void until_kept(const char *newest, int n)
{
    while (secrets_kept(newest) != n)
        nanosleep(&(struct timespec){.tv_nsec = 2 * 1000000}, NULL);
}

/* Which of SECRETS have signed what came as the Nth request: "2 1 0", in their order there. */
static const char *signers(size_t n, char secrets[][HOOK_SECRET_TEXT], int secrets_n)
{
    static char text[32];
    const struct received *q = receiver_await(r, n);
    char list[sizeof(q->signature)], one[HOOK_SIGNATURE_TEXT], *rest = NULL;
    size_t len = 0;

    snprintf(list, sizeof(list), "%s", q->signature);
    text[0] = '\0';
    for (char *at = strtok_r(list, " ", &rest); at; at = strtok_r(NULL, " ", &rest))
        for (int i = 0; i < secrets_n; i++) {
            struct hook_secrets s = {.now = ""};
            memcpy(s.now, secrets[i], sizeof(s.now));
            ck_assert_int_eq(hook_sign(&s, q->id, atoll(q->timestamp), q->body, strlen(q->body), one), 0);
            if (strcmp(one, at) == 0)
                len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d", len ? " " : "", i);
        }
    return text;
}

static void rotate(char to[static HOOK_SECRET_TEXT])
{
    ck_assert_msg(hooks_rotate(bed_hooks, "a", to, &fault) == 0, "%s", fault.text);
}

START_TEST(each_signs_for_a_day_after_it_was_replaced_and_then_is_off_the_disk)
{
    char secrets[3][HOOK_SECRET_TEXT];

    create("a", r);
    memcpy(secrets[0], secret, HOOK_SECRET_TEXT);
    rotate(secrets[1]);
    go_to(12);
    rotate(secrets[2]);
    bed_happen("anna", "call");
    ck_assert_str_eq(signers(0, secrets, 3), "2 1 0");
    ck_assert_int_eq(secrets_kept(secrets[2]), 3);
    go_to(25);
    until_kept(secrets[2], 2);
    bed_happen("anna", "call");
    ck_assert_str_eq(signers(1, secrets, 3), "2 1");
    deliveries("a", 2);
    restart();
    bed_happen("anna", "call");
    ck_assert_str_eq(signers(2, secrets, 3), "2 1");
    deliveries("a", 3);
    /* Also of one that is paused, and of what ended while no process ran. */
    edit("a", (struct hook_edit){.has_paused = true, .paused = true});
    bed_close();
    atomic_store(&later_us, 37 * 3600 * SECOND_US);
    ck_assert_int_eq(secrets_kept(secrets[2]), 2);
    bed_open();
    start();
    until_kept(secrets[2], 1);
    edit("a", (struct hook_edit){.has_paused = true});
    bed_happen("anna", "call");
    ck_assert_str_eq(signers(3, secrets, 3), "2");
}
END_TEST

START_TEST(what_the_disk_refuses_of_that_is_taken_off_it_later)
{
    char newest[HOOK_SECRET_TEXT], next[HOOK_SECRET_TEXT];

    create("a", r);
    rotate(newest);
    restart_after("CREATE TRIGGER full BEFORE UPDATE OF secrets_sealed ON hooks WHEN (SELECT state FROM hooks) = 0"
                  " BEGIN SELECT RAISE(FAIL, 'full'); END");
    go_to(25);
    ck_assert_int_eq(hooks_rotate(bed_hooks, "a", next, &fault), TGC_ESYSTEM);
    ck_assert_int_eq(secrets_kept(newest), 2);
    receiver_answer_next(r, 1, answer_gone);
    bed_happen("anna", "call");
    until_kept(newest, 1);
}
END_TEST

Suite *suite_secrets(void)
{
    Suite *s = suite_create("secrets");
    TCase *t = tcase_create("secrets");

    tcase_set_timeout(t, 30);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, deliver_tear_down);
    tcase_add_test(t, each_signs_for_a_day_after_it_was_replaced_and_then_is_off_the_disk);
    tcase_add_test(t, what_the_disk_refuses_of_that_is_taken_off_it_later);
    suite_add_tcase(s, t);
    return s;
}
