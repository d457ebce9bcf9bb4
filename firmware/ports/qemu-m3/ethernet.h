#ifndef IOTW_ETHERNET_H
#define IOTW_ETHERNET_H

/* Brings the interface up with its address in QEMU's user network. 0 if the controller is there. */
int ethernet_start(void);

/* Takes in what has arrived and lets lwIP do what is due. */
void ethernet_poll(void);

#endif
