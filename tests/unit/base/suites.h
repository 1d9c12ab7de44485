#ifndef TGCALLD_TESTS_BASE_SUITES_H
#define TGCALLD_TESTS_BASE_SUITES_H

#include <check.h>

Suite *suite_buf(void);

#endif
