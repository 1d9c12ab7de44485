/* rpc_error as a value: Telegram's numeric code and its text, split into a family and a parameter. */
#ifndef TGCALLD_MT_RPC_ERROR_H
#define TGCALLD_MT_RPC_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MT_RPC_ERROR_TEXT_MAX = 256 };

struct mt_rpc_error {
    int32_t code;
    char message[MT_RPC_ERROR_TEXT_MAX]; /* as sent; bytes that are no printable ASCII are replaced by '?' */
    char family[MT_RPC_ERROR_TEXT_MAX];  /* digits replaced by X: "FLOOD_WAIT_X", "FILE_PART_X_MISSING" */
    bool has_parameter;
    int64_t parameter; /* the first run of digits between underscores or at the end; INT64_MAX where it is larger */
};

void mt_rpc_error_set(struct mt_rpc_error *e, int32_t code, const void *message, size_t len);

#endif
