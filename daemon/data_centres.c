#include "daemon/data_centres.h"

#include <stdlib.h>

#include "daemon/base/address.h"
#include "config/paths.h"

enum { TEST_DC_OFFSET = 10000 };

static int add_key(struct data_centres *d, struct tg_dc *dc, const char *path, struct fault *fault)
{
    struct fault inner = {0};
    struct rsa_key *key;

    if (d->keys_n == TG_DCS_MAX)
        return fault_set(fault, TGC_ELIMIT, "more than %d data centres", TG_DCS_MAX);
    int err = rsa_key_read(path, &key, &inner);
    if (err)
        return fault_set(fault, err, "%s: %s", path, inner.text[0] ? inner.text : tgc_err_text(err));
    d->keys[d->keys_n++] = key;
    return tg_dc_add_key(dc, key);
}

static int add_address(struct tg_dc *dc, const char *text, bool ipv6, struct fault *fault)
{
    struct address a;
    int err = address_from_text(text, false, &a, fault);

    if (err || (a.v6 && !ipv6))
        return err;
    if (dc->addresses_n == TG_DC_ADDRESSES_MAX)
        return 0; /* as many as can be tried */
    return tg_dc_add_address(dc, a.host, a.port);
}

static int add(struct data_centres *d, int id, bool test, const char *const *addresses, size_t n, bool ipv6,
               const char *key, struct fault *fault)
{
    struct tg_dc *dc = tg_dc_get(&d->dcs, id);
    int err = 0;

    if (!dc)
        return fault_set(fault, TGC_ELIMIT, "more than %d data centres", TG_DCS_MAX);
    if (test)
        dc->handshake_id = id + TEST_DC_OFFSET;
    for (size_t i = 0; i < n && !err; i++)
        err = add_address(dc, addresses[i], ipv6, fault);
    return err ? err : add_key(d, dc, key, fault);
}

static int from_sandbox(struct data_centres *d, const struct sandbox *sandbox, struct fault *fault)
{
    char *key = NULL;
    int err = paths_data("keys/sandbox.pub.pem", &key);

    for (int id = 1; id <= 2 && !err; id++) {
        const char *address = sandbox_dc_address(sandbox, id);
        err = add(d, id, false, &address, 1, true, key, fault);
    }
    free(key);
    return err;
}

int data_centres_load(const struct settings *s, const struct sandbox *sandbox, struct data_centres *ret,
                      struct fault *fault)
{
    int err = 0;

    *ret = (struct data_centres){0};
    if (sandbox)
        err = from_sandbox(ret, sandbox, fault);
    for (size_t i = 0; i < s->dcs_n && !err; i++)
        err = add(ret, s->dcs[i].id, s->environment == SETTINGS_TEST, (const char *const *)s->dcs[i].addresses.items,
                  s->dcs[i].addresses.n, s->ipv6, s->dcs[i].public_key, fault);
    if (!err && ret->dcs.n == 0)
        err = fault_set(fault, TGC_EINVAL, "no data centre is configured");
    if (err) {
        data_centres_fini(ret);
        return err;
    }
    /* Telegram's second is where official apps start; elsewhere the lowest. */
    ret->dcs.first = ret->dcs.dcs[0].id;
    if ((s->environment == SETTINGS_PRODUCTION || s->environment == SETTINGS_TEST) && tg_dc_find(&ret->dcs, 2))
        ret->dcs.first = 2;
    return 0;
}

/* What was configured, or is the sandbox's, was meant by somebody; the lists that come along with us are a beginning.
 */
int data_centres_learnt(const struct settings *s, const struct data_centres *d, struct dc_learnt **ret)
{
    bool is_telegram = s->environment == SETTINGS_PRODUCTION || s->environment == SETTINGS_TEST;
    struct dc_learnt_config config = {
        .dcs = &d->dcs,
        .mode = s->environment == SETTINGS_PRODUCTION ? DC_MODE_PRODUCTION
                : s->environment == SETTINGS_TEST     ? DC_MODE_TEST
                                                      : DC_MODE_ANY,
        .local = !is_telegram,
        .ipv6 = s->ipv6 || s->environment == SETTINGS_SANDBOX,
        .own_first = !is_telegram,
    };

    return dc_learnt_new(&config, ret);
}

void data_centres_fini(struct data_centres *d)
{
    for (size_t i = 0; i < d->keys_n; i++)
        rsa_key_free(d->keys[i]);
    *d = (struct data_centres){0};
}
