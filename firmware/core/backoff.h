/* Delays between attempts to connect (spec/device.md 11.3). */
#ifndef IOTW_BACKOFF_H
#define IOTW_BACKOFF_H

#include <stdint.h>

/* After so many attempts in vain: from 0.5 s, doubling to 30 s, of which between half and all, by chance. */
uint32_t iotw_backoff_ms(uint8_t failures);

#endif
