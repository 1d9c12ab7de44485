/* The statements of nodes at a server. */
#include <stdlib.h>
#include <string.h>

#include "daemon/cluster/statement.h"
#include "daemon/store/cluster_sql.h"
#include "tests/support/temp.h"
#include "tests/unit/store/db_bed.h"
#include "tests/unit/store/suites.h"

#define LEASE_US (6 * SECOND_US)

static struct cluster_rows rows;
static struct cluster_answer answer;
static uint64_t seq;

static enum cluster_result ask(struct db *db, struct cluster_statement s)
{
    s.seq = ++seq;
    must(cluster_sql_run(db, &s, &rows, &answer, &fault));
    ck_assert_uint_eq(answer.seq, seq);
    return answer.result;
}

static int64_t registered(struct db *db, const char *name)
{
    ck_assert_int_eq(ask(db,
                         (struct cluster_statement){
                             .kind = CLUSTER_REGISTER, .name = name, .url = "http://there", .lease_us = LEASE_US}),
                     CLUSTER_DONE);
    int64_t id = answer.id;
    ck_assert_int_eq(ask(db, (struct cluster_statement){.kind = CLUSTER_RENEW, .id = id}), CLUSTER_DONE);
    return id;
}

/* The new epoch; 0: it was not taken. */
static int64_t take(struct db *db, int64_t id, int64_t epoch)
{
    struct cluster_statement s = {
        .kind = CLUSTER_TAKE, .id = id, .n = 1, .claims = {{.account = CLUSTER_LEAD, .epoch = epoch}}};

    ask(db, s);
    return answer.taken_n ? answer.taken[0].epoch : 0;
}

START_TEST(one_node_at_a_time_has_the_lease)
{
    struct db *db = open_one(true, 0);

    must(cluster_sql_prepare(db, &fault));
    must(cluster_sql_prepare(db, &fault));
    int64_t one = registered(db, "one"), two = registered(db, "two");
    ck_assert_int_gt(two, one);
    ck_assert_int_eq(take(db, one, 0), 1);
    ck_assert_int_eq(take(db, two, 1), 0);
    ck_assert_int_eq(take(db, two, 0), 0);
    ck_assert_int_eq(ask(db, (struct cluster_statement){.kind = CLUSTER_LOOK}), CLUSTER_DONE);
    ck_assert_uint_eq(answer.nodes_n, 2);
    ck_assert_str_eq(answer.nodes[0].name, "one");
    ck_assert_str_eq(rows.urls[0], "http://there");
    ck_assert_int_eq(answer.nodes[0].until_us - answer.now_us <= LEASE_US, 1);
    ck_assert_uint_eq(answer.leases_n, 1);
    ck_assert_int_eq(answer.leases[0].node, one);
    ck_assert_int_eq(answer.leases[0].epoch, 1);
    /* A release bears the epoch that it was meant for. */
    ask(db, (struct cluster_statement){
                .kind = CLUSTER_RELEASE, .id = one, .n = 1, .claims = {{.account = CLUSTER_LEAD, .epoch = 0}}});
    ck_assert_int_eq(take(db, two, 1), 0);
    ask(db, (struct cluster_statement){
                .kind = CLUSTER_RELEASE, .id = one, .n = 1, .claims = {{.account = CLUSTER_LEAD, .epoch = 1}}});
    ck_assert_int_eq(take(db, two, 1), 2);
    ck_assert_int_eq(ask(db, (struct cluster_statement){.kind = CLUSTER_LEAVE, .id = two}), CLUSTER_DONE);
    ck_assert_int_eq(take(db, two, 2), 0);
    ck_assert_int_eq(take(db, one, 2), 3);
    free(rows.leases);
    memset(&rows, 0, sizeof(rows));
    db_close(db);
}
END_TEST

START_TEST(a_lease_that_was_removed_is_nobodys_until_all_that_was_sent_under_it_is_over)
{
    struct db *db = open_one(true, 0);
    struct cluster_statement bury = {.kind = CLUSTER_BURY, .beat = 1, .margin_us = SECOND_US};

    must(cluster_sql_prepare(db, &fault));
    int64_t one = registered(db, "one"), two = registered(db, "two");
    ck_assert_int_eq(take(db, one, 0), 1);
    /* As it is there: nothing is put back, and nothing made. */
    must(cluster_sql_put_back(db, two, 7, &fault));
    must(cluster_sql_make_anew(db, &fault));
    ck_assert_int_eq(number(db, "SELECT epoch FROM tgcalld_lease"), 1);
    must(db_exec(db, "DELETE FROM tgcalld_lease", &fault));
    /* Nor does who comes to the database make a free one. And what was another's goes along. */
    must(db_exec(db, "INSERT INTO tgcalld_lease VALUES (1, 3, 4)", &fault));
    must(cluster_sql_prepare(db, &fault));
    ck_assert_int_eq(number(db, "SELECT count(*) FROM tgcalld_lease WHERE account_id = 0"), 0);
    must(cluster_sql_make_anew(db, &fault));
    must(cluster_sql_make_anew(db, &fault));
    ck_assert_int_eq(number(db, "SELECT count(*) FROM tgcalld_lease"), 1);
    int64_t epoch = number(db, "SELECT epoch FROM tgcalld_lease");
    ck_assert_int_gt(epoch, 1);
    ck_assert_int_eq(ask(db, (struct cluster_statement){.kind = CLUSTER_RENEW, .id = one}), CLUSTER_REFUSED);
    ck_assert_int_eq(ask(db, (struct cluster_statement){.kind = CLUSTER_RENEW, .id = two}), CLUSTER_REFUSED);
    int64_t anew = registered(db, "two");
    ck_assert_int_eq(take(db, anew, epoch), 0);
    bury.id = number(db, "SELECT node FROM tgcalld_lease");
    ck_assert_int_eq(ask(db, bury), CLUSTER_REFUSED);
    must(db_exec(db, "UPDATE tgcalld_node SET until_us = until_us - 60000000 WHERE leaving = 1", &fault));
    ck_assert_int_eq(ask(db, bury), CLUSTER_DONE);
    ck_assert_int_eq(take(db, anew, epoch), epoch + 1);
    /* Who was buried puts nothing back. */
    must(db_exec(db, "DELETE FROM tgcalld_lease", &fault));
    must(cluster_sql_put_back(db, one, 1, &fault));
    ck_assert_int_eq(number(db, "SELECT count(*) FROM tgcalld_lease"), 0);
    must(cluster_sql_put_back(db, anew, epoch + 1, &fault));
    ck_assert_int_eq(number(db, "SELECT count(*) FROM tgcalld_lease"), 1);
    db_close(db);
}
END_TEST

START_TEST(a_node_that_lives_is_not_buried_and_one_that_was_begins_anew)
{
    struct db *db = open_one(true, 0);
    struct cluster_statement bury = {.kind = CLUSTER_BURY, .beat = 1, .margin_us = SECOND_US};

    must(cluster_sql_prepare(db, &fault));
    bury.id = registered(db, "one");
    ck_assert_int_eq(take(db, bury.id, 0), 1);
    ck_assert_int_eq(ask(db, bury), CLUSTER_REFUSED);
    must(db_exec(db, "UPDATE tgcalld_node SET until_us = until_us - 60000000", &fault));
    bury.beat = 2;
    ck_assert_int_eq(ask(db, bury), CLUSTER_REFUSED);
    bury.beat = 1;
    ck_assert_int_eq(ask(db, bury), CLUSTER_DONE);
    ck_assert_int_eq(ask(db, (struct cluster_statement){.kind = CLUSTER_RENEW, .id = bury.id}), CLUSTER_REFUSED);
    int64_t anew = registered(db, "one");
    ck_assert_int_gt(anew, bury.id);
    ck_assert_int_eq(take(db, bury.id, 1), 0);
    ck_assert_int_eq(take(db, anew, 1), 2);
    db_close(db);
}
END_TEST

Suite *suite_cluster_sql(void)
{
    Suite *s = suite_create("cluster_sql");
    TCase *t = tcase_create("cluster_sql");

    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_test(t, one_node_at_a_time_has_the_lease);
    tcase_add_test(t, a_lease_that_was_removed_is_nobodys_until_all_that_was_sent_under_it_is_over);
    tcase_add_test(t, a_node_that_lives_is_not_buried_and_one_that_was_begins_anew);
    suite_add_tcase(s, t);
    return s;
}
