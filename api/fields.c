#include "api/fields.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/suggest.h"
#include "daemon/base/fault.h"
#include "daemon/base/peer_text.h"
#include "daemon/base/proxy.h"
#include "daemon/base/time_text.h"
#include "daemon/base/utf8.h"

enum {
    ERRORS_MAX = 50, /* a body of a thousand unknown members is not worth a thousand sentences */
    ACCOUNT_NAME_MAX = 32
};

void faults_add(struct faults *f, const char *name, const char *detail)
{
    struct fault where = {0};

    if (name)
        fault_path_member(&where, name);
    if (f->inside)
        fault_path_member(&where, f->inside);
    /* Many a program shows its user nothing but the detail. */
    if (!f->found)
        f->problem = problem_new(PROBLEM_INVALID_REQUEST, 0, "%s%s%s", where.path, where.path[0] ? ": " : "", detail);
    f->found = true;
    if (++f->count <= ERRORS_MAX)
        problem_add_error(f->problem, where.path, detail);
}

bool field_is_account(const char *text)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789",
                      rest[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t len = strlen(text);

    return len >= 1 && len <= ACCOUNT_NAME_MAX && strchr(first, text[0]) && strspn(text, rest) == len;
}

bool field_parse_int64(const char *text, int64_t *ret)
{
    const char *digits = text + (*text == '-');
    size_t len = strlen(digits);

    if (len == 0 || len > 19 || strspn(digits, "0123456789") != len || (*digits == '0' && (len > 1 || *text == '-')))
        return false;
    errno = 0;
    long long n = strtoll(text, NULL, 10);
    if (errno == ERANGE)
        return false;
    *ret = n;
    return true;
}

/* A string with a NUL inside is no word of any of our grammars. */
static const char *plain_text(const json_t *value)
{
    const char *text = json_string_value(value);

    return text && strlen(text) == json_string_length(value) ? text : NULL;
}

/* Judges *VALUE; may put another in its place (the old one is then released). */
typedef int (*checker)(const struct field *field, json_t **value, struct fault *why);

static int become_integer(json_t **value, int64_t n, struct fault *why)
{
    json_t *integer = json_integer(n);

    if (!integer)
        return fault_set(why, TGC_ENOMEM, "out of memory");
    json_decref(*value);
    *value = integer;
    return 0;
}

static int check_string(const struct field *field, json_t **value, struct fault *why)
{
    if (!json_is_string(*value))
        return fault_set(why, TGC_EINVAL, "a string was expected");
    if (field->plain && !plain_text(*value))
        return fault_set(why, TGC_EINVAL, "it cannot have a NUL in it");
    size_t count = utf8_count(json_string_value(*value), json_string_length(*value));
    if (count > (uint64_t)field->max)
        return fault_set(why, TGC_EINVAL, "at most %" PRId64 " characters", field->max);
    if (count < (uint64_t)field->min)
        return fault_set(why, TGC_EINVAL, "at least %" PRId64 " character%s", field->min, field->min == 1 ? "" : "s");
    return 0;
}

static int check_range(const struct field *field, int64_t n, struct fault *why)
{
    if (n < field->min || n > field->max)
        return fault_set(why, TGC_EINVAL, "must be from %" PRId64 " to %" PRId64, field->min, field->max);
    return 0;
}

static int check_integer(const struct field *field, json_t **value, struct fault *why)
{
    if (!json_is_integer(*value))
        return fault_set(why, TGC_EINVAL, "an integer was expected");
    return check_range(field, json_integer_value(*value), why);
}

static int read_long(const json_t *value, int64_t *ret, struct fault *why)
{
    if (json_is_integer(value)) {
        *ret = json_integer_value(value);
        return 0;
    }
    const char *text = plain_text(value);
    if (!text || !field_parse_int64(text, ret))
        return fault_set(why, TGC_EINVAL, "an integer of 64 bits or the decimal string of one was expected");
    return 0;
}

static int check_long(const struct field *field, json_t **value, struct fault *why)
{
    int64_t n;
    int err = read_long(*value, &n, why);

    if (!err)
        err = check_range(field, n, why);
    return err ? err : become_integer(value, n, why);
}

static int check_bool(const struct field *field, json_t **value, struct fault *why)
{
    return json_is_boolean(*value) ? 0 : fault_set(why, TGC_EINVAL, "true or false was expected");
}

static int check_enum(const struct field *field, json_t **value, struct fault *why)
{
    const char *text = plain_text(*value);
    char list[128] = "";

    for (const char *const *choice = field->choices; *choice; choice++) {
        if (text && strcmp(text, *choice) == 0)
            return 0;
        if (list[0])
            strncat(list, ", ", sizeof(list) - strlen(list) - 1);
        strncat(list, *choice, sizeof(list) - strlen(list) - 1);
    }
    return fault_set(why, TGC_EINVAL, "one of %s was expected", list);
}

#define TIME_EXAMPLES "such as 1767258000 or \"2026-01-01T10:00:00+01:00\""

/* What keeps TEXT from being a time. */
static const char *time_reason(const char *text)
{
    char with_offset[64];
    int64_t n;

    if (!text)
        return "it is neither a number nor a text";
    if (field_parse_int64(text, &n))
        return "a number is written without quotes";
    snprintf(with_offset, sizeof(with_offset), "%.50sZ", text);
    if (time_rfc3339_parse(with_offset, strlen(with_offset), &n) == 0)
        return "its offset from UTC is missing";
    return "it is no such time";
}

static int check_time(const struct field *field, json_t **value, struct fault *why)
{
    const char *text = plain_text(*value);
    int64_t n;

    if (json_is_integer(*value))
        n = json_integer_value(*value);
    else if (!text || time_rfc3339_parse(text, strlen(text), &n) != 0)
        return fault_set(why, TGC_EINVAL, "Unix seconds or an RFC 3339 time was expected, " TIME_EXAMPLES ": %s",
                         time_reason(text));
    if (n < 1 || n > INT32_MAX)
        return fault_set(
            why, TGC_EINVAL, "must be from 1 to %d seconds since 1970 (2038-01-19T03:14:07Z), " TIME_EXAMPLES "%s",
            INT32_MAX, !text && n > INT32_MAX && n / 1000 <= INT32_MAX ? ": these look like milliseconds" : "");
    return become_integer(value, n, why);
}

static int check_peer(const struct field *field, json_t **value, struct fault *why)
{
    struct peer_text peer;
    enum peer_kind kind;
    int64_t id;

    if (json_is_string(*value))
        return peer_text_parse(json_string_value(*value), json_string_length(*value), &peer, why);
    if (json_is_integer(*value)) {
        if (peer_marked_id_parse(json_integer_value(*value), &kind, &id) == 0)
            return 0;
        return fault_set(why, TGC_EINVAL, "not a marked id of a user, a basic group or a channel");
    }
    const char *name = plain_text(json_object_get(*value, "_"));
    /* Whose members they are, the schema knows. */
    if (name && (strncmp(name, "inputPeer", 9) == 0 || strncmp(name, "peer", 4) == 0))
        return 0;
    return fault_set(why, TGC_EINVAL, "a peer as text, a marked id, a Peer or an InputPeer object was expected");
}

static int check_random(const struct field *field, json_t **value, struct fault *why)
{
    int64_t n;
    int err = read_long(*value, &n, why);

    if (err)
        return err;
    if (n == 0 || n < INT32_MIN || n > INT32_MAX)
        return fault_set(why, TGC_EINVAL, "must be an integer of 32 bits that is not 0");
    return become_integer(value, n, why);
}

static int check_named(json_t *value, const char *what, struct fault *why)
{
    const char *text = plain_text(value);

    if (text && field_is_account(text))
        return 0;
    return fault_set(why, TGC_EINVAL, "%s was expected: 1 to 32 of a-z, 0-9, '_' and '-', not starting with '_' or '-'",
                     what);
}

static int check_account(const struct field *field, json_t **value, struct fault *why)
{
    return check_named(*value, "an account's name", why);
}

static int check_name(const struct field *field, json_t **value, struct fault *why)
{
    return check_named(*value, "a name", why);
}

static int check_proxy(const struct field *field, json_t **value, struct fault *why)
{
    const char *text = plain_text(*value);
    struct fault wrong = {0};
    struct proxy proxy;

    if (text && strcmp(text, PROXY_NONE) == 0)
        return 0;
    int err = proxy_parse(text ? text : "", &proxy, &wrong);
    proxy_wipe(&proxy);
    return err ? fault_set(why, err, "%.190s; \"" PROXY_NONE "\": directly, null: by the daemon's own way", wrong.text)
               : 0;
}

static int check_object(const struct field *field, json_t **value, struct fault *why)
{
    return json_is_object(*value) ? 0 : fault_set(why, TGC_EINVAL, "an object was expected");
}

static int check_list(const struct field *field, json_t **value, struct fault *why)
{
    size_t n = json_array_size(*value);

    if (!json_is_array(*value))
        return fault_set(why, TGC_EINVAL, "an array was expected");
    if (n > (uint64_t)field->max)
        return fault_set(why, TGC_EINVAL, "at most %" PRId64 " items", field->max);
    if (n < (uint64_t)field->min)
        return fault_set(why, TGC_EINVAL, "at least %" PRId64 " item%s", field->min, field->min == 1 ? "" : "s");
    return 0;
}

/* Text is left as it was written: whose words these are may care. */
static int check_json(const struct field *field, json_t **value, struct fault *why)
{
    if (json_is_object(*value)) {
        char *text = json_dumps(*value, JSON_COMPACT);
        json_t *string = text ? json_string(text) : NULL;
        free(text);
        if (!string)
            return fault_set(why, TGC_ENOMEM, "out of memory");
        json_decref(*value);
        *value = string;
    } else {
        json_t *object = json_loadb(json_is_string(*value) ? json_string_value(*value) : "", json_string_length(*value),
                                    JSON_REJECT_DUPLICATES, NULL);
        bool ok = json_is_object(object);
        json_decref(object);
        if (!ok)
            return fault_set(why, TGC_EINVAL, "an object, or a string with the JSON of one in it, was expected");
    }
    if (json_string_length(*value) > (uint64_t)field->max)
        return fault_set(why, TGC_EINVAL, "at most %" PRId64 " bytes", field->max);
    return 0;
}

static const checker checkers[FIELD_TYPE_COUNT] = {
    [FIELD_STRING] = check_string, [FIELD_INTEGER] = check_integer, [FIELD_LONG] = check_long,
    [FIELD_BOOL] = check_bool,     [FIELD_ENUM] = check_enum,       [FIELD_TIME] = check_time,
    [FIELD_PEER] = check_peer,     [FIELD_RANDOM] = check_random,   [FIELD_ACCOUNT] = check_account,
    [FIELD_NAME] = check_name,     [FIELD_OBJECT] = check_object,   [FIELD_LIST] = check_list,
    [FIELD_JSON] = check_json,     [FIELD_PROXY] = check_proxy,
};

/* As deep as the tables are. */
static void check_members(const struct field *field, json_t *object, struct faults *faults)
{
    const char *outside = faults->inside;

    faults->inside = field->name;
    fields_check(field->members, object, faults);
    faults->inside = outside;
}

static void check_items(const struct field *field, json_t *list, struct faults *faults)
{
    const char *outside = faults->inside;
    char index[24];

    faults->inside = field->name;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i), *held = json_incref(item);
        struct fault why = {0};
        snprintf(index, sizeof(index), "%zu", i);
        if (checkers[field->items->type](field->items, &held, &why) != 0)
            faults_add(faults, index, why.text);
        else if (held != item && json_array_set(list, i, held) < 0)
            faults_add(faults, index, "out of memory");
        json_decref(held);
    }
    faults->inside = outside;
}

static bool is_replaced(const struct field *field, const json_t *object)
{
    return field->instead && json_is_true(json_object_get(object, field->instead));
}

static void check_one(const struct field *field, json_t *object, struct faults *faults)
{
    json_t *value = json_object_get(object, field->name);
    bool replaced = is_replaced(field, object);
    char text[96];

    if (!value || json_is_null(value)) {
        if (value && !field->null_counts)
            json_object_del(object, field->name);
        if (field->required && !replaced)
            faults_add(faults, field->name, "is missing");
        return;
    }
    if (replaced) {
        snprintf(text, sizeof(text), "does not go together with \"%s\": true", field->instead);
        faults_add(faults, field->name, text);
        return;
    }
    struct fault why = {0};
    json_t *held = json_incref(value);
    if (checkers[field->type](field, &held, &why) != 0)
        faults_add(faults, field->name, why.text);
    else if (held != value && json_object_set(object, field->name, held) < 0)
        faults_add(faults, field->name, "out of memory");
    else if (field->members)
        check_members(field, held, faults);
    else if (field->items)
        check_items(field, held, faults);
    json_decref(held);
}

/* What may not be there at all needs nothing beside it. */
static void check_need(const struct field *field, const json_t *object, struct faults *faults)
{
    char text[128];

    if (!json_is_true(json_object_get(object, field->name)) || json_object_get(object, field->needs) ||
        is_replaced(field, object))
        return;
    snprintf(text, sizeof(text), "means something only together with \"%s\"", field->needs);
    faults_add(faults, field->name, text);
}

/* -1: there is none. */
static int index_of(const struct field *spec, const char *name)
{
    for (int i = 0; spec[i].name; i++)
        if (strcmp(spec[i].name, name) == 0)
            return i;
    return -1;
}

static void add_unknown(const struct field *spec, const char *name, struct faults *faults)
{
    const char *near = suggest_member(spec, name);
    char text[128];

    if (faults->elsewhere && !faults->inside && index_of(faults->elsewhere, name) >= 0) {
        faults_add(faults, name, faults->elsewhere_detail);
        return;
    }
    snprintf(text, sizeof(text), "there is no such member: did you mean \"%s\"?", near ? near : "");
    faults_add(faults, name, near ? text : "there is no such member");
}

/* Few of many members are given: for the others nothing is looked up. */
void fields_check(const struct field *spec, json_t *object, struct faults *faults)
{
    uint64_t given = 0;
    const char *name;
    json_t *value;
    int i;

    json_object_foreach (object, name, value) {
        i = index_of(spec, name);
        if (i < 0)
            add_unknown(spec, name, faults);
        else
            given |= UINT64_C(1) << (i % 64);
    }
    for (i = 0; spec[i].name; i++)
        if (spec[i].required || given >> (i % 64) & 1)
            check_one(&spec[i], object, faults);
    for (i = 0; spec[i].name; i++)
        if (spec[i].needs && given >> (i % 64) & 1)
            check_need(&spec[i], object, faults);
}

bool fields_all_optional(const struct field *spec)
{
    for (; spec->name; spec++)
        if (spec->required)
            return false;
    return true;
}
