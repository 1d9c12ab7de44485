#include "daemon/app_cluster.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/log_writer.h"
#include "daemon/service.h"

enum { LOOK_US = 100 * 1000 };

struct app_cluster {
    struct signals *signals;
    char name[CLUSTER_NAME_SIZE];
    struct lease_gate gate;
    atomic_bool leads_after_death;
    struct cluster_link *link;
    pthread_mutex_t lock;
    struct worker *const *workers; /* under the lock */
    size_t workers_n;
};

/* On the link's thread. */
static void move_gate(void *ctx, int64_t until_us)
{
    struct app_cluster *c = ctx;
    bool was_open = lease_gate_is_open(&c->gate, &clock_system);

    lease_gate_move(&c->gate, until_us);
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->workers_n && (!was_open || until_us == LEASE_GATE_SHUT); i++)
        worker_gate_moved(c->workers[i]);
    pthread_mutex_unlock(&c->lock);
}

static void on_lead(void *ctx, bool died)
{
    struct app_cluster *c = ctx;

    if (died)
        atomic_store(&c->leads_after_death, true);
    signals_nudge(c->signals);
}

void app_cluster_end_at_once(void)
{
    log_writer_stop();
    _exit(1);
}

int app_cluster_wait(struct app_cluster *c, bool may_stand_by, enum app_cluster_place *ret, struct fault *fault)
{
    *ret = APP_CLUSTER_HERE;
    while (!cluster_link_wait(c->link, clock_mono_us(&clock_system) + LOOK_US)) {
        if (cluster_link_has_namesake(c->link))
            return fault_set(
                fault, TGC_EEXIST,
                "another node at the database is called %s: give this one a name of its own, [cluster] node", c->name);
        int got = signals_wait_until(c->signals, clock_mono_us(&clock_system));
        if (got != 0 && got != SIGHUP) {
            log_notice("main", "%s: stopping", strsignal(got));
            *ret = APP_CLUSTER_STOP;
            return 0;
        }
        if (!cluster_link_is_waiting(c->link) || cluster_link_own(c->link) == 0) {
            service_starting();
            continue;
        }
        *ret = APP_CLUSTER_ELSEWHERE;
        if (may_stand_by)
            return 0;
        service_waiting("waits to take over the accounts from another node", clock_mono_us(&clock_system));
        *ret = APP_CLUSTER_HERE;
    }
    return 0;
}

int app_cluster_join(const struct settings *s, struct signals *signals, struct app_cluster **ret, struct fault *fault)
{
    struct app_cluster *c = calloc(1, sizeof(*c));
    const struct cluster_link_config config = {.url = s->store_url,
                                               .name = s->cluster_node,
                                               .advertise = s->cluster_advertise ? s->cluster_advertise : "",
                                               .lease_us = s->cluster_lease_us,
                                               .clock = &clock_system,
                                               .gate = move_gate,
                                               .leads = on_lead,
                                               .taken = app_cluster_end_at_once,
                                               .ctx = c};

    if (!c)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    c->signals = signals;
    snprintf(c->name, sizeof(c->name), "%s", s->cluster_node);
    lease_gate_move(&c->gate, LEASE_GATE_SHUT);
    pthread_mutex_init(&c->lock, NULL);
    int err = cluster_link_new(&config, &c->link, fault);
    if (err) {
        pthread_mutex_destroy(&c->lock);
        free(c);
        return err;
    }
    *ret = c;
    return 0;
}

bool app_cluster_has_accounts(struct app_cluster *c)
{
    return !c || cluster_link_wait(c->link, 0);
}

bool app_cluster_led_after_death(const struct app_cluster *c)
{
    return atomic_load(&c->leads_after_death);
}

struct lease_gate *app_cluster_gate(struct app_cluster *c)
{
    return c ? &c->gate : NULL;
}

struct cluster_link *app_cluster_link(struct app_cluster *c)
{
    return c ? c->link : NULL;
}

void app_cluster_watch(struct app_cluster *c, struct worker *const *workers, size_t n)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->workers = workers;
    c->workers_n = n;
    pthread_mutex_unlock(&c->lock);
}

void app_cluster_leave(struct app_cluster *c)
{
    if (!c)
        return;
    if (!cluster_link_free(c->link))
        return;
    pthread_mutex_destroy(&c->lock);
    free(c);
}
