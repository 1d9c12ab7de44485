#ifndef TGCALLD_TESTS_TL_SUITES_H
#define TGCALLD_TESTS_TL_SUITES_H

#include <check.h>

Suite *suite_primitives(void);
Suite *suite_schema(void);
Suite *suite_objects(void);
Suite *suite_outline(void);
Suite *suite_encode(void);
Suite *suite_guess(void);
Suite *suite_walk(void);
Suite *suite_text(void);
Suite *suite_peers(void);
Suite *suite_members(void);
Suite *suite_property(void);
Suite *suite_memory(void);
Suite *suite_values(void);

#endif
