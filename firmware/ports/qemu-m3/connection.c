/* hal_open, hal_send and hal_close on lwIP's raw API. lwIP calls back while it is polled; the core is called from
 * connection_poll alone, so that neither is entered twice. */
#include "connection.h"

#include <string.h>

#include "hal.h"
#include "lwip/ip_addr.h"
#include "lwip/tcp.h"
#ifdef IOTW_TLS
#include "tls.h"
#endif

/* The core is handed this much at a time, so that one turn sends few answers; before each there is room for them. */
#define AT_ONCE 128
#define ROOM_FOR_ANSWERS (2 * TCP_MSS)

static struct {
  iotw_device *device;
  iotw_broker broker;
  ip_addr_t address;
  struct tcp_pcb *pcb;
  struct pbuf *arrived;
  uint16_t taken; /* of the first buffer that arrived */
  uint8_t active, connected, lost, reported;
} the;

int connection_start(iotw_device *device, const iotw_broker *broker) {
  the.device = device;
  the.broker = *broker;
#ifdef IOTW_TLS
  if (!broker->pinned) return -1;
#else
  if (broker->pinned) return -1;
#endif
  return ipaddr_aton(broker->host, &the.address) ? 0 : -1;
}

static void forget(void) {
  if (the.arrived != NULL) pbuf_free(the.arrived);
  the.arrived = NULL;
  the.taken = 0;
  the.pcb = NULL;
}

static void on_error(void *argument, err_t error) {
  (void)argument;
  (void)error;
  the.pcb = NULL; /* lwIP has freed it */
  the.lost = 1;
}

static err_t on_data(void *argument, struct tcp_pcb *pcb, struct pbuf *data, err_t error) {
  (void)argument;
  (void)pcb;
  (void)error;
  if (data == NULL) {
    the.lost = 1;
  } else if (the.arrived == NULL) {
    the.arrived = data;
  } else {
    pbuf_cat(the.arrived, data);
  }
  return ERR_OK;
}

static err_t on_connected(void *argument, struct tcp_pcb *pcb, err_t error) {
  (void)argument;
  (void)pcb;
  (void)error;
  the.connected = 1;
  return ERR_OK;
}

void hal_open(void) {
  hal_close();
  the.active = 1;
  the.lost = the.reported = the.connected = 0;
  the.pcb = tcp_new();
  if (the.pcb == NULL) {
    the.lost = 1;
    return;
  }
  tcp_nagle_disable(the.pcb);
  tcp_err(the.pcb, on_error);
  tcp_recv(the.pcb, on_data);
  if (tcp_connect(the.pcb, &the.address, the.broker.port, on_connected) != ERR_OK) the.lost = 1;
#ifdef IOTW_TLS
  if (tls_begin(the.broker.pin) != 0) the.lost = 1;
#endif
}

void hal_close(void) {
  struct tcp_pcb *pcb = the.pcb;
  forget();
  the.active = 0;
  if (pcb == NULL) return;
  tcp_err(pcb, NULL);
  tcp_recv(pcb, NULL);
  tcp_sent(pcb, NULL);
  tcp_output(pcb);
  if (tcp_close(pcb) != ERR_OK) tcp_abort(pcb);
}

static int send_plain(const uint8_t *bytes, size_t length) {
  if (the.pcb == NULL || the.lost || length > tcp_sndbuf(the.pcb)) return -1;
  if (tcp_write(the.pcb, bytes, (u16_t)length, TCP_WRITE_FLAG_COPY) != ERR_OK) return -1;
  return tcp_output(the.pcb) == ERR_OK ? 0 : -1;
}

static void drop_arrived(uint16_t length) {
  the.taken = (uint16_t)(the.taken + length);
  if (the.pcb != NULL) tcp_recved(the.pcb, length);
  if (the.taken < the.arrived->len) return;
  struct pbuf *rest = the.arrived->next;
  if (rest != NULL) pbuf_ref(rest);
  pbuf_free(the.arrived);
  the.arrived = rest;
  the.taken = 0;
}

static int room_for_answers(void) { return the.pcb == NULL || tcp_sndbuf(the.pcb) >= ROOM_FOR_ANSWERS; }

#ifdef IOTW_TLS

/* What TLS wants out, as far as TCP has room. -1: TCP can't. */
static int pass_out(void) {
  size_t length;
  for (const uint8_t *bytes = tls_send(&length); bytes != NULL; bytes = tls_send(&length)) {
    if (the.pcb == NULL || the.lost) return -1;
    if (length > tcp_sndbuf(the.pcb)) length = tcp_sndbuf(the.pcb);
    if (length == 0) return 0;
    if (send_plain(bytes, length) != 0) return -1;
    tls_sent(length);
  }
  return 0;
}

int hal_send(const uint8_t *bytes, size_t length) {
  while (length > 0) {
    const size_t taken = tls_write(bytes, length);
    if (taken == 0) return -1;
    bytes += taken;
    length -= taken;
    if (pass_out() != 0) return -1;
  }
  return 0;
}

static void pass_in(void) {
  uint8_t chunk[AT_ONCE];
  while (the.active && room_for_answers()) {
    if (pass_out() != 0) the.lost = 1;
    if (!the.reported && tls_now() == TLS_OPEN) {
      the.reported = 1;
      iotw_device_opened(the.device);
    }
    const size_t length = tls_read(chunk, sizeof chunk);
    if (length > 0) {
      iotw_device_received(the.device, chunk, length);
      continue;
    }
    if (the.arrived == NULL) return;
    const size_t took = tls_take((const uint8_t *)the.arrived->payload + the.taken, (size_t)(the.arrived->len - the.taken));
    if (took == 0) return;
    drop_arrived((uint16_t)took);
  }
}

static int is_over(void) { return the.lost || tls_now() == TLS_ENDED; }
static int is_wrong(void) { return tls_now() == TLS_ENDED && tls_wrong_key(); }

#else

int hal_send(const uint8_t *bytes, size_t length) { return send_plain(bytes, length); }

static void pass_in(void) {
  uint8_t chunk[AT_ONCE];
  if (!the.reported) {
    the.reported = 1;
    iotw_device_opened(the.device);
  }
  while (the.active && the.arrived != NULL && room_for_answers()) {
    const size_t left = (size_t)(the.arrived->len - the.taken);
    const size_t length = left < sizeof chunk ? left : sizeof chunk;
    memcpy(chunk, (const uint8_t *)the.arrived->payload + the.taken, length);
    drop_arrived((uint16_t)length);
    iotw_device_received(the.device, chunk, length);
  }
}

static int is_over(void) { return the.lost; }
static int is_wrong(void) { return 0; }

#endif

void connection_poll(void) {
  if (the.active && the.connected) pass_in();
  if (!the.active || !is_over()) return;
  hal_close();
  if (is_wrong())
    iotw_device_wrong_broker(the.device);
  else
    iotw_device_closed(the.device);
}
