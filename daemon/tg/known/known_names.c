/* Who is meant by what people write: what is known of it, and what ends that. A name is not its bearer's for ever: it
 * is believed for some hours after it was last seen on him, until his names change without it, and until somebody else
 * is seen with it. */
#include <string.h>

#include "daemon/tg/known/known_internal.h"

#define FOUND_US (2 * 3600 * SECOND_US)
#define FRESH_US (60 * SECOND_US)
#define MISSED_US (60 * SECOND_US)
#define DIALOGS_US (3600 * SECOND_US)

/* Usernames are ASCII; anything longer or stranger is no username that could be asked for. */
static bool username_of(const struct tg_fact_text *name, struct peer_text *ret)
{
    *ret = (struct peer_text){.kind = PEER_TEXT_NAME};
    if (name->len == 0 || name->len >= sizeof(ret->text))
        return false;
    for (size_t i = 0; i < name->len; i++) {
        char c = name->p[i];
        c = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
            return false;
        ret->text[i] = c;
    }
    return true;
}

static struct peer_text phone_of(const char *phone)
{
    struct peer_text text = {.kind = PEER_TEXT_PHONE};

    memcpy(text.text, phone, strnlen(phone, sizeof(text.text) - 1));
    return text;
}

/* Of the names in their order; never 0, which stands for "look again". */
static uint64_t hash_of(const struct tg_fact_text *names, size_t n)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < names[i].len; k++)
            h = (h ^ (uint8_t)names[i].p[k]) * UINT64_C(0x100000001b3);
        h = (h ^ 0xff) * UINT64_C(0x100000001b3);
    }
    return h ? h : 1;
}

static int put(struct tg_known *k, const struct peer_text *text, enum peer_kind kind, int64_t id, bool listed)
{
    const struct tg_name *was = tg_names_find(k->names, text);
    struct tg_name name = {.listed = listed, .kind = kind, .id = id, .learnt_us = known_now(k), .mark = k->mark};

    /* Who had it before may get it back: his names are looked at again. */
    if (was && !was->missed && (was->kind != kind || was->id != id)) {
        struct tg_peer_names *other = tg_peers_names(k->peers, was->kind, was->id);
        if (other)
            other->hash = 0;
    }
    return tg_names_put(k->names, text, &name);
}

int known_see_names(struct tg_known *k, const struct tg_fact_peer *p)
{
    struct tg_peer_names *has = tg_peers_names(k->peers, p->kind, p->id);
    const struct tg_fact_text *names = p->names_n ? &k->facts.names[p->names] : NULL;
    uint64_t hash = hash_of(names, p->names_n);
    struct peer_text text;
    int err = 0;

    if (!has)
        return 0;
    has->seen_us = known_now(k);
    if (has->hash == hash)
        return 0;
    has->hash = hash;
    has->mark = k->mark;
    for (size_t i = 0; !err && i < p->names_n; i++)
        if (username_of(&names[i], &text))
            err = put(k, &text, p->kind, p->id, true);
    return err;
}

int known_see_phone(struct tg_known *k, const struct tg_fact_peer *p)
{
    struct tg_peer_names *has = tg_peers_names(k->peers, p->kind, p->id);
    struct peer_text text;

    if (!has || !p->phone.len || p->phone.len >= sizeof(has->phone))
        return 0;
    bool same = strlen(has->phone) == p->phone.len && memcmp(has->phone, p->phone.p, p->phone.len) == 0;
    if (!same && has->phone[0]) {
        text = phone_of(has->phone);
        tg_names_drop(k->names, &text);
    }
    memset(has->phone, 0, sizeof(has->phone));
    memcpy(has->phone, p->phone.p, p->phone.len);
    text = phone_of(has->phone);
    const struct tg_name *known = same ? tg_names_find(k->names, &text) : NULL;
    return known && !known->missed && known->id == p->id ? 0 : put(k, &text, p->kind, p->id, false);
}

/* --- asking --- */

/* A bare id counts where it is one peer's alone. */
static const struct tg_peer *find_bare(struct tg_known *k, int64_t id)
{
    const struct tg_peer *chat = tg_peers_find(k->peers, PEER_CHAT, id);
    const struct tg_peer *channel = tg_peers_find(k->peers, PEER_CHANNEL, id);

    return chat && channel ? NULL : channel ? channel : chat;
}

static enum tg_name_word word_of_id(struct tg_known *k, const struct peer_text *asked, struct tg_peer *ret)
{
    const struct tg_peer *p = tg_peers_find(k->peers, asked->peer, asked->id);

    if (!p && asked->peer == PEER_USER)
        p = find_bare(k, asked->id);
    if (p && (p->has_hash || p->is_self)) {
        *ret = *p;
        return TG_NAME_PEER;
    }
    if (asked->peer == PEER_CHAT) { /* needs no hash, so that nobody need be asked */
        *ret = (struct tg_peer){.kind = PEER_CHAT, .id = asked->id, .has_hash = true};
        return TG_NAME_PEER;
    }
    return TG_NAME_UNKNOWN;
}

static int64_t last_seen_us(struct tg_known *k, const struct tg_name *name)
{
    const struct tg_peer_names *has = tg_peers_names(k->peers, name->kind, name->id);

    return has && name->listed && has->seen_us > name->learnt_us ? has->seen_us : name->learnt_us;
}

static enum tg_name_word word_of_name(struct tg_known *k, const struct tg_name *name, bool may_change,
                                      struct tg_peer *ret)
{
    const struct tg_peer *p = tg_peers_find(k->peers, name->kind, name->id);
    const struct tg_peer_names *has = tg_peers_names(k->peers, name->kind, name->id);

    if (!p || !(p->has_hash || p->is_self))
        return TG_NAME_UNKNOWN;
    if (has && may_change && has->mark > name->mark)
        return TG_NAME_UNKNOWN; /* his names changed, and this was not among them */
    if (known_now(k) - last_seen_us(k, name) >= FOUND_US)
        return TG_NAME_UNKNOWN;
    *ret = *p;
    return TG_NAME_PEER;
}

enum tg_name_word tg_known_name(struct tg_known *k, const struct peer_text *asked, struct tg_peer *ret)
{
    const struct tg_name *name = tg_names_find(k->names, asked);
    enum tg_name_word word = TG_NAME_UNKNOWN;

    if (asked->kind == PEER_TEXT_ID)
        word = word_of_id(k, asked, ret);
    else if (name && !name->missed)
        word = word_of_name(k, name, asked->kind == PEER_TEXT_NAME, ret);
    if (word == TG_NAME_UNKNOWN && name && name->missed && known_now(k) - name->learnt_us < MISSED_US)
        word = TG_NAME_MISSED;
    return word;
}

bool tg_known_name_is_fresh(struct tg_known *k, const struct peer_text *asked)
{
    const struct tg_name *name = tg_names_find(k->names, asked);

    return name && !name->missed && known_now(k) - last_seen_us(k, name) < FRESH_US;
}

int tg_known_name_found(struct tg_known *k, const struct peer_text *asked, enum peer_kind kind, int64_t id)
{
    const struct tg_name *was = tg_names_find(k->names, asked);
    bool listed = was && was->listed && was->kind == kind && was->id == id;

    return put(k, asked, kind, id, listed);
}

int tg_known_name_missed(struct tg_known *k, const struct peer_text *asked)
{
    struct tg_name name = {.missed = true, .learnt_us = known_now(k), .mark = k->mark};

    return tg_names_put(k->names, asked, &name);
}

void tg_known_name_forget(struct tg_known *k, const struct peer_text *asked)
{
    tg_names_drop(k->names, asked);
}

void tg_known_dialogs_read(struct tg_known *k, uint64_t mark)
{
    k->dialogs_us = known_now(k);
    k->dialogs_mark = mark;
    k->dialogs_read = true;
}

bool tg_known_dialogs_are_read(const struct tg_known *k)
{
    return k->dialogs_read && k->dialogs_mark >= k->lost_mark && known_now(k) - k->dialogs_us < DIALOGS_US;
}
