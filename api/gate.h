/* Where the intake stands between a client and libmicrohttpd, which has no place of its own for a look at what it reads
 * before it acts on it. It reads by recv(); the dynamic linker binds that name to the program's own function, which is
 * this one: for the connections that were opened here it hands on what the intake lets through, and for every other
 * descriptor it is the C library's. Where an edge (edges.h) has no news there is nothing to be read. */
#ifndef TGCALLD_API_GATE_H
#define TGCALLD_API_GATE_H

struct conn;

enum {
    GATE_DESCRIPTORS_MAX = 1 << 16,
    /* What one reading can become: what was held back before, what was read, and what takes the place of a refusal. */
    GATE_PASSED_MAX = 64 << 10,
};

/* From its accept to its close, on the connection's thread. One that was never opened, or could not be, is read past
 * the gate: its requests are more than its intake has counted, and none of them is served. */
void gate_open(struct conn *conn);
void gate_close(struct conn *conn);

#endif
