/* Where the accounts are, and what follows from it: this daemon has them, alone or by its lease, or it stands by while
 * another node has them, answers nonetheless, and takes over in the same process. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "config.h"
#include "daemon/app_internal.h"
#include "daemon/base/log.h"
#include "daemon/base/log_writer.h"
#include "daemon/events_kept.h"
#include "daemon/hooks_kept.h"
#include "daemon/sandbox_account.h"
#include "daemon/service.h"
#include "daemon/store/heard.h"
#include "daemon/store_place.h"
#include "daemon/token_files.h"

/* How often it is looked whether a database can be read by now. */
enum { LOOK_US = 100 * 1000 };
/* For other nodes to hear of a change of the tokens. */
#define HEARD_US (2 * SECOND_US)

/* What --check-config calls a mistake is one at a start too, and no restart mends it. */
static int status_of(const struct app *a, int err)
{
    static const int of_url[] = {TGC_EINVAL, TGC_EREFUSED, TGC_EUNKNOWN};
    bool is_config = err == TGC_EFOREIGN || err == TGC_EEXIST;

    for (size_t i = 0; a->settings->store_url && i < sizeof(of_url) / sizeof(of_url[0]); i++)
        is_config = is_config || err == of_url[i];
    return is_config ? EXIT_CONFIG : err == TGC_EBUSY ? EXIT_HELD : 1;
}

int app_join_cluster(struct app *a)
{
    struct fault fault = {0};
    int version;

    if (!a->settings->cluster_node)
        return 0;
    /* A node that could not take over is to say so now, not when it has to. */
    int err = store_place_look(a->settings, &a->state, &a->data_centres, &version, &fault);
    if (err)
        return app_complain(status_of(a, err), &fault, "store");
    err = app_cluster_join(a->settings, a->signals, &a->cluster, &fault);
    return err ? app_complain(status_of(a, err), &fault, "cluster") : 0;
}

/* The accounts' keys are another daemon's now: nothing more is sent with them, not even to stop in good order. */
static void end_at_once(void)
{
    log_writer_stop();
    _exit(EXIT_HELD);
}

static int open_place(struct app *a, struct fault *fault)
{
    int64_t node = a->cluster ? cluster_link_bind(app_cluster_link(a->cluster)) : 0;

    if (a->cluster && !node)
        return fault_set(fault, TGC_ESTATE, "the other nodes took this one for dead while it started");
    return store_place_open(a->settings, &a->state, &a->data_centres, metrics_meter(a->metrics, a->settings->workers),
                            node, a->stands_by, a->cluster ? app_cluster_end_at_once : end_at_once, &a->store, fault);
}

/* A node of another version has the database still, or is about to make it. */
static bool wait_for_version(struct app *a, const struct fault *fault, bool *told)
{
    if (!*told)
        log_notice("main", "%s: this node answers when it is, or when it takes over", fault->text);
    *told = true;
    service_waiting("waits to take over the accounts from another node", clock_mono_us(&clock_system));
    int got = signals_wait_until(a->signals, clock_mono_us(&clock_system) + LOOK_US);
    if (got == 0 || got == SIGHUP)
        return true;
    log_notice("main", "stopping");
    a->is_stopped = true;
    return false;
}

static int open_here_or_beside(struct app *a, struct fault *fault)
{
    enum app_cluster_place place = APP_CLUSTER_HERE;
    bool told = false;
    int err;

    do {
        err = a->cluster ? app_cluster_wait(a->cluster, true, &place, fault) : 0;
        a->is_stopped = !err && place == APP_CLUSTER_STOP;
        if (err || a->is_stopped)
            return err;
        a->stands_by = place == APP_CLUSTER_ELSEWHERE;
        fault_clear(fault);
        err = open_place(a, fault);
    } while (err == TGC_ESTATE && a->stands_by && wait_for_version(a, fault, &told));
    return a->is_stopped ? 0 : err;
}

int app_open_store(struct app *a)
{
    struct fault fault = {0};
    int err = metrics_new(a->settings->workers + 2, &a->metrics);

    if (!err)
        err = open_here_or_beside(a, &fault);
    if (a->is_stopped)
        return 0;
    if (!err)
        err = events_kept_open(a->store, a->cluster != NULL, &a->events);
    if (!err)
        err = audit_new(&a->audit);
    if (!err)
        return 0;
    fault.err = err;
    return app_complain(status_of(a, err), &fault, "store");
}

/* --- tokens --- */

/* The store has them by then, and with it whoever had it before. Of nodes only the first ever had a file of it. */
static void tell_of_tokens(const struct app *a, bool made)
{
    if (made)
        log_notice("main", "a token with all scopes was made: %s/admin.token", a->state.path);
    else if (!(a->cluster && !token_files_is_there(&a->state)) && !token_files_has_admin(&a->state, a->tokens))
        log_notice("main",
                   "%s/admin.token has no token that is known%s; if yours is lost, stop %s and make a new one "
                   "with: tgcalld token reset --state-dir %s",
                   a->state.path,
                   a->settings->store_url ? ": the tokens that count are those in the database, whoever made them" : "",
                   a->cluster ? "all nodes" : "the daemon", a->state.path);
}

static int64_t own_node(void *ctx)
{
    const struct app *a = ctx;

    return cluster_link_own(app_cluster_link(a->cluster));
}

/* What is answered is so at every node: a removed token opens nothing there any more. One that does not say so in time
 * hears of it as soon as it goes on. */
static void await_other_nodes(void *ctx)
{
    struct app *a = ctx;
    struct fault fault = {0};
    int64_t left = 0;
    int err = heard_wait(a->settings->store_url, own_node(a), &clock_system, clock_mono_us(&clock_system) + HEARD_US,
                         &left, &fault);

    if (err)
        log_warning("cluster", "whether the other nodes know the tokens as they are now: %s", fault.text);
    else if (left)
        log_warning("cluster",
                    "%lld of the other nodes did not say within %d s that they know the tokens as they are now",
                    (long long)left, (int)(HEARD_US / SECOND_US));
}

static int take_tokens(struct app *a)
{
    struct fault fault = {0};
    bool made;

    if (token_files_load(&a->state, &a->tokens_kept, &made, &fault) != 0)
        return app_complain(1, &fault, "tokens");
    tell_of_tokens(a, made);
    tokens_kept_begin(&a->tokens_kept, a->cluster ? await_other_nodes : NULL, a);
    return 0;
}

static int follow_others(struct app *a)
{
    struct fault fault = {0};
    const struct follow_config config = {.url = a->settings->store_url,
                                         .clock = &clock_system,
                                         .events = a->events,
                                         .tokens = &a->tokens_kept,
                                         .leads = !a->stands_by,
                                         .node = own_node,
                                         .key_path = store_key_path(a->store),
                                         .ctx = a};

    return follow_begin(&config, &a->follow, &fault) ? app_complain(1, &fault, "cluster") : 0;
}

/* What is the cluster's as a whole is this node's to write from now on. */
static int lead(struct app *a)
{
    if (a->cluster)
        events_kept_take_over(a->store, a->events, app_cluster_led_after_death(a->cluster));
    return take_tokens(a);
}

int app_load_tokens(struct app *a)
{
    if (tokens_new(&a->tokens) != 0)
        return 1;
    if (tokens_kept_open(&a->tokens_kept, a->store, a->tokens) != 0)
        return 1;
    if (a->cluster && follow_others(a) != 0)
        return 1;
    return a->stands_by ? 0 : lead(a);
}

/* --- workers --- */

int app_start_workers(struct app *a)
{
    const struct settings *s = a->settings;
    struct fault fault = {0};
    struct utsname un;
    bool sandbox = s->environment == SETTINGS_SANDBOX;

    atomic_init(&a->workers.is_elsewhere, a->stands_by);
    uname(&un);
    snprintf(a->system_version, sizeof(a->system_version), "%.40s %.60s", un.sysname, un.release);
    struct worker_config config = {
        .env =
            {
                .clock = &clock_system,
                .random = &random_system,
                .schema = schemas_find(&a->schemas, (int)s->layer),
                .dcs = &a->data_centres.dcs,
                .environment = settings_environment_name(s->environment),
                .api_id = sandbox ? 1 : (int32_t)s->api_id,
                .api_hash = sandbox       ? "sandbox"
                            : s->api_hash ? s->api_hash
                                          : "",
                .device_model = s->device_model ? s->device_model : "tgcalld",
                .system_version = a->system_version,
                .app_version = PACKAGE_VERSION,
                .lang_code = s->lang_code ? s->lang_code : "en",
                .proxy = s->proxy ? &a->proxy : NULL,
                .framing = (enum wire_framing)wire_framing_parse(s->transport),
                .obfuscated = s->obfuscated,
                .temporary_key_life_s = s->pfs ? (int32_t)(s->pfs_key_life_us / SECOND_US) : 0,
                .flood_wait_max_us = s->flood_wait_max_us,
                .request_timeout_us = s->request_timeout_us,
            },
        .others = a->schemas.others,
        .others_n = a->schemas.others_n,
        .queue_size = s->queue_size,
        .late_max_us = s->late_max_us,
        .config_file = settings_file(s),
        .store = a->store,
        .events = a->events,
        .audit = a->audit,
        .share_n = s->workers,
        .gate = app_cluster_gate(a->cluster),
        .cluster = app_cluster_link(a->cluster),
        .metrics = a->metrics,
        .workers = &a->workers,
    };
    int err = data_centres_learnt(s, &a->data_centres, &a->learnt);
    config.env.learnt = a->learnt;
    if (!err)
        err = chat_locks_new(&a->chat_locks);
    config.chat_locks = a->chat_locks;
    config.tokens = a->tokens;
    if (!err)
        err = handshakes_new(s->handshakes_max, &a->handshakes);
    config.handshakes = a->handshakes;
    if (!err)
        err = directory_new(s->workers, &a->workers.directory);
    while (!err && a->threads_n < s->workers) {
        err = worker_start(&config, &a->threads[a->threads_n], &fault);
        if (!err)
            a->threads_n++;
    }
    app_cluster_watch(a->cluster, a->threads, a->threads_n);
    fault.err = err;
    return err ? app_complain(1, &fault, "a worker cannot start") : 0;
}

/* --- other nodes --- */

int app_start_relay(struct app *a)
{
    struct fault fault = {0};
    const struct relay_config config = {.url = a->settings->store_url,
                                        .key_path = store_key_path(a->store),
                                        .key_is_given = store_key_is_given(a->store),
                                        .lease_us = a->settings->cluster_lease_us,
                                        .clock = &clock_system,
                                        .random = &random_system,
                                        .slots = a->settings->queue_size,
                                        .workers = &a->workers,
                                        .node_id = own_node,
                                        .ctx = a};

    if (!a->cluster)
        return 0;
    if (relay_new(&config, &a->relay, &fault) != 0)
        return app_complain(1, &fault, "cluster");
    a->workers.elsewhere = relay_mailbox(a->relay);
    return 0;
}

/* --- the accounts --- */

static int open_hooks(struct app *a)
{
    struct fault fault = {0};
    int err = hooks_kept_open(a->settings, a->store, a->events, metrics_meter(a->metrics, a->settings->workers + 1),
                              &a->hooks, &fault);

    return err ? app_complain(err == TGC_EINVAL || err == TGC_ELIMIT ? EXIT_CONFIG : 1, &fault, "webhooks") : 0;
}

static int open_upkeep(struct app *a)
{
    struct fault fault = {0};

    upkeep_clear(a->store);
    return upkeep_socket_open(a->state.path, a->store, &a->upkeep, &fault) ? app_complain(1, &fault, "upkeep") : 0;
}

static int load_accounts(struct app *a)
{
    struct fault fault = {0};
    int err = 0;

    for (size_t i = 0; i < a->threads_n; i++)
        worker_load(a->threads[i], a->hooks);
    for (size_t i = 0; i < a->threads_n && !err; i++)
        err = worker_wait_loaded(a->threads[i], &fault);
    return err ? app_complain(1, &fault, "a worker cannot start") : 0;
}

static int log_in_sandbox(struct app *a)
{
    struct fault fault = {0};

    if (!a->sandbox)
        return 0;
    if (sandbox_account_login(&a->workers, a->settings->request_timeout_us, &fault) != 0)
        return app_complain(1, &fault, "the sandbox account cannot log in");
    return 0;
}

static int take_accounts(struct app *a)
{
    int status = open_upkeep(a);

    if (!status)
        status = open_hooks(a);
    if (!status)
        status = hooks_kept_start(a->hooks, a->events, &a->hooks_reader) ? 1 : 0;
    if (!status)
        status = load_accounts(a);
    return status ? status : log_in_sandbox(a);
}

/* Who leads has all accounts. */
static void serve_others(struct app *a)
{
    relay_holds_all(a->relay, true);
    relay_serve(a->relay, true);
}

int app_take_accounts(struct app *a)
{
    int status = a->stands_by ? 0 : take_accounts(a);

    if (!status && a->relay && !a->stands_by)
        serve_others(a);
    return status;
}

static int take_store(struct app *a, bool *ret_again)
{
    struct fault fault = {0};
    int err = store_take_over(a->store, &fault);

    /* It reads on meanwhile; the lease holds, or another takes over. */
    *ret_again = err == TGC_EAWAY;
    if (*ret_again)
        log_warning("main", "the accounts cannot be taken over yet: %s; it is tried again", fault.text);
    return err && !*ret_again ? app_complain(err == TGC_EBUSY ? EXIT_HELD : 1, &fault, "store") : 0;
}

int app_take_over(struct app *a)
{
    bool again;
    int status = take_store(a, &again);

    if (status || again)
        return status;
    service_busy();
    a->stands_by = false;
    follow_lead(a->follow);
    status = lead(a);
    service_busy();
    if (!status)
        status = take_accounts(a);
    service_busy();
    if (status)
        return status;
    /* What was asked of another node until now is in its table, and is taken from there. */
    atomic_store_explicit(&a->workers.is_elsewhere, false, memory_order_release);
    serve_others(a);
    return 0;
}
