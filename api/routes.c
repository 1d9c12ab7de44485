/* THE table: what the front end answers. openapi.json names every row that is not ROUTE_UNBUILT, and a test holds them
 * together. */
#include <stdint.h>

#include "api/ep.h"
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
    FIELD("peer", PEER, .required = true),
    FIELD("title", STRING, .max = LIMIT_CALL_TITLE),
    FIELD("schedule_date", TIME),
    FIELD("rtmp_stream", BOOL),
    FIELD("random_id", RANDOM),
    FIELD("if_exists", ENUM, .choices = if_exists),
    FIELD("auto_start", BOOL, .unbuilt = true),
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
    END,
};

static const struct field account_create[] = {FIELD("name", ACCOUNT, .required = true), END};
static const struct field login[] = {
    FIELD("phone", STRING, .required = true, .min = 5, .max = 32, .plain = true),
    FIELD("qr", BOOL, .unbuilt = true),
    END,
};
static const struct field login_code[] = {FIELD("code", STRING, .required = true, .min = 1, .max = 64, .plain = true),
                                          END};
/* A 2FA password may be any text; Telegram's clients take it as it is typed. */
static const struct field login_password[] = {FIELD("password", STRING, .required = true, .min = 1, .max = 1024), END};

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
    JOB(POST, "/v1/calls", SCOPE_CALLS, CALL_CREATE, nothing, call_create, "Create a call in a chat"),
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
    UNBUILT(POST, "/v1/calls/{id}/invitations", SCOPE_CALLS, "Invite users to a call"),
    UNBUILT(POST, "/v1/calls/{id}/invite-link", SCOPE_CALLS, "Make an invite link of a call"),
    UNBUILT(GET, "/v1/calls/{id}/participants", SCOPE_READ, "List a call's participants"),
    UNBUILT(PATCH, "/v1/calls/{id}/participants/{peer}", SCOPE_CALLS, "Change a participant"),
    UNBUILT(PUT, "/v1/calls/{id}/recording", SCOPE_CALLS, "Start recording a call"),
    UNBUILT(DELETE, "/v1/calls/{id}/recording", SCOPE_CALLS, "Stop recording a call"),
    UNBUILT(PUT, "/v1/calls/{id}/subscription", SCOPE_CALLS, "Be told when a scheduled call starts"),
    UNBUILT(DELETE, "/v1/calls/{id}/subscription", SCOPE_CALLS, "No longer be told when a scheduled call starts"),

    JOB(GET, "/v1/peers/{peer}", SCOPE_READ, PEER_GET, by_account, NULL, "Resolve a peer"),
    UNBUILT(GET, "/v1/peers/{peer}/join-as", SCOPE_READ, "List whom the account can join calls of a chat as"),
    UNBUILT(PUT, "/v1/peers/{peer}/join-as", SCOPE_CALLS, "Choose whom the account joins calls of a chat as"),
    UNBUILT(POST, "/v1/peers/{peer}/rtmp", SCOPE_CALLS | SCOPE_SECRETS, "Read a chat's RTMP address and key"),
    UNBUILT(GET, "/v1/peers/{peer}/preflight", SCOPE_READ, "Check the account's rights in a chat"),

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
    JOB(DELETE, "/v1/accounts/{name}", SCOPE_ACCOUNTS, ACCOUNT_DELETE, nothing, NULL,
        "Log an account out and forget it"),
    JOB(POST, "/v1/accounts/{name}/login", SCOPE_ACCOUNTS, LOGIN, nothing, login, "Start a login"),
    JOB(POST, "/v1/accounts/{name}/login/code", SCOPE_ACCOUNTS, LOGIN_CODE, nothing, login_code, "Give the login code"),
    JOB(POST, "/v1/accounts/{name}/login/password", SCOPE_ACCOUNTS, LOGIN_PASSWORD, nothing, login_password,
        "Give the 2FA password"),
    UNBUILT(POST, "/v1/accounts/{name}/login/registration", SCOPE_ACCOUNTS, "Sign up"),
    UNBUILT(POST, "/v1/accounts/{name}/login/email", SCOPE_ACCOUNTS, "Give an e-mail address for login codes"),
    UNBUILT(POST, "/v1/accounts/{name}/login/email-code", SCOPE_ACCOUNTS, "Give the code sent by e-mail"),
    UNBUILT(POST, "/v1/accounts/{name}/login/resend", SCOPE_ACCOUNTS, "Ask for the login code another way"),
    UNBUILT(POST, "/v1/accounts/{name}/login/cancel", SCOPE_ACCOUNTS, "Give the login up"),
    UNBUILT(GET, "/v1/accounts/{name}/login/qr", SCOPE_READ, "Read the login QR code"),
    JOB(POST, "/v1/accounts/{name}/logout", SCOPE_ACCOUNTS, LOGOUT, nothing, nothing, "Log an account out"),

    UNBUILT(GET, "/v1/jobs", SCOPE_READ, "List the jobs"),
    UNBUILT(GET, "/v1/jobs/{id}", SCOPE_READ, "Read a job"),
    UNBUILT(DELETE, "/v1/jobs/{id}", SCOPE_CALLS, "Cancel a job"),
    UNBUILT(GET, "/v1/events", SCOPE_READ, "Follow events"),
    UNBUILT(POST, "/v1/tokens", SCOPE_ADMIN, "Make a token"),
    UNBUILT(GET, "/v1/tokens", SCOPE_ADMIN, "List the tokens"),
    UNBUILT(DELETE, "/v1/tokens/{name}", SCOPE_ADMIN, "Revoke a token"),

    HERE(GET, "/healthz", 0, ep_health, "Whether the process lives"),
    JOB(GET, "/readyz", 0, READY, ready, NULL, "Whether the daemon and its accounts are ready"),
    HERE(GET, "/version", 0, ep_version, "Versions of the daemon, its layer and libraries"),
    HERE(GET, "/openapi.json", 0, ep_openapi, "This description"),
    UNBUILT(GET, "/metrics", SCOPE_READ, "Read the metrics"),
    UNBUILT(GET, "/", 0, "The dashboard"),
};
const size_t routes_count = sizeof(routes) / sizeof(routes[0]);
