/* The years that dates of ours lie in: what is not there by their end is never there. */
#ifndef TGCALLD_CALENDAR_YEARS_H
#define TGCALLD_CALENDAR_YEARS_H

enum { CALENDAR_FIRST_YEAR = 1970, CALENDAR_LAST_YEAR = 2399 };

#endif
