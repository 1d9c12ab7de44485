/* What a refused request answered, to a person. */
#ifndef TGCALLD_CTL_SAY_PROBLEM_H
#define TGCALLD_CTL_SAY_PROBLEM_H

#include <jansson.h>

/* RFC 9457: title, detail, what is wrong where, and what to do at a terminal (advice.h). */
void say_problem(const json_t *problem);

#endif
