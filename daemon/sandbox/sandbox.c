/* Start and stop: ports, thread, loop. */
#include "daemon/sandbox/sandbox.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/sandbox/centre/setup.h"
#include "daemon/sandbox/control/control.h"
#include "daemon/sandbox/keep/keep.h"
#include "daemon/sandbox/keep/kept.h"
#include "daemon/sandbox/port/port.h"

struct sandbox {
    uv_loop_t loop;
    uv_thread_t thread;
    bool thread_runs, loop_is_open;
    uv_async_t stop, job;
    struct rsa_key *rsa;
    struct centres centres;
    struct sockets sockets;
    struct port *dc[2];
    char addresses[2][80]; /* of the start, for other threads */
    struct control *control;
    struct keep keep;
};

static void close_all(struct sandbox *s)
{
    sockets_close(&s->sockets);
    port_close(s->dc[0]);
    port_close(s->dc[1]);
    keep_stop(&s->keep);
    uv_close((uv_handle_t *)&s->stop, NULL);
    uv_close((uv_handle_t *)&s->job, NULL);
}

static void on_stop(uv_async_t *h)
{
    close_all(h->data);
}

static void on_job(uv_async_t *h)
{
    struct sandbox *s = h->data;

    if (s->control)
        control_answer_pending(s->control);
    sockets_settle(&s->sockets); /* what was asked for may have been a client's end */
}

static void run(void *arg)
{
    struct sandbox *s = arg;
    sigset_t set;

    /* A client that hangs up is an EPIPE, whatever the program does with the signal. */
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    uv_run(&s->loop, UV_RUN_DEFAULT);
}

static int sandbox_free(struct sandbox *s)
{
    control_stop(s->control);
    if (s->thread_runs) {
        uv_async_send(&s->stop);
        uv_thread_join(&s->thread);
    } else if (s->loop_is_open) {
        close_all(s);
        uv_run(&s->loop, UV_RUN_DEFAULT);
    }
    if (s->loop_is_open && uv_loop_close(&s->loop))
        log_error("sandbox", "the loop was not empty at its end");
    control_free(s->control);
    sockets_fini(&s->sockets);
    int err = keep_close(&s->keep);
    centres_fini(&s->centres);
    rsa_key_free(s->rsa);
    free(s);
    return err;
}

static json_t *pack_kept(void *ctx)
{
    return kept_pack(ctx);
}

static int unpack_kept(void *ctx, const json_t *kept)
{
    return kept_unpack(ctx, kept);
}

static void on_change(void *ctx)
{
    keep_later(ctx);
}

static int read_key(struct sandbox *s, const char *path, struct fault *fault)
{
    int err = rsa_key_read(path, &s->rsa, fault);

    if (!err && !rsa_key_is_private(s->rsa))
        err = fault_set(fault, TGC_EINVAL, "%s holds no private key", path);
    return err;
}

static int prepare(struct sandbox *s, const struct sandbox_config *config, struct fault *fault)
{
    int err = read_key(s, config->key_path, fault);
    struct centres_config centres = {
        .clock = &clock_system,
        .random = &random_system,
        .rsa = s->rsa,
        .schemas = config->schemas,
        .schemas_n = config->schemas_n,
        .seeded = config->seeded,
        .seed = config->seed,
        .chats = config->chats,
        .accounts = config->accounts,
        .stored_answers = config->stored_answers,
    };

    if (!err)
        err = centres_init(&s->centres, &centres, fault);
    if (!err && config->dir)
        err = keep_open(&s->keep, config->dir, pack_kept, unpack_kept, &s->centres, fault);
    s->centres.on_change = on_change;
    s->centres.on_change_ctx = &s->keep;
    return err;
}

static int on_move(void *ctx, int dc, const char *text, char *ret_address, size_t size, struct fault *fault)
{
    struct sandbox *s = ctx;
    struct port *before = s->dc[dc - 1];
    int err = port_open(&s->sockets, dc, text, &s->dc[dc - 1], fault);

    if (err)
        return err;
    port_close(before);
    snprintf(ret_address, size, "%s", s->dc[dc - 1]->address);
    return 0;
}

static int open_ports(struct sandbox *s, const struct sandbox_config *config, struct fault *fault)
{
    if (uv_loop_init(&s->loop))
        return fault_set(fault, TGC_ESYSTEM, "no event loop");
    s->loop_is_open = true;
    uv_async_init(&s->loop, &s->stop, on_stop);
    uv_async_init(&s->loop, &s->job, on_job);
    s->stop.data = s->job.data = s;
    keep_start(&s->keep, &s->loop);
    if (sockets_init(&s->sockets, &s->loop, &s->centres))
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    int err = port_open(&s->sockets, 1, config->listen, &s->dc[0], fault);
    if (!err)
        err = port_open(&s->sockets, 2, config->second, &s->dc[1], fault);
    for (int i = 0; i < 2 && !err; i++)
        snprintf(s->addresses[i], sizeof(s->addresses[i]), "%s", s->dc[i]->address);
    s->centres.move = on_move;
    s->centres.move_ctx = s;
    if (!err && config->control)
        err = control_start(&s->centres, &s->job, config->control, &s->control, fault);
    return err;
}

int sandbox_start(const struct sandbox_config *config, struct sandbox **ret, struct fault *fault)
{
    struct sandbox *s = calloc(1, sizeof(*s));

    if (!s)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    int err = prepare(s, config, fault);
    if (!err)
        err = open_ports(s, config, fault);
    if (!err && uv_thread_create(&s->thread, run, s))
        err = fault_set(fault, TGC_ESYSTEM, "no thread is to be had");
    if (err) {
        (void)sandbox_free(s);
        return err;
    }
    s->thread_runs = true;
    *ret = s;
    return 0;
}

int sandbox_stop(struct sandbox *s)
{
    return s ? sandbox_free(s) : 0;
}

const char *sandbox_dc_address(const struct sandbox *s, int dc)
{
    return dc == 1 || dc == 2 ? s->addresses[dc - 1] : NULL;
}

const char *sandbox_control_address(const struct sandbox *s)
{
    return control_address(s->control);
}

uint64_t sandbox_rsa_fingerprint(const struct sandbox *s)
{
    return rsa_key_fingerprint(s->rsa);
}

json_t *sandbox_ready_line(const struct sandbox *s)
{
    char fingerprint[17];
    json_t *layers = json_array();

    for (size_t i = 0; i < s->centres.schemas_n; i++)
        json_array_append_new(layers, json_integer(tl_schema_layer(s->centres.schemas[i])));
    snprintf(fingerprint, sizeof(fingerprint), "%016llx", (unsigned long long)sandbox_rsa_fingerprint(s));
    json_t *j = json_pack("{s:b, s:i, s:s, s:s, s:s?, s:s, s:o}", "ready", 1, "pid", (int)getpid(), "dc1",
                          sandbox_dc_address(s, 1), "dc2", sandbox_dc_address(s, 2), "control",
                          sandbox_control_address(s), "rsa_fingerprint", fingerprint, "layers", layers);
    return j;
}
