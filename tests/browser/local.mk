# The dashboard in a real browser.
dist_check_SCRIPTS += %D%/dashboard.sh
TESTS += %D%/dashboard.sh
EXTRA_DIST += %D%/daemon.mjs %D%/picture.sh \
  %D%/dashboard/package.json %D%/dashboard/package-lock.json \
  %D%/dashboard/browser.mjs %D%/dashboard/picture.mjs %D%/dashboard/run.mjs

clean-local: clean-browser
clean-browser:
	rm -rf tests/browser/dashboard.work
.PHONY: clean-browser
