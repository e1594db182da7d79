/* The generator over hardware whose bytes are known; its source is a part of this one, so that its state can be seen. */
#include "drbg.c"
#include "check.h"
#include "own_stack.h"

static bool has_wifi, has_noise, was_noisy, stands_still;
static uint8_t next;

esp_err_t esp_wifi_get_mode(wifi_mode_t *mode)
{
	*mode = WIFI_MODE_STA;
	return has_wifi ? ESP_OK : ESP_ERR_WIFI_NOT_INIT;
}

void bootloader_random_enable(void)
{
	has_noise = true;
}

void bootloader_random_disable(void)
{
	has_noise = false;
}

/* 0, 1, 2, … */
void esp_fill_random(void *bytes, size_t length)
{
	was_noisy = has_noise;
	for (size_t i = 0; i < length; i++)
		((uint8_t *)bytes)[i] = stands_still ? 7 : next++;
}

/* What c.test.ts holds against HMAC_DRBG from node:crypto. */
static void draws(void)
{
	uint8_t bytes[100];
	CHECK(drbg_open() && was_noisy && !has_noise);
	for (size_t length = 1; length <= sizeof bytes; length += 33) {
		CHECK(signer_port_random(bytes, length) == SIGNER_PORT_OK && !was_noisy);
		for (size_t i = 0; i < length; i++)
			printf("%02x", bytes[i]);
		printf("\n");
	}
}

static void refuses(void)
{
	uint8_t bytes[4] = {0};
	CHECK(!drbg_fill(bytes, sizeof bytes) && signer_port_random(bytes, sizeof bytes) == SIGNER_PORT_FAILED);
	has_wifi = true;
	CHECK(!drbg_open() && next == 0);
	has_wifi = false;
	stands_still = true;
	CHECK(!drbg_open() && !drbg_fill(bytes, sizeof bytes));
	CHECK(memcmp(bytes, "\0\0\0\0", 4) == 0);
}

static void seed(void)
{
	CHECK(drbg_open());
}

static void draw(void)
{
	uint8_t bytes[1];
	CHECK(drbg_fill(bytes, sizeof bytes));
}

/* 16 bytes of the state, as they are, under HMAC's pads, and as SHA-256 has them in words. */
static bool stack_has(const uint8_t *secret)
{
	uint8_t as_is[16], inner[16], outer[16], words[16];
	for (int i = 0; i < 16; i++) {
		as_is[i] = secret[i];
		inner[i] = secret[i] ^ 0x36;
		outer[i] = secret[i] ^ 0x5c;
		words[i] = secret[i ^ 3];
	}
	return own_stack_has(as_is, 16) || own_stack_has(inner, 16) || own_stack_has(outer, 16) || own_stack_has(words, 16);
}

static void stack_is_clean(void)
{
	uint8_t first[16], fresh[16];
	for (uint8_t i = 0; i < 16; i++) {
		first[i] = i;
		fresh[i] = (uint8_t)(SEED + i);
	}
	own_stack_run(seed);
	CHECK(!own_stack_has(first, 16) && !stack_has(generator.key) && !stack_has(generator.value));
	own_stack_run(draw);
	CHECK(!own_stack_has(fresh, 16) && !stack_has(generator.key) && !stack_has(generator.value));
}

int main(int count, char **arguments)
{
	return check_main(count, arguments, (const struct check_case[]){
		{"draws", draws}, {"refuses", refuses}, {"stack is clean", stack_is_clean}, {0}});
}
