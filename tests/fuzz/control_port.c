#include "tests/fuzz/control_port.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include <microhttpd.h>

#include "daemon/sandbox/control/control.h"

/* What is under way. */
static struct {
    struct control *control;
    uv_async_t wake;
    MHD_AccessHandlerCallback handler;
    MHD_RequestCompletedCallback completed;
    void *handler_ctx, *completed_ctx;
    const struct control_ask *ask;
    struct MHD_Response *response; /* the last one; there is one at a time */
    unsigned status;
    char *text;
    size_t len;
} port;

/* --- what the linker sends here --- */

struct MHD_Daemon *__wrap_MHD_start_daemon(unsigned flags, uint16_t number, MHD_AcceptPolicyCallback accept,
                                           void *accept_ctx, MHD_AccessHandlerCallback handler, void *handler_ctx, ...);
void __wrap_MHD_stop_daemon(struct MHD_Daemon *daemon);
const union MHD_DaemonInfo *__wrap_MHD_get_daemon_info(struct MHD_Daemon *daemon, enum MHD_DaemonInfoType type, ...);
int __wrap_getsockname(int fd, struct sockaddr *name, socklen_t *len);
const char *__wrap_MHD_lookup_connection_value(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                               const char *key);
struct MHD_Response *__wrap_MHD_create_response_from_buffer(size_t len, void *text, enum MHD_ResponseMemoryMode mode);
enum MHD_Result __wrap_MHD_add_response_header(struct MHD_Response *response, const char *name, const char *value);
enum MHD_Result __wrap_MHD_queue_response(struct MHD_Connection *connection, unsigned status,
                                          struct MHD_Response *response);
void __wrap_MHD_destroy_response(struct MHD_Response *response);
int __wrap_uv_async_send(uv_async_t *async);
void __wrap_uv_cond_wait(uv_cond_t *cond, uv_mutex_t *lock);

struct MHD_Daemon *__wrap_MHD_start_daemon(unsigned flags, uint16_t number, MHD_AcceptPolicyCallback accept,
                                           void *accept_ctx, MHD_AccessHandlerCallback handler, void *handler_ctx, ...)
{
    va_list ap;

    port.handler = handler;
    port.handler_ctx = handler_ctx;
    va_start(ap, handler_ctx);
    FUZZ_CHECK(va_arg(ap, enum MHD_OPTION) == MHD_OPTION_SOCK_ADDR);
    (void)va_arg(ap, struct sockaddr *);
    FUZZ_CHECK(va_arg(ap, enum MHD_OPTION) == MHD_OPTION_NOTIFY_COMPLETED);
    port.completed = va_arg(ap, MHD_RequestCompletedCallback);
    port.completed_ctx = va_arg(ap, void *);
    va_end(ap);
    return (struct MHD_Daemon *)&port;
}

void __wrap_MHD_stop_daemon(struct MHD_Daemon *daemon)
{
}

const union MHD_DaemonInfo *__wrap_MHD_get_daemon_info(struct MHD_Daemon *daemon, enum MHD_DaemonInfoType type, ...)
{
    static const union MHD_DaemonInfo info = {.listen_fd = 0};

    return &info;
}

int __wrap_getsockname(int fd, struct sockaddr *name, socklen_t *len)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(4010), .sin_addr.s_addr = htonl(0x7f000001)};

    memcpy(name, &a, sizeof(a));
    *len = sizeof(a);
    return 0;
}

const char *__wrap_MHD_lookup_connection_value(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                               const char *key)
{
    if (kind == MHD_GET_ARGUMENT_KIND && strcmp(key, "since") == 0)
        return port.ask->since;
    if (kind == MHD_HEADER_KIND && strcasecmp(key, "Host") == 0)
        return port.ask->host;
    return kind == MHD_HEADER_KIND && strcasecmp(key, "Origin") == 0 ? port.ask->origin : NULL;
}

struct MHD_Response *__wrap_MHD_create_response_from_buffer(size_t len, void *text, enum MHD_ResponseMemoryMode mode)
{
    FUZZ_CHECK(mode == MHD_RESPMEM_MUST_FREE && !port.text);
    port.text = text;
    port.len = len;
    return (struct MHD_Response *)&port;
}

enum MHD_Result __wrap_MHD_add_response_header(struct MHD_Response *response, const char *name, const char *value)
{
    return MHD_YES;
}

enum MHD_Result __wrap_MHD_queue_response(struct MHD_Connection *connection, unsigned status,
                                          struct MHD_Response *response)
{
    FUZZ_CHECK(!port.status);
    port.status = status;
    return MHD_YES;
}

void __wrap_MHD_destroy_response(struct MHD_Response *response)
{
}

int __wrap_uv_async_send(uv_async_t *async)
{
    return 0;
}

void __wrap_uv_cond_wait(uv_cond_t *cond, uv_mutex_t *lock)
{
    uv_mutex_unlock(lock);
    control_answer_pending(port.control);
    uv_mutex_lock(lock);
}

/* --- */

void control_port_open(struct dc *d)
{
    struct fault fault;

    memset(&port, 0, sizeof(port));
    FUZZ_CHECK(control_start(&d->s, &port.wake, "127.0.0.1:0", &port.control, &fault) == 0);
    FUZZ_CHECK(strcmp(control_address(port.control), "127.0.0.1:4010") == 0);
}

void control_port_close(void)
{
    control_free(port.control);
}

static void call(const struct control_ask *ask, const void *data, size_t len, void **state)
{
    size_t left = len;

    FUZZ_CHECK(port.handler(port.handler_ctx, NULL, ask->path, ask->method, MHD_HTTP_VERSION_1_1, data, &left, state) ==
               MHD_YES);
    FUZZ_CHECK(left == 0);
}

unsigned control_port_ask(struct dc *d, const struct control_ask *ask, json_t **ret)
{
    size_t split = ask->split < ask->len ? ask->split : ask->len;
    void *state = NULL;

    port.ask = ask;
    port.status = 0;
    call(ask, NULL, 0, &state);
    if (split)
        call(ask, ask->body, split, &state);
    if (ask->len > split)
        call(ask, (const char *)ask->body + split, ask->len - split, &state);
    FUZZ_CHECK(!port.status);
    call(ask, NULL, 0, &state);
    port.completed(port.completed_ctx, NULL, &state, MHD_REQUEST_TERMINATED_COMPLETED_OK);
    FUZZ_CHECK(port.status && port.text);
    *ret = json_loadb(port.text, port.len, JSON_REJECT_DUPLICATES, NULL);
    FUZZ_CHECK(json_is_object(*ret));
    free(port.text);
    port.text = NULL;
    return port.status;
}
