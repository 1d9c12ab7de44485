/* Each allocation fails in turn: it is said, nothing is held that should not be, and with the next look all is there.
 */
#include "daemon/base/clock.h"
#include "daemon/cluster/node.h"
#include "tests/support/starve.h"
#include "tests/support/unit.h"
#include "tests/unit/cluster/database.h"
#include "tests/unit/cluster/suites.h"

enum { ROUNDS_MAX = 50, ACCOUNTS = 3 };

static bool is_told;

static void answer(struct cluster_node *n, struct database *db, int64_t now_us, const struct cluster_statement *s)
{
    starve_pause();
    struct database_answer *a = database_run(db, s);
    starve_resume();
    int err = cluster_node_answer(n, now_us, &a->answer);
    starve_pause();
    ck_assert(!err || err == TGC_ENOMEM);
    is_told |= err != 0;
    database_answer_free(a);
    starve_resume();
}

static void pump(struct cluster_node *n, struct database *db, int64_t now_us)
{
    const struct cluster_statement *s;
    struct cluster_order order;

    for (;;) {
        while (cluster_node_order(n, now_us, &order))
            ;
        if (!(s = cluster_node_statement(n, now_us)))
            return;
        answer(n, db, now_us, s);
    }
}

START_TEST(a_starved_node_says_so_and_recovers)
{
    bool is_starved = true;
    size_t k = 0;

    for (; is_starved; k++) {
        struct cluster_lease_row leases[ACCOUNTS] = {{.account = 1}, {.account = 2}, {.account = 3}};
        struct database db = {.leases = leases, .leases_n = ACCOUNTS};
        struct cluster_node *n = NULL;
        ck_assert_uint_lt(k, ROUNDS_MAX);
        is_told = false;
        starve_at(k);
        int err = cluster_node_new("a", "", 6 * SECOND_US, 0, &n);
        if (!err) {
            cluster_node_ready(n, 0);
            pump(n, &db, 0);
        }
        is_starved = starve_end();
        ck_assert(is_starved == (err == TGC_ENOMEM || is_told));
        if (!err) {
            cluster_node_tick(n, SECOND_US);
            pump(n, &db, SECOND_US);
            for (int64_t i = 1; i <= ACCOUNTS; i++)
                ck_assert_int_gt(cluster_node_epoch(n, i), 0);
        }
        cluster_node_free(n);
    }
    /* The node, its address, the table and three accounts. */
    ck_assert_uint_ge(k, 6);
}
END_TEST

Suite *suite_starved(void)
{
    Suite *s = suite_create("starved");
    TCase *c = tcase_create("starved");

    tcase_add_test(c, a_starved_node_says_so_and_recovers);
    suite_add_tcase(s, c);
    return s;
}
