/* A front end with a fake worker behind it, on a free port of loopback. */
#ifndef TGCALLD_TESTS_API_FIXTURE_H
#define TGCALLD_TESTS_API_FIXTURE_H

#include "api/server.h"
#include "tests/support/unit.h"
#include "tests/unit/api/client.h"
#include "tests/unit/api/fake_host.h"
#include "tests/unit/api/fake_worker.h"

enum { FIXTURE_BODY_MAX = 4096, FIXTURE_SLOTS = 80, FIXTURE_LOOPS = 2 };

struct fixture {
    struct api *api;
    struct fake_host *hosts[FIXTURE_LOOPS];
    struct fake_worker *worker;
    struct workers workers;
    struct tokens *tokens;
    struct events *events;
    struct metrics *metrics;
    json_t *version;
    unsigned port;
    char admin[TOKEN_TEXT_SIZE], reader[TOKEN_TEXT_SIZE], bound[TOKEN_TEXT_SIZE]; /* bound: read and calls of "alice" */
};

extern struct fixture fx;
/* The log of events is one that several processes write; before it is made, and until it is gone. */
extern bool fixture_log_is_shared;

/* For tcase_add_checked_fixture(). */
void fixture_up(void);
void fixture_down(void);
/* The same with a mailbox of SLOTS and changes to the configuration. */
void fixture_up_with(size_t slots, void (*change)(struct api_config *config));
/* Its two halves: all but the hosts, so that listeners can be added, and these. */
void fixture_make(size_t slots, void (*change)(struct api_config *config));
void fixture_serve(void);
/* Quiesces the front end and ends it, as fixture_down() does first. */
void fixture_stop(void);

/* One request on a connection of its own with the admin token; HEADERS are whole lines ("X: y\r\n"), BODY may be NULL.
 */
struct response ask(const char *method, const char *target, const char *headers, const char *body);
/* The same without a token. */
struct response ask_unknown(const char *method, const char *target, const char *headers, const char *body);
/* On a connection that is there. */
void send_request(struct client *c, const char *token, const char *method, const char *target, const char *headers,
                  const char *body);

/* The next answer on it. */
void expect_status(struct client *c, int status, const char *slug);
/* A connection on which the admin token was shown, and that is idle. */
struct client *trusted(void);

/* Asks, wants STATUS and SLUG (NULL: none), and forgets the answer. */
void expect(const char *method, const char *target, const char *headers, const char *body, int status,
            const char *slug);

/* The detail of the error at POINTER, or NULL. */
const char *error_at(const struct response *r, const char *pointer);

#define JSON_BODY "Content-Type: application/json\r\n"

#endif
