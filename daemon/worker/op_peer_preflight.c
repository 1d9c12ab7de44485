/* GET /v1/peers/{peer}/preflight: what this account lacks for a call there, before it is tried. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/tg/call/chat.h"
#include "daemon/tg/call/rights.h"
#include "daemon/tg/known/call_text.h"
#include "daemon/worker/peer_read.h"

struct preflight {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
    json_t *body;
};

static void add_missing(json_t *list, const char *right, json_t *remedy)
{
    json_array_append_new(list, json_pack("{s:s, s:o*}", "right", right, "remedy", remedy));
}

/* The account's user by the name that people know. */
static json_t *user_of(const struct tg_account *account)
{
    json_t *j = tg_account_json((struct tg_account *)(uintptr_t)account);
    json_t *first = json_incref(json_object_get(json_object_get(j, "user"), "first_name"));

    json_decref(j);
    if (json_string_length(first))
        return first;
    json_decref(first);
    return json_string(tg_account_name(account));
}

static json_t *missing(const struct peer_read *read, const struct tg_rights *rights)
{
    const json_t *title_json = json_object_get(read->found, "title");
    const char *title = json_string_length(title_json) ? json_string_value(title_json) : "the chat";
    json_t *list = json_array(), *user_json = user_of(read->account);
    const char *user = json_string_value(user_json);

    if (!rights->has_calls)
        add_missing(list, "chat", json_string("Calls are held in groups, supergroups and channels: name one of these"));
    else if (!rights->is_member)
        add_missing(list, "member", json_sprintf("%s is not in %s: join it first", user, title));
    else if (!rights->may_create)
        add_missing(
            list, "manage_call",
            json_sprintf("\"Manage video chats\" is off for %s in %s: an admin turns it on under Administrators", user,
                         title));
    if (rights->has_calls && !rights->may_stream)
        add_missing(list, "creator",
                    json_sprintf("A stream by RTMP is for the owner of %s alone: log in as the owner, or leave "
                                 "rtmp_stream out",
                                 title));
    json_decref(user_json);
    return list;
}

static void on_call(void *ctx, struct tg_call *call, const struct tg_answer *failure)
{
    struct preflight p = *(struct preflight *)ctx;

    free(ctx);
    if (failure) {
        json_decref(p.body);
        op_reply_problem(p.job, op_problem_of(p.worker, p.account, failure));
        return;
    }
    if (call)
        json_object_set_new(p.body, "running_call", tg_call_json(call, tg_account_name(p.account)));
    op_reply_json(p.job, 200, p.body);
}

static void look(const struct peer_read *read)
{
    struct tg_rights rights = tg_rights_of(read->found);
    struct preflight *p = malloc(sizeof(*p));
    json_t *body = json_pack("{s:b, s:b, s:o}", "can_create", rights.may_create, "can_stream", rights.may_stream,
                             "missing", missing(read, &rights));

    if (!p || !body) {
        free(p);
        json_decref(body);
        op_reply_no_memory(read->job);
        return;
    }
    *p = (struct preflight){read->worker, read->job, read->account, body};
    /* Who is not in a chat is not shown its call. */
    if (!rights.is_member)
        on_call(p, NULL, NULL);
    else
        tg_chat_call(read->account, &read->peer, read->job->deadline_us, on_call, p);
}

void op_peer_preflight(struct worker *w, struct job *job)
{
    peer_read(w, job, look);
}
