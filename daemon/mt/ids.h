/* The constructors of MTProto itself, by their wire ids (config/schema/mtproto.tl has them as TL; a test holds the two
 * together). */
#ifndef TGCALLD_MT_IDS_H
#define TGCALLD_MT_IDS_H

/* constant, TL name, id */
#define MT_IDS(X)                                                        \
    X(MT_REQ_PQ_MULTI, "req_pq_multi", 0xbe7e8ef1u)                      \
    X(MT_RES_PQ, "resPQ", 0x05162463u)                                   \
    X(MT_P_Q_INNER_DATA_DC, "p_q_inner_data_dc", 0xa9f55f95u)            \
    X(MT_P_Q_INNER_DATA_TEMP_DC, "p_q_inner_data_temp_dc", 0x56fddf88u)  \
    X(MT_REQ_DH_PARAMS, "req_DH_params", 0xd712e4beu)                    \
    X(MT_SERVER_DH_PARAMS_FAIL, "server_DH_params_fail", 0x79cb045du)    \
    X(MT_SERVER_DH_PARAMS_OK, "server_DH_params_ok", 0xd0e8075cu)        \
    X(MT_SERVER_DH_INNER_DATA, "server_DH_inner_data", 0xb5890dbau)      \
    X(MT_CLIENT_DH_INNER_DATA, "client_DH_inner_data", 0x6643b654u)      \
    X(MT_BIND_AUTH_KEY_INNER, "bind_auth_key_inner", 0x75a3f765u)        \
    X(MT_SET_CLIENT_DH_PARAMS, "set_client_DH_params", 0xf5045f1fu)      \
    X(MT_DH_GEN_OK, "dh_gen_ok", 0x3bcbf734u)                            \
    X(MT_DH_GEN_RETRY, "dh_gen_retry", 0x46dc1fb9u)                      \
    X(MT_DH_GEN_FAIL, "dh_gen_fail", 0xa69dae02u)                        \
    X(MT_MSG_CONTAINER, "msg_container", 0x73f1f8dcu)                    \
    X(MT_MSG_COPY, "msg_copy", 0xe06046b2u)                              \
    X(MT_GZIP_PACKED, "gzip_packed", 0x3072cfa1u)                        \
    X(MT_RPC_RESULT, "rpc_result", 0xf35c6d01u)                          \
    X(MT_RPC_ERROR, "rpc_error", 0x2144ca19u)                            \
    X(MT_MSGS_ACK, "msgs_ack", 0x62d6b459u)                              \
    X(MT_BAD_MSG_NOTIFICATION, "bad_msg_notification", 0xa7eff811u)      \
    X(MT_BAD_SERVER_SALT, "bad_server_salt", 0xedab447bu)                \
    X(MT_NEW_SESSION_CREATED, "new_session_created", 0x9ec20908u)        \
    X(MT_PING, "ping", 0x7abe77ecu)                                      \
    X(MT_PING_DELAY_DISCONNECT, "ping_delay_disconnect", 0xf3427b8cu)    \
    X(MT_PONG, "pong", 0x347773c5u)                                      \
    X(MT_GET_FUTURE_SALTS, "get_future_salts", 0xb921bd04u)              \
    X(MT_FUTURE_SALTS, "future_salts", 0xae500895u)                      \
    X(MT_MSGS_STATE_REQ, "msgs_state_req", 0xda69fb52u)                  \
    X(MT_MSGS_STATE_INFO, "msgs_state_info", 0x04deb57du)                \
    X(MT_MSGS_ALL_INFO, "msgs_all_info", 0x8cc0d131u)                    \
    X(MT_MSG_DETAILED_INFO, "msg_detailed_info", 0x276d3ec6u)            \
    X(MT_MSG_NEW_DETAILED_INFO, "msg_new_detailed_info", 0x809db6dfu)    \
    X(MT_MSG_RESEND_REQ, "msg_resend_req", 0x7d861a08u)                  \
    X(MT_HTTP_WAIT, "http_wait", 0x9299359fu)                            \
    X(MT_DESTROY_SESSION, "destroy_session", 0xe7512126u)                \
    X(MT_DESTROY_SESSION_OK, "destroy_session_ok", 0xe22045fcu)          \
    X(MT_DESTROY_SESSION_NONE, "destroy_session_none", 0x62d350c9u)      \
    X(MT_DESTROY_AUTH_KEY, "destroy_auth_key", 0xd1435160u)              \
    X(MT_DESTROY_AUTH_KEY_OK, "destroy_auth_key_ok", 0xf660e1d4u)        \
    X(MT_DESTROY_AUTH_KEY_NONE, "destroy_auth_key_none", 0x0a9f2259u)    \
    X(MT_DESTROY_AUTH_KEY_FAIL, "destroy_auth_key_fail", 0xea109b13u)    \
    X(MT_RPC_DROP_ANSWER, "rpc_drop_answer", 0x58e4a740u)                \
    X(MT_RPC_ANSWER_UNKNOWN, "rpc_answer_unknown", 0x5e2ad36eu)          \
    X(MT_RPC_ANSWER_DROPPED_RUNNING, "rpc_answer_dropped_running", 0xcd78e586u) \
    X(MT_RPC_ANSWER_DROPPED, "rpc_answer_dropped", 0xa43ad8b7u)

enum mt_id {
#define X(constant, name, id) constant = id,
    MT_IDS(X)
#undef X
};

#endif
