/* Stands for components/esp_netif/include/esp_netif_sntp.h and esp_netif_types.h of ESP-IDF 6.0. */
#pragma once
#include "esp_err.h"
#include "sdkconfig.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/time.h>

typedef enum { IP_EVENT_STA_GOT_IP } ip_event_t;
typedef void (*esp_sntp_time_cb_t)(struct timeval *tv);

typedef struct esp_sntp_config {
	bool smooth_sync;
	bool server_from_dhcp;
	bool wait_for_sync;
	bool start;
	esp_sntp_time_cb_t sync_cb;
	bool renew_servers_after_new_IP;
	ip_event_t ip_event_to_renew;
	size_t index_of_first_server;
	size_t num_of_servers;
	const char *servers[CONFIG_LWIP_SNTP_MAX_SERVERS];
} esp_sntp_config_t;

#define ESP_SNTP_SERVER_LIST(...) { __VA_ARGS__ }
#define ESP_NETIF_SNTP_DEFAULT_CONFIG_MULTIPLE(servers_in_list, list_of_servers) { \
	.wait_for_sync = true, \
	.start = true, \
	.ip_event_to_renew = IP_EVENT_STA_GOT_IP, \
	.num_of_servers = (servers_in_list), \
	.servers = list_of_servers, \
}

esp_err_t esp_netif_sntp_init(const esp_sntp_config_t *config);
esp_err_t esp_netif_sntp_start(void);
