/* Stands for components/esp_common/include/esp_err.h of ESP-IDF 6.0: what hal/esp32/native uses of it. */
#pragma once
typedef int esp_err_t;
#define ESP_OK 0
#define ESP_FAIL -1
#define ESP_ERR_NOT_FOUND 0x105
#define ESP_ERR_WIFI_BASE 0x3000
