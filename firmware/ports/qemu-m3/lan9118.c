/* Microchip LAN9118 in 32-bit mode, as the mps2-an385 has it: frames in and out of its FIFOs by polling. Register
 * names are the data sheet's (DS00002266). */
#include "lan9118.h"

#include <string.h>

#define REG(offset) (*(volatile uint32_t *)(0x40200000u + (offset)))
#define RX_DATA REG(0x00)
#define TX_DATA REG(0x20)
#define RX_STATUS REG(0x40)
#define TX_STATUS REG(0x48)
#define BYTE_TEST REG(0x64)
#define RX_CFG REG(0x6C)
#define TX_CFG REG(0x70)
#define HW_CFG REG(0x74)
#define RX_DP_CTL REG(0x78)
#define RX_FIFO_INF REG(0x7C)
#define TX_FIFO_INF REG(0x80)
#define MAC_CSR_CMD REG(0xA4)
#define MAC_CSR_DATA REG(0xA8)
#define AFC_CFG REG(0xAC)

enum { MAC_CR = 1, ADDRH = 2, ADDRL = 3 };
#define MAC_BUSY 0x80000000u
#define MAC_CR_RXEN 0x4u
#define MAC_CR_TXEN 0x8u
#define TX_ON 0x2u
#define SOFT_RESET 0x1u
#define READY_PATTERN 0x87654321u
#define RX_ERROR 0x8000u
#define RX_SKIP 0x80000000u
#define FCS_BYTES 4u

static void mac_write(uint32_t index, uint32_t value) {
  MAC_CSR_DATA = value;
  MAC_CSR_CMD = MAC_BUSY | index;
  while (MAC_CSR_CMD & MAC_BUSY) {
  }
}

int lan9118_start(const uint8_t address[6]) {
  if (BYTE_TEST != READY_PATTERN) return -1;
  HW_CFG = SOFT_RESET;
  while (HW_CFG & SOFT_RESET) {
  }
  HW_CFG = 0x00050000u;  /* 5 KB for what is sent, the rest for what comes */
  AFC_CFG = 0x006E3740u; /* the data sheet's own proposal for flow control */
  mac_write(ADDRL, address[0] | (uint32_t)address[1] << 8 | (uint32_t)address[2] << 16 | (uint32_t)address[3] << 24);
  mac_write(ADDRH, address[4] | (uint32_t)address[5] << 8);
  RX_CFG = 0;
  TX_CFG = TX_ON;
  mac_write(MAC_CR, MAC_CR_RXEN | MAC_CR_TXEN);
  return 0;
}

uint32_t lan9118_waiting(void) {
  for (;;) {
    if ((RX_FIFO_INF & 0x00FF0000u) == 0) return 0;
    const uint32_t status = RX_STATUS;
    const uint32_t length = status >> 16 & 0x3FFF;
    if ((status & RX_ERROR) == 0 && length > FCS_BYTES) return length;
    lan9118_skip(length);
  }
}

void lan9118_read(uint8_t *to, uint32_t length) {
  for (; length >= 4; length -= 4, to += 4) {
    const uint32_t word = RX_DATA;
    memcpy(to, &word, 4);
  }
  if (length > 0) {
    const uint32_t word = RX_DATA;
    for (uint32_t i = 0; i < length; i++) to[i] = (uint8_t)(word >> 8 * i);
  }
}

void lan9118_skip(uint32_t length) {
  if (length >= 16) {
    RX_DP_CTL = RX_SKIP;
    while (RX_DP_CTL & RX_SKIP) {
    }
  } else {
    for (uint32_t words = (length + 3) / 4; words > 0; words--) (void)RX_DATA;
  }
}

int lan9118_send_begin(uint32_t length) {
  if ((TX_FIFO_INF & 0xFFFF) < length + 16) return -1;
  while (TX_FIFO_INF >> 16 & 0xFF) (void)TX_STATUS;
  TX_DATA = 0x3000u | length; /* first and last segment */
  TX_DATA = length;
  return 0;
}

void lan9118_send_word(uint32_t word) { TX_DATA = word; }
