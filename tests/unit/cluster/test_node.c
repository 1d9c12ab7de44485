/* One node (or a few) over a database that answers at once, where nothing goes wrong but what a test says. */
#include "daemon/cluster/node.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/cluster/timing.h"
#include "tests/support/unit.h"
#include "tests/unit/cluster/database.h"
#include "tests/unit/cluster/suites.h"

#define LEASE_US (6 * SECOND_US)

enum { MANY = 10000 };

struct bed {
    int64_t now_us;
    struct database db;
    bool is_deaf;                     /* the database is away: no answer is known to anything */
    bool is_silent[CLUSTER_LOOK + 1]; /* it executes, and the answer is lost */
    unsigned sent[CLUSTER_LOOK + 1];
    unsigned starts, stops, losts;
    bool is_slow; /* the worker takes its time to stop */
};

static void bed_init(struct bed *b, struct cluster_lease_row *leases, size_t n)
{
    *b = (struct bed){.now_us = 1000 * SECOND_US, .db = {.leases = leases, .leases_n = n}};
    for (size_t i = 0; i < n; i++)
        leases[i] = (struct cluster_lease_row){.account = (int64_t)i + 1};
}

/* It can hold no accounts yet. */
static struct cluster_node *bed_coming(struct bed *b, const char *name)
{
    struct cluster_node *n = NULL;

    ck_assert_int_eq(cluster_node_new(name, "http://x", LEASE_US, b->now_us, &n), 0);
    return n;
}

static struct cluster_node *bed_node(struct bed *b, const char *name)
{
    struct cluster_node *n = bed_coming(b, name);

    cluster_node_ready(n, b->now_us);
    return n;
}

static void answer(struct bed *b, struct cluster_node *n, const struct cluster_statement *s)
{
    struct cluster_answer none = {.seq = s->seq, .result = CLUSTER_UNKNOWN};
    enum cluster_kind kind = s->kind;

    b->sent[kind]++;
    if (b->is_deaf) {
        ck_assert_int_eq(cluster_node_answer(n, b->now_us, &none), 0);
        return;
    }
    b->db.now_us = 77 * SECOND_US + b->now_us;
    struct database_answer *a = database_run(&b->db, s);
    ck_assert_int_eq(cluster_node_answer(n, b->now_us, b->is_silent[kind] ? &none : &a->answer), 0);
    database_answer_free(a);
}

/* All that there is to do now. */
static void pump(struct bed *b, struct cluster_node *n)
{
    const struct cluster_statement *s;
    struct cluster_order order;

    for (;;) {
        while (cluster_node_order(n, b->now_us, &order)) {
            b->starts += order.order == LEASE_START;
            b->stops += order.order == LEASE_STOP;
            b->losts += order.order == LEASE_LOST;
            if (order.order != LEASE_START && !b->is_slow)
                cluster_node_stopped(n, b->now_us, order.account);
        }
        if (!(s = cluster_node_statement(n, b->now_us)))
            return;
        answer(b, n, s);
    }
}

/* Time passes for all of them (NULL ends the list), by the moments that they ask for. */
static void pass(struct bed *b, int64_t us, struct cluster_node **nodes)
{
    int64_t end_us = b->now_us + us;

    while (b->now_us < end_us) {
        int64_t next_us = end_us;
        for (size_t i = 0; nodes[i]; i++)
            if (cluster_node_deadline_us(nodes[i]) < next_us)
                next_us = cluster_node_deadline_us(nodes[i]);
        ck_assert_int_ge(next_us, b->now_us);
        b->now_us = next_us;
        for (size_t i = 0; nodes[i]; i++) {
            cluster_node_tick(nodes[i], b->now_us);
            pump(b, nodes[i]);
        }
    }
}

static size_t count(const struct bed *b, const struct cluster_node *n)
{
    size_t held = 0;

    for (size_t i = 0; i < b->db.leases_n; i++)
        held += cluster_node_epoch(n, b->db.leases[i].account) > 0;
    return held;
}

START_TEST(a_node_alone_takes_all)
{
    struct cluster_lease_row leases[3];
    struct bed b;

    bed_init(&b, leases, 3);
    struct cluster_node *n = bed_node(&b, "a");
    ck_assert_int_eq(cluster_node_gate_us(n), INT64_MIN);
    pump(&b, n);
    ck_assert_uint_eq(b.starts, 3);
    ck_assert_uint_eq(count(&b, n), 3);
    ck_assert_int_eq(cluster_node_epoch(n, 2), 1);
    ck_assert_int_eq(cluster_node_epoch(n, 4), 0);
    ck_assert_int_eq(cluster_node_gate_us(n), b.now_us + cluster_hold_us(LEASE_US));
    ck_assert_uint_eq(b.sent[CLUSTER_TAKE], 1);
    cluster_node_free(n);
}
END_TEST

START_TEST(the_gate_moves_with_each_renewal_from_when_it_was_sent)
{
    struct cluster_lease_row leases[1];
    struct bed b;

    bed_init(&b, leases, 1);
    struct cluster_node *n = bed_node(&b, "a");
    pump(&b, n);
    int64_t sent_us = b.now_us += cluster_renew_us(LEASE_US);
    cluster_node_tick(n, b.now_us);
    const struct cluster_statement *s = cluster_node_statement(n, b.now_us);
    ck_assert_int_eq(s->kind, CLUSTER_RENEW);
    b.now_us += SECOND_US;
    answer(&b, n, s);
    ck_assert_int_eq(cluster_node_gate_us(n), sent_us + cluster_hold_us(LEASE_US));
    cluster_node_free(n);
}
END_TEST

START_TEST(without_answers_it_stops_at_the_gate_and_goes_on_with_the_same_leases)
{
    struct cluster_lease_row leases[3];
    struct bed b;

    bed_init(&b, leases, 3);
    struct cluster_node *n = bed_node(&b, "a"), *all[] = {n, NULL};
    pump(&b, n);
    b.is_deaf = true;
    pass(&b, cluster_hold_us(LEASE_US) - 1, all);
    ck_assert_uint_eq(b.losts, 0);
    pass(&b, 1, all);
    ck_assert_uint_eq(b.losts, 3);
    ck_assert_uint_eq(count(&b, n), 0);
    pass(&b, 60 * SECOND_US, all);
    ck_assert_uint_eq(b.starts, 3);
    b.is_deaf = false;
    pass(&b, cluster_retry_us(LEASE_US), all);
    ck_assert_uint_eq(b.starts, 6);
    ck_assert_int_eq(cluster_node_epoch(n, 1), 1);
    cluster_node_free(n);
}
END_TEST

START_TEST(buried_it_loses_all_and_begins_anew)
{
    struct cluster_lease_row leases[3];
    struct bed b;

    bed_init(&b, leases, 3);
    struct cluster_node *n = bed_node(&b, "a"), *all[] = {n, NULL};
    pump(&b, n);
    ck_assert_int_eq(cluster_node_id(n), 1);
    b.db.nodes_n = 0;
    b.is_slow = true;
    pass(&b, cluster_renew_us(LEASE_US), all);
    ck_assert_int_eq(cluster_node_id(n), 2);
    ck_assert_uint_eq(b.losts, 3);
    /* Taken already, and none starts before the worker has stopped it. */
    ck_assert_int_eq(leases[0].epoch, 2);
    ck_assert_uint_eq(b.starts, 3);
    cluster_node_stopped(n, b.now_us, 2);
    pump(&b, n);
    ck_assert_uint_eq(b.starts, 4);
    ck_assert_int_eq(cluster_node_epoch(n, 2), 2);
    ck_assert_int_eq(cluster_node_epoch(n, 1), 0);
    cluster_node_free(n);
}
END_TEST

START_TEST(a_take_whose_answer_was_lost_is_taken_again)
{
    struct cluster_lease_row leases[3];
    struct bed b;

    bed_init(&b, leases, 3);
    struct cluster_node *n = bed_node(&b, "a"), *all[] = {n, NULL};
    b.is_silent[CLUSTER_TAKE] = true;
    pump(&b, n);
    ck_assert_int_eq(leases[0].node, 1);
    ck_assert_uint_eq(b.starts, 0);
    b.is_silent[CLUSTER_TAKE] = false;
    pass(&b, SECOND_US, all);
    ck_assert_uint_eq(b.starts, 3);
    ck_assert_int_eq(cluster_node_epoch(n, 1), 2);
    cluster_node_free(n);
}
END_TEST

START_TEST(an_answer_that_is_not_waited_for_changes_nothing)
{
    struct cluster_lease_row leases[1];
    struct bed b;

    bed_init(&b, leases, 1);
    struct cluster_node *n = bed_node(&b, "a");
    const struct cluster_statement *s = cluster_node_statement(n, b.now_us);
    struct cluster_answer a = {.seq = s->seq, .result = CLUSTER_DONE, .id = 5};
    b.now_us += cluster_patience_us(LEASE_US);
    cluster_node_tick(n, b.now_us);
    ck_assert_int_eq(cluster_node_answer(n, b.now_us, &a), 0);
    ck_assert_int_eq(cluster_node_id(n), 0);
    a.seq = 0;
    ck_assert_int_eq(cluster_node_answer(n, b.now_us, &a), 0);
    ck_assert_int_eq(cluster_node_id(n), 0);
    cluster_node_free(n);
}
END_TEST

START_TEST(who_joins_gets_its_share_and_who_leaves_hands_over)
{
    struct cluster_lease_row leases[7];
    struct bed b;

    bed_init(&b, leases, 7);
    struct cluster_node *n = bed_node(&b, "a"), *other = bed_node(&b, "b"), *all[] = {n, other, NULL};
    pump(&b, n);
    pass(&b, 2 * LEASE_US, all);
    ck_assert_uint_eq(count(&b, n), 4);
    ck_assert_uint_eq(count(&b, other), 3);
    ck_assert_uint_eq(b.stops, 3);
    cluster_node_leave(n, b.now_us);
    pump(&b, n);
    ck_assert(cluster_node_has_left(n));
    ck_assert_int_eq(cluster_node_deadline_us(n), INT64_MAX);
    ck_assert_ptr_null(cluster_node_statement(n, b.now_us));
    cluster_node_hint(other, b.now_us);
    pump(&b, other);
    ck_assert_uint_eq(count(&b, other), 7);
    cluster_node_free(n);
    cluster_node_free(other);
}
END_TEST

START_TEST(it_has_not_left_before_the_worker_has_stopped)
{
    struct cluster_lease_row leases[2];
    struct bed b;

    bed_init(&b, leases, 2);
    struct cluster_node *n = bed_node(&b, "a");
    pump(&b, n);
    b.is_slow = true;
    cluster_node_leave(n, b.now_us);
    pump(&b, n);
    ck_assert_uint_eq(b.stops, 2);
    ck_assert_uint_eq(b.sent[CLUSTER_RELEASE] + b.sent[CLUSTER_LEAVE], 0);
    cluster_node_stopped(n, b.now_us, 1);
    pump(&b, n);
    ck_assert_uint_eq(b.sent[CLUSTER_RELEASE], 1);
    ck_assert_int_eq(leases[0].node, 0);
    ck_assert_int_eq(leases[1].node, 1);
    ck_assert(!cluster_node_has_left(n));
    cluster_node_stopped(n, b.now_us, 2);
    pump(&b, n);
    ck_assert(cluster_node_has_left(n));
    ck_assert_uint_eq(b.db.nodes_n, 0);
    cluster_node_free(n);
}
END_TEST

START_TEST(without_answers_it_is_idle_and_has_not_left)
{
    struct cluster_lease_row leases[2];
    struct bed b;

    bed_init(&b, leases, 2);
    struct cluster_node *n = bed_node(&b, "a"), *all[] = {n, NULL};
    pump(&b, n);
    ck_assert(!cluster_node_is_idle(n));
    b.is_deaf = true;
    cluster_node_leave(n, b.now_us);
    pass(&b, 2 * LEASE_US, all);
    ck_assert(cluster_node_is_idle(n));
    ck_assert(!cluster_node_has_left(n));
    b.is_deaf = false;
    pass(&b, SECOND_US, all);
    ck_assert(cluster_node_has_left(n));
    cluster_node_free(n);
}
END_TEST

START_TEST(who_leaves_before_it_came_has_left)
{
    struct cluster_lease_row leases[1];
    struct bed b;

    bed_init(&b, leases, 1);
    struct cluster_node *n = bed_node(&b, "a");
    const struct cluster_statement *s = cluster_node_statement(n, b.now_us);
    cluster_node_leave(n, b.now_us);
    ck_assert(cluster_node_has_left(n));
    answer(&b, n, s);
    ck_assert_int_eq(cluster_node_id(n), 0);
    cluster_node_free(n);
}
END_TEST

START_TEST(accounts_come_and_go)
{
    struct cluster_lease_row leases[4];
    struct bed b;

    bed_init(&b, leases, 4);
    struct cluster_node *n = bed_node(&b, "a"), *all[] = {n, NULL};
    b.db.leases_n = 2;
    pump(&b, n);
    ck_assert_uint_eq(b.starts, 2);
    b.db.leases_n = 4;
    pass(&b, LEASE_US, all);
    ck_assert_uint_eq(b.starts, 4);
    b.db.leases = leases + 1;
    b.db.leases_n = 2;
    b.is_slow = true;
    pass(&b, LEASE_US, all);
    ck_assert_uint_eq(b.losts, 2);
    cluster_node_stopped(n, b.now_us, 1);
    cluster_node_stopped(n, b.now_us, 4);
    pass(&b, 2 * LEASE_US, all);
    ck_assert_uint_eq(count(&b, n), 2);
    ck_assert_uint_eq(b.starts, 4);
    cluster_node_free(n);
}
END_TEST

START_TEST(a_lease_that_was_taken_away_by_hand_is_lost)
{
    struct cluster_lease_row leases[2];
    struct bed b;

    bed_init(&b, leases, 2);
    struct cluster_node *n = bed_node(&b, "a");
    pump(&b, n);
    leases[1].node = 0;
    leases[1].epoch = 9;
    cluster_node_hint(n, b.now_us);
    pump(&b, n);
    ck_assert_uint_eq(b.losts, 1);
    ck_assert_int_eq(cluster_node_epoch(n, 2), 10);
    cluster_node_free(n);
}
END_TEST

START_TEST(rows_out_of_order_are_refused)
{
    struct cluster_lease_row leases[1], wrong[] = {{.account = 2}, {.account = 1}};
    struct bed b;

    bed_init(&b, leases, 0);
    struct cluster_node *n = bed_node(&b, "a");
    pump(&b, n);
    cluster_node_hint(n, b.now_us);
    const struct cluster_statement *s = cluster_node_statement(n, b.now_us);
    ck_assert_int_eq(s->kind, CLUSTER_LOOK);
    struct cluster_answer a = {.seq = s->seq, .leases = wrong, .leases_n = 2};
    ck_assert_int_eq(cluster_node_answer(n, b.now_us, &a), TGC_EPROTO);
    ck_assert_ptr_null(cluster_node_statement(n, b.now_us));
    cluster_node_free(n);
}
END_TEST

START_TEST(bad_words_are_refused)
{
    char name[CLUSTER_NAME_SIZE + 1];
    struct cluster_node *n;

    memset(name, 'n', CLUSTER_NAME_SIZE);
    name[CLUSTER_NAME_SIZE] = '\0';
    ck_assert_int_eq(cluster_node_new("", "", LEASE_US, 0, &n), TGC_EINVAL);
    ck_assert_int_eq(cluster_node_new(name, "", LEASE_US, 0, &n), TGC_EINVAL);
    ck_assert_int_eq(cluster_node_new("a", "", SECOND_US - 1, 0, &n), TGC_EINVAL);
    ck_assert_int_eq(cluster_node_new(name + 1, "", SECOND_US, 0, &n), 0);
    cluster_node_free(n);
}
END_TEST

/* A renewal costs the same however many accounts there are; taking them takes as many statements as it must; and of
 * another's they move a few at a time. */
START_TEST(ten_thousand_accounts_are_held_by_one_renewal)
{
    struct cluster_lease_row *leases = calloc(MANY, sizeof(*leases));
    struct bed b;

    bed_init(&b, leases, MANY);
    struct cluster_node *n = bed_node(&b, "a"), *other = bed_node(&b, "b"), *all[] = {n, other, NULL};
    pump(&b, n);
    ck_assert_uint_eq(count(&b, n), MANY);
    ck_assert_uint_eq(b.sent[CLUSTER_TAKE], (MANY + LIMIT_CLUSTER_BATCH - 1) / LIMIT_CLUSTER_BATCH);
    ck_assert_uint_le(b.sent[CLUSTER_LOOK], 2);
    b.now_us += cluster_renew_us(LEASE_US);
    pump(&b, n);
    ck_assert_uint_eq(b.sent[CLUSTER_RENEW], 2);
    pump(&b, other);
    while (count(&b, other) < MANY / 2) {
        size_t before = count(&b, n);
        cluster_node_hint(n, b.now_us);
        b.is_slow = true;
        pump(&b, n);
        ck_assert_uint_ge(count(&b, n) + LIMIT_CLUSTER_MOVES, before);
        for (int64_t i = 1; i <= MANY; i++)
            cluster_node_stopped(n, b.now_us, i);
        b.is_slow = false;
        pump(&b, n);
        cluster_node_hint(other, b.now_us);
        pump(&b, other);
    }
    pass(&b, 3 * LEASE_US, all);
    ck_assert_uint_eq(b.starts, MANY + MANY / 2);
    ck_assert_uint_eq(count(&b, n), MANY / 2);
    cluster_node_free(n);
    cluster_node_free(other);
    free(leases);
}
END_TEST

/* One that is killed, and started again when its lease has nearly lapsed: whoever starts it, or it itself, saw it. */
static void restart_watched(int64_t idle_us, bool is_taken)
{
    struct cluster_lease_row leases[1];
    struct bed b;

    bed_init(&b, leases, 1);
    struct cluster_node *dead = bed_node(&b, "a"), *anew[2] = {NULL};
    pump(&b, dead);
    int64_t first = cluster_node_id(dead), since_us = b.now_us;
    struct cluster_node_row row = *database_node(&b.db, first);
    ck_assert_int_eq(leases[0].node, first);
    cluster_node_free(dead);
    b.now_us += LEASE_US - idle_us;
    anew[0] = bed_node(&b, "a");
    cluster_node_watched(anew[0], b.now_us, &row, since_us);
    b.now_us += idle_us;
    pump(&b, anew[0]);
    pass(&b, cluster_margin_us(LEASE_US) + SECOND_US / 2, anew);
    ck_assert_int_eq(leases[0].node != first, is_taken);
    cluster_node_free(anew[0]);
}

START_TEST(what_was_watched_before_is_not_watched_anew)
{
    restart_watched(0, true);
}
END_TEST

START_TEST(what_was_not_looked_at_for_a_while_is_watched_anew)
{
    restart_watched(cluster_gap_us(LEASE_US) + 1, false);
}
END_TEST

/* --- the lead --- */

/* The first lease is the lead's, then come those of accounts. */
static void bed_init_led(struct bed *b, struct cluster_lease_row *leases, size_t n)
{
    bed_init(b, leases, n);
    for (size_t i = 0; i < n; i++)
        leases[i].account = (int64_t)i;
}

START_TEST(who_comes_leads_where_nobody_is_ready_and_holds_accounts_when_it_can)
{
    struct cluster_lease_row leases[3];
    struct bed b;

    bed_init_led(&b, leases, 3);
    struct cluster_node *n = bed_coming(&b, "a"), *all[] = {n, NULL};
    pass(&b, 2 * LEASE_US, all);
    ck_assert_uint_eq(count(&b, n), 1);
    ck_assert_int_eq(cluster_node_epoch(n, CLUSTER_LEAD), 1);
    cluster_node_ready(n, b.now_us);
    pump(&b, n);
    ck_assert_uint_eq(count(&b, n), 3);
    ck_assert_uint_eq(b.starts, 3);
    cluster_node_free(n);
}
END_TEST

/* Nor is anything given up for it, or left. */
START_TEST(who_comes_takes_nothing_from_who_is_ready)
{
    struct cluster_lease_row leases[4];
    struct bed b;

    bed_init_led(&b, leases, 4);
    struct cluster_node *one = bed_node(&b, "a"), *two = bed_coming(&b, "b"), *all[] = {one, two, NULL};
    pass(&b, LEASE_US, all);
    ck_assert_uint_eq(count(&b, one), 4);
    cluster_node_leave(one, b.now_us);
    struct cluster_node *three = bed_node(&b, "c"), *rest[] = {one, two, three, NULL};
    pass(&b, 2 * LEASE_US, rest);
    ck_assert(cluster_node_has_left(one));
    ck_assert_uint_eq(count(&b, two) - (cluster_node_epoch(two, CLUSTER_LEAD) > 0), 0);
    ck_assert_uint_eq(count(&b, three) + count(&b, two), 4);
    cluster_node_free(one);
    cluster_node_free(two);
    cluster_node_free(three);
}
END_TEST

START_TEST(the_lead_evens_out_nothing_and_goes_when_its_holder_leaves)
{
    struct cluster_lease_row leases[3];
    struct bed b;

    bed_init_led(&b, leases, 3);
    struct cluster_node *one = bed_node(&b, "a"), *all[] = {one, NULL, NULL};
    pass(&b, LEASE_US, all);
    struct cluster_node *two = all[1] = bed_node(&b, "b");
    pass(&b, 2 * LEASE_US, all);
    ck_assert_int_gt(cluster_node_epoch(one, CLUSTER_LEAD), 0);
    ck_assert_uint_eq(count(&b, one), 2);
    ck_assert_uint_eq(count(&b, two), 1);
    cluster_node_leave(one, b.now_us);
    pass(&b, LEASE_US, all);
    ck_assert_uint_eq(count(&b, two), 3);
    ck_assert_int_eq(cluster_node_epoch(two, CLUSTER_LEAD), 2);
    cluster_node_free(one);
    cluster_node_free(two);
}
END_TEST

Suite *suite_node(void)
{
    Suite *s = suite_create("node");
    TCase *c = tcase_create("node");

    tcase_add_test(c, a_node_alone_takes_all);
    tcase_add_test(c, the_gate_moves_with_each_renewal_from_when_it_was_sent);
    tcase_add_test(c, without_answers_it_stops_at_the_gate_and_goes_on_with_the_same_leases);
    tcase_add_test(c, buried_it_loses_all_and_begins_anew);
    tcase_add_test(c, a_take_whose_answer_was_lost_is_taken_again);
    tcase_add_test(c, an_answer_that_is_not_waited_for_changes_nothing);
    tcase_add_test(c, who_joins_gets_its_share_and_who_leaves_hands_over);
    tcase_add_test(c, it_has_not_left_before_the_worker_has_stopped);
    tcase_add_test(c, without_answers_it_is_idle_and_has_not_left);
    tcase_add_test(c, who_leaves_before_it_came_has_left);
    tcase_add_test(c, accounts_come_and_go);
    tcase_add_test(c, a_lease_that_was_taken_away_by_hand_is_lost);
    tcase_add_test(c, rows_out_of_order_are_refused);
    tcase_add_test(c, bad_words_are_refused);
    tcase_add_test(c, ten_thousand_accounts_are_held_by_one_renewal);
    tcase_add_test(c, what_was_watched_before_is_not_watched_anew);
    tcase_add_test(c, what_was_not_looked_at_for_a_while_is_watched_anew);
    tcase_add_test(c, who_comes_leads_where_nobody_is_ready_and_holds_accounts_when_it_can);
    tcase_add_test(c, who_comes_takes_nothing_from_who_is_ready);
    tcase_add_test(c, the_lead_evens_out_nothing_and_goes_when_its_holder_leaves);
    suite_add_tcase(s, c);
    return s;
}
