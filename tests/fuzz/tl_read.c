/* TL bytes to text and to a tree: both say the same, and what was read can be written and read again.
 * Input: layer (u8), root (u16: 0 an object, 1 a call, else a method whose result it is), TL bytes. */
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/utf8.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/text.h"
#include "daemon/tl/tree.h"
#include "tests/fuzz/fuzz.h"

static const struct tl_comb *method_at(const struct tl_schema *s, unsigned at)
{
    size_t n, first = 0;
    const struct tl_comb *combs = tl_schema_combs(s, &n);

    while (first < n && !combs[first].is_method)
        first++;
    return &combs[first + at % (n - first)];
}

static int to_tree(const struct tl_schema *s, const struct tl_comb *method, const void *data, size_t len, json_t **ret,
                   struct fault *fault)
{
    return method ? tl_tree_result(s, method, data, len, ret, NULL, fault)
                  : tl_tree_object(s, data, len, ret, NULL, fault);
}

static int to_text(const struct tl_schema *s, const struct tl_comb *method, const void *data, size_t len,
                   struct buf *out, struct fault *fault)
{
    return method ? tl_text_result(s, method, data, len, out, NULL, fault)
                  : tl_text_object(s, data, len, out, NULL, fault);
}

/* Undefined flag bits are gone after one round; a null stands for a double that JSON has not. */
static void write_again(const struct tl_schema *s, const struct tl_comb *method, const json_t *tree, const char *text)
{
    struct buf out;
    struct fault fault = {0};
    json_t *again;

    buf_init(&out, LIMIT_PACKET);
    int err = method ? tl_encode_value(s, &method->result, tree, TL_ENCODE_STRICT, &out, &fault)
                     : tl_encode_object(s, tree, TL_ENCODE_STRICT, &out, &fault);
    if (err) {
        FUZZ_CHECK(strstr(text, "null") != NULL || err == TGC_ELIMIT || (method && method->is_generic));
    } else {
        FUZZ_CHECK(to_tree(s, method, out.data, out.len, &again, &fault) == 0);
        FUZZ_CHECK(json_equal(tree, again));
        json_decref(again);
    }
    buf_fini(&out);
}

static void read_value(const struct tl_schema *s, const struct tl_comb *method, const uint8_t *data, size_t len)
{
    struct fault text_fault = {0}, tree_fault = {0};
    struct buf text;
    json_t *tree = NULL;

    buf_init(&text, LIMIT_JSON_TEXT);
    int text_err = to_text(s, method, data, len, &text, &text_fault);
    int tree_err = to_tree(s, method, data, len, &tree, &tree_fault);
    FUZZ_CHECK(text_err == tree_err || text_err == TGC_ELIMIT || tree_err == TGC_ELIMIT);
    FUZZ_CHECK(!text_err || (text.len == 0 && text_fault.err == text_err && text_fault.offset <= len));
    if (!text_err && !tree_err) {
        FUZZ_CHECK(utf8_is_valid(text.data, text.len) && !memchr(text.data, 0, text.len));
        json_error_t error;
        json_t *parsed = json_loadb((const char *)text.data, text.len,
                                    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
        FUZZ_CHECK(parsed != NULL && json_equal(parsed, tree));
        json_decref(parsed);
        write_again(s, method, tree, buf_text(&text));
    }
    json_decref(tree);
    buf_fini(&text);
}

static void read_call(const struct tl_schema *s, const uint8_t *data, size_t len)
{
    struct tl_reader r;
    struct fault fault = {0};
    json_t *tree = NULL;

    tl_reader_init(&r, data, len);
    if (tl_tree_call(s, &r, &tree, NULL, &fault) == 0) {
        FUZZ_CHECK(json_is_object(tree));
        json_decref(tree);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct feed f = {data, data + len};
    size_t n;

    fuzz_begin();
    const struct tl_schema *s = fuzz_schema(feed_u8(&f));
    unsigned root = feed_u16(&f);
    const uint8_t *bytes = feed_take(&f, feed_left(&f), &n);
    if (root == 1)
        read_call(s, bytes, n);
    else
        read_value(s, root ? method_at(s, root - 2) : NULL, bytes, n);
    return 0;
}
