/* What a person needs to mend a fault: where it is and what is wrong there. Owned by the caller, no allocation inside,
 * so it can be filled in when memory is gone. A function takes a struct fault * that may be NULL. */
#ifndef TGCALLD_BASE_FAULT_H
#define TGCALLD_BASE_FAULT_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

enum { FAULT_PATH_MAX = 256, FAULT_TEXT_MAX = 256 };

struct fault {
    int err;                   /* enum tgc_err; 0 where nothing was found wrong */
    size_t offset;             /* bytes into a binary input */
    unsigned line, column;     /* 1-based, in a text input; 0 where there is none */
    char path[FAULT_PATH_MAX]; /* a JSON pointer (RFC 6901) into a JSON input; "" is the whole */
    char text[FAULT_TEXT_MAX]; /* one sentence without a full stop */
};

/* Empties F (F may be NULL). */
void fault_clear(struct fault *f);

/* Sets error and text and returns ERR, so that `return fault_set(f, TGC_EINVAL, "…");` reads as one step. A text that
 * is too long is cut at a UTF-8 boundary. */
int fault_set(struct fault *f, int err, const char *format, ...) TGC_PRINTF(3, 4);
int fault_at_offset(struct fault *f, int err, size_t offset, const char *format, ...) TGC_PRINTF(4, 5);
int fault_at_line(struct fault *f, int err, unsigned line, unsigned column, const char *format, ...) TGC_PRINTF(5, 6);

/* Puts a member name or an index in front of the path: built from the inside out while calls return. Names are escaped
 * as JSON pointers want it. A path that no longer fits keeps its inner end and gets "…" in front. */
void fault_path_member(struct fault *f, const char *name);
void fault_path_index(struct fault *f, size_t index);

#endif
