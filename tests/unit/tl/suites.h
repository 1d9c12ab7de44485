#ifndef TGCALLD_TESTS_TL_SUITES_H
#define TGCALLD_TESTS_TL_SUITES_H

#include <check.h>

Suite *suite_schema(void);

#endif
