/* Who may write a server's database: nodes beside each other, or a daemon alone. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/store/cluster_sql.h"
#include "tests/support/a_node.h"
#include "tests/support/temp.h"
#include "tests/unit/store/db_bed.h"
#include "tests/unit/store/suites.h"

static void write_mark(struct db *db, int64_t n)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "INSERT INTO mark (n) VALUES (%d)", (int)n);
    must(db_begin(db, &fault));
    must(db_exec(db, sql, &fault));
    must(db_commit(db, &fault));
}

/* Two nodes that write the same database. */
static void open_nodes(struct db **ret_one, struct db **ret_other)
{
    a_node(bed_config.url, 5);
    a_node(bed_config.url, 6);
    *ret_one = open_one(false, 5);
    *ret_other = open_one(false, 6);
    must(db_claim(*ret_one, &fault));
    must(db_claim(*ret_other, &fault));
    must(db_exec(*ret_one, "CREATE TABLE mark (n BIGINT)", &fault));
    write_mark(*ret_one, 1);
    write_mark(*ret_other, 2);
}

START_TEST(who_was_buried_in_the_midst_of_a_transaction_holds_nobody_up_and_writes_no_more)
{
    struct db *one, *other;
    bool is_committed;

    open_nodes(&one, &other);
    must(db_begin(one, &fault));
    must(db_exec(one, "INSERT INTO mark (n) VALUES (3)", &fault));
    int64_t begun_us = clock_mono_us(&clock_system);
    ck_assert(a_node_is_buried(bed_config.url, 5));
    ck_assert_int_lt(clock_mono_us(&clock_system) - begun_us, 4 * SECOND_US); /* less than a lock is waited for */
    ck_assert_int_eq(db_commit(one, &fault), TGC_EAWAY);
    db_rollback(one);
    ck_assert_int_eq(db_recover(one, &is_committed, &fault), TGC_EBUSY);
    write_mark(other, 4);
    ck_assert_int_eq(number(other, "SELECT sum(n)::BIGINT FROM mark"), 7);
    ck_assert_int_eq(number(other, "SELECT count(*) FROM tgcalld_writer"), 1);
    db_close(one);
    db_close(other);
}
END_TEST

START_TEST(who_is_no_node_any_more_becomes_no_writer)
{
    struct db *one;

    a_node(bed_config.url, 5);
    ck_assert(a_node_is_buried(bed_config.url, 5));
    ck_assert(!a_node_is_buried(bed_config.url, 5));
    one = open_one(false, 5);
    ck_assert_int_eq(db_claim(one, &fault), TGC_EBUSY);
    db_close(one);
}
END_TEST

static void end_backend_of(struct db *db, int64_t node)
{
    char sql[200];

    snprintf(sql, sizeof(sql),
             "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'tgcalld node %d'",
             (int)node);
    ck_assert_int_eq(number(db, sql), 1);
}

START_TEST(each_node_learns_from_its_own_row_what_became_of_its_last_transaction)
{
    struct db *one, *other;
    bool is_committed;

    open_nodes(&one, &other);
    for (int n = 0; n < 2; n++) {
        must(db_begin(one, &fault));
        must(db_exec(one, "INSERT INTO mark (n) VALUES (8)", &fault));
        end_backend_of(other, 5);
        ck_assert_int_eq(db_commit(one, &fault), TGC_EAWAY);
        db_rollback(one);
        ck_assert(db_is_unsure(one));
        write_mark(other, 16);
        /* The second time as if it had been written. */
        if (n)
            must(db_exec(other, "UPDATE tgcalld_writer SET serial = serial + 1 WHERE id = 5", &fault));
        must(db_recover(one, &is_committed, &fault));
        ck_assert_int_eq(is_committed, n);
        write_mark(other, 32);
        write_mark(one, 64);
    }
    ck_assert_int_eq(number(other, "SELECT sum(n)::BIGINT FROM mark"), 3 + 2 * (16 + 32 + 64));
    db_close(one);
    db_close(other);
}
END_TEST

START_TEST(a_node_whose_epoch_was_raised_comes_back_and_goes_on)
{
    struct db *one, *other;
    bool is_committed;

    open_nodes(&one, &other);
    must(db_exec(other, "UPDATE tgcalld_writer SET epoch = epoch + 1 WHERE id = 5", &fault));
    must(db_begin(one, &fault));
    int err = db_exec(one, "INSERT INTO mark (n) VALUES (8)", &fault);
    if (!err)
        err = db_commit(one, &fault);
    db_rollback(one);
    ck_assert_int_eq(err, TGC_EAWAY);
    must(db_recover(one, &is_committed, &fault));
    ck_assert(!is_committed);
    write_mark(one, 4);
    ck_assert_int_eq(number(other, "SELECT sum(n)::BIGINT FROM mark"), 7);
    db_close(one);
    db_close(other);
}
END_TEST

START_TEST(a_daemon_alone_and_nodes_fence_out_each_other)
{
    struct db *one, *other, *alone;
    bool is_committed;

    open_nodes(&one, &other);
    db_close(other);
    end_backend_of(alone = open_one(true, 0), 5);
    db_close(alone);
    /* It stood still, and its lease is over. */
    alone = open_one(false, 0);
    must(db_claim(alone, &fault));
    ck_assert_int_eq(db_look(one, &fault), TGC_EAWAY);
    ck_assert_int_eq(db_recover(one, &is_committed, &fault), TGC_EBUSY);
    db_close(alone);
    ck_assert_int_eq(db_recover(one, &is_committed, &fault), TGC_EBUSY);
    db_close(one);
    alone = open_one(false, 0);
    must(db_claim(alone, &fault));
    ck_assert_int_eq(number(alone, "SELECT count(*) FROM tgcalld_writer WHERE id = 0"), 1);
    ck_assert_int_eq(db_exec(alone, "SELECT pg_terminate_backend(pg_backend_pid())", &fault), TGC_EAWAY);
    a_node(bed_config.url, 6);
    other = open_one(false, 6);
    must(db_claim(other, &fault));
    db_close(other);
    ck_assert_int_eq(db_recover(alone, &is_committed, &fault), TGC_EBUSY);
    db_close(alone);
}
END_TEST

START_TEST(a_node_shares_with_no_daemon_that_is_none)
{
    const struct db_server node = {
        .url = bed_config.url, .clock = &clock_system, .patience_us = SECOND_US / 2, .node = 5};
    struct db *one = open_one(false, 0), *other = NULL;

    ck_assert_int_eq(db_open_server(&node, &other, &fault), TGC_EBUSY);
    must(db_look(one, &fault));
    db_close(one);
}
END_TEST

START_TEST(a_daemon_that_is_no_node_shares_with_none)
{
    const struct db_server alone = {.url = bed_config.url, .clock = &clock_system};
    struct db *node = open_one(true, 0), *other = NULL;

    must(cluster_sql_prepare(node, &fault));
    must(db_exec(node,
                 "INSERT INTO tgcalld_node VALUES (1, 'one', '', 1, (extract(epoch FROM clock_timestamp()) * 1000000)"
                 "::BIGINT + 60000000, 1, 0)",
                 &fault));
    ck_assert_int_eq(db_open_server(&alone, &other, &fault), TGC_EBUSY);
    must(db_exec(node, "UPDATE tgcalld_node SET until_us = 1", &fault));
    must(db_open_server(&alone, &other, &fault));
    /* It was the last, so that nobody buried it: if it goes on it renews nothing. */
    ck_assert_int_eq(number(node, "SELECT count(*) FROM tgcalld_node"), 0);
    db_close(other);
    db_close(node);
}
END_TEST

Suite *suite_writers(void)
{
    Suite *s = suite_create("writers");
    TCase *t = tcase_create("writers");

    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_test(t, who_was_buried_in_the_midst_of_a_transaction_holds_nobody_up_and_writes_no_more);
    tcase_add_test(t, who_is_no_node_any_more_becomes_no_writer);
    tcase_add_test(t, each_node_learns_from_its_own_row_what_became_of_its_last_transaction);
    tcase_add_test(t, a_node_whose_epoch_was_raised_comes_back_and_goes_on);
    tcase_add_test(t, a_daemon_alone_and_nodes_fence_out_each_other);
    tcase_add_test(t, a_node_shares_with_no_daemon_that_is_none);
    tcase_add_test(t, a_daemon_that_is_no_node_shares_with_none);
    suite_add_tcase(s, t);
    return s;
}
