/* HTTP over a raw socket, so that a test can send anything and see every byte of the answer. */
#ifndef TGCALLD_TESTS_API_CLIENT_H
#define TGCALLD_TESTS_API_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct client {
    int fd;
    size_t len; /* read and not yet used */
    char data[1 << 19];
};

struct response {
    int status;
    char head[4096];
    size_t body_len;
    char body[1 << 18]; /* what the metrics are when each route was asked */
    json_t *json;       /* the body, where it is JSON */
};

struct client *client_tcp(unsigned port);
struct client *client_unix(const char *path);
void client_free(struct client *c);

void client_send(struct client *c, const char *data, size_t len);
void client_sendf(struct client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The next answer; a HEAD's has no body whatever Content-Length says. False: the connection was closed before a whole
 * one. Fails the test after 20 s. response_fini() in both cases. */
bool client_read(struct client *c, bool is_head, struct response *ret);
/* The next chunk of a body, as text of less than SIZE bytes; its length, 0 for the last one. Fails the test where there
 * is none. */
size_t client_read_chunk(struct client *c, char *out, size_t size);
/* Whether the other side closes now. */
bool client_is_closed(struct client *c);

void response_fini(struct response *r);
/* A header's value in the thread's own static storage; NULL where there is none. */
const char *response_header(const struct response *r, const char *name);
/* The last part of "type", or "" */
const char *response_slug(const struct response *r);

#endif
