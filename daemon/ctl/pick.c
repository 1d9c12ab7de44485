#include "daemon/ctl/pick.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/utf8.h"

/* The marks of channels are their ids behind this (Bot API). */
#define CHANNEL_MARK INT64_C(1000000000000)
enum { NAME_SIZE = 64, DEPTH_MAX = 8 };

struct pick_out {
    char *out; /* NULL: how long it is, is all that is asked */
    size_t len, size;
};

static void put(struct pick_out *t, const char *text)
{
    size_t room = t->size - 1 - t->len, n = strlen(text);

    if (n > room)
        n = utf8_cut(text, room);
    if (t->out) {
        memcpy(t->out + t->len, text, n);
        t->out[t->len + n] = '\0';
    }
    t->len += n;
}

static void take_back(struct pick_out *t, size_t len)
{
    t->len = len;
    if (t->out)
        t->out[len] = '\0';
}

static int64_t whole(const json_t *value)
{
    return json_is_string(value) ? strtoll(json_string_value(value), NULL, 10) : json_integer_value(value);
}

bool pick_marked_id(const json_t *peer, char *out, size_t size)
{
    static const struct {
        const char *prefix, *id;
        bool is_channel, is_chat;
    } kinds[] = {{"peerChannel", "channel_id", true, false},
                 {"peerChat", "chat_id", false, true},
                 {"peerUser", "user_id", false, false},
                 {"channel", "id", true, false},
                 {"chat", "id", false, true},
                 {"user", "id", false, false}};
    const char *name = json_string_value(json_object_get(peer, "_"));

    for (size_t i = 0; name && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        int64_t id = whole(json_object_get(peer, kinds[i].id));
        if (strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)) != 0 || id <= 0 || id >= CHANNEL_MARK)
            continue;
        snprintf(out, size, "%" PRId64, kinds[i].is_channel ? -CHANNEL_MARK - id : kinds[i].is_chat ? -id : id);
        return true;
    }
    return false;
}

static void put_time(struct pick_out *t, int64_t seconds, bool for_people)
{
    char text[64];
    time_t at = (time_t)seconds;
    struct tm tm;

    snprintf(text, sizeof(text), "%" PRId64, seconds);
    if (for_people && localtime_r(&at, &tm))
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
    put(t, text);
}

static void put_value(struct pick_out *t, const json_t *value, enum pick_form form, bool for_people)
{
    char text[64];

    if (form == PICK_PEER && pick_marked_id(value, text, sizeof(text))) {
        put(t, text);
    } else if (form == PICK_TIME && json_is_integer(value)) {
        put_time(t, json_integer_value(value), for_people);
    } else if (json_is_string(value)) {
        put(t, json_string_value(value));
    } else if (json_is_integer(value)) {
        snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        put(t, text);
    } else if (json_is_boolean(value)) {
        put(t, json_is_true(value) ? "yes" : "no");
    }
}

/* PATH up to END, of which there is one more step at a dot. */
static void put_at(struct pick_out *t, const json_t *json, const char *path, const char *end, enum pick_form form,
                   bool for_people, unsigned depth)
{
    const char *dot = memchr(path, '.', (size_t)(end - path));
    size_t n = (size_t)((dot ? dot : end) - path), i;
    const json_t *item;
    char name[NAME_SIZE];

    if (depth == DEPTH_MAX)
        return;
    if (json_is_array(json)) {
        json_array_foreach (json, i, item) {
            put(t, i ? ", " : "");
            put_at(t, item, path, end, form, for_people, depth + 1);
        }
    } else if (n == 0) {
        put_value(t, json, form, for_people);
    } else if (n < sizeof(name)) {
        memcpy(name, path, n);
        name[n] = '\0';
        path += n + (dot ? 1 : 0);
        put_at(t, json_object_get(json, name), path, end, form, for_people, depth + 1);
    }
}

static void put_path(struct pick_out *t, const json_t *json, const char *path, enum pick_form form, bool for_people)
{
    take_back(t, 0);
    for (;; path++) {
        size_t n = strcspn(path, " |"), before = t->len;
        put(t, before > 0 ? " " : "");
        size_t start = t->len;
        put_at(t, json, path, path + n, form, for_people, 0);
        if (t->len == start)
            take_back(t, before);
        path += n;
        if (*path == '\0' || (*path == '|' && t->len > 0))
            break;
    }
}

void pick_text(const json_t *json, const char *path, enum pick_form form, bool for_people, char out[static PICK_SIZE])
{
    struct pick_out t = {out, 0, PICK_SIZE};

    put_path(&t, json, path, form, for_people);
}

char *pick_whole(const json_t *json, const char *path, enum pick_form form)
{
    struct pick_out t = {NULL, 0, SIZE_MAX};

    put_path(&t, json, path, form, false);
    t.size = t.len + 1;
    t.out = malloc(t.size);
    if (t.out)
        put_path(&t, json, path, form, false);
    return t.out;
}
