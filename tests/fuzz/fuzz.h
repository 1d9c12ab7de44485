/* What the fuzz targets share. A target is a file with LLVMFuzzerTestOneInput(); it is linked with libFuzzer, or with
 * standalone.c, which runs what is kept in corpus/. Where a target calls abort(), a promise of the code was broken. */
#ifndef TGCALLD_TESTS_FUZZ_H
#define TGCALLD_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/buf.h"
#include "daemon/mt/auth_key.h"
#include "daemon/tl/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define FUZZ_CHECK(condition)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition);                            \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* The input, taken piece by piece; zeros past its end. */
struct feed {
    const uint8_t *at, *end;
};
uint8_t feed_u8(struct feed *f);
uint16_t feed_u16(struct feed *f); /* little-endian */
size_t feed_left(const struct feed *f);
/* At most N bytes, borrowed; how many in *RET_N. */
const uint8_t *feed_take(struct feed *f, size_t n, size_t *ret_n);
/* The rest with a NUL behind it, freed by the caller. A NUL inside stays. */
char *feed_text(struct feed *f);

/* Once a process, by every target first: libsodium, a quiet log. */
void fuzz_begin(void);

/* Random bytes that are the same in every run. */
void fuzz_fill(void *ctx, void *out, size_t len);

/* A shipped schema, loaded once: layer 138 for even numbers, 229 for odd ones. */
const struct tl_schema *fuzz_schema(unsigned which);
/* A file below config/ of the sources; static storage. */
const char *fuzz_config_path(const char *name);

/* Appends the packet whose plaintext (from the salt to the padding) is PLAIN, with a right msg_key. LEN is cut to a
 * multiple of 16. */
void fuzz_seal(const struct mt_auth_key *key, int x, const void *plain, size_t len, struct buf *out);

#endif
