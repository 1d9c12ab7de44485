/* The salt of our packets: which one is in use, and whether the server takes it. */
#include "daemon/mt/session_internal.h"

static void tell(struct mt_session *s)
{
    s->config.handlers->on_salt(s->config.ctx, s->salts.now);
}

void session_salt_set(struct mt_session *s, uint64_t salt)
{
    bool changed = s->salts.now != salt;

    salts_set(&s->salts, salt, session_server_us(s) / SECOND_US);
    if (changed)
        tell(s);
}

void session_salt_trust(struct mt_session *s)
{
    s->salt_doubted = false;
    s->probe_id = 0;
}

void session_salt_proved(struct mt_session *s, const struct sent *e)
{
    if (s->probe_id && e->outer_id == s->probe_id)
        session_salt_trust(s);
}

void session_salt_refused(struct mt_session *s, uint64_t id, uint64_t salt)
{
    s->salt_doubted = s->salt_doubted || salt != s->salts.now;
    if (id == s->probe_id)
        s->probe_id = 0;
    session_salt_set(s, salt);
}

void session_salt_choose(struct mt_session *s)
{
    if (salts_choose(&s->salts, session_server_us(s) / SECOND_US))
        tell(s);
}
