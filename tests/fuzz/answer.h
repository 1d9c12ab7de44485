/* What the sandbox says, read back by the daemon's own reader. */
#ifndef TGCALLD_TESTS_FUZZ_ANSWER_H
#define TGCALLD_TESTS_FUZZ_ANSWER_H

#include "tests/fuzz/fuzz.h"

/* What stands in an rpc_result behind the request's id: METHOD's answer in one of the layers (NULL: it is not known and
 * not looked at), a whole rpc_error that is not the server's own fault, or what answers rpc_drop_answer. */
void answer_check(const char *method, const uint8_t *data, size_t len);
/* Updates in one of the layers. */
void answer_check_updates(const uint8_t *data, size_t len);
/* What GZIP_PACKED at DATA holds; freed by the caller with buf_fini(). False: it is not gzip_packed, OUT is empty. */
bool answer_unpack(const uint8_t *data, size_t len, struct buf *out);

#endif
