/* dcOptions as the store keeps them, a line each, so that people can read them:
 *
 *     1 1795950000                          the form's number, and until when they hold
 *     2 149.154.167.51 443 - -              data centre, address, port, flags (t, s, p), secret in hex
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/tg/dc_options.h"

#define FORM "1 "

static void write_option(const struct tg_dc_option *o, struct buf *out)
{
    char secret[2 * TG_DC_SECRET_MAX + 1] = "-";

    if (o->secret_len)
        hex_encode(o->secret, o->secret_len, secret);
    buf_printf(out, "%" PRId32 " %s %u %s%s%s%s %s\n", o->dc, o->ip, (unsigned)o->port, o->tcpo_only ? "t" : "",
               o->is_static ? "s" : "", o->this_port_only ? "p" : "",
               o->tcpo_only || o->is_static || o->this_port_only ? "" : "-", secret);
}

int tg_dc_options_write(const struct tg_dc_options *options, int64_t until, struct buf *out)
{
    buf_printf(out, FORM "%" PRId64 "\n", until);
    for (size_t i = 0; i < options->n; i++)
        write_option(&options->list[i], out);
    return buf_err(out);
}

/* The next word and what ends it, a blank or the line's end; its length, 0 where there is none. */
static size_t word(const char **at, const char **ret)
{
    size_t n = strcspn(*at, " \n");

    *ret = *at;
    *at += n + ((*at)[n] != '\0');
    return n;
}

static bool number(const char **at, int64_t max, int64_t *ret)
{
    const char *text;
    size_t n = word(at, &text);
    int64_t v = 0;

    if (n == 0 || n > 18)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        v = v * 10 + (text[i] - '0');
    }
    *ret = v;
    return v <= max;
}

static bool flags(const char **at, struct tg_dc_option *o)
{
    const char *text;
    size_t n = word(at, &text);

    if (n == 1 && text[0] == '-')
        return true;
    for (size_t i = 0; i < n; i++) {
        if (text[i] != 't' && text[i] != 's' && text[i] != 'p')
            return false;
        o->tcpo_only |= text[i] == 't';
        o->is_static |= text[i] == 's';
        o->this_port_only |= text[i] == 'p';
    }
    return n > 0;
}

static bool secret(const char **at, struct tg_dc_option *o)
{
    const char *text;
    size_t n = word(at, &text);

    if (n == 1 && text[0] == '-')
        return true;
    if (n == 0 || n > 2 * sizeof(o->secret) || hex_decode(text, n, o->secret, n / 2) != 0)
        return false;
    o->secret_len = (uint8_t)(n / 2);
    return true;
}

static bool read_option(const char **at, struct tg_dc_option *o)
{
    const char *ip;
    int64_t dc, port;

    *o = (struct tg_dc_option){0};
    if (!number(at, TG_DC_ID_MAX, &dc))
        return false;
    size_t n = word(at, &ip);
    if (n == 0 || n >= sizeof(o->ip) || !number(at, UINT16_MAX, &port))
        return false;
    memcpy(o->ip, ip, n);
    o->dc = (int32_t)dc;
    o->port = (uint16_t)port;
    return flags(at, o) && secret(at, o);
}

int tg_dc_options_read(const char *text, bool local, struct tg_dc_options *ret, int64_t *ret_until)
{
    struct tg_dc_options options = {.n = 0};
    struct tg_dc_option o;
    int64_t until;
    const char *at = text + strlen(FORM);

    if (strncmp(text, FORM, strlen(FORM)) != 0 || !number(&at, INT64_MAX, &until))
        return TGC_EINVAL;
    while (*at)
        if (!read_option(&at, &o) || !tg_dc_option_is_good(&o, local) || !tg_dc_options_put(&options, &o))
            return TGC_EINVAL;
    *ret = options;
    *ret_until = until;
    return 0;
}
