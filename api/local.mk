noinst_LIBRARIES += api/libapi.a
api_libapi_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(MHD_CFLAGS) $(TLS_CFLAGS)
api_libapi_a_SOURCES = \
  %D%/accept.c %D%/accept.h \
  %D%/addresses.c %D%/addresses.h \
  %D%/api_internal.h \
  %D%/audit_note.c %D%/audit_note.h \
  %D%/auth.c %D%/auth.h \
  %D%/body.c %D%/body.h \
  %D%/clients.c %D%/clients.h \
  %D%/conn.c %D%/conn.h \
  %D%/drain.c %D%/drain.h \
  %D%/edges.c %D%/edges.h \
  %D%/ep.h \
  %D%/ep_dashboard.c \
  %D%/ep_description.c \
  %D%/ep_events.c \
  %D%/ep_health.c \
  %D%/ep_login_qr.c \
  %D%/ep_metrics.c \
  %D%/ep_version.c \
  %D%/event_filter.c %D%/event_filter.h \
  %D%/event_frame.c %D%/event_frame.h \
  %D%/event_page.c %D%/event_page.h \
  %D%/fields.c %D%/fields.h \
  %D%/follow.c %D%/follow.h \
  %D%/front.c %D%/front.h \
  %D%/gate.c %D%/gate.h \
  %D%/guard.c %D%/guard.h \
  %D%/handle.c %D%/handle.h \
  %D%/head.c %D%/head.h \
  %D%/intake.c %D%/intake.h \
  %D%/listen.c %D%/listen.h \
  %D%/listen_passed.c \
  %D%/outlet.c %D%/outlet.h \
  %D%/page.c %D%/page.h \
  %D%/patience.c %D%/patience.h \
  %D%/plain_object.c %D%/plain_object.h \
  %D%/poll.c %D%/poll.h \
  %D%/query.c %D%/query.h \
  %D%/reply.c %D%/reply.h \
  %D%/request.c %D%/request.h \
  %D%/room.c %D%/room.h \
  %D%/route.c %D%/route.h \
  %D%/routes.c \
  %D%/server.c %D%/server.h \
  %D%/stream.c %D%/stream.h %D%/stream_internal.h \
  %D%/stream_open.c \
  %D%/stream_read.c \
  %D%/stream_send.c \
  %D%/suggest.c %D%/suggest.h \
  %D%/target.c %D%/target.h \
  %D%/terms.c %D%/terms.h \
  %D%/tls.c %D%/tls.h \
  %D%/tls_hello.c %D%/tls_hello.h \
  %D%/tls_keys.c %D%/tls_keys.h \
  %D%/unbuilt.c %D%/unbuilt.h \
  %D%/wait.c %D%/wait.h
API_LIBS = api/libapi.a $(QR_LIBS) $(TLS_LIBS)
apidatadir = $(pkgdatadir)
dist_apidata_DATA = %D%/asyncapi.json %D%/openapi.json
dashboarddir = $(pkgdatadir)/dashboard
dist_dashboard_DATA = \
  %D%/dashboard/api.js \
  %D%/dashboard/app.js \
  %D%/dashboard/ask.js \
  %D%/dashboard/dom.js \
  %D%/dashboard/events.js \
  %D%/dashboard/icon.svg \
  %D%/dashboard/index.html \
  %D%/dashboard/problem.js \
  %D%/dashboard/secret.js \
  %D%/dashboard/store.js \
  %D%/dashboard/stream.js \
  %D%/dashboard/style.css \
  %D%/dashboard/time.js \
  %D%/dashboard/view_accounts.js \
  %D%/dashboard/view_audit.js \
  %D%/dashboard/view_calls.js \
  %D%/dashboard/view_create.js \
  %D%/dashboard/view_events.js \
  %D%/dashboard/view_jobs.js \
  %D%/dashboard/view_live.js \
  %D%/dashboard/view_nodes.js \
  %D%/dashboard/view_schedules.js \
  %D%/dashboard/view_token.js \
  %D%/dashboard/view_tokens.js \
  %D%/dashboard/view_webhooks.js
