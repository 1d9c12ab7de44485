#include "tests/support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "daemon/base/hex.h"

/* Where the memory sanitizer is built in: each test is a child that looks for leaks at its end, and goes through all
 * that is in quarantine then. With the sanitizer's 256 MB that is most of the time of all tests. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "quarantine_size_mb=4:thread_local_quarantine_size_kb=64";
}

int unit_main(Suite *const *suites)
{
    if (sodium_init() < 0)
        return 1;
    setenv("CK_TAP_LOG_FILE_NAME", "-", 0);
    SRunner *runner = srunner_create(suites[0]);
    for (size_t i = 1; suites[i]; i++)
        srunner_add_suite(runner, suites[i]);
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}

const char *unit_data_path(const char *name)
{
    static char path[4096];
    const char *top = getenv("TGCALLD_SRCDIR");

    snprintf(path, sizeof(path), "%s/tests/data/%s", top ? top : ".", name);
    return path;
}

char *unit_read_file(const char *path, size_t *ret_len)
{
    FILE *f = fopen(path, "rb");

    ck_assert_msg(f != NULL, "cannot open %s", path);
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    ck_assert_int_ge(size, 0);
    rewind(f);
    char *text = malloc((size_t)size + 1);
    ck_assert_ptr_nonnull(text);
    size_t got = fread(text, 1, (size_t)size, f);
    fclose(f);
    ck_assert_uint_eq(got, (size_t)size);
    text[got] = '\0';
    if (ret_len)
        *ret_len = got;
    return text;
}

json_t *unit_load_json(const char *name)
{
    json_error_t error;
    json_t *j = json_load_file(unit_data_path(name), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

    ck_assert_msg(j != NULL, "%s:%d: %s", name, error.line, error.text);
    return j;
}

uint8_t *unit_hex(const char *hex, size_t *ret_len)
{
    size_t n = strlen(hex) / 2;
    uint8_t *p = malloc(n + 1);

    ck_assert_ptr_nonnull(p);
    ck_assert_int_eq(hex_decode(hex, strlen(hex), p, n), 0);
    if (ret_len)
        *ret_len = n;
    return p;
}

const char *unit_json_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    ck_assert_msg(text != NULL, "no text member %s", key);
    return text;
}

uint8_t *unit_json_hex(const json_t *object, const char *key, size_t *ret_len)
{
    return unit_hex(unit_json_text(object, key), ret_len);
}
