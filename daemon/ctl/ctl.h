/* tgcalldctl: a client of the daemon's REST API for people at a terminal and for scripts. What the commands share. One
 * thread. What is said to a person goes to stderr; stdout has the result alone. */
#ifndef TGCALLD_CTL_CTL_H
#define TGCALLD_CTL_CTL_H

#include <stdbool.h>

#include "daemon/ctl/http.h"

/* The process's exit status. */
enum ctl_exit {
    CTL_DONE = 0,
    CTL_REFUSED = 1,   /* by the daemon or Telegram, or the user gave up */
    CTL_USAGE = 2,     /* an unusable command line */
    CTL_NO_DAEMON = 3, /* nobody answered, or nobody who is a tgcalld */
};

struct ctl {
    struct ctl_http *http;
    const char *absent; /* why HTTP is NULL, for a command that goes on without a daemon */
    bool is_elsewhere;  /* the daemon is on another machine: what lies here is not its */
    bool as_json;       /* --json: results are the API's own JSON, one answer a line */
    bool is_asked;      /* a person is there: stdin and stderr are terminals */
    bool is_table;      /* stdout is a terminal: results are for people, else lines of fields with tabs between */
};

/* One request. BODY's reference is taken; NULL: none. CTL_DONE: *RET_JSON is the answer's body, which the caller owns,
 * NULL where it has none. Else the reason was said on stderr. */
enum ctl_exit ctl_ask(const struct ctl *ctl, const char *method, const char *path, json_t *body,
                      json_t **ret_json) TGC_MUST;
/* The same with a Prefer header (may be NULL), and the answer's status. */
enum ctl_exit ctl_ask_prefer(const struct ctl *ctl, const char *method, const char *path, json_t *body,
                             const char *prefer, int *ret_status, json_t **ret_json) TGC_MUST;
/* The same in silence where the answer's status is QUIET: *RET_JSON is NULL then. */
enum ctl_exit ctl_ask_unless(const struct ctl *ctl, const char *method, const char *path, int quiet,
                             json_t **ret_json) TGC_MUST;

#endif
