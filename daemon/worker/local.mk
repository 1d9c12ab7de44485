noinst_LIBRARIES += daemon/worker/libworker.a
daemon_worker_libworker_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS) $(SODIUM_CFLAGS)
daemon_worker_libworker_a_SOURCES = \
  %D%/accounts.c %D%/accounts.h \
  %D%/adopt.c \
  %D%/audit_log.c %D%/audit_log.h \
  %D%/call_act.c %D%/call_act.h \
  %D%/call_target.c %D%/call_target.h \
  %D%/config_look.c \
  %D%/dispatch.c %D%/dispatch.h \
  %D%/event_log.c %D%/event_log.h \
  %D%/hook_errand.c %D%/hook_errand.h \
  %D%/hook_json.c \
  %D%/host.c \
  %D%/journal.c %D%/journal.h %D%/journal_internal.h \
  %D%/journal_answer.c \
  %D%/journal_kind.c %D%/journal_kind.h \
  %D%/journal_place.c \
  %D%/journal_room.c \
  %D%/journal_rows.c \
  %D%/journal_run.c \
  %D%/journal_take.c \
  %D%/journal_tell.c \
  %D%/journal_wait.c \
  %D%/op.c %D%/op.h \
  %D%/op_account.c \
  %D%/op_account_export.c \
  %D%/op_account_import.c \
  %D%/op_account_proxy.c \
  %D%/op_audit.c \
  %D%/op_call_conference.c %D%/op_call_conference.h \
  %D%/op_call_create.c \
  %D%/op_call_edit.c \
  %D%/op_call_get.c \
  %D%/op_call_invite.c \
  %D%/op_call_join.c \
  %D%/op_call_list.c \
  %D%/op_call_message.c \
  %D%/op_call_participants.c \
  %D%/op_call_record.c \
  %D%/op_call_step.c \
  %D%/op_events.c \
  %D%/op_job.c \
  %D%/op_login.c \
  %D%/op_method_invoke.c \
  %D%/op_peer_get.c \
  %D%/op_peer_join_as.c \
  %D%/op_peer_preflight.c \
  %D%/op_peer_rtmp.c \
  %D%/op_problem.c %D%/op_problem.h \
  %D%/op_unkept.c %D%/op_unkept.h \
  %D%/op_problem_layer.c \
  %D%/op_ready.c \
  %D%/op_rows.c \
  %D%/op_schedule.c %D%/op_schedule.h \
  %D%/op_schedule_change.c \
  %D%/op_nodes.c \
  %D%/op_token.c \
  %D%/op_webhook.c \
  %D%/op_webhook_send.c \
  %D%/own_job.c %D%/own_job.h \
  %D%/peer_act.c %D%/peer_act.h \
  %D%/peer_json.c %D%/peer_json.h \
  %D%/peer_params.c %D%/peer_params.h \
  %D%/peer_read.c %D%/peer_read.h \
  %D%/records.c %D%/records.h %D%/records_internal.h \
  %D%/records_dc.c \
  %D%/records_keep.c \
  %D%/records_load.c \
  %D%/schedule.c %D%/schedule.h %D%/schedule_internal.h \
  %D%/schedule_ask.c \
  %D%/schedule_back.c \
  %D%/schedule_hold.c \
  %D%/schedule_late.c \
  %D%/schedule_make.c \
  %D%/schedule_rows.c \
  %D%/schedule_rule.c %D%/schedule_rule.h \
  %D%/schedule_run.c \
  %D%/schedule_skip.c %D%/schedule_skip.h \
  %D%/schedule_spec.c %D%/schedule_spec.h \
  %D%/schedule_text.c \
  %D%/schedule_time.c \
  %D%/schedule_turn.c \
  %D%/skip_key.c %D%/skip_key.h \
  %D%/wish.c %D%/wish.h \
  %D%/live.c %D%/live.h %D%/live_internal.h \
  %D%/live_attempt.c \
  %D%/live_hear.c \
  %D%/live_hint.c %D%/live_hint.h \
  %D%/live_rows.c \
  %D%/live_rule.c %D%/live_rule.h \
  %D%/live_move.c \
  %D%/live_run.c \
  %D%/live_text.c \
  %D%/op_live.c \
  %D%/tell_live.c %D%/tell_live.h \
  %D%/service_notice.c %D%/service_notice.h \
  %D%/tell_beside.c %D%/tell_beside.h \
  %D%/tell_schedule.c \
  %D%/tell_call.c %D%/tell_events.c %D%/tell_events.h %D%/tell_internal.h \
  %D%/tell_stream_key.c %D%/tell_stream_key.h \
  %D%/thread.c %D%/thread.h \
  %D%/thread.c %D%/thread.h \
  %D%/worker.c %D%/worker.h %D%/worker_internal.h \
  %D%/worker_place.c
WORKER_LIBS = daemon/worker/libworker.a $(HOOK_LIBS) $(CALENDAR_LIBS)
