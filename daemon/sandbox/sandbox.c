/* Start and stop: ports, thread, loop. */
#include "daemon/sandbox/sandbox.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/sandbox/address.h"
#include "daemon/sandbox/conn.h"
#include "daemon/sandbox/control.h"
#include "daemon/sandbox/keep_world.h"
#include "daemon/sandbox/sandbox_internal.h"

enum { BACKLOG = 1024, TRANSPORT_PAD = 15 };

static int64_t distance(const struct tl_schema *schema, int layer)
{
    int64_t d = (int64_t)tl_schema_layer(schema) - layer;

    return d < 0 ? -d : d;
}

const struct tl_schema *sandbox_schema(const struct sandbox *s, int layer)
{
    const struct tl_schema *nearest = NULL;

    for (size_t i = 0; i < s->schemas_n && layer > 0; i++)
        if (!nearest || distance(s->schemas[i], layer) < distance(nearest, layer))
            nearest = s->schemas[i];
    return nearest;
}

int64_t sandbox_now_us(const struct sandbox *s)
{
    return world_now_us(&s->world);
}

void sandbox_trace(struct sandbox *s, json_t *event)
{
    if (event)
        trace_add(&s->trace, clock_wall_us(s->world.clock), event);
    /* Whatever changes the world is told here. */
    keep_later(&s->keep);
}

static void on_connection(uv_stream_t *stream, int status)
{
    if (status == 0)
        conn_accept(stream->data);
}

static int listen_on(struct sandbox *s, int dc, const char *text, struct fault *fault)
{
    struct listener *l = &s->dc[dc - 1];
    struct sockaddr_storage a;
    int len = sizeof(a);
    int err = address_parse(text, &a, fault);

    if (err)
        return err;
    l->s = s;
    l->dc = dc;
    uv_tcp_init(&s->loop, &l->tcp);
    l->tcp.data = l;
    int bad = uv_tcp_bind(&l->tcp, (struct sockaddr *)&a, 0);
    if (!bad)
        bad = uv_listen((uv_stream_t *)&l->tcp, BACKLOG, on_connection);
    if (!bad)
        bad = uv_tcp_getsockname(&l->tcp, (struct sockaddr *)&a, &len);
    if (bad)
        return fault_set(fault, TGC_ESYSTEM, "cannot listen on %s: %s", text, uv_strerror(bad));
    address_format(&a, l->address, sizeof(l->address), s->world.dc[dc].host, sizeof(s->world.dc[dc].host),
                   &s->world.dc[dc].port);
    return 0;
}

static void close_handle(uv_handle_t *h, void *arg)
{
    struct sandbox *s = arg;

    if (uv_is_closing(h))
        return;
    /* Connections close by their own way, which frees them; delayed answers fire at once. */
    if (h == (uv_handle_t *)&s->keep.timer || h == (uv_handle_t *)&s->stop || h == (uv_handle_t *)&s->job ||
        h == (uv_handle_t *)&s->dc[0].tcp || h == (uv_handle_t *)&s->dc[1].tcp)
        uv_close(h, NULL);
    else
        uv_timer_start((uv_timer_t *)h, ((uv_timer_t *)h)->timer_cb, 0, 0);
}

static void close_all(struct sandbox *s)
{
    for (struct conn *c = s->conns, *next; c; c = next) {
        next = c->next;
        conn_close(c);
    }
    uv_walk(&s->loop, close_handle, s);
}

static void on_stop(uv_async_t *h)
{
    close_all(h->data);
}

static void on_job(uv_async_t *h)
{
    control_answer_pending(h->data);
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
    control_stop(s);
    if (s->thread_runs) {
        uv_async_send(&s->stop);
        uv_thread_join(&s->thread);
    } else if (s->loop_is_open) {
        close_all(s);
        uv_run(&s->loop, UV_RUN_DEFAULT);
    }
    if (s->loop_is_open && uv_loop_close(&s->loop))
        log_error("sandbox", "the loop was not empty at its end");
    control_free(s);
    int err = keep_close(&s->keep);
    keys_fini(&s->keys);
    inject_fini(&s->inject);
    trace_fini(&s->trace);
    world_fini(&s->world);
    rsa_key_free(s->rsa);
    free(s->read_buffer);
    free(s);
    return err;
}

static json_t *pack_kept(void *ctx)
{
    return keep_pack(ctx);
}

static int unpack_kept(void *ctx, const json_t *kept)
{
    return keep_unpack(ctx, kept);
}

static int prepare(struct sandbox *s, const struct sandbox_config *config, struct fault *fault)
{
    s->schemas = config->schemas;
    s->schemas_n = config->schemas_n;
    s->options.transport_pad = TRANSPORT_PAD;
    trace_init(&s->trace);
    s->world_random = random_system;
    if (config->seeded) {
        random_seeded_init(&s->seeded, config->seed);
        s->world_random = random_seeded_source(&s->seeded);
    }
    s->read_buffer = malloc(SANDBOX_READ_BUFFER);
    if (!s->read_buffer || world_init(&s->world, &clock_system, &s->world_random))
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    s->world.push = sandbox_push;
    s->world.push_key = sandbox_push_key;
    s->world.push_ctx = s;
    int err = world_seed(&s->world, config->chats);
    if (err)
        return fault_set(fault, err, "the world does not fit: %s", tgc_err_text(err));
    err = config->dir ? keep_open(&s->keep, config->dir, pack_kept, unpack_kept, s, fault) : 0;
    if (err)
        return err;
    memcpy(s->keys.secret, s->world.secret, sizeof(s->keys.secret));
    err = rsa_key_read(config->key_path, &s->rsa, fault);
    if (!err && !rsa_key_is_private(s->rsa))
        err = fault_set(fault, TGC_EINVAL, "%s holds no private key", config->key_path);
    return err;
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
    int err = listen_on(s, 1, config->listen, fault);
    if (!err)
        err = listen_on(s, 2, config->second, fault);
    if (!err && config->control)
        err = control_start(s, config->control, fault);
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
        err = fault_set(fault, TGC_ESYSTEM, "no thread");
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
    return dc == 1 || dc == 2 ? s->dc[dc - 1].address : NULL;
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

    for (size_t i = 0; i < s->schemas_n; i++)
        json_array_append_new(layers, json_integer(tl_schema_layer(s->schemas[i])));
    snprintf(fingerprint, sizeof(fingerprint), "%016llx", (unsigned long long)sandbox_rsa_fingerprint(s));
    json_t *j = json_pack("{s:b, s:i, s:s, s:s, s:s?, s:s, s:o}", "ready", 1, "pid", (int)getpid(), "dc1",
                          sandbox_dc_address(s, 1), "dc2", sandbox_dc_address(s, 2), "control",
                          sandbox_control_address(s), "rsa_fingerprint", fingerprint, "layers", layers);
    return j;
}
