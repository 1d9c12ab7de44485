# The dashboard in real browsers.
dist_check_SCRIPTS += %D%/dashboard.sh %D%/firefox.sh
TESTS += %D%/dashboard.sh %D%/firefox.sh
EXTRA_DIST += %D%/daemon.mjs %D%/nodes.mjs %D%/picture.sh \
  %D%/dashboard/package.json %D%/dashboard/package-lock.json \
  %D%/dashboard/browser.mjs %D%/dashboard/figures.mjs %D%/dashboard/picture.mjs %D%/dashboard/run.mjs \
  %D%/firefox/package.json %D%/firefox/package-lock.json %D%/firefox/firefox.mjs %D%/firefox/run.mjs

clean-local: clean-browser
clean-browser:
	rm -rf tests/browser/dashboard.work tests/browser/firefox.work
.PHONY: clean-browser
