/* A query as it comes: invokeWithLayer, initConnection and their kin unwrapped down to the method that is meant. */
#ifndef TGCALLD_SANDBOX_CENTRE_QUERY_H
#define TGCALLD_SANDBOX_CENTRE_QUERY_H

#include "daemon/base/buf.h"
#include "daemon/tl/schema.h"

enum { QUERY_AFTER_MAX = 32 };

struct query {
    const struct tl_schema *schema; /* by invokeWithLayer, else what the key had */
    int layer;                      /* the client's, which may be another than the schema's */
    bool is_inited;                 /* initConnection was in it */
    bool without_updates;           /* invokeWithoutUpdates was in it */
    bool is_zlib;
    char app[64];        /* initConnection: "app_version, device_model" */
    const uint8_t *data; /* the method's call, borrowed from the input or from `unpacked` */
    size_t len;
    struct buf unpacked;             /* of a gzip_packed on the way */
    uint64_t after[QUERY_AFTER_MAX]; /* invokeAfterMsg and invokeAfterMsgs: the messages it waits for */
    size_t after_n;
    const char *error; /* the 400 that unwrapping ended with */
};

/* FIND gives the schema for a layer, or NULL. SCHEMA and LAYER: what the key has (NULL, 0: nothing yet). Afterwards
 * query_fini(), whatever came out; ERROR is NULL where all is well. */
void query_unwrap(struct query *q, const struct tl_schema *schema, int layer,
                  const struct tl_schema *(*find)(void *ctx, int layer), void *ctx, const uint8_t *data, size_t len);
void query_fini(struct query *q);

#endif
