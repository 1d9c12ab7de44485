/* JSON → TL bytes, by the tables of a schema. The mapping is the REST contract's: `_` names the constructor; long is a
 * decimal string or an integer; int128 and int256 are lower-case hex; bytes is base64 with padding; string is text or
 * {"_bytes": base64}; Bool and true are true/false; Vector is an array; null for an optional field is absence; flags
 * words follow from the fields and are never given; fields that share a flag bit are given together. */
#ifndef TGCALLD_TL_ENCODE_H
#define TGCALLD_TL_ENCODE_H

#include <jansson.h>

#include "daemon/base/buf.h"
#include "daemon/base/fault.h"
#include "daemon/tl/schema.h"

enum tl_encode_mode {
    TL_ENCODE_STRICT,  /* an unknown member is a fault: what a client sends */
    TL_ENCODE_LENIENT, /* members that the constructor lacks are dropped: the sandbox says one thing in many layers */
};

/* PARAMS (an object; `_` may be absent or the method's name) as the parameters of METHOD, its id in front.
 * Faults: TGC_EINVAL (wrong type, out of range, a part of a flag group, a missing member), TGC_EUNKNOWN (unknown member
 * or constructor), TGC_ELIMIT (depth, size), TGC_ENOMEM; FAULT->path points to the member at fault. A method with a !X
 * parameter takes {"_": "method", …} there. OUT keeps what was put before an error: the caller cuts. */
int tl_encode_method(const struct tl_schema *schema, const struct tl_comb *method, const json_t *params,
                     enum tl_encode_mode mode, struct buf *out, struct fault *fault) TGC_MUST;

/* VALUE as EXPR: a boxed object by its `_`, a vector, a Bool, a number… */
int tl_encode_value(const struct tl_schema *schema, const struct tl_expr *expr, const json_t *value,
                    enum tl_encode_mode mode, struct buf *out, struct fault *fault) TGC_MUST;

/* An object of any type by its `_`. */
int tl_encode_object(const struct tl_schema *schema, const json_t *object, enum tl_encode_mode mode, struct buf *out,
                     struct fault *fault) TGC_MUST;

/* Visits every JSON string, integer or Peer object in PARAMS that stands where METHOD wants a boxed InputPeer,
 * InputUser or InputChannel: a peer in the REST grammar, to be resolved before encoding. WANT is the type's name; the
 * value is member KEY of the object PARENT, or item INDEX of the array PARENT where KEY is NULL, and is replaced there
 * afterwards. A non-zero return ends the walk and is returned. What does not fit the schema is left for the encoder to
 * refuse. */
typedef int tl_peer_visit(void *ctx, const char *want, json_t *parent, const char *key, size_t index);
int tl_visit_peers(const struct tl_schema *schema, const struct tl_comb *method, json_t *params, tl_peer_visit *visit,
                   void *ctx);

/* Visits every member that PARAMS, or an object in them, has and cannot have (TGC_EUNKNOWN), or lacks and needs
 * (TGC_EINVAL), with its path and what the encoder says of it: the encoder stops at the first. FAULT is the visitor's
 * for the time of the call; a non-zero return ends the walk and is returned. */
typedef int tl_member_visit(void *ctx, const struct fault *fault);
int tl_visit_members(const struct tl_schema *schema, const struct tl_comb *method, const json_t *params,
                     tl_member_visit *visit, void *ctx);

#endif
