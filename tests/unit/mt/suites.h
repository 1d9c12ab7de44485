#ifndef TGCALLD_TESTS_MT_SUITES_H
#define TGCALLD_TESTS_MT_SUITES_H

#include <check.h>

Suite *suite_ids(void);
Suite *suite_messages(void);
Suite *suite_rpc_error(void);
Suite *suite_handshake_vectors(void);
Suite *suite_handshake(void);
Suite *suite_handshake_server(void);
Suite *suite_bind(void);
Suite *suite_session_parts(void);
Suite *suite_session_send(void);
Suite *suite_session_read(void);
Suite *suite_session_time(void);
Suite *suite_session_container(void);
Suite *suite_session_once(void);
Suite *suite_session_packed(void);
Suite *suite_session_answers(void);
Suite *suite_session_bad_salt(void);
Suite *suite_session_future_salts(void);
Suite *suite_session_repair(void);
Suite *suite_session_salts(void);
Suite *suite_session_link(void);
Suite *suite_session_state(void);
Suite *suite_session_chaos(void);
Suite *suite_starved(void);

#endif
