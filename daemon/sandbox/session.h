/* The server's side of an MTProto session: one (authorization key, session id), its numbers, what it received and what
 * waits for an ack. It outlives connections. */
#ifndef TGCALLD_SANDBOX_SESSION_H
#define TGCALLD_SANDBOX_SESSION_H

#include "daemon/mt/msg_id.h"
#include "daemon/mt/packed.h"
#include "daemon/sandbox/fault/packet_lie.h"
#include "daemon/sandbox/sandbox_internal.h"

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
    struct session *conn_next;
    struct sandbox *s;
    struct auth *auth;
    struct conn *conn; /* NULL: none now */
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
    uint64_t acks[SESSION_ACKS];
    unsigned acks_n;
};

/* --- session.c --- */
struct session *session_find(const struct auth *a, uint64_t id);
void session_free(struct session *ss);
/* A client's packet, decrypted. May close C; may free sessions. */
void session_packet(struct conn *c, struct auth *a, const struct mt_message *m);
/* Its sessions live on without it. */
void session_conn_closed(struct conn *c);
struct seen *session_seen(struct session *ss, uint64_t msg_id);

/* --- session_check.c --- */
/* Judges one message by its ids: 0, a code of enum session_bad. IS_CONTENT: it must be acked (an odd seqno). */
int session_check_time(const struct session *ss, uint64_t msg_id);
/* Its last part: where the window is full, nothing is known of what lies below it. */
int session_check_window(const struct session *ss, uint64_t msg_id);
int session_check_seq(const struct session *ss, const struct mt_message *m);
/* The same for the messages of one container against each other, the container among them. Sorts LIST. */
int session_check_order(struct seen *list, size_t n);

/* --- session_write.c --- */
/* Queues BODY (copied). CONTENT messages are kept until acked. REQUEST: the message it answers, or 0. Where too much is
 * kept, it is written first; SS may lose its connection by that. */
void session_send(struct session *ss, const void *body, size_t len, bool content, uint64_t request);
/* An answer that was kept back; one that the client has dropped meanwhile is not sent. */
void session_send_late(struct session *ss, const void *body, size_t len, uint64_t request);
void session_ack_later(struct session *ss, uint64_t msg_id);
/* The client has it. */
void session_acked(struct session *ss, uint64_t msg_id);
/* Whether a message of ours has this id; true as well where it may have been one too long ago. */
bool session_sent(const struct session *ss, uint64_t msg_id);
/* Sends the kept message again; false: it is not kept. */
bool session_resend(struct session *ss, uint64_t msg_id);
/* The kept answer to REQUEST goes out again; false: none is kept. */
bool session_resend_answer(struct session *ss, uint64_t request);
/* Everything kept goes out again: a new connection. */
void session_resend_all(struct session *ss);
/* Packs what is queued into as few packets as the limits allow, onto its connection. */
void session_flush(struct session *ss);
void session_send_bad(struct session *ss, const struct mt_message *m, int code);

/* --- service.c --- */
/* Handles a service message; false: it is none. BODY starts with ID. */
bool service_handle(struct session *ss, const struct mt_message *m, uint32_t id);
/* Whether the protocol has it unacked: msgs_ack, containers and their kin. */
bool service_is_content(uint32_t id);

/* --- invoke.c --- */
/* Runs a query and queues its answer. */
void invoke(struct session *ss, const struct mt_message *m);

#endif
