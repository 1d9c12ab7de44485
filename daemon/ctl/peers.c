/* tgcalldctl peers */
#include "daemon/ctl/command.h"

static const struct ctl_column columns[] = {
    {.title = "ID", .path = "user|chat", .form = PICK_PEER, .is_whole = true},
    {.title = "KIND", .path = "user._|chat._"},
    {.title = "USERNAME", .path = "user.username|chat.username"},
    {.title = "NAME", .path = "user.first_name user.last_name|chat.title"},
    {.title = "PHONE", .path = "user.phone", .where = CTL_ON_TERMINAL},
    {.title = "MEMBERS", .path = "chat.participants_count", .where = CTL_ON_TERMINAL},
    {0},
};
static const struct ctl_column preflight_columns[] = {
    {.title = "CAN CREATE", .path = "can_create"},
    {.title = "CAN STREAM", .path = "can_stream"},
    {.title = "RUNNING CALL", .path = "running_call.id", .is_whole = true},
    {.title = "MISSING", .path = "missing.right"},
    {.title = "REMEDY", .path = "missing.remedy"},
    {0},
};
static const struct ctl_column rtmp_columns[] = {
    {.title = "URL", .path = "url", .is_whole = true},
    {.title = "KEY", .path = "key", .is_whole = true},
    {.title = "FFMPEG", .path = "ffmpeg", .where = CTL_ON_TERMINAL},
    {0},
};
static const struct ctl_view view = {.columns = columns}, preflight = {.columns = preflight_columns},
                             rtmp = {.columns = rtmp_columns};

static const struct ctl_word words[] = {
    {.name = "peer",
     .arg = "PEER",
     .place = CTL_IN_PATH,
     .help = "@name, a t.me link, me, +phone of a contact, or an id such as -100…"},
    CTL_WORD_ACCOUNT(CTL_IN_QUERY),
    {0},
};
static const struct ctl_word rtmp_words[] = {
    {.name = "peer", .arg = "PEER", .place = CTL_IN_PATH, .help = "The chat"},
    CTL_WORD_ACCOUNT(CTL_IN_QUERY),
    {.name = "revoke",
     .option = "revoke",
     .place = CTL_IN_BODY,
     .kind = CTL_TRUE,
     .help = "Make a new key; the one from before is good no more"},
    {0},
};

const struct ctl_verb ctl_peers[] = {
    {.name = "show",
     .method = "GET",
     .path = "/v1/peers/{peer}",
     .words = words,
     .view = &view,
     .summary = "Show who that is"},
    {.name = "preflight",
     .method = "GET",
     .path = "/v1/peers/{peer}/preflight",
     .words = words,
     .view = &preflight,
     .summary = "Say whether a call can be created there, or what is missing"},
    {.name = "rtmp",
     .method = "POST",
     .path = "/v1/peers/{peer}/rtmp",
     .words = rtmp_words,
     .view = &rtmp,
     .summary = "Say where to stream to, with the key, which is a secret"},
    {0},
};
