#ifndef TGCALLD_TESTS_SANDBOX_SUITES_H
#define TGCALLD_TESTS_SANDBOX_SUITES_H

#include <check.h>

Suite *suite_world(void);
Suite *suite_auth(void);
Suite *suite_login_token(void);
Suite *suite_phone(void);
Suite *suite_call(void);
Suite *suite_in_call(void);
Suite *suite_call_message(void);
Suite *suite_conference(void);
Suite *suite_crowd(void);
Suite *suite_participants(void);
Suite *suite_updates(void);
Suite *suite_difference(void);
Suite *suite_query(void);
Suite *suite_inject(void);
Suite *suite_address(void);
Suite *suite_client(void);
Suite *suite_seed(void);
Suite *suite_session(void);
Suite *suite_numbers(void);
Suite *suite_queries(void);
Suite *suite_faults(void);
Suite *suite_lies(void);
Suite *suite_control(void);
Suite *suite_bind(void);
Suite *suite_hostile(void);
Suite *suite_place(void);
Suite *suite_keys(void);
Suite *suite_keep(void);
Suite *suite_desk(void);
Suite *suite_said(void);
Suite *suite_standing(void);
Suite *suite_stored(void);

#endif
