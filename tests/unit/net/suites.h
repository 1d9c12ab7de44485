#ifndef TGCALLD_TESTS_NET_SUITES_H
#define TGCALLD_TESTS_NET_SUITES_H

#include <check.h>

Suite *suite_dial(void);
Suite *suite_gate(void);
Suite *suite_gate_stopped(void);
Suite *suite_link(void);
Suite *suite_link_ends(void);
Suite *suite_loop(void);
Suite *suite_mtproxy(void);
Suite *suite_route(void);

#endif
