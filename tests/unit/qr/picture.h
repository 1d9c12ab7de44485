/* What somebody who looks at a QR code sees of it: the modules, however it was drawn, and what a scanner reads. */
#ifndef TGCALLD_TESTS_QR_PICTURE_H
#define TGCALLD_TESTS_QR_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

enum { PICTURE_MAX = 256 };

struct picture {
    int width, height;
    bool black[PICTURE_MAX][PICTURE_MAX]; /* [y][x] */
};

/* From an SVG whose paths are rectangles, painted one upon the other; the test fails on anything else in it. */
void picture_of_svg(const char *svg, struct picture *ret);
/* From what a terminal was sent: half blocks, or coloured spaces with two columns a module. Fails on any other escape
 * or character, and where a line ends in colours. */
void picture_of_terminal(const char *text, int columns_a_module, struct picture *ret);

/* What zbarimg reads off it; the caller frees. NULL: it is not installed. Fails where it reads nothing. */
char *picture_scan(const struct picture *p);

#endif
