/* Stands for components/nvs_flash/include/nvs_bootloader.h of ESP-IDF 6.0. */
#pragma once
#include "nvs_flash.h"

typedef enum {
	NVS_TYPE_U8 = 0x01,
} nvs_type_t;

typedef struct {
	char *buff_ptr;
	size_t buff_len;
} nvs_bootloader_str_value_placeholder_t;

typedef union {
	uint8_t u8_val;
	uint64_t u64_val;
	nvs_bootloader_str_value_placeholder_t str_val;
} nvs_bootloader_value_placeholder_t;

typedef struct {
	const char *namespace_name;
	const char *key_name;
	nvs_type_t value_type;
	esp_err_t result_code;
	nvs_bootloader_value_placeholder_t value;
	uint8_t namespace_index;
} nvs_bootloader_read_list_t;

esp_err_t nvs_bootloader_read(const char *partition_name, const size_t read_list_count, nvs_bootloader_read_list_t read_list[]);
esp_err_t nvs_bootloader_secure_init(const nvs_sec_cfg_t *sec_cfg);
void nvs_bootloader_secure_deinit(void);
