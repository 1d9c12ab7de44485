#ifndef TGCALLD_TESTS_WIRE_SUITES_H
#define TGCALLD_TESTS_WIRE_SUITES_H

#include <check.h>

Suite *suite_fake_tls(void);
Suite *suite_faults(void);
Suite *suite_frames(void);
Suite *suite_obfuscated(void);
Suite *suite_round_trip(void);
Suite *suite_tunnel(void);

#endif
