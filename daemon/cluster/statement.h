/* What a node asks of the database, as values, and what comes back. This room knows no SQL; whoever carries them
 * (daemon/store) has a text for each, and these are what the texts must do. On PostgreSQL, READ COMMITTED:
 *
 *   CREATE SEQUENCE node_id;   -- an id is given once, also over failures
 *   CREATE TABLE node (id BIGINT PRIMARY KEY, name TEXT NOT NULL, url TEXT NOT NULL, lease_us BIGINT NOT NULL,
 *                      until_us BIGINT NOT NULL, beat BIGINT NOT NULL, leaving INTEGER NOT NULL);
 *   CREATE TABLE lease (account_id BIGINT PRIMARY KEY, node BIGINT NOT NULL, epoch BIGINT NOT NULL);
 *                       -- a row for each account, deleted with it, and one for CLUSTER_LEAD
 *
 * The lapse stands once, at the node: an account's lease lapses when the node that it names has. A renewal so writes
 * one row however many accounts there are (at ten thousand, a row for each would be 5,000 dead rows a second), and a
 * node's accounts share one fate. The lease table is written when an account changes hands, and never else. An account
 * is free where its row names node 0 or one that is not in the table (any more): ids are never used again and a row
 * that was deleted does not return, so this can only become true, and an old snapshot errs on the side of waiting.
 *
 * now_us() is (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT. Each statement is one transaction, sent when
 * it is handed out and never again: what is not answered is given up (CLUSTER_UNKNOWN), and may yet be executed at any
 * time later; every statement is such that this does no harm.
 *
 *   REGISTER  DELETE FROM node WHERE beat = 0 AND until_us NOT BETWEEN now_us() AND now_us() + lease_us;
 *             INSERT INTO node SELECT nextval('node_id'), $name, $url, $lease_us, now_us() + $lease_us, 0, 0
 *              WHERE (SELECT count(*) FROM node WHERE beat > 0 AND until_us BETWEEN now_us() AND now_us() + lease_us)
 *              < LIMIT_CLUSTER_NODES RETURNING id
 *             A row of beat 0 was never renewed, so it never took an account; one that was registered without
 *             anybody's hearing of it is shown to nobody and swept away here. Neither those nor rows that have
 *             lapsed (or are from before the clock was set back) count: tries without an answer, and a program that
 *             dies as soon as it has started, must not fill the table up for ever.
 *   RENEW     UPDATE node SET until_us = now_us() + lease_us, beat = beat + 1, leaving = $stage WHERE id = $id;
 *             SELECT now_us(), … FROM node WHERE beat > 0 ORDER BY id
 *             No row: REFUSED, the node was buried. now_us() must not be from before the statement was sent: now(),
 *             the transaction's, is right only where the transaction begins with it.
 *   BURY      DELETE FROM node WHERE id = $id AND beat = $beat
 *              AND (until_us + $margin_us < now_us() OR until_us > now_us() + lease_us + $margin_us)
 *             The second is a clock that was set back: no renewal wrote such a value. That it has not been renewed
 *             for long enough, the asking node has seen by its own clock; the beat holds it to what it saw. Before it
 *             the node's connections are ended, and after it in its transaction the writer's row is deleted.
 *   TAKE      WITH c AS MATERIALIZED (
 *               SELECT account_id FROM lease JOIN unnest($accounts, $epochs) AS k (a, e)
 *                ON account_id = k.a AND epoch = k.e ORDER BY account_id FOR UPDATE OF lease)
 *             UPDATE lease SET node = $id, epoch = epoch + 1 FROM c, unnest($accounts, $epochs) AS k (a, e)
 *              WHERE lease.account_id = c.account_id AND lease.account_id = k.a AND epoch = k.e
 *              AND EXISTS (SELECT 1 FROM node WHERE id = $id)
 *              AND (lease.node IN (0, $id) OR NOT EXISTS (SELECT 1 FROM node WHERE id = lease.node))
 *              RETURNING lease.account_id, epoch, and the node before
 *             Each account for itself: the answer has those that were taken. All who write several leases lock them in
 *             the order of accounts, or two nodes wait for each other and one is refused as a deadlock.
 *   RELEASE   UPDATE lease SET node = 0, of rows locked in the same way,
 *              WHERE account_id = k.a AND epoch = k.e AND lease.node = $id
 *   LEAVE     DELETE FROM node WHERE id = $id, and then its writer's row (store/db_pg.c);
 *             UPDATE lease SET node = 0 WHERE node = $id
 *             Sent when no account of the node has traffic: it frees all that were not released singly.
 *   LOOK      SELECT now_us(), … FROM node WHERE beat > 0 ORDER BY id;
 *             SELECT account_id, node, epoch FROM lease ORDER BY account_id
 *             in one snapshot (REPEATABLE READ, READ ONLY).
 *
 * BURY, RELEASE and LEAVE that changed a row, a first renewal, one that says another stage than before, and a new or a
 * deleted account end with NOTIFY tgcalld_lease; who hears it calls cluster_node_hint(). One that is lost costs time,
 * no more. A take frees nothing, and so tells nobody.
 *
 * A write of an account is fenced by its node's writer's row, which is gone once the node is buried, and fails where
 * the account's lease names another node. A lease that is released has no write under way.
 * Account ids are never given twice. An account without a row gets one, and a row without an account goes, by who
 * leads.
 *
 * The database must not lose what it committed: synchronous_commit on, and a failover only to a synchronous standby. */
#ifndef TGCALLD_CLUSTER_STATEMENT_H
#define TGCALLD_CLUSTER_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/limits.h"

/* The lease of what is the cluster's as a whole: who has it leads. No account has that number. It is one of all the
 * others, but that it evens out nothing: it goes to another node when its holder leaves or dies. */
enum { CLUSTER_LEAD = 0 };

/* Where a node stands, as its row's LEAVING has it. */
enum cluster_stage {
    CLUSTER_READY,  /* accounts are spread over those that are */
    CLUSTER_LEAVES, /* it gives up what it has */
    CLUSTER_COMES,  /* it can hold no accounts yet; the lead, where nobody is ready */
};

enum cluster_kind {
    CLUSTER_REGISTER,
    CLUSTER_RENEW,
    CLUSTER_BURY,
    CLUSTER_TAKE,
    CLUSTER_RELEASE,
    CLUSTER_LEAVE,
    CLUSTER_LOOK,
};

struct cluster_claim {
    int64_t account, epoch;
    int64_t node; /* of what was taken: who had it; 0: nobody */
};

struct cluster_statement {
    enum cluster_kind kind;
    uint64_t seq;             /* names it in its answer; never 0 */
    int64_t sent_us;          /* by the node's clock: not after it leaves */
    int64_t id;               /* the node's own; BURY: the other's */
    const char *name;         /* REGISTER */
    const char *url;          /* REGISTER */
    int64_t lease_us;         /* REGISTER */
    int64_t margin_us;        /* BURY */
    int64_t beat;             /* BURY */
    enum cluster_stage stage; /* RENEW */
    size_t n;                 /* TAKE, RELEASE */
    struct cluster_claim claims[LIMIT_CLUSTER_BATCH];
};

enum { CLUSTER_NAME_SIZE = 64 };

struct cluster_node_row {
    int64_t id;
    char name[CLUSTER_NAME_SIZE];
    int64_t lease_us, until_us, beat;
    enum cluster_stage stage;
};

struct cluster_lease_row {
    int64_t account, node, epoch;
};

enum cluster_result {
    CLUSTER_DONE,
    CLUSTER_REFUSED, /* it was executed, and its condition was not met */
    CLUSTER_UNKNOWN, /* whether it was, or will be, executed is not known: no connection, no answer, an error */
};

/* The pointers are the caller's, for the time of the call. */
struct cluster_answer {
    uint64_t seq;
    enum cluster_result result;
    int64_t id;                           /* REGISTER */
    int64_t now_us;                       /* RENEW, LOOK: the database's clock */
    const struct cluster_node_row *nodes; /* RENEW, LOOK: those that were renewed, by ascending id */
    size_t nodes_n;
    const struct cluster_lease_row *leases; /* LOOK: by ascending account */
    size_t leases_n;
    const struct cluster_claim *taken; /* TAKE: those that were, with their new epochs, by ascending account */
    size_t taken_n;
};

#endif
