/* tgcalldctl doctor: the way from here to Telegram. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/proxy.h"
#include "daemon/ctl/doctor_internal.h"
#include "daemon/ctl/reach.h"

enum { ANSWER_MAX_MS = 5000 };

static void look_at_proxy(struct visit *v, const char *text)
{
    struct proxy proxy;
    struct reach place = {0};
    char shown[PROXY_SHOWN_SIZE], detail[DOCTOR_TEXT_SIZE];

    /* The settings have judged it. */
    if (proxy_parse(text, &proxy, NULL) != 0)
        return;
    proxy_show(&proxy, shown);
    place.address = proxy.address;
    proxy_wipe(&proxy);
    reach_all(&place, 1, ANSWER_MAX_MS);
    if (!place.address.numeric) {
        snprintf(detail, sizeof(detail), "%s is %s", place.address.host, place.found[0] ? place.found : place.why);
        doctor_add(v, "dns", place.found[0] ? "good" : "fault", detail,
                   place.found[0] ? "" : "See the name's spelling and /etc/resolv.conf: getent hosts NAME");
    }
    if (!place.address.numeric && !place.found[0])
        return;
    snprintf(detail, sizeof(detail), "%s %s%s", shown, place.why[0] ? "cannot be reached: " : "can be reached",
             place.why);
    doctor_add(v, "proxy", place.why[0] ? "fault" : "good", detail,
               place.why[0] ? "See whether it runs, and whether a firewall lets this machine out to it." : "");
}

/* Those of one data centre behind the first N; how many there are then. */
static size_t list_places(const struct settings *s, const struct settings_dc *dc, struct reach *places, size_t n)
{
    for (size_t i = 0; i < dc->addresses.n && n < REACH_MAX; i++)
        if (address_from_text(dc->addresses.items[i], false, &places[n].address, NULL) == 0 &&
            (s->ipv6 || !places[n].address.v6))
            n++;
    return n;
}

static void tell(struct visit *v, int id, const struct reach *places, size_t n)
{
    char detail[DOCTOR_TEXT_SIZE];
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        if (places[i].why[0])
            continue;
        snprintf(detail, sizeof(detail), "data centre %d can be reached: %s port %u", id, places[i].address.host,
                 (unsigned)places[i].address.port);
        doctor_add(v, "network", "good", detail, "");
        return;
    }
    detail[0] = '\0';
    for (size_t i = 0; i < n && len < sizeof(detail); i++)
        len += (size_t)snprintf(detail + len, sizeof(detail) - len, "%s%s port %u: %s", i ? "; " : "",
                                places[i].address.host, (unsigned)places[i].address.port, places[i].why);
    char text[DOCTOR_TEXT_SIZE];
    snprintf(text, sizeof(text), "data centre %d cannot be reached: %.900s", id, detail);
    doctor_add(v, "network", "fault", text,
               "Let this machine out to these addresses, or set a [telegram] proxy in the configuration.");
}

void doctor_net(struct visit *v, const struct settings *settings)
{
    static struct reach places[REACH_MAX];
    size_t ends[REACH_MAX], n = 0, dcs_n = 0;

    if (settings->proxy) {
        look_at_proxy(v, settings->proxy);
        return;
    }
    for (size_t i = 0; i < settings->dcs_n && i < REACH_MAX; i++)
        ends[dcs_n++] = n = list_places(settings, &settings->dcs[i], places, n);
    reach_all(places, n, ANSWER_MAX_MS);
    for (size_t i = 0; i < dcs_n; i++) {
        size_t from = i ? ends[i - 1] : 0;
        if (ends[i] > from)
            tell(v, settings->dcs[i].id, places + from, ends[i] - from);
    }
}
