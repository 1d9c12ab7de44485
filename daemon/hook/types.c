#include "daemon/hook/types.h"

#include <stdlib.h>
#include <string.h>

static bool is_type(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._");

    return n && n <= HOOK_TYPE_MAX && !name[n];
}

/* TEXT is taken, with N names in it. */
static void point(struct hook_types *t, char *text, size_t n)
{
    *t = (struct hook_types){.text = text, .n = n};
    for (size_t i = 0; i < n; i++) {
        t->list[i] = text;
        text += strlen(text) + 1;
    }
}

int hook_types_make(const char *const *list, size_t n, struct hook_types *ret, struct fault *fault)
{
    size_t size = 1;

    if (n > LIMIT_HOOK_TYPES) {
        int err = fault_set(fault, TGC_EINVAL, "A webhook has at most %d types", LIMIT_HOOK_TYPES);
        fault_path_member(fault, "types");
        return err;
    }
    for (size_t i = 0; i < n; i++) {
        if (!is_type(list[i])) {
            int err = fault_set(fault, TGC_EINVAL, "It is no event type");
            fault_path_index(fault, i);
            fault_path_member(fault, "types");
            return err;
        }
        size += strlen(list[i]) + 1;
    }
    char *text = malloc(size), *to = text;
    if (!text)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        to = stpcpy(to, list[i]) + 1;
    point(ret, text, n);
    return 0;
}

char *hook_types_write(const struct hook_types *t)
{
    size_t size = 1;

    for (size_t i = 0; i < t->n; i++)
        size += strlen(t->list[i]) + 1;
    char *text = calloc(1, size), *to = text;
    for (size_t i = 0; text && i < t->n; i++) {
        if (i)
            *to++ = ' ';
        to = stpcpy(to, t->list[i]);
    }
    return text;
}

int hook_types_read(const char *text, struct hook_types *ret, struct fault *fault)
{
    const char *list[LIMIT_HOOK_TYPES + 1];
    char *copy = strdup(text), *save = NULL;
    size_t n = 0;

    if (!copy)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    for (char *name = strtok_r(copy, " ", &save); name && n <= LIMIT_HOOK_TYPES; name = strtok_r(NULL, " ", &save))
        list[n++] = name;
    int err = hook_types_make(list, n, ret, fault);
    free(copy);
    return err;
}

void hook_types_fini(struct hook_types *t)
{
    free(t->text);
    *t = (struct hook_types){0};
}

bool hook_types_have(const struct hook_types *t, const char *type)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->list[i], type) == 0)
            return true;
    return !t->n || strcmp(type, "gap") == 0;
}
