#include "api/plain_object.h"

#include <stdbool.h>
#include <string.h>

/* So many digits always fit an int64_t; no route has a member with a longer name. */
enum { DIGITS_MAX = 18, NAME_SIZE = 64 };

struct plain_cursor {
    const char *at, *end;
};

static void skip_space(struct plain_cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r'))
        c->at++;
}

static bool take(struct plain_cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

static bool take_word(struct plain_cursor *c, const char *word, size_t len)
{
    if ((size_t)(c->end - c->at) < len || memcmp(c->at, word, len) != 0)
        return false;
    c->at += len;
    return true;
}

/* What stands between quotes, as it is. */
static bool take_text(struct plain_cursor *c, const char **ret, size_t *ret_len)
{
    if (!take(c, '"'))
        return false;
    const char *start = c->at;
    while (c->at < c->end && *c->at >= ' ' && *c->at < 0x7f && *c->at != '"' && *c->at != '\\')
        c->at++;
    *ret = start;
    *ret_len = (size_t)(c->at - start);
    return take(c, '"');
}

/* What follows it is the caller's to judge: a fraction's point or one more digit is neither a comma nor an end. */
static json_t *take_integer(struct plain_cursor *c)
{
    bool is_negative = take(c, '-');
    const char *start = c->at;
    json_int_t v = 0;

    while (c->at < c->end && c->at - start < DIGITS_MAX && *c->at >= '0' && *c->at <= '9')
        v = v * 10 + (*c->at++ - '0');
    size_t n = (size_t)(c->at - start);
    if (n == 0 || (*start == '0' && (n > 1 || is_negative)))
        return NULL;
    return json_integer(is_negative ? -v : v);
}

static json_t *take_value(struct plain_cursor *c)
{
    const char *text;
    size_t len;

    if (c->at < c->end && *c->at == '"')
        return take_text(c, &text, &len) ? json_stringn_nocheck(text, len) : NULL;
    if (take_word(c, "true", 4))
        return json_true();
    if (take_word(c, "false", 5))
        return json_false();
    if (take_word(c, "null", 4))
        return json_null();
    return take_integer(c);
}

/* A name that was there before is refused, as all of JSON's reader does. */
static bool take_member(struct plain_cursor *c, json_t *object)
{
    const char *text;
    char name[NAME_SIZE];
    size_t len, before = json_object_size(object);

    skip_space(c);
    if (!take_text(c, &text, &len) || len >= sizeof(name))
        return false;
    memcpy(name, text, len);
    name[len] = '\0';
    skip_space(c);
    if (!take(c, ':'))
        return false;
    skip_space(c);
    json_t *value = take_value(c);
    return value && json_object_set_new_nocheck(object, name, value) == 0 && json_object_size(object) > before;
}

json_t *plain_object(const char *text, size_t len)
{
    struct plain_cursor c = {text, text + len};
    json_t *object;
    bool is_read;

    skip_space(&c);
    if (!take(&c, '{') || !(object = json_object()))
        return NULL;
    do {
        is_read = take_member(&c, object);
        skip_space(&c);
    } while (is_read && take(&c, ','));
    is_read = is_read && take(&c, '}');
    skip_space(&c);
    if (is_read && c.at == c.end)
        return object;
    json_decref(object);
    return NULL;
}
