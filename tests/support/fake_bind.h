/* auth.bindTempAuthKey as a server opens it, by the document ("Binding message contents") and by nothing of ours but
 * the primitives. */
#ifndef TGCALLD_TESTS_FAKE_BIND_H
#define TGCALLD_TESTS_FAKE_BIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/mt/auth_key.h"

struct fake_bind {
    /* Of the query. */
    uint64_t perm_id, nonce;
    int32_t expires_at;
    const uint8_t *message; /* borrowed from it */
    size_t message_len;
    /* Of the sealed message, after fake_bind_open(). */
    uint64_t msg_id, inner_nonce, temp_id, inner_perm_id, session_id;
    uint32_t seq_no, length, constructor;
    int32_t inner_expires_at;
};

/* False: it is none, or malformed. */
bool fake_bind_read(struct fake_bind *b, const uint8_t *query, size_t len);
/* False: it is not sealed under PERMANENT. */
bool fake_bind_open(struct fake_bind *b, const struct mt_auth_key *permanent);
/* Whether every number says the same twice, and it was sent as MSG_ID in SESSION_ID under TEMPORARY. */
bool fake_bind_fits(const struct fake_bind *b, const struct mt_auth_key *temporary, uint64_t session_id,
                    uint64_t msg_id);

#endif
