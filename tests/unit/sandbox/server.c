#include "tests/unit/sandbox/raw.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "daemon/base/buf.h"
#include "tests/support/shipped.h"
#include "tests/support/unit.h"

static int try_start(struct server *v, const char *dir, bool seeded, uint64_t seed, struct fault *fault)
{
    static const struct tl_schema *schemas[2];

    schemas[0] = shipped_layer(138);
    schemas[1] = shipped_layer(229);
    fault_clear(fault);
    ck_assert_int_eq(rsa_key_read(unit_data_path("../../config/keys/sandbox.pub.pem"), &v->key, fault), 0);
    char *key_path = strdup(unit_data_path("../../config/keys/sandbox.pem"));
    struct sandbox_config config = {
        .listen = "127.0.0.1:0",
        .second = "127.0.0.1:0",
        .control = "127.0.0.1:0",
        .key_path = key_path,
        .dir = dir,
        .seeded = seeded,
        .seed = seed,
        .schemas = schemas,
        .schemas_n = 2,
    };
    int err = sandbox_start(&config, &v->s, fault);
    free(key_path);
    return err;
}

void server_start(struct server *v)
{
    server_start_seeded(v, 1);
}

void server_start_seeded(struct server *v, uint64_t seed)
{
    struct fault fault;

    ck_assert_msg(try_start(v, NULL, true, seed, &fault) == 0, "%s", fault.text);
}

void server_start_in(struct server *v, const char *dir)
{
    struct fault fault;

    ck_assert_msg(try_start(v, dir, false, 0, &fault) == 0, "%s", fault.text);
}

int server_try_in(const char *dir, struct fault *fault)
{
    struct server v = {0};
    int err = try_start(&v, dir, false, 0, fault);

    server_stop(&v);
    return err;
}

void server_stop(struct server *v)
{
    ck_assert_int_eq(sandbox_stop(v->s), 0);
    rsa_key_free(v->key);
}

int server_dial(const char *address)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    int port, fd = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(sscanf(address, "127.0.0.1:%d", &port), 1);
    a.sin_port = htons((uint16_t)port);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    return fd;
}

json_t *server_control(const struct server *v, const char *method, const char *path, const char *body)
{
    char text[1024];
    struct buf answer;
    ssize_t n;
    int fd = server_dial(sandbox_control_address(v->s));

    int len = snprintf(text, sizeof(text),
                       "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
                       method, path, strlen(body), body);
    ck_assert_int_eq(send(fd, text, (size_t)len, 0), len);
    buf_init(&answer, 16 << 20);
    while ((n = recv(fd, text, sizeof(text), 0)) > 0)
        buf_put(&answer, text, (size_t)n);
    close(fd);
    const char *start = strstr(buf_text(&answer), "\r\n\r\n");
    ck_assert_ptr_nonnull(start);
    json_t *j = json_loads(start + 4, 0, NULL);
    ck_assert_msg(j != NULL, "%s", start);
    buf_fini(&answer);
    return j;
}
