#include "daemon/store/cluster_link_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/thread.h"
#include "daemon/cluster/timing.h"

enum { STACK_SIZE = 256 << 10 };
/* Within one the node that leads looks; within another it is done with it. */
enum { ABSENT_LEASES = 2 };
/* For the database to take this node's leave: one that answers, and one that did not answer before. */
enum { LEAVE_US = 5 * 1000 * 1000, GONE_US = 1000 * 1000 };
/* What the server is like is asked for no more often. */
enum { FACTS_US = 10 * 1000 * 1000 };

/* --- what the database says --- */

static void hear(struct cluster_link *l, const struct cluster_answer *a)
{
    pthread_mutex_lock(&l->lock);
    l->own = cluster_node_id(l->node);
    if (a->nodes_n) {
        memcpy(l->seen, a->nodes, a->nodes_n * sizeof(*a->nodes));
        memcpy(l->urls, l->rows.urls, sizeof(l->urls));
        l->seen_n = a->nodes_n;
        l->seen_now_us = a->now_us;
        l->seen_sent_us = l->sent_us;
        l->seen_wall_us = clock_wall_us(l->config.clock);
    }
    for (size_t i = 0; i < a->leases_n; i++)
        if (a->leases[i].account == CLUSTER_LEAD)
            l->holder = a->leases[i].node;
    for (size_t i = 0; i < a->taken_n; i++)
        if (a->taken[i].account == CLUSTER_LEAD)
            l->holder = l->own;
    pthread_mutex_unlock(&l->lock);
}

static const char *name_of(const struct cluster_link *l, int64_t id)
{
    for (size_t i = 0; i < l->seen_n; i++)
        if (l->seen[i].id == id)
            return l->seen[i].name;
    return NULL;
}

static void tell_of_waiting(struct cluster_link *l)
{
    const char *name = l->holder && l->holder != l->own ? name_of(l, l->holder) : NULL;

    if (name && !l->was_waiting && !l->leads)
        log_notice("cluster", "the accounts are the node %s's: this one waits to take over", name);
    l->was_waiting = name && !l->leads;
    pthread_mutex_lock(&l->lock);
    l->is_waiting = l->was_waiting;
    pthread_mutex_unlock(&l->lock);
}

static void set_away(struct cluster_link *l, bool is_away)
{
    l->is_away = is_away;
    pthread_mutex_lock(&l->lock);
    l->is_unheard = is_away;
    pthread_mutex_unlock(&l->lock);
}

static void went_away(struct cluster_link *l, const struct fault *fault)
{
    if (strcmp(l->why, fault->text) != 0)
        log_warning("cluster", "%s; it is tried again", fault->text);
    memcpy(l->why, fault->text, sizeof(l->why));
    set_away(l, true);
}

/* Not before a statement was done: a server that lets one in may still refuse each. */
static void answered(struct cluster_link *l)
{
    if (!l->is_away)
        return;
    log_notice("cluster", "the database server answers again");
    l->why[0] = '\0';
    set_away(l, false);
}

/* What it is told of is heard again. */
static int come_back(struct cluster_link *l, struct fault *fault)
{
    bool committed;
    int err = db_recover(l->db, &committed, fault);

    if (!err)
        err = cluster_sql_prepare(l->db, fault);
    if (err)
        return err;
    cluster_node_hint(l->node, cluster_link_now(l));
    return 0;
}

static bool has_lead(const struct cluster_answer *a)
{
    for (size_t i = 0; i < a->leases_n; i++)
        if (a->leases[i].account == CLUSTER_LEAD)
            return true;
    return false;
}

/* Who leads puts the lease back at once, so that nothing comes of its absence; the others leave it the time
 * to look. */
static int mend_lead(struct cluster_link *l, const struct cluster_statement *s, struct cluster_answer *a,
                     struct fault *fault)
{
    if (s->kind != CLUSTER_LOOK || a->result != CLUSTER_DONE)
        return 0;
    if (has_lead(a)) {
        l->missing_us = 0;
        return 0;
    }
    if (!l->missing_us) {
        log_error("cluster", "somebody removed the lead's lease from the table tgcalld_lease: it is put back");
        l->missing_us = cluster_link_now(l);
    }
    if (l->leads) {
        int err = cluster_sql_put_back(l->db, cluster_node_id(l->node), l->epoch, fault);
        return err ? err : cluster_sql_run(l->db, s, &l->rows, a, fault);
    }
    if (cluster_link_now(l) - l->missing_us <= ABSENT_LEASES * l->config.lease_us)
        return 0;
    l->missing_us = cluster_link_now(l);
    return cluster_sql_make_anew(l->db, fault);
}

static void send(struct cluster_link *l, const struct cluster_statement *borrowed)
{
    struct cluster_statement s = *borrowed;
    struct cluster_answer a = {.seq = s.seq, .result = CLUSTER_UNKNOWN};
    struct fault fault = {0};
    int err = l->is_away ? come_back(l, &fault) : 0;

    l->sent_us = cluster_link_now(l);
    if (!err)
        err = cluster_sql_run(l->db, &s, &l->rows, &a, &fault);
    if (!err)
        histogram_add(&l->times, cluster_link_now(l) - l->sent_us);
    if (!err)
        err = mend_lead(l, &s, &a, &fault);
    if (err)
        went_away(l, &fault);
    else
        answered(l);
    hear(l, &a);
    err = cluster_node_answer(l->node, cluster_link_now(l), &a);
    if (err)
        log_warning("cluster", "an answer of the database could not be used: %s", tgc_err_text(err));
}

/* One that leads counts the accounts itself, and asks for nothing that its lease could wait for. */
static void look_at_server(struct cluster_link *l)
{
    struct server_facts facts;
    int64_t accounts = -1;
    struct fault fault = {0};

    if (l->is_away || (l->facts_us != INT64_MIN && cluster_link_now(l) - l->facts_us < FACTS_US))
        return;
    l->facts_us = cluster_link_now(l);
    int err = server_facts_read(l->db, l->config.clock, &facts, &fault);
    if (!err && !l->leads)
        err = server_facts_accounts(l->db, &accounts, &fault);
    if (err == TGC_EAWAY)
        went_away(l, &fault);
    if (err)
        return;
    pthread_mutex_lock(&l->lock);
    l->facts = facts;
    l->accounts = accounts;
    pthread_mutex_unlock(&l->lock);
}

/* Of accounts that came otherwise than by a node: from a daemon that was alone with the database, or by hand. */
static void complete_leases(struct cluster_link *l)
{
    struct fault fault = {0};

    if (l->is_away || !l->leads || !l->is_ready || cluster_link_now(l) - l->completed_us < l->config.lease_us)
        return;
    l->completed_us = cluster_link_now(l);
    if (cluster_sql_complete(l->db, &fault) != 0)
        went_away(l, &fault);
}

/* --- the thread --- */

static bool is_asked(struct cluster_link *l, const bool *what)
{
    pthread_mutex_lock(&l->lock);
    bool is = *what;
    pthread_mutex_unlock(&l->lock);
    return is;
}

static void wait_for_more(struct cluster_link *l)
{
    struct fault fault = {0};
    bool is_told = false;
    eventfd_t n;

    if (db_wait(l->db, l->woken, cluster_node_deadline_us(l->node), &is_told, &fault) != 0)
        went_away(l, &fault);
    eventfd_read(l->woken, &n);
    if (is_told)
        cluster_node_hint(l->node, cluster_link_now(l));
}

/* Whose beat stood still since SINCE_US, whatever the database's clock says meanwhile. */
static bool is_dead(const struct cluster_link *l, const struct cluster_node_row *row, int64_t since_us)
{
    return row->lease_us > 0 && cluster_link_now(l) - since_us > cluster_wait_us(row->lease_us);
}

/* One of this name that died is still there until its lease has lapsed; one that lives renews it, again and again: a
 * single renewal may have been under way when it died. Both would take the accounts from each other for ever, as of one
 * name the newest counts. What was watched here need not be watched again. */
static bool is_alone(struct cluster_link *l, const char *name)
{
    struct cluster_node_row last = {.id = 0}, row;
    int64_t since_us = 0, looked_us = 0;
    int changes = 0;
    bool is_told, holds;
    eventfd_t n;

    while (!is_asked(l, &l->is_leaving)) {
        struct fault fault = {0};
        int err = l->is_away ? come_back(l, &fault) : 0;
        if (!err)
            err = cluster_sql_namesake(l->db, name, &row, &holds, &fault);
        if (err)
            went_away(l, &fault);
        else
            answered(l);
        if (!err && (row.id != last.id || row.beat != last.beat)) {
            changes += last.id != 0;
            last = row;
            since_us = cluster_link_now(l);
        }
        /* Who was not looked at for a while was not watched. */
        if (!err && cluster_link_now(l) - looked_us > cluster_gap_us(l->config.lease_us))
            since_us = cluster_link_now(l);
        looked_us = err ? looked_us : cluster_link_now(l);
        if (!err && (!row.id || row.stage == CLUSTER_LEAVES || !holds || is_dead(l, &row, since_us)))
            break;
        if (changes == 2)
            return false;
        if (db_wait(l->db, l->woken, cluster_link_now(l) + l->config.lease_us / 8, &is_told, &fault) != 0)
            went_away(l, &fault);
        eventfd_read(l->woken, &n);
    }
    if (last.id)
        cluster_node_watched(l->node, cluster_link_now(l), &last, since_us);
    return true;
}

static void tell_of_namesake(struct cluster_link *l)
{
    pthread_mutex_lock(&l->lock);
    l->has_namesake = l->has_left = true;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

static void *run(void *link)
{
    struct cluster_link *l = link;
    const struct cluster_statement *s;
    bool is_ready = false;

    if (!is_alone(l, l->name)) {
        tell_of_namesake(l);
        return NULL;
    }
    while (!cluster_node_has_left(l->node)) {
        if (!is_ready && is_asked(l, &l->is_ready)) {
            is_ready = true;
            cluster_node_ready(l->node, cluster_link_now(l));
        }
        if (!l->has_begun_to_leave && is_asked(l, &l->is_leaving)) {
            l->has_begun_to_leave = true;
            cluster_node_leave(l->node, cluster_link_now(l));
        }
        cluster_node_tick(l->node, cluster_link_now(l));
        cluster_link_obey(l);
        while ((s = cluster_node_statement(l->node, cluster_link_now(l)))) {
            send(l, s);
            cluster_link_obey(l);
        }
        tell_of_waiting(l);
        cluster_link_tell_leases(l);
        if (!l->has_begun_to_leave) {
            look_at_server(l);
            complete_leases(l);
        }
        if (!cluster_node_has_left(l->node))
            wait_for_more(l);
    }
    cluster_link_shut(l);
    pthread_mutex_lock(&l->lock);
    l->has_left = true;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* --- from other threads --- */

static bool wait_until(struct cluster_link *l, const bool *what, int64_t until_us)
{
    pthread_mutex_lock(&l->lock);
    while (!*what && thread_await(&l->changed, &l->lock, l->config.clock, until_us))
        ;
    bool is = *what;
    pthread_mutex_unlock(&l->lock);
    return is;
}

bool cluster_link_wait(struct cluster_link *l, int64_t until_us)
{
    return wait_until(l, &l->leads, until_us);
}

void cluster_link_wake(struct cluster_link *l)
{
    eventfd_write(l->woken, 1);
}

void cluster_link_ready(struct cluster_link *l)
{
    pthread_mutex_lock(&l->lock);
    l->is_ready = true;
    pthread_mutex_unlock(&l->lock);
    cluster_link_wake(l);
}

static void release(struct cluster_link *l)
{
    cluster_link_forget_all(l);
    cluster_node_free(l->node);
    db_close(l->db);
    free(l->rows.leases);
    if (l->woken >= 0)
        close(l->woken);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->changed);
    free(l);
}

int cluster_link_new(const struct cluster_link_config *config, struct cluster_link **ret, struct fault *fault)
{
    /* An answer that takes longer comes too late for a renewal, of which three fit into a lease. */
    const struct db_server server = {
        .url = config->url, .clock = config->clock, .patience_us = config->lease_us / 6, .is_shared = true};
    struct cluster_link *l = calloc(1, sizeof(*l));

    if (!l)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    l->config = *config;
    l->config.url = l->config.name = l->config.advertise = NULL; /* they are the machine's and the driver's now */
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->changed, NULL);
    snprintf(l->name, sizeof(l->name), "%s", config->name);
    l->completed_us = INT64_MIN / 2;
    l->accounts = -1;
    l->facts_us = INT64_MIN;
    l->woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int err = l->woken < 0 ? fault_set(fault, TGC_ESYSTEM, "cannot make an eventfd: %s", strerror(errno)) : 0;
    if (!err)
        err = db_open_server(&server, &l->db, fault);
    if (!err)
        err = cluster_sql_prepare(l->db, fault);
    if (!err) {
        err = cluster_node_new(config->name, config->advertise, config->lease_us, cluster_link_now(l), &l->node);
        if (err)
            fault_set(fault, err, "%s", tgc_err_text(err));
    }
    if (!err)
        err = thread_start(&l->thread, STACK_SIZE, run, l, "the cluster's thread", fault);
    if (err) {
        release(l);
        return err;
    }
    *ret = l;
    return 0;
}

void cluster_link_stop_by(struct cluster_link *l, int64_t until_us)
{
    pthread_mutex_lock(&l->lock);
    l->stop_us = until_us;
    pthread_mutex_unlock(&l->lock);
}

bool cluster_link_free(struct cluster_link *l)
{
    if (!l)
        return true;
    pthread_mutex_lock(&l->lock);
    l->is_leaving = true;
    int64_t now_us = cluster_link_now(l), least_us = now_us + GONE_US, until_us = now_us + LEAVE_US;
    if (l->is_unheard || (l->stop_us && l->stop_us < until_us))
        until_us = l->is_unheard || l->stop_us < least_us ? least_us : l->stop_us;
    pthread_mutex_unlock(&l->lock);
    eventfd_write(l->woken, 1);
    if (!wait_until(l, &l->has_left, until_us)) {
        log_warning("cluster", "the database did not take this node's leave: the others wait for its lease to lapse");
        return false;
    }
    pthread_join(l->thread, NULL);
    release(l);
    return true;
}
