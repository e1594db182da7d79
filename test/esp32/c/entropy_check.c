/* The generator over hardware whose bytes are known. */
#include "entropy.h"
#include "check.h"
#include "esp_random.h"
#include "esp_wifi.h"
#include "bootloader_random.h"
#include "own_stack.h"
#include "signer_port.h"

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
	CHECK(entropy_open() && was_noisy && !has_noise);
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
	CHECK(!entropy_fill(bytes, sizeof bytes) && signer_port_random(bytes, sizeof bytes) == SIGNER_PORT_FAILED);
	has_wifi = true;
	CHECK(!entropy_open() && next == 0);
	has_wifi = false;
	stands_still = true;
	CHECK(!entropy_open() && !entropy_fill(bytes, sizeof bytes));
	CHECK(memcmp(bytes, "\0\0\0\0", 4) == 0);
}

static uint8_t drawn[64];

static void draw(void)
{
	CHECK(entropy_open() && entropy_fill(drawn, sizeof drawn));
}

static void stack_is_clean(void)
{
	uint8_t seed[16];
	for (uint8_t i = 0; i < 16; i++)
		seed[i] = i;
	own_stack_run(draw);
	CHECK(!own_stack_has(seed, sizeof seed) && !own_stack_has(drawn + 32, 16));
}

int main(int count, char **arguments)
{
	return check_main(count, arguments, (const struct check_case[]){
		{"draws", draws}, {"refuses", refuses}, {"stack is clean", stack_is_clean}, {0}});
}
