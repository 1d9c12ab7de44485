#include "tests/unit/api/events_bed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/bridge/events.h"

void tell(const char *account, const char *type, const char *data)
{
    struct event_words text = {.account = account, .type = type, .data = data, .len = strlen(data)};

    ck_assert_int_eq(events_append(fx.events, &text, NULL), 0);
}

void tell_many(int n)
{
    for (int i = 0; i < n; i++)
        tell("alice", "call", "{}");
}

uint64_t disk_oldest;

/* In place of a worker. */
static void read_disk(struct job *job)
{
    uint64_t after = (uint64_t)json_integer_value(json_object_get(job->query, "after"));
    size_t limit = (size_t)json_integer_value(json_object_get(job->query, "limit"));
    uint64_t end = events_oldest_here(fx.events) - 1;

    ck_assert_int_eq(job->method, JOB_EVENTS_READ);
    ck_assert(limit >= 1 && limit <= 256);
    job->events = calloc(limit + 1, sizeof(struct event *));
    if (after + 1 < disk_oldest) {
        uint64_t resumes = disk_oldest - 1 < end ? disk_oldest - 1 : end;
        job->events[job->events_n++] = event_new_gap(resumes, after, 1);
        after = resumes;
    }
    for (size_t i = 0; i < limit && after < end; i++) {
        struct event_words words = {.account = after % 2 ? "bob" : "alice", .type = "call", .data = "[]", .len = 2};
        job->events[job->events_n++] = event_new(++after, &words);
    }
    job->events_up_to = after;
    job->status = 200;
}

void events_bed_up(void)
{
    fixture_up();
    disk_oldest = UINT64_MAX;
    fake_worker_answer_with(fx.worker, read_disk);
}

struct client *follow_as(const char *token, const char *target, const char *headers)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    send_request(c, token, "GET", target, headers, NULL);
    ck_assert(client_read(c, false, &r));
    ck_assert_msg(r.status == 200, "%s: %d %s", target, r.status, r.body);
    ck_assert_str_eq(response_header(&r, "Content-Type"), "text/event-stream");
    response_fini(&r);
    return c;
}

void expect_block(struct client *c, const char *want)
{
    char block[BLOCK_SIZE];

    client_read_chunk(c, block, sizeof(block));
    ck_assert_str_eq(block, want);
}

struct client *follow(const char *target, const char *headers, uint64_t after)
{
    struct client *c = follow_as(fx.admin, target, headers);
    char want[64];

    snprintf(want, sizeof(want), "retry: 1000\nid: %" PRIu64 "\n\n", after);
    expect_block(c, want);
    return c;
}

void expect_end(struct client *c)
{
    char block[BLOCK_SIZE];

    ck_assert_uint_eq(client_read_chunk(c, block, sizeof(block)), 0);
    ck_assert(client_is_closed(c));
}
