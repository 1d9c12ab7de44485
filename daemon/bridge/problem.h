/* What a refused request says (RFC 9457): one table of slugs, each with its HTTP status and title. Made by workers and
 * by the front end alike; written as JSON by problem_text(). */
#ifndef TGCALLD_BRIDGE_PROBLEM_H
#define TGCALLD_BRIDGE_PROBLEM_H

#include <stdbool.h>

#include <jansson.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"

/* name, slug, HTTP status (0: the problem carries its own), title, what to do where the problem does not say it better
 * itself */
#define PROBLEMS(X)                                                                                                    \
    X(BAD_JSON, "bad-json", 400, "The request is not well formed",                                                     \
      "Correct what \"detail\" names and send the request again")                                                      \
    X(TELEGRAM_REFUSED, "telegram-refused", 0, "Telegram refused the request",                                         \
      "https://core.telegram.org/methods says of each method why it is refused")                                       \
    X(UNAUTHORIZED, "unauthorized", 401, "A valid token is needed",                                                    \
      "Send \"Authorization: Bearer\" with a token of this daemon")                                                    \
    X(FORBIDDEN, "forbidden", 403, "Not allowed", "Use a token that may do this")                                      \
    X(NOT_FOUND, "not-found", 404, "There is no such thing", "Look for it in the list that GET shows one level up")    \
    X(UNKNOWN_ROUTE, "unknown-route", 404, "There is no such route", "GET /openapi.json lists the routes")             \
    X(METHOD_NOT_ALLOWED, "method-not-allowed", 405, "The route has no such method",                                   \
      "GET /openapi.json lists the routes")                                                                            \
    X(TOO_SLOW, "too-slow", 408, "The request did not come in time",                                                   \
      "Send the request's headers at once; \"head_timeout\" of the configuration says how long they may take")         \
    X(ACCOUNT_NOT_READY, "account-not-ready", 409, "The account is not ready",                                         \
      "GET /v1/accounts says what each account waits for")                                                             \
    X(CALL_EXISTS, "call-exists", 409, "The chat has a call already", "Use the call in \"call\", or end it first")     \
    X(EXISTS, "exists", 409, "It exists already", "Use the one that there is, or another name")                        \
    X(IDEMPOTENCY_IN_PROGRESS, "idempotency-in-progress", 409, "The first request with this key is under way",         \
      "Repeat the request after Retry-After seconds")                                                                  \
    X(JOB_ALREADY_SENT, "job-already-sent", 409, "The job was sent", "Read the job for what came of it")               \
    X(ANSWER_LOST, "answer-lost", 409, "The answer was not kept", "It was done: look at what it made")                 \
    X(CANCELLED, "cancelled", 409, "The job was cancelled",                                                            \
      "Nothing was sent: repeat the request where it is wanted after all")                                             \
    X(TOO_LARGE, "too-large", 413, "The request is too large", "Send less in one request")                             \
    X(MEDIA_TYPE, "media-type", 415, "The body must be application/json",                                              \
      "Send the header Content-Type: application/json")                                                                \
    X(INVALID_REQUEST, "invalid-request", 422, "A member of the request is not valid",                                 \
      "Correct what \"errors\" points to; GET /openapi.json describes each member")                                    \
    X(IDEMPOTENCY_MISMATCH, "idempotency-mismatch", 422, "The key was used for another request",                       \
      "Use a new Idempotency-Key for each request that differs")                                                       \
    X(ACCOUNT_REQUIRED, "account-required", 422, "Which account?", "Name one of \"accounts\"")                         \
    X(PEER_UNKNOWN, "peer-unknown", 422, "The peer is not known to this account",                                      \
      "Use the @name or a link of the chat, or open it with this account")                                             \
    X(FLOOD_WAIT, "flood-wait", 429, "Telegram asks to wait", "Wait some minutes before you repeat the request")       \
    X(RATE_LIMITED, "rate-limited", 429, "The token asks too often",                                                   \
      "Repeat the request after Retry-After seconds, and ask less often")                                              \
    X(INTERNAL, "internal", 500, "The daemon failed",                                                                  \
      "This is a fault of the daemon: report it with what its log says of the request in \"instance\"")                \
    X(NOT_IN_LAYER, "not-in-layer", 501, "The layer in use lacks this",                                                \
      "Start tgcalld with --layer and the number in \"layer_needed\"")                                                 \
    X(NOT_IMPLEMENTED, "not-implemented", 501, "This version cannot do that yet",                                      \
      "Do without it: GET /openapi.json describes all that this version can do")                                       \
    X(TELEGRAM_UNAVAILABLE, "telegram-unavailable", 502, "Telegram failed",                                            \
      "Repeat the request after a while; the log has more of what went wrong")                                         \
    X(QUEUE_FULL, "queue-full", 503, "Too many requests are waiting",                                                  \
      "Repeat the request after Retry-After seconds, and send fewer at once")                                          \
    X(NOT_READY, "not-ready", 503, "The daemon is not ready", "GET /v1/accounts says what each account waits for")     \
    X(NO_ACCOUNT, "no-account", 503, "There is no account yet",                                                        \
      "Create an account with POST /v1/accounts, then log in")                                                         \
    X(STOPPING, "stopping", 503, "The daemon is stopping", "Repeat the request once the daemon runs again")            \
    X(DATABASE_AWAY, "database-away", 503, "The database does not answer",                                             \
      "Repeat the request after Retry-After seconds: GET /readyz is 200 when the database answers again")              \
    X(TELEGRAM_TIMEOUT, "telegram-timeout", 504, "Telegram did not answer in time",                                    \
      "Repeat the request; where that does not help, look at the connection of the account in GET /v1/accounts")

enum problem_slug {
#define X(name, slug, status, title, remedy) PROBLEM_##name,
    PROBLEMS(X)
#undef X
};

struct problem;

/* STATUS 0 takes the table's. DETAIL is copied, one sentence. NULL where memory is gone. */
struct problem *problem_new(enum problem_slug slug, int status, const char *detail_format, ...) TGC_PRINTF(3, 4);
/* STOPPING, with when to ask again. IS_UNSENT: nothing of the request was sent to Telegram, and it says so. */
struct problem *problem_stopping(bool is_unsent);
void problem_free(struct problem *p);

/* One sentence on what to do, with the real names in it. */
void problem_set_remedy(struct problem *p, const char *remedy);
void problem_print_remedy(struct problem *p, const char *format, ...) TGC_PRINTF(2, 3);
/* Seconds for Retry-After; 0 is none. */
void problem_set_retry_after(struct problem *p, int64_t seconds);
/* A member beside the standard ones ("telegram", "errors", "accounts", "call", "state", "reasons"…); VALUE's reference
 * goes to the problem. */
void problem_put(struct problem *p, const char *member, json_t *value);
/* Adds {"pointer", "detail"} to "errors". */
void problem_add_error(struct problem *p, const char *pointer, const char *detail);

/* A member that was put; NULL. */
const json_t *problem_member(const struct problem *p, const char *member);
/* The problem that problem_text() wrote, without its instance. NULL: it is none, or memory is gone. */
struct problem *problem_parse(const json_t *json);

int problem_status(const struct problem *p);
enum problem_slug problem_slug_of(const struct problem *p);
int64_t problem_retry_after(const struct problem *p);

/* Appends the application/problem+json text; INSTANCE is the request id (may be NULL). */
int problem_text(const struct problem *p, const char *instance, struct buf *out) TGC_MUST;

#endif
