# Settings, command line and data.

# RSA keys of the data centres and of the sandbox.
keysdir = $(pkgdatadir)/keys
dist_keys_DATA = %D%/keys/production.pem %D%/keys/sandbox.pem %D%/keys/sandbox.pub.pem %D%/keys/test.pem

# Schemas, read at start.
schemadir = $(pkgdatadir)/schema
dist_schema_DATA = %D%/schema/layer-138.tl %D%/schema/layer-229.tl %D%/schema/mtproto.tl
