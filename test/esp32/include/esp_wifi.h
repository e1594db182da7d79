/* Stands for components/esp_wifi/include/esp_wifi.h and esp_wifi_types_generic.h of ESP-IDF 6.0. */
#pragma once
#include "esp_err.h"
typedef enum { WIFI_MODE_NULL = 0, WIFI_MODE_STA } wifi_mode_t;
#define ESP_ERR_WIFI_NOT_INIT (ESP_ERR_WIFI_BASE + 1)
esp_err_t esp_wifi_get_mode(wifi_mode_t *mode);
