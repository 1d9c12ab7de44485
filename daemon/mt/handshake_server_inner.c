/* p_q_inner_data in its four forms, padded in the two ways there have been. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/mt/handshake_server_internal.h"
#include "daemon/mt/ids.h"

enum { P_Q_INNER_DATA = (int)0x83c95aec, P_Q_INNER_DATA_TEMP = 0x3c6a84d4, DC_TEST = 10000, OLD_SHA1_AT = 1 };

static const struct {
    uint32_t id;
    bool has_dc, temporary;
} forms[] = {
    {MT_P_Q_INNER_DATA_DC, true, false},
    {MT_P_Q_INNER_DATA_TEMP_DC, true, true},
    {(uint32_t)P_Q_INNER_DATA, false, false},
    {P_Q_INNER_DATA_TEMP, false, true},
};

static bool read_same(struct tl_reader *r, const uint8_t *expected, size_t len)
{
    size_t got;
    const uint8_t *bytes = tl_read_bytes(r, &got);

    return bytes && got == len && memcmp(bytes, expected, len) == 0;
}

static bool is_our_dc(const struct mt_handshake_server_config *c, int32_t dc)
{
    int64_t wanted = c->dc, said = llabs((long long)dc);

    if (c->any_dc)
        return true;
    return said == (c->test ? wanted + DC_TEST : wanted);
}

static int parse(struct mt_handshake_server *h, const uint8_t *data, size_t len, size_t *ret_len, struct fault *fault)
{
    struct tl_reader r;
    size_t form = 0;

    tl_reader_init(&r, data, len);
    uint32_t id = tl_read_u32(&r);
    while (form < sizeof(forms) / sizeof(forms[0]) && forms[form].id != id)
        form++;
    if (form == sizeof(forms) / sizeof(forms[0]))
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "What was encrypted is no p_q_inner_data");
    if (!read_same(&r, h->pq, h->pq_len) || !read_same(&r, h->p, h->p_len) || !read_same(&r, h->q, h->q_len))
        return fault_set(fault, HANDSHAKE_WRONG_QUERY,
                         "p_q_inner_data carries other numbers than pq, p, q in their shortest form");
    if (!handshake_read_nonce(&r, h->nonce) || !handshake_read_nonce(&r, h->server_nonce))
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "p_q_inner_data carries other nonces");
    const uint8_t *new_nonce = tl_read_raw(&r, 32);
    int32_t dc = forms[form].has_dc ? tl_read_i32(&r) : 0;
    int32_t expires_in = forms[form].temporary ? tl_read_i32(&r) : 0;
    if (r.err || (forms[form].temporary && expires_in <= 0))
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "p_q_inner_data is malformed");
    if (forms[form].has_dc && !is_our_dc(&h->config, dc))
        return fault_set(fault, HANDSHAKE_WRONG_DC, "p_q_inner_data is for DC %d", (int)dc);
    memcpy(h->new_nonce, new_nonce, 32);
    h->result.dc = dc;
    h->result.temporary = forms[form].temporary;
    h->result.expires_in = expires_in;
    if (!forms[form].has_dc)
        h->result.oddities |= MT_ODD_INNER_WITHOUT_DC;
    *ret_len = tl_reader_offset(&r);
    return 0;
}

/* Before 2021: 0, SHA1(data), data, random, as one number of 255 bytes. */
static int parse_old(struct mt_handshake_server *h, const uint8_t encrypted[static 256], struct fault *fault)
{
    uint8_t m[256], sha1[HANDSHAKE_SHA1];
    size_t len;

    if (rsa_private_raw(h->config.key, encrypted, m) || m[0] != 0)
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "encrypted_data does not decrypt");
    const uint8_t *data = m + OLD_SHA1_AT + HANDSHAKE_SHA1;
    int err = parse(h, data, sizeof(m) - OLD_SHA1_AT - HANDSHAKE_SHA1, &len, fault);
    if (!err) {
        hash_sha1(HASH_PIECES({data, len}), sha1);
        if (!handshake_same(sha1, m + OLD_SHA1_AT, sizeof(sha1)))
            err = fault_set(fault, HANDSHAKE_WRONG_QUERY, "encrypted_data has a wrong SHA-1");
    }
    if (!err)
        h->result.oddities |= MT_ODD_OLD_RSA;
    explicit_bzero(m, sizeof(m));
    return err;
}

int handshake_server_inner(struct mt_handshake_server *h, const uint8_t encrypted[static 256], struct fault *fault)
{
    uint8_t data[192];
    size_t len;

    int err = rsa_pad_decrypt(h->config.key, encrypted, data);
    if (!err)
        err = parse(h, data, sizeof(data), &len, fault);
    else if (err == TGC_ECRYPTO || err == TGC_EINVAL)
        err = parse_old(h, encrypted, fault);
    explicit_bzero(data, sizeof(data));
    return err;
}
