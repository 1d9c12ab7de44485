/* The published world as tables. */
#include <stdio.h>

#include "daemon/sandbox/world/world.h"

enum { ALICE = 1001, BOB = 1002, CAROL = 1003 };

static const struct {
    int64_t id;
    const char *phone, *name, *username;
    int home_dc;
    const char *password, *hint;
    int64_t contacts[2];
} users[] = {
    {ALICE, "15550001", "Alice", "alice", 1, "", "", {BOB, CAROL}},
    {BOB, "15550002", "Bob", "bobby", 1, "correct horse", "battery staple", {ALICE}},
    {CAROL, "15550003", "Carol", "carol", 2, "", "", {ALICE}},
};

static const struct {
    enum world_kind kind;
    int64_t id;
    const char *title, *username, *invite;
    bool closed;
    struct {
        int64_t user;
        enum world_role role;
        bool manage_call;
    } members[2];
} chats[] = {
    {WORLD_BASIC,
     5001,
     "Sandbox basic",
     "",
     "sandboxinvite",
     false,
     {{ALICE, WORLD_CREATOR, true}, {BOB, WORLD_MEMBER, false}}},
    {WORLD_CHANNEL, 6001, "Sandbox channel", "sandbox_channel", "", false, {{ALICE, WORLD_CREATOR, true}}},
    {WORLD_SUPERGROUP,
     6002,
     "Sandbox group",
     "sandbox_group",
     "",
     false,
     {{ALICE, WORLD_CREATOR, true}, {BOB, WORLD_MEMBER, false}}},
    {WORLD_CHANNEL,
     6003,
     "Sandbox readonly",
     "sandbox_readonly",
     "",
     false,
     {{CAROL, WORLD_CREATOR, true}, {ALICE, WORLD_MEMBER, false}}},
    {WORLD_SUPERGROUP,
     6004,
     "Sandbox noright",
     "sandbox_noright",
     "",
     false,
     {{CAROL, WORLD_CREATOR, true}, {ALICE, WORLD_ADMIN, false}}},
    {WORLD_CHANNEL, 6005, "Sandbox stranger", "sandbox_stranger", "", true, {{CAROL, WORLD_CREATOR, true}}},
};

static int seed_users(struct world *w)
{
    for (size_t i = 0; i < sizeof(users) / sizeof(*users); i++) {
        struct world_user *u =
            world_add_user(w, users[i].id, users[i].phone, users[i].name, "", users[i].username, users[i].home_dc);
        if (!u)
            return TGC_ENOMEM;
        snprintf(u->password, sizeof(u->password), "%s", users[i].password);
        snprintf(u->hint, sizeof(u->hint), "%s", users[i].hint);
        for (size_t k = 0; k < 2 && users[i].contacts[k]; k++)
            u->contacts[u->contacts_n++] = users[i].contacts[k];
    }
    return 0;
}

static int seed_load(struct world *w, unsigned n)
{
    w->load_at = w->chats_n;
    for (unsigned i = 1; i <= n; i++) {
        char title[64], username[64];
        snprintf(title, sizeof(title), "Sandbox load %u", i);
        snprintf(username, sizeof(username), "sandbox_load_%u", i);
        struct world_chat *c = world_add_chat(w, WORLD_SUPERGROUP, WORLD_LOAD_ID + (int64_t)i, title, username);
        if (!c)
            return TGC_ELIMIT;
        int err = world_add_member(c, world_user_by_id(w, ALICE), WORLD_CREATOR, true);
        if (err)
            return err;
    }
    return 0;
}

int world_seed(struct world *w, unsigned load_chats)
{
    int err = seed_users(w);

    for (size_t i = 0; !err && i < sizeof(chats) / sizeof(*chats); i++) {
        struct world_chat *c = world_add_chat(w, chats[i].kind, chats[i].id, chats[i].title, chats[i].username);
        if (!c)
            return TGC_ENOMEM;
        snprintf(c->invite, sizeof(c->invite), "%s", chats[i].invite);
        c->closed = chats[i].closed;
        for (size_t k = 0; !err && k < 2 && chats[i].members[k].user; k++)
            err = world_add_member(c, world_user_by_id(w, chats[i].members[k].user), chats[i].members[k].role,
                                   chats[i].members[k].manage_call);
    }
    return err ? err : seed_load(w, load_chats);
}

int world_seed_extra(struct world *w, unsigned n)
{
    for (unsigned i = 1; i <= n; i++) {
        char phone[24], name[WORLD_TEXT_MAX];
        snprintf(phone, sizeof(phone), "1556%07u", i);
        snprintf(name, sizeof(name), "Account %u", i);
        if (!world_add_user(w, WORLD_EXTRA_ID + (int64_t)i, phone, name, "", "", 1))
            return TGC_ENOMEM;
    }
    return 0;
}

struct world_user *world_guest(struct world *w, unsigned n)
{
    int64_t id = WORLD_GUEST_ID + (int64_t)n;
    struct world_user *u = world_user_by_id(w, id);
    char phone[24], name[WORLD_TEXT_MAX];

    if (u)
        return u;
    snprintf(phone, sizeof(phone), "1557%07u", n);
    snprintf(name, sizeof(name), "Guest %u", n);
    return world_add_user(w, id, phone, name, "", "", 1);
}
