/* lwIP's network interface on the LAN9118, and what lwIP asks of a system without threads. */
#include "ethernet.h"

#include <string.h>

#include "hal.h"
#include "lan9118.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

static struct netif interface;

/* Locally administered (IEEE 802). A product has its own, printed on its label. */
static const uint8_t address[6] = {0x02, 0x69, 0x6F, 0x74, 0x77, 0x01};

uint32_t sys_now(void);

uint32_t sys_now(void) { return hal_now(); }

/* Ports and sequence numbers that a stranger can't foresee. */
uint32_t iotw_lwip_rand(void) {
  uint32_t word = 0;
  (void)hal_random((uint8_t *)&word, sizeof word);
  return word;
}

static err_t send_frame(struct netif *netif, struct pbuf *frame) {
  (void)netif;
  if (lan9118_send_begin(frame->tot_len) != 0) return ERR_MEM;
  uint32_t word = 0, filled = 0;
  for (const struct pbuf *part = frame; part != NULL; part = part->next) {
    const uint8_t *bytes = part->payload;
    for (uint32_t i = 0; i < part->len; i++) {
      word |= (uint32_t)bytes[i] << 8 * filled;
      if (++filled == 4) {
        lan9118_send_word(word);
        word = filled = 0;
      }
    }
  }
  if (filled > 0) lan9118_send_word(word);
  return ERR_OK;
}

static err_t begin(struct netif *netif) {
  netif->name[0] = 'e';
  netif->name[1] = 'n';
  netif->mtu = 1500;
  netif->hwaddr_len = sizeof address;
  memcpy(netif->hwaddr, address, sizeof address);
  netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_LINK_UP;
  netif->output = etharp_output;
  netif->linkoutput = send_frame;
  return ERR_OK;
}

int ethernet_start(void) {
  ip4_addr_t own, mask, gateway;
  /* QEMU's user network: 10.0.2.2 is the host. */
  IP4_ADDR(&own, 10, 0, 2, 15);
  IP4_ADDR(&mask, 255, 255, 255, 0);
  IP4_ADDR(&gateway, 10, 0, 2, 2);
  if (lan9118_start(address) != 0) return -1;
  lwip_init();
  if (netif_add(&interface, &own, &mask, &gateway, NULL, begin, ethernet_input) == NULL) return -1;
  netif_set_default(&interface);
  netif_set_up(&interface);
  return 0;
}

void ethernet_poll(void) {
  for (uint32_t length = lan9118_waiting(); length > 0; length = lan9118_waiting()) {
    const uint32_t whole = (length + 3) / 4 * 4;
    struct pbuf *frame = whole > UINT16_MAX ? NULL : pbuf_alloc(PBUF_RAW, (u16_t)whole, PBUF_POOL);
    /* Without buffers the frame is lost, as it is on any wire: TCP sends it again. */
    if (frame == NULL) {
      lan9118_skip(length);
      continue;
    }
    /* Each buffer but the last holds whole words. */
    for (struct pbuf *part = frame; part != NULL; part = part->next) lan9118_read(part->payload, part->len);
    pbuf_realloc(frame, (u16_t)(length - 4));
    if (interface.input(frame, &interface) != ERR_OK) pbuf_free(frame);
  }
  sys_check_timeouts();
}
