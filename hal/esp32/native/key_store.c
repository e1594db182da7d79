#include "key_store.h"
#include "nvs_flash/include/nvs_flash.h"
#include "esp_idf_version.h"
#include "sdkconfig.h"
#include "signer_port.h"
#include "signer_slot.h"
#include <stdio.h>
#include <string.h>

#if (CONFIG_SECURE_BOOT || CONFIG_SECURE_FLASH_ENC_ENABLED) && !CONFIG_NVS_ENCRYPTION
	#error "a release profile keeps keys encrypted: CONFIG_NVS_ENCRYPTION=y"
#endif

#define PARTITION "keys"
#define NAMESPACE "signer"
/* In the partition "nvs": a byte by the name of each slot that holds a key. */
#define MARKS "slots"
/* "S255" and its end. Upper case: no name that JavaScript may give a storage key, wherever an entry may be copied to. */
#define NAME 5

/* From 6.0.1 on NVS can overwrite what it erases. Before, an erased record stays in its page, encrypted, until NVS
   reuses the page. */
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(6, 0, 1)
	#define OPEN_MODE NVS_READWRITE_PURGE
#else
	#define OPEN_MODE NVS_READWRITE
#endif

static nvs_handle_t handle, marks;
static bool is_open;
/* Slots whose mark this run has seen or made. */
static uint8_t marked[SIGNER_SLOTS / 8];

bool key_store_is_encrypted(void)
{
#if CONFIG_NVS_ENCRYPTION
	return true;
#else
	return false;
#endif
}

/* KEY_STORE_OPEN when the partition is initialized. */
static int initialize(void)
{
	esp_err_t error;
#if CONFIG_NVS_ENCRYPTION
	nvs_sec_cfg_t keys;
	nvs_sec_scheme_t *scheme = nvs_flash_get_default_security_scheme();
	if (!scheme || nvs_flash_read_security_cfg_v2(scheme, &keys) != ESP_OK) {
		signer_slot_clear(&keys, sizeof keys);
		return KEY_STORE_NO_ENCRYPTION;
	}
	error = nvs_flash_secure_init_partition(PARTITION, &keys);
	signer_slot_clear(&keys, sizeof keys);
#else
	error = nvs_flash_init_partition(PARTITION);
#endif
	if (error == ESP_ERR_NOT_FOUND || error == ESP_ERR_NVS_PART_NOT_FOUND)
		return KEY_STORE_MISSING;
	return error == ESP_OK ? KEY_STORE_OPEN : KEY_STORE_UNREADABLE;
}

int key_store_open(void)
{
	int result = initialize();
	if (result == KEY_STORE_OPEN && nvs_open(MARKS, NVS_READWRITE, &marks) != ESP_OK)
		result = KEY_STORE_UNREADABLE;
	if (result == KEY_STORE_OPEN && nvs_open_from_partition(PARTITION, NAMESPACE, OPEN_MODE, &handle) != ESP_OK)
		result = KEY_STORE_UNREADABLE;
	is_open = result == KEY_STORE_OPEN;
	memset(marked, 0, sizeof marked);
	return result;
}

/* Lets NVS finish or undo what an error left half done. */
static bool settle(void)
{
	is_open = false;
	return nvs_flash_deinit_partition(PARTITION) == ESP_OK && key_store_open() == KEY_STORE_OPEN;
}

static void name_of(int slot, char name[NAME])
{
	snprintf(name, NAME, "S%u", (unsigned)slot & 255);
}

/* NVS's word on the mark: ESP_OK, ESP_ERR_NVS_NOT_FOUND, or an error. */
static esp_err_t find_mark(const char *name)
{
	uint8_t value;
	return nvs_get_u8(marks, name, &value);
}

/* Best effort: the next read tries again. */
static void set_mark(int slot, const char *name)
{
	uint8_t *byte = &marked[(slot & 255) / 8], bit = (uint8_t)(1 << (slot & 7));
	if (*byte & bit)
		return;
	if (find_mark(name) == ESP_OK || (nvs_set_u8(marks, name, 1) == ESP_OK && nvs_commit(marks) == ESP_OK))
		*byte |= bit;
}

static bool clear_mark(int slot, const char *name)
{
	esp_err_t error = nvs_erase_key(marks, name);
	if (error == ESP_OK)
		error = nvs_commit(marks);
	marked[(slot & 255) / 8] &= (uint8_t)~(1 << (slot & 7));
	return error == ESP_OK || error == ESP_ERR_NVS_NOT_FOUND;
}

int signer_port_read(int slot, uint8_t record[SIGNER_RECORD])
{
	char name[NAME];
	size_t length = SIGNER_RECORD;
	if (!is_open)
		return -1;
	name_of(slot, name);
	esp_err_t error = nvs_get_blob(handle, name, record, &length);
	if (error == ESP_ERR_NVS_NOT_FOUND)
		return find_mark(name) == ESP_ERR_NVS_NOT_FOUND ? 0 : -1;
	if (error == ESP_OK && length > 0 && length <= SIGNER_RECORD) {
		set_mark(slot, name);
		return (int)length;
	}
	signer_slot_clear(record, SIGNER_RECORD);
	return -1;
}

/* Checks what a slot holds; length 0: nothing. */
static bool holds(int slot, const uint8_t *record, size_t length)
{
	uint8_t found[SIGNER_RECORD];
	bool is_same = signer_port_read(slot, found) == (int)length && (length == 0 || memcmp(found, record, length) == 0);
	signer_slot_clear(found, sizeof found);
	return is_same;
}

int signer_port_write(int slot, const uint8_t *record, size_t length)
{
	char name[NAME];
	if (length > SIGNER_RECORD || !holds(slot, NULL, 0))
		return SIGNER_PORT_FAILED;
	name_of(slot, name);
	esp_err_t error = nvs_set_blob(handle, name, record, length);
	if (error == ESP_ERR_NVS_NOT_ENOUGH_SPACE)
		return SIGNER_PORT_FAILED;
	if (error == ESP_OK)
		error = nvs_commit(handle);
	if (error != ESP_OK && !settle())
		return SIGNER_PORT_FAILED;
	return holds(slot, record, length) ? SIGNER_PORT_OK : SIGNER_PORT_FAILED;
}

int signer_port_erase(int slot)
{
	char name[NAME];
	uint8_t record[SIGNER_RECORD];
	if (!is_open)
		return SIGNER_PORT_FAILED;
	name_of(slot, name);
	/* The mark first: a cut between the two leaves a key that is marked again when it is read. */
	if (!clear_mark(slot, name))
		return SIGNER_PORT_FAILED;
	esp_err_t error = nvs_erase_key(handle, name);
	if (error == ESP_OK)
		error = nvs_commit(handle);
	if (error != ESP_OK && error != ESP_ERR_NVS_NOT_FOUND && !settle())
		return SIGNER_PORT_FAILED;
	int left = signer_port_read(slot, record);
	signer_slot_clear(record, sizeof record);
	return left == 0 ? SIGNER_PORT_OK : SIGNER_PORT_FAILED;
}
