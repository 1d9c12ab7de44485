/* Who changed the tokens waits for the nodes that live. */
#include <pthread.h>
#include <string.h>

#include "daemon/store/cluster_sql.h"
#include "daemon/store/heard.h"
#include "tests/support/temp.h"
#include "tests/unit/store/db_bed.h"
#include "tests/unit/store/suites.h"

#define SHORT_US (SECOND_US / 10)
#define LONG_US (20 * SECOND_US)

enum { WRITER = 1, FIRST, SECOND, DEAD };

static void change_tokens(struct db *db, const char *mark)
{
    char sql[160];

    snprintf(sql, sizeof(sql), "DELETE FROM meta WHERE name = 'tokens'; INSERT INTO meta VALUES ('tokens', '%s')",
             mark);
    must(db_exec(db, sql, &fault));
}

/* Three nodes that live and one that does not, at the tables of a store. */
static struct db *with_nodes(void)
{
    struct db *db = open_one(true, 0);

    must(cluster_sql_prepare(db, &fault));
    must(db_exec(
        db,
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value BYTEA NOT NULL);"
        " INSERT INTO tgcalld_node SELECT i, 'n', '', 60000000,"
        " (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT + CASE i WHEN 4 THEN -1 ELSE 60000000 END, 1, 0"
        " FROM generate_series(1, 4) AS t (i)",
        &fault));
    change_tokens(db, "one");
    for (int64_t node = WRITER; node <= DEAD; node++)
        must(heard_note(db, node, "one", &fault));
    return db;
}

static void end_test(struct db *db)
{
    must(db_exec(db, "DROP TABLE meta", &fault));
    db_close(db);
}

static int64_t left_after(int64_t us)
{
    int64_t left = -1;

    must(heard_wait(bed_config.url, WRITER, &clock_system, clock_mono_us(&clock_system) + us, &left, &fault));
    return left;
}

START_TEST(nodes_that_live_are_waited_for_and_no_longer_than_was_said)
{
    struct db *db = with_nodes();

    ck_assert_int_eq(left_after(LONG_US), 0);
    change_tokens(db, "two");
    ck_assert_int_eq(left_after(SHORT_US), 2);
    must(heard_note(db, FIRST, "two", &fault));
    ck_assert_int_eq(left_after(SHORT_US), 1);
    must(heard_note(db, SECOND, "one", &fault));
    ck_assert_int_eq(left_after(SHORT_US), 1);
    must(heard_note(db, SECOND, "two", &fault));
    ck_assert_int_eq(left_after(LONG_US), 0);
    end_test(db);
}
END_TEST

static void *say_so(void *ctx)
{
    struct fault inner = {0};

    ck_assert_int_eq(heard_note(ctx, SECOND, "two", &inner), 0);
    return NULL;
}

START_TEST(what_a_node_says_meanwhile_ends_the_wait)
{
    struct db *db = with_nodes(), *theirs = open_one(true, 0);
    pthread_t thread;

    change_tokens(db, "two");
    must(heard_note(db, FIRST, "two", &fault));
    ck_assert_int_eq(pthread_create(&thread, NULL, say_so, theirs), 0);
    ck_assert_int_eq(left_after(LONG_US), 0);
    pthread_join(thread, NULL);
    db_close(theirs);
    end_test(db);
}
END_TEST

/* As after a crash of the server, which empties the table: it may know them as they were. Of who leaves nothing is
 * heard any more. */
START_TEST(a_node_that_has_said_nothing_is_waited_for)
{
    struct db *db = with_nodes();

    must(db_exec(db, "DELETE FROM tgcalld_heard; UPDATE tgcalld_node SET leaving = 1 WHERE id = 3", &fault));
    ck_assert_int_eq(left_after(SHORT_US), 1);
    must(heard_note(db, FIRST, "one", &fault));
    ck_assert_int_eq(left_after(LONG_US), 0);
    end_test(db);
}
END_TEST

START_TEST(what_nodes_said_that_are_no_more_goes)
{
    struct db *db = with_nodes();
    int64_t n = 0;

    must(db_exec(db, "DELETE FROM tgcalld_node WHERE id = 4", &fault));
    must(heard_note(db, FIRST, "one", &fault));
    must(db_number(db, "SELECT count(*) FROM tgcalld_heard", &n, &fault));
    ck_assert_int_eq(n, 3);
    end_test(db);
}
END_TEST

START_TEST(without_a_database_the_wait_says_so)
{
    int64_t left;

    ck_assert_int_eq(heard_wait("postgresql:///none?host=/nonexistent", WRITER, &clock_system,
                                clock_mono_us(&clock_system) + SHORT_US, &left, &fault),
                     TGC_EAWAY);
    ck_assert(fault.text[0]);
}
END_TEST

Suite *suite_heard(void)
{
    Suite *s = suite_create("heard");
    TCase *t = tcase_create("heard");

    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_test(t, nodes_that_live_are_waited_for_and_no_longer_than_was_said);
    tcase_add_test(t, what_a_node_says_meanwhile_ends_the_wait);
    tcase_add_test(t, a_node_that_has_said_nothing_is_waited_for);
    tcase_add_test(t, what_nodes_said_that_are_no_more_goes);
    tcase_add_test(t, without_a_database_the_wait_says_so);
    suite_add_tcase(s, t);
    return s;
}
