/* lwIP 2.1 for one outgoing TCP connection and nothing else. */
#ifndef IOTW_LWIPOPTS_H
#define IOTW_LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define LWIP_NETIF_API 0

#define LWIP_IPV4 1
#define LWIP_IPV6 0
#define LWIP_ARP 1
#define LWIP_ICMP 0
#define LWIP_RAW 0
#define LWIP_UDP 0
#define LWIP_DHCP 0
#define LWIP_DNS 0
#define LWIP_IGMP 0
#define LWIP_AUTOIP 0
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define IP_FORWARD 0
#define LWIP_STATS 0
#define LWIP_TCP_KEEPALIVE 0
#define ARP_TABLE_SIZE 2
#define ARP_QUEUEING 0

/* Segments of 536 bytes are asked for. QEMU's user network sends longer ones all the same, as far as the window goes:
 * a frame may take several buffers. */
#define TCP_MSS 536
#define TCP_WND (4 * TCP_MSS)
#define TCP_SND_BUF (4 * TCP_MSS)
#define TCP_SND_QUEUELEN 12
#define TCP_QUEUE_OOSEQ 0
#define TCP_LISTEN_BACKLOG 0
#define MEMP_NUM_TCP_PCB 2
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_TCP_SEG 12
#define MEMP_NUM_PBUF 2
#define MEMP_NUM_SYS_TIMEOUT 4
#define PBUF_POOL_SIZE 6
#define PBUF_POOL_BUFSIZE 624
#define MEM_ALIGNMENT 4
#define MEM_SIZE 3200
#define LWIP_NETIF_TX_SINGLE_PBUF 0
#define LWIP_CHECKSUM_ON_COPY 0

#define LWIP_DBG_TYPES_ON 0
#define LWIP_NOASSERT 0

#endif
