#ifndef TGCALLD_TESTS_CONFIG_SUITES_H
#define TGCALLD_TESTS_CONFIG_SUITES_H

#include <check.h>

Suite *suite_options(void);
Suite *suite_paths(void);
Suite *suite_settings(void);

#endif
