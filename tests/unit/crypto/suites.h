#ifndef TGCALLD_TESTS_CRYPTO_SUITES_H
#define TGCALLD_TESTS_CRYPTO_SUITES_H

#include <check.h>

Suite *suite_ctr(void);
Suite *suite_dh(void);
Suite *suite_hash(void);
Suite *suite_ige(void);
Suite *suite_kdf(void);
Suite *suite_pq(void);
Suite *suite_rsa(void);
Suite *suite_seal(void);
Suite *suite_srp(void);

#endif
