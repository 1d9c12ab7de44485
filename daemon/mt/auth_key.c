#include "daemon/mt/auth_key.h"

#include <string.h>

#include "daemon/base/secret.h"
#include "daemon/crypto/kdf.h"

struct mt_auth_key *mt_auth_key_new(const uint8_t key[static 256])
{
    struct mt_auth_key *k = secret_new(sizeof(*k));

    if (!k)
        return NULL;
    memcpy(k->key, key, sizeof(k->key));
    kdf_auth_key_id(k->key, k->id, k->aux_hash);
    return k;
}

void mt_auth_key_free(struct mt_auth_key *key)
{
    secret_free(key);
}
