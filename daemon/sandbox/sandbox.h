/* A real MTProto 2.0 data centre pair on loopback, for users' tests and ours: any client library can talk to it when
 * given its address and key. It is as strict as the protocol's documents, serves what deployed clients send, and logs
 * each oddity as a lint. It knows nothing of our client. */
#ifndef TGCALLD_SANDBOX_SANDBOX_H
#define TGCALLD_SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/tl/schema.h"

struct sandbox;

struct sandbox_config {
    const char *listen;   /* DC 1, "127.0.0.1:0"; loopback only, anything else is TGC_EINVAL */
    const char *second;   /* DC 2 */
    const char *control;  /* the control port (HTTP); NULL: none */
    const char *key_path; /* the private RSA key as PEM */
    bool seeded;          /* ids, hashes and salts follow from `seed` */
    uint64_t seed;
    unsigned chats;      /* @sandbox_load_1…N */
    unsigned accounts;   /* users who are logged in already, at most 9000 (GET /accounts of the control port) */
    bool stored_answers; /* to a create that was asked for before: for measuring (centre/stored.h) */
    const char *dir;     /* the world is kept here and goes on from there; NULL: it ends with the process */
    const struct tl_schema *const *schemas; /* the layers it speaks; outlive it */
    size_t schemas_n;
};

/* Starts it on a thread of its own; returns when all ports are bound. TGC_ESYSTEM, TGC_EINVAL, … with a sentence. */
int sandbox_start(const struct sandbox_config *config, struct sandbox **ret, struct fault *fault) TGC_MUST;
/* Closes everything and frees. 0, or why the world is not on the disk as it was last (it was logged). */
int sandbox_stop(struct sandbox *s) TGC_MUST;

/* "127.0.0.1:41234", of its start; valid until sandbox_stop(). DC is 1 or 2; control is NULL where there is none. */
const char *sandbox_dc_address(const struct sandbox *s, int dc);
const char *sandbox_control_address(const struct sandbox *s);
uint64_t sandbox_rsa_fingerprint(const struct sandbox *s);

/* {"ready": true, "pid", "dc1", "dc2", "control", "rsa_fingerprint", "layers"}; the caller owns it. */
json_t *sandbox_ready_line(const struct sandbox *s);

#endif
