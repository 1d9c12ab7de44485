# What holds for all files: layers, text, scripts; and for the units.
dist_check_SCRIPTS += %D%/debian.py %D%/layers.py %D%/needs.py %D%/symbols.py %D%/text.py %D%/units.py %D%/unsaid.py
TESTS += %D%/debian.py %D%/layers.py %D%/needs.py %D%/symbols.py %D%/text.py %D%/units.py %D%/unsaid.py
dist_noinst_SCRIPTS += .ci/run
EXTRA_DIST += %D%/layers.txt %D%/tap.py
