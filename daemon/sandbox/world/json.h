/* Small helpers over jansson for TL JSON: base64 of `bytes` fields, numbers that may be decimal strings. */
#ifndef TGCALLD_SANDBOX_WORLD_JSON_H
#define TGCALLD_SANDBOX_WORLD_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/err.h"

/* A TL `bytes` value (base64 with padding); NULL where memory is gone. */
json_t *json_from_bytes(const void *data, size_t len);
/* Member KEY of OBJECT, a TL `bytes` value, into OUT; TGC_EINVAL: absent, no base64, more than SIZE bytes. */
int json_get_bytes(const json_t *object, const char *key, void *out, size_t size, size_t *ret_len) TGC_MUST;

/* An integer, a decimal string, or 0. */
int64_t json_as_long(const json_t *value);
int64_t json_get_long(const json_t *object, const char *key);
/* A string member, or ""; also where there is a NUL in it, since what stands before that is another text. */
const char *json_get_text(const json_t *object, const char *key);
/* The same into OUT, cut between two characters where it does not fit. */
void json_copy_text(const json_t *object, const char *key, char *out, size_t size);
bool json_get_true(const json_t *object, const char *key);
/* The constructor's name, or "". */
const char *json_tag(const json_t *object);

/* Puts VALUE (stolen) where it is not NULL. */
void json_put(json_t *object, const char *key, json_t *value);
/* Puts true where IS_SET. */
void json_put_flag(json_t *object, const char *key, bool is_set);

#endif
