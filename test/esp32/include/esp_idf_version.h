/* Stands for components/esp_common/include/esp_idf_version.h of ESP-IDF 6.0. */
#pragma once
#ifndef ESP_IDF_VERSION_PATCH
	#define ESP_IDF_VERSION_PATCH 0
#endif
#define ESP_IDF_VERSION_VAL(major, minor, patch) ((major << 16) | (minor << 8) | (patch))
#define ESP_IDF_VERSION ESP_IDF_VERSION_VAL(6, 0, ESP_IDF_VERSION_PATCH)
