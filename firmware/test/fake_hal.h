/* A port for tests: a clock that stands still until it is moved, memory that can fail or lose its power, a
 * connection that keeps what was sent. */
#ifndef IOTW_TEST_FAKE_HAL_H
#define IOTW_TEST_FAKE_HAL_H

#include <stddef.h>
#include <stdint.h>

#include "../core/store.h"

typedef struct {
  uint32_t now;
  uint32_t chance;  /* state of hal_random */
  int random_fails; /* it fails from now on */

  uint8_t area[3][IOTW_AREA_BYTES];
  int load_fails, store_fails;
  int power_left; /* bytes that hal_store writes until power goes; -1: it stays */
  int power_gone;

  int open;     /* hal_open was called, hal_close not */
  int opened;   /* how often */
  int closed;   /* how often by the core */
  int send_fails;
  uint8_t sent[65536];
  size_t sent_bytes;
  unsigned yields;
  unsigned stores; /* writes that were begun */
} fake_hal;

extern fake_hal hal;

/* Everything as new; the memory empty. */
void fake_hal_reset(void);

/* Provisions the memory: identity of the session vectors' shape, boot counter 0. */
void fake_hal_provision(const uint8_t network[32], const uint8_t seed[32], uint32_t number, uint8_t flags);

#endif
