#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/metrics.h"
#include "daemon/base/process_metrics.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

static struct metrics *metrics;
static struct buf text;

static void up(void)
{
    ck_assert_int_eq(metrics_new(2, &metrics), 0);
    buf_init(&text, 16 << 20);
}

static void down(void)
{
    metrics_free(metrics);
    buf_fini(&text);
}

static const char *written(void)
{
    buf_reset(&text);
    metrics_put(metrics, &text);
    const char *all = buf_text(&text);
    ck_assert_ptr_nonnull(all);
    return all;
}

/* LINE is there, whole and once. */
static void expect_line(const char *all, const char *line)
{
    char whole[512];
    int n = snprintf(whole, sizeof(whole), "\n%s\n", line);
    const char *at = strstr(all, whole);

    ck_assert_msg(at != NULL, "%s is not in:\n%s", line, all);
    ck_assert_msg(!strstr(at + n - 1, whole), "%s is there twice", line);
}

START_TEST(what_threads_count_is_summed)
{
    meter_add(metrics_meter(metrics, 0), METER_UPDATES, 2);
    meter_add(metrics_meter(metrics, 1), METER_UPDATES, 3);
    meter_add(metrics_meter(metrics, 0), METER_ACCOUNT_READY, 1);
    meter_add(metrics_meter(metrics, 1), METER_ACCOUNT_READY, 2);
    meter_add(metrics_meter(metrics, 1), METER_ACCOUNT_READY, -1);
    const char *all = written();
    expect_line(all, "tgcalld_updates_total 5");
    expect_line(all, "tgcalld_accounts{state=\"ready\"} 2");
    expect_line(all, "tgcalld_accounts{state=\"wait_login\"} 0");
    expect_line(all, "# TYPE tgcalld_accounts gauge");
    expect_line(all, "# TYPE tgcalld_updates_total counter");
}
END_TEST

START_TEST(a_time_counts_in_each_bucket_that_is_as_long)
{
    static const int64_t times[] = {-5, 100, 101, 1000000, INT64_C(200000000)};

    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        meter_time(metrics_meter(metrics, i % 2), METER_STORE_COMMIT, times[i]);
    const char *all = written();
    expect_line(all, "tgcalld_store_commit_seconds_bucket{le=\"0.0001\"} 2");
    expect_line(all, "tgcalld_store_commit_seconds_bucket{le=\"0.0003\"} 3");
    expect_line(all, "tgcalld_store_commit_seconds_bucket{le=\"0.3\"} 3");
    expect_line(all, "tgcalld_store_commit_seconds_bucket{le=\"1\"} 4");
    expect_line(all, "tgcalld_store_commit_seconds_bucket{le=\"100\"} 4");
    expect_line(all, "tgcalld_store_commit_seconds_bucket{le=\"+Inf\"} 5");
    expect_line(all, "tgcalld_store_commit_seconds_sum 201.000201");
    expect_line(all, "tgcalld_store_commit_seconds_count 5");
}
END_TEST

static void put_more(void *ctx, struct buf *out)
{
    metrics_put_histogram(out, "tgcalld_more_seconds", "More.", ctx);
}

START_TEST(what_else_there_is_to_tell_is_put_too)
{
    struct histogram times = {0};

    histogram_add(&times, 100);
    histogram_add(&times, 2000000);
    ck_assert_ptr_null(strstr(written(), "tgcalld_more_seconds"));
    metrics_also(metrics, put_more, &times);
    const char *all = written();
    expect_line(all, "# TYPE tgcalld_more_seconds histogram");
    expect_line(all, "tgcalld_more_seconds_bucket{le=\"0.0001\"} 1");
    expect_line(all, "tgcalld_more_seconds_bucket{le=\"+Inf\"} 2");
    expect_line(all, "tgcalld_more_seconds_sum 2.000100");
    expect_line(all, "tgcalld_updates_total 0");
}
END_TEST

START_TEST(what_has_a_name_is_one_row_however_many_threads_count_it)
{
    char same[] = "/v1/calls"; /* at another address */

    meter_time_named(metrics_meter(metrics, 0), METER_HTTP, "/v1/calls", "POST", 201, 2000);
    meter_time_named(metrics_meter(metrics, 1), METER_HTTP, same, "POST", 201, 4000);
    meter_time_named(metrics_meter(metrics, 1), METER_HTTP, same, "POST", 409, 4000);
    meter_time_named(metrics_meter(metrics, 1), METER_RPC, "phone.createGroupCall", "ok", 0, 50000);
    const char *all = written();
    expect_line(all, "tgcalld_http_requests_total{method=\"POST\",route=\"/v1/calls\",status=\"201\"} 2");
    expect_line(all, "tgcalld_http_requests_total{method=\"POST\",route=\"/v1/calls\",status=\"409\"} 1");
    expect_line(
        all, "tgcalld_http_request_seconds_bucket{method=\"POST\",route=\"/v1/calls\",status=\"201\",le=\"0.003\"} 1");
    expect_line(all, "tgcalld_http_request_seconds_sum{method=\"POST\",route=\"/v1/calls\",status=\"201\"} 0.006000");
    expect_line(all, "tgcalld_rpcs_total{method=\"phone.createGroupCall\",outcome=\"ok\"} 1");
}
END_TEST

START_TEST(more_names_than_there_is_room_for_are_one)
{
    static char names[2 * METER_ROWS_MAX][8];
    struct meter *m = metrics_meter(metrics, 0);

    for (size_t i = 0; i < 2 * METER_ROWS_MAX; i++) {
        snprintf(names[i], sizeof(names[i]), "m%zu", i);
        meter_time_named(m, METER_RPC, names[i], "ok", 0, 1);
        meter_time_named(m, METER_RPC, names[0], "ok", 0, 1);
    }
    const char *all = written();
    char line[96];
    snprintf(line, sizeof(line), "tgcalld_rpcs_total{method=\"m0\",outcome=\"ok\"} %d", 2 * METER_ROWS_MAX + 1);
    expect_line(all, line);
    snprintf(line, sizeof(line), "tgcalld_rpcs_total{method=\"m%d\",outcome=\"ok\"} 1", METER_ROWS_MAX - 2);
    expect_line(all, line);
    snprintf(line, sizeof(line), "tgcalld_rpcs_total{method=\"other\",outcome=\"other\"} %d", METER_ROWS_MAX + 1);
    expect_line(all, line);
}
END_TEST

START_TEST(a_meter_that_is_not_there_counts_nothing)
{
    ck_assert_ptr_null(metrics_meter(NULL, 3));
    meter_add(NULL, METER_EVENTS, 1);
    meter_time(NULL, METER_UPDATE_LAG, 1);
    meter_time_named(NULL, METER_HTTP, "/", "GET", 200, 1);
    metrics_put(NULL, &text);
    ck_assert_uint_eq(text.len, 0);
    metrics_free(NULL);
}
END_TEST

START_TEST(a_text_without_room_is_an_error)
{
    buf_fini(&text);
    buf_init(&text, 1000);
    metrics_put(metrics, &text);
    ck_assert_int_eq(buf_err(&text), TGC_ELIMIT);
}
END_TEST

enum { ROUNDS = 20000 };

static void *count(void *meter)
{
    static char names[40][8];

    for (int i = 0; i < ROUNDS; i++) {
        meter_add(meter, METER_EVENTS, 1);
        meter_time_named(meter, METER_HTTP, names[i % 40], "GET", 200 + (unsigned)i % 7, i);
    }
    return NULL;
}

START_TEST(one_may_read_while_others_count)
{
    pthread_t threads[2];
    char line[64];

    for (size_t i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, count, metrics_meter(metrics, i)), 0);
    for (int i = 0; i < 20; i++)
        (void)written();
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    snprintf(line, sizeof(line), "tgcalld_events_total %d", 2 * ROUNDS);
    expect_line(written(), line);
}
END_TEST

static double value_of(const char *all, const char *family)
{
    char start[64];
    double value;

    snprintf(start, sizeof(start), "\n%s ", family);
    const char *at = strstr(all, start);
    ck_assert_msg(at && sscanf(at + strlen(start), "%lf", &value) == 1, "no %s in:\n%s", family, all);
    return value;
}

START_TEST(the_process_tells_of_itself)
{
    process_metrics_put(&text);
    const char *all = buf_text(&text);
    ck_assert(value_of(all, "process_cpu_seconds_total") >= 0);
    ck_assert(value_of(all, "process_resident_memory_bytes") > 100000);
    ck_assert(value_of(all, "process_virtual_memory_bytes") >= value_of(all, "process_resident_memory_bytes"));
    ck_assert(value_of(all, "process_open_fds") >= 1);
    ck_assert(value_of(all, "process_max_fds") >= value_of(all, "process_open_fds"));
    ck_assert(value_of(all, "process_threads") >= 1);
    /* Within an hour of now, whatever the machine is doing. */
    double age = (double)clock_wall_us(&clock_system) / SECOND_US - value_of(all, "process_start_time_seconds");
    ck_assert_msg(age > -2 && age < 3600, "%g", age);
}
END_TEST

Suite *suite_metrics(void)
{
    Suite *s = suite_create("metrics");
    TCase *t = tcase_create("metrics");

    tcase_add_checked_fixture(t, up, down);
    tcase_add_test(t, what_threads_count_is_summed);
    tcase_add_test(t, a_time_counts_in_each_bucket_that_is_as_long);
    tcase_add_test(t, what_else_there_is_to_tell_is_put_too);
    tcase_add_test(t, what_has_a_name_is_one_row_however_many_threads_count_it);
    tcase_add_test(t, more_names_than_there_is_room_for_are_one);
    tcase_add_test(t, a_meter_that_is_not_there_counts_nothing);
    tcase_add_test(t, a_text_without_room_is_an_error);
    tcase_add_test(t, one_may_read_while_others_count);
    tcase_add_test(t, the_process_tells_of_itself);
    suite_add_tcase(s, t);
    return s;
}
