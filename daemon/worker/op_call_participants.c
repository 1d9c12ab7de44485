/* GET /v1/calls/{id}/participants and PATCH /v1/calls/{id}/participants/{peer}. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/tl/base64.h"
#include "daemon/worker/call_act.h"

enum { PAGE = 100, OFFSET_MAX = 512 };

/* A cursor is Telegram's offset in hexadecimal: that may hold any bytes, and has to go through a URL. */
static json_t *cursor_of(const json_t *offset)
{
    const json_t *bytes = json_object_get(offset, "_bytes");
    const char *text = json_string_value(bytes ? bytes : offset);
    size_t len = json_string_length(bytes ? bytes : offset);
    uint8_t raw[OFFSET_MAX];
    char cursor[2 * OFFSET_MAX + 1];

    if (bytes) {
        size_t text_len = len;
        if (tl_base64_decoded_len(text, text_len, &len) != 0 || len > sizeof(raw) ||
            tl_base64_decode(text, text_len, raw) != 0)
            return NULL;
    } else if (len > sizeof(raw)) {
        return NULL;
    } else if (len) {
        memcpy(raw, text, len);
    }
    hex_encode(raw, len, cursor);
    return len ? json_string(cursor) : NULL;
}

/* NULL: it is none of ours. */
static json_t *offset_of(const char *cursor)
{
    size_t text_len = cursor ? strlen(cursor) : 0, len = text_len / 2;
    uint8_t raw[OFFSET_MAX];
    char bytes[4 * (OFFSET_MAX / 3 + 1)];

    if (len > sizeof(raw) || hex_decode(cursor ? cursor : "", text_len, raw, len) != 0)
        return NULL;
    tl_base64_encode(raw, len, bytes);
    return json_pack("{s:s%}", "_bytes", bytes, tl_base64_encoded_len(len));
}

static void reply_page(const struct call_target *target, const struct tg_step_outcome *outcome)
{
    static const char *const members[] = {"participants", "count", "version", "chats", "users"};
    const char *from = json_string_value(json_object_get(target->job->query, "cursor"));
    json_t *tree = op_tree(target->worker, target->job, target->account, outcome->answer), *body = json_object();

    if (!tree) {
        json_decref(body);
        return;
    }
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        json_object_set(body, members[i], json_object_get(tree, members[i]));
    const json_t *offset = json_object_get(tree, "next_offset");
    json_t *next = cursor_of(offset);
    if (!next && (json_is_object(offset) || json_string_length(offset))) {
        struct fault fault = {.text = "the place of the next page is longer than any that is known"};
        struct tg_answer untold = op_untold(outcome->answer, TGC_ELIMIT, &fault);
        json_decref(tree);
        json_decref(body);
        op_reply_problem(target->job, op_problem_of(target->worker, target->account, &untold));
        return;
    }
    /* One that leads to itself is an end too. */
    if (next && !(from && strcmp(json_string_value(next), from) == 0))
        json_object_set(body, "next_cursor", next);
    json_decref(next);
    json_decref(tree);
    op_reply_json(target->job, 200, body);
}

void op_call_participants(struct worker *w, struct job *job)
{
    const json_t *limit = json_object_get(job->query, "limit");
    json_t *offset = offset_of(json_string_value(json_object_get(job->query, "cursor")));

    if (!offset) {
        op_reply_bad_cursor(job);
        return;
    }
    call_act(w, job, "phone.getGroupParticipants",
             json_pack("{s:[], s:[], s:o, s:I}", "ids", "sources", "offset", offset, "limit",
                       limit ? json_integer_value(limit) : (json_int_t)PAGE),
             reply_page);
}

void op_call_participant_edit(struct worker *w, struct job *job)
{
    json_t *params = json_copy(job->body);

    if (params && json_object_set(params, "participant", json_object_get(job->path, "peer")) != 0) {
        json_decref(params);
        params = NULL;
    }
    call_act(w, job, "phone.editGroupCallParticipant", params, call_act_reply_updates);
}
