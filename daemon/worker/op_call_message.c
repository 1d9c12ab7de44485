/* POST, DELETE /v1/calls/{id}/messages. */
#include "daemon/worker/call_act.h"

/* It stays in the body, where a problem that leaves the message open finds it: with it, it is said once. */
static json_t *random_id_of(const struct worker *w, struct job *job)
{
    const json_t *given = json_object_get(job->body, "random_id");
    json_t *random_id = json_integer_value(given) ? json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(given))
                                                  : op_draw_random_id(w);

    if (random_id && json_object_set(job->body, "random_id", random_id) == 0)
        return random_id;
    json_decref(random_id);
    return NULL;
}

void op_call_message(struct worker *w, struct job *job)
{
    json_t *params = json_pack("{s:o, s:{s:s, s:O, s:[]}}", "random_id", random_id_of(w, job), "message", "_",
                               "textWithEntities", "text", json_object_get(job->body, "text"), "entities");

    call_act_copy(&params, job->body, "stars", "allow_paid_stars");
    call_act_copy(&params, job->body, "send_as", "send_as");
    call_act(w, job, "phone.sendGroupCallMessage", params, call_act_reply_updates);
}

void op_call_message_delete(struct worker *w, struct job *job)
{
    call_act(w, job, "phone.deleteGroupCallMessages", json_pack("{s:O}", "messages", json_object_get(job->body, "ids")),
             call_act_reply_updates);
}
