#include "daemon/tg/connection/keys.h"

#include "daemon/base/clock.h"

/* Who asks while nothing new may begin waits no longer than for a slow answer. */
#define DRAIN_MOST_US (30 * SECOND_US)

const struct tg_key_policy tg_key_policies[TG_KEY_KINDS] = {
    [TG_KEY_PERMANENT] = {.is_committed = true, .denials_max = 3},
    [TG_KEY_TEMPORARY] = {.denials_max = 1, .life_s = 86400, .renew_s = 3600},
};

void tg_key_slot_init(struct tg_key_slot *slot, enum tg_key_kind kind)
{
    *slot = (struct tg_key_slot){.kind = kind, .life_s = tg_key_policies[kind].life_s, .expires_us = INT64_MAX};
}

void tg_key_slot_clear(struct tg_key_slot *slot)
{
    int32_t life_s = slot->life_s;

    mt_auth_key_free(slot->key);
    tg_key_slot_init(slot, slot->kind);
    slot->life_s = life_s;
}

int tg_key_slot_give(struct tg_key_slot *slot, const uint8_t key[static 256], uint64_t salt, bool is_new)
{
    struct mt_auth_key *k = mt_auth_key_new(key);

    if (!k)
        return TGC_ENOMEM;
    slot->key = k;
    slot->salt = salt;
    slot->stage = is_new ? TG_KEY_MADE : TG_KEY_KEPT;
    slot->has_served = !is_new;
    return 0;
}

void tg_key_slot_put(struct tg_key_slot *slot, const struct mt_handshake_result *made)
{
    slot->key = made->key;
    slot->salt = made->salt;
    slot->time_offset_us = made->time_offset_us;
    slot->time_is_trusted = true;
    if (made->expires_at) {
        slot->expires_us = made->expires_at * SECOND_US - made->time_offset_us;
        slot->expires_at = (int32_t)made->expires_at;
    }
    slot->stage = tg_key_policies[slot->kind].is_committed ? TG_KEY_MADE : TG_KEY_KEPT;
}

/* The last part of its life, in which the next is made. */
static int64_t late_us(const struct tg_key_slot *slot)
{
    int64_t renew_us = tg_key_policies[slot->kind].renew_s * SECOND_US, quarter_us = slot->life_s * SECOND_US / 4;

    return renew_us < quarter_us ? renew_us : quarter_us;
}

static int64_t before_end(const struct tg_key_slot *slot, int64_t us)
{
    return slot->expires_us == INT64_MAX ? INT64_MAX : slot->expires_us - us;
}

int64_t tg_key_slot_renew_us(const struct tg_key_slot *slot)
{
    return before_end(slot, late_us(slot));
}

int64_t tg_key_slot_drain_us(const struct tg_key_slot *slot)
{
    int64_t leave_us = late_us(slot) / 8;

    return before_end(slot, leave_us + (leave_us < DRAIN_MOST_US ? leave_us : DRAIN_MOST_US));
}

int64_t tg_key_slot_leave_us(const struct tg_key_slot *slot)
{
    return before_end(slot, late_us(slot) / 8);
}

enum tg_key_need tg_key_slot_need(const struct tg_key_slot *slot, int64_t now_us)
{
    if (slot->stage == TG_KEY_NONE || now_us >= slot->expires_us)
        return TG_KEY_MAKE;
    if (slot->stage == TG_KEY_MADE)
        return TG_KEY_COMMIT;
    if (slot->stage == TG_KEY_COMMITTING)
        return TG_KEY_WAIT;
    return now_us < tg_key_slot_renew_us(slot) ? TG_KEY_USE : TG_KEY_RENEW;
}

bool tg_key_slot_offer(struct tg_key_slot *slot)
{
    if (slot->stage != TG_KEY_MADE)
        return false;
    slot->stage = TG_KEY_COMMITTING;
    return true;
}

void tg_key_slot_committed(struct tg_key_slot *slot, bool is_kept)
{
    if (slot->stage == TG_KEY_COMMITTING)
        slot->stage = is_kept ? TG_KEY_KEPT : TG_KEY_MADE;
}

void tg_key_slot_served(struct tg_key_slot *slot)
{
    slot->has_served = true;
    slot->denials = 0;
}

bool tg_key_slot_denied(struct tg_key_slot *slot)
{
    if (slot->stage != TG_KEY_KEPT)
        return false;
    slot->denials++;
    return !slot->has_served || slot->denials >= tg_key_policies[slot->kind].denials_max;
}
