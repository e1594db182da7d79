/* Stands for components/esp_common/include/esp_attr.h of ESP-IDF 6.0, which puts each variable into a section of its own. */
#pragma once
#define RTC_NOINIT_ATTR
