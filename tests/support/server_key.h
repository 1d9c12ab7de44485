/* The RSA pair of the servers in tests. */
#ifndef TGCALLD_TESTS_SERVER_KEY_H
#define TGCALLD_TESTS_SERVER_KEY_H

#include "daemon/crypto/rsa.h"

/* Private; lives until the process ends. */
const struct rsa_key *test_server_key(void);

#endif
