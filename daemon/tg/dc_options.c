#include "daemon/tg/dc_options.h"

#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

enum { SECRET_KEY = 16, SECRET_PADDED = 0xdd, SECRET_TLS = 0xee };

/* The first BITS of an address. */
struct prefix {
    uint8_t bytes[16];
    unsigned bits;
};

/* What is no single host's address anywhere. */
static const struct prefix never_v4[] = {
    {{0}, 8},   /* "this network" */
    {{224}, 4}, /* multicast */
    {{240}, 4}, /* reserved; the limited broadcast */
};
static const struct prefix never_v6[] = {
    {{0}, 128},                                       /* unspecified */
    {{0xff}, 8},                                      /* multicast */
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, /* an IPv4 address, which is to be written as one */
};
/* Of this machine, of its link, of its owner's networks, of documents: not Telegram's (RFC 6890). */
static const struct prefix local_v4[] = {
    {{10}, 8},         {{100, 64}, 10},  {{127}, 8},      {{169, 254}, 16},     {{172, 16}, 12},     {{192, 0, 0}, 24},
    {{192, 0, 2}, 24}, {{192, 168}, 16}, {{198, 18}, 15}, {{198, 51, 100}, 24}, {{203, 0, 113}, 24},
};
static const struct prefix documents_v6 = {{0x20, 0x01, 0x0d, 0xb8}, 32};
static const struct prefix global_v6 = {{0x20}, 3};

static bool has_prefix(const uint8_t *address, const struct prefix *p)
{
    unsigned whole = p->bits / 8, rest = p->bits % 8;

    if (memcmp(address, p->bytes, whole) != 0)
        return false;
    return rest == 0 || ((address[whole] ^ p->bytes[whole]) >> (8 - rest)) == 0;
}

static bool is_among(const uint8_t *address, const struct prefix *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (has_prefix(address, &list[i]))
            return true;
    return false;
}

#define IS_AMONG(address, list) is_among(address, list, sizeof(list) / sizeof((list)[0]))

/* Also writes it the one way, so that equal ones are. */
static bool is_good_address(struct tg_dc_option *o, bool local)
{
    uint8_t address[16];
    char text[TG_DC_IP_SIZE] = "";

    _Static_assert(TG_DC_IP_SIZE >= INET6_ADDRSTRLEN, "room for an address");
    if (inet_pton(AF_INET, o->ip, address) == 1) {
        o->is_v6 = false;
        return !IS_AMONG(address, never_v4) && (local || !IS_AMONG(address, local_v4));
    }
    if (inet_pton(AF_INET6, o->ip, address) != 1 || !inet_ntop(AF_INET6, address, text, sizeof(text)))
        return false;
    memcpy(o->ip, text, sizeof(text));
    o->is_v6 = true;
    if (IS_AMONG(address, never_v6))
        return false;
    return local || (has_prefix(address, &global_v6) && !has_prefix(address, &documents_v6));
}

/* A key; dd and a key; ee, a key and a domain name, of which the rest is judged where it is used. */
static bool is_good_secret(const struct tg_dc_option *o)
{
    if (o->secret_len == 0 || o->secret_len == SECRET_KEY)
        return true;
    return (o->secret_len == 1 + SECRET_KEY && o->secret[0] == SECRET_PADDED) ||
           (o->secret_len > 1 + SECRET_KEY && o->secret_len <= TG_DC_SECRET_MAX && o->secret[0] == SECRET_TLS);
}

bool tg_dc_option_is_good(struct tg_dc_option *o, bool local)
{
    return o->dc >= 1 && o->dc <= TG_DC_ID_MAX && o->port != 0 && is_good_address(o, local) && is_good_secret(o);
}

static bool is_same(const struct tg_dc_option *a, const struct tg_dc_option *b)
{
    return a->dc == b->dc && a->port == b->port && strcmp(a->ip, b->ip) == 0 && a->tcpo_only == b->tcpo_only &&
           a->is_static == b->is_static && a->this_port_only == b->this_port_only && a->secret_len == b->secret_len &&
           memcmp(a->secret, b->secret, a->secret_len) == 0;
}

bool tg_dc_options_put(struct tg_dc_options *options, const struct tg_dc_option *option)
{
    size_t of_one = 0;

    for (size_t i = 0; i < options->n; i++) {
        if (is_same(&options->list[i], option))
            return true;
        of_one += options->list[i].dc == option->dc;
    }
    if (options->n == TG_DC_OPTIONS_MAX || of_one == TG_DC_OPTIONS_OF_ONE_MAX)
        return false;
    options->list[options->n++] = *option;
    return true;
}

bool tg_dc_options_are_same(const struct tg_dc_options *a, const struct tg_dc_options *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!is_same(&a->list[i], &b->list[i]))
            return false;
    return true;
}
