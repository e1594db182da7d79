/* Stands for components/freertos/FreeRTOS-Kernel/include/freertos/task.h of ESP-IDF 6.0. */
#pragma once
#include "freertos/FreeRTOS.h"
typedef struct tskTaskControlBlock *TaskHandle_t;
typedef void (*TaskFunction_t)(void *);
BaseType_t xTaskCreate(TaskFunction_t code, const char *name, const uint32_t stack, void *parameters, UBaseType_t priority, TaskHandle_t *created);
void vTaskDelay(const TickType_t ticks);
