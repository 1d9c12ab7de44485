#include "daemon/sandbox/fault/inject.h"

#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/mt/handshake_server.h"
#include "daemon/sandbox/fault/packet_lie.h"
#include "daemon/sandbox/world/json.h"

/* What a type of fault has beside type, count and method. */
struct member {
    const char *type, *key;
    int (*check)(const struct member *m, const json_t *value, struct fault *fault);
    json_int_t min, max;
    bool optional;
};

static int check_int(const struct member *m, const json_t *value, struct fault *fault)
{
    if (json_is_integer(value) && json_integer_value(value) >= m->min && json_integer_value(value) <= m->max)
        return 0;
    return fault_set(fault, TGC_EINVAL, "%s must be an integer from %lld to %lld", m->key, (long long)m->min,
                     (long long)m->max);
}

static int check_text(const struct member *m, const json_t *value, struct fault *fault)
{
    json_int_t len = (json_int_t)json_string_length(value);

    if (!json_is_string(value) || len < m->min)
        return fault_set(fault, TGC_EINVAL, "%s must be a string", m->key);
    return len <= m->max ? 0 : fault_set(fault, TGC_EINVAL, "%s has more than %lld bytes", m->key, (long long)m->max);
}

static int check_bool(const struct member *m, const json_t *value, struct fault *fault)
{
    return json_is_boolean(value) ? 0 : fault_set(fault, TGC_EINVAL, "%s must be true or false", m->key);
}

static const char *text_of(const json_t *value)
{
    return json_is_string(value) ? json_string_value(value) : "";
}

static int check_packet_lie(const struct member *m, const json_t *value, struct fault *fault)
{
    if (packet_lie_find(text_of(value)) != PACKET_LIE_NONE)
        return 0;
    return fault_set(fault, TGC_EINVAL, "there is no packet lie \"%s\"", text_of(value));
}

static int check_handshake_lie(const struct member *m, const json_t *value, struct fault *fault)
{
    if (mt_handshake_lie_find(text_of(value)) != MT_LIE_NONE)
        return 0;
    return fault_set(fault, TGC_EINVAL, "there is no handshake lie \"%s\"", text_of(value));
}

enum strikes { PACKET, ANSWER, UPDATE };

static const struct type {
    const char *name;
    enum strikes strikes;
} types[] = {
#define X(name, strikes, text) {name, strikes},
    INJECT_TYPES(X)
#undef X
};

static const struct member members[] = {
    {"rpc_error", "code", check_int, -10000, 10000, false},
    {"rpc_error", "message", check_text, 1, LIMIT_RPC_ERROR - 1, false},
    {"delay", "ms", check_int, 1, 600000, false},
    {"large", "n", check_int, 1, 1000000, false},
    {"migrate", "dc", check_int, 1, 2, false},
    {"packet", "lie", check_packet_lie, 0, 0, false},
    {"handshake", "lie", check_handshake_lie, 0, 0, false},
    {"transport_error", "code", check_int, -10000, -1, false},
    {"bad_msg", "code", check_int, 16, 64, false},
    {"forget_key", "permanent", check_bool, 0, 0, true},
};

static const struct member for_count = {.key = "count", .check = check_int, .min = 0, .max = 1000000, .optional = true};
static const struct member for_every = {.key = "every", .check = check_int, .min = 1, .max = 1000000, .optional = true};
static const struct member for_user = {.key = "user", .check = check_int, .min = 1, .max = INT64_MAX, .optional = true};
static const struct member for_method = {.key = "method", .check = check_text, .min = 0, .max = 255, .optional = true};

void inject_clear(struct inject *in)
{
    while (in->n)
        json_decref(in->rules[--in->n]);
}

void inject_fini(struct inject *in)
{
    inject_clear(in);
}

static const struct type *find_type(const char *name)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

static const struct member *find_member(const struct type *type, const char *key)
{
    if (strcmp(key, for_count.key) == 0)
        return &for_count;
    if (type->strikes == ANSWER && strcmp(key, for_method.key) == 0)
        return &for_method;
    if (type->strikes == UPDATE && strcmp(key, for_every.key) == 0)
        return &for_every;
    if (type->strikes == UPDATE && strcmp(key, for_user.key) == 0)
        return &for_user;
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
        if (strcmp(members[i].type, type->name) == 0 && strcmp(members[i].key, key) == 0)
            return &members[i];
    return NULL;
}

static int check_rule(const json_t *rule, struct fault *fault)
{
    const struct type *type = find_type(json_get_text(rule, "type"));
    const char *key;
    json_t *value;

    if (!type)
        return fault_set(fault, TGC_EINVAL, "there is no fault of type \"%s\"", json_get_text(rule, "type"));
    json_object_foreach ((json_t *)rule, key, value) {
        const struct member *m = find_member(type, key);
        if (!m && strcmp(key, "type") != 0)
            return fault_set(fault, TGC_EINVAL, "a fault of type \"%s\" has no member \"%s\"", type->name, key);
        if (m && m->check(m, value, fault))
            return fault->err;
    }
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        const struct member *m = &members[i];
        if (strcmp(m->type, type->name) == 0 && !m->optional && !json_object_get(rule, m->key))
            return m->check(m, NULL, fault);
    }
    return 0;
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

/* Rule I strikes: counted down; a new reference. */
static json_t *strike(struct inject *in, unsigned i)
{
    json_t *rule = in->rules[i];
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

json_t *inject_take(struct inject *in, const char *type, const char *method)
{
    for (unsigned i = 0; i < in->n; i++)
        if (fits(in->rules[i], type, method))
            return strike(in, i);
    return NULL;
}

/* Whether it is the turn of one that fits: "passed" of them were let by since it struck last. */
static bool is_turn(json_t *rule)
{
    int64_t every = json_get_long(rule, "every"), passed = json_get_long(rule, "passed") + 1;

    if (every <= 1)
        return true;
    json_put(rule, "passed", json_integer(passed % every));
    return passed == every;
}

bool inject_take_update(struct inject *in, const char *type, int64_t user)
{
    for (unsigned i = 0; i < in->n; i++) {
        int64_t whose = json_get_long(in->rules[i], "user");
        if (!fits(in->rules[i], type, NULL) || (whose && whose != user) || !is_turn(in->rules[i]))
            continue;
        json_decref(strike(in, i));
        return true;
    }
    return false;
}

json_t *inject_list(const struct inject *in)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < in->n; i++)
        json_array_append(list, in->rules[i]);
    return list;
}
