/* The whole front end over a socket: a loop with libmicrohttpd on it, a worker behind it, and on the wire whatever the
 * input says. It has to find the requests that the reference reader finds, with the same bodies, and answer each once;
 * or refuse by one answer that says so, and close. Input: the size of the pieces it is sent in (u8, 0: all at once),
 * then the bytes. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/api_internal.h"
#include "api/body.h"
#include "api/edges.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/http_reference.h"
#include "tests/unit/api/fake_host.h"
#include "tests/unit/api/fake_worker.h"

enum { INPUT_MAX = 60 << 10, BODY_MAX = 1 << 20, ANSWERS_MAX = 1 << 20, PATIENCE_S = 20 };

static struct {
    struct api *api;
    struct workers workers;
    struct sockaddr_un address;
    pthread_mutex_t lock;
    pthread_cond_t gone;
    bool is_gone;                         /* the connection */
    struct buf bodies[REFERENCE_MAX + 2]; /* as the front end read them, by the request's number */
} front;

/* The linker sends these here (--wrap). */
int __real_body_feed(struct request *r, const void *data, size_t len);
int __wrap_body_feed(struct request *r, const void *data, size_t len);

int __wrap_body_feed(struct request *r, const void *data, size_t len)
{
    pthread_mutex_lock(&front.lock);
    if (r->number < REFERENCE_MAX + 2)
        buf_put(&front.bodies[r->number], data, len);
    pthread_mutex_unlock(&front.lock);
    return __real_body_feed(r, data, len);
}

void __real_edge_close(struct edge *e);
void __wrap_edge_close(struct edge *e);

void __wrap_edge_close(struct edge *e)
{
    __real_edge_close(e);
    pthread_mutex_lock(&front.lock);
    front.is_gone = true;
    pthread_cond_signal(&front.gone);
    pthread_mutex_unlock(&front.lock);
}

static void remove_socket(void)
{
    unlink(front.address.sun_path);
    *strrchr(front.address.sun_path, '/') = '\0';
    rmdir(front.address.sun_path);
}

static void start(void)
{
    static struct mailbox *mailbox;
    struct fault fault = {0};
    char folder[] = "/tmp/tgcalld-fuzz-XXXXXX";
    const struct events_config log = {
        .ring = 64, .ring_bytes = 1 << 20, .reserved = UINT64_MAX, .clock = &clock_system};
    struct events *events;
    struct tokens *tokens;

    if (front.api)
        return;
    pthread_mutex_init(&front.lock, NULL);
    pthread_cond_init(&front.gone, NULL);
    mailbox = fake_worker_mailbox(fake_worker_start(64));
    front.workers = (struct workers){.n = 1, .mailboxes = {mailbox}};
    FUZZ_CHECK(directory_new(1, &front.workers.directory) == 0 && tokens_new(&tokens) == 0 &&
               events_new(&log, &events) == 0);
    struct api_config config = {.clock = &clock_system,
                                .workers = &front.workers,
                                .tokens = tokens,
                                .events = events,
                                .version = json_object(),
                                .body_max = BODY_MAX,
                                .request_timeout_us = 5 * SECOND_US,
                                .head_timeout_us = 60 * SECOND_US,
                                .body_timeout_us = 60 * SECOND_US,
                                .idle_timeout_us = 60 * SECOND_US,
                                .connections_max = 16,
                                .unix_gid = (gid_t)-1};
    FUZZ_CHECK(api_new(&config, &front.api, &fault) == 0);
    FUZZ_CHECK(mkdtemp(folder) != NULL);
    front.address.sun_family = AF_UNIX;
    snprintf(front.address.sun_path, sizeof(front.address.sun_path), "%s/s", folder);
    FUZZ_CHECK(api_listen_unix(front.api, front.address.sun_path, 0600, (gid_t)-1, &fault) == 0);
    FUZZ_CHECK(api_start(front.api, 1, &fault) == 0);
    fake_host_start(api_guest(front.api, 0));
    atexit(remove_socket);
}

static int open_client(void)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    FUZZ_CHECK(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    front.is_gone = false; /* there is no connection that it could be said of */
    FUZZ_CHECK(connect(fd, (const struct sockaddr *)&front.address, sizeof(front.address)) == 0);
    return fd;
}

/* The end of the other side comes as EPIPE: what it answered can still be read. */
static void send_all(int fd, const uint8_t *data, size_t len, size_t piece)
{
    for (size_t at = 0; at < len;) {
        size_t n = piece && piece < len - at ? piece : len - at;
        ssize_t sent = send(fd, data + at, n, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return;
        at += sent < 0 ? 0 : (size_t)sent;
    }
}

struct answers {
    int fd;
    struct buf text;
    size_t at;
    bool is_closed;
    /* Of the answer before AT: */
    bool is_last;
    size_t body;
};

static bool read_more(struct answers *a)
{
    uint8_t *room = buf_room(&a->text, 16384);

    FUZZ_CHECK(room);
    ssize_t n = 0;
    /* libFuzzer looks at the time by a signal, and a socket with a timeout is not waited for again by itself. */
    while (!a->is_closed && (n = recv(a->fd, room, 16384, 0)) < 0 && errno == EINTR)
        continue;
    /* Nothing for so long is an answer that never comes. */
    FUZZ_CHECK(n >= 0 || errno == ECONNRESET);
    a->is_closed = n <= 0;
    buf_add(&a->text, n > 0 ? (size_t)n : 0);
    return n > 0;
}

static const char *text_at(struct answers *a)
{
    return buf_text(&a->text) + a->at;
}

/* The next answer's status, 0 at the end. Its body is still to come. */
static int next_answer(struct answers *a)
{
    const char *end;
    int status = 0;

    while ((end = strstr(text_at(a), "\r\n\r\n")) == NULL)
        if (!read_more(a)) {
            FUZZ_CHECK(a->at == a->text.len);
            return 0;
        }
    FUZZ_CHECK(sscanf(text_at(a), "HTTP/1.1 %d ", &status) == 1);
    const char *length = strcasestr(text_at(a), "\r\nContent-Length: ");
    const char *close = strcasestr(text_at(a), "\r\nConnection: close\r\n");
    a->body = length && length < end ? (size_t)atol(length + 18) : 0;
    a->is_last = close && close < end;
    a->at += (size_t)(end + 4 - text_at(a));
    return status == 100 ? next_answer(a) : status;
}

static void skip_body(struct answers *a)
{
    while (a->text.len - a->at < a->body)
        FUZZ_CHECK(read_more(a));
    a->at += a->body;
}

/* Nothing but the body, of which an answer to HEAD has none. */
static void check_end(struct answers *a)
{
    while (read_more(a))
        ;
    FUZZ_CHECK(a->text.len == a->at || a->text.len == a->at + a->body);
}

static void check_body(const struct reference_request *r, size_t number)
{
    pthread_mutex_lock(&front.lock);
    const struct buf *got = &front.bodies[number];
    FUZZ_CHECK(got->len == r->body.len && (got->len == 0 || memcmp(got->data, r->body.data, got->len) == 0));
    pthread_mutex_unlock(&front.lock);
}

static void check_answers(const struct reference *want, struct answers *a)
{
    for (size_t i = 0; i < want->n; i++) {
        int status = next_answer(a);
        FUZZ_CHECK(status >= 200);
        if (a->is_last && status >= 400) {
            /* Refused: what is stricter here than there, or comes before the body. */
            check_end(a);
            return;
        }
        if (!want->requests[i].is_head)
            skip_body(a);
        check_body(&want->requests[i], i + 1);
        FUZZ_CHECK(!a->is_last || (want->end == REFERENCE_CLOSED && i + 1 == want->n));
    }
    /* Of a request that is not complete there may be a refusal, but nobody can tell when it would have come. */
    if (want->end == REFERENCE_MORE)
        return;
    if (want->end == REFERENCE_DONE)
        shutdown(a->fd, SHUT_WR);
    int status = next_answer(a);
    if (want->end == REFERENCE_BAD)
        FUZZ_CHECK(status >= 400 && a->is_last);
    else
        FUZZ_CHECK(status == 0);
    if (status)
        check_end(a);
}

/* What is still read of a connection that was left must not be taken for the next one's. */
static void await_close(void)
{
    pthread_mutex_lock(&front.lock);
    while (!front.is_gone)
        pthread_cond_wait(&front.gone, &front.lock);
    pthread_mutex_unlock(&front.lock);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct feed f = {data, data + len};
    struct reference want;

    fuzz_begin();
    start();
    size_t piece = feed_u8(&f), n;
    const uint8_t *bytes = feed_take(&f, INPUT_MAX, &n);
    reference_read(bytes, n, &want);
    pthread_mutex_lock(&front.lock);
    for (size_t i = 0; i < REFERENCE_MAX + 2; i++)
        buf_init(&front.bodies[i], INPUT_MAX);
    pthread_mutex_unlock(&front.lock);

    struct answers a = {.fd = open_client()};
    buf_init(&a.text, ANSWERS_MAX);
    send_all(a.fd, bytes, n, piece);
    check_answers(&want, &a);
    close(a.fd);
    await_close();
    buf_fini(&a.text);
    pthread_mutex_lock(&front.lock);
    for (size_t i = 0; i < REFERENCE_MAX + 2; i++)
        buf_fini(&front.bodies[i]);
    pthread_mutex_unlock(&front.lock);
    reference_fini(&want);
    return 0;
}
