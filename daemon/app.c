#include "daemon/app.h"

#include <string.h>

#include "daemon/app_internal.h"
#include "daemon/base/log.h"
#include "daemon/base/log_writer.h"
#include "daemon/events_kept.h"
#include "daemon/hooks_kept.h"
#include "daemon/reload.h"
#include "daemon/service.h"

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
    if (a->relay)
        relay_serve(a->relay, false);
    /* All first: none passes a job on to one that ends. */
    for (size_t i = 0; i < a->threads_n; i++)
        worker_close(a->threads[i]);
    int64_t deadline_us = clock_mono_us(&clock_system) + a->settings->shutdown_timeout_us;
    if (a->store)
        store_stop_by(a->store, deadline_us);
    if (a->cluster)
        cluster_link_stop_by(app_cluster_link(a->cluster), deadline_us);
    for (size_t i = 0; i < a->threads_n; i++)
        worker_drain(a->threads[i], deadline_us, is_hurried, a);
    if (a->relay)
        relay_close(a->relay, is_hurried(a) ? 0 : deadline_us);
    for (size_t i = 0; i < a->threads_n; i++)
        worker_end(a->threads[i]);
    for (size_t i = 0; i < a->threads_n; i++)
        worker_join(a->threads[i]);
    app_cluster_watch(a->cluster, NULL, 0);
    /* Bodies may have come in until here, and asked a mailbox. */
    for (size_t i = 0; i < a->threads_n; i++)
        worker_free(a->threads[i]);
    api_free(a->api);
    relay_free(a->relay);
    follow_end(a->follow);
    passed_close(&a->passed);
    upkeep_socket_close(a->upkeep);
    hooks_kept_close(a->hooks, a->events, a->hooks_reader);
    events_kept_close(a->stands_by ? NULL : a->store, a->events);
    audit_free(a->audit);
    if (a->api && !a->stands_by)
        tokens_kept_end(&a->tokens_kept);
    tokens_kept_close(&a->tokens_kept);
    struct fault fault = {0};
    int status = store_close(a->store, &fault) ? app_complain(1, &fault, "store") : 0;
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

static int run(struct app *a)
{
    struct service service;
    int status = 0;

    service_ready(&service, &a->workers, a->threads, a->threads_n);
    if (a->settings->environment != SETTINGS_SANDBOX && !a->settings->api_id)
        log_warning("main",
                    "no api_id is set, so that no account can log in: get one at https://my.telegram.org and set "
                    "api_id and api_hash in the section [telegram] of %s",
                    settings_file(a->settings));
    for (;;) {
        if (a->stands_by && app_cluster_has_accounts(a->cluster))
            status = app_take_over(a);
        if (status)
            break;
        int64_t due_us = service_look(&service, clock_mono_us(&clock_system));
        if (a->stands_by && due_us == INT64_MAX)
            due_us = clock_mono_us(&clock_system) + SECOND_US;
        int got = signals_wait_until(a->signals, due_us);
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
    return status;
}

int app_run(const struct options *options, const struct settings *settings)
{
    static int (*const parts[])(struct app *) = {
        app_take_passed,  app_share_descriptors, app_load_schemas,      app_open_state,
        app_start_pool,   app_start_sandbox,     app_load_data_centres, app_read_proxy,
        app_join_cluster, app_open_store,        app_load_tokens,       app_start_workers,
        app_start_relay,  app_take_accounts,     app_start_api,         app_start_log_writer};
    struct app a = {.options = options, .settings = settings, .state.lock_fd = -1};
    int status = 0;

    if (signals_new(&a.signals) != 0) {
        log_error("main", "cannot start a thread");
        return 1;
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !status && !a.is_stopped; i++)
        status = parts[i](&a);
    if (!status && !a.is_stopped)
        status = run(&a);
    int stopped = stop(&a);
    log_writer_stop();
    return status ? status : stopped;
}
