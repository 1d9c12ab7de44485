/* The floor under a call that goes on to somewhere: HTTP in, a frame to a peer, its answer, HTTP out, all on one libuv
 * loop and with no library but that. What one turn of the loop has for the peer goes in one write. The peer is a
 * process of its own and answers each frame with BYTES bytes; it costs next to nothing. No parsing that deserves the
 * name, no JSON, no Telegram. usage: hop BYTES; prints the port, serves until its stdin ends. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>
#include <uv.h>

enum {
    HEAD_MAX = 4 << 10,
    REQUEST = 200, /* about what an encrypted create has */
    BYTES_MAX = 16 << 10,
    CALLERS_MAX = 2000,
    BATCH = 1 << 16,
};

struct frame {
    uint64_t client;
    unsigned char text[REQUEST];
};

struct client {
    uv_tcp_t tcp;
    char in[HEAD_MAX];
    size_t in_len;
    bool waiting, closed;
};

static size_t bytes;
static uv_loop_t loop;
static uv_tcp_t listener;
static uv_pipe_t upstream, input;
static struct frame up[CALLERS_MAX]; /* this turn's */
static size_t up_n;
static char back[BATCH + BYTES_MAX]; /* from the peer */
static size_t back_len;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "hop: %s\n", what);
    exit(1);
}

/* --- the peer */

static void write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t n = write(fd, data, size);
        if (n <= 0)
            _exit(0);
        data += n;
        size -= (size_t)n;
    }
}

static void be_peer(int fd)
{
    static struct frame in[CALLERS_MAX];
    static char out[CALLERS_MAX * (sizeof(uint64_t) + BYTES_MAX)];
    size_t have = 0, answer = sizeof(uint64_t) + bytes;

    memset(out, 'x', sizeof(out));
    for (;;) {
        ssize_t n = read(fd, (char *)in + have, sizeof(in) - have);
        if (n <= 0)
            _exit(0);
        have += (size_t)n;
        size_t frames = have / sizeof(*in);
        for (size_t i = 0; i < frames; i++)
            memcpy(out + i * answer, &in[i].client, sizeof(in[i].client));
        write_all(fd, out, frames * answer);
        have -= frames * sizeof(*in);
        memmove(in, in + frames, have);
    }
}

/* --- upstream */

static void now(uv_stream_t *to, char *data, size_t size)
{
    uv_buf_t buf = uv_buf_init(data, (unsigned)size);

    /* Loopback takes what one turn has; a floor need not queue. */
    if (uv_try_write(to, &buf, 1) != (int)size && to == (uv_stream_t *)&upstream)
        die("the peer does not read");
}

static void flush(uv_prepare_t *unused)
{
    if (up_n)
        now((uv_stream_t *)&upstream, (char *)up, up_n * sizeof(*up));
    up_n = 0;
}

static void answer(struct client *c, const char *body)
{
    static char out[512 + BYTES_MAX];

    c->waiting = false;
    if (c->closed) {
        free(c);
        return;
    }
    int head = snprintf(out, 512,
                        "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
                        "Location: /v1/calls/1234567890123456789\r\nX-Request-Id: req-00000000-1\r\n"
                        "Content-Length: %zu\r\n\r\n",
                        bytes);
    memcpy(out + head, body, bytes);
    now((uv_stream_t *)&c->tcp, out, (size_t)head + bytes);
}

static void upstream_room(uv_handle_t *unused, size_t asked, uv_buf_t *buf)
{
    *buf = uv_buf_init(back + back_len, (unsigned)(sizeof(back) - back_len));
}

static void upstream_read(uv_stream_t *unused, ssize_t n, const uv_buf_t *buf)
{
    size_t size = sizeof(uint64_t) + bytes, at = 0;
    uint64_t client;

    if (n < 0)
        die("the peer is gone");
    back_len += (size_t)n;
    for (; back_len - at >= size; at += size) {
        memcpy(&client, back + at, sizeof(client));
        answer((struct client *)(uintptr_t)client, back + at + sizeof(client));
    }
    back_len -= at;
    memmove(back, back + at, back_len);
}

/* --- HTTP */

static void client_closed(uv_handle_t *h)
{
    struct client *c = h->data;

    c->closed = true;
    if (!c->waiting)
        free(c);
}

static void client_room(uv_handle_t *h, size_t asked, uv_buf_t *buf)
{
    struct client *c = h->data;

    *buf = uv_buf_init(c->in + c->in_len, (unsigned)(sizeof(c->in) - 1 - c->in_len));
}

static void client_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
    struct client *c = s->data;

    if (n < 0) {
        uv_close((uv_handle_t *)s, client_closed);
        return;
    }
    c->in_len += (size_t)n;
    c->in[c->in_len] = '\0';
    char *end = strstr(c->in, "\r\n\r\n"), *length = strcasestr(c->in, "\r\nContent-Length:");
    size_t body = length ? strtoul(length + 17, NULL, 10) : 0;
    if (!end || c->in_len < (size_t)(end + 4 - c->in) + body || c->waiting || up_n == CALLERS_MAX)
        return;
    c->in_len = 0;
    c->waiting = true;
    up[up_n++].client = (uintptr_t)c;
}

static void connected(uv_stream_t *s, int status)
{
    struct client *c = calloc(1, sizeof(*c));

    if (!c || uv_tcp_init(&loop, &c->tcp) != 0 || uv_accept(s, (uv_stream_t *)&c->tcp) != 0)
        die("accept");
    c->tcp.data = c;
    uv_tcp_nodelay(&c->tcp, 1);
    uv_read_start((uv_stream_t *)&c->tcp, client_room, client_read);
}

static void input_room(uv_handle_t *unused, size_t asked, uv_buf_t *buf)
{
    static char byte;

    *buf = uv_buf_init(&byte, 1);
}

static void input_read(uv_stream_t *unused, ssize_t n, const uv_buf_t *buf)
{
    if (n < 0)
        uv_stop(&loop);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address;
    uv_prepare_t prepare;
    int pair[2], size = sizeof(address);

    bytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    signal(SIGPIPE, SIG_IGN);
    if (bytes > BYTES_MAX || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        die("usage: hop BYTES");
    pid_t peer = fork();
    if (peer == 0) {
        close(pair[0]);
        be_peer(pair[1]);
    }
    close(pair[1]);
    if (peer < 0 || uv_loop_init(&loop) != 0 || uv_pipe_init(&loop, &upstream, 0) != 0 ||
        uv_pipe_open(&upstream, pair[0]) != 0 || uv_pipe_init(&loop, &input, 0) != 0 || uv_pipe_open(&input, 0) != 0 ||
        uv_tcp_init(&loop, &listener) != 0 || uv_prepare_init(&loop, &prepare) != 0)
        die("no loop");
    uv_ip4_addr("127.0.0.1", 0, &address);
    if (uv_tcp_bind(&listener, (struct sockaddr *)&address, 0) != 0 ||
        uv_listen((uv_stream_t *)&listener, CALLERS_MAX, connected) != 0 ||
        uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &size) != 0)
        die("no listener");
    uv_prepare_start(&prepare, flush);
    uv_read_start((uv_stream_t *)&upstream, upstream_room, upstream_read);
    uv_read_start((uv_stream_t *)&input, input_room, input_read);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    uv_run(&loop, UV_RUN_DEFAULT);
    return 0;
}
