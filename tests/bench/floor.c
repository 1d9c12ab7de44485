/* The floor under a call by HTTP: libmicrohttpd with the daemon's own options, a body read, the connection suspended
 * and resumed by a second thread, an answer of as many bytes. No routing, no JSON, no Telegram.
 * usage: floor BYTES; prints the port, serves until its stdin ends. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <microhttpd.h>

enum { THREADS = 2, MEMORY = 16 << 10, STACK = 256 << 10, HEADERS = 3 };

struct waiting {
    struct MHD_Connection *connection;
    struct waiting *next;
    int answered;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t some = PTHREAD_COND_INITIALIZER;
static struct waiting *list;
static char *body;
static size_t body_len;

/* Takes all at one wake-up, as the daemon's worker does. */
static void *resume_all(void *unused)
{
    for (;;) {
        pthread_mutex_lock(&lock);
        while (!list)
            pthread_cond_wait(&some, &lock);
        struct waiting *w = list;
        list = NULL;
        pthread_mutex_unlock(&lock);
        while (w) {
            struct waiting *next = w->next;
            w->answered = 1;
            MHD_resume_connection(w->connection);
            w = next;
        }
    }
    return NULL;
}

static enum MHD_Result answer(struct MHD_Connection *connection)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(body_len, body, MHD_RESPMEM_MUST_COPY);

    MHD_add_response_header(r, "Content-Type", "application/json; charset=utf-8");
    MHD_add_response_header(r, "Location", "/v1/calls/1234567890123456789");
    MHD_add_response_header(r, "X-Request-Id", "req-00000000-1");
    enum MHD_Result result = MHD_queue_response(connection, 201, r);
    MHD_destroy_response(r);
    return result;
}

static enum MHD_Result handle(void *unused, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **ctx)
{
    struct waiting *w = *ctx;

    if (!w) {
        *ctx = calloc(1, sizeof(*w));
        return *ctx ? MHD_YES : MHD_NO;
    }
    if (*size) {
        *size = 0;
        return MHD_YES;
    }
    if (w->answered)
        return answer(connection);
    w->connection = connection;
    MHD_suspend_connection(connection);
    pthread_mutex_lock(&lock);
    w->next = list;
    if (!list)
        pthread_cond_signal(&some);
    list = w;
    pthread_mutex_unlock(&lock);
    return MHD_YES;
}

static void completed(void *unused, struct MHD_Connection *connection, void **ctx, enum MHD_RequestTerminationCode code)
{
    free(*ctx);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    pthread_t thread;
    char byte;

    body_len = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    body = malloc(body_len + 1);
    if (!body || pthread_create(&thread, NULL, resume_all, NULL) != 0)
        return 1;
    memset(body, 'x', body_len);
    struct MHD_Daemon *d = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)MEMORY, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
        MHD_OPTION_END);
    const union MHD_DaemonInfo *info = d ? MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (!info)
        return 1;
    printf("%u\n", (unsigned)info->port);
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    _exit(0);
}
