#include "tests/fuzz/answer.h"

#include <string.h>

#include "daemon/base/gzip.h"
#include "daemon/base/limits.h"
#include "daemon/mt/ids.h"
#include "daemon/tl/reader.h"
#include "daemon/tl/tree.h"

bool answer_unpack(const uint8_t *data, size_t len, struct buf *out)
{
    struct tl_reader r;
    size_t packed_len;

    buf_init(out, LIMIT_UNPACKED);
    tl_reader_init(&r, data, len);
    if (tl_read_u32(&r) != MT_GZIP_PACKED)
        return false;
    const uint8_t *packed = tl_read_bytes(&r, &packed_len);
    FUZZ_CHECK(packed && tl_reader_left(&r) == 0);
    FUZZ_CHECK(gzip_unpack(packed, packed_len, out, NULL) == 0);
    return true;
}

static void check_error(struct tl_reader *r)
{
    size_t len;
    int32_t code = tl_read_i32(r);
    const uint8_t *text = tl_read_bytes(r, &len);

    FUZZ_CHECK(!r->err && tl_reader_left(r) == 0 && code != 0 && len > 0);
    FUZZ_CHECK(code != 500 && memcmp(text, "RPC_CALL_FAIL", len < 13 ? len : 13) != 0);
}

static bool reads(const struct tl_schema *s, const char *method, const uint8_t *data, size_t len)
{
    const struct tl_comb *comb = tl_find_method(s, method);
    struct fault fault;
    json_t *tree = NULL;

    fault_clear(&fault);
    if (!comb)
        return false;
    int err = tl_tree_result(s, comb, data, len, &tree, NULL, &fault);
    json_decref(tree);
    return err == 0;
}

void answer_check(const char *method, const uint8_t *data, size_t len)
{
    struct tl_reader r;
    struct buf inner;

    if (answer_unpack(data, len, &inner)) {
        answer_check(method, inner.data, inner.len);
        buf_fini(&inner);
        return;
    }
    tl_reader_init(&r, data, len);
    switch (tl_read_u32(&r)) {
    case MT_RPC_ERROR:
        check_error(&r);
        break;
    case MT_RPC_ANSWER_UNKNOWN:
    case MT_RPC_ANSWER_DROPPED_RUNNING:
        FUZZ_CHECK(!r.err && tl_reader_left(&r) == 0);
        break;
    case MT_RPC_ANSWER_DROPPED:
        FUZZ_CHECK(tl_reader_left(&r) == 16);
        break;
    default:
        FUZZ_CHECK(!r.err);
        FUZZ_CHECK(!method || reads(fuzz_schema(1), method, data, len) || reads(fuzz_schema(0), method, data, len));
    }
}

void answer_check_updates(const uint8_t *data, size_t len)
{
    bool ok = false;

    for (unsigned i = 0; !ok && i < 2; i++) {
        const struct tl_comb *comb = tl_find_constructor(fuzz_schema(i), len >= 4 ? le32_load(data) : 0);
        struct fault fault;
        json_t *tree = NULL;
        fault_clear(&fault);
        ok = comb && strcmp(comb->result.type->name, "Updates") == 0 &&
             tl_tree_object(fuzz_schema(i), data, len, &tree, NULL, &fault) == 0;
        json_decref(tree);
    }
    FUZZ_CHECK(ok);
}
