# tgcalldctl: a program of its own, which knows a running daemon by its REST API alone.
noinst_LIBRARIES += daemon/ctl/libctl.a
daemon_ctl_libctl_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS)
daemon_ctl_libctl_a_SOURCES = \
  %D%/account_text.c %D%/account_text.h \
  %D%/advice.c %D%/advice.h \
  %D%/accounts.c \
  %D%/audit.c \
  %D%/ask.c %D%/ctl.h \
  %D%/call_names.c \
  %D%/call_within.c \
  %D%/calls.c %D%/calls.h \
  %D%/commands.c %D%/command.h \
  %D%/completion.c \
  %D%/doctor.c %D%/doctor_internal.h \
  %D%/doctor_local.c \
  %D%/doctor_net.c \
  %D%/doctor_nodes.c \
  %D%/door.c %D%/door.h \
  %D%/events.c \
  %D%/follow.c %D%/follow.h \
  %D%/http.c %D%/http.h \
  %D%/import.c \
  %D%/jobs.c \
  %D%/live.c %D%/login.c %D%/login.h \
  %D%/login_qr.c \
  %D%/login_steps.c \
  %D%/member.c %D%/member.h \
  %D%/method.c %D%/nodes.c \
  %D%/object.c %D%/object.h \
  %D%/options.c %D%/options.h \
  %D%/pause.c %D%/pause.h \
  %D%/peers.c \
  %D%/pick.c %D%/pick.h \
  %D%/prompt.c %D%/prompt.h \
  %D%/reach.c %D%/reach.h \
  %D%/say.c %D%/say.h \
  %D%/say_problem.c %D%/say_problem.h \
  %D%/schedules.c \
  %D%/schema.c \
  %D%/schema_diff.c %D%/schema_diff.h \
  %D%/table.c %D%/table.h \
  %D%/tokens.c \
  %D%/verb.h \
  %D%/verb_request.c \
  %D%/verb_run.c \
  %D%/verb_words.c \
  %D%/view.c %D%/view.h \
  %D%/webhooks.c \
  %D%/wiped.c %D%/wiped.h
# A schema is read as the daemon reads it, and held against what the daemon needs of one.
CTL_LIBS = daemon/ctl/libctl.a daemon/tg/libtg.a $(TL_LIBS)

bin_PROGRAMS += tgcalldctl
tgcalldctl_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS)
tgcalldctl_SOURCES = %D%/main.c
tgcalldctl_LDADD = $(CTL_LIBS) $(QR_LIBS) $(SETTINGS_LIBS) $(BASE_LIBS) $(CURL_LIBS) $(JANSSON_LIBS) -lpthread

# What the shells complete by; the program writes it.
bashcompletiondir = $(datadir)/bash-completion/completions
bashcompletion_DATA = %D%/completion/tgcalldctl
zshcompletiondir = $(datadir)/zsh/site-functions
zshcompletion_DATA = %D%/completion/_tgcalldctl
CLEANFILES += $(bashcompletion_DATA) $(zshcompletion_DATA)
%D%/completion/tgcalldctl: tgcalldctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && ./tgcalldctl$(EXEEXT) completion bash >$@.new && mv $@.new $@
%D%/completion/_tgcalldctl: tgcalldctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && ./tgcalldctl$(EXEEXT) completion zsh >$@.new && mv $@.new $@
