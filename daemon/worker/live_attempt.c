/* What a wish remembers of the create that is under way, and the keys that are asked by. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/meter.h"
#include "daemon/worker/live_internal.h"

void live_key_of_create(const struct live_wish *w, int64_t number, char out[static LIVE_KEY_SIZE])
{
    snprintf(out, LIVE_KEY_SIZE, "live %" PRId64 " %" PRId64, w->id, number);
}

void live_key_of_rotation(const struct live_wish *w, int64_t number, int rotation, char out[static LIVE_KEY_SIZE])
{
    snprintf(out, LIVE_KEY_SIZE, "live %" PRId64 " %" PRId64 " key %d", w->id, number, rotation);
}

json_t *live_path(const struct live_wish *w)
{
    return json_pack("{s:o}", "peer", json_sprintf("%" PRId64, live_marked_id(w)));
}

struct ended {
    int64_t number;
    int rotations;
};

/* What came of it is on the disk: the journal need not remember it. */
static void on_ended(struct live *live, struct live_wish *w, void *ctx, const char *why_not)
{
    struct ended ended = *(struct ended *)ctx;
    char key[LIVE_KEY_SIZE];

    free(ctx);
    if (!w || why_not || live->is_stopped)
        return;
    live_key_of_create(w, ended.number, key);
    own_job_settle(live->worker, JOB_CALL_CREATE, NULL, key);
    json_t *path = live_path(w);
    for (int i = 0; path && i <= ended.rotations; i++) {
        live_key_of_rotation(w, ended.number, i, key);
        own_job_settle(live->worker, JOB_PEER_RTMP, path, key);
    }
    json_decref(path);
}

void live_end_attempt(struct live_wish *w)
{
    struct ended *ended = malloc(sizeof(*ended));

    if (ended)
        *ended = (struct ended){w->number, w->attempt.rotations};
    json_decref(w->attempt.body);
    w->attempt = (struct live_attempt){0};
    w->number++;
    if (ended)
        live_write(w, on_ended, ended);
}

bool live_settle(struct live_wish *w)
{
    const struct live_attempt *a = &w->attempt;
    bool is_made = a->body && a->counts && a->is_in_doubt;

    if (!a->body)
        return false;
    if (a->counts && !is_made && w->times_n)
        w->times_n--;
    if (is_made) {
        w->total++;
        meter_add(w->live->worker->env.meter, METER_LIVE_RECREATIONS, 1);
    }
    live_end_attempt(w);
    return is_made;
}

void live_withdraw(struct live_wish *w)
{
    struct worker *worker = w->live->worker;
    char key[LIVE_KEY_SIZE];

    own_job_leave(w->job);
    if (!w->attempt.body)
        return;
    live_key_of_create(w, w->number, key);
    (void)own_job_withdraw(worker, JOB_CALL_CREATE, NULL, key);
    json_t *path = live_path(w);
    for (int i = 0; path && i <= w->attempt.rotations; i++) {
        live_key_of_rotation(w, w->number, i, key);
        (void)own_job_withdraw(worker, JOB_PEER_RTMP, path, key);
    }
    json_decref(path);
}

/* Its intent goes its way, and stays with the journal for its day. */
void live_disown(struct live_wish *w)
{
    own_job_leave(w->job);
    if (w->attempt.body && w->attempt.counts && w->times_n)
        w->times_n--;
    json_decref(w->attempt.body);
    w->attempt = (struct live_attempt){0};
    w->number++;
    w->is_asked = w->is_hinted = w->must_look = w->is_refused = false;
    w->refusals = w->tries = 0;
}
