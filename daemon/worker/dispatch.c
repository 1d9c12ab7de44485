#include "daemon/worker/dispatch.h"

static op_fn *const table[JOB_METHOD_COUNT] = {
    [JOB_CALL_CREATE] = op_call_create,
    [JOB_CALL_LIST] = op_call_list,
    [JOB_CALL_GET] = op_call_get,
    [JOB_CALL_EDIT] = op_call_edit,
    [JOB_CALL_START] = op_call_start,
    [JOB_CALL_DISCARD] = op_call_discard,
    [JOB_PEER_GET] = op_peer_get,
    [JOB_METHOD_INVOKE] = op_method_invoke,
    [JOB_ACCOUNT_CREATE] = op_account_create,
    [JOB_ACCOUNT_LIST] = op_account_list,
    [JOB_ACCOUNT_GET] = op_account_get,
    [JOB_ACCOUNT_DELETE] = op_account_delete,
    [JOB_LOGIN] = op_login,
    [JOB_LOGIN_CODE] = op_login_code,
    [JOB_LOGIN_PASSWORD] = op_login_password,
    [JOB_LOGOUT] = op_logout,
    [JOB_READY] = op_ready,
};

op_fn *dispatch_find(enum job_method method)
{
    return table[method];
}
