#include "api/reply.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/api_internal.h"
#include "api/audit_note.h"
#include "api/patience.h"
#include "daemon/base/log.h"

#define JSON_TYPE "application/json; charset=utf-8"
#define PROBLEM_TYPE "application/problem+json"
enum {
    PROBLEM_TEXT_MAX = 256 << 10,
    /* What is longer goes out a slice at a time, so that others of this loop have their turn between two. */
    SLICED_FROM = 128 << 10,
    SLICE_SIZE = 64 << 10,
};

static void add(struct MHD_Response *response, const char *name, const char *value)
{
    /* A header that cannot be added (memory) is not worth losing the answer. */
    (void)!MHD_add_response_header(response, name, value);
}

/* Those that each answer has. */
static void add_common(const struct request *r, void (*add_one)(void *to, const char *name, const char *value),
                       void *to)
{
    add_one(to, "Cache-Control", r->may_keep ? "no-cache" : "no-store");
    add_one(to, "X-Content-Type-Options", "nosniff");
    add_one(to, "X-Request-Id", r->id);
    if (!r->origin)
        return;
    add_one(to, "Access-Control-Allow-Origin", r->origin);
    add_one(to, "Access-Control-Expose-Headers",
            "Idempotency-Replayed, Location, Preference-Applied, Retry-After, X-Request-Id, WWW-Authenticate");
    add_one(to, "Vary", "Origin");
}

static void add_to_response(void *to, const char *name, const char *value)
{
    add(to, name, value);
}

/* JOB: NULL where it did not come to one. */
static void add_terms(const struct job *job, struct MHD_Response *response)
{
    const struct job_terms *terms = job ? job->terms : NULL;
    char applied[48];

    if (!terms)
        return;
    if (job->is_replayed)
        add(response, "Idempotency-Replayed", "true");
    if (!job->is_deferred)
        return;
    if (terms->has_wait)
        snprintf(applied, sizeof(applied), "%swait=%d", terms->is_async ? "respond-async, " : "", (int)terms->wait_s);
    add(response, "Preference-Applied", terms->has_wait ? applied : "respond-async");
}

static const char *or_nothing(const char *text)
{
    return text[0] ? text : NULL;
}

static const char *method_of(const struct request *r)
{
    return r->is_head ? "HEAD" : http_method_text(r->method);
}

static const char *or_other(const char *text)
{
    return text[0] ? text : "other";
}

/* The log and the meter have the route as it is declared, not the target: that may hold what is nobody else's business.
 */
static void tell_answer(const struct request *r, unsigned status)
{
    struct meter *meter = r->door->front->meter;

    if (!meter && !log_is_on(LOG_LEVEL_INFO))
        return;
    int64_t us = clock_mono_us(r->api->config.clock) - r->started_us;
    meter_time_named(meter, METER_HTTP, r->route ? r->route->pattern : "unknown", or_other(method_of(r)), status, us);
    if (!log_is_on(LOG_LEVEL_INFO))
        return;
    const struct log_field fields[] = {
        log_text("method", or_nothing(method_of(r))),
        log_text("route", r->route ? r->route->pattern : NULL),
        log_integer("status", status),
        log_seconds("seconds", us),
        log_text("token", or_nothing(r->grant.name)),
        log_text("account", or_nothing(r->account)),
        log_text("request_id", r->id),
    };
    log_event(LOG_LEVEL_INFO, "api", "answered", fields, sizeof(fields) / sizeof(fields[0]));
}

static int queue(struct request *r, unsigned status, struct MHD_Response *response)
{
    if (!response)
        return TGC_ENOMEM;
    http_request_count(r);
    patience_answers(r->conn);
    add_common(r, add_to_response, response);
    add_terms(r->job, response);
    if (r->must_close || atomic_load(&r->api->stopping))
        add(response, "Connection", "close");
    enum MHD_Result ok = MHD_queue_response(r->connection, status, response);
    MHD_destroy_response(response);
    r->state = REQUEST_DONE;
    tell_answer(r, status);
    audit_note(r, status);
    return ok == MHD_YES ? 0 : TGC_ESYSTEM;
}

int reply_static(struct request *r, unsigned status, const char *text, size_t len)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);

    if (response)
        add(response, "Content-Type", JSON_TYPE);
    return queue(r, status, response);
}

struct sliced {
    uint8_t *bytes;
    size_t len;
};

static ssize_t give_slice(void *ctx, uint64_t at, char *out, size_t max)
{
    const struct sliced *s = ctx;
    size_t n = s->len - at < max ? s->len - (size_t)at : max;

    memcpy(out, s->bytes + at, n);
    return (ssize_t)n;
}

static void free_sliced(void *ctx)
{
    struct sliced *s = ctx;

    free(s->bytes);
    free(s);
}

/* Steals BYTES. */
static struct MHD_Response *in_slices(uint8_t *bytes, size_t len)
{
    struct sliced *s = malloc(sizeof(*s));
    struct MHD_Response *response = NULL;

    if (s) {
        *s = (struct sliced){bytes, len};
        response = MHD_create_response_from_callback(len, SLICE_SIZE, give_slice, s, free_sliced);
    }
    if (!response) {
        free(s);
        free(bytes);
    }
    return response;
}

static void free_wiped(void *bytes)
{
    explicit_bzero(bytes, malloc_usable_size(bytes));
    free(bytes);
}

/* Up to SLICED_FROM bytes, which RELEASE frees. */
static struct MHD_Response *in_one(uint8_t *bytes, size_t len, void (*release)(void *bytes))
{
    struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback(len, bytes, release);

    if (!response)
        release(bytes);
    return response;
}

static struct MHD_Response *from_buf(struct buf *text, bool is_secret)
{
    size_t len;
    uint8_t *bytes = buf_take(text, &len);

    if (!bytes)
        return MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    if (is_secret)
        return in_one(bytes, len, free_wiped);
    return len > SLICED_FROM ? in_slices(bytes, len) : in_one(bytes, len, free);
}

static int reply(struct request *r, unsigned status, const char *type, struct buf *text, const char *location,
                 bool is_secret)
{
    if (buf_err(text))
        return reply_problem(
            r, problem_new(PROBLEM_INTERNAL, 0, "The answer could not be written: %s", tgc_err_text(buf_err(text))));
    if (status == MHD_HTTP_NO_CONTENT)
        buf_reset(text);
    else
        buf_put_byte(text, '\n');
    struct MHD_Response *response = from_buf(text, is_secret);
    if (response && status != MHD_HTTP_NO_CONTENT)
        add(response, "Content-Type", type);
    if (response && location[0])
        add(response, "Location", location);
    return queue(r, status, response);
}

int reply_json(struct request *r, unsigned status, struct buf *text, const char *location)
{
    return reply(r, status, JSON_TYPE, text, location, false);
}

int reply_secret(struct request *r, unsigned status, struct buf *text, const char *location)
{
    return reply(r, status, JSON_TYPE, text, location, true);
}

int reply_as(struct request *r, const char *type, struct buf *text)
{
    return reply(r, MHD_HTTP_OK, type, text, "", false);
}

/* The page does what its own files say, speaks with its own server alone, and is in nobody's frame. */
static void add_page_headers(struct MHD_Response *response)
{
    add(response, "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'");
    add(response, "Referrer-Policy", "no-referrer");
    add(response, "Cross-Origin-Opener-Policy", "same-origin");
    add(response, "Cross-Origin-Resource-Policy", "same-origin");
}

int reply_page(struct request *r, const struct page *page)
{
    bool is_known = page_is_known(http_request_header(r, "If-None-Match"), page->etag);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(is_known ? 0 : page->len, page->bytes, MHD_RESPMEM_PERSISTENT);

    r->may_keep = true;
    if (response) {
        add(response, "ETag", page->etag);
        add_page_headers(response);
    }
    if (response && !is_known)
        add(response, "Content-Type", page_type(page->name));
    return queue(r, is_known ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, response);
}

static ssize_t give_nothing(void *ctx, uint64_t at, char *out, size_t max)
{
    return MHD_CONTENT_READER_END_OF_STREAM;
}

int reply_unending(struct request *r, const char *type)
{
    struct MHD_Response *response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1, give_nothing, NULL, NULL);

    if (response)
        add(response, "Content-Type", type);
    return queue(r, MHD_HTTP_OK, response);
}

static void add_to_text(void *to, const char *name, const char *value)
{
    buf_printf(to, "%s: %s\r\n", name, value);
}

void reply_write_head(struct request *r, const char *type, bool is_chunked, struct buf *out)
{
    char date[64];
    struct tm tm;
    time_t now = clock_wall_us(r->api->config.clock) / SECOND_US;

    buf_put_text(out, "HTTP/1.1 200 OK\r\n");
    if (gmtime_r(&now, &tm) && strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0)
        add_to_text(out, "Date", date);
    add_to_text(out, "Content-Type", type);
    add_to_text(out, "Connection", "close");
    if (is_chunked)
        add_to_text(out, "Transfer-Encoding", "chunked");
    add_to_text(out, "X-Accel-Buffering", "no"); /* nginx would keep it back */
    add_common(r, add_to_text, out);
    buf_put_text(out, "\r\n");
    tell_answer(r, MHD_HTTP_OK);
}

/* What is left to say where there is no memory for more. */
static struct MHD_Response *last_resort(void)
{
    static const char text[] = "{\"type\":\"tag:tgcalld,2026:internal\",\"title\":\"The daemon failed\",\"status\":500,"
                               "\"detail\":\"Out of memory\"}\n";

    return MHD_create_response_from_buffer(sizeof(text) - 1, (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
}

static void add_problem_headers(const struct request *r, struct problem *p, struct MHD_Response *response)
{
    char text[ROUTE_ALLOW_SIZE];

    if (problem_status(p) == MHD_HTTP_UNAUTHORIZED)
        add(response, "WWW-Authenticate", "Bearer realm=\"tgcalld\"");
    if (problem_status(p) == MHD_HTTP_METHOD_NOT_ALLOWED) {
        route_allow_text(r->methods, text);
        add(response, "Allow", text);
    }
    if (problem_retry_after(p) > 0) {
        snprintf(text, sizeof(text), "%" PRId64, problem_retry_after(p));
        add(response, "Retry-After", text);
    }
}

int reply_problem(struct request *r, struct problem *p)
{
    struct MHD_Response *response = NULL;
    unsigned status = 500;
    struct buf text;

    buf_init(&text, PROBLEM_TEXT_MAX);
    if (p && problem_text(p, r->id, &text) == 0 && buf_put_byte(&text, '\n') == 0) {
        status = (unsigned)problem_status(p);
        response = from_buf(&text, false);
        if (response)
            add_problem_headers(r, p, response);
    }
    if (!response)
        response = last_resort();
    if (response)
        add(response, "Content-Type", PROBLEM_TYPE);
    buf_fini(&text);
    r->told = p;
    int err = queue(r, status, response);
    r->told = NULL;
    problem_free(p);
    return err;
}

int reply_preflight(struct request *r)
{
    char methods[ROUTE_ALLOW_SIZE];
    struct MHD_Response *response = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);

    if (response) {
        /* An unknown path gets the whole list: its 404 comes with the request itself. */
        route_allow_text(r->methods ? r->methods : ~0u, methods);
        add(response, "Access-Control-Allow-Methods", methods);
        add(response, "Access-Control-Allow-Headers",
            "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Prefer, X-Request-Id");
        add(response, "Access-Control-Max-Age", "600");
    }
    return queue(r, MHD_HTTP_NO_CONTENT, response);
}
