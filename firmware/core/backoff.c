#include "backoff.h"

#include "../hal/hal.h"
#include "bytes.h"

uint32_t iotw_backoff_ms(uint8_t failures) {
  uint32_t whole = failures >= 6 ? 30000 : 500u << failures;
  uint8_t chance[4] = {0};
  if (hal_random(chance, sizeof chance) != 0) iotw_put32(chance, hal_now());
  return whole / 2 + iotw_get32(chance) % (whole / 2 + 1);
}
