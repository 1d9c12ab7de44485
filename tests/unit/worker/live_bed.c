#include "tests/unit/worker/live_bed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "daemon/tg/account/account.h"
#include "daemon/tg/login/login.h"
#include "daemon/tl/encode.h"
#include "daemon/worker/op.h"
#include "tests/support/shipped.h"
#include "tests/unit/worker/live_disk.h"

#define CHANNEL "7"
#define MARKED "-1000000000007"

struct centre centre;
static int32_t random_ids[CENTRE_MADE_MAX]; /* by which they were made */
static unsigned fuse;                       /* steps until the kill; 0: none */
static bool was_killed, is_slow;
static bool is_basic, has_migrated; /* the chat; a basic group that has is the channel */
static int64_t next_user;           /* of the process behind the kill; 0: the same */
static unsigned unwish_fuse;        /* the same until a DELETE */
static int *unwish_status;

static struct tg_account *anna(void)
{
    return accounts_find(&bed_worker->accounts, "anna");
}

struct live_wish *bed_live(void)
{
    struct live_wish *w = live_find(bed_worker->live, "anna", PEER_CHANNEL, 7);

    return w || !is_basic ? w : live_find(bed_worker->live, "anna", PEER_CHAT, 5);
}

/* --- what anna hears --- */

static struct buf bytes_of(const char *text)
{
    struct fault fault = {0};
    struct buf bytes;
    json_t *j = json_loads(text, 0, NULL);

    ck_assert_msg(j != NULL, "%s", text);
    buf_init(&bytes, 1 << 16);
    ck_assert_msg(tl_encode_object(shipped_layer(229), j, TL_ENCODE_STRICT, &bytes, &fault) == 0, "%s", fault.text);
    json_decref(j);
    return bytes;
}

/* UPDATE, "" for none, beside the chat. */
static void hear(const char *update)
{
    static const char channel[] = "{'_': 'channel', 'megagroup': true, 'id': '" CHANNEL
                                  "', 'access_hash': '8', 'title': 'T', 'photo': {'_': 'chatPhotoEmpty'}, 'date': 3}";
    char text[2048], group[512];
    struct tg_learnt learnt;

    snprintf(group, sizeof(group),
             "{'_': 'chat', 'id': '5', 'title': 'T', 'photo': {'_': 'chatPhotoEmpty'}, 'participants_count': 2, "
             "'date': 3, 'version': 1%s}",
             has_migrated ? ", 'deactivated': true, 'migrated_to': {'_': 'inputChannel', 'channel_id': '" CHANNEL
                            "', 'access_hash': '8'}"
                          : "");
    for (char *p = text + snprintf(text, sizeof(text),
                                   "{'_': 'updates', 'updates': [%s], 'users': [], 'chats': [%s%s%s], 'date': 3, "
                                   "'seq': 0}",
                                   update, is_basic ? group : "", is_basic && has_migrated ? ", " : "",
                                   !is_basic || has_migrated ? channel : "");
         p-- > text;)
        if (*p == '\'')
            *p = '"';
    struct buf bytes = bytes_of(text);
    ck_assert_int_eq(tg_known_learn(tg_account_known(anna()), NULL, 0, bytes.data, bytes.len, &learnt, NULL), 0);
    buf_fini(&bytes);
}

static void hear_call(int64_t id, const char *members)
{
    char update[512];

    snprintf(update, sizeof(update),
             "{'_': 'updateGroupCall', 'peer': %s, 'call': {'id': '%" PRId64 "', 'access_hash': '6', %s}}",
             is_basic && !has_migrated ? "{'_': 'peerChat', 'chat_id': '5'}"
                                       : "{'_': 'peerChannel', 'channel_id': '" CHANNEL "'}",
             id, members);
    hear(update);
}

static void hear_running(void)
{
    hear_call(centre.running, "'_': 'groupCall', 'participants_count': 0, 'version': 1, 'unmuted_video_limit': 0");
}

void centre_ends(void)
{
    int64_t id = centre.running;

    ck_assert_int_ne(id, 0);
    centre.running = 0;
    hear_call(id, "'_': 'groupCallDiscarded', 'duration': 9");
}

void centre_hints(void)
{
    const struct tg_update update = {.comb = tl_find_constructor_name(shipped_layer(229), "updateChannel")};

    live_update_told(bed_worker->live, anna(), &update);
}

void bed_is_basic(void)
{
    is_basic = true;
    hear("");
}

void centre_migrates(void)
{
    has_migrated = true;
    hear("");
    centre_hints();
}

void bed_log_out(void)
{
    tg_login_follow(anna(), tl_find_method(shipped_layer(229), "auth.logOut"), NULL, 0);
    ck_assert_int_eq(tg_account_state(anna()), TG_ACCOUNT_LOGGED_OUT);
}

void bed_log_in(void)
{
    bed_log_in_as(1001);
}

void bed_log_in_as(int64_t user_id)
{
    char text[128];

    snprintf(text, sizeof(text),
             "{\"_\": \"auth.authorization\", \"user\": {\"_\": \"user\", \"id\": \"%" PRId64 "\"}}", user_id);
    struct buf bytes = bytes_of(text);

    tg_login_follow(anna(), tl_find_method(shipped_layer(229), "auth.signIn"), bytes.data, bytes.len);
    buf_fini(&bytes);
    ck_assert_int_eq(tg_account_state(anna()), TG_ACCOUNT_READY);
    hear("");
}

/* --- the data centre: the attempt that is under way goes one step further --- */

static void answer_with(struct problem *p)
{
    struct job *job = attempt();

    attempts_n--;
    op_reply_problem(job, p);
}

static void answer_call(int status)
{
    char text[64];

    hear_running();
    snprintf(text, sizeof(text), "{\"call\": {\"id\": \"%" PRId64 "\"}}", centre.running);
    attempt_answers(status, text);
}

static size_t made_by(int32_t random_id)
{
    size_t i = 0;

    while (i < centre.made_n && random_ids[i] != random_id)
        i++;
    return i;
}

/* The call of the I-th create has the id 100 + I. */
static void make(int32_t random_id)
{
    ck_assert_int_eq(centre.running, 0);
    ck_assert_uint_lt(centre.made_n, CENTRE_MADE_MAX);
    centre.made_s[centre.made_n] = bed_net.clock.wall_us / SECOND_US;
    random_ids[centre.made_n] = random_id;
    centre.running = 100 + (int64_t)centre.made_n++;
}

/* As create.c: what there is is looked for before anything is sent, and what was sent before is sent again. */
static bool step_create(const struct job *job)
{
    const struct tg_gate *gate = job->gate;
    int32_t random_id = (int32_t)json_integer_value(json_object_get(job->body, "random_id"));
    size_t i = made_by(random_id);

    ck_assert_int_ne(random_id, 0);
    if (!gate->is_asked) {
        if (centre.running && !job->is_again)
            answer_call(200);
        else
            attempt_wants(random_id);
        return true;
    }
    if (!gate->is_out) {
        if (!attempt_may_go())
            return false;
        attempt_goes();
        centre.creates++;
        centre.peer = json_integer_value(json_object_get(job->body, "peer"));
        if (i == centre.made_n && centre.has_right && !centre.running)
            make(random_id);
        return true;
    }
    if (i < centre.made_n && centre.running == 100 + (int64_t)i)
        answer_call(201);
    else if (i < centre.made_n)
        answer_with(problem_new(PROBLEM_TELEGRAM_REFUSED, 409, "a call was made by it, and is over"));
    else if (centre.running)
        answer_call(200);
    else
        attempt_refused("CHAT_ADMIN_REQUIRED");
    return true;
}

static bool was_withdrawn(const struct job *job)
{
    return job->gate && job->gate->is_shut && !job->gate->is_out;
}

static bool step_rotate(const struct job *job)
{
    const struct tg_gate *gate = job->gate;

    if (!gate->is_asked) {
        attempt_wants(0);
        return true;
    }
    if (!gate->is_out) {
        if (!attempt_may_go())
            return false;
        attempt_goes();
        centre.rotations++;
        centre.rotated_at = centre.made_n;
        return true;
    }
    attempt_answers(200, "{\"url\": \"rtmps://\", \"key\": \"k\"}");
    return true;
}

static void step_look(void)
{
    char text[256], call[64] = "";

    centre.looks++;
    if (centre.running) {
        hear_running();
        snprintf(call, sizeof(call), ", \"running_call\": {\"id\": \"%" PRId64 "\"}", centre.running);
    }
    snprintf(text, sizeof(text), "{\"can_create\": %s, \"can_stream\": %s, \"missing\": [%s]%s}",
             centre.has_right ? "true" : "false", centre.has_right ? "true" : "false",
             centre.has_right ? "" : "{\"right\": \"manage_call\", \"remedy\": \"Have it turned on\"}", call);
    attempt_answers(200, text);
}

/* False: there is nothing to do for it. */
static bool centre_step(void)
{
    if (!attempts_n)
        return false;
    ck_assert_uint_eq(attempts_n, 1);
    const struct job *job = attempt();
    if (was_withdrawn(job)) {
        attempt_times_out(false);
        return true;
    }
    if (centre.is_away && (!job->gate || attempt_may_go()))
        return false;
    if (job->method == JOB_PEER_PREFLIGHT) {
        step_look();
        return true;
    }
    return job->method == JOB_PEER_RTMP ? step_rotate(job) : step_create(job);
}

/* --- the process --- */

/* Who waits for an own job's answer goes with the process. */
static void lose_own_job(struct live_wish *w)
{
    struct own_job *own = w ? w->job : NULL;
    bool is_attempt_s = false;

    own_job_leave(own);
    for (size_t i = 0; i < attempts_n; i++)
        is_attempt_s |= attempts[i]->done_ctx == own;
    if (!is_attempt_s) /* else it is freed with that */
        free(own);
}

static void kill_process(void)
{
    was_killed = true;
    lose_own_job(bed_live());
    live_stop(bed_worker->live);
    live_disk_lose();
    bed_kill();
    hear("");
    live_load(bed_worker->live, "anna");
    while (live_disk_step())
        ;
    if (next_user) {
        bed_log_out();
        bed_log_in_as(next_user);
    }
    live_go_on(bed_worker->live);
}

void bed_kill_and_log_in_as(unsigned steps, int64_t user_id)
{
    bed_kill_after(steps);
    next_user = user_id;
}

static bool step(void)
{
    if ((is_slow || !live_disk_step()) && !disk_step() && !centre_step() && (!is_slow || !live_disk_step()))
        return false;
    if (fuse && --fuse == 0)
        kill_process();
    if (unwish_fuse && --unwish_fuse == 0)
        bed_unwish_after(0, unwish_status);
    return true;
}

void bed_kill_after(unsigned steps)
{
    fuse = steps;
    was_killed = false;
}

void bed_slow_disk(void)
{
    is_slow = true;
}

bool bed_was_killed(void)
{
    return was_killed;
}

void bed_pass(int64_t us)
{
    for (;;) {
        while (step())
            ;
        int64_t next = fake_net_next(&bed_net);
        if (next > us)
            break;
        fake_net_advance(&bed_net, next);
        us -= next;
    }
    fake_net_advance(&bed_net, us);
    while (step())
        ;
}

/* --- requests --- */

static void on_answer(struct job *job)
{
    int *status = job->done_ctx;

    *status = job->problem ? problem_status(job->problem) : job->status;
    job_free(job);
}

static void ask(enum job_method method, json_t *body, op_fn *op, int *status)
{
    struct job *job = job_new(method, json_pack("{s:s}", "peer", is_basic ? "-5" : MARKED), NULL, body);

    *status = 0;
    snprintf(job->account, sizeof(job->account), "anna");
    job->scope_secrets = true;
    job->done = on_answer;
    job->done_ctx = status;
    job->deadline_us = bed_net.clock.mono_us + SECOND_US;
    op(bed_worker, job);
}

void bed_wish_soon(const char *body, int *status)
{
    char text[256];

    snprintf(text, sizeof(text), "%s", body);
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    ask(JOB_LIVE_PUT, json_loads(text, 0, NULL), op_live_put, status);
}

int bed_wish(const char *body)
{
    static int status;

    bed_wish_soon(body, &status);
    bed_pass(0);
    return status;
}

void bed_unwish_after(unsigned steps, int *status)
{
    *status = 0;
    unwish_fuse = steps;
    unwish_status = status;
    if (!steps)
        ask(JOB_LIVE_DELETE, NULL, op_live_delete, status);
}

int bed_unwish(void)
{
    static int status;

    bed_unwish_after(0, &status);
    bed_pass(0);
    return status;
}

void live_bed_set_up(void)
{
    bed_set_up();
    live_disk_set_up();
    centre = (struct centre){.has_right = true};
    fuse = unwish_fuse = 0;
    was_killed = is_slow = is_basic = has_migrated = false;
    next_user = 0;
    hear("");
}

void live_bed_tear_down(void)
{
    fuse = unwish_fuse = 0;
    bed_pass(0);
    bed_tear_down();
    live_disk_tear_down();
}
