#include "daemon/sandbox/control/control.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <microhttpd.h>

#include "daemon/base/buf.h"
#include "daemon/sandbox/control/routes.h"
#include "daemon/sandbox/port/address.h"

enum { CONTROL_BODY_MAX = 64 << 10, CONTROL_CONNS = 32, CONTROL_TIMEOUT_S = 30 };

struct control {
    struct centres *s;
    uv_async_t *wake;
    struct MHD_Daemon *daemon;
    char address[80];
    uv_mutex_t lock;
    uv_cond_t answered;
    /* One request at a time: the HTTP thread waits for its answer. */
    const char *method, *path;
    uint64_t since;
    const json_t *body;
    char *answer; /* JSON text, made on the loop: the objects in it live on there */
    unsigned status;
    bool is_pending;
};

const char *control_address(const struct control *c)
{
    return c ? c->address : NULL;
}

void control_answer_pending(struct control *c)
{
    if (!c)
        return;
    uv_mutex_lock(&c->lock);
    if (c->is_pending) {
        json_t *answer = route_request(c->s, c->method, c->path, c->since, c->body, &c->status);
        c->answer = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
        json_decref(answer);
        c->is_pending = false;
        uv_cond_signal(&c->answered);
    }
    uv_mutex_unlock(&c->lock);
}

static char *ask_loop(struct control *c, const char *method, const char *path, uint64_t since, const json_t *body,
                      unsigned *ret_status)
{
    uv_mutex_lock(&c->lock);
    c->method = method;
    c->path = path;
    c->since = since;
    c->body = body;
    c->is_pending = true;
    uv_async_send(c->wake);
    while (c->is_pending)
        uv_cond_wait(&c->answered, &c->lock);
    char *answer = c->answer;
    *ret_status = c->status;
    uv_mutex_unlock(&c->lock);
    return answer;
}

/* Takes TEXT over. */
static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, char *text)
{
    struct MHD_Response *response =
        text ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE) : NULL;

    if (!response) {
        free(text);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    enum MHD_Result done = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return done;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *detail)
{
    json_t *object = json_pack("{s:i, s:s}", "status", (int)status, "detail", detail);
    char *json = object ? json_dumps(object, JSON_COMPACT) : NULL;

    json_decref(object);
    return reply(connection, status, json);
}

/* localhost or an address, with or without a port: a name that is not ours was made to lead here. */
static bool is_own_host(const char *host)
{
    size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

    if (n >= 64 || (n == strlen("localhost") && strncasecmp(host, "localhost", n) == 0))
        return n < 64;
    return strspn(host, *host == '[' ? "[]:.0123456789abcdefABCDEF" : ".0123456789") >= n;
}

/* A page in a browser must not drive it. */
static bool is_page(struct MHD_Connection *connection)
{
    const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);

    return (host && !is_own_host(host)) ||
           MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ORIGIN);
}

static enum MHD_Result whole(struct control *c, struct MHD_Connection *connection, const char *url, const char *method,
                             const struct buf *text)
{
    const char *since = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "since");
    json_t *body = NULL;
    unsigned status = 500;

    if (is_page(connection))
        return refuse(connection, MHD_HTTP_FORBIDDEN, "not from a browser");
    if (text->err)
        return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too large");
    if (text->len) {
        json_error_t error;
        body = json_loadb((const char *)text->data, text->len, JSON_REJECT_DUPLICATES, &error);
        if (!body)
            return refuse(connection, MHD_HTTP_BAD_REQUEST, error.text);
    }
    char *answer = ask_loop(c, method, url, since ? strtoull(since, NULL, 10) : 0, body, &status);
    json_decref(body);
    return reply(connection, status, answer);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *data_size, void **state)
{
    struct buf *text = *state;

    if (!text) {
        text = calloc(1, sizeof(*text));
        if (!text)
            return MHD_NO;
        buf_init(text, CONTROL_BODY_MAX);
        *state = text;
        return MHD_YES;
    }
    if (*data_size) {
        buf_put(text, data, *data_size);
        *data_size = 0;
        return MHD_YES;
    }
    return whole(cls, connection, url, method, text);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    struct buf *text = *state;

    if (text)
        buf_fini(text);
    free(text);
}

static int find_address(struct control *c)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(c->daemon, MHD_DAEMON_INFO_LISTEN_FD);
    struct sockaddr_storage a;
    socklen_t len = sizeof(a);
    char host[64];
    int port;

    if (!info || getsockname(info->listen_fd, (struct sockaddr *)&a, &len))
        return TGC_ESYSTEM;
    address_format(&a, c->address, sizeof(c->address), host, sizeof(host), &port);
    return 0;
}

int control_start(struct centres *s, uv_async_t *wake, const char *listen, struct control **ret, struct fault *fault)
{
    struct sockaddr_storage a;
    int err = address_parse(listen, &a, fault);
    struct control *c = err ? NULL : calloc(1, sizeof(*c));

    if (!c)
        return err ? err : fault_set(fault, TGC_ENOMEM, "out of memory");
    uv_mutex_init(&c->lock);
    uv_cond_init(&c->answered);
    c->s = s;
    c->wake = wake;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | (a.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);
    c->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, c, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&a,
                                 MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_CONNECTION_LIMIT,
                                 CONTROL_CONNS, MHD_OPTION_CONNECTION_TIMEOUT, CONTROL_TIMEOUT_S, MHD_OPTION_END);
    if (!c->daemon || find_address(c)) {
        int why = errno;
        control_free(c);
        return fault_set(fault, TGC_ESYSTEM, "the control port cannot listen on %s with a thread of its own: %s",
                         listen, strerror(why));
    }
    *ret = c;
    return 0;
}

void control_stop(struct control *c)
{
    if (c && c->daemon)
        MHD_stop_daemon(c->daemon);
    if (c)
        c->daemon = NULL;
}

void control_free(struct control *c)
{
    if (!c)
        return;
    control_stop(c);
    uv_cond_destroy(&c->answered);
    uv_mutex_destroy(&c->lock);
    free(c);
}
