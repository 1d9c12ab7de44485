/* A client of the sandbox that believes nothing: it minds the promises about every packet, message and answer it gets.
 */
#ifndef TGCALLD_TESTS_FUZZ_SANDBOX_CLIENT_H
#define TGCALLD_TESTS_FUZZ_SANDBOX_CLIENT_H

#include "daemon/mt/msg_id.h"
#include "daemon/mt/packed.h"
#include "daemon/sandbox/centre/session.h"
#include "daemon/wire/wire.h"
#include "tests/fuzz/dc.h"

enum { CLIENT_SENT = 64, CLIENT_HEARD = 512, CLIENT_PACKET_MAX = 4 << 20, CLIENT_TOLD = 4096, CLIENT_ASKED = 2048 };

/* What was said once, to be said again. */
struct client_sent {
    uint64_t msg_id;
    uint32_t seq_no;
    uint8_t *body;
    size_t len;
};

/* What the server has not seen before. */
struct client_asked {
    uint64_t msg_id;
    const char *method; /* NULL: it is not known */
};

struct client_heard {
    uint64_t msg_id, request; /* request: what it answers; 0 for the rest */
    uint32_t seq_no;
    uint64_t digest;
};

struct client {
    struct dc *d;
    struct dc_line *line;
    int dc;
    uint8_t key_n;
    bool temporary;
    struct mt_auth_key *key;
    uint64_t session_id;
    struct wire *wire;
    struct mt_msg_id_source ids;
    uint32_t content;
    struct client_sent sent[CLIENT_SENT];
    unsigned sent_n;
    struct client_asked asked[CLIENT_ASKED];
    unsigned asked_n;
    /* Of the session that the server has now. */
    uint64_t unique_id;
    struct client_heard heard[CLIENT_HEARD];
    unsigned heard_n;
    /* Of the packet that was sent last. */
    bool refused; /* bad_msg_notification or bad_server_salt for it */
    uint64_t packet_msg_id;
    uint64_t told[CLIENT_TOLD]; /* messages that were answered or acked */
    unsigned told_n;
    unsigned long *lies; /* packets that the faults on demand may still spoil; shared */
};

void client_init(struct client *c, struct dc *d, unsigned n, int dc, uint8_t key_n, bool temporary,
                 unsigned long *lies);
void client_fini(struct client *c);
/* The key as the server has it; it is made again where it was destroyed. */
struct auth *client_auth(struct client *c);
/* A new connection, in place of the one there may be. */
void client_connect(struct client *c, enum wire_framing framing, bool obfuscated);
/* The next numbers of a message, all of them right. */
void client_number(struct client *c, struct mt_message *m, bool content);
/* Seals M and sends it, and hears what all LIST say; every message in it that the server took is answered. */
void client_send(struct client *c, const struct mt_message *m, struct client *list, size_t n);
/* A packet as it is. */
void client_send_raw(struct client *c, const void *packet, size_t len, struct client *list, size_t n);
/* Reads what came. */
void client_hear(struct client *c);

#endif
