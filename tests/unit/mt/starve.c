#include "tests/unit/mt/starve.h"

#include <stddef.h>

static long left = -1;
static bool happened, paused;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);

void starve_at(long n)
{
    left = n;
    happened = false;
}

void starve_pause(void)
{
    paused = true;
}

void starve_resume(void)
{
    paused = false;
}

bool starve_happened(void)
{
    return happened;
}

static bool is_due(void)
{
    if (left < 0 || paused)
        return false;
    bool due = left-- == 0;
    happened = happened || due;
    return due;
}

void *__wrap_malloc(size_t size)
{
    return is_due() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return is_due() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return is_due() ? NULL : __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
    return is_due() ? NULL : __real_reallocarray(p, n, size);
}
