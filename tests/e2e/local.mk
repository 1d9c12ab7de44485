# The whole daemon against the sandbox, by HTTP.
e2e_tests = %D%/accounts.py %D%/accounts_138.py %D%/activation.py %D%/auto_start.py %D%/call_acts.py %D%/calls.py %D%/conference.py %D%/create.py %D%/create_138.py %D%/disk.py \
  %D%/faults.py %D%/hardened.py %D%/kills.py %D%/own_proxy.py %D%/pfs.py %D%/program.py %D%/proxies.py %D%/races.py %D%/restart.py \
  %D%/scarce.py %D%/secrecy.py %D%/sessions.py %D%/stale_calls.py %D%/stop.py %D%/through.py \
  %D%/examples.py %D%/tokens.py %D%/upkeep.py %D%/workers.py
# The command-line client, too.
e2e_tests += %D%/ctl.py %D%/ctl_commands.py %D%/ctl_completion.py %D%/ctl_doctor.py %D%/ctl_events.py %D%/ctl_schema.py %D%/ctl_screens.py %D%/ctl_tls.py %D%/terminal.py
# Many accounts, and what befalls them.
e2e_tests += %D%/baddays.py %D%/many.py %D%/moves.py
# Several nodes at one database.
e2e_tests += %D%/failover.py %D%/nodes.py
# The description, whole.
e2e_tests += %D%/openapi.py %D%/openapi_138.py
# Who did it.
e2e_tests += %D%/audit.py
# Once, whatever befalls it.
e2e_tests += %D%/exactly.py
# By itself, at dates.
e2e_tests += %D%/schedules.py
# Its store in a server.
e2e_tests += %D%/kills_postgresql.py %D%/once_postgresql.py %D%/postgresql.py %D%/restart_postgresql.py %D%/standby.py %D%/webhooks_lasting_postgresql.py
# What it hears by itself.
e2e_tests += %D%/caught_up.py %D%/events.py %D%/updates.py
# What it sends by itself.
e2e_tests += %D%/webhooks.py %D%/webhooks_lasting.py %D%/webhooks_many.py %D%/webhooks_sent.py
EXTRA_DIST += %D%/receiver.py
# The recipes.
e2e_tests += %D%/cookbook.py
# What is told of it to Prometheus.
e2e_tests += %D%/metrics.py
EXTRA_DIST += tests/data/metrics/alerts.yml
# By TLS, and by many.
e2e_tests += %D%/limits.py %D%/live.py %D%/tls.py %D%/tls_clients.py
# Hours of all that; here some seconds.
e2e_tests += %D%/soak.py
# tests/local.mk has these among TESTS already.
dist_check_SCRIPTS += $(e2e_tests) %D%/fate.py %D%/once.py
EXTRA_DIST += %D%/described.py %D%/exchanges.py %D%/followers.py %D%/lib.py %D%/proxy_servers.py %D%/remote.py %D%/screen.py %D%/secure.py %D%/several.py %D%/store.py %D%/under_unit.py %D%/unsaid.py
TESTS += $(e2e_tests)
