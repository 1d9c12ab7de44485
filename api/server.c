#include "api/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "api/api_internal.h"
#include "api/handle.h"
#include "api/listen.h"
#include "api/patience.h"
#include "daemon/base/log.h"
#include "daemon/base/random.h"

enum {
    /* How long a stop waits for answers and for clients that are about to ask, in steps of a millisecond. */
    STOP_PATIENCE_MS = 2000,
    STACK_SIZE = 1 << 20
};

static char *line_of(const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT), *line = NULL;

    if (!text || asprintf(&line, "%s\n", text) < 0)
        line = NULL;
    free(text);
    return line;
}

static void free_api(struct api *api)
{
    if (api->drain)
        drain_free(api->drain);
    pthread_mutex_destroy(&api->conns_lock);
    free(api->version_text);
    free(api);
}

/* What is read away from is no connection any more, and still a descriptor. */
static unsigned drained_max(const struct api_config *config)
{
    return 1 + config->connections_max / 8;
}

int api_new(const struct api_config *config, struct api **ret, struct fault *fault)
{
    struct api *api = calloc(1, sizeof(*api));

    if (!api)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    api->config = *config;
    api->openapi_len = config->openapi ? strlen(config->openapi) : 0;
    api->id_prefix = random_u32(&random_system);
    if (!api->config.threads)
        api->config.threads = API_THREADS;
    atomic_init(&api->ids, 1);
    pthread_mutex_init(&api->conns_lock, NULL);
    api->version_text = line_of(config->version);
    int err = api->version_text ? drain_new(drained_max(config), &api->drain) : TGC_ENOMEM;
    if (err)
        fault_set(fault, err, "%s", err == TGC_ESYSTEM ? "no thread or descriptor is to be had" : tgc_err_text(err));
    else
        err = patience_start(api, fault);
    if (err) {
        free_api(api);
        return err;
    }
    *ret = api;
    return 0;
}

static void on_log(void *ctx, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
static void on_log(void *ctx, const char *format, va_list ap)
{
    char text[512];

    if (!log_is_on(LOG_LEVEL_DEBUG))
        return;
    vsnprintf(text, sizeof(text), format, ap);
    text[strcspn(text, "\n")] = '\0';
    log_debug("api", "libmicrohttpd: %s", text);
}

/* Targets are decoded by target.c; libmicrohttpd must not do it first. */
static size_t keep_escapes(void *ctx, struct MHD_Connection *connection, char *text)
{
    return strlen(text);
}

static int start_daemon(struct api *api, struct listener *l, struct fault *fault)
{
    const struct api_config *c = &api->config;

    l->api = api;
    /* Counted first: its threads may judge a Host header by this row before MHD_start_daemon() returns. */
    atomic_fetch_add(&api->listeners_count, 1);
    /* A pool shares the limit out among its threads and needs at least one for each. */
    unsigned connections = c->connections_max < c->threads ? c->threads : c->connections_max;
    l->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, handle_request, l,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, l->fd, MHD_OPTION_THREAD_POOL_SIZE,
        c->threads, MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)API_CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(c->idle_timeout_us / SECOND_US) + 1,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_SIZE, MHD_OPTION_URI_LOG_CALLBACK, handle_first_line, l,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_CONNECTION,
        conn_notify, l, MHD_OPTION_NOTIFY_COMPLETED, handle_completed, NULL, MHD_OPTION_END);
    /* The daemon closes the socket when it stops, and in most of its own failures: closing it here too could hit
     * another. */
    l->fd = -1;
    if (!l->daemon) {
        atomic_fetch_sub(&api->listeners_count, 1);
        return fault_set(fault, TGC_ESYSTEM, "the HTTP server cannot start its threads: %s", strerror(errno));
    }
    return 0;
}

/* A row for one more listener. */
static struct listener *next_listener(struct api *api, struct fault *fault)
{
    if (api->listeners_count < API_LISTENERS_MAX)
        return &api->listeners[api->listeners_count];
    fault_set(fault, TGC_ELIMIT, "at most %d listeners", API_LISTENERS_MAX);
    return NULL;
}

int api_listen_tcp(struct api *api, const char *address, char *ret_url, size_t ret_size, struct fault *fault)
{
    struct listener *l = next_listener(api, fault);

    if (!l)
        return TGC_ELIMIT;
    *l = (struct listener){0};
    int err = listen_tcp(address, l, ret_url, ret_size, fault);
    if (!err && (err = start_daemon(api, l, fault)) != 0)
        listen_close(l);
    return err;
}

int api_listen_unix(struct api *api, const char *path, mode_t mode, gid_t gid, struct fault *fault)
{
    struct listener *l = next_listener(api, fault);

    if (!l)
        return TGC_ELIMIT;
    *l = (struct listener){0};
    int err = listen_unix(path, mode, gid, l, fault);
    if (!err && (err = start_daemon(api, l, fault)) != 0)
        listen_close(l);
    return err;
}

void api_quiesce(struct api *api)
{
    atomic_store(&api->stopping, true);
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Who connects from now on is refused by the kernel. MHD_quiesce_daemon() is not for us: with epoll it races with the
 * daemon's own threads for taking the listening socket out of their sets, and the loser calls abort() (0.9.75). */
static void stop_listening(struct api *api)
{
    for (size_t i = 0; i < api->listeners_count; i++) {
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(api->listeners[i].daemon, MHD_DAEMON_INFO_LISTEN_FD);
        if (info)
            shutdown(info->listen_fd, SHUT_RDWR);
    }
}

void api_stop(struct api *api)
{
    if (!api)
        return;
    api_quiesce(api);
    /* Stopping with a suspended connection is a violation that libmicrohttpd answers by abort(). */
    while (atomic_load(&api->waiting) > 0)
        nap();
    stop_listening(api);
    for (int i = 0; i < STOP_PATIENCE_MS && (atomic_load(&api->answers) > 0 || !conns_are_idle(api)); i++)
        nap();
    for (size_t i = 0; i < api->listeners_count; i++) {
        MHD_stop_daemon(api->listeners[i].daemon);
        listen_close(&api->listeners[i]);
    }
    patience_stop(api);
    free_api(api);
}
