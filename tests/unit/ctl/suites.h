#ifndef TGCALLD_TESTS_CTL_SUITES_H
#define TGCALLD_TESTS_CTL_SUITES_H

#include <check.h>

Suite *suite_advice(void);
Suite *suite_commands(void);
Suite *suite_pick(void);
Suite *suite_prompt(void);
Suite *suite_table(void);

#endif
