#include "daemon/base/err.h"

const char *tgc_err_text(int err)
{
    switch (err) {
    case TGC_OK:
        return "no error";
#define X(name, value, text)                                                                                           \
    case name:                                                                                                         \
        return text;
        TGC_ERRORS(X)
#undef X
    default:
        return "unknown error";
    }
}
