#include <inttypes.h>
#include <string.h>

#include "daemon/sandbox/control.h"
#include "daemon/sandbox/world/json.h"

struct request {
    struct sandbox *s;
    const json_t *body;
    uint64_t since;
    unsigned status;
};

static json_t *problem(struct request *q, unsigned status, const char *detail)
{
    q->status = status;
    return json_pack("{s:i, s:s}", "status", (int)status, "detail", detail);
}

/* A rule for a method that nobody can call would wait for ever. */
static bool is_callable(const struct sandbox *s, const char *method)
{
    for (size_t i = 0; i < s->schemas_n; i++)
        if (tl_find_method(s->schemas[i], method))
            return true;
    return false;
}

static json_t *post_fault(struct request *q)
{
    const char *method = json_get_text(q->body, "method");
    struct fault fault;

    fault_clear(&fault);
    if (*method && !is_callable(q->s, method)) {
        (void)fault_set(&fault, TGC_EINVAL, "no layer has a method \"%s\"", method);
        return problem(q, 422, fault.text);
    }
    if (inject_add(&q->s->inject, q->body, &fault))
        return problem(q, fault.err == TGC_EINVAL ? 422 : 503, fault.text);
    return json_pack("{s:o}", "faults", inject_list(&q->s->inject));
}

static json_t *post_clear(struct request *q)
{
    inject_clear(&q->s->inject);
    memset(q->s->world.floods, 0, sizeof(q->s->world.floods));
    return json_object();
}

static json_t *post_opts(struct request *q)
{
    if (!json_is_object(q->body))
        return problem(q, 422, "options are an object");
    const char *wrong = control_opts_set(q->s, q->body);

    return wrong ? problem(q, 422, wrong) : control_opts(q->s);
}

/* Ids and hashes of calls pass what a browser's numbers hold. */
static json_t *long_text(int64_t v)
{
    return json_sprintf("%" PRId64, v);
}

static json_t *state_participants(const struct world_call *c)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < c->participants_n; i++) {
        const struct world_participant *p = &c->participants[i];
        json_t *j = json_pack("{s:I, s:i, s:b}", "user", (json_int_t)p->as.user->id, "source", (int)p->source, "muted",
                              (int)p->muted);
        if (p->as.channel)
            json_put(j, "channel", json_integer(p->as.channel->id));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *state_calls(const struct world *w)
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
        if (c->schedule_date)
            json_put(j, "schedule_date", json_integer(c->schedule_date));
        if (c->record_start_date) {
            json_put(j, "record_start_date", json_integer(c->record_start_date));
            json_put(j, "record_title", world_text_json(&c->record_title));
        }
        json_put_flag(j, "join_muted", c->join_muted);
        json_put_flag(j, "messages_enabled", !c->messages_off);
        json_put(j, "participants", state_participants(c));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *state_chats(const struct world *w)
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

static json_t *get_state(struct request *q)
{
    const struct sandbox *s = q->s;
    json_t *users = json_array();

    for (size_t i = 0; i < s->world.users_n; i++) {
        const struct world_user *u = s->world.users[i];
        unsigned keys = 0;
        for (const struct auth *a = keys_of_user(&s->keys, u); a; a = a->user_next)
            keys += a->filed == u;
        json_array_append_new(users, json_pack("{s:I, s:s, s:s, s:s, s:i, s:i}", "id", (json_int_t)u->id, "phone",
                                               u->phone, "first_name", u->first_name, "username", u->username,
                                               "home_dc", u->home_dc, "keys", (int)keys));
    }
    return json_pack("{s:i, s:o, s:o, s:o, s:O, s:I, s:I, s:o, s:o}", "now", world_now(&s->world), "users", users,
                     "chats", state_chats(&s->world), "calls", state_calls(&s->world), "methods", s->trace.methods,
                     "connections", (json_int_t)s->conns_n, "keys", (json_int_t)s->keys.n, "faults",
                     inject_list(&s->inject), "opts", control_opts(s));
}

static json_t *get_log(struct request *q)
{
    return trace_list(&q->s->trace, q->since);
}

static json_t *get_lints(struct request *q)
{
    return json_pack("{s:o}", "lints", lint_list(&q->s->lints));
}

static const struct {
    const char *method, *path;
    json_t *(*handler)(struct request *q);
} routes[] = {
    {"POST", "/fault", post_fault}, {"POST", "/clear", post_clear}, {"POST", "/opts", post_opts},
    {"GET", "/state", get_state},   {"GET", "/log", get_log},       {"GET", "/lints", get_lints},
};

json_t *control_route(struct sandbox *s, const char *method, const char *path, uint64_t since, const json_t *body,
                      unsigned *ret_status)
{
    struct request q = {.s = s, .body = body, .since = since, .status = 200};
    bool known = false;
    json_t *answer = NULL;

    for (size_t i = 0; !answer && i < sizeof(routes) / sizeof(*routes); i++) {
        if (strcmp(routes[i].path, path) != 0)
            continue;
        known = true;
        if (strcmp(routes[i].method, method) == 0)
            answer = routes[i].handler(&q);
    }
    if (!answer)
        answer =
            problem(&q, known ? 405 : 404,
                    known ? "not with this verb" : "there is POST /fault, /clear, /opts, GET /state, /log, /lints");
    *ret_status = q.status;
    return answer;
}
