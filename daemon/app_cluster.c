#include "daemon/app_cluster.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/log_writer.h"
#include "daemon/service.h"

enum { LOOK_US = 100 * 1000 };

struct app_cluster {
    struct lease_gate gate;
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

void app_cluster_end_at_once(void)
{
    log_writer_stop();
    _exit(1);
}

static int wait_for_accounts(struct app_cluster *c, const char *name, struct signals *signals, bool *ret_stop,
                             struct fault *fault)
{
    while (!cluster_link_wait(c->link, clock_mono_us(&clock_system) + LOOK_US)) {
        if (cluster_link_has_namesake(c->link))
            return fault_set(
                fault, TGC_EEXIST,
                "another node at the database is called %s: give this one a name of its own, [cluster] node", name);
        int got = signals_wait_until(signals, clock_mono_us(&clock_system));
        if (cluster_link_is_waiting(c->link))
            service_waiting("waits to take over the accounts from another node", clock_mono_us(&clock_system));
        else
            service_starting();
        if (got == 0 || got == SIGHUP)
            continue;
        log_notice("main", "%s: stopping", strsignal(got));
        *ret_stop = true;
        break;
    }
    return 0;
}

int app_cluster_join(const struct settings *s, struct signals *signals, bool *ret_stop, struct app_cluster **ret,
                     struct fault *fault)
{
    struct app_cluster *c = calloc(1, sizeof(*c));
    const struct cluster_link_config config = {.url = s->store_url,
                                               .name = s->cluster_node,
                                               .advertise = s->cluster_advertise ? s->cluster_advertise : "",
                                               .lease_us = s->cluster_lease_us,
                                               .clock = &clock_system,
                                               .gate = move_gate,
                                               .taken = app_cluster_end_at_once,
                                               .ctx = c};

    if (!c)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    lease_gate_move(&c->gate, LEASE_GATE_SHUT);
    pthread_mutex_init(&c->lock, NULL);
    int err = cluster_link_new(&config, &c->link, fault);
    if (err) {
        pthread_mutex_destroy(&c->lock);
        free(c);
        return err;
    }
    *ret = c;
    return wait_for_accounts(c, s->cluster_node, signals, ret_stop, fault);
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
