/* The parts of the session machine and what they share. Internal to daemon/mt. */
#ifndef TGCALLD_MT_SESSION_INTERNAL_H
#define TGCALLD_MT_SESSION_INTERNAL_H

#include "daemon/base/limits.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/acks.h"
#include "daemon/mt/id_map.h"
#include "daemon/mt/ids.h"
#include "daemon/mt/msg_id.h"
#include "daemon/mt/packed.h"
#include "daemon/mt/request.h"
#include "daemon/mt/salts.h"
#include "daemon/mt/sent.h"
#include "daemon/mt/session.h"
#include "daemon/mt/window.h"
#include "daemon/tl/reader.h"
#include "daemon/tl/writer.h"

enum {
    PING_INTERVAL_S = 60,   /* the connection's life is asked for so often */
    PING_DELAY_S = 75,      /* and the server closes it when it hears nothing for so long */
    PONG_WAIT_S = 15,       /* nothing at all since a ping: the link is dead */
    PACKET_WAIT_S = 120,    /* nothing but bytes of unfinished packets */
    ANSWER_WAIT_S = 10,     /* no ack and no answer: the state is asked for */
    ACKED_WAIT_S = 60,      /* acknowledged, but no answer */
    STATE_WAIT_S = 5,       /* no answer to the question for the state */
    SALT_WAIT_S = 1,        /* a packet with a new salt is waited for so long */
    SALTS_AGAIN_S = 60,     /* no answer to get_future_salts */
    SALTS_REFRESH_S = 1800, /* between two answers */
    SALTS_FEW = 2,
    TIME_PAST_S = 300,  /* a server message may be so old */
    TIME_AHEAD_S = 30,  /* or so far ahead */
    TIME_BEHIND_S = 15, /* an answer so much below its request: our offset is too large */
    STRAYS_MAX = 10,    /* packets in a row outside that: our own time must be wrong */
    FAULTS_MAX = 10,    /* refused packets in a row: another session */
    RESTARTS_MAX = 5,   /* new sessions within RESTARTS_S: something is broken, the owner is to back off */
    RESTARTS_S = 60,
    BAD_MAX = 10,        /* bad_msg_notifications for one request */
    SERVICE_BAD_MAX = 2, /* and for a service message: the next of its kind takes its place */
    SALTED_MAX = 16,     /* refused salts for one message, then it has a rest */
    REQUEST_IDS = 8,     /* ids remembered for one request */
    SERVICES_MAX = 32,   /* service messages remembered, sent or to send */
    RECENT_IDS = 256,
    OLD_SESSIONS = 4,
    GZIP_FROM = 512, /* queries longer than this are tried */
};

struct mt_session {
    struct mt_session_config config;
    int64_t answer_wait_us, ping_interval_us;
    bool connected, was_connected;

    uint64_t key_id, key_id_before; /* as they stand in packets; 0 for none */
    uint64_t bind_request;          /* on its way or waiting; 0 */
    bool is_unbound;                /* only that is asked */
    bool is_held;

    uint64_t session_id, old_sessions[OLD_SESSIONS];
    unsigned old_sessions_n, restarts_n;
    int64_t restarts_since_us;
    bool too_many_restarts;
    uint64_t unique_id; /* of the last new_session_created */
    bool has_unique_id;

    int64_t offset_us;
    bool time_trusted;
    bool missed; /* something that is to be acknowledged was dropped for its time */
    unsigned strays, faults;

    struct mt_msg_id_source ids;
    uint64_t taken_msg_id; /* our youngest that the server may have taken, by what was heard of it */
    uint32_t content_n;    /* content-related messages of ours so far */
    uint64_t recent[RECENT_IDS];
    unsigned recent_n;

    struct buf prefix;
    bool inited;
    unsigned init_round;

    struct salts salts;
    int64_t salts_next_us;
    /* A salt was refused: packets go one at a time until one is known to be taken. A burst would be refused whole where
     * the salt changes faster than that. */
    bool salt_doubted;
    uint64_t probe_id; /* the packet on its way then; 0 */
    int64_t probe_until_us;

    struct window window;
    struct acks acks;

    struct request_list queue, flight, given_up;
    size_t requests_n;
    uint64_t last_request;
    struct id_map by_request, by_msg_id;
    struct sent_list to_send, services; /* service messages: waiting, and sent */
    int64_t check_us;                   /* not above the earliest check_us in flight */
    bool ask_state;

    int64_t ping_next_us;
    int64_t ping_sent_us; /* 0: none is out, or something came since */
    int64_t heard_us;     /* bytes came since the ping, or it was sent */

    struct buf scratch;
};

/* A received message on its way through the handlers. */
struct incoming {
    uint64_t msg_id;
    uint32_t seq_no;
    const uint8_t *body;
    size_t len;
    bool repair_only; /* outside the time window: only what can repair that is heard */
    bool unpacked;    /* out of a gzip_packed */
    bool copied;      /* out of a msg_copy */
};

static inline int64_t session_now_us(const struct mt_session *s)
{
    return clock_mono_us(s->config.clock);
}

static inline int64_t session_server_us(const struct mt_session *s)
{
    return session_now_us(s) + s->offset_us;
}

static inline int64_t msg_id_us(uint64_t msg_id)
{
    return (int64_t)(msg_id >> 32) * SECOND_US + (int64_t)(((msg_id & 0xffffffffu) * (uint64_t)SECOND_US) >> 32);
}

/* session_id.c: begins a new session with the requests of the old one. */
void session_restart(struct mt_session *s, const char *why);
bool session_was_ours(const struct mt_session *s, uint64_t session_id);
/* The same without counting it as trouble. */
void session_begin_anew(struct mt_session *s);
/* session_key.c: queues the binding where there is one; writes it as the message MSG_ID. */
int session_bind_begin(struct mt_session *s) TGC_MUST;
int session_bind_write(const struct mt_session *s, uint64_t msg_id, struct buf *out) TGC_MUST;
/* Whether a waiting query may go out now. */
bool session_may_send(const struct mt_session *s, const struct mt_request *r);
bool session_is_of_key_before(const struct mt_session *s, const void *packet, size_t len);
/* The end of a request: to the owner, or, of the binding, to who wanted that. */
void session_tell_result(struct mt_session *s, uint64_t request, const uint8_t *data, size_t len);
void session_tell_error(struct mt_session *s, uint64_t request, const struct mt_rpc_error *error);
void session_tell_failed(struct mt_session *s, uint64_t request, int err);
/* session_time.c: judges the time of a server's message, learns from it; the message's own time as the truth. */
bool session_time_fits(struct mt_session *s, uint64_t msg_id);
void session_time_set(struct mt_session *s, uint64_t msg_id);
/* What does not fit: it proves its time, or is dropped. */
void session_time_prove(struct mt_session *s, uint64_t msg_id);
void session_time_stray(struct mt_session *s);
/* session_proof.c */
bool session_is_answered_by(const struct mt_session *s, const struct mt_message *m);
/* session_salt.c */
void session_salt_set(struct mt_session *s, uint64_t salt);
void session_salt_choose(struct mt_session *s);
/* The server refused the message or container ID and tells another salt; it has taken the packet that E went in; there
 * is no more reason to doubt. */
void session_salt_refused(struct mt_session *s, uint64_t id, uint64_t salt);
void session_salt_proved(struct mt_session *s, const struct sent *e);
void session_salt_trust(struct mt_session *s);

/* outbox.c: what was sent, by id. */
/* Adds a service message to those to send. */
int outbox_push(struct mt_session *s, enum sent_kind kind, struct buf *body) TGC_MUST;
/* E, a service message, was sent: it is remembered, the oldest beyond SERVICES_MAX is not. */
void outbox_service_sent(struct mt_session *s, struct sent *e);
/* Takes a service message out of memory. */
void outbox_service_drop(struct mt_session *s, struct sent *e);
void outbox_remember_id(struct mt_session *s, uint64_t msg_id);
/* Whether ID is one of ours of late, alone or as a container. */
bool outbox_is_own(const struct mt_session *s, uint64_t id);
/* The entry of ID where that is a query's current id, else NULL. */
struct sent *outbox_current(const struct mt_session *s, uint64_t id);
/* Calls FN for each message that was sent as ID, or in the container ID, and not been replaced since. FN may requeue or
 * drop its message, and must call no handlers. */
void outbox_each(struct mt_session *s, uint64_t id, void (*fn)(struct mt_session *s, struct sent *e, void *ctx),
                 void *ctx);
/* Sends it again: a query as mt_request_again() has it, a service message goes to those to send. */
void outbox_resend(struct mt_session *s, struct sent *e);
void outbox_clear(struct mt_session *s);

/* ping.c */
int ping_push(struct mt_session *s, int64_t now_us) TGC_MUST;
int64_t ping_deadline_us(const struct mt_session *s);
bool ping_is_dead(const struct mt_session *s, int64_t now_us);

/* on_state.c, on_salts.c: questions of ours */
int state_push(struct mt_session *s) TGC_MUST;
bool salts_are_wanted(const struct mt_session *s, int64_t now_us);
int salts_push(struct mt_session *s, int64_t now_us) TGC_MUST;

/* dispatch.c: hands a message to the handler of its constructor. TGC_EPROTO: it could not be read; TGC_ENOMEM. */
int session_dispatch(struct mt_session *s, const struct incoming *in) TGC_MUST;
/* session_read.c: an inner message with its own checks. */
int session_take(struct mt_session *s, const struct incoming *in) TGC_MUST;

/* One handler a constructor; R stands behind it. */
typedef int session_handler(struct mt_session *s, const struct incoming *in, struct tl_reader *r);
session_handler on_rpc_result, on_msgs_ack, on_bad_msg_notification, on_bad_server_salt, on_new_session_created,
    on_pong, on_future_salts, on_msgs_state_req, on_msgs_state_info, on_msgs_all_info, on_msg_detailed_info,
    on_msg_new_detailed_info, on_msg_resend_req, on_destroyed;

#endif
