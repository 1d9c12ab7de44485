#ifndef TGCALLD_TESTS_CTL_SUITES_H
#define TGCALLD_TESTS_CTL_SUITES_H

#include <check.h>

Suite *suite_prompt(void);

#endif
