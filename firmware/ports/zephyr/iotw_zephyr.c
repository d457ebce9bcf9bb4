/* The device on Zephyr 3.6 and later: sockets for the connection, a fixed partition "iotw_partition" for the store.
 *
 * NOT BUILT HERE. Written against Zephyr's published API documentation (zephyr/net/socket.h, zephyr/storage/flash_map.h,
 * zephyr/random/random.h); nobody of this project has run it. docs/firmware.md says what to check first.
 *
 * TLS by CONFIG_NET_SOCKETS_SOCKOPT_TLS: the application adds the broker's own certificate as a CA certificate under
 * IOTW_TLS_TAG (tls_credential_add), and TLS takes that broker alone. A store with a pin does not run without it. */
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/tls_credentials.h>
#include <zephyr/random/random.h>
#include <zephyr/storage/flash_map.h>
#include <zephyr/sys/printk.h>

#include "../../core/device.h"
#include "../../hal/hal.h"

int iotw_run(void);

#define IOTW_TLS_TAG 4711
/* The longest wait for the network. */
#define MOST_MS 1000u

static iotw_device device;
static iotw_broker broker;
static int sock = -1, wanted;

uint32_t hal_now(void) { return k_uptime_get_32(); }

/* Needs a driver of a hardware source: CONFIG_ENTROPY_GENERATOR. */
int hal_random(uint8_t *bytes, size_t length) { return sys_csrand_get(bytes, length); }

void hal_open(void) { wanted = 1; }

void hal_close(void) {
  wanted = 0;
  if (sock >= 0) zsock_close(sock);
  sock = -1;
}

int hal_send(const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = sock < 0 ? -1 : zsock_send(sock, bytes, length, 0);
    if (sent <= 0) return -1;
    bytes += sent;
    length -= (size_t)sent;
  }
  return 0;
}

/* Each area has to be a whole number of erasable pages, and a write block at most 16 bytes long. */
int hal_load(uint8_t area, uint8_t *bytes, size_t length) {
  const struct flash_area *store;
  int failed = flash_area_open(FIXED_PARTITION_ID(iotw_partition), &store);
  if (failed) return -1;
  failed = flash_area_read(store, (off_t)area * IOTW_AREA_BYTES, bytes, length);
  flash_area_close(store);
  return failed ? -1 : 0;
}

int hal_store(uint8_t area, const uint8_t *bytes, size_t length) {
  const struct flash_area *store;
  const off_t from = (off_t)area * IOTW_AREA_BYTES;
  int failed = flash_area_open(FIXED_PARTITION_ID(iotw_partition), &store);
  if (failed) return -1;
  failed = flash_area_erase(store, from, IOTW_AREA_BYTES);
  if (!failed) failed = flash_area_write(store, from, bytes, length);
  flash_area_close(store);
  return failed ? -1 : 0;
}

void hal_log(const char *line) { printk("iotw: %s\n", line); }

/* Sleeps, so that threads of lower priority run too. Feed the board's watchdog here. */
void hal_yield(void) { k_msleep(1); }

static int connected(void) {
  struct zsock_addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
  char port[6];
  int result = -1;
  snprintk(port, sizeof port, "%u", (unsigned)broker.port);
  if (zsock_getaddrinfo(broker.host, port, &hints, &found) != 0) return -1;
  sock = zsock_socket(found->ai_family, SOCK_STREAM, broker.pinned ? IPPROTO_TLS_1_2 : IPPROTO_TCP);
  if (sock >= 0 && broker.pinned) {
    const sec_tag_t tags[] = {IOTW_TLS_TAG};
    const int required = TLS_PEER_VERIFY_REQUIRED;
    result = zsock_setsockopt(sock, SOL_TLS, TLS_SEC_TAG_LIST, tags, sizeof tags);
    if (result == 0) result = zsock_setsockopt(sock, SOL_TLS, TLS_PEER_VERIFY, &required, sizeof required);
    if (result == 0) result = zsock_setsockopt(sock, SOL_TLS, TLS_HOSTNAME, broker.host, strlen(broker.host) + 1);
  } else if (sock >= 0) {
    result = 0;
  }
  if (result == 0) result = zsock_connect(sock, found->ai_addr, found->ai_addrlen);
  zsock_freeaddrinfo(found);
  return result;
}

static void open_connection(void) {
  wanted = 0;
  if (connected() == 0) {
    iotw_device_opened(&device);
    return;
  }
  hal_close();
  iotw_device_closed(&device);
}

/* Waits for bytes, at most so long, and hands them over. */
static void serve(uint32_t wait_ms) {
  static uint8_t bytes[512];
  struct zsock_pollfd poll = {.fd = sock, .events = ZSOCK_POLLIN};
  ssize_t got;
  if (sock < 0) {
    k_msleep(wait_ms < 10 ? 10 : (int32_t)wait_ms);
    return;
  }
  if (zsock_poll(&poll, 1, (int)wait_ms) <= 0) return;
  got = zsock_recv(sock, bytes, sizeof bytes, 0);
  if (got > 0) {
    iotw_device_received(&device, bytes, (size_t)got);
    return;
  }
  hal_close();
  iotw_device_closed(&device);
}

/* Call it from a thread with 10 KB of stack once the network is up. Returns only where the device must not run:
 * the code of core/store.h. */
int iotw_run(void) {
  iotw_identity identity;
  int failure = iotw_load_identity(&identity, &broker);
  if (failure == IOTW_OK) failure = iotw_device_start(&device);
  if (failure != IOTW_OK) return failure;
  for (;;) {
    uint32_t wait = iotw_device_tick(&device);
    if (wanted)
      open_connection();
    else
      serve(wait < MOST_MS ? wait : MOST_MS);
  }
}
