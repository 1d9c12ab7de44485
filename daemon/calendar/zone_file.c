#include "daemon/calendar/zone_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/file_read.h"
#include "daemon/base/limits.h"

#define ZONE_DIR "/usr/share/zoneinfo"

enum { HEADER_SIZE = 44, TYPE_SIZE = 6, KINDS_MAX = 256, OFFSET_MIN_S = -25 * 3600, OFFSET_MAX_S = 26 * 3600 };

struct header {
    uint8_t version;
    size_t n_ut, n_standard, n_leaps, n_changes, n_kinds, n_chars;
};

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be_time(const uint8_t *p, size_t size)
{
    return size == 4 ? (int32_t)be32(p) : (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static size_t data_size(const struct header *h, size_t time_size)
{
    return h->n_changes * (time_size + 1) + h->n_kinds * TYPE_SIZE + h->n_chars + h->n_leaps * (time_size + 4) +
           h->n_standard + h->n_ut;
}

/* Of the LEN bytes at P: whether a header and what it announces are there. */
static bool read_header(const uint8_t *p, size_t len, size_t time_size, struct header *ret)
{
    if (len < HEADER_SIZE || memcmp(p, "TZif", 4) != 0)
        return false;
    size_t counts[6];
    for (size_t i = 0; i < 6; i++) {
        counts[i] = be32(p + 20 + i * 4);
        if (counts[i] > len)
            return false;
    }
    *ret = (struct header){p[4], counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
    return data_size(ret, time_size) <= len - HEADER_SIZE;
}

static int read_changes(const uint8_t *p, const struct header *h, size_t time_size, struct zone *z)
{
    if (h->n_changes == 0)
        return 0;
    z->changes = calloc(h->n_changes, sizeof(*z->changes));
    z->types = calloc(h->n_changes, 1);
    if (!z->changes || !z->types)
        return TGC_ENOMEM;
    z->n_changes = h->n_changes;
    for (size_t i = 0; i < h->n_changes; i++) {
        z->changes[i] = be_time(p + i * time_size, time_size);
        z->types[i] = p[h->n_changes * time_size + i];
        if (z->types[i] >= h->n_kinds || (i > 0 && z->changes[i] <= z->changes[i - 1]))
            return TGC_EDAMAGED;
    }
    return 0;
}

static int read_kinds(const uint8_t *p, const struct header *h, struct zone *z)
{
    const char *names = (const char *)p + h->n_kinds * TYPE_SIZE;

    if (h->n_kinds == 0 || h->n_kinds > KINDS_MAX)
        return TGC_EDAMAGED;
    z->kinds = calloc(h->n_kinds, sizeof(*z->kinds));
    if (!z->kinds)
        return TGC_ENOMEM;
    z->n_kinds = h->n_kinds;
    for (size_t i = 0; i < h->n_kinds; i++, p += TYPE_SIZE) {
        struct zone_type *t = &z->kinds[i];
        t->offset = (int32_t)be32(p);
        t->is_dst = p[4] != 0;
        size_t at = p[5], len = at < h->n_chars ? strnlen(names + at, h->n_chars - at) : 0;
        if (t->offset <= OFFSET_MIN_S || t->offset >= OFFSET_MAX_S || len == 0 || len > ZONE_ABBREVIATION_MAX)
            return TGC_EDAMAGED;
        memcpy(t->abbreviation, names + at, len);
    }
    return 0;
}

/* Between two line breaks; empty where the file knows no rule. */
static int read_footer(const char *p, size_t len, struct zone *z)
{
    if (len < 2 || p[0] != '\n' || p[len - 1] != '\n')
        return TGC_EDAMAGED;
    if (len == 2)
        return 0;
    z->has_rule = true;
    return zone_rule_parse(p + 1, len - 2, &z->rule);
}

int zone_parse(const void *data, size_t len, struct zone *z, struct fault *fault)
{
    const uint8_t *p = data, *end = p + len;
    struct header h;
    size_t time_size = 4;

    if (!read_header(p, len, time_size, &h))
        return fault_set(fault, TGC_EDAMAGED, "it is no file of the zone database");
    if (h.version >= '2') {
        p += HEADER_SIZE + data_size(&h, time_size);
        time_size = 8;
        if (!read_header(p, (size_t)(end - p), time_size, &h))
            return fault_set(fault, TGC_EDAMAGED, "it is cut off, or damaged");
    }
    if (h.n_leaps > 0)
        return fault_set(fault, TGC_EINVAL, "it counts leap seconds, which Telegram's time does not");
    p += HEADER_SIZE;
    int err = read_changes(p, &h, time_size, z);
    if (!err)
        err = read_kinds(p + h.n_changes * (time_size + 1), &h, z);
    p += data_size(&h, time_size);
    if (!err && time_size == 8)
        err = read_footer((const char *)p, (size_t)(end - p), z);
    return err ? fault_set(fault, err, err == TGC_ENOMEM ? "out of memory" : "it is damaged") : 0;
}

/* Letters, digits and "_+-" in parts between slashes: nothing that leads elsewhere. */
static bool is_name(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > LIMIT_ZONE_NAME || name[0] == '/' || name[len - 1] == '/' || strstr(name, "//"))
        return false;
    return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == len;
}

static int read_file(const char *name, struct zone *z, struct fault *fault)
{
    const char *dir = getenv("TZDIR");
    char path[4096];
    struct fault why;
    size_t len;

    if (!dir || !*dir)
        dir = ZONE_DIR;
    int n = snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= sizeof(path))
        return fault_set(fault, TGC_EIO, "the path that TZDIR names is too long");
    char *data = file_read(path, LIMIT_ZONE_FILE, &len);
    if (!data && errno == ENOMEM)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (!data && access(dir, X_OK) != 0)
        return fault_set(fault, TGC_EIO, "the zone database %.100s is not there: install tzdata", dir);
    if (!data)
        return fault_set(fault, TGC_EINVAL, "there is no time zone \"%s\": name one as \"Europe/Berlin\" or \"UTC\"",
                         name);
    fault_clear(&why);
    int err = zone_parse(data, len, z, &why);
    free(data);
    return err ? fault_set(fault, err, "the time zone \"%s\" cannot be used: %.150s", name, why.text) : 0;
}

/* Without a file, so that it is there without the database too. */
static int make_utc(struct zone *z)
{
    z->kinds = calloc(1, sizeof(*z->kinds));
    if (!z->kinds)
        return TGC_ENOMEM;
    z->n_kinds = 1;
    memcpy(z->kinds[0].abbreviation, "UTC", sizeof("UTC"));
    return 0;
}

int zone_open(const char *name, struct zone **ret, struct fault *fault)
{
    if (!is_name(name))
        return fault_set(fault, TGC_EINVAL, "that is no name of a time zone: give one as \"Europe/Berlin\" or \"UTC\"");
    struct zone *z = calloc(1, sizeof(*z));
    int err = !z                         ? fault_set(fault, TGC_ENOMEM, "out of memory")
              : strcmp(name, "UTC") == 0 ? make_utc(z)
                                         : read_file(name, z, fault);
    if (err) {
        zone_close(z);
        return err;
    }
    *ret = z;
    return 0;
}

void zone_close(struct zone *z)
{
    if (!z)
        return;
    free(z->changes);
    free(z->types);
    free(z->kinds);
    free(z);
}
