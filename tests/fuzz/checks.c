/* The desk and the careless server of the unit tests are used here without Check's runner: an assertion that fails is
 * a broken promise like any other. The linker sends it here (--wrap). */
#include <check.h>
#include <stdarg.h>

#include "tests/fuzz/fuzz.h"

CK_ATTRIBUTE_NORETURN void __wrap__ck_assert_failed(const char *file, int line, const char *expr, const char *msg, ...)
    CK_ATTRIBUTE_FORMAT(printf, 4, 5);

void __wrap__ck_assert_failed(const char *file, int line, const char *expr, const char *msg, ...)
{
    va_list ap;

    fprintf(stderr, "%s:%d: %s ", file, line, expr ? expr : "");
    if (msg) {
        va_start(ap, msg);
        vfprintf(stderr, msg, ap);
        va_end(ap);
    }
    fputc('\n', stderr);
    abort();
}

/* Where Check would note that an assertion held. */
void __wrap__mark_point(const char *file, int line);

void __wrap__mark_point(const char *file, int line)
{
}
