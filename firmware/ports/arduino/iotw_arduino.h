/* The device in an Arduino sketch (ESP8266 and ESP32 cores: LittleFS for the store).
 *
 * NOT BUILT HERE. Written against the published APIs of Arduino's Client class and of LittleFS; nobody of this project
 * has run it. docs/firmware.md says what to check first.
 *
 *   WiFiClient client;                      // or BearSSL::WiFiClientSecure with setKnownKey: the broker's public key
 *   void setup() { ... ; iotw_begin(client, false); }
 *   void loop() { iotw_loop(); } */
#ifndef IOTW_ARDUINO_H
#define IOTW_ARDUINO_H

#include <Client.h>

/* Starts the device. `secured`: the client checks the broker's key; a store with a pin is refused without it. Returns
 * 0, or why it must not run (core/store.h). LittleFS has to be mounted, and hold /iotw0 to /iotw2: the three areas. */
int iotw_begin(Client &client, bool secured);

/* What is due; call it from loop(). */
void iotw_loop();

/* The sketch says where random bytes come from: 0 if it gave them. The ESP32 has esp_fill_random, the ESP8266
 * os_get_random. */
extern "C" int hal_random(uint8_t *bytes, size_t length);

#endif
