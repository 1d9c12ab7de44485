#include "tests/support/server_key.h"

#include <string.h>

#include "tests/support/unit.h"

const struct rsa_key *test_server_key(void)
{
    static struct rsa_key *key;
    struct fault fault;

    if (!key) {
        json_t *data = unit_load_json("mt/handshakes.json");
        const char *pem = unit_json_text(data, "server_key_pem");
        ck_assert_int_eq(rsa_key_parse(pem, strlen(pem), &key, &fault), 0);
        json_decref(data);
    }
    return key;
}
