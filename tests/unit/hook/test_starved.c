/* One allocation fails, of the webhooks' or of the store's below them: what was told holds, and nothing else. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/support/starve.h"
#include "tests/support/temp.h"
#include "tests/unit/hook/deliver_bed.h"
#include "tests/unit/hook/suites.h"

enum { ROUNDS_MAX = 600, EVENTS = 4 };

/* --- what people ask for --- */

enum { STEPS = 8 };

static void ignore(void *ctx, const struct hook_delivery *delivery)
{
}

/* What came of each, in a process of its own; an error of the first means that there were no others. */
static void ask_all(int errs[STEPS])
{
    static const char *const types[] = {"call", "job"};
    const struct hook_words words = {
        .name = "b", .url = "http://127.0.0.1:9/b", .types = types, .types_n = 2, .account = "anna"};
    const struct hook_edit change = {
        .url = "http://127.0.0.1:9/other", .has_types = true, .types = types, .types_n = 1, .has_paused = true};
    const struct hook_page page = {.state = HOOK_DELIVERY_ANY, .limit = 9};
    struct fault f[STEPS] = {{0}};
    char made[HOOK_SECRET_TEXT], id[HOOK_ID_TEXT];
    size_t n;

    for (int i = 0; i < STEPS; i++)
        errs[i] = TGC_ECLOSED;
    errs[0] = hooks_open(&bed_config, &bed_hooks, &f[0]);
    if (errs[0])
        return;
    errs[1] = hooks_create(bed_hooks, &words, made, &f[1]);
    errs[2] = hooks_edit(bed_hooks, "a", &change, &f[2]);
    errs[3] = hooks_rotate(bed_hooks, "a", made, &f[3]);
    errs[4] = hooks_test(bed_hooks, "a", id, &f[4]);
    errs[5] = hooks_replay(bed_hooks, "a", &(struct hook_replay){.after = 0}, &n, &f[5]);
    errs[6] = hooks_deliveries(bed_hooks, "a", &page, ignore, NULL, &f[6]);
    errs[7] = hooks_delete(bed_hooks, "gone", &f[7]);
}

static void add(const char *name)
{
    const struct hook_words words = {.name = name, .url = "http://127.0.0.1:9/"};
    int err = hooks_create(bed_hooks, &words, secret, &fault);

    ck_assert_msg(err == 0 || err == TGC_EEXIST, "%s", fault.text);
}

/* What the disk has is what was told. */
static void is_as_told(size_t n, const int errs[STEPS])
{
    char want[512];

    snprintf(want, sizeof(want), "a %s] - active - pending 0%s%s",
             errs[2] == 0 ? "http://127.0.0.1:9/other [call" : "http://127.0.0.1:9/ [",
             errs[1] == 0 ? " | b http://127.0.0.1:9/b [call job] anna active - pending 0" : "",
             errs[7] == 0 ? "" : " | gone http://127.0.0.1:9/ [] - active - pending 0");
    char *list = bed_list();
    ck_assert_msg(strcmp(list, want) == 0, "allocation %zu: %s, not %s", n, list, want);
    free(list);
}

START_TEST(what_was_asked_for_is_as_it_was_told)
{
    bool starved = true;
    int errs[STEPS];
    size_t rounds = 0;

    bed_close();
    for (size_t n = 0; starved; n++, rounds++) {
        ck_assert_uint_lt(n, ROUNDS_MAX);
        bed_open();
        add("a");
        add("gone");
        (void)!hooks_delete(bed_hooks, "b", &fault);
        ck_assert_int_eq(
            hooks_edit(bed_hooks, "a", &(struct hook_edit){.url = "http://127.0.0.1:9/", .has_types = true}, &fault),
            0);
        bed_close();
        starve_at(n);
        ask_all(errs);
        starved = starve_end();
        for (int i = 0; i < STEPS && (i == 0 || !errs[0]); i++)
            ck_assert_msg(errs[i] == 0 || (starved && errs[i] == TGC_ENOMEM), "allocation %zu, step %d: %s", n, i,
                          tgc_err_text(errs[i]));
        if (!errs[0])
            is_as_told(n, errs);
        bed_close();
        bed_open();
        is_as_told(n, errs);
        bed_close();
    }
    ck_assert_uint_gt(rounds, 40);
}
END_TEST

/* --- what is delivered, on a clock that goes fast, so that pauses are short --- */

enum { FAST = 100 };

static int64_t began_us;

static int64_t fast_us(void *ctx)
{
    return began_us + (clock_mono_us(&clock_system) - began_us) * FAST;
}

static int64_t wall_us(void *ctx)
{
    return clock_wall_us(&clock_system);
}

static const struct clock_source fast_clock = {fast_us, wall_us, NULL};

/* All in their order, each at least once: what could not be noted may come again. */
static void all_come(size_t n, size_t from, uint64_t first)
{
    uint64_t next = first;

    for (size_t i = from; next < first + EVENTS; i++) {
        while (receiver_count(r) <= i) {
            hooks_wake(bed_hooks);
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        }
        uint64_t id = (uint64_t)atoll(receiver_await(r, i)->id);
        ck_assert_msg(id >= first && id <= next, "allocation %zu: %d came where %d is next", n, (int)id, (int)next);
        next += id == next;
    }
}

/* SOURCE: from the disk, where memory has them no more; AGAIN: what was sent before. */
static void deliver_starved(bool from_disk, bool again)
{
    bool starved = true;
    uint64_t last = 0;

    starve_spare(); /* this thread: what it asks for is another test's */
    began_us = clock_mono_us(&clock_system);
    bed_close();
    bed_config.clock = &fast_clock;
    bed_open();
    start();
    create("a", r);
    size_t n = 0;
    for (; starved; n++) {
        ck_assert_uint_lt(n, ROUNDS_MAX);
        uint64_t first = last + 1;
        size_t from = receiver_count(r);
        edit("a", (struct hook_edit){.has_paused = true, .paused = true});
        for (int i = 0; i < EVENTS; i++)
            last = bed_happen("anna", "call");
        if (from_disk)
            bed_push_out(last);
        if (again) {
            edit("a", (struct hook_edit){.has_paused = true});
            all_come(n, from, first);
            edit("a", (struct hook_edit){.has_paused = true, .paused = true});
            from = receiver_count(r);
            ck_assert_uint_ge(replay("a", (struct hook_replay){.after = first - 1}), EVENTS);
        }
        struct fault f;
        starve_at(n);
        while (hooks_edit(bed_hooks, "a", &(struct hook_edit){.has_paused = true}, &f) != 0)
            ck_assert_int_eq(f.err, TGC_ENOMEM);
        all_come(n, from, first);
        starved = starve_end();
    }
    uint64_t id = bed_happen("anna", "call");
    size_t i = 0;
    while ((uint64_t)atoll(receiver_await(r, i)->id) != id)
        i++;
    ck_assert_uint_eq(receiver_count(r), i + 1);
}

START_TEST(what_happens_is_delivered_in_its_order_all_the_same)
{
    deliver_starved(false, false);
}
END_TEST

START_TEST(what_is_read_from_the_disk_is_delivered_too)
{
    deliver_starved(true, false);
}
END_TEST

START_TEST(what_is_sent_again_comes_too)
{
    deliver_starved(true, true);
}
END_TEST

Suite *suite_starved(void)
{
    Suite *s = suite_create("starved");
    TCase *t = tcase_create("asked"), *d = tcase_create("delivered");

    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_test(t, what_was_asked_for_is_as_it_was_told);
    suite_add_tcase(s, t);
    tcase_set_timeout(d, 60);
    tcase_add_unchecked_fixture(d, temp_make, temp_remove);
    tcase_add_checked_fixture(d, deliver_set_up, deliver_tear_down);
    tcase_add_test(d, what_happens_is_delivered_in_its_order_all_the_same);
    tcase_add_test(d, what_is_read_from_the_disk_is_delivered_too);
    tcase_add_test(d, what_is_sent_again_comes_too);
    suite_add_tcase(s, d);
    return s;
}
