/*
 * The build stops here when ESP-IDF was configured otherwise than boards/sdkconfig asks: mcconfig takes a folder of settings
 * that is not there, and a setting that ESP-IDF does not know, without a word.
 */
#include "sdkconfig.h"

#if CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS || CONFIG_BOOTLOADER_SKIP_VALIDATE_ON_POWER_ON || \
	CONFIG_BOOTLOADER_SKIP_VALIDATE_IN_DEEP_SLEEP
	#error "the bootloader would start an image that it has not validated"
#endif

#if !CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE
	#error "a bad image would not be rolled back"
#endif

#if CONFIG_PARTITION_TABLE_OFFSET != 0x10000
	#error "boards/partitions expects the table at 0x10000: set CONFIG_PARTITION_TABLE_OFFSET"
#endif

#if !CONFIG_ESP_INT_WDT || !CONFIG_ESP_TASK_WDT_EN || !CONFIG_ESP_TASK_WDT_INIT || !CONFIG_ESP_TASK_WDT_PANIC
	#error "a watchdog is off"
#endif

#if !CONFIG_ESP_BROWNOUT_DET
	#error "the brown-out detector is off"
#endif

#if !CONFIG_ESP_SYSTEM_PANIC_SILENT_REBOOT || CONFIG_ESP_COREDUMP_ENABLE || CONFIG_ESP_DEBUG_STUBS_ENABLE
	#error "a panic would print what is in memory"
#endif

#if !CONFIG_NVS_ENCRYPTION && !CONFIG_IDF_TARGET_ESP32
	#error "NVS would not be encrypted"
#endif

#if CONFIG_SECURE_BOOT || CONFIG_SECURE_FLASH_ENC_ENABLED
	#if !CONFIG_SECURE_BOOT_V2_ENABLED || CONFIG_SECURE_BOOT_INSECURE
		#error "the release profile takes secure boot v2, whole"
	#endif
	#if !CONFIG_SECURE_FLASH_ENC_ENABLED || !CONFIG_SECURE_FLASH_ENCRYPTION_MODE_RELEASE
		#error "the release profile takes flash encryption in release mode"
	#endif
	#if !CONFIG_NVS_ENCRYPTION
		#error "NVS would not be encrypted"
	#endif
	#if CONFIG_SECURE_INSECURE_ALLOW_DL_MODE
		#error "the ROM's download mode would stay open"
	#endif
#endif

typedef int micropayer_sdkconfig_is_checked;
