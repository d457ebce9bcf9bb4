/* The device on ESP-IDF 5: esp-tls for the connection, a data partition "iotw" of three sectors for the store.
 *
 * NOT BUILT HERE. Written against Espressif's published API reference (esp_tls.h, esp_partition.h, esp_random.h,
 * esp_timer.h, esp_task_wdt.h); nobody of this project has run it. docs/firmware.md says what to check first.
 *
 * The broker's key is held against the store's pin after the handshake. esp-tls itself then needs no certificate
 * authority: CONFIG_ESP_TLS_INSECURE and CONFIG_ESP_TLS_SKIP_SERVER_CERT_VERIFY, and CONFIG_MBEDTLS_SSL_KEEP_PEER_CERTIFICATE. */
#include <esp_log.h>
#include <esp_partition.h>
#include <esp_random.h>
#include <esp_task_wdt.h>
#include <esp_timer.h>
#include <esp_tls.h>
#include <freertos/FreeRTOS.h>
#include <freertos/task.h>
#include <mbedtls/ssl.h>
#include <string.h>
#include <sys/select.h>

#include "../../core/device.h"
#include "../../crypto/crypto.h"
#include "../../hal/hal.h"

void iotw_task(void *unused);

/* The longest wait for the network, so that the task's watchdog is fed. */
#define MOST_MS 1000u

static iotw_device device;
static iotw_broker broker;
static esp_tls_t *tls;
static int wanted;

uint32_t hal_now(void) { return (uint32_t)(esp_timer_get_time() / 1000); }

/* Good while Wi-Fi or Bluetooth is on, says Espressif; the core asks only when it connects. */
int hal_random(uint8_t *bytes, size_t length) {
  esp_fill_random(bytes, length);
  return 0;
}

void hal_open(void) { wanted = 1; }

void hal_close(void) {
  wanted = 0;
  if (tls != NULL) esp_tls_conn_destroy(tls);
  tls = NULL;
}

int hal_send(const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = tls == NULL ? -1 : esp_tls_conn_write(tls, bytes, length);
    if (sent <= 0) return -1;
    bytes += sent;
    length -= (size_t)sent;
  }
  return 0;
}

static const esp_partition_t *store(void) {
  return esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, "iotw");
}

int hal_load(uint8_t area, uint8_t *bytes, size_t length) {
  const esp_partition_t *at = store();
  return at != NULL && esp_partition_read(at, (size_t)area * IOTW_AREA_BYTES, bytes, length) == ESP_OK ? 0 : -1;
}

/* An area is one sector of 4,096 bytes: a power loss here leaves the others as they were. */
int hal_store(uint8_t area, const uint8_t *bytes, size_t length) {
  const esp_partition_t *at = store();
  const size_t from = (size_t)area * IOTW_AREA_BYTES;
  if (at == NULL || esp_partition_erase_range(at, from, IOTW_AREA_BYTES) != ESP_OK) return -1;
  return esp_partition_write(at, from, bytes, length) == ESP_OK ? 0 : -1;
}

void hal_log(const char *line) { ESP_LOGI("iotw", "%s", line); }

/* A tick asleep: the idle task runs, and with it its watchdog and Wi-Fi. */
void hal_yield(void) {
  esp_task_wdt_reset();
  vTaskDelay(1);
}

/* The SHA-256 of the certificate's SubjectPublicKeyInfo is the pin. */
static int is_pinned_broker(void) {
  const mbedtls_ssl_context *session = esp_tls_get_ssl_context(tls);
  const mbedtls_x509_crt *certificate = session == NULL ? NULL : mbedtls_ssl_get_peer_cert(session);
  uint8_t hash[32];
  iotw_sha256 sha;
  if (certificate == NULL) return 0;
  iotw_sha256_start(&sha);
  iotw_sha256_add(&sha, certificate->pk_raw.p, certificate->pk_raw.len);
  iotw_sha256_end(&sha, hash);
  return memcmp(hash, broker.pin, sizeof hash) == 0;
}

/* Opens what hal_open asked for. esp-tls waits for the handshake, at most IOTW_STEP_MS. */
static void open_connection(void) {
  esp_tls_cfg_t how = {.timeout_ms = IOTW_STEP_MS, .is_plain_tcp = !broker.pinned};
  wanted = 0;
  tls = esp_tls_init();
  if (tls != NULL && esp_tls_conn_new_sync(broker.host, (int)strlen(broker.host), broker.port, &how, tls) == 1 &&
      (!broker.pinned || is_pinned_broker())) {
    iotw_device_opened(&device);
    return;
  }
  hal_close();
  iotw_device_closed(&device);
}

/* Waits for bytes, at most so long, and hands them over. */
static void serve(uint32_t wait_ms) {
  static uint8_t bytes[512];
  int descriptor;
  fd_set readable;
  ssize_t got;
  if (tls == NULL || esp_tls_get_conn_sockfd(tls, &descriptor) != ESP_OK) {
    vTaskDelay(pdMS_TO_TICKS(wait_ms < 10 ? 10 : wait_ms));
    return;
  }
  if (esp_tls_get_bytes_avail(tls) <= 0) {
    struct timeval limit = {.tv_sec = (time_t)(wait_ms / 1000), .tv_usec = (suseconds_t)(wait_ms % 1000 * 1000)};
    FD_ZERO(&readable);
    FD_SET(descriptor, &readable);
    if (select(descriptor + 1, &readable, NULL, NULL, &limit) <= 0) return;
  }
  got = esp_tls_conn_read(tls, bytes, sizeof bytes);
  if (got == ESP_TLS_ERR_SSL_WANT_READ || got == ESP_TLS_ERR_SSL_WANT_WRITE) return;
  if (got > 0) {
    iotw_device_received(&device, bytes, (size_t)got);
    return;
  }
  hal_close();
  iotw_device_closed(&device);
}

/* Start it with xTaskCreate and 12 KB of stack once Wi-Fi is up. It ends where the device must not run. */
void iotw_task(void *unused) {
  iotw_identity identity;
  int failure = iotw_load_identity(&identity, &broker);
  (void)unused;
  if (failure == IOTW_OK) failure = iotw_device_start(&device);
  if (failure != IOTW_OK) {
    ESP_LOGE("iotw", "the device must not run: %d (core/store.h)", failure);
    vTaskDelete(NULL);
    return;
  }
  esp_task_wdt_add(NULL);
  for (;;) {
    uint32_t wait = iotw_device_tick(&device);
    esp_task_wdt_reset();
    if (wanted)
      open_connection();
    else
      serve(wait < MOST_MS ? wait : MOST_MS);
  }
}
