#include "tests/unit/api/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/unit.h"

static struct client *connect_to(int family, const void *address, socklen_t len)
{
    struct client *c = calloc(1, sizeof(*c));
    struct timeval patience = {.tv_sec = 20};

    ck_assert_ptr_nonnull(c);
    c->fd = socket(family, SOCK_STREAM, 0);
    ck_assert_int_ge(c->fd, 0);
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    ck_assert_msg(connect(c->fd, address, len) == 0, "connect: %s", strerror(errno));
    return c;
}

struct client *client_tcp(unsigned port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect_to(AF_INET, &in, sizeof(in));
}

struct client *client_unix(const char *path)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};

    snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
    return connect_to(AF_UNIX, &un, sizeof(un));
}

void client_free(struct client *c)
{
    if (!c)
        return;
    if (c->fd >= 0)
        close(c->fd);
    free(c);
}

void client_send(struct client *c, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(c->fd, data, len, MSG_NOSIGNAL);
        /* The server may have answered and closed already: the answer is what the test looks at. */
        if (n <= 0)
            return;
        data += n;
        len -= (size_t)n;
    }
}

void client_sendf(struct client *c, const char *format, ...)
{
    char *text;
    va_list ap;

    va_start(ap, format);
    int n = vasprintf(&text, format, ap);
    va_end(ap);
    ck_assert_int_ge(n, 0);
    client_send(c, text, (size_t)n);
    free(text);
}

/* Reads more; false at the end. */
static bool more(struct client *c)
{
    ck_assert_uint_lt(c->len, sizeof(c->data));
    ssize_t n = recv(c->fd, c->data + c->len, sizeof(c->data) - c->len, 0);
    ck_assert_msg(n >= 0 || errno == ECONNRESET, "no answer: %s", strerror(errno));
    if (n <= 0)
        return false;
    c->len += (size_t)n;
    return true;
}

static void use(struct client *c, size_t n)
{
    memmove(c->data, c->data + n, c->len - n);
    c->len -= n;
}

bool client_read(struct client *c, bool is_head, struct response *ret)
{
    const char *end;

    memset(ret, 0, sizeof(*ret));
    while ((end = memmem(c->data, c->len, "\r\n\r\n", 4)) == NULL)
        if (!more(c))
            return false;
    size_t head_len = (size_t)(end - c->data) + 4;
    ck_assert_uint_lt(head_len, sizeof(ret->head));
    memcpy(ret->head, c->data, head_len);
    use(c, head_len);
    ck_assert_int_eq(sscanf(ret->head, "HTTP/1.1 %d ", &ret->status), 1);
    if (ret->status == 100)
        return client_read(c, is_head, ret);
    const char *length = response_header(ret, "Content-Length");
    size_t want = length && !is_head ? (size_t)atol(length) : 0;
    ck_assert_uint_lt(want, sizeof(ret->body));
    while (c->len < want)
        if (!more(c))
            return false;
    memcpy(ret->body, c->data, want);
    ret->body_len = want;
    use(c, want);
    ret->json = want ? json_loadb(ret->body, want, 0, NULL) : NULL;
    return true;
}

size_t client_read_chunk(struct client *c, char *out, size_t size)
{
    const char *end;

    while ((end = memmem(c->data, c->len, "\r\n", 2)) == NULL)
        ck_assert(more(c));
    size_t line = (size_t)(end - c->data) + 2, len = strtoul(c->data, NULL, 16);
    ck_assert_uint_lt(len, size);
    while (c->len < line + len + 2)
        ck_assert(more(c));
    memcpy(out, c->data + line, len);
    out[len] = '\0';
    ck_assert_int_eq(memcmp(c->data + line + len, "\r\n", 2), 0);
    use(c, line + len + 2);
    return len;
}

bool client_is_closed(struct client *c)
{
    return c->len == 0 && !more(c);
}

void response_fini(struct response *r)
{
    json_decref(r->json);
    r->json = NULL;
}

const char *response_header(const struct response *r, const char *name)
{
    static __thread char value[1024];
    char needle[128];

    snprintf(needle, sizeof(needle), "\r\n%s: ", name);
    const char *p = strcasestr(r->head, needle);
    if (!p)
        return NULL;
    p += strlen(needle);
    snprintf(value, sizeof(value), "%.*s", (int)strcspn(p, "\r"), p);
    return value;
}

const char *response_slug(const struct response *r)
{
    const char *type = json_string_value(json_object_get(r->json, "type"));
    const char *colon = type ? strrchr(type, ':') : NULL;

    return colon ? colon + 1 : "";
}
