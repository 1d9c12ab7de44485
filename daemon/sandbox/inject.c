#include "daemon/sandbox/inject.h"

#include <string.h>

#include "daemon/mt/handshake_server.h"
#include "daemon/sandbox/json.h"
#include "daemon/sandbox/packet_lie.h"

static const char *const types[] = {
#define X(name, text) name,
    INJECT_TYPES(X)
#undef X
};

void inject_clear(struct inject *in)
{
    while (in->n)
        json_decref(in->rules[--in->n]);
}

void inject_fini(struct inject *in)
{
    inject_clear(in);
}

static bool is_type(const char *name)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (strcmp(types[i], name) == 0)
            return true;
    return false;
}

/* An integer member in a range, or absent where DEFAULT_OK. */
static int check_int(const json_t *rule, const char *key, json_int_t min, json_int_t max, bool default_ok,
                     struct fault *fault)
{
    const json_t *j = json_object_get(rule, key);

    if (!j && default_ok)
        return 0;
    if (!json_is_integer(j) || json_integer_value(j) < min || json_integer_value(j) > max)
        return fault_set(fault, TGC_EINVAL, "%s must be an integer from %lld to %lld", key, (long long)min,
                         (long long)max);
    return 0;
}

static int check_rule(const json_t *rule, struct fault *fault)
{
    const char *type = json_get_text(rule, "type");
    int err = check_int(rule, "count", 0, 1000000, true, fault);

    if (!is_type(type))
        return fault_set(fault, TGC_EINVAL, "there is no fault of type \"%s\"", type);
    if (!err && json_object_get(rule, "method") && !json_is_string(json_object_get(rule, "method")))
        err = fault_set(fault, TGC_EINVAL, "method must be a string");
    if (!err && strcmp(type, "rpc_error") == 0) {
        err = check_int(rule, "code", -10000, 10000, false, fault);
        if (!err && !*json_get_text(rule, "message"))
            err = fault_set(fault, TGC_EINVAL, "message must be a string");
    }
    if (!err && strcmp(type, "delay") == 0)
        err = check_int(rule, "ms", 1, 600000, false, fault);
    if (!err && strcmp(type, "large") == 0)
        err = check_int(rule, "n", 1, 1000000, false, fault);
    if (!err && strcmp(type, "migrate") == 0)
        err = check_int(rule, "dc", 1, 2, false, fault);
    if (!err && json_object_get(rule, "permanent") && !json_is_boolean(json_object_get(rule, "permanent")))
        err = fault_set(fault, TGC_EINVAL, "permanent must be true or false");
    if (!err && strcmp(type, "packet") == 0 && packet_lie_find(json_get_text(rule, "lie")) == PACKET_LIE_NONE)
        err = fault_set(fault, TGC_EINVAL, "there is no packet lie \"%s\"", json_get_text(rule, "lie"));
    if (!err && strcmp(type, "transport_error") == 0)
        err = check_int(rule, "code", -10000, -1, false, fault);
    if (!err && strcmp(type, "bad_msg") == 0)
        err = check_int(rule, "code", 16, 64, false, fault);
    if (!err && strcmp(type, "handshake") == 0 && mt_handshake_lie_find(json_get_text(rule, "lie")) == MT_LIE_NONE)
        err = fault_set(fault, TGC_EINVAL, "there is no handshake lie \"%s\"", json_get_text(rule, "lie"));
    return err;
}

int inject_add(struct inject *in, const json_t *rule, struct fault *fault)
{
    if (!json_is_object(rule))
        return fault_set(fault, TGC_EINVAL, "a fault is an object with type");
    int err = check_rule(rule, fault);
    if (err)
        return err;
    if (in->n == INJECT_RULES_MAX)
        return fault_set(fault, TGC_ELIMIT, "there are %d faults waiting already", INJECT_RULES_MAX);
    json_t *copy = json_deep_copy(rule);
    if (!copy)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (!json_object_get(copy, "count"))
        json_put(copy, "count", json_integer(1));
    in->rules[in->n++] = copy;
    return 0;
}

static bool fits(const json_t *rule, const char *type, const char *method)
{
    const char *want = json_get_text(rule, "method");

    return strcmp(json_get_text(rule, "type"), type) == 0 && (!*want || (method && strcmp(want, method) == 0));
}

const json_t *inject_find(const struct inject *in, const char *type, const char *method)
{
    for (unsigned i = 0; i < in->n; i++)
        if (fits(in->rules[i], type, method))
            return in->rules[i];
    return NULL;
}

json_t *inject_take(struct inject *in, const char *type, const char *method)
{
    for (unsigned i = 0; i < in->n; i++) {
        json_t *rule = in->rules[i];
        if (!fits(rule, type, method))
            continue;
        int64_t count = json_get_long(rule, "count");
        if (count != 1) {
            if (count > 1)
                json_put(rule, "count", json_integer(count - 1));
            return json_incref(rule);
        }
        in->n--;
        memmove(in->rules + i, in->rules + i + 1, (in->n - i) * sizeof(*in->rules));
        return rule;
    }
    return NULL;
}

json_t *inject_list(const struct inject *in)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < in->n; i++)
        json_array_append(list, in->rules[i]);
    return list;
}
