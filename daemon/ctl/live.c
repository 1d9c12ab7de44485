/* tgcalldctl live */
#include "daemon/ctl/command.h"

static const struct ctl_column columns[] = {
    {.title = "CHAT", .path = "wish.peer", .form = PICK_PEER, .is_whole = true},
    {.title = "ACCOUNT", .path = "wish.account"},
    {.title = "STATE", .path = "state", .is_whole = true},
    {.title = "CALL", .path = "call.id", .is_whole = true},
    {.title = "TITLE", .path = "wish.title"},
    {.title = "RTMP", .path = "wish.rtmp_stream", .where = CTL_ON_TERMINAL},
    {.title = "NEW KEYS", .path = "wish.rotate_key", .where = CTL_ON_TERMINAL},
    {.title = "MAX/H", .path = "wish.max_per_hour", .where = CTL_ON_TERMINAL},
    {.title = "LAST HOUR", .path = "recreations.last_hour"},
    {.title = "TOTAL", .path = "recreations.total"},
    {.title = "LAST END", .path = "last_end.how"},
    {.title = "RETRY AT", .path = "retry_at", .form = PICK_TIME},
    {.title = "REASON", .path = "reason", .is_below = true},
    {.title = "REMEDY", .path = "remedy", .where = CTL_ON_TERMINAL, .is_below = true},
    {0},
};
static const struct ctl_view one = {.columns = columns}, all = {.list = "live", .columns = columns};

static const struct ctl_word list_words[] = {
    {.name = "account",
     .option = "account",
     .arg = "NAME",
     .place = CTL_IN_QUERY,
     .help = "Only those of that account"},
    {0},
};
static const struct ctl_word chat_words[] = {
    {.name = "peer", .arg = "PEER", .place = CTL_IN_PATH, .help = "The chat"},
    CTL_WORD_ACCOUNT(CTL_IN_QUERY),
    {0},
};
static const struct ctl_word start_words[] = {
    {.name = "peer", .arg = "PEER", .place = CTL_IN_PATH, .help = "The chat"},
    CTL_WORD_ACCOUNT(CTL_IN_QUERY),
    {.name = "title", .option = "title", .arg = "TEXT", .place = CTL_IN_BODY, .help = "Of the calls that are made"},
    {.name = "rtmp_stream",
     .option = "rtmp",
     .place = CTL_IN_BODY,
     .kind = CTL_TRUE,
     .help = "They are streamed to by RTMP, which takes the chat's owner"},
    {.name = "max_per_hour",
     .option = "max-per-hour",
     .arg = "N",
     .place = CTL_IN_BODY,
     .kind = CTL_NUMBER,
     .help = "So many calls are made anew within any hour: 6, at most 60"},
    {.name = "rotate_key",
     .option = "rotate-key",
     .place = CTL_IN_BODY,
     .kind = CTL_TRUE,
     .help = "With --rtmp: make a new key before each call that is made anew"},
    {0},
};

const struct ctl_verb ctl_live[] = {
    {.name = "list",
     .method = "GET",
     .path = "/v1/live",
     .words = list_words,
     .view = &all,
     .summary = "List the chats that are kept live"},
    {.name = "start",
     .method = "PUT",
     .path = "/v1/peers/{peer}/live",
     .words = start_words,
     .view = &one,
     .summary = "Keep a call running in a chat from now on"},
    {.name = "show",
     .method = "GET",
     .path = "/v1/peers/{peer}/live",
     .words = chat_words,
     .view = &one,
     .summary = "Show how a chat is kept live, and why it is not"},
    {.name = "stop",
     .method = "DELETE",
     .path = "/v1/peers/{peer}/live",
     .words = chat_words,
     .summary = "No longer keep a chat live; its call goes on"},
    {0},
};
