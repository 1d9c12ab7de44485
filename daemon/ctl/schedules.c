/* tgcalldctl schedules */
#include "daemon/ctl/command.h"

#define WHEN_COLUMNS                                                                                                   \
    {.title = "RULE", .path = "rrule"},                                                                                \
    {                                                                                                                  \
        .title = "ZONE", .path = "timezone"                                                                            \
    }
#define LAST_COLUMNS                                                                                                   \
    {.title = "LAST", .path = "last.at", .form = PICK_TIME}, {.title = "OUTCOME", .path = "last.outcome"},             \
    {                                                                                                                  \
        .title = "PROBLEM", .path = "last.problem.detail|last.left.detail|last.problem.title", .is_below = true        \
    }
#define FIRST_COLUMNS                                                                                                  \
    {.title = "NAME", .path = "name", .is_whole = true}, {.title = "STATE", .path = "state", .is_whole = true},        \
        {.title = "NEXT", .path = "next_at", .form = PICK_TIME, .is_whole = true},                                     \
        {.title = "CHAT", .path = "peer", .form = PICK_PEER, .is_whole = true}, {.title = "TITLE", .path = "title"},   \
        {.title = "ACCOUNT", .path = "account"},                                                                       \
    {                                                                                                                  \
        .title = "CALL", .path = "call"                                                                                \
    }

#define WHY_COLUMNS                                                                                                    \
    {.title = "REASON", .path = "reason", .is_below = true},                                                           \
    {                                                                                                                  \
        .title = "REMEDY", .path = "remedy|last.problem.remedy|last.left.remedy", .where = CTL_ON_TERMINAL,            \
        .is_below = true                                                                                               \
    }

static const struct ctl_column row_columns[] = {FIRST_COLUMNS, WHEN_COLUMNS, LAST_COLUMNS, WHY_COLUMNS, {0}};
static const struct ctl_column columns[] = {
    FIRST_COLUMNS,
    WHEN_COLUMNS,
    LAST_COLUMNS,
    WHY_COLUMNS,
    {.title = "LAST CALL", .path = "last.call"},
    {.title = "SKIPPED", .path = "skipped", .form = PICK_TIME},
    {.title = "START", .path = "start"},
    {.title = "RTMP", .path = "rtmp_stream"},
    {.title = "ANNOUNCE S", .path = "announce"},
    {.title = "END AFTER S", .path = "end_after"},
    {.title = "LATE MAX S", .path = "late_max"},
    {0},
};
/* Dates alone: a row is one. */
static const struct ctl_column date_columns[] = {{.title = "AT", .path = "", .form = PICK_TIME}, {0}};

static const struct ctl_view all = {.list = "schedules", .columns = row_columns}, one = {.columns = columns},
                             dates = {.list = "upcoming", .columns = date_columns};

#define NAME_WORD(where)                                                                                               \
    {                                                                                                                  \
        .name = "name", .arg = "NAME", .place = (where), .help = "The schedule's name"                                 \
    }
#define BODY_WORD(member, flag, value, of_kind, text)                                                                  \
    {                                                                                                                  \
        .name = (member), .option = (flag), .arg = (value), .place = CTL_IN_BODY, .kind = (of_kind), .help = text      \
    }
#define SCHEDULE_WORDS                                                                                                 \
    BODY_WORD("peer", "peer", "PEER", CTL_TEXT, "The chat"),                                                           \
        BODY_WORD("title", "title", "TEXT", CTL_TEXT, "The calls' title; %d %B and the like are the date's"),          \
        BODY_WORD("at", "at", "DATE", CTL_DATE, "Once, then: Unix seconds, RFC 3339, or +2h for a time from now"),     \
        BODY_WORD("rrule", "rule", "RULE", CTL_TEXT, "Again and again (RFC 5545), such as FREQ=WEEKLY;BYDAY=MO"),      \
        BODY_WORD("start", "start", "DATE", CTL_TEXT,                                                                  \
                  "With --rule: the first date, such as 2036-12-01T20:00:00 by the zone's clocks"),                    \
        BODY_WORD("timezone", "zone", "ZONE", CTL_TEXT, "Of the rule and the title, such as Europe/Berlin"),           \
        BODY_WORD("announce", "announce", "TIME", CTL_SPAN,                                                            \
                  "The call is scheduled at Telegram so long before its date: seconds, or 10m, 2h"),                   \
        BODY_WORD("end_after", "end-after", "TIME", CTL_SPAN, "The call is ended so long after its date"),             \
        BODY_WORD("late_max", "late-max", "TIME", CTL_SPAN, "So long after its date a call is still made")
#define NO_WORD(member, flag, text) BODY_WORD(member, flag, NULL, CTL_NULL, text)

static const struct ctl_word list_words[] = {
    {.name = "account",
     .option = "account",
     .arg = "NAME",
     .place = CTL_IN_QUERY,
     .help = "Only those of that account"},
    CTL_WORD_LIMIT("At most so many, by name"),
    {0},
};
static const struct ctl_word name_word[] = {NAME_WORD(CTL_IN_PATH), {0}};
static const struct ctl_word create_words[] = {
    NAME_WORD(CTL_IN_BODY),
    SCHEDULE_WORDS,
    BODY_WORD("rtmp_stream", "rtmp", NULL, CTL_TRUE, "Calls are streamed to by RTMP, which takes the chat's owner"),
    CTL_WORD_ACCOUNT(CTL_IN_BODY),
    {0},
};
static const struct ctl_word edit_words[] = {
    NAME_WORD(CTL_IN_PATH),
    SCHEDULE_WORDS,
    BODY_WORD("rtmp_stream", "rtmp", "yes|no", CTL_SWITCH, "Whether calls are streamed to by RTMP"),
    NO_WORD("title", "no-title", "Calls have no title of their own from now on"),
    NO_WORD("announce", "no-announce", "Calls are made at their date from now on"),
    NO_WORD("end_after", "no-end-after", "Calls are not ended from now on"),
    NO_WORD("late_max", "no-late-max", "As the daemon's configuration says, from now on"),
    {0},
};
static const struct ctl_word delete_words[] = {
    NAME_WORD(CTL_IN_PATH),
    {.name = "end",
     .option = "end",
     .place = CTL_IN_QUERY,
     .kind = CTL_TRUE,
     .help = "Its call too, where that is announced, or runs and is to be ended"},
    {0},
};

static const char *mixed(const struct ctl_words *words)
{
    return ctl_given(words, "at") && (ctl_given(words, "rrule") || ctl_given(words, "start"))
               ? "--at is for one date, --start and --rule are for many: give one or the other"
               : NULL;
}

static const char *misused_create(const struct ctl_words *words)
{
    bool has_rule = ctl_given(words, "rrule"), has_start = ctl_given(words, "start");

    if (!ctl_given(words, "peer"))
        return "--peer is missing: the chat";
    if (!ctl_given(words, "at") && !has_rule)
        return "it lacks a date: give --at DATE, or for many --start DATE --zone ZONE --rule RULE";
    if (!ctl_given(words, "at") && (!has_start || !ctl_given(words, "timezone")))
        return "--rule goes with --start DATE, the first one, and --zone ZONE, such as Europe/Berlin";
    return mixed(words);
}

static const char *misused_edit(const struct ctl_words *words)
{
    return words->given_n < 2 ? "nothing is to be changed: give an option, such as --title TEXT" : mixed(words);
}

const struct ctl_verb ctl_schedules[] = {
    {.name = "list",
     .method = "GET",
     .path = "/v1/schedules",
     .words = list_words,
     .view = &all,
     .summary = "List the schedules, and how the last date of each went"},
    {.name = "create",
     .method = "POST",
     .path = "/v1/schedules",
     .words = create_words,
     .view = &one,
     .misuse = misused_create,
     .summary = "Have a call be there at a date, or at each of many"},
    {.name = "show",
     .method = "GET",
     .path = "/v1/schedules/{name}",
     .words = name_word,
     .view = &one,
     .summary = "Show one schedule"},
    {.name = "upcoming",
     .method = "GET",
     .path = "/v1/schedules/{name}",
     .words = name_word,
     .view = &dates,
     .summary = "List a schedule's next five dates"},
    {.name = "edit",
     .method = "PATCH",
     .path = "/v1/schedules/{name}",
     .words = edit_words,
     .view = &one,
     .misuse = misused_edit,
     .summary = "Change a schedule; a call that runs stays"},
    {.name = "skip",
     .method = "POST",
     .path = "/v1/schedules/{name}/skip",
     .words = name_word,
     .view = &one,
     .summary = "Leave a schedule's next date out"},
    {.name = "delete",
     .method = "DELETE",
     .path = "/v1/schedules/{name}",
     .words = delete_words,
     .summary = "Forget a schedule"},
    {0},
};
