/* Stands for the build's sdkconfig.h: what hal/esp32/native asks of a board's. A test changes one by -D. */
#pragma once
#ifndef WITHOUT_NVS_ENCRYPTION
	#define CONFIG_NVS_ENCRYPTION 1
#endif
#ifndef WITHOUT_WATCHDOG
	#define CONFIG_ESP_TASK_WDT_EN 1
#endif
#define CONFIG_ESP_TASK_WDT_INIT 1
#define CONFIG_ESP_TASK_WDT_PANIC 1
#define CONFIG_ESP_TASK_WDT_TIMEOUT_S 20
#define CONFIG_LWIP_SNTP_MAX_SERVERS 3
