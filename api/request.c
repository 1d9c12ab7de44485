#include "api/request.h"

#include <stdlib.h>
#include <string.h>

#include "api/api_internal.h"
#include "api/patience.h"
#include "api/poll.h"
#include "daemon/base/log.h"
#include "daemon/base/long_text.h"

struct request *http_request_new(struct door *door, struct MHD_Connection *connection, const char *raw_target)
{
    struct conn *conn = conn_of(connection);
    size_t len = strlen(raw_target);
    struct request *r = conn ? malloc(sizeof(*r) + len + 1) : NULL;

    if (!r)
        return NULL;
    *r = (struct request){.raw = (char *)(r + 1)};
    memcpy(r->raw, raw_target, len + 1);
    if (conn->begun == conn->intake.requests) {
        log_error("api", "libmicrohttpd reads past the gate: nothing can be served");
        free(r);
        return NULL;
    }
    conn_touch(conn);
    patience_begun(conn);
    r->conn = conn;
    r->number = ++conn->begun;
    r->api = door->front->api;
    r->door = door;
    r->connection = connection;
    r->started_us = clock_mono_us(r->api->config.clock);
    buf_init_secret(&r->body, r->api->config.body_max);
    return r;
}

void http_request_free(struct request *r)
{
    if (!r)
        return;
    if (r->is_counted)
        r->door->front->answers--;
    conn_touch(r->conn);
    patience_over(r->conn);
    job_free(r->job);
    poll_free(r->poll);
    problem_free(r->problem);
    json_decref(r->grant.accounts);
    /* It may have been a password. */
    buf_fini(&r->body);
    free(r);
}

void http_request_count(struct request *r)
{
    if (!r->is_counted)
        r->door->front->answers++;
    r->is_counted = true;
}

const char *http_request_header(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

void http_request_make_id(struct request *r)
{
    static const char set[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const char *given = http_request_header(r, "X-Request-Id");
    size_t len = given ? strlen(given) : 0;

    if (len >= 1 && len < sizeof(r->id) && strspn(given, set) == len) {
        memcpy(r->id, given, len + 1);
        return;
    }
    struct front *f = r->door->front;
    memcpy(r->id, f->id_prefix, REQUEST_ID_PREFIX);
    r->id[REQUEST_ID_PREFIX + long_text(r->id + REQUEST_ID_PREFIX, (int64_t)++f->ids)] = '\0';
}

void http_request_refuse(struct request *r, struct problem *p)
{
    problem_free(r->problem);
    r->problem = p;
    r->refused = true;
}
