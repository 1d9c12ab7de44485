/* mtcute: base64url without padding of a version (1 byte), then TL: flags, the data centre, perhaps one for media, who
 * is logged in, key. Versions 1 and 2 have a dcOption of the API for a data centre, version 3 has bytes of its own. */
#include "daemon/tg/strings/session_string_internal.h"
#include "daemon/tl/reader.h"
#include "daemon/tl/writer.h"

enum { VERSION = 3, VERSION_MEDIA = 2, VERSION_OWN_DC = 3 };
enum { HAS_SELF = 1, IS_TEST = 2, HAS_MEDIA = 4 };
/* A data centre in version 3: its own version, id, flags, address, port. */
enum { DC_VERSION = 2, DC_IPV6 = 1, DC_TEST = 4, DC_FLAGS = 7 };

#define DC_OPTION 0x18b7a10du
#define DC_OPTION_SECRET (1u << 10)

static int read_address(struct tl_reader *r, struct session_string *s, struct fault *fault)
{
    size_t len;
    const uint8_t *address = tl_read_bytes(r, &len);
    int32_t port = tl_read_i32(r);

    if (r->err)
        return fault_set(fault, TGC_EINVAL, "it ends within an address");
    if (port < 1 || port > UINT16_MAX)
        return fault_set(fault, TGC_EINVAL, "its port is none");
    s->port = (uint16_t)port;
    return session_put_address(s, address, len, fault);
}

static int read_own_dc(struct tl_reader *outer, struct session_string *s, struct fault *fault)
{
    struct tl_reader r;
    size_t len;
    const uint8_t *data = tl_read_bytes(outer, &len);

    if (outer->err || len < 3)
        return fault_set(fault, TGC_EINVAL, "it ends within a data centre");
    if (data[0] < 1 || data[0] > DC_VERSION || data[2] & ~DC_FLAGS)
        return fault_set(fault, TGC_EINVAL, "its data centre is of a version that is not known");
    s->dc = data[1];
    s->test = data[0] == DC_VERSION && data[2] & DC_TEST ? SESSION_YES : SESSION_NO;
    tl_reader_init(&r, data + 3, len - 3);
    int err = read_address(&r, s, fault);
    if (!err && tl_reader_left(&r) != 0)
        err = fault_set(fault, TGC_EINVAL, "something follows its data centre");
    return err;
}

static int read_dc_option(struct tl_reader *r, struct session_string *s, struct fault *fault)
{
    size_t len;
    uint32_t id = tl_read_u32(r), flags = tl_read_u32(r);

    s->dc = tl_read_i32(r);
    s->test = SESSION_NO;
    if (r->err || id != DC_OPTION || s->dc > UINT8_MAX)
        return fault_set(fault, TGC_EINVAL, "its data centre is none");
    int err = read_address(r, s, fault);
    if (flags & DC_OPTION_SECRET)
        (void)tl_read_bytes(r, &len);
    return err;
}

static int read_dc(struct tl_reader *r, uint8_t version, struct session_string *s, struct fault *fault)
{
    return version < VERSION_OWN_DC ? read_dc_option(r, s, fault) : read_own_dc(r, s, fault);
}

static int read_media_dc(struct tl_reader *r, uint8_t version, const struct session_string *s, struct fault *fault)
{
    struct session_string media = {0};
    int err = read_dc(r, version, &media, fault);

    if (!err && media.test != s->test)
        err = fault_set(fault, TGC_EINVAL, "one of its data centres is of the test servers, and one is not");
    return err;
}

static int read_rest(struct tl_reader *r, uint32_t flags, struct session_string *s, struct fault *fault)
{
    size_t len;

    if (flags & HAS_SELF) {
        s->user_id = tl_read_i64(r);
        s->bot = tl_read_bool(r) ? SESSION_YES : SESSION_NO;
    }
    const uint8_t *key = tl_read_bytes(r, &len);
    if (r->err || len != sizeof(s->key) || tl_reader_left(r) != 0)
        return fault_set(fault, TGC_EINVAL, "its key is none of %zu bytes, or not the last", sizeof(s->key));
    memcpy(s->key, key, len);
    return 0;
}

static int unpack(const uint8_t *b, size_t len, struct session_string *s, struct fault *fault)
{
    struct tl_reader r;
    uint8_t version = len ? b[0] : 0;

    if (version < 1 || version > VERSION)
        return fault_set(fault, TGC_EINVAL, "it is of version %d, and 1 to %d are known", version, VERSION);
    tl_reader_init(&r, b + 1, len - 1);
    uint32_t flags = tl_read_u32(&r), known = HAS_SELF | IS_TEST | (version >= VERSION_MEDIA ? HAS_MEDIA : 0);
    if (flags & ~known)
        return fault_set(fault, TGC_EINVAL, "it has flags that are not known");
    int err = read_dc(&r, version, s, fault);
    if (!err && flags & HAS_MEDIA)
        err = read_media_dc(&r, version, s, fault);
    if (flags & IS_TEST)
        s->test = SESSION_YES;
    return err ? err : read_rest(&r, flags, s, fault);
}

int session_read_mtcute(const char *text, size_t len, struct session_string *ret, struct fault *fault)
{
    uint8_t b[SESSION_BYTES_MAX];
    size_t n;
    int err = session_text_decode(SESSION_BASE64URL, text, len, b, &n, fault);

    if (!err)
        err = unpack(b, n, ret, fault);
    explicit_bzero(b, sizeof(b));
    return err;
}

static void write_dc(struct buf *b, const struct session_string *s)
{
    uint8_t head[3] = {DC_VERSION, (uint8_t)s->dc,
                       (uint8_t)((strchr(s->address, ':') ? DC_IPV6 : 0) | (s->test == SESSION_YES ? DC_TEST : 0))};
    struct buf dc;

    buf_init(&dc, SESSION_BYTES_MAX);
    tl_write_raw(&dc, head, sizeof(head));
    tl_write_text(&dc, s->address);
    tl_write_i32(&dc, s->port);
    if (buf_err(&dc))
        b->err = buf_err(&dc);
    else
        tl_write_bytes(b, dc.data, dc.len);
    buf_fini(&dc);
}

int session_write_mtcute(const struct session_string *s, struct buf *out, struct fault *fault)
{
    struct buf b;
    int err = session_needs_address(s, fault);

    if (err)
        return err;
    buf_init(&b, SESSION_BYTES_MAX);
    (void)buf_room(&b, SESSION_BYTES_MAX); /* it never moves, and leaves no copy behind */
    buf_put_byte(&b, VERSION);
    tl_write_u32(&b, s->user_id ? HAS_SELF : 0);
    write_dc(&b, s);
    if (s->user_id) {
        tl_write_i64(&b, s->user_id);
        tl_write_bool(&b, s->bot == SESSION_YES);
    }
    tl_write_bytes(&b, s->key, sizeof(s->key));
    err = buf_err(&b);
    if (!err)
        err = session_text_encode(SESSION_BASE64URL, false, b.data, b.len, out);
    buf_fini_secret(&b);
    return err;
}
