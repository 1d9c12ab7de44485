/* THE table: what the front end answers. openapi.json names every row that is not ROUTE_UNBUILT, and a test holds them
 * together. */
#include <stdint.h>

#include "api/ep.h"
#include "api/event_filter.h"
#include "api/poll.h"
#include "api/route.h"
#include "daemon/base/limits.h"

enum {
    PAGE_MAX = 1000,
    /* Participants that phone.getGroupCall is asked for. */
    PARTICIPANTS_MAX = 500,
    TEXT_MAX = 256,
};

#define FIELD(member, kind, ...)                                                                                       \
    {                                                                                                                  \
        .name = member, .type = FIELD_##kind, ##__VA_ARGS__                                                            \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        .name = NULL                                                                                                   \
    }
#define ACCOUNT FIELD("account", ACCOUNT)

static const struct field nothing[] = {END};
static const struct field by_account[] = {ACCOUNT, END};

/* Who has no token learns no names, not even that one is there. */
static const struct field ready[] = {FIELD("account", ACCOUNT, .needs_token = true), END};

static const char *const if_exists[] = {"return", "fail", "replace", NULL};
static const char *const call_states[] = {"active", "scheduled", "discarded", NULL};

static const struct field call_create[] = {
    ACCOUNT,
    FIELD("conference", BOOL),
    FIELD("peer", PEER, .required = true, .instead = "conference"),
    FIELD("title", STRING, .max = LIMIT_CALL_TITLE, .instead = "conference"),
    FIELD("schedule_date", TIME, .instead = "conference"),
    FIELD("rtmp_stream", BOOL, .instead = "conference"),
    FIELD("random_id", RANDOM),
    FIELD("if_exists", ENUM, .choices = if_exists, .instead = "conference"),
    FIELD("auto_start", BOOL, .needs = "schedule_date", .instead = "conference"),
    END,
};
static const struct field call_list[] = {
    ACCOUNT,
    FIELD("peer", PEER),
    FIELD("state", ENUM, .choices = call_states),
    FIELD("limit", INTEGER, .min = 1, .max = PAGE_MAX),
    FIELD("cursor", STRING, .min = 1, .max = TEXT_MAX),
    END,
};
static const struct field call_get[] = {ACCOUNT, FIELD("limit", INTEGER, .min = 1, .max = PARTICIPANTS_MAX), END};
static const struct field call_edit[] = {
    FIELD("title", STRING, .max = LIMIT_CALL_TITLE),
    FIELD("join_muted", BOOL),
    FIELD("reset_invite_hash", BOOL),
    FIELD("messages_enabled", BOOL),
    FIELD("send_paid_messages_stars", LONG, .min = 0, .max = INT64_MAX),
    FIELD("auto_start", BOOL),
    END,
};

enum {
    INVITED_MAX = 10,
    VOLUME_MAX = 20000, /* in hundredths of a percent */
    SOURCES_MAX = 1024,
    MESSAGE_MAX = 4096,
    MESSAGES_MAX = 100,
    OFFSET_MAX = 1024,
    SIGNALLING_MAX = 64 * 1024,
    TOKEN_ACCOUNTS_MAX = 1000,
    LIVE_MOST_PER_HOUR = 60,
    WEBHOOK_URL_MAX = 2048,
};
/* A source is 32 bits, with a sign or without: WebRTC and TL differ. */
static const struct field item_peer = FIELD("", PEER),
                          item_source = {.name = "", .type = FIELD_INTEGER, .min = INT32_MIN, .max = UINT32_MAX},
                          item_message = FIELD("", INTEGER, .min = INT32_MIN, .max = INT32_MAX);

static const struct field call_invite[] = {
    FIELD("users", LIST, .required = true, .min = 1, .max = INVITED_MAX, .items = &item_peer), END};
static const struct field call_invite_link[] = {FIELD("can_self_unmute", BOOL), END};
static const struct field call_participants[] = {
    ACCOUNT,
    FIELD("limit", INTEGER, .min = 1, .max = PARTICIPANTS_MAX),
    FIELD("cursor", STRING, .min = 1, .max = OFFSET_MAX),
    END,
};
static const struct field call_participant_edit[] = {
    FIELD("muted", BOOL),
    FIELD("volume", INTEGER, .min = 1, .max = VOLUME_MAX),
    FIELD("raise_hand", BOOL),
    FIELD("video_stopped", BOOL),
    FIELD("video_paused", BOOL),
    FIELD("presentation_paused", BOOL),
    END,
};
static const struct field call_record[] = {
    FIELD("title", STRING, .max = LIMIT_CALL_TITLE),
    FIELD("video", BOOL),
    FIELD("video_portrait", BOOL),
    END,
};
static const struct field call_join[] = {
    FIELD("params", JSON, .required = true, .max = SIGNALLING_MAX),
    FIELD("muted", BOOL),
    FIELD("video_stopped", BOOL),
    FIELD("invite_hash", STRING, .max = TEXT_MAX, .plain = true),
    FIELD("join_as", PEER),
    END,
};
static const struct field call_leave[] = {
    FIELD("source", INTEGER, .required = true, .min = INT32_MIN, .max = UINT32_MAX), END};
static const struct field call_check[] = {
    FIELD("sources", LIST, .required = true, .min = 1, .max = SOURCES_MAX, .items = &item_source), END};
static const struct field call_message[] = {
    FIELD("text", STRING, .required = true, .min = 1, .max = MESSAGE_MAX),
    FIELD("stars", LONG, .min = 0, .max = INT64_MAX),
    FIELD("random_id", LONG, .min = INT64_MIN, .max = INT64_MAX),
    FIELD("send_as", PEER),
    END,
};
static const struct field call_message_delete[] = {
    FIELD("ids", LIST, .required = true, .min = 1, .max = MESSAGES_MAX, .items = &item_message), END};
static const struct field peer_join_as_save[] = {FIELD("join_as", PEER, .required = true), END};
static const struct field live_put[] = {
    ACCOUNT,
    FIELD("title", STRING, .max = LIMIT_CALL_TITLE),
    FIELD("rtmp_stream", BOOL),
    FIELD("max_per_hour", INTEGER, .min = 1, .max = LIVE_MOST_PER_HOUR),
    FIELD("rotate_key", BOOL, .needs = "rtmp_stream"),
    END,
};
static const struct field peer_rtmp[] = {FIELD("revoke", BOOL), END};

enum {
    ANNOUNCE_MIN = 10,
    ANNOUNCE_MAX = 8 * 86400, /* Telegram takes no date further off */
    END_AFTER_MAX = 30 * 86400,
    RRULE_MAX = 512,
    LATE_MIN = 10,
    LATE_MAX = 86400, /* a key of the journal is good for as long */
};
#define SCHEDULE_FIELDS(is_required, takes_null)                                                                       \
    FIELD("peer", PEER, .required = is_required),                                                                      \
        FIELD("title", STRING, .max = LIMIT_TITLE_FIELDS, .plain = true, .null_counts = takes_null),                   \
        FIELD("rtmp_stream", BOOL), FIELD("at", TIME),                                                                 \
        FIELD("start", STRING, .min = 1, .max = TEXT_MAX, .plain = true),                                              \
        FIELD("timezone", STRING, .min = 1, .max = TEXT_MAX, .plain = true),                                           \
        FIELD("rrule", STRING, .min = 1, .max = RRULE_MAX, .plain = true),                                             \
        FIELD("announce", INTEGER, .min = ANNOUNCE_MIN, .max = ANNOUNCE_MAX, .null_counts = takes_null),               \
        FIELD("end_after", INTEGER, .min = 1, .max = END_AFTER_MAX, .null_counts = takes_null),                        \
        FIELD("late_max", INTEGER, .min = LATE_MIN, .max = LATE_MAX, .null_counts = takes_null)
static const struct field schedule_create[] = {FIELD("name", NAME, .required = true), ACCOUNT,
                                               SCHEDULE_FIELDS(true, false), END};
static const struct field schedule_edit[] = {SCHEDULE_FIELDS(false, true), END};
static const struct field schedule_list[] = {
    ACCOUNT,
    FIELD("limit", INTEGER, .min = 1, .max = PAGE_MAX),
    FIELD("cursor", STRING, .min = 1, .max = TEXT_MAX),
    END,
};
static const char *const truths[] = {"true", "false", NULL};
static const struct field schedule_delete[] = {FIELD("end", ENUM, .choices = truths), END};

static const char *const session_formats[] = {"telethon", "pyrogram", "gramjs", "mtcute", NULL};
static const struct field session[] = {
    FIELD("format", ENUM, .required = true, .choices = session_formats),
    FIELD("text", STRING, .required = true, .min = 1, .max = LIMIT_SESSION_STRING, .plain = true),
    END,
};
static const struct field account_create[] = {
    FIELD("name", ACCOUNT, .required = true),
    FIELD("proxy", PROXY),
    FIELD("session", OBJECT, .members = session),
    END,
};
static const struct field account_edit[] = {FIELD("proxy", PROXY, .null_counts = true), END};
static const struct field account_export[] = {FIELD("format", ENUM, .required = true, .choices = session_formats), END};
static const struct field login[] = {
    /* Long enough for who gives a bot's token to be told of it. */
    FIELD("phone", STRING, .min = 5, .max = 64, .plain = true),
    FIELD("qr", BOOL),
    END,
};
static const struct field login_code[] = {FIELD("code", STRING, .required = true, .min = 1, .max = 64, .plain = true),
                                          END};
static const struct field login_registration[] = {
    FIELD("first_name", STRING, .required = true, .min = 1, .max = 64, .plain = true),
    FIELD("last_name", STRING, .max = 64, .plain = true),
    END,
};
static const struct field login_email[] = {
    FIELD("email", STRING, .required = true, .min = 3, .max = 254, .plain = true), END};
/* A 2FA password may be any text; Telegram's clients take it as it is typed. */
static const struct field login_password[] = {FIELD("password", STRING, .required = true, .min = 1, .max = 1024), END};

static const char *const job_states[] = {"queued", "running", "waiting", "done", "failed", NULL};
static const struct field job_list[] = {
    FIELD("state", ENUM, .choices = job_states),
    FIELD("limit", INTEGER, .min = 1, .max = PAGE_MAX),
    FIELD("cursor", STRING, .min = 1, .max = TEXT_MAX),
    END,
};

static const char *const scopes[] = {"read", "calls", "accounts", "methods", "secrets", "admin", NULL};
static const struct field item_scope = FIELD("", ENUM, .choices = scopes), item_account = ACCOUNT;
static const struct field token_create[] = {
    FIELD("name", NAME, .required = true),
    FIELD("scopes", LIST, .required = true, .min = 1, .max = sizeof(scopes) / sizeof(scopes[0]) - 1,
          .items = &item_scope),
    FIELD("accounts", LIST, .min = 1, .max = TOKEN_ACCOUNTS_MAX, .items = &item_account),
    FIELD("expires_at", TIME),
    END,
};

/* As many types as a reader of the events may name. */
static const struct field item_type = FIELD("", STRING, .min = 1, .max = LIMIT_WORD, .plain = true);
#define WEBHOOK_URL(...) FIELD("url", STRING, .min = 1, .max = WEBHOOK_URL_MAX, .plain = true, ##__VA_ARGS__)
#define WEBHOOK_TYPES FIELD("types", LIST, .max = EVENT_TYPES_MAX, .items = &item_type)
static const struct field webhook_create[] = {FIELD("name", NAME, .required = true), WEBHOOK_URL(.required = true),
                                              WEBHOOK_TYPES, ACCOUNT, END};
static const struct field webhook_edit[] = {WEBHOOK_URL(), WEBHOOK_TYPES, FIELD("paused", BOOL), END};
static const char *const delivery_states[] = {"delivered", "retried", "failed", NULL};
static const struct field webhook_deliveries[] = {
    FIELD("state", ENUM, .choices = delivery_states),
    FIELD("limit", INTEGER, .min = 1, .max = PAGE_MAX),
    FIELD("cursor", STRING, .min = 1, .max = TEXT_MAX),
    END,
};
static const struct field webhook_replay[] = {
    FIELD("after", INTEGER, .min = 0, .max = INT64_MAX),
    FIELD("until", INTEGER, .min = 1, .max = INT64_MAX),
    FIELD("failed", BOOL),
    END,
};

static const struct field audit_list[] = {
    FIELD("since", TIME),
    /* A uid too, with its blank. */
    FIELD("token", STRING, .min = 1, .max = TOKEN_NAME_MAX, .plain = true),
    FIELD("limit", INTEGER, .min = 1, .max = PAGE_MAX),
    FIELD("cursor", STRING, .min = 1, .max = TEXT_MAX),
    END,
};

/* Long enough for the longest wait of the proxies in between. */
enum { EVENTS_WAIT_MAX = 60 };
static const struct field events[] = {
    ACCOUNT,
    FIELD("types", STRING, .min = 1, .max = EVENT_TYPES_TEXT_MAX, .plain = true),
    FIELD("after", INTEGER, .min = 0, .max = INT64_MAX),
    FIELD("wait", INTEGER, .min = 0, .max = EVENTS_WAIT_MAX),
    END,
};

#define JOB(verb, path, scope, job_name, query_spec, body_spec, text)                                                  \
    {                                                                                                                  \
        .method = HTTP_##verb, .pattern = path, .scopes = scope, .does = ROUTE_JOB, .job = JOB_##job_name,             \
        .query = query_spec, .body = body_spec, .summary = text                                                        \
    }
#define HERE(verb, path, scope, function, text)                                                                        \
    {                                                                                                                  \
        .method = HTTP_##verb, .pattern = path, .scopes = scope, .does = ROUTE_HERE, .handler = function,              \
        .query = nothing, .summary = text                                                                              \
    }
#define UNBUILT(verb, path, scope, text)                                                                               \
    {                                                                                                                  \
        .method = HTTP_##verb, .pattern = path, .scopes = scope, .does = ROUTE_UNBUILT, .query = nothing,              \
        .summary = text                                                                                                \
    }

const struct route routes[] = {
    JOB(POST, "/v1/calls", SCOPE_CALLS, CALL_CREATE, nothing, call_create, "Create a call in a chat, or a conference"),
    JOB(GET, "/v1/calls", SCOPE_READ, CALL_LIST, call_list, NULL, "List the calls the daemon knows"),
    JOB(GET, "/v1/calls/{id}", SCOPE_READ, CALL_GET, call_get, NULL, "Read a call from Telegram"),
    {.method = HTTP_PATCH,
     .pattern = "/v1/calls/{id}",
     .scopes = SCOPE_CALLS,
     .does = ROUTE_JOB,
     .job = JOB_CALL_EDIT,
     .query = by_account,
     .body = call_edit,
     .body_some = true,
     .summary = "Change a call's title and settings"},
    JOB(DELETE, "/v1/calls/{id}", SCOPE_CALLS, CALL_DISCARD, by_account, NULL, "End a call"),
    JOB(POST, "/v1/calls/{id}/start", SCOPE_CALLS, CALL_START, by_account, nothing, "Start a scheduled call"),
    JOB(POST, "/v1/calls/{id}/invitations", SCOPE_CALLS, CALL_INVITE, by_account, call_invite,
        "Invite users to a call"),
    JOB(POST, "/v1/calls/{id}/invite-link", SCOPE_CALLS, CALL_INVITE_LINK, by_account, call_invite_link,
        "Make an invite link of a call"),
    JOB(GET, "/v1/calls/{id}/participants", SCOPE_READ, CALL_PARTICIPANTS, call_participants, NULL,
        "List a call's participants"),
    {.method = HTTP_PATCH,
     .pattern = "/v1/calls/{id}/participants/{peer}",
     .scopes = SCOPE_CALLS,
     .does = ROUTE_JOB,
     .job = JOB_CALL_PARTICIPANT_EDIT,
     .query = by_account,
     .body = call_participant_edit,
     .body_some = true,
     .summary = "Change a participant"},
    JOB(PUT, "/v1/calls/{id}/recording", SCOPE_CALLS, CALL_RECORD, by_account, call_record, "Start recording a call"),
    JOB(DELETE, "/v1/calls/{id}/recording", SCOPE_CALLS, CALL_RECORD_END, by_account, NULL, "Stop recording a call"),
    JOB(PUT, "/v1/calls/{id}/subscription", SCOPE_CALLS, CALL_SUBSCRIBE, by_account, nothing,
        "Be told when a scheduled call starts"),
    JOB(DELETE, "/v1/calls/{id}/subscription", SCOPE_CALLS, CALL_UNSUBSCRIBE, by_account, NULL,
        "No longer be told when a scheduled call starts"),
    JOB(POST, "/v1/calls/{id}/join", SCOPE_CALLS, CALL_JOIN, by_account, call_join,
        "Join a call with a media engine of one's own"),
    JOB(POST, "/v1/calls/{id}/leave", SCOPE_CALLS, CALL_LEAVE, by_account, call_leave, "Leave a call"),
    JOB(POST, "/v1/calls/{id}/check", SCOPE_CALLS, CALL_CHECK, by_account, call_check,
        "Keep sources alive, and see which are"),
    JOB(POST, "/v1/calls/{id}/messages", SCOPE_CALLS, CALL_MESSAGE, by_account, call_message,
        "Say something in a call"),
    JOB(DELETE, "/v1/calls/{id}/messages", SCOPE_CALLS, CALL_MESSAGE_DELETE, by_account, call_message_delete,
        "Delete messages of a call"),

    JOB(POST, "/v1/schedules", SCOPE_CALLS, SCHEDULE_CREATE, nothing, schedule_create,
        "Have a call be there at a date, or at each of many"),
    JOB(GET, "/v1/schedules", SCOPE_READ, SCHEDULE_LIST, schedule_list, NULL, "List the schedules"),
    JOB(GET, "/v1/schedules/{schedule}", SCOPE_READ, SCHEDULE_GET, nothing, NULL, "Read a schedule"),
    {.method = HTTP_PATCH,
     .pattern = "/v1/schedules/{schedule}",
     .scopes = SCOPE_CALLS,
     .does = ROUTE_JOB,
     .job = JOB_SCHEDULE_EDIT,
     .query = nothing,
     .body = schedule_edit,
     .body_some = true,
     .summary = "Change a schedule"},
    JOB(DELETE, "/v1/schedules/{schedule}", SCOPE_CALLS, SCHEDULE_DELETE, schedule_delete, NULL, "Forget a schedule"),
    JOB(POST, "/v1/schedules/{schedule}/skip", SCOPE_CALLS, SCHEDULE_SKIP, nothing, nothing,
        "Leave a schedule's next occurrence out"),

    JOB(GET, "/v1/peers/{peer}", SCOPE_READ, PEER_GET, by_account, NULL, "Resolve a peer"),
    JOB(GET, "/v1/peers/{peer}/join-as", SCOPE_READ, PEER_JOIN_AS, by_account, NULL,
        "List whom the account can join calls of a chat as"),
    JOB(PUT, "/v1/peers/{peer}/join-as", SCOPE_CALLS, PEER_JOIN_AS_SAVE, by_account, peer_join_as_save,
        "Choose whom the account joins calls of a chat as"),
    JOB(POST, "/v1/peers/{peer}/rtmp", SCOPE_CALLS | SCOPE_SECRETS, PEER_RTMP, by_account, peer_rtmp,
        "Read a chat's RTMP address and key"),
    JOB(GET, "/v1/peers/{peer}/preflight", SCOPE_READ, PEER_PREFLIGHT, by_account, NULL,
        "Check the account's rights in a chat"),

    JOB(PUT, "/v1/peers/{peer}/live", SCOPE_CALLS, LIVE_PUT, by_account, live_put, "Keep a call running in a chat"),
    JOB(GET, "/v1/peers/{peer}/live", SCOPE_READ, LIVE_GET, by_account, NULL, "Read how a chat is kept live"),
    JOB(DELETE, "/v1/peers/{peer}/live", SCOPE_CALLS, LIVE_DELETE, by_account, NULL, "No longer keep a chat live"),
    JOB(GET, "/v1/live", SCOPE_READ, LIVE_LIST, by_account, NULL, "List the chats that are kept live"),

    {.method = HTTP_POST,
     .pattern = "/v1/methods/{method}",
     .scopes = SCOPE_METHODS,
     .does = ROUTE_JOB,
     .job = JOB_METHOD_INVOKE,
     .query = by_account,
     .body_any = true,
     .summary = "Run any method of the TL layer"},

    JOB(POST, "/v1/accounts", SCOPE_ACCOUNTS, ACCOUNT_CREATE, nothing, account_create, "Add an account"),
    JOB(GET, "/v1/accounts", SCOPE_READ, ACCOUNT_LIST, nothing, NULL, "List the accounts"),
    JOB(GET, "/v1/accounts/{name}", SCOPE_READ, ACCOUNT_GET, nothing, NULL, "Read an account"),
    {.method = HTTP_PATCH,
     .pattern = "/v1/accounts/{name}",
     .scopes = SCOPE_ACCOUNTS,
     .does = ROUTE_JOB,
     .job = JOB_ACCOUNT_EDIT,
     .query = nothing,
     .body = account_edit,
     .body_some = true,
     .summary = "Change by which way an account connects"},
    JOB(DELETE, "/v1/accounts/{name}", SCOPE_ACCOUNTS, ACCOUNT_DELETE, nothing, NULL,
        "Log an account out and forget it"),
    JOB(POST, "/v1/accounts/{name}/session", SCOPE_ACCOUNTS | SCOPE_SECRETS, ACCOUNT_EXPORT, nothing, account_export,
        "Take an account's login to another program"),
    {.method = HTTP_POST,
     .pattern = "/v1/accounts/{name}/login",
     .scopes = SCOPE_ACCOUNTS,
     .does = ROUTE_JOB,
     .job = JOB_LOGIN,
     .query = nothing,
     .body = login,
     .body_some = true,
     .summary = "Start a login"},
    JOB(POST, "/v1/accounts/{name}/login/code", SCOPE_ACCOUNTS, LOGIN_CODE, nothing, login_code, "Give the login code"),
    JOB(POST, "/v1/accounts/{name}/login/password", SCOPE_ACCOUNTS, LOGIN_PASSWORD, nothing, login_password,
        "Give the 2FA password"),
    JOB(POST, "/v1/accounts/{name}/login/registration", SCOPE_ACCOUNTS, LOGIN_REGISTRATION, nothing, login_registration,
        "Sign up"),
    JOB(POST, "/v1/accounts/{name}/login/email", SCOPE_ACCOUNTS, LOGIN_EMAIL, nothing, login_email,
        "Give an e-mail address for login codes"),
    JOB(POST, "/v1/accounts/{name}/login/email-code", SCOPE_ACCOUNTS, LOGIN_EMAIL_CODE, nothing, login_code,
        "Give the code sent by e-mail"),
    JOB(POST, "/v1/accounts/{name}/login/resend", SCOPE_ACCOUNTS, LOGIN_RESEND, nothing, nothing,
        "Ask for the login code another way"),
    JOB(POST, "/v1/accounts/{name}/login/cancel", SCOPE_ACCOUNTS, LOGIN_CANCEL, nothing, nothing, "Give the login up"),
    {.method = HTTP_GET,
     .pattern = "/v1/accounts/{name}/login/qr",
     .scopes = SCOPE_READ,
     .does = ROUTE_JOB,
     .job = JOB_LOGIN_QR,
     .finish = ep_login_qr,
     .query = nothing,
     .summary = "Read the login QR code"},
    JOB(POST, "/v1/accounts/{name}/logout", SCOPE_ACCOUNTS, LOGOUT, nothing, nothing, "Log an account out"),

    JOB(GET, "/v1/jobs", SCOPE_READ, JOB_LIST, job_list, NULL, "List the jobs"),
    JOB(GET, "/v1/jobs/{id}", SCOPE_READ, JOB_GET, nothing, NULL, "Read a job"),
    JOB(DELETE, "/v1/jobs/{id}", SCOPE_CALLS, JOB_CANCEL, nothing, NULL, "Cancel a job"),
    {.method = HTTP_GET,
     .pattern = "/v1/events",
     .scopes = SCOPE_READ,
     .does = ROUTE_HERE,
     .handler = ep_events,
     .finish = poll_read,
     .query = events,
     .summary = "Follow events"},

    JOB(POST, "/v1/tokens", SCOPE_ADMIN, TOKEN_CREATE, nothing, token_create, "Make a token"),
    JOB(GET, "/v1/nodes", SCOPE_READ, NODES, nothing, NULL, "List the nodes that share the database"),
    JOB(GET, "/v1/tokens", SCOPE_ADMIN, TOKEN_LIST, nothing, NULL, "List the tokens"),
    JOB(DELETE, "/v1/tokens/{token}", SCOPE_ADMIN, TOKEN_DELETE, nothing, NULL, "Revoke a token"),

    JOB(POST, "/v1/webhooks", SCOPE_ADMIN, WEBHOOK_CREATE, nothing, webhook_create, "Have events sent to a URL"),
    JOB(GET, "/v1/webhooks", SCOPE_ADMIN, WEBHOOK_LIST, nothing, NULL, "List the webhooks"),
    JOB(GET, "/v1/webhooks/{webhook}", SCOPE_ADMIN, WEBHOOK_GET, nothing, NULL, "Read a webhook"),
    {.method = HTTP_PATCH,
     .pattern = "/v1/webhooks/{webhook}",
     .scopes = SCOPE_ADMIN,
     .does = ROUTE_JOB,
     .job = JOB_WEBHOOK_EDIT,
     .query = nothing,
     .body = webhook_edit,
     .body_some = true,
     .summary = "Change a webhook"},
    JOB(DELETE, "/v1/webhooks/{webhook}", SCOPE_ADMIN, WEBHOOK_DELETE, nothing, NULL, "Forget a webhook"),
    JOB(POST, "/v1/webhooks/{webhook}/test", SCOPE_ADMIN, WEBHOOK_TEST, nothing, nothing, "Send a test event"),
    JOB(POST, "/v1/webhooks/{webhook}/rotate", SCOPE_ADMIN, WEBHOOK_ROTATE, nothing, nothing, "Make a new secret"),
    JOB(GET, "/v1/webhooks/{webhook}/deliveries", SCOPE_ADMIN, WEBHOOK_DELIVERIES, webhook_deliveries, NULL,
        "List a webhook's tries"),
    JOB(POST, "/v1/webhooks/{webhook}/replay", SCOPE_ADMIN, WEBHOOK_REPLAY, nothing, webhook_replay,
        "Send events again"),

    JOB(GET, "/v1/audit", SCOPE_ADMIN, AUDIT_READ, audit_list, NULL, "List who changed what, and who was refused"),

    HERE(GET, "/healthz", 0, ep_health, "Whether the process lives"),
    JOB(GET, "/readyz", 0, READY, ready, NULL, "Whether the daemon and its accounts are ready"),
    HERE(GET, "/version", 0, ep_version, "Versions of the daemon, its layer and libraries"),
    HERE(GET, "/openapi.json", 0, ep_openapi, "This description"),
    HERE(GET, "/asyncapi.json", 0, ep_asyncapi, "The description of events"),
    HERE(GET, "/metrics", SCOPE_READ, ep_metrics, "Read the metrics"),
    HERE(GET, "/", 0, ep_dashboard, "The dashboard"),
    HERE(GET, "/dashboard/{file}", 0, ep_dashboard_file, "What the dashboard is made of"),
};
const size_t routes_count = sizeof(routes) / sizeof(routes[0]);
