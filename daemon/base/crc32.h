/* CRC-32 as zlib and IEEE 802.3 have it: TL constructor ids and the full transport. */
#ifndef TGCALLD_BASE_CRC32_H
#define TGCALLD_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_of(const void *data, size_t len);

#endif
