/* A client of the sandbox for tests, as raw as it gets: blocking sockets, every number of a message can be chosen. */
#ifndef TGCALLD_TESTS_SANDBOX_RAW_H
#define TGCALLD_TESTS_SANDBOX_RAW_H

#include <jansson.h>

#include "daemon/crypto/rsa.h"
#include "daemon/mt/ids.h"
#include "daemon/mt/msg_id.h"
#include "daemon/mt/packed.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/wire/wire.h"

/* A running sandbox with layers 138 and 229. */
struct server {
    struct sandbox *s;
    struct rsa_key *key; /* public */
};

void server_start(struct server *v);
/* The same with another seed than 1. */
void server_start_seeded(struct server *v, uint64_t seed);
/* One that keeps its world in DIR, and draws its own numbers. */
void server_start_in(struct server *v, const char *dir);
/* What starting one there ends with; it is stopped again. */
int server_try_in(const char *dir, struct fault *fault);
void server_stop(struct server *v);
/* A socket connected to "127.0.0.1:PORT". */
int server_dial(const char *address);
/* The control port; the answer is the caller's. */
json_t *server_control(const struct server *v, const char *method, const char *path, const char *body);

struct raw_message {
    uint64_t msg_id;
    uint32_t seq_no, id; /* id: the body's constructor */
    size_t len;
    uint8_t *body;         /* the caller's */
    uint64_t container_id; /* what it came in; 0: nothing */
};

struct raw {
    const struct server *server;
    int dc, fd, layer;
    struct wire *wire;
    struct mt_auth_key *key;
    uint64_t salt, session_id;
    uint32_t content;
    int64_t now_us;              /* 0: the real clock */
    struct random_source random; /* of the key exchange */
    unsigned exchanges;          /* queries of the key exchange */
    bool repeats;                /* each of them twice */
    struct mt_msg_id_source ids;
    struct raw_message queue[256]; /* received, not yet taken */
    unsigned queue_n;
    bool is_inited;
    json_t *updates; /* what came outside of results */
    int error_code;  /* of the last raw_call() */
    char error[128];
    int32_t transport_error; /* the last one; 0: none */
};

/* Connects with FRAMING and makes a key. */
void raw_init(struct raw *r, const struct server *server, int dc, int layer, enum wire_framing framing,
              bool obfuscated);
void raw_fini(struct raw *r);
/* The same with client's numbers that follow from SEED, in intermediate framing. */
void raw_init_seeded(struct raw *r, const struct server *server, uint64_t seed);
/* The same, and every query of the exchange goes out twice: both answers must be the same. */
void raw_init_repeating(struct raw *r, const struct server *server);
/* Whether a key can be made; nothing of it stays. */
bool raw_try_key(const struct server *server);
/* The same with a temporary key, good for EXPIRES_IN seconds, in intermediate framing. */
void raw_init_temporary(struct raw *r, const struct server *server, int32_t expires_in);
/* Another key on the same connection; false: it could not be made. */
bool raw_make_key(struct raw *r);
/* A new connection for the same key and session. */
void raw_reconnect(struct raw *r);
/* One more client that has R's key, in a session of its own over a connection of its own. */
void raw_init_twin(struct raw *twin, const struct raw *r);

/* A plain message; the constructor of its answer. 0: a transport error, or nothing. */
uint32_t raw_plain(struct raw *r, uint64_t msg_id, const void *body, size_t len);

uint64_t raw_msg_id(struct raw *r);
/* A message with the next numbers; its id. */
uint64_t raw_send(struct raw *r, const void *body, size_t len, bool content);
/* A packet with these numbers. */
void raw_send_as(struct raw *r, uint64_t salt, uint64_t msg_id, uint32_t seq_no, const void *body, size_t len);
/* The next message out of any container; false: the connection ended or said a transport error, or 5 s passed. */
bool raw_recv(struct raw *r, struct raw_message *ret);
/* Goes on to the next message with this constructor; the others are dropped. The test fails where none comes. */
struct raw_message raw_expect(struct raw *r, uint32_t id);
/* bad_msg_notification or bad_server_salt: its code; 0 where something else comes first. */
int raw_bad_code(struct raw *r);

/* METHOD with PARAMS (stolen), the first time with initConnection around it. The result is the caller's; NULL:
 * r->error. */
json_t *raw_call(struct raw *r, const char *method, json_t *params);
/* Encodes only. */
void raw_encode(struct raw *r, const char *method, json_t *params, struct buf *out);
void raw_login(struct raw *r, const char *phone);

#endif
