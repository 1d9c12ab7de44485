/* What a function of ours can fail with. A function that can fail returns int: 0, or one of these (all negative), and
 * is marked TGC_MUST. What people need to know travels beside it in a struct fault (fault.h). Telegram's RPC errors are
 * values of the protocol (mt/rpc_error.h), not members of this list. */
#ifndef TGCALLD_BASE_ERR_H
#define TGCALLD_BASE_ERR_H

/* name, text */
#define TGC_ERRORS(X)                                                                                                  \
    X(TGC_ENOMEM, -1, "out of memory")                                                                                 \
    X(TGC_ELIMIT, -2, "a limit was reached")                                                                           \
    X(TGC_EINVAL, -3, "not valid")                                                                                     \
    X(TGC_ESYNTAX, -4, "syntax error")                                                                                 \
    X(TGC_ETRUNCATED, -5, "ends too early")                                                                            \
    X(TGC_ETRAILING, -6, "something follows where the end was expected")                                               \
    X(TGC_EUNKNOWN, -7, "not known")                                                                                   \
    X(TGC_EEXIST, -8, "exists already")                                                                                \
    X(TGC_EIO, -9, "input or output failed")                                                                           \
    X(TGC_ECRYPTO, -10, "a cryptographic check failed")                                                                \
    X(TGC_EPROTO, -11, "the other side broke the protocol")                                                            \
    X(TGC_ECLOSED, -12, "closed")                                                                                      \
    X(TGC_ETIMEOUT, -13, "no answer in time")                                                                          \
    X(TGC_EBUSY, -14, "busy")                                                                                          \
    X(TGC_ESYSTEM, -15, "the system refused")                                                                          \
    X(TGC_ESTATE, -16, "not possible in this state")                                                                   \
    X(TGC_ELOST, -17, "whether it happened will not be known")                                                         \
    X(TGC_EREFUSED, -18, "refused for good")                                                                           \
    X(TGC_EFULL, -19, "no space is left on the disk")                                                                  \
    X(TGC_EREADONLY, -20, "it may only be read")                                                                       \
    X(TGC_EDAMAGED, -21, "damaged")                                                                                    \
    X(TGC_ENEWER, -22, "made by a newer version")                                                                      \
    X(TGC_EFOREIGN, -23, "it belongs to another environment")                                                          \
    X(TGC_ENOKEY, -24, "the key to it is missing")                                                                     \
    X(TGC_EWRONGKEY, -25, "another key is needed")                                                                     \
    X(TGC_EAWAY, -26, "it does not answer")

enum tgc_err {
    TGC_OK = 0,
#define X(name, value, text) name = value,
    TGC_ERRORS(X)
#undef X
};

#define TGC_MUST __attribute__((warn_unused_result))
#define TGC_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* The text of an error; never NULL, static. */
const char *tgc_err_text(int err);

#endif
