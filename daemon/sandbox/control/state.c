#include "daemon/sandbox/control/state.h"

#include <inttypes.h>

#include "daemon/sandbox/control/opts.h"
#include "daemon/sandbox/world/json.h"

/* Ids and hashes of calls pass what a browser's numbers hold. */
static json_t *long_text(int64_t v)
{
    return json_sprintf("%" PRId64, v);
}

static json_t *participants(const struct world_call *c)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < c->participants_n; i++) {
        const struct world_participant *p = &c->participants[i];
        json_t *j = json_pack("{s:I, s:i, s:b}", "user", (json_int_t)p->as.user->id, "source", (int)p->source, "muted",
                              (int)p->muted);
        json_put_flag(j, "hand", p->hand != 0);
        json_put_flag(j, "video", p->video);
        json_put_flag(j, "can_self_unmute", p->can_self_unmute);
        if (p->as.channel)
            json_put(j, "channel", json_integer(p->as.channel->id));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *calls_json(const struct world *w)
{
    static const char *const states[] = {"active", "scheduled", "discarded"};
    json_t *list = json_array();

    for (size_t i = 0; i < w->calls_n; i++) {
        const struct world_call *c = w->calls[i];
        json_t *j =
            json_pack("{s:o, s:o, s:I, s:I, s:i, s:s, s:o, s:b, s:i, s:I}", "id", long_text(c->id), "access_hash",
                      long_text(c->access_hash), "chat", (json_int_t)c->chat->id, "creator", (json_int_t)c->creator->id,
                      "random_id", (int)c->random_id, "state", states[c->state], "title", world_text_json(&c->title),
                      "rtmp_stream", (int)c->rtmp, "version", c->version, "created_at", (json_int_t)c->created_at);
        if (c->chat->kind == WORLD_CONFERENCE) {
            char slug[24];
            world_call_slug(c, slug);
            json_put(j, "slug", json_string(slug));
        }
        if (c->schedule_date)
            json_put(j, "schedule_date", json_integer(c->schedule_date));
        if (c->record_start_date) {
            json_put(j, "record_start_date", json_integer(c->record_start_date));
            json_put(j, "record_title", world_text_json(&c->record_title));
        }
        json_put_flag(j, "join_muted", c->join_muted);
        json_put_flag(j, "messages_enabled", !c->messages_off);
        json_put(j, "participants", participants(c));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *chats_json(const struct world *w)
{
    static const char *const kinds[] = {"basic", "channel", "supergroup"};
    json_t *list = json_array();

    for (size_t i = 0; i < w->chats_n; i++) {
        const struct world_chat *c = w->chats[i];
        json_t *j = json_pack("{s:I, s:s, s:s, s:s, s:i}", "id", (json_int_t)c->id, "kind", kinds[c->kind], "title",
                              c->title, "username", c->username, "pts", c->box.pts);
        if (c->call)
            json_put(j, "call", long_text(c->call->id));
        json_array_append_new(list, j);
    }
    return list;
}

static json_int_t temporary_keys(const struct keys *k)
{
    json_int_t n = 0;

    for (size_t i = 0; i < KEYS_BUCKETS; i++)
        for (const struct auth *a = k->buckets[i]; a; a = a->next)
            n += a->temporary;
    return n;
}

json_t *state_json(const struct centres *s)
{
    json_t *users = json_array();

    for (size_t i = 0; i < s->world.users_n; i++) {
        const struct world_user *u = s->world.users[i];
        unsigned keys = 0;
        for (const struct auth *a = keys_of_user(&s->keys, u); a; a = a->user_next)
            keys += a->filed == u && !a->temporary;
        json_array_append_new(users, json_pack("{s:I, s:s, s:s, s:s, s:i, s:i, s:i}", "id", (json_int_t)u->id, "phone",
                                               u->phone, "first_name", u->first_name, "username", u->username,
                                               "home_dc", u->home_dc, "keys", (int)keys, "pts", u->box.pts));
    }
    return json_pack("{s:i, s:o, s:o, s:o, s:O, s:I, s:I, s:I, s:o, s:o}", "now", world_now(&s->world), "users", users,
                     "chats", chats_json(&s->world), "calls", calls_json(&s->world), "methods", s->trace.methods,
                     "connections", (json_int_t)s->lines_n, "keys", (json_int_t)s->keys.n, "temporary_keys",
                     temporary_keys(&s->keys), "faults", inject_list(&s->inject), "opts", opts_json(s));
}
