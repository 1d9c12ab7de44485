noinst_LIBRARIES += api/libapi.a
api_libapi_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(MHD_CFLAGS)
api_libapi_a_SOURCES =
API_LIBS = api/libapi.a
