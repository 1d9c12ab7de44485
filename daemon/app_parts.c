#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/paths.h"
#include "daemon/about.h"
#include "daemon/app_internal.h"
#include "daemon/base/log.h"
#include "daemon/base/log_writer.h"
#include "daemon/descriptors.h"
#include "daemon/listen.h"
#include "daemon/net/pool.h"
#include "daemon/tg/needs.h"
#include "daemon/tls_clients.h"

int app_complain(int status, const struct fault *fault, const char *what)
{
    log_error("main", "%s%s%s", what, what[0] ? ": " : "", fault->text[0] ? fault->text : tgc_err_text(fault->err));
    return status;
}

int app_take_passed(struct app *a)
{
    struct fault fault = {0};

    return passed_take(a->settings, &a->passed, &fault) ? app_complain(EXIT_CONFIG, &fault, "") : 0;
}

int app_share_descriptors(struct app *a)
{
    struct fault fault = {0};
    unsigned listeners = listen_count(a->settings, &a->passed);

    return descriptors_share(a->settings, listeners, &a->connections, &a->streams, &fault) ? app_complain(1, &fault, "")
                                                                                           : 0;
}

int app_open_state(struct app *a)
{
    struct fault fault = {0};
    int err = state_dir_open(a->settings->state_dir, &a->state, &fault);

    if (err)
        return app_complain(err == TGC_EBUSY ? EXIT_HELD : 1, &fault, "");
    if (a->state.is_private) {
        printf("state directory: %s (removed at the end)\n", a->state.path);
        fflush(stdout);
    }
    state_dir_remove(&a->state, "listen");
    return 0;
}

int app_load_schemas(struct app *a)
{
    struct fault fault = {0};
    int layer = (int)a->settings->layer;

    if (schemas_load(&a->settings->schema, &a->schemas, &fault) != 0)
        return app_complain(EXIT_CONFIG, &fault, "schema");
    if (!schemas_find(&a->schemas, layer)) {
        char names[256];
        schemas_names(&a->schemas, names, sizeof(names));
        log_error("main", "there is no schema of layer %u; known layers: %s (add one with --schema FILE)",
                  a->settings->layer, names);
        return EXIT_CONFIG;
    }
    if (tg_needs_check(schemas_find(&a->schemas, layer), &fault) != 0)
        return app_complain(EXIT_CONFIG, &fault, "schema");
    a->version = about_version(a->settings, &a->schemas);
    if (schemas_outline(&a->schemas, layer) != 0)
        return app_complain(1, &(struct fault){.err = TGC_ENOMEM}, "schema");
    /* The sandbox speaks them all. */
    if (a->settings->environment != SETTINGS_SANDBOX)
        schemas_keep_one(&a->schemas, layer);
    /* The texts and what parsing needed are free again: give the pages back. */
    malloc_trim(0);
    return 0;
}

int app_start_pool(struct app *a)
{
    struct fault fault = {0};

    (void)a;
    return net_pool_start(&fault) ? app_complain(1, &fault, "") : 0;
}

int app_start_sandbox(struct app *a)
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
        return app_complain(1, &fault, "the sandbox cannot start");
    log_info("main", "sandbox data centres at %s and %s", sandbox_dc_address(a->sandbox, 1),
             sandbox_dc_address(a->sandbox, 2));
    if (sandbox_control_address(a->sandbox))
        log_info("main", "sandbox control at http://%s", sandbox_control_address(a->sandbox));
    return 0;
}

int app_load_data_centres(struct app *a)
{
    struct fault fault = {0};

    return data_centres_load(a->settings, a->sandbox, &a->data_centres, &fault)
               ? app_complain(EXIT_CONFIG, &fault, "data centres")
               : 0;
}

int app_read_proxy(struct app *a)
{
    struct fault fault = {0};

    if (!a->settings->proxy || proxy_parse(a->settings->proxy, &a->proxy, &fault) == 0)
        return 0;
    return app_complain(1, &fault, "the proxy"); /* they were checked: not to be met */
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
    return err ? app_complain(1, &fault, "HTTP cannot start") : 0;
}

int app_start_api(struct app *a)
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
        return app_complain(1, &fault, "HTTP cannot start");
    if (tls_clients_apply(a->api, s) != 0)
        return 1;
    status = listen_all(a->api, s, &a->state, &a->passed, gid);
    return status ? status : serve(a);
}

/* Last: what a start has to say is in the log when it is done. */
int app_start_log_writer(struct app *a)
{
    struct fault fault = {0};

    (void)a;
    return log_writer_start(&fault) ? app_complain(1, &fault, "the log's writer cannot start") : 0;
}
