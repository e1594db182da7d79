/*
 * Random bytes: HMAC_DRBG with SHA-256 (NIST SP 800-90A Rev. 1 §10.1.2), seeded once with noise and fed anew from the
 * hardware generator before every draw.
 *
 * The hardware generator gives true random numbers only while a source of noise is on: the radio, awake, or the SAR ADC
 * between bootloader_random_enable and _disable. Otherwise what it gives is pseudo-random (ESP-IDF Programming Guide, Random
 * Number Generation, where a generator like this one is advised). A station's radio sleeps between beacons, and the SAR ADC
 * may not be used beside it. So the seed is drawn at the start, before the radio, with the SAR ADC on: on every chip, and
 * whatever the radio does later, the output is as hard to guess as 512 bits of noise.
 */
#ifndef ENTROPY_H
#define ENTROPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* To be called once, before Wi-Fi is initialized. False: Wi-Fi is, or the generator stands still; there will be no bytes. */
bool entropy_open(void);
/* False before entropy_open. */
bool entropy_fill(uint8_t *bytes, size_t length);

#endif
