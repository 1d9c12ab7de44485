/* The data centres as their rooms see them: links (fake_dc_conn.c), sessions (fake_dc_session.c), queries
 * (fake_dc_query.c), what a test does to them (fake_dc.c). */
#ifndef TGCALLD_TESTS_FAKE_DC_INTERNAL_H
#define TGCALLD_TESTS_FAKE_DC_INTERNAL_H

#include "daemon/base/buf.h"
#include "daemon/mt/handshake_server.h"
#include "daemon/mt/ids.h"
#include "daemon/mt/msg_id.h"
#include "daemon/mt/packed.h"
#include "tests/support/fake_dc.h"
#include "tests/support/fake_rpc.h"
#include "tests/support/mt_ear.h"

enum { FAKE_CENTRES_MAX = 5, FAKE_BODY_MAX = 4 << 20, FAKE_BIND_SIZE = 132 };

struct fake_centre {
    struct fake_dc *dc;
    int id;
};

struct fake_key {
    struct mt_auth_key *key;
    int centre;
    uint64_t salt;
    struct fake_login login; /* of a permanent key */
    bool temporary;
    int64_t expires_at; /* Unix seconds */
    uint64_t perm_id;   /* temporary: of the key that it is bound to; 0: none */
    struct fake_session *sessions;
    bool is_gone; /* destroyed; freed when its packet has been served */
    struct fake_key *prev, *next;
};

struct fake_session {
    struct fake_dc *dc;
    struct fake_key *key;
    struct fake_conn *conn; /* where it was last heard; NULL once that is gone */
    struct mt_ear ear;
    struct mt_msg_id_source ids;
    uint32_t content_n;
    bool is_known;  /* the client was told that it is new */
    bool is_inited; /* initConnection came */
    struct fake_query *queries;
    struct fake_session *prev, *next;
};

/* A query that was taken, for as long as its answer is not acknowledged. */
struct fake_query {
    struct fake_session *session;
    uint64_t msg_id;
    bool is_bind;
    uint8_t bind[FAKE_BIND_SIZE]; /* of auth.bindTempAuthKey: its bytes */
    bool has_answer;
    uint64_t answer_id;
    uint32_t answer_seq_no;
    struct buf answer;
    struct net_timer *late; /* the answer comes then */
    /* Of one that is executed then. */
    const struct tl_comb *method;
    json_t *params;
    struct fake_rule rule;
    struct fake_query *prev, *next;
};

struct fake_conn {
    struct fake_centre *centre;
    struct net_link *link;
    struct mt_handshake_server *handshake;
    bool has_key;    /* it has come to its end */
    bool is_serving; /* a packet of its own */
    bool is_dropped; /* in the middle of that; freed behind it */
    struct fake_conn *prev, *next;
};

struct fake_rule_entry {
    char method[64];
    struct fake_rule rule;
    struct fake_rule_entry *prev, *next;
};

struct fake_count {
    char method[64];
    unsigned asked, executed;
    json_t *last;
    struct fake_count *next;
};

struct fake_dc {
    struct fake_net *net;
    const struct tl_schema *schema;
    struct fake_centre centres[FAKE_CENTRES_MAX];
    int centres_n;
    struct random_seeded seeded;
    struct random_source random;
    struct fake_world world;
    int64_t offset_us;
    uint64_t unique_id;
    unsigned plain_n, sealed_n; /* packets that came */
    unsigned permanent_n;       /* permanent keys that were made */
    unsigned exchanges_n;       /* that ended in a key */
    unsigned unbound_n;         /* queries under a temporary key that is bound to none */
    struct fake_key *keys;
    struct fake_conn *conns;
    struct fake_rule_entry *rules;
    struct fake_count *counts;
};

int64_t fake_dc_now_us(const struct fake_dc *dc); /* the servers' Unix time */

/* Keys. */
struct fake_key *fake_key_find(struct fake_dc *dc, int centre, uint64_t id);
/* Who is logged in by it: of a temporary key that is the permanent one's; NULL where it is bound to none. */
struct fake_login *fake_key_login(struct fake_dc *dc, struct fake_key *key);
/* "Perfect Forward Secrecy": 0, or the 400 that is told. */
const char *fake_key_bind(struct fake_query *q);

/* Links. */
extern const struct fake_listener fake_dc_listener;
/* The server closes the link; what CONN points to is freed at once, or behind the packet that is being served. */
void fake_conn_drop(struct fake_dc *dc, struct fake_conn *c);
void fake_conn_free_all(struct fake_dc *dc);

/* Sessions. One opened packet of KEY: every message in it is judged, and served where the packet is not refused. */
void fake_session_hear(struct fake_dc *dc, struct fake_key *key, struct fake_conn *c, const struct mt_message *m);
/* Tells one message; nothing where the session has no link. */
void fake_session_tell(struct fake_session *s, const struct buf *body, bool is_content, enum mt_msg_id_low low);
/* Sends a query's answer, the first time or again under the same id. */
void fake_session_answer(struct fake_query *q);
void fake_session_ack(struct fake_session *s, uint64_t msg_id);
/* The server keeps nothing of it; the client goes on in it. */
void fake_session_forget(struct fake_session *s);
void fake_session_free(struct fake_session *s);
void fake_key_free(struct fake_dc *dc, struct fake_key *key);

/* Queries. What MT says it is no service message is one; Q is new, and may end in having its answer. */
void fake_query_serve(struct fake_query *q, const uint8_t *data, size_t len);
void fake_query_free(struct fake_query *q);
struct fake_rule fake_rule_take(struct fake_dc *dc, const char *method);
struct fake_count *fake_count_of(struct fake_dc *dc, const char *method);

#endif
