/* All that is counted by itself: id, family, labels, and the family's type and help in METER_FAMILIES. Those of one
 * family stand together. */
#ifndef TGCALLD_BASE_METER_LIST_H
#define TGCALLD_BASE_METER_LIST_H

/* In the order of enum tg_account_state, and of enum tg_connection_state. */
#define METER_NUMBERS(X)                                                                                               \
    X(HTTP_CONNECTIONS, "tgcalld_http_connections", "")                                                                \
    X(ACCOUNT_WAIT_LOGIN, "tgcalld_accounts", "state=\"wait_login\"")                                                  \
    X(ACCOUNT_WAIT_CODE, "tgcalld_accounts", "state=\"wait_code\"")                                                    \
    X(ACCOUNT_WAIT_QR, "tgcalld_accounts", "state=\"wait_qr\"")                                                        \
    X(ACCOUNT_WAIT_PASSWORD, "tgcalld_accounts", "state=\"wait_password\"")                                            \
    X(ACCOUNT_WAIT_REGISTRATION, "tgcalld_accounts", "state=\"wait_registration\"")                                    \
    X(ACCOUNT_WAIT_EMAIL, "tgcalld_accounts", "state=\"wait_email\"")                                                  \
    X(ACCOUNT_WAIT_EMAIL_CODE, "tgcalld_accounts", "state=\"wait_email_code\"")                                        \
    X(ACCOUNT_READY, "tgcalld_accounts", "state=\"ready\"")                                                            \
    X(ACCOUNT_LOGGED_OUT, "tgcalld_accounts", "state=\"logged_out\"")                                                  \
    X(ACCOUNT_REVOKED, "tgcalld_accounts", "state=\"revoked\"")                                                        \
    X(ACCOUNT_DUPLICATED, "tgcalld_accounts", "state=\"duplicated\"")                                                  \
    X(ACCOUNT_FROZEN, "tgcalld_accounts", "state=\"frozen\"")                                                          \
    X(ACCOUNT_BANNED, "tgcalld_accounts", "state=\"banned\"")                                                          \
    X(ACCOUNT_LAYER_TOO_OLD, "tgcalld_accounts", "state=\"layer_too_old\"")                                            \
    X(CONNECTION_OFF, "tgcalld_connections", "state=\"off\"")                                                          \
    X(CONNECTION_WAITING, "tgcalld_connections", "state=\"waiting\"")                                                  \
    X(CONNECTION_DIALING, "tgcalld_connections", "state=\"dialing\"")                                                  \
    X(CONNECTION_EXCHANGING, "tgcalld_connections", "state=\"exchanging\"")                                            \
    X(CONNECTION_READY, "tgcalld_connections", "state=\"ready\"")                                                      \
    X(CONNECTION_ATTEMPTS, "tgcalld_connection_attempts_total", "")                                                    \
    X(RECONNECTS, "tgcalld_reconnects_total", "")                                                                      \
    X(FLOOD_WAITS, "tgcalld_flood_waits_total", "")                                                                    \
    X(FLOOD_WAIT_SECONDS, "tgcalld_flood_wait_seconds_total", "")                                                      \
    X(UPDATES, "tgcalld_updates_total", "")                                                                            \
    X(UPDATE_GAPS_ACCOUNT, "tgcalld_update_gaps_total", "of=\"account\"")                                              \
    X(UPDATE_GAPS_CHANNEL, "tgcalld_update_gaps_total", "of=\"channel\"")                                              \
    X(UPDATES_MISSED, "tgcalld_updates_missed_total", "")                                                              \
    X(SCHEDULE_WAITING, "tgcalld_schedules", "state=\"waiting\"")                                                      \
    X(SCHEDULE_ANNOUNCED, "tgcalld_schedules", "state=\"announced\"")                                                  \
    X(SCHEDULE_RUNNING, "tgcalld_schedules", "state=\"running\"")                                                      \
    X(SCHEDULE_DONE, "tgcalld_schedules", "state=\"done\"")                                                            \
    X(SCHEDULE_PAUSED, "tgcalld_schedules", "state=\"paused\"")                                                        \
    X(OCCURRENCE_STARTED, "tgcalld_schedule_occurrences_total", "outcome=\"started\"")                                 \
    X(OCCURRENCE_EXISTING, "tgcalld_schedule_occurrences_total", "outcome=\"existing\"")                               \
    X(OCCURRENCE_MISSED, "tgcalld_schedule_occurrences_total", "outcome=\"missed\"")                                   \
    X(OCCURRENCE_SKIPPED, "tgcalld_schedule_occurrences_total", "outcome=\"skipped\"")                                 \
    X(OCCURRENCE_REFUSED, "tgcalld_schedule_occurrences_total", "outcome=\"refused\"")                                 \
    X(OCCURRENCE_ENDED_EARLY, "tgcalld_schedule_occurrences_total", "outcome=\"ended_early\"")                         \
    X(EVENTS, "tgcalld_events_total", "")                                                                              \
    X(EVENTS_LOST, "tgcalld_events_lost_total", "")                                                                    \
    X(HOOKS_ACTIVE, "tgcalld_webhooks", "state=\"active\"")                                                            \
    X(HOOKS_PAUSED, "tgcalld_webhooks", "state=\"paused\"")                                                            \
    X(HOOKS_DISABLED, "tgcalld_webhooks", "state=\"disabled\"")                                                        \
    X(HOOK_DELIVERED, "tgcalld_webhook_deliveries_total", "outcome=\"delivered\"")                                     \
    X(HOOK_RETRIED, "tgcalld_webhook_deliveries_total", "outcome=\"retried\"")                                         \
    X(HOOK_FAILED, "tgcalld_webhook_deliveries_total", "outcome=\"failed\"")                                           \
    X(HOOKS_PENDING, "tgcalld_webhooks_pending_events", "")                                                            \
    X(HOOKS_OLDEST, "tgcalld_webhooks_oldest_pending_timestamp_seconds", "")                                           \
    X(LIVE_RUNNING, "tgcalld_live_wishes", "state=\"running\"")                                                        \
    X(LIVE_RECREATING, "tgcalld_live_wishes", "state=\"recreating\"")                                                  \
    X(LIVE_PAUSED, "tgcalld_live_wishes", "state=\"paused\"")                                                          \
    X(LIVE_RECREATIONS, "tgcalld_live_recreations_total", "")                                                          \
    X(STORE_FAILING, "tgcalld_store_failing", "")                                                                      \
    X(STORE_COMMITS, "tgcalld_store_commits_total", "")                                                                \
    X(STORE_FAILURES, "tgcalld_store_failures_total", "")

#define METER_TIMERS(X)                                                                                                \
    X(UPDATE_LAG, "tgcalld_update_lag_seconds",                                                                        \
      "From when Telegram says that something happened to when the daemon tells of it; dates are in whole seconds.")   \
    X(STORE_COMMIT, "tgcalld_store_commit_seconds", "From a transaction's beginning until the disk has it.")

#define METER_FAMILIES(X)                                                                                              \
    X("tgcalld_http_connections", "gauge", "Clients' connections, without those that follow events.")                  \
    X("tgcalld_accounts", "gauge", "Accounts by state.")                                                               \
    X("tgcalld_connections", "gauge", "Connections to Telegram by state.")                                             \
    X("tgcalld_connection_attempts_total", "counter", "Links to Telegram that were begun.")                            \
    X("tgcalld_reconnects_total", "counter", "Connections that were ready, were lost, and are made anew.")             \
    X("tgcalld_flood_waits_total", "counter", "Times that Telegram said to wait.")                                     \
    X("tgcalld_flood_wait_seconds_total", "counter", "How long it said to.")                                           \
    X("tgcalld_updates_total", "counter", "Updates of Telegram that were told onwards, each account's once.")          \
    X("tgcalld_update_gaps_total", "counter", "Times that Telegram was asked for updates that may have been missed.")  \
    X("tgcalld_updates_missed_total", "counter", "Times that updates were missed and will not come.")                  \
    X("tgcalld_schedules", "gauge", "Schedules by state.")                                                             \
    X("tgcalld_schedule_occurrences_total", "counter", "What became of schedules' occurrences, by outcome.")           \
    X("tgcalld_events_total", "counter", "Events that got a number.")                                                  \
    X("tgcalld_events_lost_total", "counter", "Events for which there was no memory: a gap stands in their place.")    \
    X("tgcalld_webhooks", "gauge", "Webhooks by state.")                                                               \
    X("tgcalld_webhook_deliveries_total", "counter", "Tries to deliver an event to a webhook, by what came of them.")  \
    X("tgcalld_webhooks_pending_events", "gauge", "Events that webhooks have not come by yet, of all together.")       \
    X("tgcalld_webhooks_oldest_pending_timestamp_seconds", "gauge",                                                    \
      "When the oldest event happened that waits to be sent again; 0: none does.")                                     \
    X("tgcalld_live_wishes", "gauge", "Chats that are kept live, by state.")                                           \
    X("tgcalld_live_recreations_total", "counter", "Calls that were made anew in chats that are kept live.")           \
    X("tgcalld_store_failing", "gauge", "1 while the database cannot be written.")                                     \
    X("tgcalld_store_commits_total", "counter", "Transactions that are on the disk.")                                  \
    X("tgcalld_store_failures_total", "counter", "Transactions that were rolled back.")

#endif
