/*
 * Random bytes: HMAC_DRBG with SHA-256 (NIST SP 800-90A Rev. 1 §10.1.2), seeded once from noise and reseeded from the
 * hardware generator before every draw.
 *
 * The hardware generator gives true random numbers only while a source of noise is on: the radio, awake, or the SAR ADC
 * between bootloader_random_enable and _disable; otherwise it is pseudo-random (ESP-IDF Programming Guide, Random Number
 * Generation, which advises a DRBG). A station's radio sleeps between beacons, and the SAR ADC cannot be used beside it. So
 * the seed is drawn at start-up, before the radio, with the SAR ADC on: on every chip, whatever the radio does later, the
 * output is as hard to guess as 512 bits of noise.
 */
#ifndef DRBG_H
#define DRBG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Call once, before Wi-Fi is initialized. False, and no bytes ever: Wi-Fi already runs, or the hardware repeats itself. */
bool drbg_open(void);
/* False until drbg_open has succeeded. */
bool drbg_fill(uint8_t *bytes, size_t length);

#endif
