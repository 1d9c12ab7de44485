#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/base/log_writer.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

/* A pipe in stderr's place. What is asserted in between would be said into it: each test takes it back first. */
static int ends[2], saved;
static struct fault fault;

static void take_stderr(void)
{
    ck_assert_int_eq(pipe(ends), 0);
    saved = dup(STDERR_FILENO);
    ck_assert_int_ge(saved, 0);
    dup2(ends[1], STDERR_FILENO);
    log_setup(LOG_LEVEL_INFO, LOG_FORMAT_JOURNAL);
}

static void give_back(void)
{
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    log_setup(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
}

/* Reads until nobody writes any more; the text, for free(). */
static char *read_all(void)
{
    char *text = malloc(4 << 20);
    size_t n = 0;
    ssize_t got;

    ck_assert_ptr_nonnull(text);
    while ((got = read(ends[0], text + n, (4 << 20) - 1 - n)) > 0)
        n += (size_t)got;
    text[n] = '\0';
    close(ends[0]);
    return text;
}

static void *read_in_thread(void *ctx)
{
    return read_all();
}

enum { THREADS = 4, EVENTS = 500 };

static void *log_some(void *ctx)
{
    for (int i = 0; i < EVENTS; i++)
        log_info("room", "%s %d", (const char *)ctx, i);
    return NULL;
}

START_TEST(every_event_of_every_thread_comes_whole_and_in_its_order)
{
    char names[THREADS][16], *save = NULL;
    pthread_t threads[THREADS], reader;
    int next[THREADS] = {0}, other = 0;
    void *text;

    take_stderr();
    int started = log_writer_start(&fault);
    pthread_create(&reader, NULL, read_in_thread, NULL);
    for (int i = 0; i < THREADS; i++) {
        snprintf(names[i], sizeof(names[i]), "t%d", i);
        pthread_create(&threads[i], NULL, log_some, names[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    log_writer_stop();
    give_back();
    pthread_join(reader, &text);
    ck_assert_int_eq(started, 0);
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        int thread, number;
        if (sscanf(line, "<6>room: t%d %d", &thread, &number) != 2 || number != next[thread]++)
            other++;
    }
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(next[i], EVENTS);
    ck_assert_int_eq(other, 0);
    free(text);
}
END_TEST

START_TEST(who_logs_does_not_wait_for_a_reader_and_what_had_no_room_is_counted)
{
    enum { MANY = 3 * LIMIT_LOG_WAITING / 100 };
    char *save = NULL, dots[101];
    unsigned long long lost = 0, kept = 0, some;

    memset(dots, '.', 100);
    dots[100] = '\0';
    take_stderr();
    int started = log_writer_start(&fault);
    for (int i = 0; i < MANY; i++)
        log_info("room", "%d %s", i, dots);
    pthread_t reader;
    void *text;
    pthread_create(&reader, NULL, read_in_thread, NULL);
    log_writer_stop();
    give_back();
    pthread_join(reader, &text);
    ck_assert_int_eq(started, 0);
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        int number;
        if (sscanf(line, "<6>room: %d .", &number) == 1)
            kept++;
        else if (sscanf(line, "<4>log: %llu events are not in this log", &some) == 1)
            lost += some;
    }
    ck_assert_uint_gt(lost, 0);
    ck_assert_uint_eq(kept + lost, MANY);
    free(text);
}
END_TEST

START_TEST(a_stop_gives_up_a_reader_that_takes_nothing)
{
    take_stderr();
    int started = log_writer_start(&fault);
    for (int i = 0; i < 5000; i++)
        log_info("room", "%d", i);
    log_writer_stop();
    for (int i = 0; i < 5000; i++)
        log_info("room", "nobody waits for this either");
    /* The thread is in a write to the pipe still: stderr is not given back, but a failure has to be heard. */
    dup2(saved, STDERR_FILENO);
    ck_assert_int_eq(started, 0);
}
END_TEST

START_TEST(after_the_stop_who_logs_writes)
{
    take_stderr();
    int started = log_writer_start(&fault);
    log_info("room", "first");
    log_writer_stop();
    log_info("room", "second");
    int again = log_writer_start(&fault);
    log_info("room", "third");
    log_writer_stop();
    give_back();
    char *text = read_all();
    ck_assert_int_eq(started, 0);
    ck_assert_int_eq(again, 0);
    ck_assert_str_eq(text, "<6>room: first\n<6>room: second\n<6>room: third\n");
    free(text);
}
END_TEST

static char journal[512];
static int journal_refuses_after;

static int take_pairs(const struct iovec *pairs, int n)
{
    size_t used = strlen(journal);

    if (journal_refuses_after-- <= 0)
        return -1;
    for (int i = 0; i < n; i++)
        used += (size_t)snprintf(journal + used, sizeof(journal) - used, "%.*s|", (int)pairs[i].iov_len,
                                 (const char *)pairs[i].iov_base);
    return 0;
}

START_TEST(the_journal_gets_its_fields_and_stderr_what_it_refuses)
{
    const struct log_field fields[] = {log_text("method", "POST"), log_integer("status", 201)};

    log_setup_journal(take_pairs);
    journal_refuses_after = 2;
    take_stderr();
    int started = log_writer_start(&fault);
    log_event(LOG_LEVEL_INFO, "room", "one", fields, 2);
    log_warning("room", "two");
    log_event(LOG_LEVEL_INFO, "room", "three", fields, 2);
    log_writer_stop();
    give_back();
    log_setup_journal(NULL);
    char *text = read_all();
    ck_assert_int_eq(started, 0);
    ck_assert_str_eq(journal, "MESSAGE=room: one|PRIORITY=6|SYSLOG_IDENTIFIER=tgcalld|TGCALLD_ROOM=room|"
                              "TGCALLD_METHOD=POST|TGCALLD_STATUS=201|"
                              "MESSAGE=room: two|PRIORITY=4|SYSLOG_IDENTIFIER=tgcalld|TGCALLD_ROOM=room|");
    ck_assert_str_eq(text, "<6>room: three method=POST status=201\n");
    free(text);
}
END_TEST

Suite *suite_log_writer(void)
{
    Suite *s = suite_create("log_writer");
    TCase *t = tcase_create("log_writer");

    tcase_add_test(t, every_event_of_every_thread_comes_whole_and_in_its_order);
    tcase_add_test(t, who_logs_does_not_wait_for_a_reader_and_what_had_no_room_is_counted);
    tcase_add_test(t, a_stop_gives_up_a_reader_that_takes_nothing);
    tcase_add_test(t, after_the_stop_who_logs_writes);
    tcase_add_test(t, the_journal_gets_its_fields_and_stderr_what_it_refuses);
    suite_add_tcase(s, t);
    return s;
}
