#ifndef TGCALLD_TESTS_TG_SUITES_H
#define TGCALLD_TESTS_TG_SUITES_H

#include <check.h>

Suite *suite_account(void);
Suite *suite_calls(void);
Suite *suite_chat(void);
Suite *suite_chat_lock(void);
Suite *suite_connection(void);
Suite *suite_connection_keys(void);
Suite *suite_connection_state(void);
Suite *suite_fake_dc(void);
Suite *suite_fake_net(void);
Suite *suite_evidence(void);
Suite *suite_create_finds(void);
Suite *suite_fate(void);
Suite *suite_flood(void);
Suite *suite_facts(void);
Suite *suite_init_prefix(void);
Suite *suite_invoke(void);
Suite *suite_judge(void);
Suite *suite_keys(void);
Suite *suite_known_calls(void);
Suite *suite_known_chats(void);
Suite *suite_known_model(void);
Suite *suite_known_proof(void);
Suite *suite_move(void);
Suite *suite_names(void);
Suite *suite_older(void);
Suite *suite_resolve(void);
Suite *suite_login(void);
Suite *suite_login_fate(void);
Suite *suite_logout(void);
Suite *suite_needs(void);
Suite *suite_own_methods(void);
Suite *suite_peers(void);
Suite *suite_repeat(void);
Suite *suite_refresh(void);
Suite *suite_replace(void);
Suite *suite_request(void);
Suite *suite_starved(void);
Suite *suite_two_accounts(void);
Suite *suite_updates(void);

#endif
