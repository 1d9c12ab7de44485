# Clients of other people's against the sandbox.
dist_check_SCRIPTS += %D%/mtcute.sh
TESTS += %D%/mtcute.sh
EXTRA_DIST += %D%/mtcute/package.json %D%/mtcute/package-lock.json %D%/mtcute/run.mjs %D%/mtcute/schema.mjs

# What the clients install for themselves.
clean-local:
	rm -rf tests/interop/mtcute.work
