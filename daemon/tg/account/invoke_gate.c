#include "daemon/tg/account/gate.h"

#include "daemon/tg/account/request.h"

void tg_gate_open(struct tg_gate *gate, struct tg_account *a)
{
    gate->is_open = true;
    invoke_send_waiting(a);
}

void tg_gate_close(struct tg_gate *gate)
{
    gate->is_asked = gate->is_open = false;
}

static bool may_have_run(const struct tg_request *r)
{
    const struct tg_account *a = r->account;

    return r->may_have_run || (r->number && a->client && tg_client_may_have_run(a->client, r->number));
}

bool tg_gate_shut(struct tg_gate *gate, struct tg_account *a)
{
    struct tg_request *r;

    DL_FOREACH (a->requests, r)
        if (r->gate == gate)
            gate->is_out |= may_have_run(r);
    if (gate->is_out)
        return false;
    gate->is_shut = true;
    DL_FOREACH (a->requests, r)
        if (r->gate == gate)
            request_settle_unsent(r);
    return true;
}
