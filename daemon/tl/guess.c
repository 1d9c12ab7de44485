#include "daemon/tl/guess.h"

#include <limits.h>
#include <string.h>

#include "daemon/base/near.h"

/* What a wrong namespace costs beside any slip in a name. */
enum { OTHER_NAMESPACE = 10 };

static const char *behind_dot(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot ? dot + 1 : name;
}

size_t tl_guess_methods(const struct tl_schema *schema, const char *name,
                        const struct tl_comb *ret[static TL_GUESSES_MAX])
{
    size_t n, found = 0;
    const struct tl_comb *combs = tl_schema_combs(schema, &n);
    unsigned slips, fewest = UINT_MAX;

    for (const struct tl_comb *c = combs; c < combs + n; c++) {
        if (!c->is_method)
            continue;
        if (!near_is(name, c->name, &slips)) {
            if (!near_is(behind_dot(name), behind_dot(c->name), &slips))
                continue;
            slips += OTHER_NAMESPACE;
        }
        if (slips < fewest) {
            fewest = slips;
            found = 0;
        }
        if (slips == fewest && found < TL_GUESSES_MAX)
            ret[found++] = c;
    }
    return found;
}
