#include "daemon/sandbox/world/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/le.h"
#include "daemon/crypto/dh.h"
#include "daemon/crypto/hash.h"

/* From when a login code may be sent another way. */
enum { CODE_TIMEOUT_S = 60 };
/* The part of a call's id that is its place in the table. */
enum { CALL_INDEX = 0xffffff };

int world_init(struct world *w, const struct clock_source *clock, const struct random_source *random)
{
    memset(w, 0, sizeof(*w));
    w->clock = clock;
    w->random = random;
    w->code_timeout_s = CODE_TIMEOUT_S;
    w->next_user_id = 2001;
    random_fill(random, w->secret, sizeof(w->secret));
    return 0;
}

static void chat_free(struct world_chat *c)
{
    free(c->members);
    world_box_fini(&c->box);
    free(c);
}

void world_fini(struct world *w)
{
    world_firsts_fini(&w->firsts);
    say_fini(&w->say);
    for (size_t i = 0; i < w->calls_n; i++) {
        world_participants_clear(w->calls[i]);
        world_talk_end(w->calls[i]);
        world_text_fini(&w->calls[i]->title);
        world_text_fini(&w->calls[i]->record_title);
        if (w->calls[i]->chat->kind == WORLD_CONFERENCE)
            chat_free(w->calls[i]->chat);
        free(w->calls[i]);
    }
    for (size_t i = 0; i < w->chats_n; i++)
        chat_free(w->chats[i]);
    for (size_t i = 0; i < w->users_n; i++) {
        world_box_fini(&w->users[i]->box);
        free(w->users[i]);
    }
    free(w->calls);
    free(w->chats);
    free(w->users);
    memset(w, 0, sizeof(*w));
}

void world_push(const struct world *w, const struct world_user *user, const struct telling *updates)
{
    if (w->push && !w->is_silent)
        w->push(w->push_ctx, user, updates);
}

void world_push_key(const struct world *w, int dc, uint64_t key_id, const json_t *updates)
{
    if (w->push_key && !w->is_silent)
        w->push_key(w->push_ctx, dc, key_id, updates);
}

int64_t world_now_us(const struct world *w)
{
    return clock_wall_us(w->clock) + w->skew_us;
}

int world_now(const struct world *w)
{
    return (int)(world_now_us(w) / SECOND_US);
}

struct world_user *world_user_by_id(const struct world *w, int64_t id)
{
    for (size_t i = 0; i < w->users_n; i++)
        if (w->users[i]->id == id)
            return w->users[i];
    return NULL;
}

struct world_user *world_user_by_phone(const struct world *w, const char *digits)
{
    for (size_t i = 0; i < w->users_n; i++)
        if (strcmp(w->users[i]->phone, digits) == 0)
            return w->users[i];
    return NULL;
}

struct world_user *world_user_by_name(const struct world *w, const char *name)
{
    for (size_t i = 0; i < w->users_n; i++)
        if (*w->users[i]->username && strcasecmp(w->users[i]->username, name) == 0)
            return w->users[i];
    return NULL;
}

/* Load chats may be thousands; they stand in the order of their ids. */
struct world_chat *world_chat_by_id(const struct world *w, int64_t id, bool basic)
{
    if (!basic && w->load_at && id > WORLD_LOAD_ID)
        return (uint64_t)id - WORLD_LOAD_ID <= w->chats_n - w->load_at
                   ? w->chats[w->load_at + (size_t)id - WORLD_LOAD_ID - 1]
                   : NULL;
    for (size_t i = 0; i < w->chats_n; i++)
        if (w->chats[i]->id == id && (w->chats[i]->kind == WORLD_BASIC) == basic)
            return w->chats[i];
    return NULL;
}

struct world_chat *world_chat_by_name(const struct world *w, const char *name)
{
    for (size_t i = 0; i < w->chats_n; i++)
        if (*w->chats[i]->username && strcasecmp(w->chats[i]->username, name) == 0)
            return w->chats[i];
    return NULL;
}

struct world_chat *world_chat_by_invite(const struct world *w, const char *hash)
{
    for (size_t i = 0; i < w->chats_n; i++)
        if (*w->chats[i]->invite && strcmp(w->chats[i]->invite, hash) == 0)
            return w->chats[i];
    return NULL;
}

/* Call ids are the index in the table under a mask (see world_add_call()), so that a look-up is one step. */
struct world_call *world_call_by_id(const struct world *w, int64_t id)
{
    uint64_t index = (uint64_t)id & CALL_INDEX;

    return index < w->calls_n && w->calls[index]->id == id ? w->calls[index] : NULL;
}

static size_t intent_bucket(const struct world_user *user, const struct world_chat *chat, int32_t random_id)
{
    uint64_t h =
        ((uint64_t)user->id << 32 ^ (uint64_t)(chat ? chat->id : 0) << 16 ^ (uint32_t)random_id) * 0x9e3779b97f4a7c15u;

    return (size_t)(h >> 50) % WORLD_INTENTS;
}

struct world_call *world_call_by_intent(const struct world *w, const struct world_user *user,
                                        const struct world_chat *chat, int32_t random_id)
{
    for (uint32_t i = w->intents[intent_bucket(user, chat, random_id)]; i; i = w->calls[i - 1]->intent_next) {
        struct world_call *c = w->calls[i - 1];
        if (c->random_id == random_id && c->creator == user &&
            (chat ? c->chat == chat : c->chat->kind == WORLD_CONFERENCE))
            return c;
    }
    return NULL;
}

struct world_member *world_member(const struct world_chat *chat, const struct world_user *user)
{
    for (unsigned i = 0; user && i < chat->members_n; i++)
        if (chat->members[i].user == user)
            return &chat->members[i];
    return NULL;
}

enum world_role world_role(const struct world_chat *chat, const struct world_user *user)
{
    const struct world_member *m = world_member(chat, user);

    return m ? m->role : WORLD_STRANGER;
}

bool world_may_manage(const struct world_chat *chat, const struct world_user *user)
{
    const struct world_member *m = world_member(chat, user);

    return m && (m->role == WORLD_CREATOR || (m->role == WORLD_ADMIN && m->manage_call));
}

/* Room for one more pointer, or NULL. */
static void *grow(void *list, size_t n, size_t *cap, size_t max)
{
    if (n >= max)
        return NULL;
    if (n < *cap)
        return list;
    size_t want = *cap ? *cap * 2 : 16;
    void *bigger = realloc(list, want * sizeof(void *));
    if (bigger)
        *cap = want;
    return bigger;
}

static void set_text(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "");
}

struct world_user *world_add_user(struct world *w, int64_t id, const char *phone, const char *first, const char *last,
                                  const char *username, int home_dc)
{
    struct world_user **users = grow(w->users, w->users_n, &w->users_cap, WORLD_USERS_MAX);
    struct world_user *u = users ? calloc(1, sizeof(*u)) : NULL;

    if (users)
        w->users = users;
    if (!u)
        return NULL;
    u->id = id ? id : w->next_user_id++;
    set_text(u->phone, sizeof(u->phone), phone);
    set_text(u->first_name, sizeof(u->first_name), first);
    set_text(u->last_name, sizeof(u->last_name), last);
    set_text(u->username, sizeof(u->username), username);
    set_text(u->code, sizeof(u->code), "12345");
    u->home_dc = home_dc;
    u->box.pts = 1;
    w->users[w->users_n++] = u;
    return u;
}

bool world_is_frozen(const struct world *w, const struct world_user *user)
{
    return user->frozen_since && (!user->frozen_until || user->frozen_until > world_now(w));
}

struct world_chat *world_add_chat(struct world *w, enum world_kind kind, int64_t id, const char *title,
                                  const char *username)
{
    struct world_chat **chats = grow(w->chats, w->chats_n, &w->chats_cap, WORLD_CHATS_MAX);
    struct world_chat *c = chats ? calloc(1, sizeof(*c)) : NULL;

    if (chats)
        w->chats = chats;
    if (!c)
        return NULL;
    c->kind = kind;
    c->id = id;
    c->date = world_now(w) - 86400;
    c->version = 1;
    c->box.pts = 1;
    c->last_message_id = kind == WORLD_BASIC ? 0 : WORLD_CREATION_ID;
    set_text(c->title, sizeof(c->title), title);
    set_text(c->username, sizeof(c->username), username);
    w->chats[w->chats_n++] = c;
    return c;
}

int world_add_member(struct world_chat *chat, struct world_user *user, enum world_role role, bool manage_call)
{
    if (chat->members_n == WORLD_MEMBERS_MAX)
        return TGC_ELIMIT;
    struct world_member *members = realloc(chat->members, (chat->members_n + 1) * sizeof(*members));
    if (!members)
        return TGC_ENOMEM;
    chat->members = members;
    members[chat->members_n++] = (struct world_member){
        .user = user,
        .role = role,
        .manage_call = manage_call,
        .top_id = chat->kind == WORLD_BASIC ? ++user->last_message_id : chat->last_message_id,
    };
    return 0;
}

struct world_call *world_add_call(struct world *w, struct world_chat *chat, struct world_user *creator,
                                  int32_t random_id)
{
    struct world_call **calls = grow(w->calls, w->calls_n, &w->calls_cap, WORLD_CALLS_MAX);
    struct world_call *c = calls ? calloc(1, sizeof(*c)) : NULL;

    if (calls)
        w->calls = calls;
    if (!c)
        return NULL;
    /* 62 bits: past what a double can hold, so that a client which loses bits is found out. */
    c->id = (int64_t)((random_u64(w->random) & 0x3fffffffff000000u) | 0x1000000001000000u | w->calls_n);
    c->access_hash = world_access_hash(w, 0, 'g', c->id);
    c->invite_key = random_u64(w->random);
    c->chat = chat;
    c->creator = creator;
    c->random_id = random_id;
    c->created_at = world_now(w);
    c->version = 1;
    w->calls[w->calls_n++] = c;
    uint32_t *bucket = &w->intents[intent_bucket(creator, chat, random_id)];
    c->intent_next = *bucket;
    *bucket = (uint32_t)w->calls_n;
    return c;
}

struct world_call *world_add_conference(struct world *w, struct world_user *creator, int32_t random_id)
{
    struct world_chat *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->kind = WORLD_CONFERENCE;
    struct world_call *call =
        world_add_member(c, creator, WORLD_CREATOR, true) ? NULL : world_add_call(w, c, creator, random_id);
    if (!call)
        chat_free(c);
    else
        c->call = call;
    return call;
}

/* The index of the call, and a key that nobody guesses. */
void world_call_slug(const struct world_call *call, char slug[static 24])
{
    snprintf(slug, 24, "%06x%016" PRIx64, (unsigned)(call->id & CALL_INDEX), call->invite_key);
}

struct world_call *world_call_by_slug(const struct world *w, const char *slug)
{
    char index[7] = "", own[24];

    if (strlen(slug) != 22)
        return NULL;
    memcpy(index, slug, 6);
    unsigned long at = strtoul(index, NULL, 16);
    if (at >= w->calls_n || w->calls[at]->chat->kind != WORLD_CONFERENCE)
        return NULL;
    world_call_slug(w->calls[at], own);
    return strcmp(own, slug) == 0 ? w->calls[at] : NULL;
}

int64_t world_access_hash(const struct world *w, int64_t viewer, char kind, int64_t id)
{
    uint8_t ids[16], digest[32];

    le64_store(ids, (uint64_t)viewer);
    le64_store(ids + 8, (uint64_t)id);
    hash_sha256(HASH_PIECES({w->secret, sizeof(w->secret)}, {&kind, 1}, {ids, sizeof(ids)}), digest);
    int64_t hash = (int64_t)le64_load(digest);
    return hash ? hash : 1;
}

int world_user_verifier(struct world *w, struct world_user *user)
{
    uint8_t x[32];

    if (user->has_verifier)
        return 0;
    user->algo = (struct srp_algo){.salt1_len = 40, .salt2_len = 16, .g = 3};
    random_fill(w->random, user->algo.salt1, user->algo.salt1_len);
    random_fill(w->random, user->algo.salt2, user->algo.salt2_len);
    memcpy(user->algo.p, dh_telegram_prime, sizeof(user->algo.p));
    int err = srp_password_hash(&user->algo, user->password, strlen(user->password), x);
    if (!err)
        err = srp_verifier(&user->algo, x, user->verifier);
    user->has_verifier = !err;
    return err;
}
