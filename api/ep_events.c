/* GET /v1/events: a stream, or a page of what there is by now or within a while. */
#include "api/ep.h"

#include <string.h>

#include "api/accept.h"
#include "api/api_internal.h"
#include "api/event_page.h"
#include "api/follow.h"
#include "api/poll.h"
#include "api/reply.h"
#include "api/stream.h"
#include "daemon/bridge/choose.h"

#define STREAM_TYPE "text/event-stream"

static const char *text_of(const struct request *r, const char *name)
{
    return json_string_value(json_object_get(r->query, name));
}

/* After which event it begins: what a client that comes back has read counts more than the address it was given. */
static uint64_t find_start(const struct request *r, struct faults *faults)
{
    const char *last = http_request_header(r, "Last-Event-ID");
    const json_t *after = json_object_get(r->query, "after");
    int64_t id;

    if (last && field_parse_int64(last, &id) && id >= 0)
        return (uint64_t)id;
    if (last && last[0]) {
        faults_add(faults, NULL, "the header Last-Event-ID is the id of an event, as one was given");
        return 0;
    }
    return after ? (uint64_t)json_integer_value(after) : events_newest(r->api->config.events);
}

static int answer_page(struct request *r, struct event_filter *filter, uint64_t after, int64_t wait_s)
{
    const struct api_config *c = &r->api->config;
    struct event *gap;
    struct event_page page;
    uint64_t look = 0;

    if (follow_gap(c->events, c->clock, after, &look, &gap) != 0)
        return reply_problem(r, NULL);
    event_page_begin(&page, after);
    event_page_add(&page, gap);
    event_drop(gap);
    enum events_found found = event_page_fill(&page, c->events, filter);
    event_page_end(&page);
    int err;
    if (page.n == 0 && found == EVENTS_OLDER)
        err = poll_older(r, filter, page.next);
    else if (page.n == 0 && (wait_s > 0 || found == EVENTS_AHEAD))
        err = poll_begin(r, filter, page.next, wait_s * SECOND_US);
    else
        err = reply_json(r, 200, &page.text, "");
    buf_fini(&page.text);
    return err;
}

/* Another node's are not known here: one that is not there has no events. */
static bool is_there(const struct request *r, const char *account)
{
    const struct workers *workers = r->api->config.workers;
    struct directory_pick pick;

    return workers_are_elsewhere(workers) ? directory_is_visible(account, r->grant.accounts)
                                          : directory_find(workers->directory, account, r->grant.accounts, &pick);
}

static struct problem *judge(struct request *r, uint64_t *ret_after, struct event_filter *ret_filter)
{
    const char *account = text_of(r, "account"), *types = text_of(r, "types");
    struct faults faults = {0};

    uint64_t after = find_start(r, &faults);
    if (types)
        event_types_check(types, &faults);
    if (faults.found)
        return faults.problem;
    if (account && !is_there(r, account))
        return choose_no_account(account);
    if (event_filter_init(ret_filter, account ? account : "", types, r->grant.accounts) != 0)
        return problem_new(PROBLEM_INTERNAL, 0, "Out of memory");
    *ret_after = after;
    return NULL;
}

int ep_events(struct request *r)
{
    const json_t *wait = json_object_get(r->query, "wait");
    struct event_filter filter = {0};
    uint64_t after = 0;
    struct problem *p = judge(r, &after, &filter);
    int err;

    if (p)
        return reply_problem(r, p);
    if (wait || accept_prefers(r, "application/json", STREAM_TYPE))
        err = answer_page(r, &filter, after, json_integer_value(wait));
    else if (r->is_head)
        err = reply_unending(r, STREAM_TYPE);
    else
        err = stream_open(r, &filter, after);
    event_filter_fini(&filter);
    return err;
}
