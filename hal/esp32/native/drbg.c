#include "drbg.h"
#include "bootloader_random.h"
#include "esp_random.h"
#include "esp_wifi.h"
#include "hash.h"
#include "signer_port.h"
#include "signer_slot.h"
#include <string.h>

#define DIGEST 32
/* Entropy input and nonce (§8.6.7) are drawn as one: 64 bytes. */
#define SEED 64

static struct {
	uint8_t key[DIGEST], value[DIGEST];
	bool is_open;
} generator;

/* HMAC-SHA-256 under the generator's key: of `value`, then, unless `mark` is negative, of that byte and the data. */
static void hmac(uint8_t mac[DIGEST], int mark, const uint8_t *data, size_t length)
{
	signer_sha256_context context;
	uint8_t pad[64], byte = (uint8_t)mark;
	for (int i = 0; i < 64; i++)
		pad[i] = (uint8_t)((i < DIGEST ? generator.key[i] : 0) ^ 0x36);
	signer_sha256_start(&context);
	signer_sha256_update(&context, pad, sizeof pad);
	signer_sha256_update(&context, generator.value, DIGEST);
	if (mark >= 0) {
		signer_sha256_update(&context, &byte, 1);
		signer_sha256_update(&context, data, length);
	}
	signer_sha256_finish(&context, mac);
	for (int i = 0; i < 64; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	signer_sha256_start(&context);
	signer_sha256_update(&context, pad, sizeof pad);
	signer_sha256_update(&context, mac, DIGEST);
	signer_sha256_finish(&context, mac);
	signer_slot_clear(&context, sizeof context);
	signer_slot_clear(pad, sizeof pad);
}

/* HMAC_DRBG_Update, §10.1.2.2. */
static void update(const uint8_t *data, size_t length)
{
	for (int mark = 0; mark < (length ? 2 : 1); mark++) {
		hmac(generator.key, mark, data, length);
		hmac(generator.value, -1, NULL, 0);
	}
}

bool drbg_open(void)
{
	uint8_t seed[SEED];
	wifi_mode_t mode;
	if (esp_wifi_get_mode(&mode) != ESP_ERR_WIFI_NOT_INIT)
		return false;
	bootloader_random_enable();
	esp_fill_random(seed, sizeof seed);
	bootloader_random_disable();
	/* Detects a generator that repeats itself (SP 800-90B §4.4.1, on 32 bytes at a time). */
	bool is_alive = memcmp(seed, seed + SEED / 2, SEED / 2) != 0;
	memset(generator.key, 0, DIGEST);
	memset(generator.value, 1, DIGEST);
	update(seed, sizeof seed);
	signer_slot_clear(seed, sizeof seed);
	generator.is_open = is_alive;
	return is_alive;
}

bool drbg_fill(uint8_t *bytes, size_t length)
{
	uint8_t fresh[DIGEST];
	if (!generator.is_open)
		return false;
	esp_fill_random(fresh, sizeof fresh);
	update(fresh, sizeof fresh);
	signer_slot_clear(fresh, sizeof fresh);
	while (length) {
		size_t part = length < DIGEST ? length : DIGEST;
		hmac(generator.value, -1, NULL, 0);
		memcpy(bytes, generator.value, part);
		bytes += part;
		length -= part;
	}
	update(NULL, 0);
	return true;
}

int signer_port_random(uint8_t *bytes, size_t length)
{
	return drbg_fill(bytes, length) ? SIGNER_PORT_OK : SIGNER_PORT_FAILED;
}
