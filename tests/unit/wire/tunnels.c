#include "tests/unit/wire/tunnels.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/hex.h"

enum { ROOM = 1 << 16 };

static void check_hex(const struct buf *got, const char *want, const char *what)
{
    char *text = malloc(2 * got->len + 1);

    hex_encode(got->data ? got->data : (const uint8_t *)"", got->len, text);
    ck_assert_msg(strcmp(text, want) == 0, "%s: %s, not %s", what, text, want);
    free(text);
}

static struct tunnel *start(const struct talk *talk, struct proxy *proxy, struct buf *out, struct buf *clear)
{
    struct tunnel_config config = {.proxy = proxy, .target = talk->target};
    struct tunnel *t;

    ck_assert_int_eq(proxy_parse(talk->proxy, proxy, NULL), 0);
    ck_assert(tunnel_is_needed(proxy));
    ck_assert_int_eq(tunnel_new(&config, &t), 0);
    buf_init(out, ROOM);
    buf_init(clear, ROOM);
    ck_assert_int_eq(tunnel_begin(t, out), 0);
    ck_assert(!tunnel_is_open(t));
    return t;
}

static void end(struct tunnel *t, struct buf *out, struct buf *clear)
{
    tunnel_free(t);
    buf_fini(out);
    buf_fini(clear);
}

static void play(const struct talk *talk, size_t piece)
{
    struct proxy proxy;
    struct buf out, clear;
    struct fault fault = {0};
    size_t len;
    uint8_t *answers = unit_hex(talk->answers, &len);
    struct tunnel *t = start(talk, &proxy, &out, &clear);
    int err = 0;

    for (size_t at = 0; at < len && !err; at += piece)
        err = tunnel_feed(t, answers + at, piece < len - at ? piece : len - at, &out, &clear, &fault);
    ck_assert_msg(err == talk->err, "%s: error %d, not %d: %s", talk->answers, err, talk->err, fault.text);
    ck_assert_str_eq(fault.text, talk->text ? talk->text : "");
    ck_assert(tunnel_is_open(t) == (err == 0));
    if (talk->sent)
        check_hex(&out, talk->sent, "sent");
    if (!err)
        check_hex(&clear, talk->clear ? talk->clear : "", "clear");
    end(t, &out, &clear);
    free(answers);
}

void talk_play(const struct talk *talk)
{
    play(talk, ROOM);
    play(talk, 1);
}

void talk_cut(const struct talk *talk)
{
    size_t len;
    uint8_t *answers = unit_hex(talk->answers, &len);

    for (size_t cut = 0; cut < len; cut++) {
        struct proxy proxy;
        struct buf out, clear;
        struct tunnel *t = start(talk, &proxy, &out, &clear);
        ck_assert_int_eq(tunnel_feed(t, answers, cut, &out, &clear, NULL), 0);
        ck_assert_msg(!tunnel_is_open(t), "open after %zu of %zu bytes", cut, len);
        ck_assert_str_ne(tunnel_awaits(t), "");
        ck_assert_uint_eq(clear.len, 0);
        end(t, &out, &clear);
    }
    free(answers);
}
