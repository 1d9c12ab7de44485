/* tgcalldctl call: who is in it, the signalling of a media engine, messages. */
#include <string.h>

#include "daemon/ctl/calls.h"
#include "daemon/ctl/command.h"
#include "daemon/ctl/object.h"
#include "daemon/ctl/say.h"

enum { PATH_SIZE = 2048 };

static const struct ctl_column participant_columns[] = {
    {.title = "ID", .path = "peer", .form = PICK_PEER, .is_whole = true},
    {.title = "NAME", .path = "name"},
    {.title = "MUTED", .path = "muted"},
    {.title = "VOLUME", .path = "volume"},
    {.title = "HAND", .path = "raise_hand_rating"},
    {.title = "JOINED", .path = "date", .form = PICK_TIME},
    {0},
};
const struct ctl_view call_participants = {"participants", participant_columns, call_name_participants};

const struct ctl_word call_participants_words[] = {
    CALL_WORD_ID,
    CTL_WORD_ACCOUNT(CTL_IN_QUERY),
    CTL_WORD_LIMIT("At most so many"),
    {0},
};
const struct ctl_word call_participant_words[] = {
    CALL_WORD_ID,
    {.name = "peer", .arg = "PEER", .place = CTL_IN_PATH, .help = "Who"},
    CTL_WORD_ACCOUNT(CTL_IN_QUERY),
    {.name = "muted", .option = "muted", .arg = "yes|no", .place = CTL_IN_BODY, .kind = CTL_SWITCH, .help = "Mute"},
    {.name = "volume",
     .option = "volume",
     .arg = "N",
     .place = CTL_IN_BODY,
     .kind = CTL_NUMBER,
     .help = "In hundredths of a per cent, 1 to 20000"},
    {.name = "raise_hand",
     .option = "raise-hand",
     .arg = "yes|no",
     .place = CTL_IN_BODY,
     .kind = CTL_SWITCH,
     .help = "The raised hand"},
    {0},
};

static const struct ctl_column source_columns[] = {{.title = "SOURCE", .path = ""}, {0}};
const struct ctl_view call_sources = {.list = "sources", .columns = source_columns};

const struct ctl_word call_join_words[] = {
    CALL_WORD_ID,
    {.name = "params", .arg = "JSON", .help = "What the media engine says, with its ssrc; - is stdin"},
    CTL_WORD_ACCOUNT(CTL_IN_QUERY),
    {.name = "muted", .option = "muted", .place = CTL_IN_BODY, .kind = CTL_TRUE, .help = "Come in muted"},
    {.name = "video_stopped",
     .option = "video-stopped",
     .place = CTL_IN_BODY,
     .kind = CTL_TRUE,
     .help = "Come in without video"},
    {.name = "invite_hash",
     .option = "invite-hash",
     .arg = "HASH",
     .place = CTL_IN_BODY,
     .help = "That of a link which lets who comes by it speak"},
    {.name = "join_as", .option = "join-as", .arg = "PEER", .place = CTL_IN_BODY, .help = "As whom; see call join-as"},
    {0},
};
const struct ctl_word call_check_words[] = {
    CALL_WORD_ID,
    {.name = "sources",
     .arg = "SOURCE",
     .place = CTL_IN_BODY,
     .kind = CTL_NUMBERS,
     .help = "Each as it was joined with"},
    CTL_WORD_ACCOUNT(CTL_IN_QUERY),
    {0},
};
const struct ctl_word call_leave_words[] = {
    CALL_WORD_ID,
    {.name = "source", .arg = "SOURCE", .place = CTL_IN_BODY, .kind = CTL_NUMBER, .help = "As it was joined with"},
    CTL_WORD_ACCOUNT(CTL_IN_QUERY),
    {0},
};

/* What a media engine is told is for a program alone. */
enum ctl_exit call_join(const struct ctl *ctl, const struct ctl_words *words)
{
    const char *text = ctl_given(words, "params");
    struct fault fault = {0};
    char path[PATH_SIZE];
    json_t *body = NULL, *answer = NULL, *params = object_read(text, "such as {\"ssrc\": 1}");

    if (!params)
        return CTL_USAGE;
    if (ctl_verb_path(words, path, sizeof(path)) != 0)
        fault_set(&fault, TGC_ELIMIT, "what is asked for is longer than any request");
    else if (ctl_verb_body(words, &body, &fault) == 0 && json_object_set(body, "params", params) != 0)
        fault_set(&fault, TGC_ENOMEM, "out of memory");
    json_decref(params);
    if (fault.text[0]) {
        say_fault("%s", fault.text);
        json_decref(body);
        return CTL_USAGE;
    }
    enum ctl_exit e = ctl_ask(ctl, "POST", path, body, &answer);
    if (e)
        return e;
    const json_t *told = ctl->as_json ? answer : json_object_get(answer, "connection");
    if (!told || say_result(told) != 0) {
        say_fault("the call was joined, but the answer does not say how to connect");
        e = CTL_REFUSED;
    }
    json_decref(answer);
    return e;
}

/* Other updates may stand beside the message's own. */
static void find_message(json_t *answer)
{
    const json_t *updates = json_object_get(json_object_get(answer, "updates"), "updates"), *update;
    size_t i;

    json_array_foreach (updates, i, update) {
        const char *name = json_string_value(json_object_get(update, "_"));
        json_t *id = json_object_get(json_object_get(update, "message"), "id");
        if (name && strcmp(name, "updateGroupCallMessage") == 0 && id && json_object_set(answer, "message_id", id) != 0)
            say_fault("out of memory");
    }
}

static const struct ctl_column message_columns[] = {
    {.title = "MESSAGE", .path = "message_id"},
    {.title = "ANSWER", .path = "updates._", .where = CTL_ON_TERMINAL},
    {0},
};
const struct ctl_view call_message = {.columns = message_columns, .prepare = find_message};
const struct ctl_word call_message_words[] = {
    CALL_WORD_ID,
    {.name = "text", .arg = "TEXT", .place = CTL_IN_BODY, .help = "What it says"},
    CTL_WORD_ACCOUNT(CTL_IN_QUERY),
    {.name = "stars", .option = "stars", .arg = "N", .place = CTL_IN_BODY, .help = "What it is to cost the sender"},
    {.name = "send_as", .option = "send-as", .arg = "PEER", .place = CTL_IN_BODY, .help = "As whom"},
    CTL_WORD_NO_WAIT,
    {0},
};
const struct ctl_word call_unsay_words[] = {
    CALL_WORD_ID,
    {.name = "ids",
     .arg = "MESSAGE",
     .place = CTL_IN_BODY,
     .kind = CTL_NUMBERS,
     .help = "Its number, as call message gave it"},
    CTL_WORD_ACCOUNT(CTL_IN_QUERY),
    {0},
};
