/* Members of a vector as bytes and numbers of a known size; the test fails where one is missing. */
#ifndef TGCALLD_TESTS_CRYPTO_VECTORS_H
#define TGCALLD_TESTS_CRYPTO_VECTORS_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

static inline void vector_bytes(const json_t *vector, const char *key, void *out, size_t len)
{
    size_t got;
    uint8_t *p = unit_json_hex(vector, key, &got);

    ck_assert_msg(got == len, "%s: %s has %zu bytes", unit_json_text(vector, "name"), key, got);
    memcpy(out, p, len);
    free(p);
}

static inline uint64_t vector_number(const json_t *vector, const char *key)
{
    const json_t *v = json_object_get(vector, key);

    ck_assert_msg(json_is_integer(v), "%s: %s is no integer", unit_json_text(vector, "name"), key);
    return (uint64_t)json_integer_value(v);
}

/* WANT is the hex member KEY. */
static inline void vector_check(const json_t *vector, const char *key, const void *got, size_t len)
{
    uint8_t *want = malloc(len + 1);

    ck_assert_ptr_nonnull(want);
    vector_bytes(vector, key, want, len);
    ck_assert_msg(memcmp(want, got, len) == 0, "%s: wrong %s", unit_json_text(vector, "name"), key);
    free(want);
}

static inline bool vector_has(const json_t *vector, const char *key)
{
    return json_object_get(vector, key) != NULL;
}

/* What tdlib's AES tests draw their input from: the seed is the length, one call a byte. */
static inline void vector_tdlib_bytes(uint32_t *seed, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        *seed = *seed * 123457567u + 987651241u;
        out[i] = (uint8_t)(*seed >> 23);
    }
}

#endif
