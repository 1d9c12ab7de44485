/* A call as the REST contract shows it, as JSON. */
#ifndef TGCALLD_TG_CALL_TEXT_H
#define TGCALLD_TG_CALL_TEXT_H

#include <jansson.h>

#include "daemon/base/buf.h"
#include "daemon/tg/known/calls.h"

/* Appends the object; ACCOUNT is its name. OUT's error sticks. */
void tg_call_text(const struct tg_call *call, const char *account, struct buf *out);
/* The same as a value; a new reference, NULL where memory is gone. */
json_t *tg_call_json(const struct tg_call *call, const char *account);

#endif
