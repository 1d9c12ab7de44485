#include "daemon/ctl/say_problem.h"

#include "daemon/ctl/advice.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/say.h"

enum { ADVICE_SIZE = 2048 };

void say_problem(const json_t *problem)
{
    const char *detail = member_text(problem, "detail");
    char advice[ADVICE_SIZE];
    const json_t *errors = json_object_get(problem, "errors"), *error;
    bool is_listed = json_array_size(errors) > 0;
    size_t i;

    /* What is wrong with each member says it all; the rest is for who wrote the JSON. */
    if (!*member_text(problem, "title") && !*detail)
        say_fault("it was refused, and the answer does not say why: is this a tgcalld?");
    else if (is_listed)
        say_fault("%s:", member_text(problem, "title"));
    else
        say_fault("%s%s%s", member_text(problem, "title"), *detail ? ": " : "", detail);
    json_array_foreach (errors, i, error) {
        say("  %s: %s", member_text(error, "pointer"), member_text(error, "detail"));
    }
    advice_of(problem, advice, sizeof(advice));
    if (advice[0] && !is_listed)
        say("  %s", advice);
}
