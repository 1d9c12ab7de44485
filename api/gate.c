#include "api/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "api/api_internal.h"
#include "api/patience.h"

enum {
    /* What one reading can become: what was held back before, what was read, and what takes the place of a refusal. */
    PASSED_MAX = 64 << 10,
    /* What a connection keeps of its buffer's memory from one request to the next. */
    KEPT_MAX = 2 << 10,
};

void gate_open(struct conn *conn)
{
    intake_init(&conn->intake, 2 * (uint64_t)conn->door->front->api->config.body_max);
    buf_init_secret(&conn->passed, PASSED_MAX); /* it may be a password */
    edge_open(&conn->edge, &conn->door->edges, conn->fd, conn);
}

void gate_close(struct conn *conn)
{
    edge_close(&conn->edge);
    intake_fini(&conn->intake);
    buf_fini(&conn->passed);
}

static size_t take(struct conn *conn, void *out, size_t len)
{
    struct buf *passed = &conn->passed;
    size_t n = passed->len < len ? passed->len : len;

    if (n == 0)
        return intake_fill(&conn->intake, out, len);
    memcpy(out, passed->data, n);
    buf_drop_front(passed, n);
    if (passed->len == 0 && passed->cap > KEPT_MAX) {
        buf_fini(passed);
        buf_init_secret(passed, PASSED_MAX);
    }
    return n < len ? n + intake_fill(&conn->intake, (uint8_t *)out + n, len - n) : n;
}

/* All of a request is there and not yet its answer, which the client's end does not take back. */
static bool is_owed(const struct conn *conn)
{
    return conn->is_busy && conn->intake.state == INTAKE_HEAD && conn->intake.held.len == 0;
}

/* What is to be told of the client's end is told by the next event: this one has been. */
static void wait_for_end(struct conn *conn)
{
    if (conn->edge.has_ended && conn->intake.state != INTAKE_REFUSED)
        edge_look_again(&conn->edge);
}

/* Whether the socket is empty by what it gave, N of MAX bytes. A Unix socket gives less than it has where a message
 * with a descriptor ends. */
static bool is_all(const struct conn *conn, ssize_t n, size_t max)
{
    if (n < 0)
        return errno == EAGAIN;
    return n > 0 && (size_t)n < max && !conn->door->listener->is_unix;
}

/* Less than LEN only where the socket had no more: libmicrohttpd takes that for the sign to wait for its next event. */
static ssize_t read_conn(struct conn *conn, uint8_t *out, size_t len, int flags)
{
    size_t got = take(conn, out, len);
    uint8_t fresh[GATE_READ_SIZE];

    while (got < len && conn->intake.state != INTAKE_REFUSED && conn->edge.has_news) {
        ssize_t n = recvfrom(conn->fd, fresh, sizeof(fresh), flags, NULL, NULL);
        if (is_all(conn, n, sizeof(fresh)))
            edge_is_drained(&conn->edge);
        if (n == 0 && got == 0 && intake_end(&conn->intake, conn->is_late, &conn->passed))
            return (ssize_t)take(conn, out, len);
        if (n <= 0 && got == 0 && (n < 0 || !is_owed(conn)))
            return n;
        if (n <= 0)
            break;
        int err = intake_feed(&conn->intake, fresh, (size_t)n, &conn->passed);
        explicit_bzero(fresh, (size_t)n);
        if (err) {
            errno = ENOMEM;
            return -1;
        }
        patience_heard(conn);
        got += take(conn, out + got, len - got);
    }
    if (got < len)
        wait_for_end(conn);
    if (got > 0)
        return (ssize_t)got;
    errno = EAGAIN;
    return -1;
}

/* By its assembler name, since the headers may have made an inline function of the other. */
ssize_t gate_recv(int fd, void *out, size_t len, int flags) __asm__("recv");

ssize_t gate_recv(int fd, void *out, size_t len, int flags)
{
    struct conn *conn = edge_find(fd);

    return conn ? read_conn(conn, out, len, flags) : recvfrom(fd, out, len, flags, NULL, NULL);
}

int gate_hand_over(struct conn *conn)
{
    /* Where these calls do not reach, its end would be the client's. */
    int copy = edge_find(conn->fd) == conn ? fcntl(conn->fd, F_DUPFD_CLOEXEC, 3) : -1;

    conn->is_handed_over = copy >= 0;
    return copy;
}

/* The same. */
int gate_shutdown(int fd, int how) __asm__("shutdown");

int gate_shutdown(int fd, int how)
{
    const struct conn *conn = edge_find(fd);

    return conn && conn->is_handed_over ? 0 : (int)syscall(SYS_shutdown, fd, how);
}
