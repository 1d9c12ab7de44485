/* What the tests of tg share. */
#ifndef TGCALLD_TESTS_TG_SUPPORT_H
#define TGCALLD_TESTS_TG_SUPPORT_H

#include <jansson.h>

#include "daemon/base/buf.h"
#include "daemon/tg/known/peers.h"
#include "tests/support/shipped.h"

/* JSON text (with ' for ") → a value, or the test fails. */
json_t *json_of(const char *text);

/* An object (JSON text with ' for ") as bytes of a layer; what the layer lacks is left out. OUT is initialised here. */
void bytes_of(int layer_n, const char *text, struct buf *out);

/* Whether a value says what the text says; the value is freed. */
void expect_json(json_t *got, const char *want);

struct tg_peer user(int64_t id, int64_t hash);
struct tg_peer channel(int64_t id, int64_t hash);

#endif
