#include "daemon/app.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "api/server.h"
#include "config.h"
#include "config/paths.h"
#include "daemon/about.h"
#include "daemon/app_cluster.h"
#include "daemon/base/log.h"
#include "daemon/base/log_writer.h"
#include "daemon/base/metrics.h"
#include "daemon/dashboard.h"
#include "daemon/data_centres.h"
#include "daemon/descriptors.h"
#include "daemon/events_kept.h"
#include "daemon/hooks_kept.h"
#include "daemon/listen.h"
#include "daemon/net/pool.h"
#include "daemon/reload.h"
#include "daemon/sandbox_account.h"
#include "daemon/schemas.h"
#include "daemon/service.h"
#include "daemon/tg/needs.h"
#include "daemon/signals.h"
#include "daemon/state_dir.h"
#include "daemon/store_place.h"
#include "daemon/tls_clients.h"
#include "daemon/token_files.h"
#include "daemon/upkeep.h"
#include "daemon/worker/worker.h"

struct app {
    const struct options *options;
    const struct settings *settings;
    struct signals *signals;
    bool hurried; /* and it was said */
    struct passed passed;
    struct state_dir state;
    struct schemas schemas;
    struct sandbox *sandbox;
    struct data_centres data_centres;
    struct proxy proxy; /* where the settings have one */
    struct tokens *tokens;
    struct tokens_kept tokens_kept;
    json_t *version;
    char *openapi, *asyncapi;
    struct dashboard dashboard;
    struct metrics *metrics; /* a meter for each worker, then the store's and the webhooks' */
    char system_version[128];
    struct app_cluster *cluster; /* NULL: this daemon is the only one */
    bool is_stopped;             /* before it was ready */
    struct store *store;
    struct events *events;
    struct audit *audit;
    struct hooks *hooks;
    struct events_reader *hooks_reader;
    struct upkeep_socket *upkeep;
    struct workers workers;
    struct chat_locks *chat_locks;
    struct handshakes *handshakes;
    struct dc_learnt *learnt;
    struct worker *threads[WORKERS_MAX]; /* those of workers.mailboxes */
    size_t threads_n;
    unsigned connections; /* of each listener */
    unsigned streams;     /* of events */
    struct api *api;
};

/* --- the parts, in the order of their making: each returns 0 or the exit status, having said why --- */

static int complain(int status, const struct fault *fault, const char *what)
{
    log_error("main", "%s%s%s", what, what[0] ? ": " : "", fault->text[0] ? fault->text : tgc_err_text(fault->err));
    return status;
}

static int take_passed(struct app *a)
{
    struct fault fault = {0};

    return passed_take(a->settings, &a->passed, &fault) ? complain(EXIT_CONFIG, &fault, "") : 0;
}

static int share_descriptors(struct app *a)
{
    struct fault fault = {0};
    unsigned listeners = listen_count(a->settings, &a->passed);

    return descriptors_share(a->settings, listeners, &a->connections, &a->streams, &fault) ? complain(1, &fault, "")
                                                                                           : 0;
}

static int open_state(struct app *a)
{
    struct fault fault = {0};
    int err = state_dir_open(a->settings->state_dir, &a->state, &fault);

    if (err)
        return complain(err == TGC_EBUSY ? EXIT_HELD : 1, &fault, "");
    if (a->state.is_private) {
        printf("state directory: %s (removed at the end)\n", a->state.path);
        fflush(stdout);
    }
    state_dir_remove(&a->state, "listen");
    return 0;
}

static int load_schemas(struct app *a)
{
    struct fault fault = {0};
    int layer = (int)a->settings->layer;

    if (schemas_load(&a->settings->schema, &a->schemas, &fault) != 0)
        return complain(EXIT_CONFIG, &fault, "schema");
    if (!schemas_find(&a->schemas, layer)) {
        char names[256];
        schemas_names(&a->schemas, names, sizeof(names));
        log_error("main", "there is no schema of layer %u; known layers: %s (add one with --schema FILE)",
                  a->settings->layer, names);
        return EXIT_CONFIG;
    }
    if (tg_needs_check(schemas_find(&a->schemas, layer), &fault) != 0)
        return complain(EXIT_CONFIG, &fault, "schema");
    a->version = about_version(a->settings, &a->schemas);
    if (schemas_outline(&a->schemas, layer) != 0)
        return complain(1, &(struct fault){.err = TGC_ENOMEM}, "schema");
    /* The sandbox speaks them all. */
    if (a->settings->environment != SETTINGS_SANDBOX)
        schemas_keep_one(&a->schemas, layer);
    /* The texts and what parsing needed are free again: give the pages back. */
    malloc_trim(0);
    return 0;
}

static int start_pool(struct app *a)
{
    struct fault fault = {0};

    (void)a;
    return net_pool_start(&fault) ? complain(1, &fault, "") : 0;
}

static int start_sandbox(struct app *a)
{
    struct fault fault = {0};
    char *key = NULL;

    if (a->settings->environment != SETTINGS_SANDBOX)
        return 0;
    if (paths_data("keys/sandbox.pem", &key) != 0)
        return 1;
    char *dir = a->state.is_private ? NULL : state_dir_file(&a->state, "sandbox");
    struct sandbox_config config = {
        .listen = "127.0.0.1:0",
        .second = "127.0.0.1:0",
        .control = a->settings->control,
        .key_path = key,
        .dir = dir,
        .schemas = a->schemas.list,
        .schemas_n = a->schemas.n,
    };
    int err = sandbox_start(&config, &a->sandbox, &fault);
    free(key);
    free(dir);
    if (err)
        return complain(1, &fault, "the sandbox cannot start");
    log_info("main", "sandbox data centres at %s and %s", sandbox_dc_address(a->sandbox, 1),
             sandbox_dc_address(a->sandbox, 2));
    if (sandbox_control_address(a->sandbox))
        log_info("main", "sandbox control at http://%s", sandbox_control_address(a->sandbox));
    return 0;
}

static int load_data_centres(struct app *a)
{
    struct fault fault = {0};

    return data_centres_load(a->settings, a->sandbox, &a->data_centres, &fault)
               ? complain(EXIT_CONFIG, &fault, "data centres")
               : 0;
}

/* The store has them by then, and with it whoever had it before. */
static void tell_of_tokens(const struct app *a, bool made)
{
    if (made)
        log_notice("main", "a token with all scopes was made: %s/admin.token", a->state.path);
    else if (!token_files_has_admin(&a->state, a->tokens))
        log_notice("main",
                   "%s/admin.token has no token that is known%s; if yours is lost, stop the daemon and make a new one "
                   "with: tgcalld token reset --state-dir %s",
                   a->state.path,
                   a->settings->store_url ? ": the tokens that count are those in the database, whoever made them" : "",
                   a->state.path);
}

static int load_tokens(struct app *a)
{
    struct fault fault = {0};
    bool made;

    if (tokens_new(&a->tokens) != 0)
        return 1;
    if (tokens_kept_open(&a->tokens_kept, a->store, a->tokens) != 0)
        return 1;
    if (token_files_load(&a->state, &a->tokens_kept, &made, &fault) != 0)
        return complain(1, &fault, "tokens");
    tell_of_tokens(a, made);
    tokens_kept_begin(&a->tokens_kept);
    return 0;
}

static int read_proxy(struct app *a)
{
    struct fault fault = {0};

    if (!a->settings->proxy || proxy_parse(a->settings->proxy, &a->proxy, &fault) == 0)
        return 0;
    return complain(1, &fault, "the proxy"); /* they were checked: not to be met */
}

static int join_cluster(struct app *a)
{
    struct fault fault = {0};

    if (!a->settings->cluster_node)
        return 0;
    /* They listen while it waits: who came would hang, and be served much later. */
    if (a->passed.n) {
        fault_set(
            &fault, TGC_EINVAL,
            "sockets are passed, which listen while a node waits: `systemctl disable --now tgcalld.socket`, and let "
            "[server] listen say where");
        return complain(EXIT_CONFIG, &fault, "cluster");
    }
    /* A node that could not take over is to say so now, not when it has to. */
    int err = store_place_look(a->settings, &a->state, &a->data_centres, &fault);
    if (err)
        return complain(err == TGC_EFOREIGN ? EXIT_CONFIG : 1, &fault, "store");
    err = app_cluster_join(a->settings, a->signals, &a->is_stopped, &a->cluster, &fault);
    return err ? complain(err == TGC_EEXIST ? EXIT_CONFIG : 1, &fault, "cluster") : 0;
}

/* The accounts' keys are another daemon's now: nothing more is sent with them, not even to stop in good order. */
static void end_at_once(void)
{
    log_writer_stop();
    _exit(EXIT_HELD);
}

static int open_store(struct app *a)
{
    struct fault fault = {0};
    int err = metrics_new(a->settings->workers + 2, &a->metrics);

    if (!err)
        err =
            store_place_open(a->settings, &a->state, &a->data_centres, metrics_meter(a->metrics, a->settings->workers),
                             a->cluster != NULL, a->cluster ? app_cluster_end_at_once : end_at_once, &a->store, &fault);

    if (!err)
        err = events_kept_open(a->store, &a->events);
    if (!err)
        err = audit_new(&a->audit);
    if (!err)
        return 0;
    fault.err = err;
    return complain(err == TGC_EFOREIGN ? EXIT_CONFIG : err == TGC_EBUSY ? EXIT_HELD : 1, &fault, "store");
}

static int open_hooks(struct app *a)
{
    struct fault fault = {0};
    int err = hooks_kept_open(a->settings, a->store, a->events, metrics_meter(a->metrics, a->settings->workers + 1),
                              &a->hooks, &fault);

    return err ? complain(err == TGC_EINVAL || err == TGC_ELIMIT ? EXIT_CONFIG : 1, &fault, "webhooks") : 0;
}

static int open_upkeep(struct app *a)
{
    struct fault fault = {0};

    upkeep_clear(a->store);
    return upkeep_socket_open(a->state.path, a->store, &a->upkeep, &fault) ? complain(1, &fault, "upkeep") : 0;
}

static int start_workers(struct app *a)
{
    const struct settings *s = a->settings;
    struct fault fault = {0};
    struct utsname un;
    bool sandbox = s->environment == SETTINGS_SANDBOX;

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
        .hooks = a->hooks,
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
    for (size_t i = 0; i < a->threads_n && !err; i++)
        err = worker_wait_loaded(a->threads[i], &fault);
    fault.err = err;
    return err ? complain(1, &fault, "a worker cannot start") : 0;
}

static unsigned scopes_of(const struct text_list *names)
{
    unsigned scopes = 0;

    for (size_t i = 0; i < names->n; i++)
        scopes |= scope_parse(names->items[i]);
    return names->n ? scopes : SCOPE_READ | SCOPE_CALLS;
}

static int serve(struct app *a)
{
    struct fault fault = {0};
    int err = api_start(a->api, a->threads_n, &fault);

    for (size_t i = 0; i < a->threads_n && !err; i++)
        err = worker_host(a->threads[i], api_guest(a->api, i));
    fault.err = err;
    return err ? complain(1, &fault, "HTTP cannot start") : 0;
}

static int start_api(struct app *a)
{
    const struct settings *s = a->settings;
    struct fault fault = {0};
    gid_t gid;
    int status = listen_group(s, &gid);

    if (status)
        return status;
    a->openapi = about_description("openapi.json");
    a->asyncapi = about_description("asyncapi.json");
    dashboard_load(&a->dashboard);
    struct api_config config = {
        .clock = &clock_system,
        .workers = &a->workers,
        .tokens = a->tokens,
        .events = a->events,
        .audit = a->audit,
        .metrics = a->metrics,
        .version = a->version,
        .openapi = a->openapi,
        .asyncapi = a->asyncapi,
        .pages = a->dashboard.pages,
        .pages_n = a->dashboard.n,
        .hosts = (const char *const *)s->hosts.items,
        .origins = (const char *const *)s->cors_origins.items,
        .config_file = settings_file(s),
        .body_max = s->body_max,
        .request_timeout_us = s->request_timeout_us,
        .head_timeout_us = s->head_timeout_us,
        .body_timeout_us = s->body_timeout_us,
        .address_connections = s->address_connections,
        .token_rate = s->token_rate,
        .idle_timeout_us = s->idle_timeout_us,
        .connections_max = a->connections,
        .streams_max = a->streams,
        .unix_gid = gid,
        .unix_scopes = scopes_of(&s->unix_scopes),
    };
    if (api_new(&config, &a->api, &fault) != 0)
        return complain(1, &fault, "HTTP cannot start");
    if (tls_clients_apply(a->api, s) != 0)
        return 1;
    status = listen_all(a->api, s, &a->state, &a->passed, gid);
    return status ? status : serve(a);
}

static int start_hooks(struct app *a)
{
    return hooks_kept_start(a->hooks, a->events, &a->hooks_reader) ? 1 : 0;
}

static int log_in_sandbox(struct app *a)
{
    struct fault fault = {0};

    if (!a->sandbox)
        return 0;
    if (sandbox_account_login(&a->workers, a->settings->request_timeout_us, &fault) != 0)
        return complain(1, &fault, "the sandbox account cannot log in");
    return 0;
}

/* Last: what a start has to say is in the log when it is done. */
static int start_log_writer(struct app *a)
{
    struct fault fault = {0};

    (void)a;
    return log_writer_start(&fault) ? complain(1, &fault, "the log's writer cannot start") : 0;
}

/* A second signal: the stop is as clean, but waits for no answers. */
static bool is_hurried(void *ctx)
{
    struct app *a = ctx;
    bool hurry = signals_hurry(a->signals);

    if (hurry && !a->hurried)
        log_notice("main", "stopping without waiting for answers");
    a->hurried = hurry;
    return hurry;
}

/* The exit status: what was to be kept and is not is a failure. */
static int stop(struct app *a)
{
    if (a->api)
        api_quiesce(a->api);
    /* All first: none passes a job on to one that ends. */
    for (size_t i = 0; i < a->threads_n; i++)
        worker_close(a->threads[i]);
    int64_t deadline_us = clock_mono_us(&clock_system) + a->settings->shutdown_timeout_us;
    for (size_t i = 0; i < a->threads_n; i++)
        worker_drain(a->threads[i], deadline_us, is_hurried, a);
    for (size_t i = 0; i < a->threads_n; i++)
        worker_end(a->threads[i]);
    for (size_t i = 0; i < a->threads_n; i++)
        worker_join(a->threads[i]);
    app_cluster_watch(a->cluster, NULL, 0);
    /* Bodies may have come in until here, and asked a mailbox. */
    for (size_t i = 0; i < a->threads_n; i++)
        worker_free(a->threads[i]);
    api_free(a->api);
    passed_close(&a->passed);
    upkeep_socket_close(a->upkeep);
    hooks_kept_close(a->hooks, a->events, a->hooks_reader);
    events_kept_close(a->store, a->events);
    audit_free(a->audit);
    if (a->api)
        tokens_kept_end(&a->tokens_kept);
    tokens_kept_close(&a->tokens_kept);
    struct fault fault = {0};
    int status = store_close(a->store, &fault) ? complain(1, &fault, "store") : 0;
    app_cluster_leave(a->cluster);
    metrics_free(a->metrics);
    chat_locks_free(a->chat_locks);
    handshakes_free(a->handshakes);
    dc_learnt_free(a->learnt);
    directory_free(a->workers.directory);
    if (sandbox_stop(a->sandbox))
        status = 1;
    data_centres_fini(&a->data_centres);
    proxy_wipe(&a->proxy);
    schemas_fini(&a->schemas);
    tokens_free(a->tokens);
    json_decref(a->version);
    free(a->openapi);
    free(a->asyncapi);
    dashboard_fini(&a->dashboard);
    if (a->state.path)
        state_dir_remove(&a->state, "listen");
    state_dir_close(&a->state);
    signals_free(a->signals);
    return status;
}

static void run(struct app *a)
{
    struct service service;

    service_ready(&service, a->workers.directory, a->threads, a->threads_n);
    if (a->settings->environment != SETTINGS_SANDBOX && !a->settings->api_id)
        log_warning("main",
                    "no api_id is set, so that no account can log in: get one at https://my.telegram.org and set "
                    "api_id and api_hash in the section [telegram] of %s",
                    settings_file(a->settings));
    for (;;) {
        int got = signals_wait_until(a->signals, service_look(&service, clock_mono_us(&clock_system)));
        if (!got)
            continue;
        if (got != SIGHUP) {
            log_notice("main", "%s: stopping, within %g s; a second signal waits for no answers", strsignal(got),
                       (double)a->settings->shutdown_timeout_us / SECOND_US);
            break;
        }
        service_reloading(&service);
        reload(a->options, a->settings, &a->passed, a->api);
        service_reloaded(&service);
    }
    service_stopping(&service);
}

int app_run(const struct options *options, const struct settings *settings)
{
    static int (*const parts[])(struct app *) = {
        take_passed,       share_descriptors, load_schemas,  open_state,     start_pool,  start_sandbox,
        load_data_centres, read_proxy,        join_cluster,  open_store,     load_tokens, open_upkeep,
        open_hooks,        start_hooks,       start_workers, log_in_sandbox, start_api,   start_log_writer};
    struct app a = {.options = options, .settings = settings, .state.lock_fd = -1};
    int status = 0;

    if (signals_new(&a.signals) != 0) {
        log_error("main", "cannot start a thread");
        return 1;
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !status && !a.is_stopped; i++)
        status = parts[i](&a);
    if (!status && !a.is_stopped)
        run(&a);
    int stopped = stop(&a);
    log_writer_stop();
    return status ? status : stopped;
}
