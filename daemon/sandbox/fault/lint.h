/* Oddities of clients that are served all the same: counted by kind, with the client's own name. */
#ifndef TGCALLD_SANDBOX_FAULT_LINT_H
#define TGCALLD_SANDBOX_FAULT_LINT_H

#include <jansson.h>

/* name, what it is */
#define LINTS(X)                                                                                                       \
    X(LINT_INNER_WITHOUT_DC, "inner_without_dc", "p_q_inner_data or _temp, the forms that carry no DC")                \
    X(LINT_OLD_RSA, "old_rsa", "SHA1 + data + random instead of RSA_PAD")                                              \
    X(LINT_REQ_PQ, "req_pq", "req_pq instead of req_pq_multi")                                                         \
    X(LINT_PLAIN_MSG_ID, "plain_msg_id", "a plain message whose id is no multiple of 4")                               \
    X(LINT_ZLIB, "zlib", "zlib instead of gzip in gzip_packed")                                                        \
    X(LINT_ACK_ODD_SEQNO, "ack_odd_seqno", "an odd seqno on msgs_ack")                                                 \
    X(LINT_ACK_UNKNOWN, "ack_unknown", "an ack of a message that was never sent in this session")                      \
    X(LINT_UNDEFINED_FLAGS, "undefined_flags", "flag bits that the constructor does not define")                       \
    X(LINT_DUPLICATE, "duplicate_msg_id", "the same message again")                                                    \
    X(LINT_UNKNOWN_METHOD, "unimplemented_method", "a method of the layer that the sandbox does not serve")            \
    X(LINT_HTTP_WAIT, "http_wait", "http_wait over TCP")                                                               \
    X(LINT_GZIP_SMALL, "gzip_larger", "gzip_packed that is larger than what it holds")                                 \
    X(LINT_TWO_PLACES, "key_at_two_places", "a key used on two connections in turn: AUTH_KEY_DUPLICATED")

enum lint {
#define X(id, name, text) id,
    LINTS(X)
#undef X
        LINT_COUNT
};

struct lints {
    unsigned long count[LINT_COUNT];
    char client[LINT_COUNT][64], detail[LINT_COUNT][96];
};

/* CLIENT and DETAIL may be NULL; the last ones are kept. */
void lint_note(struct lints *l, enum lint lint, const char *client, const char *detail);
/* [{"lint", "text", "count", "client"?, "detail"?}]; a new reference. */
json_t *lint_list(const struct lints *l);

#endif
