/* GET /metrics: answered where it is asked, without a job, so that it tells of a queue that is full. */
#include "api/ep.h"

#include "api/addresses.h"
#include "api/api_internal.h"
#include "api/reply.h"
#include "api/tls_keys.h"
#include "daemon/base/process_metrics.h"

/* A line has some 100 bytes, and each of two kinds of rows has at most METER_ROWS_MAX of 17 lines for each worker. */
enum { TEXT_MAX = 64 << 20 };

static void put_build(const struct api *api, struct buf *out)
{
    const json_t *version = api->config.version;
    const char *text = json_string_value(json_object_get(version, "version"));

    metrics_put_family(out, "tgcalld_build_info", "gauge", "1; the labels say what runs.");
    buf_printf(out, "tgcalld_build_info{version=\"%s\",layer=\"%lld\"} 1\n", text ? text : "",
               (long long)json_integer_value(json_object_get(version, "layer")));
}

static void put_queue(const struct workers *workers, struct buf *out)
{
    int64_t used = 0, slots = 0;

    for (size_t i = 0; i < workers->n; i++) {
        used += (int64_t)mailbox_used(workers->mailboxes[i]);
        slots += (int64_t)mailbox_slots(workers->mailboxes[i]);
    }
    metrics_put_family(out, "tgcalld_queue_jobs", "gauge", "Requests that a worker has or is to have.");
    metrics_put_number(out, "tgcalld_queue_jobs", "", used);
    metrics_put_family(out, "tgcalld_queue_slots", "gauge", "How many the workers take; what is more is answered 503.");
    metrics_put_number(out, "tgcalld_queue_slots", "", slots);
}

static void put_calls(struct directory *d, struct buf *out)
{
    size_t n[DIRECTORY_PHASES];

    directory_count_calls(d, n);
    metrics_put_family(out, "tgcalld_calls", "gauge",
                       "Calls that an account knows, each once, however many accounts know it.");
    metrics_put_number(out, "tgcalld_calls", "state=\"active\"", (int64_t)n[DIRECTORY_ACTIVE]);
    metrics_put_number(out, "tgcalld_calls", "state=\"scheduled\"", (int64_t)n[DIRECTORY_SCHEDULED]);
}

static void put_followers(const struct api *api, struct buf *out)
{
    int64_t n = 0;

    for (size_t i = 0; i < api->fronts_n; i++)
        n += atomic_load(&api->fronts[i]->followers);
    metrics_put_family(out, "tgcalld_event_followers", "gauge", "Clients that wait for events.");
    metrics_put_number(out, "tgcalld_event_followers", "", n);
}

static void put_doors(const struct api *api, struct buf *out)
{
    int64_t end = tls_keys_end(api->tls_keys);

    metrics_put_family(out, "tgcalld_http_connections_refused_total", "counter",
                       "Connections that their address had no room for (address_connections).");
    metrics_put_number(out, "tgcalld_http_connections_refused_total", "", (int64_t)addresses_refused(api->addresses));
    if (!end)
        return;
    metrics_put_family(out, "tgcalld_tls_certificate_end_timestamp_seconds", "gauge",
                       "When the certificate of https:// listeners ends.");
    metrics_put_number(out, "tgcalld_tls_certificate_end_timestamp_seconds", "", end);
}

static int refuse_bound(struct request *r)
{
    struct problem *p =
        problem_new(PROBLEM_FORBIDDEN, 0, "The numbers are of all accounts, and the token is bound to some");

    problem_set_remedy(p, "Use a token with the scope read that is bound to no account: POST /v1/tokens makes one");
    return reply_problem(r, p);
}

int ep_metrics(struct request *r)
{
    struct api *api = r->api;
    struct buf text;

    if (r->grant.accounts)
        return refuse_bound(r);
    buf_init(&text, TEXT_MAX);
    put_build(api, &text);
    put_queue(api->config.workers, &text);
    put_calls(api->config.workers->directory, &text);
    put_followers(api, &text);
    put_doors(api, &text);
    metrics_put(api->config.metrics, &text);
    process_metrics_put(&text);
    if (!buf_err(&text))
        buf_cut(&text, text.len - 1); /* the last line's end is the answer's */
    int err = reply_as(r, METRICS_TYPE, &text);
    buf_fini(&text);
    return err;
}
