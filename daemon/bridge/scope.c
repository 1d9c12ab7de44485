#include "daemon/bridge/scope.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    unsigned scope;
} scopes[] = {
    {"read", SCOPE_READ},       {"calls", SCOPE_CALLS},     {"accounts", SCOPE_ACCOUNTS},
    {"methods", SCOPE_METHODS}, {"secrets", SCOPE_SECRETS}, {"admin", SCOPE_ADMIN},
};
enum { SCOPE_COUNT = sizeof(scopes) / sizeof(scopes[0]) };

unsigned scope_parse(const char *name)
{
    for (size_t i = 0; i < SCOPE_COUNT; i++)
        if (strcmp(scopes[i].name, name) == 0)
            return scopes[i].scope;
    return 0;
}

void scope_text(unsigned set, char out[static SCOPE_TEXT_SIZE])
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < SCOPE_COUNT; i++)
        if (set & scopes[i].scope)
            n += (size_t)snprintf(out + n, SCOPE_TEXT_SIZE - n, "%s%s", n ? ", " : "", scopes[i].name);
}

json_t *scope_names(unsigned set)
{
    json_t *names = json_array();

    for (size_t i = 0; i < SCOPE_COUNT; i++)
        if (set & scopes[i].scope && json_array_append_new(names, json_string(scopes[i].name)) < 0) {
            json_decref(names);
            return NULL;
        }
    return names;
}
