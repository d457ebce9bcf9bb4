#ifndef IOTW_LAN9118_H
#define IOTW_LAN9118_H

#include <stdint.h>

/* Resets the controller and lets it receive what is for `address`. 0 if it is there. */
int lan9118_start(const uint8_t address[6]);

/* Bytes of the next frame with its check sequence of 4, 0: none. It must then be read or skipped, whole words. */
uint32_t lan9118_waiting(void);
void lan9118_read(uint8_t *to, uint32_t length);
void lan9118_skip(uint32_t length);

/* Begins a frame of `length` bytes; (length + 3) / 4 words follow. -1: the FIFO is full. */
int lan9118_send_begin(uint32_t length);
void lan9118_send_word(uint32_t word);

#endif
