/* tgcalldctl webhooks */
#include "daemon/ctl/command.h"

static const struct ctl_column columns[] = {
    {.title = "NAME", .path = "name", .is_whole = true},
    {.title = "STATE", .path = "state", .is_whole = true},
    {.title = "PENDING", .path = "pending"},
    {.title = "OLDEST", .path = "oldest_pending_at", .form = PICK_TIME},
    {.title = "LAST", .path = "last.at", .form = PICK_TIME},
    {.title = "ANSWER", .path = "last.status|last.error"},
    {.title = "URL", .path = "url", .is_below = true},
    {.title = "TYPES", .path = "types", .is_below = true},
    {.title = "ACCOUNT", .path = "account"},
    {.title = "REASON", .path = "reason", .is_below = true},
    {0},
};
/* In a pipe the secret alone, so that the output is a file for who verifies. */
static const struct ctl_column secret_columns[] = {
    {.title = "NAME", .path = "name", .where = CTL_ON_TERMINAL},
    {.title = "URL", .path = "url", .where = CTL_ON_TERMINAL},
    {.title = "SECRET", .path = "secret", .is_whole = true},
    {0},
};
static const struct ctl_column delivery_columns[] = {
    {.title = "AT", .path = "at", .form = PICK_TIME},
    {.title = "EVENT", .path = "id", .is_whole = true},
    {.title = "TRY", .path = "try"},
    {.title = "STATE", .path = "state", .is_whole = true},
    {.title = "ANSWER", .path = "status", .where = CTL_ON_TERMINAL},
    {.title = "ANSWER", .path = "status|error", .where = CTL_IN_PIPE},
    {.title = "TOOK MS", .path = "took_ms"},
    {.title = "REASON", .path = "error", .is_below = true},
    {0},
};
static const struct ctl_column sent_columns[] = {{.title = "EVENT", .path = "id", .is_whole = true}, {0}};
static const struct ctl_column again_columns[] = {{.title = "EVENTS", .path = "events"}, {0}};

static const struct ctl_view all = {.list = "webhooks", .columns = columns}, one = {.columns = columns},
                             secret = {.columns = secret_columns},
                             tries = {.list = "deliveries", .columns = delivery_columns},
                             sent = {.columns = sent_columns}, again = {.columns = again_columns};

#define NAME_WORD                                                                                                      \
    {                                                                                                                  \
        .name = "name", .arg = "NAME", .place = CTL_IN_PATH, .help = "The webhook's name"                              \
    }
#define TYPE_WORD(text)                                                                                                \
    {                                                                                                                  \
        .name = "types", .option = "type", .arg = "TYPE", .place = CTL_IN_BODY, .kind = CTL_LIST, .help = text         \
    }

static const struct ctl_word new_words[] = {
    {.name = "name", .arg = "NAME", .place = CTL_IN_BODY, .help = "What it is called"},
    {.name = "url", .arg = "URL", .place = CTL_IN_BODY, .help = "Where events are sent: http or https"},
    TYPE_WORD("Only events of this type; may be repeated"),
    {.name = "account",
     .option = "account",
     .arg = "NAME",
     .place = CTL_IN_BODY,
     .help = "Only events of this account"},
    {0},
};
static const struct ctl_word name_word[] = {NAME_WORD, {0}};
static const struct ctl_word set_words[] = {
    NAME_WORD,
    {.name = "url", .option = "url", .arg = "URL", .place = CTL_IN_BODY, .help = "Where events are sent from now on"},
    TYPE_WORD("Only events of this type from now on; may be repeated"),
    {.name = "types",
     .option = "all-types",
     .place = CTL_IN_BODY,
     .kind = CTL_EMPTY,
     .help = "Events of all types from now on"},
    {0},
};
static const struct ctl_word delivery_words[] = {
    NAME_WORD,
    {.name = "state",
     .option = "state",
     .arg = "STATE",
     .place = CTL_IN_QUERY,
     .help = "Only those that are delivered, retried or failed"},
    CTL_WORD_LIMIT("At most so many, the newest"),
    {0},
};
static const struct ctl_word replay_words[] = {
    NAME_WORD,
    {.name = "after",
     .option = "after",
     .arg = "ID",
     .place = CTL_IN_BODY,
     .kind = CTL_NUMBER,
     .help = "The events behind this one"},
    {.name = "until",
     .option = "until",
     .arg = "ID",
     .place = CTL_IN_BODY,
     .kind = CTL_NUMBER,
     .help = "This event is the last"},
    {.name = "failed",
     .option = "failed",
     .place = CTL_IN_BODY,
     .kind = CTL_TRUE,
     .help = "Only those that were given up"},
    {0},
};

#define SHOWN_ONCE                                                                                                     \
    "The secret is shown this once: keep it where the receiver of the events reads it, and nobody else does."

const struct ctl_verb ctl_webhooks[] = {
    {.name = "list",
     .method = "GET",
     .path = "/v1/webhooks",
     .view = &all,
     .summary = "List the webhooks, how each does and what waits for it"},
    {.name = "create",
     .method = "POST",
     .path = "/v1/webhooks",
     .words = new_words,
     .view = &secret,
     .summary = "Have events sent to a URL; its secret is shown this once",
     .word = SHOWN_ONCE},
    {.name = "show",
     .method = "GET",
     .path = "/v1/webhooks/{name}",
     .words = name_word,
     .view = &one,
     .summary = "Show one webhook"},
    {.name = "set",
     .method = "PATCH",
     .path = "/v1/webhooks/{name}",
     .words = set_words,
     .view = &one,
     .summary = "Change where events are sent, or which"},
    {.name = "delete",
     .method = "DELETE",
     .path = "/v1/webhooks/{name}",
     .words = name_word,
     .summary = "Forget a webhook; what waits for it is not sent"},
    {.name = "pause",
     .method = "PATCH",
     .path = "/v1/webhooks/{name}",
     .body = "{\"paused\": true}",
     .words = name_word,
     .view = &one,
     .summary = "Send nothing for now; events wait"},
    {.name = "resume",
     .method = "PATCH",
     .path = "/v1/webhooks/{name}",
     .body = "{\"paused\": false}",
     .words = name_word,
     .view = &one,
     .summary = "Go on with one that was paused, or disabled"},
    {.name = "test",
     .method = "POST",
     .path = "/v1/webhooks/{name}/test",
     .words = name_word,
     .view = &sent,
     .summary = "Send an event webhook.test"},
    {.name = "rotate",
     .method = "POST",
     .path = "/v1/webhooks/{name}/rotate",
     .words = name_word,
     .view = &secret,
     .summary = "Make a new secret; both sign for 24 hours",
     .word = SHOWN_ONCE},
    {.name = "deliveries",
     .method = "GET",
     .path = "/v1/webhooks/{name}/deliveries",
     .words = delivery_words,
     .view = &tries,
     .summary = "List the tries, the newest first, with their answers"},
    {.name = "replay",
     .method = "POST",
     .path = "/v1/webhooks/{name}/replay",
     .words = replay_words,
     .view = &again,
     .summary = "Send events again"},
    {0},
};
