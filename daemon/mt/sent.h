/* One message of ours, and lists of them. Internal to daemon/mt. */
#ifndef TGCALLD_MT_SENT_H
#define TGCALLD_MT_SENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sent_kind {
    SENT_QUERY,
    SENT_ACKS,
    SENT_PING,
    SENT_SALTS_REQ,
    SENT_STATE_REQ,
    SENT_RESEND_REQ,
    SENT_STATE_INFO,
};

struct mt_request;

/* How often a message was sent again for its salt, and for which salt last. */
struct salted {
    uint64_t salt;
    uint8_t n;
};

/* A query under one of its ids, or a service message. */
struct sent {
    enum sent_kind kind;
    unsigned init_round; /* which prefix was in front; 0 for none */
    uint64_t msg_id;
    uint64_t outer_id;          /* the container's, or the same */
    struct mt_request *request; /* of a query */
    bool not_taken;             /* a query's: the server said that it did not take it under this id */
    uint8_t *body;              /* of a service message, owned */
    size_t len;
    uint8_t bad_n;        /* bad_msg_notifications that a service message got */
    struct salted salted; /* of a service message */
    struct sent *next;    /* of the same request: older; of service messages: younger */
};

struct sent_list {
    struct sent *first, *last;
    size_t n;
};

/* NULL: no memory. BODY is copied. */
struct sent *sent_new(enum sent_kind kind, const void *body, size_t len);
void sent_free(struct sent *e);
void sent_list_add(struct sent_list *l, struct sent *e);
struct sent *sent_list_take(struct sent_list *l);
void sent_list_remove(struct sent_list *l, struct sent *e);
void sent_list_clear(struct sent_list *l);

#endif
