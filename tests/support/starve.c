#include "tests/support/starve.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <jansson.h>

static atomic_bool armed, paused, happened;
static atomic_size_t left;
static _Thread_local bool is_spared;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);

static bool fails_now(void)
{
    if (!armed || paused || is_spared || atomic_fetch_sub(&left, 1) > 0)
        return false;
    /* Of two at once the one that is behind counts below zero, which is far. */
    armed = false;
    happened = true;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails_now() ? NULL : __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
    return fails_now() ? NULL : __real_reallocarray(p, n, size);
}

void starve_at(size_t k)
{
    /* jansson's own calls do not pass through the wrap: it must be told. */
    json_set_alloc_funcs(__wrap_malloc, free);
    happened = false;
    left = k;
    armed = true;
}

bool starve_end(void)
{
    armed = false;
    return happened;
}

void starve_spare(void)
{
    is_spared = true;
}

void starve_pause(void)
{
    paused = true;
}

void starve_resume(void)
{
    paused = false;
}
