/* What Telegram says of where its data centres are: the dcOptions of help.getConfig and of updateDcOptions
 * (https://core.telegram.org/constructor/dcOption). They are read, judged and written down here; who knows them is
 * dc_learnt.h, which of them are dialled is dc_way.h. */
#ifndef TGCALLD_TG_DC_OPTIONS_H
#define TGCALLD_TG_DC_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/tl/schema.h"

enum {
    TG_DC_OPTIONS_MAX = 64,         /* Telegram sends about twenty */
    TG_DC_OPTIONS_OF_ONE_MAX = 8,   /* of one data centre */
    TG_DC_OPTIONS_TEXT_MAX = 32768, /* as it is written down */
    TG_DC_ID_MAX = 32767,           /* what the handshake can carry */
    TG_DC_IP_SIZE = 46,
    TG_DC_SECRET_MAX = 199, /* ee, a key of 16 bytes, a domain name of 182 */
};

/* A dcOption that a client's main connection may use: cdn and media_only are not among them. */
struct tg_dc_option {
    int32_t dc;
    char ip[TG_DC_IP_SIZE]; /* an address, no name; as inet_ntop() writes it */
    uint16_t port;
    bool is_v6;
    bool tcpo_only;      /* only in an obfuscated framing */
    bool is_static;      /* to be asked of a proxy */
    bool this_port_only; /* else other ports may be tried too */
    uint8_t secret_len;  /* 0: none; else it is to be spoken to as an MTProxy with that secret is */
    uint8_t secret[TG_DC_SECRET_MAX];
};

struct tg_dc_options {
    struct tg_dc_option list[TG_DC_OPTIONS_MAX];
    size_t n;
};

struct tg_config {
    struct tg_dc_options options;
    size_t refused_n;      /* options that cannot be meant: see tg_dc_option_is_good() */
    bool is_whole;         /* a config, of which all that follows is; else an update, which tells of some */
    int32_t date, expires; /* Unix seconds by the server's clock */
    int32_t this_dc;
    bool test_mode;
};

/* The config in METHOD's answer, or (NULL) what an update says of data centres, with LOCAL as below. Faults are those
 * of tl_walk(): the bytes do not fit the layer. */
int tg_config_read(const struct tl_schema *schema, const struct tl_comb *method, const void *data, size_t len,
                   bool local, struct tg_config *ret, struct fault *fault) TGC_MUST;

/* Whether OPTION can be meant: an address of one host that is reachable by others, which with LOCAL may be one of this
 * machine or of a private network (RFC 6890), a port, a secret in one of the three forms. Sets is_v6. */
bool tg_dc_option_is_good(struct tg_dc_option *option, bool local);
/* FALSE: there are as many as there may be, of that data centre or at all. What is there already is not put again. */
bool tg_dc_options_put(struct tg_dc_options *options, const struct tg_dc_option *option);
bool tg_dc_options_are_same(const struct tg_dc_options *a, const struct tg_dc_options *b);

/* Written down, with UNTIL (Unix seconds) as the time at which they are to be asked for anew. TGC_ENOMEM. */
int tg_dc_options_write(const struct tg_dc_options *options, int64_t until, struct buf *out) TGC_MUST;
/* The same read back. TGC_EINVAL: it was not written so, or has options that are not good. */
int tg_dc_options_read(const char *text, bool local, struct tg_dc_options *ret, int64_t *ret_until) TGC_MUST;

#endif
