/* A session and its server on one desk: a fake clock, packets by hand, and a server that minds the rules of every
 * packet it gets. */
#ifndef TGCALLD_TESTS_MT_PEER_H
#define TGCALLD_TESTS_MT_PEER_H

#include "daemon/mt/ids.h"
#include "daemon/mt/msg_id.h"
#include "daemon/mt/session.h"
#include "daemon/tl/reader.h"
#include "daemon/tl/writer.h"
#include "tests/support/mt_ear.h"
#include "tests/unit/mt/support.h"

enum { HEARD_MAX = 5000, EVENTS_MAX = 5000, QUERY_ID = 0x11111111, ANSWER_ID = 0x22222222, UPDATE_ID = 0x33333333 };

/* One message of the client. */
struct heard {
    uint64_t msg_id, outer_id, salt, session_id;
    uint32_t seq_no, id; /* the constructor */
    uint8_t *body;
    size_t len;
};

enum event_kind { EVENT_RESULT, EVENT_ERROR, EVENT_FAILED, EVENT_UPDATE, EVENT_NEW_SESSION, EVENT_SALT };

struct event {
    enum event_kind kind;
    uint64_t request;   /* the salt of EVENT_SALT */
    uint32_t id, value; /* the first two words of the data */
    size_t len;
    int err; /* or the code of an rpc_error */
};

struct desk {
    struct fake_clock clock;
    struct script random, peer_random;
    struct mt_auth_key *key;
    struct mt_session *s;
    struct event events[EVENTS_MAX];
    size_t events_n;
    void (*on_result)(struct desk *d, uint64_t request); /* for what a handler is to do */

    /* The server. */
    int64_t server_offset_us; /* its time minus the monotonic clock */
    uint64_t salt;            /* in its packets */
    uint64_t session_id;      /* of the client's last packet */
    struct mt_msg_id_source ids;
    uint32_t content_n;
    struct heard heard[HEARD_MAX];
    size_t heard_n;
    struct mt_ear ear;
    uint64_t last_msg_id; /* of the client */
    struct buf packet; /* the client's last packet */
    struct buf body;   /* the next message of the server */
    struct buf container;
    uint32_t container_count;
    struct fault fault;
};

/* One for all suites: at the end of each test the memory sanitizer looks through all of the program's data. */
extern struct desk the_desk;

/* A connected session whose time and salt are right, with no prefix. */
void desk_init(struct desk *d);
/* The same with changed settings. */
void desk_init_with(struct desk *d, const struct mt_session_config *config);
struct mt_session_config desk_config(struct desk *d);
void desk_fini(struct desk *d);

/* Sends a query that carries VALUE; returns the request. */
uint64_t desk_query(struct desk *d, uint32_t value);
/* The same, put on the wire; its message id. */
uint64_t desk_send_one(struct desk *d, uint32_t value);
/* Lets all packets go to the server, which judges them; what was heard before is forgotten. Returns the number of
 * packets. */
size_t desk_flush(struct desk *d);
/* The two halves of that: d->packet is judged and taken apart; what was heard is forgotten. */
void desk_hear_packet(struct desk *d);
void desk_forget_heard(struct desk *d);
/* The NTH (from 0) message with the constructor ID of those heard, or NULL. */
struct heard *desk_heard(struct desk *d, uint32_t id, size_t nth);
/* The same, and the test fails where there is none. */
struct heard *desk_must_hear(struct desk *d, uint32_t id, size_t nth);
size_t desk_count(struct desk *d, uint32_t id);
/* Time passes; one tick. */
int desk_pass(struct desk *d, int64_t us);
int desk_pass_s(struct desk *d, int64_t seconds);

/* The next message of the server: write it to the returned buffer, then tell it. */
struct buf *desk_begin(struct desk *d, uint32_t id);
/* An update that carries VALUE. */
void desk_begin_update(struct desk *d, uint32_t value);
/* As one packet; the return of feed. CONTENT makes an odd sequence number. */
int desk_tell(struct desk *d, bool content);
/* An update that nothing depends on. */
void desk_tell_update(struct desk *d, bool content);
uint64_t desk_next_id(struct desk *d, enum mt_msg_id_low low);
/* With everything given. */
int desk_tell_as(struct desk *d, uint64_t session_id, uint64_t msg_id, uint32_t seq_no);
/* The sealed packet for the message begun, for tests that change it. Freed by the caller. */
uint8_t *desk_seal(struct desk *d, uint64_t session_id, uint64_t msg_id, uint32_t seq_no, size_t *ret_len);
int desk_feed(struct desk *d, const uint8_t *packet, size_t len);

/* Into a container instead, under its own id; desk_tell_container() sends all. */
uint64_t desk_put(struct desk *d, bool content);
void desk_put_as(struct desk *d, uint64_t msg_id, uint32_t seq_no);
int desk_tell_container(struct desk *d);

/* Whole messages. */
int desk_answer(struct desk *d, uint64_t req_msg_id, uint32_t value);
int desk_ack(struct desk *d, uint64_t msg_id);
int desk_bad_msg(struct desk *d, uint64_t bad_msg_id, uint32_t code);
int desk_bad_salt(struct desk *d, uint64_t bad_msg_id, uint64_t salt);
int desk_new_session(struct desk *d, uint64_t first_msg_id, uint64_t unique_id);

/* The NTH event of KIND, or NULL; the number of them; forgets all. */
struct event *desk_event(struct desk *d, enum event_kind kind, size_t nth);
size_t desk_events(struct desk *d, enum event_kind kind);
void desk_forget_events(struct desk *d);

#endif
