#include "api/outlet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "api/tls.h"

enum { FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL, PARTS_MAX = 64 };

int outlet_flush(int fd, struct tls *tls)
{
    const uint8_t *data;
    size_t len;

    if (!tls)
        return 0;
    while ((len = tls_waiting(tls, &data)) > 0) {
        ssize_t n = sendto(fd, data, len, FLAGS, NULL, 0);
        if (n < 0)
            return -1;
        tls_sent(tls, (size_t)n);
    }
    return 0;
}

/* The next bytes behind the first SKIP, at most a record; what lies in several parts is put together in ROOM. */
static size_t next_piece(const struct iovec *parts, size_t n, size_t skip, uint8_t room[static TLS_RECORD_MAX],
                         const void **ret)
{
    size_t len = 0;

    for (size_t i = 0; i < n && len < TLS_RECORD_MAX; i++) {
        if (skip >= parts[i].iov_len) {
            skip -= parts[i].iov_len;
            continue;
        }
        const uint8_t *from = (const uint8_t *)parts[i].iov_base + skip;
        size_t left = parts[i].iov_len - skip, space = TLS_RECORD_MAX - len;
        if (len == 0 && left >= space) {
            *ret = from;
            return space;
        }
        size_t step = left < space ? left : space;
        memcpy(room + len, from, step);
        len += step;
        skip = 0;
    }
    *ret = room;
    return len;
}

static ssize_t send_records(int fd, struct tls *tls, const struct iovec *parts, size_t n, size_t skip, size_t *last)
{
    uint8_t room[TLS_RECORD_MAX];
    size_t len, done = 0;
    int flushed = outlet_flush(fd, tls);

    while (flushed == 0) {
        const void *piece;
        len = next_piece(parts, n, skip + done, room, &piece);
        if (len == 0)
            break;
        if (tls_seal(tls, piece, len) != 0) {
            flushed = -1;
            errno = EPIPE;
            break;
        }
        done += len;
        *last = len;
        flushed = outlet_flush(fd, tls);
    }
    explicit_bzero(room, sizeof(room));
    return flushed < 0 && (done == 0 || errno != EAGAIN) ? -1 : (ssize_t)done;
}

static ssize_t send_plain(int fd, const struct iovec *parts, size_t n, size_t skip)
{
    struct iovec left[PARTS_MAX];
    size_t m = 0;

    for (size_t i = 0; i < n && m < PARTS_MAX; i++) {
        size_t gone = skip < parts[i].iov_len ? skip : parts[i].iov_len;
        skip -= gone;
        if (gone < parts[i].iov_len)
            left[m++] = (struct iovec){(char *)parts[i].iov_base + gone, parts[i].iov_len - gone};
    }
    return sendmsg(fd, &(struct msghdr){.msg_iov = left, .msg_iovlen = m}, FLAGS);
}

ssize_t outlet_send(int fd, struct tls *tls, const struct iovec *parts, size_t n, size_t skip, size_t *ret_last)
{
    size_t last = 0;
    ssize_t done = tls ? send_records(fd, tls, parts, n, skip, &last) : send_plain(fd, parts, n, skip);

    if (ret_last)
        *ret_last = last;
    return done;
}

void outlet_end(int fd, struct tls *tls)
{
    if (!tls)
        return;
    tls_end(tls);
    (void)outlet_flush(fd, tls);
}
