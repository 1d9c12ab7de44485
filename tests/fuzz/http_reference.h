/* A second reader of HTTP/1.1 requests, written from RFC 9112 alone and in no hurry: what it takes for a request is one
 * by the letter of the grammar. The front end has to find the same ones, or refuse. */
#ifndef TGCALLD_TESTS_FUZZ_HTTP_REFERENCE_H
#define TGCALLD_TESTS_FUZZ_HTTP_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"

enum { REFERENCE_MAX = 16 };

enum reference_end {
    REFERENCE_DONE,   /* all bytes are requests */
    REFERENCE_MORE,   /* the last one is not complete */
    REFERENCE_BAD,    /* what comes next is none */
    REFERENCE_CLOSED, /* the last request ends the connection, whatever comes behind it */
};

struct reference_request {
    bool is_head;
    struct buf body;
};

struct reference {
    struct reference_request requests[REFERENCE_MAX];
    size_t n;
    enum reference_end end;
};

void reference_read(const uint8_t *data, size_t len, struct reference *ret);
void reference_fini(struct reference *r);

#endif
