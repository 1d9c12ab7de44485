/* The time between two looks at what is elsewhere. */
#ifndef TGCALLD_CTL_PAUSE_H
#define TGCALLD_CTL_PAUSE_H

/* Nothing is done for so long, or until a signal. */
void pause_ms(unsigned ms);

#endif
