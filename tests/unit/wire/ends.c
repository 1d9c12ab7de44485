#include "tests/unit/wire/ends.h"

#include <stdlib.h>
#include <string.h>

static struct wire_config config_of(const struct random_source *random)
{
    return (struct wire_config){.random = random, .packet_max = ENDS_PACKET_MAX, .padding_max = 15};
}

struct wire *end_client(enum wire_framing framing, bool obfuscated, const struct random_source *random)
{
    struct wire_config config = config_of(random);
    struct wire *w;

    ck_assert_int_eq(wire_client_new(&config, framing, obfuscated, &w), 0);
    ck_assert(wire_is_known(w));
    return w;
}

struct wire *end_client_of_proxy(enum wire_framing framing, const struct random_source *random, const uint8_t *secret,
                                 int16_t dc)
{
    struct wire_config config = config_of(random);
    struct wire *w;

    config.secret = secret;
    config.dc = dc;
    ck_assert_int_eq(wire_client_new(&config, framing, true, &w), 0);
    return w;
}

struct wire *end_server(const struct random_source *random)
{
    return end_server_of_proxy(random, NULL);
}

struct wire *end_server_of_proxy(const struct random_source *random, const uint8_t *secret)
{
    struct wire_config config = config_of(random);
    struct wire *w;

    config.secret = secret;

    ck_assert_int_eq(wire_server_new(&config, &w), 0);
    ck_assert(!wire_is_known(w));
    return w;
}

void end_feed(struct wire *w, const void *data, size_t len)
{
    /* Called once a byte: each ck_assert of Check is a system call. */
    if (wire_feed(w, data, len))
        ck_abort_msg("feeding failed");
}

void end_feed_hex(struct wire *w, const char *hex)
{
    size_t len;
    uint8_t *bytes = unit_hex(hex, &len);

    end_feed(w, bytes, len);
    free(bytes);
}

struct wire_packet end_next(struct wire *w)
{
    struct wire_packet packet;
    struct fault fault;

    if (wire_next(w, &packet, &fault))
        ck_abort_msg("%s", fault.text);
    return packet;
}

int end_next_error(struct wire *w)
{
    struct wire_packet packet = {.kind = WIRE_QUICK_ACK, .value = 77};
    struct fault fault = {0};
    int err = wire_next(w, &packet, &fault);

    ck_assert_int_lt(err, 0);
    ck_assert_int_eq(fault.err, err);
    ck_assert_str_ne(fault.text, "");
    ck_assert(packet.kind == WIRE_QUICK_ACK && packet.value == 77);
    /* Broken for good. */
    ck_assert_int_eq(wire_next(w, &packet, NULL), err);
    return err;
}

static void script_fill(void *ctx, void *out, size_t len)
{
    struct script *s = ctx;
    size_t n = len < s->len - s->at ? len : s->len - s->at;

    memset(out, 0, len);
    if (n)
        memcpy(out, s->bytes + s->at, n);
    s->at += n;
}

struct random_source script_source(struct script *s)
{
    return (struct random_source){script_fill, s};
}
