/* auth.bindTempAuthKey, which ties a temporary key to a permanent one ("Perfect Forward Secrecy", "Binding message
 * contents"): the query with its encrypted_message, which is sealed by MTProto 1.0 under the permanent key. It carries
 * the id of the message it goes out in, so its bytes are another each time it is sent. */
#ifndef TGCALLD_MT_BIND_H
#define TGCALLD_MT_BIND_H

#include "daemon/base/buf.h"
#include "daemon/base/random.h"
#include "daemon/mt/auth_key.h"

#define MT_BIND_TEMP_AUTH_KEY 0xcdd42a05u

enum { MT_BIND_QUERY_SIZE = 132 };

struct mt_bind {
    const struct mt_auth_key *permanent, *temporary;
    uint64_t nonce;
    uint64_t session_id, msg_id; /* it goes out there, and so */
    int32_t expires_at;          /* of the temporary key: Unix seconds on the server's clock */
};

/* Appends the query, MT_BIND_QUERY_SIZE bytes. An error is OUT's, or TGC_ECRYPTO. */
int mt_bind_write(const struct mt_bind *bind, const struct random_source *random, struct buf *out) TGC_MUST;

#endif
