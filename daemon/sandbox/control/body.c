#include "daemon/sandbox/control/body.h"

#include <string.h>

int body_number(const json_t *body, const char *key, unsigned max, unsigned *ret, struct fault *fault)
{
    const json_t *j = json_object_get(body, key);

    if (!j)
        return 0;
    if (!json_is_integer(j) || json_integer_value(j) < 1 || json_integer_value(j) > (json_int_t)max)
        return fault_set(fault, TGC_EINVAL, "%s must be an integer from 1 to %u", key, max);
    *ret = (unsigned)json_integer_value(j);
    return 0;
}

int body_flag(const json_t *body, const char *key, bool *ret, struct fault *fault)
{
    const json_t *j = json_object_get(body, key);

    if (j && !json_is_boolean(j))
        return fault_set(fault, TGC_EINVAL, "%s must be true or false", key);
    *ret = json_is_true(j);
    return 0;
}

int body_check_members(const json_t *body, const char *const *names, struct fault *fault)
{
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)body, key, value) {
        const char *const *name = names;
        while (*name && strcmp(*name, key) != 0)
            name++;
        if (!*name)
            return fault_set(fault, TGC_EINVAL, "it has no member \"%s\"", key);
    }
    return 0;
}
