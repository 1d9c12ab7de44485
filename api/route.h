/* The table of routes and how a target finds its row. */
#ifndef TGCALLD_API_ROUTE_H
#define TGCALLD_API_ROUTE_H

#include <stddef.h>

#include "api/fields.h"
#include "api/target.h"
#include "daemon/base/err.h"
#include "daemon/bridge/job.h"
#include "daemon/bridge/tokens.h"

struct request;

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OTHER };

/* "GET" …; HEAD is GET with *RET_HEAD set. */
enum http_method http_method_parse(const char *text, bool *ret_head);
const char *http_method_text(enum http_method method);

enum route_does {
    ROUTE_JOB,     /* posted to the worker */
    ROUTE_HERE,    /* answered by its handler */
    ROUTE_UNBUILT, /* known, but not there yet: 501 */
};

struct route {
    enum http_method method;
    const char *pattern; /* "/v1/calls/{id}" */
    unsigned scopes;     /* all of them; 0: no token is needed */
    enum route_does does;
    enum job_method job;                               /* ROUTE_JOB */
    int (*handler)(struct request *r);                 /* ROUTE_HERE: queues the answer; 0 or a negative enum tgc_err */
    int (*finish)(struct request *r, struct job *job); /* of a job: the same, where it is not always JSON; else NULL */
    const struct field *query;                         /* never NULL */
    const struct field *body;                          /* NULL: a body is ignored */
    bool body_any;                                     /* any JSON object is a body; `body` is NULL */
    bool body_some;                                    /* at least one member */
    const char *summary;
};

extern const struct route routes[];
extern const size_t routes_count;

/* 0; TGC_EUNKNOWN: no such path; TGC_EINVAL: the path is there, the method is not, and RET_METHODS has a bit
 * (1 << http_method) for each method that is. */
int route_find(const struct target *target, enum http_method method, const struct route **ret,
               unsigned *ret_methods) TGC_MUST;

/* A pattern with what was asked for in it: "/v1/calls/{id}" is "/v1/calls/5" where SEGMENTS has the 5 in its place,
 * percent-encoded, else "/v1/calls/ID". */
enum { ROUTE_TEXT_SIZE = 160 };
void route_text(const char *pattern, const char *const *segments, size_t n, char out[static ROUTE_TEXT_SIZE]);

/* "GET /v1/calls/5, PATCH /v1/calls/5": what TARGET's path can be asked for, as far as it is built; how many. */
unsigned route_list_text(const struct target *target, char *out, size_t size);

/* The {parameters} of ROUTE out of TARGET into PATH, judged by their names. TGC_EUNKNOWN: an id or a name that cannot
 * be one, so there is no such thing, and *RET_RULE says what one is like; other faults go to FAULTS. */
int route_params(const struct route *route, const struct target *target, json_t *path, struct faults *faults,
                 const char **ret_rule) TGC_MUST;

/* "GET, HEAD, POST" for METHODS. */
enum { ROUTE_ALLOW_SIZE = 64 };
void route_allow_text(unsigned methods, char out[static ROUTE_ALLOW_SIZE]);

#endif
