#include "api/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "api/api_internal.h"
#include "api/outlet.h"
#include "api/patience.h"
#include "api/tls.h"
#include "daemon/base/log.h"

enum {
    /* Of a socket, in one turn of its connection. */
    READS_MAX = 2,
    /* What one reading can become: what was held back before, what was read, and what takes the place of a refusal. */
    PASSED_MAX = 64 << 10,
    /* What a connection keeps of its buffer's memory from one request to the next. */
    KEPT_MAX = 2 << 10,
};

void gate_open(struct conn *conn)
{
    intake_init(&conn->intake, 2 * (uint64_t)conn->door->front->api->config.body_max);
    buf_init_secret(&conn->passed, PASSED_MAX); /* it may be a password */
    conn->is_tls = conn->door->listener->is_tls;
    if (conn->is_tls)
        conn->tls = tls_new(conn->door->front->api->tls_keys);
    edge_open(&conn->edge, &conn->door->edges, conn->fd, conn);
}

void gate_close(struct conn *conn)
{
    edge_close(&conn->edge);
    tls_free(conn->tls);
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

/* By TLS. What it wants to be answered goes out at once: a handshake's part fits into an empty socket. */
static int take_in_records(struct conn *conn, const uint8_t *data, size_t n)
{
    bool was_ready = tls_version(conn->tls);
    struct buf plain;
    const char *why = NULL;

    buf_init_secret(&plain, PASSED_MAX);
    int err = tls_feed(conn->tls, data, n, &plain, &why);
    if (why)
        log_debug("api", "a connection by TLS fails: %s", why);
    if (outlet_flush(conn->fd, conn->tls) < 0 && !err && !tls_version(conn->tls))
        err = TGC_EPROTO;
    if (!was_ready)
        conn_touch(conn);
    if (!err && plain.len > 0)
        patience_heard(conn);
    /* In pieces as large as they come without TLS: one more record may have become whole than was read. */
    for (size_t at = 0, step; !err && at < plain.len; at += step) {
        step = plain.len - at < GATE_READ_SIZE ? plain.len - at : GATE_READ_SIZE;
        err = intake_feed(&conn->intake, plain.data + at, step, &conn->passed);
    }
    buf_fini(&plain);
    /* As if it had ended its side of the connection, which it need not do before we have. */
    if (tls_has_ended(conn->tls)) {
        atomic_store_explicit(&conn->edge.has_ended, true, memory_order_relaxed);
        conn->edge.has_news = true;
    }
    return err;
}

static int take_in(struct conn *conn, const uint8_t *data, size_t n)
{
    if (conn->is_tls)
        return conn->tls ? take_in_records(conn, data, n) : TGC_ECLOSED;
    int err = intake_feed(&conn->intake, data, n, &conn->passed);
    if (!err)
        patience_heard(conn);
    return err;
}

static ssize_t hear(struct conn *conn, uint8_t out[static GATE_READ_SIZE], int flags)
{
    if (conn->tls && tls_has_ended(conn->tls))
        return 0;
    return recvfrom(conn->fd, out, GATE_READ_SIZE, flags, NULL, NULL);
}

/* Less than LEN only where the socket had no more, or is to be looked at again: libmicrohttpd takes that for the sign
 * to wait for its next event. */
static ssize_t read_conn(struct conn *conn, uint8_t *out, size_t len, int flags)
{
    size_t got = take(conn, out, len);
    uint8_t fresh[GATE_READ_SIZE];
    int reads = 0;

    while (got < len && conn->intake.state != INTAKE_REFUSED && conn->edge.has_news) {
        /* Who sends faster than what it sends is taken in is not the only one. */
        if (reads++ == READS_MAX) {
            edge_look_again(&conn->edge);
            break;
        }
        ssize_t n = hear(conn, fresh, flags);
        if (is_all(conn, n, sizeof(fresh)))
            edge_is_drained(&conn->edge);
        if (n == 0 && got == 0 && intake_end(&conn->intake, conn->is_late, &conn->passed))
            return (ssize_t)take(conn, out, len);
        if (n <= 0 && got == 0 && (n < 0 || !is_owed(conn)))
            return n;
        if (n <= 0)
            break;
        int err = take_in(conn, fresh, (size_t)n);
        explicit_bzero(fresh, (size_t)n);
        if (err) {
            errno = err == TGC_EPROTO || err == TGC_ECLOSED ? ECONNRESET : ENOMEM;
            return -1;
        }
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

/* libmicrohttpd takes less than all for the sign that the socket is full, and offers the rest again when it is not. So
 * what is in a record that has not left whole was not sent, until it has: it comes again first of all. */
static ssize_t write_records(struct conn *conn, const struct iovec *parts, size_t n)
{
    size_t all = 0, told = 0, last;

    for (size_t i = 0; i < n; i++)
        all += parts[i].iov_len;
    if (!conn->tls) {
        errno = ECONNRESET;
        return -1;
    }
    if (outlet_flush(conn->fd, conn->tls) < 0)
        return -1;
    told = conn->owed < all ? conn->owed : all;
    conn->owed -= told;
    if (told == all)
        return (ssize_t)told;
    ssize_t taken = outlet_send(conn->fd, conn->tls, parts, n, told, &last);
    if (taken < 0)
        return told > 0 && errno == EAGAIN ? (ssize_t)told : -1;
    if (outlet_flush(conn->fd, conn->tls) < 0) {
        conn->owed = last;
        taken -= (ssize_t)last;
    }
    if (told + (size_t)taken > 0)
        return (ssize_t)told + taken;
    errno = EAGAIN;
    return -1;
}

/* By their assembler names, too. */
ssize_t gate_send(int fd, const void *data, size_t len, int flags) __asm__("send");
ssize_t gate_sendmsg(int fd, const struct msghdr *message, int flags) __asm__("sendmsg");

ssize_t gate_send(int fd, const void *data, size_t len, int flags)
{
    struct conn *conn = edge_find(fd);

    if (!conn || !conn->is_tls)
        return sendto(fd, data, len, flags, NULL, 0);
    return write_records(conn, &(struct iovec){(char *)(uintptr_t)data, len}, 1);
}

ssize_t gate_sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct conn *conn = edge_find(fd);

    if (!conn || !conn->is_tls)
        return syscall(SYS_sendmsg, fd, message, flags);
    return write_records(conn, message->msg_iov, message->msg_iovlen);
}

int gate_hand_over(struct conn *conn, struct tls **ret_tls)
{
    /* Where these calls do not reach, its end would be the client's. */
    int copy = edge_find(conn->fd) == conn ? fcntl(conn->fd, F_DUPFD_CLOEXEC, 3) : -1;

    conn->is_handed_over = copy >= 0;
    if (copy >= 0) {
        *ret_tls = conn->tls;
        conn->tls = NULL;
    }
    return copy;
}

/* The same. */
int gate_shutdown(int fd, int how) __asm__("shutdown");

int gate_shutdown(int fd, int how)
{
    struct conn *conn = edge_find(fd);

    if (conn && conn->is_handed_over)
        return 0;
    if (conn && how != SHUT_RD)
        outlet_end(fd, conn->tls);
    return (int)syscall(SYS_shutdown, fd, how);
}
