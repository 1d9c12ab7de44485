#include "daemon/wire/wire.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/wire/wire_internal.h"

enum {
    /* Beyond one unfinished packet: what one read may bring before wire_next() is called again. */
    UNREAD_SLACK = 1 << 20,
    /* A buffer that grew above this for one large packet is given back. */
    KEEP_MAX = 64 << 10,
};

static const struct framing *const framings[] = {
    [WIRE_ABRIDGED] = &wire_abridged,
    [WIRE_INTERMEDIATE] = &wire_intermediate,
    [WIRE_PADDED] = &wire_padded,
    [WIRE_FULL] = &wire_full,
};

const struct framing *wire_framing_table(enum wire_framing framing)
{
    return framings[framing];
}

int wire_framing_parse(const char *name)
{
    for (int i = WIRE_ABRIDGED; i <= WIRE_FULL; i++)
        if (strcmp(framings[i]->name, name) == 0)
            return i;
    return -1;
}

const char *wire_framing_name(enum wire_framing framing)
{
    return framings[framing]->name;
}

static struct wire *new_wire(const struct wire_config *config)
{
    struct wire *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    w->config = *config;
    if (w->config.packet_max > 4 * (size_t)WIRE_WORDS_MAX)
        w->config.packet_max = 4 * (size_t)WIRE_WORDS_MAX;
    if (w->config.padding_max > WIRE_PADDING_MAX)
        w->config.padding_max = WIRE_PADDING_MAX;
    /* Used bytes stay in front until they are as many as the unread ones. */
    buf_init(&w->in, 2 * (w->config.packet_max + UNREAD_SLACK));
    return w;
}

int wire_client_new(const struct wire_config *config, enum wire_framing framing, bool obfuscated, struct wire **ret)
{
    if (obfuscated && framings[framing]->tag_len == 0)
        return TGC_EINVAL;
    struct wire *w = new_wire(config);
    if (!w)
        return TGC_ENOMEM;
    w->framing = framing;
    w->known = true;
    w->init_len = framings[framing]->tag_len;
    memcpy(w->init, framings[framing]->tag, w->init_len);
    int err = obfuscated ? wire_obfuscate_client(w) : 0;
    if (err) {
        wire_free(w);
        return err;
    }
    *ret = w;
    return 0;
}

int wire_server_new(const struct wire_config *config, struct wire **ret)
{
    struct wire *w = new_wire(config);

    if (!w)
        return TGC_ENOMEM;
    w->server = true;
    *ret = w;
    return 0;
}

void wire_free(struct wire *w)
{
    if (!w)
        return;
    /* Packets were decrypted in place in it. */
    buf_fini_secret(&w->in);
    ctr_free(w->from_peer);
    ctr_free(w->to_peer);
    free(w);
}

/* Takes the used bytes away, moving no more than it takes. */
static void drop_used(struct wire *w)
{
    size_t unread = w->in.len - w->at;

    if (unread == 0 && w->in.cap > KEEP_MAX) {
        size_t max = w->in.max;
        buf_fini_secret(&w->in);
        buf_init(&w->in, max);
        w->at = 0;
    } else if (w->at >= unread) {
        buf_drop_front(&w->in, w->at);
        w->at = 0;
    }
}

int wire_feed(struct wire *w, const void *data, size_t len)
{
    if (len == 0)
        return 0;
    drop_used(w);
    if (len > w->config.packet_max + UNREAD_SLACK - (w->in.len - w->at))
        return TGC_ELIMIT;
    uint8_t *room = buf_room(&w->in, len);
    if (!room) {
        int err = buf_err(&w->in);
        w->in.err = 0;
        return err;
    }
    if (w->known && w->obfuscated) {
        int err = ctr_apply(w->from_peer, data, room, len);
        if (err)
            return err;
    } else {
        memcpy(room, data, len);
    }
    buf_add(&w->in, len);
    return 0;
}

int wire_next(struct wire *w, struct wire_packet *ret, struct fault *fault)
{
    struct frame frame = {.packet = {.kind = WIRE_NONE}};
    int err = w->broken;

    if (err)
        return fault_set(fault, err, "the stream was broken before");
    if (!w->known)
        err = wire_detect(w, fault);
    if (!err && w->known && w->at < w->in.len)
        err = framings[w->framing]->parse(w, w->in.data + w->at, w->in.len - w->at, &frame, fault);
    if (err) {
        w->broken = err;
        return err;
    }
    w->at += frame.used;
    *ret = frame.packet;
    return 0;
}

int wire_check_size(const struct wire *w, size_t len, struct fault *fault)
{
    if (len > w->config.packet_max)
        return fault_set(fault, TGC_ELIMIT, "a packet of %zu bytes is above the limit of %zu", len,
                         w->config.packet_max);
    return 0;
}

int wire_take_error(int32_t code, struct wire_packet *ret, struct fault *fault)
{
    if (code >= 0)
        return fault_set(fault, TGC_EPROTO, "%d is no transport error code", code);
    ret->kind = WIRE_ERROR;
    ret->value = code;
    return 0;
}

int wire_take_payload(const struct wire *w, uint8_t *payload, size_t len, struct wire_packet *ret, struct fault *fault)
{
    if (len == 4 && !w->server)
        return wire_take_error((int32_t)le32_load(payload), ret, fault);
    ret->kind = WIRE_PACKET;
    ret->data = payload;
    ret->len = len;
    return 0;
}

/* Closes what was appended to OUT from START on: hides it, or takes it back where it did not fit. */
static int finish(struct wire *w, size_t start, struct buf *out)
{
    int err = buf_err(out);

    if (!err && w->obfuscated)
        err = ctr_apply(w->to_peer, out->data + start, out->data + start, out->len - start);
    if (err)
        buf_cut(out, start);
    return err;
}

int wire_pack(struct wire *w, const void *packet, size_t len, struct buf *out)
{
    size_t start = out->len;

    if (!w->known)
        return TGC_ESTATE;
    if (len == 0 || (framings[w->framing]->in_words && len % 4))
        return TGC_EINVAL;
    if (len > w->config.packet_max)
        return TGC_ELIMIT;
    /* The header of an obfuscated stream went through the stream when it was drawn. */
    buf_put(out, w->init, w->init_len);
    size_t frame = out->len;
    framings[w->framing]->pack(w, packet, len, out);
    int err = finish(w, frame, out);
    if (err)
        buf_cut(out, start);
    else
        w->init_len = 0;
    return err;
}

int wire_pack_error(struct wire *w, int32_t code, struct buf *out)
{
    uint8_t payload[4];

    if (!w->server || !w->known)
        return TGC_ESTATE;
    le32_store(payload, (uint32_t)code);
    return wire_pack(w, payload, sizeof(payload), out);
}

int wire_pack_quick_ack(struct wire *w, uint32_t token, struct buf *out)
{
    size_t start = out->len;

    if (!w->server || !w->known || !framings[w->framing]->pack_quick_ack)
        return TGC_ESTATE;
    framings[w->framing]->pack_quick_ack(w, token | WIRE_TOKEN_BIT, out);
    return finish(w, start, out);
}

bool wire_is_known(const struct wire *w)
{
    return w->known;
}

enum wire_framing wire_framing_of(const struct wire *w)
{
    return w->framing;
}

bool wire_is_obfuscated(const struct wire *w)
{
    return w->obfuscated;
}
