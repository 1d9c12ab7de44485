/* What the tests of mt share: random bytes by script, bytes compared. */
#ifndef TGCALLD_TESTS_MT_SUPPORT_H
#define TGCALLD_TESTS_MT_SUPPORT_H

#include <stdbool.h>

#include "daemon/base/buf.h"
#include "daemon/base/random.h"
#include "tests/support/fake_clock.h"
#include "tests/support/server_key.h"
#include "tests/support/unit.h"

/* Draws of a scripted length give the scripted bytes, in order; all others seeded ones. */
struct script {
    struct {
        uint8_t *data;
        size_t len;
        bool used;
    } entries[32];
    size_t n;
    bool leading_zeros; /* the first byte of every seeded draw of 16 bytes and more is 0 */
    struct random_seeded seeded;
    struct random_source rest, source;
};
void script_init(struct script *s, uint64_t seed);
/* Adds the hex member KEY of OBJECT, with zeros up to LEN; nothing where it is missing. */
void script_add(struct script *s, const json_t *object, const char *key, size_t len);
void script_fini(struct script *s);

void check_bytes(const void *got, size_t got_len, const void *want, size_t want_len, const char *what);

#endif
