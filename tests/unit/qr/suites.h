#ifndef TGCALLD_TESTS_QR_SUITES_H
#define TGCALLD_TESTS_QR_SUITES_H

#include <check.h>

Suite *suite_qr(void);

#endif
