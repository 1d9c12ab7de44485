/* The way to a client's socket: plain, or by TLS, where a record that was made has to be sent whole, and is the
 * connection's own until it is. On the front's thread. */
#ifndef TGCALLD_API_OUTLET_H
#define TGCALLD_API_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

struct tls;

/* Sends what N parts hold behind their first SKIP bytes, as far as it goes at once; TLS may be NULL. How many bytes
 * were taken; −1: none, by errno, where EAGAIN stands for a client that takes no more now. By TLS the last of them may
 * still be here, in a record of *RET_LAST of them (may be NULL): outlet_flush(). */
ssize_t outlet_send(int fd, struct tls *tls, const struct iovec *parts, size_t n, size_t skip, size_t *ret_last);

/* Sends what is here. 0: nothing is left; −1 as above, EAGAIN: something is. */
int outlet_flush(int fd, struct tls *tls);

/* No more will be sent, as the client is told where it takes it. */
void outlet_end(int fd, struct tls *tls);

#endif
