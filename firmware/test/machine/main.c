/* The device against brokers that cut, stay silent, send half packets, garbage, and bad assignments. */
#include "../expect.h"
#include "cases.h"

int main(void) {
  half_packets();
  login_packets();
  cut_everywhere();
  silence();
  garbage();
  bad_helloes();
  strange_helloes();
  refusals();
  replays();
  presence();
  odds_of_the_wire();
  delays();
  reports();
  many_logins();
  return expect_end();
}
