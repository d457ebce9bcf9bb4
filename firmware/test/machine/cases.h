/* The cases of the device's machine, in the order in which they run; main.c calls each once. */
#ifndef IOTW_TEST_MACHINE_CASES_H
#define IOTW_TEST_MACHINE_CASES_H

void half_packets(void);
void login_packets(void);
void cut_everywhere(void);
void silence(void);
void garbage(void);
void bad_helloes(void);
void strange_helloes(void);
void refusals(void);
void replays(void);
void presence(void);
void odds_of_the_wire(void);
void delays(void);
void reports(void);
void many_logins(void);

#endif
