/* The device's functions for XS: port.ts and its neighbours call them by `native(name)`. */
#include "xsmc.h"
#include "xsHost.h"
#include "app_update/include/esp_ota_ops.h"
#include "drbg.h"
#include "esp_heap_caps.h"
#include "esp_netif.h"
#include "key_store.h"
#include "app_watchdog.h"
#include "reset_reason.h"
#include "serial_line.h"
#include "store.h"
#include "wall_clock.h"
#include <stdlib.h>
#include <string.h>

/* openKeys() → a result of key_store.h */
void xs_device_open_keys(xsMachine *the)
{
	xsmcSetInteger(xsResult, key_store_open());
}

/* keysAreEncrypted() → boolean */
void xs_device_keys_are_encrypted(xsMachine *the)
{
	xsmcSetBoolean(xsResult, key_store_is_encrypted());
}

/* openStores() → a result of store.h */
void xs_device_open_stores(xsMachine *the)
{
	xsmcSetInteger(xsResult, store_open());
}

/* storeRead(store, key) → bytes, or a result of store.h */
void xs_device_store_read(xsMachine *the)
{
	uint8_t *bytes;
	size_t length;
	int result = store_read(xsmcToInteger(xsArg(0)), xsmcToString(xsArg(1)), &bytes, &length);
	if (result != STORE_OK) {
		xsmcSetInteger(xsResult, result);
		return;
	}
	xsTry {
		xsmcSetArrayBuffer(xsResult, bytes, (xsIntegerValue)length);
	}
	xsCatch {
		free(bytes);
		xsThrow(xsException);
	}
	free(bytes);
}

/* storeWrite(store, key, bytes) → a result of store.h */
void xs_device_store_write(xsMachine *the)
{
	void *bytes;
	xsUnsignedValue length;
	int store = xsmcToInteger(xsArg(0));
	xsStringValue key = xsmcToString(xsArg(1));
	xsmcGetBufferReadable(xsArg(2), &bytes, &length);
	xsmcSetInteger(xsResult, store_write(store, key, bytes, length));
}

/* storeErase(store, key) → a result of store.h */
void xs_device_store_erase(xsMachine *the)
{
	xsmcSetInteger(xsResult, store_erase(xsmcToInteger(xsArg(0)), xsmcToString(xsArg(1))));
}

/* openRandom() → true if there is a generator */
void xs_device_open_random(xsMachine *the)
{
	xsmcSetBoolean(xsResult, drbg_open());
}

/* askTime() → true if the time servers are being asked */
void xs_device_ask_time(xsMachine *the)
{
	xsmcSetBoolean(xsResult, wall_clock_ask());
}

/* timeAnswers() → count */
void xs_device_time_answers(xsMachine *the)
{
	xsmcSetNumber(xsResult, wall_clock_answers());
}

/* nameServers() → the IPv4 addresses that DHCP named, each followed by a space */
void xs_device_name_servers(xsMachine *the)
{
	char text[3 * 16 + 1];
	size_t length = 0;
	esp_netif_t *station = esp_netif_get_handle_from_ifkey("WIFI_STA_DEF");
	for (int which = ESP_NETIF_DNS_MAIN; station && which <= ESP_NETIF_DNS_FALLBACK; which++) {
		esp_netif_dns_info_t server;
		if (esp_netif_get_dns_info(station, (esp_netif_dns_type_t)which, &server) != ESP_OK ||
		    server.ip.type != ESP_IPADDR_TYPE_V4 || server.ip.u_addr.ip4.addr == 0)
			continue;
		esp_ip4addr_ntoa(&server.ip.u_addr.ip4, text + length, 16);
		length += strlen(text + length);
		text[length++] = ' ';
	}
	text[length] = 0;
	xsmcSetString(xsResult, text);
}

/* readTime() → milliseconds since the epoch */
void xs_device_read_time(xsMachine *the)
{
	xsmcSetNumber(xsResult, (double)wall_clock_read());
}

/* setTime(milliseconds) */
void xs_device_set_time(xsMachine *the)
{
	wall_clock_set((int64_t)xsmcToNumber(xsArg(0)));
}

/* monotonic() → milliseconds */
void xs_device_monotonic(xsMachine *the)
{
	xsmcSetNumber(xsResult, (double)wall_clock_monotonic());
}

/* feed() */
void xs_device_feed(xsMachine *the)
{
	if (!app_watchdog_feed())
		xsUnknownError("the task watchdog does not watch the firmware");
}

/* freeMemory() → bytes of the C heap */
void xs_device_free_memory(xsMachine *the)
{
	xsmcSetNumber(xsResult, (double)heap_caps_get_free_size(MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT));
}

/* largestBlock() → bytes that can be allocated at once */
void xs_device_largest_block(xsMachine *the)
{
	xsmcSetNumber(xsResult, (double)heap_caps_get_largest_free_block(MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT));
}

/* startedBy() → string; call it first, and only once */
void xs_device_started_by(xsMachine *the)
{
	reset_reason_open();
	xsmcSetString(xsResult, (xsStringValue)reset_reason_text());
}

/* restartCount() → count */
void xs_device_restart_count(xsMachine *the)
{
	xsmcSetNumber(xsResult, reset_reason_count());
}

/* setRestartCount(count) */
void xs_device_set_restart_count(xsMachine *the)
{
	reset_reason_set_count((uint32_t)xsmcToInteger(xsArg(0)));
}

/* restart(reason) */
void xs_device_restart(xsMachine *the)
{
	serial_line_flush();
	reset_reason_restart(xsmcToString(xsArg(0)));
}

/* keepImage(): stops the bootloader from rolling back from this image, if it is a new one on trial */
void xs_device_keep_image(xsMachine *the)
{
	esp_ota_img_states_t state;
	bool is_on_trial = esp_ota_get_state_partition(esp_ota_get_running_partition(), &state) == ESP_OK &&
	                   state == ESP_OTA_IMG_PENDING_VERIFY;
	if (is_on_trial && esp_ota_mark_app_valid_cancel_rollback() != ESP_OK)
		xsUnknownError("the image could not be marked as good");
}
