/* An auth key and what it is called by ("Creating an Authorization Key"). Lives in locked memory; one owner. */
#ifndef TGCALLD_MT_AUTH_KEY_H
#define TGCALLD_MT_AUTH_KEY_H

#include <stdint.h>

#include "daemon/base/err.h"

struct mt_auth_key {
    uint8_t key[256];
    uint8_t id[8];       /* as on the wire */
    uint8_t aux_hash[8]; /* as on the wire */
};

/* From 256 bytes; NULL where memory is gone. mt_auth_key_free() wipes. */
struct mt_auth_key *mt_auth_key_new(const uint8_t key[static 256]);
void mt_auth_key_free(struct mt_auth_key *key);

#endif
