/* Stands for components/esp_hw_support/include/esp_random.h of ESP-IDF 6.0. */
#pragma once
#include <stddef.h>
void esp_fill_random(void *buf, size_t len);
