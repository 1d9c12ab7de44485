/* POST /v1/calls/{id}/join, …/leave, …/check: signalling for who brings a media engine. */
#include <string.h>

#include "daemon/tl/text.h"
#include "daemon/tl/tree.h"
#include "daemon/worker/call_act.h"

/* A source is 32 bits: WebRTC has them unsigned, TL as an int. */
static json_t *source_of(const json_t *source)
{
    return json_integer((int32_t)(uint32_t)json_integer_value(source));
}

/* The engine's own words; NULL where Telegram sent none. */
static const json_t *connection_in(const json_t *updates)
{
    const json_t *update;
    size_t i;

    json_array_foreach (json_object_get(updates, "updates"), i, update) {
        const char *name = json_string_value(json_object_get(update, "_"));
        if (name && strcmp(name, "updateGroupCallConnection") == 0 &&
            !json_is_true(json_object_get(update, "presentation")))
            return json_object_get(json_object_get(update, "params"), "data");
    }
    return NULL;
}

/* As it came, where it is JSON: to parse and write it would change its numbers. */
static void put_connection(struct buf *text, const json_t *data)
{
    json_t *parsed = json_loadb(json_string_value(data), json_string_length(data), JSON_DECODE_ANY, NULL);

    buf_put_text(text, ",\"connection\":");
    if (parsed)
        buf_put(text, json_string_value(data), json_string_length(data));
    else
        tl_text_put_string(text, json_string_value(data), json_string_length(data));
    json_decref(parsed);
}

static void reply_joined(const struct call_target *target, const struct tg_step_outcome *outcome)
{
    const struct tg_answer *answer = outcome->answer;
    struct buf *text = &target->job->text;
    struct fault fault = {0};
    json_t *tree = NULL;

    if (!answer) {
        call_act_reply_updates(target, outcome);
        return;
    }
    const struct tl_schema *schema = target->worker->env.schema;
    int err = tl_tree_result(schema, answer->method, answer->data, answer->len, &tree, NULL, &fault);
    buf_reset(text);
    buf_put_text(text, "{\"updates\":");
    if (!err)
        err = tl_text_result(schema, answer->method, answer->data, answer->len, text, NULL, &fault);
    const json_t *connection = connection_in(tree);
    if (json_is_string(connection))
        put_connection(text, connection);
    buf_put_byte(text, '}');
    json_decref(tree);
    if (!err)
        err = buf_err(text);
    if (!err)
        op_reply_text(target->job, 200);
    else
        call_act_untold(target, answer, err, &fault);
}

void op_call_join(struct worker *w, struct job *job)
{
    static const char *const same[] = {"muted", "video_stopped", "invite_hash", "join_as"};
    json_t *params =
        json_pack("{s:{s:s, s:O}}", "params", "_", "dataJSON", "data", json_object_get(job->body, "params"));

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        call_act_copy(&params, job->body, same[i], same[i]);
    if (params && !json_object_get(params, "join_as") &&
        json_object_set_new(params, "join_as", json_pack("{s:s}", "_", "inputPeerSelf")) != 0) {
        json_decref(params);
        params = NULL;
    }
    call_act(w, job, "phone.joinGroupCall", params, reply_joined);
}

void op_call_leave(struct worker *w, struct job *job)
{
    call_act(w, job, "phone.leaveGroupCall",
             json_pack("{s:o}", "source", source_of(json_object_get(job->body, "source"))), call_act_reply_updates);
}

static void reply_checked(const struct call_target *target, const struct tg_step_outcome *outcome)
{
    json_t *tree = op_tree(target->worker, target->job, target->account, outcome->answer);

    if (tree)
        op_reply_json(target->job, 200, json_pack("{s:o}", "sources", tree));
}

void op_call_check(struct worker *w, struct job *job)
{
    json_t *sources = json_array();
    const json_t *source;
    size_t i;

    json_array_foreach (json_object_get(job->body, "sources"), i, source)
        json_array_append_new(sources, source_of(source));
    call_act(w, job, "phone.checkGroupCall", json_pack("{s:o}", "sources", sources), reply_checked);
}
