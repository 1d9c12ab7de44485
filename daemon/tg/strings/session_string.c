#include "daemon/tg/strings/session_string.h"

#include <stdbool.h>

#include "daemon/tg/strings/session_string_internal.h"

static const struct {
    const char *text;
    session_reader *read;
    session_writer *write;
} formats[SESSION_FORMATS] = {
    [SESSION_TELETHON] = {"telethon", session_read_telethon, session_write_telethon},
    [SESSION_PYROGRAM] = {"pyrogram", session_read_pyrogram, session_write_pyrogram},
    [SESSION_GRAMJS] = {"gramjs", session_read_gramjs, session_write_gramjs},
    [SESSION_MTCUTE] = {"mtcute", session_read_mtcute, session_write_mtcute},
};

const char *session_format_text(enum session_format format)
{
    return formats[format].text;
}

enum session_format session_format_parse(const char *text)
{
    int i = 0;

    while (i < SESSION_FORMATS && strcmp(formats[i].text, text) != 0)
        i++;
    return (enum session_format)i;
}

/* --- what formats share --- */

int session_skip_version(const char **text, size_t *len, struct fault *fault)
{
    if (*len == 0 || **text != '1')
        return fault_set(fault, TGC_EINVAL, "it does not begin with its version, which is 1");
    ++*text;
    --*len;
    return 0;
}

int session_needs_address(const struct session_string *s, struct fault *fault)
{
    if (!s->address[0] || !s->port)
        return fault_set(fault, TGC_EINVAL, "it needs the address of data centre %d, and none is known", s->dc);
    return 0;
}

int session_put_address(struct session_string *s, const uint8_t *text, size_t len, struct fault *fault)
{
    if (len == 0 || len >= sizeof(s->address))
        return fault_set(fault, TGC_EINVAL, "its address has %zu characters", len);
    for (size_t i = 0; i < len; i++) {
        bool is_mark = text[i] == '.' || text[i] == ':' || text[i] == '-' || text[i] == '%';
        uint8_t lower = text[i] | 0x20;
        if (!is_mark && !(text[i] >= '0' && text[i] <= '9') && !(lower >= 'a' && lower <= 'z'))
            return fault_set(fault, TGC_EINVAL, "its address is none");
    }
    memcpy(s->address, text, len);
    s->address[len] = '\0';
    return 0;
}

int session_put_told(enum session_told *told, uint8_t byte, struct fault *fault)
{
    if (byte > 1)
        return fault_set(fault, TGC_EINVAL, "it has %d where 0 or 1 was expected", byte);
    *told = byte ? SESSION_YES : SESSION_NO;
    return 0;
}

/* --- one text --- */

static bool has_key(const struct session_string *s)
{
    uint8_t any = 0;

    for (size_t i = 0; i < sizeof(s->key); i++)
        any |= s->key[i];
    return any != 0;
}

static int read(enum session_format format, const char *text, size_t len, struct session_string *ret,
                struct fault *fault)
{
    struct session_string s = {0};
    int err = formats[format].read(text, len, &s, fault);

    if (!err && s.dc < 1)
        err = fault_set(fault, TGC_EINVAL, "it names no data centre");
    if (!err && s.user_id < 0)
        err = fault_set(fault, TGC_EINVAL, "it names no user");
    if (!err && !has_key(&s))
        err = fault_set(fault, TGC_EINVAL, "there is no key in it: nobody had logged in when it was made");
    if (!err)
        *ret = s;
    session_string_wipe(&s);
    return err;
}

/* The format that reads TEXT, or SESSION_FORMATS. */
static enum session_format guess(const char *text, size_t len)
{
    struct session_string s;
    int i = 0;

    while (i < SESSION_FORMATS && read((enum session_format)i, text, len, &s, NULL) != 0)
        i++;
    if (i < SESSION_FORMATS)
        session_string_wipe(&s);
    return (enum session_format)i;
}

int session_string_decode(enum session_format format, const char *text, size_t len, struct session_string *ret,
                          struct fault *fault)
{
    struct fault why = {0};
    int err = read(format, text, len, ret, &why);

    if (!err)
        return 0;
    enum session_format other = guess(text, len);
    if (other != SESSION_FORMATS)
        return fault_set(fault, err, "it is a session string of the format %s, not of %s", formats[other].text,
                         formats[format].text);
    return fault_set(fault, err, "it is no session string of the format %s: %s", formats[format].text, why.text);
}

int session_string_encode(enum session_format format, const struct session_string *s, struct buf *out,
                          struct fault *fault)
{
    /* Room for all of it: a buffer that moves leaves copies behind. */
    if (!buf_room(out, LIMIT_SESSION_STRING))
        return buf_err(out);
    int err = formats[format].write(s, out, fault);
    return err ? err : buf_err(out);
}

void session_string_wipe(struct session_string *s)
{
    explicit_bzero(s, sizeof(*s));
}
