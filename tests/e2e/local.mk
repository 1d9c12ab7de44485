# The whole daemon against the sandbox, by HTTP.
e2e_tests = %D%/accounts.py %D%/calls.py %D%/create.py %D%/create_138.py %D%/fate.py %D%/faults.py %D%/program.py \
  %D%/races.py %D%/scarce.py %D%/stop.py %D%/workers.py
dist_check_SCRIPTS += $(e2e_tests)
EXTRA_DIST += %D%/described.py %D%/lib.py
TESTS += $(e2e_tests)
