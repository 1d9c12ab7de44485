#include "daemon/sandbox/keep/members.h"

#include <stdint.h>
#include <string.h>

#include "daemon/sandbox/world/json.h"

static int64_t number_at(const char *p, size_t size)
{
    int32_t small;
    int64_t large;

    if (size == sizeof(bool))
        return *p;
    memcpy(&small, p, sizeof(small));
    if (size == sizeof(small))
        return small;
    memcpy(&large, p, sizeof(large));
    return large;
}

static void set_number(char *p, size_t size, int64_t value)
{
    int32_t small = (int32_t)value;

    if (size == sizeof(bool))
        *p = value != 0;
    else
        memcpy(p, size == sizeof(small) ? (const void *)&small : &value, size);
}

json_t *keep_members_pack(const void *object, const struct keep_member *members)
{
    json_t *j = json_object();

    for (const struct keep_member *f = members; f->name; f++) {
        const char *p = (const char *)object + f->at;
        json_put(j, f->name, f->is_text ? json_string(p) : json_integer(number_at(p, f->size)));
    }
    return j;
}

int keep_members_unpack(void *object, const struct keep_member *members, const json_t *j)
{
    for (const struct keep_member *f = members; f->name; f++) {
        const json_t *value = json_object_get(j, f->name);
        char *p = (char *)object + f->at;
        if (!value && f->is_optional)
            continue;
        if (f->is_text ? !json_is_string(value) : !json_is_integer(value))
            return TGC_ESYNTAX;
        if (f->is_text)
            json_copy_text(j, f->name, p, f->size);
        else
            set_number(p, f->size, json_integer_value(value));
    }
    return 0;
}
