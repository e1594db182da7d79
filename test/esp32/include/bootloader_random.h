/* Stands for components/bootloader_support/include/bootloader_random.h of ESP-IDF 6.0. */
#pragma once
void bootloader_random_enable(void);
void bootloader_random_disable(void);
