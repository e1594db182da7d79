/* Stands for components/esp_netif/include/esp_netif.h, esp_netif_types.h and esp_netif_ip_addr.h of ESP-IDF 6.0. */
#pragma once
#include "esp_err.h"
#include <stdint.h>

typedef struct esp_netif_obj esp_netif_t;
typedef struct esp_ip4_addr {
	uint32_t addr;
} esp_ip4_addr_t;
typedef struct esp_ip6_addr {
	uint32_t addr[4];
	uint8_t zone;
} esp_ip6_addr_t;
typedef struct _ip_addr {
	union {
		esp_ip6_addr_t ip6;
		esp_ip4_addr_t ip4;
	} u_addr;
	uint8_t type;
} esp_ip_addr_t;
#define ESP_IPADDR_TYPE_V4 0U
typedef enum { ESP_NETIF_DNS_MAIN = 0, ESP_NETIF_DNS_BACKUP, ESP_NETIF_DNS_FALLBACK } esp_netif_dns_type_t;
typedef struct {
	esp_ip_addr_t ip;
} esp_netif_dns_info_t;

esp_netif_t *esp_netif_get_handle_from_ifkey(const char *if_key);
esp_err_t esp_netif_get_dns_info(esp_netif_t *esp_netif, esp_netif_dns_type_t type, esp_netif_dns_info_t *dns);
char *esp_ip4addr_ntoa(const esp_ip4_addr_t *addr, char *buf, int buflen);
