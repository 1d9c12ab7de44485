#include "tests/unit/hook/receiver.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/unit.h"

enum { CONNECTIONS_MAX = 32, RECEIVED_MAX = 4096, REQUEST_MAX = 16 << 10 };

struct connection {
    int fd;
    unsigned number;
    bool waits; /* for an answer */
    size_t len;
    char bytes[REQUEST_MAX];
};

struct receiver {
    int fd, stop_fd;
    uint16_t port;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t came;
    const char *answer, *next;
    unsigned next_n, connections_n;
    bool closes;
    struct received *list;
    size_t n;
    struct connection connections[CONNECTIONS_MAX];
};

static void take_header(const char *head, const char *name, char *out, size_t size)
{
    const char *at = strcasestr(head, name);

    if (at)
        snprintf(out, size, "%.*s", (int)strcspn(at + strlen(name), "\r"), at + strlen(name));
}

/* Returns how long the whole request is, 0 where it is not all there. */
static size_t request_len(struct connection *c, const char **body, size_t *body_len)
{
    char number[24] = "0";

    c->bytes[c->len] = '\0';
    char *end = strstr(c->bytes, "\r\n\r\n");
    if (!end)
        return 0;
    take_header(c->bytes, "\nContent-Length: ", number, sizeof(number));
    *body = end + 4;
    *body_len = strtoul(number, NULL, 10);
    size_t all = (size_t)(*body - c->bytes) + *body_len;
    return all <= c->len ? all : 0;
}

/* Whether the connection goes on. */
static bool answer(struct receiver *r, struct connection *c, const char *body, size_t len)
{
    pthread_mutex_lock(&r->lock);
    if (r->n == RECEIVED_MAX)
        abort();
    struct received *q = &r->list[r->n++];
    sscanf(c->bytes, "POST %63s", q->path);
    take_header(c->bytes, "\nwebhook-id: ", q->id, sizeof(q->id));
    take_header(c->bytes, "\nwebhook-signature: ", q->signature, sizeof(q->signature));
    take_header(c->bytes, "\nwebhook-timestamp: ", q->timestamp, sizeof(q->timestamp));
    snprintf(q->body, sizeof(q->body), "%.*s", (int)len, body);
    q->connection = c->number;
    const char *text = r->next_n ? r->next : r->answer;
    bool closes = !r->next_n && r->closes;
    if (r->next_n)
        r->next_n--;
    c->waits = !text;
    pthread_cond_broadcast(&r->came);
    pthread_mutex_unlock(&r->lock);
    if (text && send(c->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        return false;
    return !closes;
}

static bool serve(struct receiver *r, struct connection *c)
{
    const char *body;
    size_t len, all;
    ssize_t n = recv(c->fd, c->bytes + c->len, sizeof(c->bytes) - 1 - c->len, 0);

    if (n <= 0)
        return false;
    c->len += (size_t)n;
    while ((all = request_len(c, &body, &len))) {
        if (!answer(r, c, body, len))
            return false;
        memmove(c->bytes, c->bytes + all, c->len - all);
        c->len -= all;
    }
    return true;
}

static void take_connection(struct receiver *r)
{
    int fd = accept(r->fd, NULL, NULL);

    for (size_t i = 0; fd >= 0 && i < CONNECTIONS_MAX; i++)
        if (r->connections[i].fd < 0) {
            r->connections[i] = (struct connection){.fd = fd, .number = ++r->connections_n};
            return;
        }
    if (fd >= 0)
        close(fd);
}

static void *run(void *ctx)
{
    struct receiver *r = ctx;
    struct pollfd fds[CONNECTIONS_MAX + 2];

    for (;;) {
        fds[0] = (struct pollfd){.fd = r->stop_fd, .events = POLLIN};
        fds[1] = (struct pollfd){.fd = r->fd, .events = POLLIN};
        for (size_t i = 0; i < CONNECTIONS_MAX; i++)
            fds[i + 2] = (struct pollfd){.fd = r->connections[i].fd, .events = POLLIN};
        (void)!poll(fds, CONNECTIONS_MAX + 2, -1);
        if (fds[0].revents)
            return NULL;
        for (size_t i = 0; i < CONNECTIONS_MAX; i++)
            if (fds[i + 2].revents && !serve(r, &r->connections[i])) {
                pthread_mutex_lock(&r->lock);
                close(r->connections[i].fd);
                r->connections[i].fd = -1;
                r->connections[i].waits = false;
                pthread_mutex_unlock(&r->lock);
            }
        if (fds[1].revents)
            take_connection(r);
    }
}

struct receiver *receiver_new(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    struct receiver *r = calloc(1, sizeof(*r));

    ck_assert_ptr_nonnull(r);
    r->list = calloc(RECEIVED_MAX, sizeof(*r->list));
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        r->connections[i].fd = -1;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->came, NULL);
    r->answer = "HTTP/1.1 204 No Content\r\n\r\n";
    r->stop_fd = eventfd(0, EFD_CLOEXEC);
    r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(r->fd, (struct sockaddr *)&at, sizeof(at)), 0);
    ck_assert_int_eq(listen(r->fd, 64), 0);
    ck_assert_int_eq(getsockname(r->fd, (struct sockaddr *)&at, &len), 0);
    r->port = ntohs(at.sin_port);
    ck_assert_int_eq(pthread_create(&r->thread, NULL, run, r), 0);
    return r;
}

void receiver_free(struct receiver *r)
{
    uint64_t one = 1;

    if (!r)
        return;
    ck_assert_int_eq(write(r->stop_fd, &one, sizeof(one)), sizeof(one));
    pthread_join(r->thread, NULL);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        if (r->connections[i].fd >= 0)
            close(r->connections[i].fd);
    close(r->fd);
    close(r->stop_fd);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->came);
    free(r->list);
    free(r);
}

const char *receiver_url(const struct receiver *r, const char *path)
{
    static char url[128];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u/%s", r->port, path);
    return url;
}

uint16_t receiver_port(const struct receiver *r)
{
    return r->port;
}

void receiver_answer(struct receiver *r, const char *text, bool closes)
{
    pthread_mutex_lock(&r->lock);
    r->answer = text;
    r->closes = closes;
    pthread_mutex_unlock(&r->lock);
}

void receiver_answer_next(struct receiver *r, unsigned n, const char *text)
{
    pthread_mutex_lock(&r->lock);
    r->next = text;
    r->next_n = n;
    pthread_mutex_unlock(&r->lock);
}

void receiver_answer_late(struct receiver *r, const char *text)
{
    pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *c = &r->connections[i];
        if (c->waits)
            ck_assert_int_eq(send(c->fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
        c->waits = false;
    }
    pthread_mutex_unlock(&r->lock);
}

const struct received *receiver_await(struct receiver *r, size_t n)
{
    pthread_mutex_lock(&r->lock);
    while (r->n <= n)
        pthread_cond_wait(&r->came, &r->lock);
    pthread_mutex_unlock(&r->lock);
    return &r->list[n];
}

size_t receiver_count(struct receiver *r)
{
    pthread_mutex_lock(&r->lock);
    size_t n = r->n;
    pthread_mutex_unlock(&r->lock);
    return n;
}
