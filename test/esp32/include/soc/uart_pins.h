/* Stands for components/soc/esp32c3/include/soc/uart_pins.h of ESP-IDF 6.0. */
#pragma once
#define U0RXD_GPIO_NUM 20
#define U0TXD_GPIO_NUM 21
