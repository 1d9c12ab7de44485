/* JSON to TL: what is encoded is read back whole by the same schema. Peers are found first, as for a request by HTTP.
 * Input: layer (u8), method (u16), JSON. */
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/tree.h"
#include "tests/fuzz/fuzz.h"

static int replace_peer(void *ctx, const char *want, json_t *parent, const char *key, size_t index)
{
    unsigned *count = ctx;
    json_t *peer = json_pack("{s:s}", "_",
                             strcmp(want, "InputPeer") == 0   ? "inputPeerSelf"
                             : strcmp(want, "InputUser") == 0 ? "inputUserSelf"
                                                              : "inputChannelEmpty");

    FUZZ_CHECK(peer != NULL);
    if (key)
        FUZZ_CHECK(json_is_object(parent) && json_object_set_new(parent, key, peer) == 0);
    else
        FUZZ_CHECK(json_is_array(parent) && json_array_set_new(parent, index, peer) == 0);
    return ++*count == 1000 ? 1 : 0;
}

static const struct tl_comb *method_at(const struct tl_schema *s, unsigned at)
{
    size_t n, first = 0;
    const struct tl_comb *combs = tl_schema_combs(s, &n);

    while (first < n && !combs[first].is_method)
        first++;
    return &combs[first + at % (n - first)];
}

static int count_member(void *ctx, const struct fault *fault)
{
    FUZZ_CHECK(fault->err != 0 && fault->path[0] != '\0' && fault->text[0] != '\0');
    ++*(unsigned *)ctx;
    return 0;
}

static void encode(const struct tl_schema *s, const struct tl_comb *method, json_t *params, enum tl_encode_mode mode)
{
    struct fault fault = {0};
    struct tl_reader r;
    struct buf out;
    json_t *tree;

    buf_init(&out, LIMIT_QUERY);
    int err = tl_encode_method(s, method, params, mode, &out, &fault);
    if (mode == TL_ENCODE_STRICT) {
        unsigned n = 0;
        (void)tl_visit_members(s, method, params, count_member, &n);
        FUZZ_CHECK(n == 0 || err != 0);
    }
    if (err) {
        FUZZ_CHECK(fault.err == err && fault.text[0] != '\0');
    } else {
        FUZZ_CHECK(buf_err(&out) == 0 && out.len % 4 == 0 && out.len >= 4);
        tl_reader_init(&r, out.data, out.len);
        FUZZ_CHECK(tl_tree_call(s, &r, &tree, NULL, &fault) == 0);
        FUZZ_CHECK(tl_reader_left(&r) == 0);
        json_decref(tree);
    }
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct feed f = {data, data + len};
    unsigned count = 0;
    size_t n;

    fuzz_begin();
    const struct tl_schema *s = fuzz_schema(feed_u8(&f));
    const struct tl_comb *method = method_at(s, feed_u16(&f));
    const char *text = (const char *)feed_take(&f, feed_left(&f), &n);
    json_t *params = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    if (json_is_object(params)) {
        encode(s, method, params, TL_ENCODE_LENIENT);
        (void)tl_visit_peers(s, method, params, replace_peer, &count);
        encode(s, method, params, TL_ENCODE_STRICT);
    }
    json_decref(params);
    return 0;
}
