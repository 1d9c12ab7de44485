/* The members of a request's body, one by one: TGC_EINVAL with FAULT saying what is wrong. */
#ifndef TGCALLD_SANDBOX_CONTROL_BODY_H
#define TGCALLD_SANDBOX_CONTROL_BODY_H

#include <stdbool.h>

#include <jansson.h>

#include "daemon/base/fault.h"

/* That BODY has none but NAMES, which NULL ends. */
int body_check_members(const json_t *body, const char *const *names, struct fault *fault) TGC_MUST;
/* 1 … MAX; *RET stays where there is none. */
int body_number(const json_t *body, const char *key, unsigned max, unsigned *ret, struct fault *fault) TGC_MUST;
/* *RET is false where there is none. */
int body_flag(const json_t *body, const char *key, bool *ret, struct fault *fault) TGC_MUST;

#endif
