/* A session and a careless network and server, both driven by a string of bytes: packets are lost, doubled and
 * exchanged, connections break, salts change, the server forgets. Whatever happens, each request ends once, with its
 * own answer. */
#ifndef TGCALLD_TESTS_MT_CHAOS_H
#define TGCALLD_TESTS_MT_CHAOS_H

#include <stddef.h>
#include <stdint.h>

/* More would pass what the desk has room for. */
enum { CHAOS_BYTES_MAX = 6000 };

/* Fails the test where a promise is broken. */
void chaos_run(const uint8_t *bytes, size_t len);

#endif
