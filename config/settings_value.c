#include "config.h"

#include "config/settings_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/time_text.h"

static int parse_bool(const char *text)
{
    static const char *const yes[] = {"yes", "true", "on", "1"}, *const no[] = {"no", "false", "off", "0"};

    for (size_t i = 0; i < 4; i++) {
        if (strcasecmp(text, yes[i]) == 0)
            return 1;
        if (strcasecmp(text, no[i]) == 0)
            return 0;
    }
    return -1;
}

/* Digits, then what follows them; false where there are none or too many. */
static bool parse_number(const char *text, int64_t *ret, const char **ret_rest)
{
    int64_t v = 0;

    if (*text < '0' || *text > '9')
        return false;
    for (; *text >= '0' && *text <= '9'; text++)
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *text - '0', &v))
            return false;
    *ret = v;
    *ret_rest = text;
    return true;
}

static const struct {
    const char *name;
    int64_t bytes;
} sizes[] = {{"GiB", INT64_C(1) << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}, {"", 1}};

static bool parse_size(const char *text, int64_t *ret)
{
    int64_t v;
    const char *rest;

    if (!parse_number(text, &v, &rest))
        return false;
    while (*rest == ' ')
        rest++;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        if (strcmp(rest, sizes[i].name) == 0)
            return !__builtin_mul_overflow(v, sizes[i].bytes, ret);
    return false;
}

static const char *size_text(int64_t bytes, char *out, size_t room)
{
    size_t i = 0;

    while (sizes[i].bytes > 1 && (bytes < sizes[i].bytes || bytes % sizes[i].bytes))
        i++;
    snprintf(out, room, "%lld %s", (long long)(bytes / sizes[i].bytes), sizes[i].name);
    return out;
}

static const char *duration_text(int64_t us, char *out, size_t room)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = {{"h", 3600 * SECOND_US}, {"m", 60 * SECOND_US}, {"s", SECOND_US}, {"ms", 1000}};
    size_t i = 0;

    while (units[i].us > 1000 && us % units[i].us)
        i++;
    snprintf(out, room, "%lld %s", (long long)(us / units[i].us), us ? units[i].name : "s");
    return out;
}

static void set_number(struct reading *r, const struct settings_key *key, const char *text)
{
    void *field = (char *)r->s + key->offset;
    char low[32], high[32];
    const char *rest = "", *what;
    int64_t v = 0;
    bool ok;

    if (key->value == VALUE_COUNT) {
        ok = parse_number(text, &v, &rest) && *rest == '\0';
        what = "a number";
        snprintf(low, sizeof(low), "%lld", (long long)key->min);
        snprintf(high, sizeof(high), "%lld", (long long)key->max);
    } else if (key->value == VALUE_SIZE) {
        ok = parse_size(text, &v);
        what = "a size such as 64 KiB or 1 MiB";
        size_text(key->min, low, sizeof(low));
        size_text(key->max, high, sizeof(high));
    } else {
        ok = time_duration_parse(text, &v) == 0;
        what = "a duration such as 500 ms, 30 s, 5 m or 1 h";
        duration_text(key->min, low, sizeof(low));
        duration_text(key->max, high, sizeof(high));
    }
    if (!ok)
        reading_error(r, key->section, key->name, "'%s' is not %s", text, what);
    else if (v < key->min || v > key->max)
        reading_error(r, key->section, key->name, "'%s' is out of range: from %s to %s", text, low, high);
    else if (key->value == VALUE_COUNT)
        *(unsigned *)field = (unsigned)v;
    else if (key->value == VALUE_SIZE)
        *(size_t *)field = (size_t)v;
    else
        *(int64_t *)field = v;
}

static int find_name(const char *const *names, const char *text)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], text) == 0)
            return i;
    return -1;
}

static void refuse_name(struct reading *r, const struct settings_key *key, const char *text)
{
    char all[256] = "";
    size_t n = 0;

    for (int i = 0; key->names[i] && n < sizeof(all); i++)
        n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s", i ? ", " : "", key->names[i]);
    reading_error(r, key->section, key->name, "'%s' is not one of %s", text, all);
}

static void set_text(struct reading *r, const struct settings_key *key, const char *text)
{
    char **field = (char **)(void *)((char *)r->s + key->offset);
    char *copy = strdup(text);

    if (!copy) {
        reading_note_err(r, TGC_ENOMEM);
        return;
    }
    if (*field && key->value == VALUE_SECRET)
        explicit_bzero(*field, strlen(*field));
    free(*field);
    *field = copy;
}

int settings_next_word(const char **p, char *word, size_t room)
{
    *p += strspn(*p, ", \t");
    size_t len = strcspn(*p, ", \t"), kept = len < room ? len : room - 1;

    memcpy(word, *p, kept);
    word[kept] = '\0';
    *p += len;
    return len == 0 ? 0 : len == kept ? 1 : -1;
}

static void set_words(struct reading *r, const struct settings_key *key, const char *text)
{
    struct text_list *list = (void *)((char *)r->s + key->offset);
    char word[SETTINGS_WORD_MAX];
    int got;

    while ((got = settings_next_word(&text, word, sizeof(word))) != 0) {
        if (got < 0)
            reading_error(r, key->section, key->name, "a word of more than %d bytes", SETTINGS_WORD_MAX - 1);
        else if (key->names && find_name(key->names, word) < 0)
            refuse_name(r, key, word);
        else
            reading_note_err(r, text_list_add(list, word));
    }
}

char *settings_resolve_path(struct reading *r, const char *path)
{
    const char *slash = strrchr(r->file, '/');
    char *full;
    int n;

    if (path[0] == '/' || !slash)
        n = asprintf(&full, "%s", path);
    else
        n = asprintf(&full, "%.*s/%s", (int)(slash - r->file), r->file, path);
    if (n >= 0)
        return full;
    reading_note_err(r, TGC_ENOMEM);
    return NULL;
}

static void set_path(struct reading *r, const struct settings_key *key, const char *text)
{
    char *path = settings_resolve_path(r, text);

    if (!path)
        return;
    if ((key->value == VALUE_FILE || key->value == VALUE_FILES) && access(path, R_OK) != 0)
        reading_error(r, key->section, key->name, "cannot read %s: %s", path, strerror(errno));
    else if (key->value == VALUE_FILES)
        reading_note_err(r, text_list_add((void *)((char *)r->s + key->offset), path));
    else
        set_text(r, key, path);
    free(path);
}

static void set_listen(struct reading *r, const struct settings_key *key, const char *text)
{
    char word[SETTINGS_WORD_MAX];

    while (settings_next_word(&text, word, sizeof(word)) != 0) {
        struct fault fault = {0};
        if (strcmp(word, "none") == 0)
            r->listen_none = true;
        else if (settings_add_listener(r->s, word, r->line, &fault) != 0)
            reading_error(r, key->section, key->name, "%s", fault.text);
    }
}

void settings_set(struct reading *r, const struct settings_key *key, const char *value)
{
    void *field = (char *)r->s + key->offset;
    int i;

    switch (key->value) {
    case VALUE_BOOL:
        i = parse_bool(value);
        if (i < 0)
            reading_error(r, key->section, key->name, "'%s' is not yes or no", value);
        else
            *(bool *)field = i;
        break;
    case VALUE_COUNT:
    case VALUE_SIZE:
    case VALUE_DURATION:
        set_number(r, key, value);
        break;
    case VALUE_NAME:
        i = find_name(key->names, value);
        if (i < 0)
            refuse_name(r, key, value);
        else
            *(int *)field = i + (int)key->min;
        break;
    case VALUE_WORD:
        if (find_name(key->names, value) < 0)
            refuse_name(r, key, value);
        else
            set_text(r, key, value);
        break;
    case VALUE_WORDS:
        set_words(r, key, value);
        break;
    case VALUE_TEXT:
    case VALUE_SECRET:
        if (strlen(value) > (size_t)key->max)
            reading_error(r, key->section, key->name, "longer than %lld bytes", (long long)key->max);
        else
            set_text(r, key, value);
        break;
    case VALUE_UNIX:
        if (strcmp(value, "none") == 0) {
            r->s->unix_off = true;
            break;
        }
        set_path(r, key, value);
        break;
    case VALUE_PATH:
    case VALUE_FILE:
    case VALUE_FILES:
        set_path(r, key, value);
        break;
    case VALUE_LISTEN:
        set_listen(r, key, value);
        break;
    }
}
