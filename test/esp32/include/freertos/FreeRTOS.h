/* Stands for components/freertos/FreeRTOS-Kernel/include/freertos/FreeRTOS.h of ESP-IDF 6.0, at its 1,000 ticks a second
   of the SDK's configuration. */
#pragma once
#include <stddef.h>
#include <stdint.h>
typedef uint32_t TickType_t;
typedef int BaseType_t;
typedef unsigned int UBaseType_t;
#define pdTRUE 1
#define pdPASS pdTRUE
#define portMAX_DELAY (TickType_t)0xffffffffUL
#define pdMS_TO_TICKS(ms) ((TickType_t)(ms))
