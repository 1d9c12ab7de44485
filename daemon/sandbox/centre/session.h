/* The server's side of an MTProto session: one (authorization key, session id), its numbers, what it received and what
 * waits for an ack. It outlives connections. */
#ifndef TGCALLD_SANDBOX_CENTRE_SESSION_H
#define TGCALLD_SANDBOX_CENTRE_SESSION_H

#include "daemon/mt/msg_id.h"
#include "daemon/mt/packed.h"
#include "daemon/sandbox/centre/line.h"
#include "daemon/sandbox/fault/packet_lie.h"

enum {
    SESSION_SEEN = 1024,          /* received message ids that are remembered */
    SESSION_KEPT_MAX = 512,       /* messages that wait for an ack */
    SESSION_KEPT_BYTES = 8 << 20, /* and their bytes: the oldest go first */
    SESSION_OFFLINE_MAX = 128,    /* without a connection; more than that becomes updatesTooLong */
    SESSION_ACKS = 256,
    SESSION_SENT = 1024, /* ids of our own that are remembered: an ack must name one */
};

enum session_bad { /* bad_msg_notification codes */
                   BAD_ID_TOO_LOW = 16,
                   BAD_ID_TOO_HIGH = 17,
                   BAD_ID_LOW_BITS = 18,
                   BAD_ID_CONTAINER_SAME = 19,
                   BAD_ID_TOO_OLD = 20,
                   BAD_SEQNO_TOO_LOW = 32,
                   BAD_SEQNO_TOO_HIGH = 33,
                   BAD_SEQNO_ODD = 34,
                   BAD_SEQNO_EVEN = 35,
                   BAD_SALT = 48,
                   BAD_CONTAINER = 64,
};

struct seen {
    uint64_t msg_id; /* 0: a message that a fault has forgotten */
    uint32_t seq_no;
    bool is_container, is_acked, is_answered, has_failed; /* has_failed: the answer was an error */
};

struct outgoing {
    struct outgoing *next;
    uint64_t msg_id, request; /* request: what it answers; 0 for the rest */
    uint32_t seq_no;
    bool is_written;
    size_t len;
    uint8_t body[];
};

struct session {
    struct session *next; /* of the same key */
    struct line_seat seat;
    struct centres *s;
    struct auth *auth;
    uint64_t id, unique_id;
    bool is_announced; /* new_session_created went out */
    bool wants_updates;
    bool missed_updates;
    uint32_t content_sent;
    struct mt_msg_id_source ids;
    struct seen seen[SESSION_SEEN];
    size_t seen_n;       /* ever; the ring's place is modulo SESSION_SEEN */
    uint64_t highest_id; /* what is above both needs no look at the ring: nearly every message */
    uint32_t highest_seq;
    struct outgoing *first, *last;
    uint64_t sent[SESSION_SENT]; /* a ring like `seen` */
    size_t sent_n;
    unsigned kept_n;
    size_t kept_bytes;
    enum packet_lie lie; /* told in the next packet */
    bool boxed;          /* the next packet is a container, however little there is */
    struct buf held;     /* the reorder fault: an answer that waits for the client's next packet */
    uint64_t held_request;
    struct buf held_update; /* the reorder_update fault: one that waits for the next */
    uint64_t acks[SESSION_ACKS];
    unsigned acks_n;
};

extern const struct key_holder session_key_holder;

/* --- session.c: which there are, and what each received --- */
struct session *session_find(const struct auth *a, uint64_t id);
/* Makes room where the key has too many; NULL: no memory. */
struct session *session_new(struct centres *s, struct auth *a, uint64_t id);
void session_free(struct session *ss);
/* It goes on over L: everything kept goes out again. */
void session_attach(struct session *ss, struct line *l);
struct seen *session_seen(struct session *ss, uint64_t msg_id);
void session_remember(struct session *ss, const struct mt_message *m, bool is_container);

/* --- session_send.c: what it sends, kept until it is acked --- */
/* Queues BODY (copied). CONTENT messages are kept until acked. REQUEST: the message it answers, or 0. Where too much is
 * kept, it is written first; SS may lose its line by that. */
void session_send(struct session *ss, const void *body, size_t len, bool content, uint64_t request);
/* An answer that was kept back; one that the client has dropped meanwhile is not sent. */
void session_send_late(struct session *ss, const void *body, size_t len, uint64_t request);
void session_send_bad(struct session *ss, const struct mt_message *m, int code);
void session_ack_later(struct session *ss, uint64_t msg_id);
/* The acks that wait become a message. */
void session_put_acks(struct session *ss);
/* The client has it. */
void session_acked(struct session *ss, uint64_t msg_id);
/* Whether a message of ours has this id; true as well where it may have been one too long ago. */
bool session_sent(const struct session *ss, uint64_t msg_id);
/* Sends the kept message again; false: it is not kept. */
bool session_resend(struct session *ss, uint64_t msg_id);
/* The kept answer to REQUEST goes out again; false: none is kept. */
bool session_resend_answer(struct session *ss, uint64_t request);
uint64_t session_next_id(struct session *ss, enum mt_msg_id_low low);
/* The salt that is good now. */
uint64_t session_salt(const struct session *ss);

/* --- session_flush.c: from messages to packets --- */
/* Packs what is queued into as few packets as the limits allow, onto its line. */
void session_flush(struct session *ss);

#endif
