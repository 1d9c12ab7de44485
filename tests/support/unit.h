/* What every unit test program shares: suites of Check in, TAP out. */
#ifndef TGCALLD_TESTS_UNIT_H
#define TGCALLD_TESTS_UNIT_H

#include <stddef.h>
#include <stdint.h>

#include <check.h>
#include <jansson.h>

/* Runs the suites (NULL ends the list), prints TAP, returns main()'s exit status. CK_FORK=no runs them in one process.
 */
int unit_main(Suite *const *suites);

/* A path below tests/data of the source tree; static storage, one at a time. */
const char *unit_data_path(const char *name);

/* A whole file (below the source tree) with a NUL behind it, or the test fails. Freed by the caller. */
char *unit_read_file(const char *path, size_t *ret_len);

/* tests/data/NAME as JSON, or the test fails. The caller owns it. */
json_t *unit_load_json(const char *name);

/* Hex text → bytes from malloc, or the test fails. */
uint8_t *unit_hex(const char *hex, size_t *ret_len);

/* The hex member KEY of OBJECT as bytes, or the test fails. */
uint8_t *unit_json_hex(const json_t *object, const char *key, size_t *ret_len);

/* A string member, or the test fails. Borrowed. */
const char *unit_json_text(const json_t *object, const char *key);

#endif
