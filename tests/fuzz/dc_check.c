/* What holds in a data centre whatever its clients do, and its world as one number. */
#include "tests/fuzz/dc.h"

#include <string.h>

#include "daemon/sandbox/centre/session.h"

static void check_participants(const struct world_call *call)
{
    for (unsigned i = 0; i < call->participants_n; i++) {
        const struct world_participant *p = &call->participants[i];
        FUZZ_CHECK(p->member < call->chat->members_n
                       ? call->chat->members[p->member].user == p->as.user
                       : p->member == WORLD_MEMBERS_MAX && !world_member(call->chat, p->as.user));
        FUZZ_CHECK(!p->left && p->source != 0 && p->volume >= 0 && p->volume <= 20000);
        FUZZ_CHECK((!p->video_paused || p->video) && (!p->presentation_paused || p->presents));
        FUZZ_CHECK(!p->as.channel || world_role(p->as.channel, p->as.user) == WORLD_CREATOR);
        for (unsigned k = 0; k < i; k++)
            FUZZ_CHECK(call->participants[k].as.user != p->as.user && call->participants[k].source != p->source);
    }
}

static void check_call(const struct world *w, size_t at)
{
    const struct world_call *call = w->calls[at];
    uint64_t members = call->chat->members_n < 64 ? (UINT64_C(1) << call->chat->members_n) - 1 : UINT64_MAX;

    FUZZ_CHECK(world_call_by_id(w, call->id) == call && call->access_hash != 0 && call->version >= 1);
    FUZZ_CHECK(world_call_by_intent(w, call->creator, call->chat, call->random_id) == call);
    FUZZ_CHECK(!call->first || call->first->owner == &call->first);
    FUZZ_CHECK((call->state != WORLD_CALL_DISCARDED) == (call->chat->call == call));
    FUZZ_CHECK(call->state == WORLD_CALL_ACTIVE || call->participants_n == 0);
    FUZZ_CHECK((call->state == WORLD_CALL_ACTIVE ? call->started_at >= call->created_at : true) &&
               (call->state != WORLD_CALL_SCHEDULED || call->schedule_date != 0));
    FUZZ_CHECK(((call->subscribed | call->invited) & ~members) == 0);
    FUZZ_CHECK(call->title.len <= WORLD_TITLE_MAX);
    json_t *title = world_text_json(&call->title), *record = world_text_json(&call->record_title);
    FUZZ_CHECK(title && record);
    json_decref(title);
    json_decref(record);
    check_participants(call);
}

static void check_world(struct dc *d)
{
    const struct world *w = &d->s.world;
    int64_t pts_sum = 0;

    FUZZ_CHECK(w->calls_n >= d->calls_n);
    for (size_t i = 0; i < w->calls_n; i++)
        check_call(w, i);
    for (size_t i = 0; i < w->chats_n; i++) {
        const struct world_chat *c = w->chats[i];
        FUZZ_CHECK(!c->call || c->call->chat == c);
        pts_sum += c->box.pts;
    }
    for (size_t i = 0; i < w->users_n; i++) {
        const struct world_user *u = w->users[i];
        FUZZ_CHECK(world_user_by_id(w, u->id) == u && world_user_by_phone(w, u->phone) == u && *u->first_name);
        pts_sum += u->box.pts;
    }
    FUZZ_CHECK(pts_sum >= d->pts_sum);
    d->pts_sum = pts_sum;
    d->calls_n = w->calls_n;
}

static void check_session(const struct session *ss)
{
    unsigned kept = 0;
    size_t bytes = 0;
    bool on_line = false;

    for (const struct outgoing *o = ss->first; o; o = o->next) {
        kept++;
        bytes += o->len;
        FUZZ_CHECK(o->next || ss->last == o);
        FUZZ_CHECK(!ss->seat.line || o->is_written);
    }
    FUZZ_CHECK(ss->first || !ss->last);
    FUZZ_CHECK(kept == ss->kept_n && bytes == ss->kept_bytes);
    FUZZ_CHECK(kept <= SESSION_KEPT_MAX);
    FUZZ_CHECK(ss->acks_n <= SESSION_ACKS);
    for (const struct line_seat *seat = ss->seat.line ? ss->seat.line->seats : NULL; seat; seat = seat->next)
        on_line = on_line || seat == &ss->seat;
    FUZZ_CHECK(!ss->seat.line || (on_line && ss->seat.line->state == LINE_OPEN));
    FUZZ_CHECK(ss->s->acting == NULL);
}

static void check_keys(const struct keys *k)
{
    size_t n = 0;

    for (size_t i = 0; i < KEYS_BUCKETS; i++) {
        for (struct auth *a = k->buckets[i]; a; a = a->next) {
            unsigned sessions = 0;
            n++;
            for (const struct session *ss = a->sessions; ss; ss = ss->next) {
                FUZZ_CHECK(ss->auth == a && session_find(a, ss->id) == ss);
                check_session(ss);
                sessions++;
            }
            FUZZ_CHECK(sessions == a->sessions_n && sessions <= KEYS_SESSIONS_MAX);
            bool filed = false;
            for (const struct auth *o = a->filed ? keys_of_user(k, a->filed) : NULL; o; o = o->user_next)
                filed = filed || o == a;
            FUZZ_CHECK(!a->filed || filed);
            /* A permanent key's updates find it as soon as it is logged in. */
            FUZZ_CHECK(a->temporary || a->filed == a->account.user);
        }
    }
    FUZZ_CHECK(n == k->n);
}

void dc_check(struct dc *d)
{
    check_world(d);
    check_keys(&d->s.keys);
    FUZZ_CHECK(d->s.inject.n <= INJECT_RULES_MAX);
}

static void mix(uint64_t *h, int64_t v)
{
    *h = (*h ^ (uint64_t)v) * 0x9e3779b97f4a7c15u;
    *h ^= *h >> 29;
}

static void mix_text(uint64_t *h, const struct world_text *text)
{
    for (size_t i = 0; i < text->len; i++)
        mix(h, text->bytes[i]);
}

static void mix_call(uint64_t *h, const struct world_call *c)
{
    const int64_t numbers[] = {c->id,
                               c->state,
                               c->rtmp,
                               c->version,
                               c->schedule_date,
                               c->started_at,
                               c->ended_at,
                               c->join_muted,
                               c->messages_off,
                               c->paid_stars,
                               c->record_video,
                               c->record_start_date,
                               (int64_t)c->subscribed,
                               (int64_t)c->invited,
                               (int64_t)c->invite_key};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        mix(h, numbers[i]);
    mix_text(h, &c->title);
    mix_text(h, &c->record_title);
    for (unsigned i = 0; i < c->participants_n; i++) {
        const struct world_participant *p = &c->participants[i];
        const int64_t of_them[] = {p->as.user->id,
                                   p->as.channel ? p->as.channel->id : 0,
                                   p->source,
                                   p->muted,
                                   p->can_self_unmute,
                                   p->video,
                                   p->video_paused,
                                   p->volume,
                                   p->hand,
                                   (int64_t)p->muted_for};
        for (size_t k = 0; k < sizeof(of_them) / sizeof(*of_them); k++)
            mix(h, of_them[k]);
    }
}

uint64_t dc_digest(const struct dc *d)
{
    const struct world *w = &d->s.world;
    uint64_t h = w->calls_n;

    for (size_t i = 0; i < w->calls_n; i++)
        mix_call(&h, w->calls[i]);
    for (size_t i = 0; i < w->chats_n; i++) {
        mix(&h, w->chats[i]->box.pts);
        mix(&h, w->chats[i]->rtmp_generation);
    }
    for (size_t i = 0; i < w->users_n; i++)
        mix(&h, w->users[i]->box.pts);
    return h;
}
