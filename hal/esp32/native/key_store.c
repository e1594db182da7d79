#include "key_store.h"
#include "nvs_flash/include/nvs_flash.h"
#include "nvs_flash/include/nvs_bootloader.h"
#include "esp_idf_version.h"
#include "esp_partition.h"
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
/* In the partition "nvs": one byte under the name of each slot that holds a key. */
#define MARKS "slots"
/* "S255" and its end. Upper case: a name that JavaScript can never give to a storage key, wherever an entry may be copied. */
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
/* True if the partition holds entries that the present NVS keys do not decrypt. */
static bool is_foreign;
/* Slots whose mark this run has read or written. */
static uint8_t marked[SIGNER_SLOTS / 8];

bool key_store_is_encrypted(void)
{
#if CONFIG_NVS_ENCRYPTION
	return true;
#else
	return false;
#endif
}

/* A page of NVS: its state, and at 32 two bits for each entry (components/nvs_flash/private_include/nvs_constants.h). */
#define PAGE 4096
#define PAGE_HEAD 64
#define ENTRY_TABLE 32
#define ENTRY_WRITTEN 2

static bool is_in_use(uint32_t page_state)
{
	/* Active, full, freeing. */
	return page_state == 0xfffffffe || page_state == 0xfffffffc || page_state == 0xfffffff8;
}

/* Reads the flash itself: NVS encrypts entries, but not the map of entries in use. False if nothing can be read. */
static bool has_entries(const esp_partition_t *partition)
{
	uint8_t head[PAGE_HEAD];
	for (uint32_t at = 0; at < partition->size; at += PAGE) {
		if (esp_partition_read_raw(partition, at, head, sizeof head) != ESP_OK)
			return false;
		if (!is_in_use(head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 24))
			continue;
		for (int i = ENTRY_TABLE; i < PAGE_HEAD; i++)
			for (int bit = 0; bit < 8; bit += 2)
				if ((head[i] >> bit & 3) == ENTRY_WRITTEN)
					return true;
	}
	return false;
}

/*
 * An initialization erases each entry that does not decrypt. So the partition is first read by the bootloader's reader, which
 * writes nothing, for the one entry that always exists: the name of the namespace. `keys`: NULL for an unencrypted partition.
 */
static bool fits(nvs_sec_cfg_t *keys)
{
	nvs_bootloader_read_list_t entry = {.namespace_name = NAMESPACE, .key_name = "S0", .value_type = NVS_TYPE_U8};
	const esp_partition_t *partition =
		esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_NVS, PARTITION);
	if (!partition || !has_entries(partition))
		return true;
	if (!keys || nvs_bootloader_secure_init(keys) == ESP_OK)
		nvs_bootloader_read(PARTITION, 1, &entry);
	nvs_bootloader_secure_deinit();
	return entry.namespace_index != 0;
}

/* Returns KEY_STORE_OPEN if the partition is initialized. */
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
	is_foreign = !fits(&keys);
	error = is_foreign ? ESP_OK : nvs_flash_secure_init_partition(PARTITION, &keys);
	signer_slot_clear(&keys, sizeof keys);
#else
	is_foreign = !fits(NULL);
	error = is_foreign ? ESP_OK : nvs_flash_init_partition(PARTITION);
#endif
	if (is_foreign)
		return KEY_STORE_FOREIGN;
	if (error == ESP_ERR_NOT_FOUND || error == ESP_ERR_NVS_PART_NOT_FOUND)
		return KEY_STORE_MISSING;
	return error == ESP_OK ? KEY_STORE_OPEN : KEY_STORE_UNREADABLE;
}

int key_store_open(void)
{
	int result;
	is_foreign = false;
	result = initialize();
	if (result == KEY_STORE_OPEN && nvs_open(MARKS, NVS_READWRITE, &marks) != ESP_OK)
		result = KEY_STORE_UNREADABLE;
	if (result == KEY_STORE_OPEN && nvs_open_from_partition(PARTITION, NAMESPACE, OPEN_MODE, &handle) != ESP_OK)
		result = KEY_STORE_UNREADABLE;
	is_open = result == KEY_STORE_OPEN;
	memset(marked, 0, sizeof marked);
	return result;
}

/* Lets NVS complete or undo a change that an error left unfinished. */
static bool settle(void)
{
	is_open = false;
	return nvs_flash_deinit_partition(PARTITION) == ESP_OK && key_store_open() == KEY_STORE_OPEN;
}

static void name_of(int slot, char name[NAME])
{
	snprintf(name, NAME, "S%u", (unsigned)slot & 255);
}

/* Returns NVS's result for the mark: ESP_OK, ESP_ERR_NVS_NOT_FOUND, or an error. */
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

/* Checks the contents of a slot; length 0 means empty. */
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
	/* If the partition cannot be read, no slot can be told from another: its owner gives up all of them. */
	if (is_foreign && (nvs_flash_erase_partition(PARTITION) != ESP_OK || key_store_open() != KEY_STORE_OPEN))
		return SIGNER_PORT_FAILED;
	if (!is_open)
		return SIGNER_PORT_FAILED;
	name_of(slot, name);
	/* The mark first: after a power cut between the two, the key is marked again when it is read. */
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
