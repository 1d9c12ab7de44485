/* The keys of the data centres, and how a temporary one is bound to a permanent one. */
#include <stdlib.h>

#include <utlist.h>

#include "daemon/base/le.h"
#include "tests/support/fake_bind.h"
#include "tests/support/fake_dc_internal.h"

struct fake_key *fake_key_find(struct fake_dc *dc, int centre, uint64_t id)
{
    struct fake_key *key;

    DL_FOREACH (dc->keys, key)
        if (key->centre == centre && le64_load(key->key->id) == id)
            return key;
    return NULL;
}

struct fake_login *fake_key_login(struct fake_dc *dc, struct fake_key *key)
{
    if (!key->temporary)
        return &key->login;
    struct fake_key *permanent = key->perm_id ? fake_key_find(dc, key->centre, key->perm_id) : NULL;
    return permanent ? &permanent->login : NULL;
}

/* One temporary key at a time. */
static void bind(struct fake_dc *dc, struct fake_key *temporary, uint64_t perm_id)
{
    struct fake_key *key;

    DL_FOREACH (dc->keys, key)
        if (key->perm_id == perm_id && key->centre == temporary->centre)
            key->perm_id = 0;
    temporary->perm_id = perm_id;
}

const char *fake_key_bind(struct fake_query *q)
{
    struct fake_session *s = q->session;
    struct fake_bind b;

    if (!fake_bind_read(&b, q->bind, sizeof(q->bind)))
        return "INPUT_FETCH_ERROR";
    if (!s->key->temporary)
        return "TEMP_AUTH_KEY_EMPTY";
    if (b.expires_at <= fake_dc_now_us(s->dc) / SECOND_US)
        return "EXPIRES_AT_INVALID";
    if (s->key->perm_id && s->key->perm_id != b.perm_id)
        return "TEMP_AUTH_KEY_ALREADY_BOUND";
    struct fake_key *permanent = fake_key_find(s->dc, s->key->centre, b.perm_id);
    if (!permanent || permanent->temporary || !fake_bind_open(&b, permanent->key) ||
        !fake_bind_fits(&b, s->key->key, s->ear.session_id, q->msg_id))
        return "ENCRYPTED_MESSAGE_INVALID";
    bind(s->dc, s->key, b.perm_id);
    return NULL;
}

void fake_key_free(struct fake_dc *dc, struct fake_key *key)
{
    while (key->sessions)
        fake_session_free(key->sessions);
    DL_DELETE(dc->keys, key);
    mt_auth_key_free(key->key);
    free(key);
}
