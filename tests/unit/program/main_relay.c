#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/temp.h"
#include "tests/support/unit.h"
#include "tests/unit/program/relay_bed.h"
#include "tests/unit/program/suites.h"

/* By hand: with "SECONDS IN_FLIGHT" in $TGCALLD_RELAY_BENCH it only measures. */
enum { IN_FLIGHT_MAX = 1024 };

struct lap {
    struct bed_asked asked;
    int64_t since_us;
};

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void begin(struct bed_node *n, struct lap *lap)
{
    lap->since_us = bed_now();
    bed_ask(n, bed_job("a title", NULL, 30 * SECOND_US), &lap->asked);
}

static void bench(int seconds, size_t in_flight)
{
    static struct lap laps[IN_FLIGHT_MAX];
    struct bed_node asker, holder;
    size_t n = 0, cap = 4 << 20;
    int64_t *times = calloc(cap, sizeof(*times));

    bed_set_up();
    bed_start(&asker, 1, IN_FLIGHT_MAX);
    bed_start(&holder, 2, IN_FLIGHT_MAX * 2);
    relay_serve(holder.relay, true);
    int64_t began = bed_now(), end = began + seconds * SECOND_US, next = began + SECOND_US;
    for (size_t i = 0; i < in_flight; i++)
        begin(&asker, &laps[i]);
    for (size_t i = 0, left = in_flight; left > 0; i = (i + 1) % in_flight) {
        if (laps[i].since_us == 0)
            continue;
        struct job *job = bed_await(&laps[i].asked);
        int64_t now = bed_now();
        ck_assert_ptr_null(job->problem);
        times[n++ % cap] = now - laps[i].since_us;
        job_free(job);
        laps[i].since_us = 0;
        if (now < end)
            begin(&asker, &laps[i]);
        else
            left--;
        if (now > next) {
            next += SECOND_US;
            fprintf(stderr, "%zu done; the table has %d pages\n", n,
                    (int)bed_number("SELECT pg_relation_size('tgcalld_job') / 8192"));
        }
    }
    double took = (double)(bed_now() - began) / 1e6;
    qsort(times, n, sizeof(*times), by_time);
    fprintf(stderr, "%zu in flight: %.0f a second, p50 %.2f ms, p99 %.2f ms\n", in_flight, (double)n / took,
            (double)times[n / 2] / 1e3, (double)times[n * 99 / 100] / 1e3);
    bed_stop(&asker);
    bed_stop(&holder);
    bed_tear_down();
    free(times);
}

START_TEST(measure)
{
    int seconds = 1, in_flight = 1;

    ck_assert_int_eq(sscanf(getenv("TGCALLD_RELAY_BENCH"), "%d %d", &seconds, &in_flight), 2);
    bench(seconds, (size_t)in_flight);
}
END_TEST

static Suite *suite_bench(void)
{
    Suite *s = suite_create("bench");
    TCase *t = tcase_create("bench");

    tcase_set_timeout(t, 600);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_test(t, measure);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    Suite *suites[] = {getenv("TGCALLD_RELAY_BENCH") ? suite_bench() : suite_relay(), NULL};

    return unit_main(suites);
}
