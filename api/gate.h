/* Where the intake stands between a client and libmicrohttpd, which has no place of its own for a look at what it reads
 * before it acts on it. It reads by recv(); the dynamic linker binds that name to the program's own function, which is
 * this one: for a connection whose edge (edges.h) is open it hands on what the intake lets through, and for every other
 * descriptor it is the C library's. Where the edge has no news there is nothing to be read. One that is not found so is
 * read past the gate: its requests are more than its intake has counted, and none of them is served. On a connection by
 * TLS libmicrohttpd reads and writes plain text, and knows nothing of it: send() and sendmsg() are this program's too.
 */
#ifndef TGCALLD_API_GATE_H
#define TGCALLD_API_GATE_H

struct conn;
struct tls;

/* From its accept to its close. Without these calls nothing would name this file, and a linker that finds recv() in a
 * sanitizer's library leave it out. */
void gate_open(struct conn *conn);
void gate_close(struct conn *conn);

/* The connection goes on without libmicrohttpd, which is about to close it: what it says to the client then, by
 * shutdown(), is not said. A descriptor of the same socket, the caller's, as is its TLS; negative: none is to be had.
 */
int gate_hand_over(struct conn *conn, struct tls **ret_tls);

#endif
