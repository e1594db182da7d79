#include "fake_nvs.h"
#include "esp_partition.h"
#include "nvs_flash/include/nvs_bootloader.h"
#include <string.h>

#define ENTRIES 8
#define VALUE 4004
#define ESP_ERR_FLASH_OP_FAIL 0x6001

struct blob {
	uint8_t bytes[VALUE];
	size_t length;
	/* `data`: written, in part or whole; `index`: counts. */
	enum { NOTHING, DATA, INDEX } state;
	/* Its checksum is wrong: what whoever reads it is told. */
	esp_err_t damage;
	/* It fails whenever it is read. */
	bool is_stuck;
};

static struct {
	/* 0 for a free entry. */
	nvs_handle_t owner;
	char name[16];
	/* The older one first. */
	struct blob blobs[2];
} flash[ENTRIES];

struct fake_nvs fake_nvs;
const uint8_t fake_nvs_key[32] = "the key that encrypts partitions";
/* What encrypted the partition "keys", as far as there is something in it; nothing for one in the clear. */
static uint8_t encrypted_by[32];
/* The entry of its namespace. */
static bool has_namespace;
static const uint8_t other_key[32] = "a key that another chip has", in_the_clear[32];
static bool is_initialized;
static nvs_sec_scheme_t scheme;
static const esp_partition_t partition = {.type = ESP_PARTITION_TYPE_DATA, .size = 6 * 4096, .label = "keys"};
static const uint8_t *bootloader_key = in_the_clear;
/* A handle is a place here and 1. */
static struct {
	char name[16];
	bool is_of_keys;
} namespaces[8];

void fake_nvs_reset(void)
{
	memset(flash, 0, sizeof flash);
	memset(&fake_nvs, 0, sizeof fake_nvs);
	fake_nvs.has_partition = fake_nvs.has_scheme = fake_nvs.has_keys = true;
	is_initialized = has_namespace = false;
}

void fake_nvs_power_on(void)
{
	is_initialized = false;
	fake_nvs.cut_at = fake_nvs.fail_at = fake_nvs.decay_at = 0;
}

bool fake_nvs_has(const uint8_t *bytes, size_t length)
{
	return memmem(flash, sizeof flash, bytes, length) != NULL;
}

bool fake_nvs_decay(unsigned entry)
{
	for (int i = 0; i < ENTRIES; i++) {
		if (!flash[i].owner || (flash[i].blobs[0].state != INDEX && flash[i].blobs[1].state != INDEX))
			continue;
		if (entry-- == 0) {
			memset(&flash[i], 0, sizeof flash[i]);
			return true;
		}
	}
	return false;
}

static void decay(int i)
{
	if (flash[i].owner == 0)
		return;
	if (fake_nvs.decay == DECAY_LOST)
		memset(&flash[i], 0, sizeof flash[i]);
	else if (fake_nvs.decay == DECAY_STUCK)
		flash[i].blobs[0].is_stuck = flash[i].blobs[1].is_stuck = true;
	else
		flash[i].blobs[0].damage = flash[i].blobs[1].damage =
			fake_nvs.decay == DECAY_FLIPPED ? ESP_ERR_NVS_NOT_FOUND : ESP_FAIL;
}

void fake_nvs_decay_key(const char *name, int which)
{
	for (int i = 0; i < ENTRIES; i++)
		if (flash[i].owner && strcmp(flash[i].name, name) == 0 && (which < 0 || which-- == 0))
			decay(i);
}

/* At the beginning of each call. */
static void call(void)
{
	fake_nvs.calls++;
	if (fake_nvs.calls != fake_nvs.decay_at)
		return;
	for (int i = 0; i < ENTRIES; i++) {
		bool is_key = flash[i].owner && namespaces[flash[i].owner - 1].is_of_keys;
		if (fake_nvs.decays == (is_key ? FAKE_NVS_PAGE_KEYS : FAKE_NVS_PAGE_NVS) || fake_nvs.decays == i)
			decay(i);
	}
}

/* True when the step is to fail. */
static bool step(void)
{
	fake_nvs.steps++;
	if (fake_nvs.steps == fake_nvs.cut_at)
		longjmp(fake_nvs.power, 1);
	return fake_nvs.steps == fake_nvs.fail_at;
}

static bool is_of_keys(int i)
{
	return flash[i].owner && namespaces[flash[i].owner - 1].is_of_keys;
}

static bool has_entries(void)
{
	for (int i = 0; i < ENTRIES; i++)
		if (is_of_keys(i))
			return true;
	return has_namespace;
}

static void erase_keys(void)
{
	for (int i = 0; i < ENTRIES; i++)
		if (is_of_keys(i))
			memset(&flash[i], 0, sizeof flash[i]);
	has_namespace = false;
}

static esp_err_t initialize(const uint8_t *key)
{
	if (!fake_nvs.has_partition)
		return ESP_ERR_NVS_PART_NOT_FOUND;
	if (fake_nvs.is_damaged)
		return ESP_ERR_NVS_NO_FREE_PAGES;
	for (int i = 0; i < ENTRIES; i++) {
		if (flash[i].blobs[1].state != NOTHING)
			flash[i].blobs[0] = flash[i].blobs[1];
		memset(&flash[i].blobs[1], 0, sizeof(struct blob));
		if (flash[i].blobs[0].state != INDEX)
			memset(&flash[i], 0, sizeof flash[i]);
	}
	if (key && memcmp(key, encrypted_by, sizeof encrypted_by) != 0) {
		erase_keys();
		memcpy(encrypted_by, key, sizeof encrypted_by);
	}
	is_initialized = true;
	return ESP_OK;
}

esp_err_t nvs_flash_init_partition(const char *label)
{
	fake_nvs.plain++;
	return initialize(strcmp(label, "keys") == 0 ? in_the_clear : NULL);
}

esp_err_t nvs_flash_secure_init_partition(const char *label, nvs_sec_cfg_t *keys)
{
	(void)label;
	fake_nvs.secure++;
	return initialize(keys->eky);
}

esp_err_t nvs_flash_erase_partition(const char *label)
{
	is_initialized = false;
	if (strcmp(label, "keys") != 0 || !fake_nvs.has_partition)
		return ESP_ERR_NOT_FOUND;
	erase_keys();
	return ESP_OK;
}

const esp_partition_t *esp_partition_find_first(esp_partition_type_t type, esp_partition_subtype_t subtype, const char *label)
{
	bool is_it = type == partition.type && subtype == ESP_PARTITION_SUBTYPE_DATA_NVS && strcmp(label, partition.label) == 0;
	return is_it && fake_nvs.has_partition ? &partition : NULL;
}

/* Page 1 is active and has, where there is one, an entry in its last place; page 2 was erased, and page 3 is no page of NVS. */
esp_err_t esp_partition_read_raw(const esp_partition_t *which, size_t at, void *bytes, size_t size)
{
	static const uint8_t active[4] = {0xfe, 0xff, 0xff, 0xff};
	if (which != &partition || at % 4096 != 0 || size != 64)
		return ESP_FAIL;
	memset(bytes, at == 3 * 4096 ? 0xaa : 0xff, size);
	if (at == 2 * 4096)
		memset(bytes, 0, size);
	if (at != 4096)
		return ESP_OK;
	memcpy(bytes, active, sizeof active);
	((uint8_t *)bytes)[63] = has_entries() ? 0xbf : 0xff;
	return ESP_OK;
}

esp_err_t nvs_bootloader_secure_init(const nvs_sec_cfg_t *keys)
{
	bootloader_key = keys->eky;
	return ESP_OK;
}

void nvs_bootloader_secure_deinit(void)
{
	bootloader_key = in_the_clear;
}

esp_err_t nvs_bootloader_read(const char *label, const size_t count, nvs_bootloader_read_list_t list[])
{
	bool is_readable = memcmp(bootloader_key, encrypted_by, sizeof encrypted_by) == 0;
	bool is_there = has_namespace && strcmp(list[0].namespace_name, "signer") == 0;
	if (count != 1 || strcmp(label, partition.label) != 0)
		return ESP_FAIL;
	list[0].result_code = ESP_ERR_NVS_NOT_FOUND;
	list[0].namespace_index = is_readable && is_there ? 1 : 0;
	return ESP_OK;
}

esp_err_t nvs_flash_deinit_partition(const char *label)
{
	(void)label;
	is_initialized = false;
	return ESP_OK;
}

nvs_sec_scheme_t *nvs_flash_get_default_security_scheme(void)
{
	return fake_nvs.has_scheme ? &scheme : NULL;
}

esp_err_t nvs_flash_read_security_cfg_v2(nvs_sec_scheme_t *which, nvs_sec_cfg_t *keys)
{
	const uint8_t *key = fake_nvs.has_other_keys ? other_key : fake_nvs_key;
	memcpy(keys->eky, key, 32);
	memcpy(keys->tky, key, 32);
	return which == &scheme && fake_nvs.has_keys ? ESP_OK : ESP_FAIL;
}

static esp_err_t open_namespace(const char *name, nvs_open_mode_t mode, nvs_handle_t *handle, bool is_of_keys)
{
	int i = 0;
	while (namespaces[i].name[0] && strcmp(namespaces[i].name, name) != 0)
		i++;
	strcpy(namespaces[i].name, name);
	namespaces[i].is_of_keys = is_of_keys;
	*handle = (nvs_handle_t)i + 1;
	fake_nvs.mode = (int)mode;
	if (is_of_keys && is_initialized)
		has_namespace = true;
	return is_initialized ? ESP_OK : ESP_ERR_NVS_NOT_INITIALIZED;
}

esp_err_t nvs_open_from_partition(const char *label, const char *name, nvs_open_mode_t mode, nvs_handle_t *handle)
{
	return strcmp(label, "keys") == 0 ? open_namespace(name, mode, handle, true) : ESP_ERR_NVS_PART_NOT_FOUND;
}

esp_err_t nvs_open(const char *name, nvs_open_mode_t mode, nvs_handle_t *handle)
{
	return open_namespace(name, mode, handle, false);
}

static int find(nvs_handle_t owner, const char *name)
{
	for (int i = 0; i < ENTRIES; i++)
		if (flash[i].owner == owner && strcmp(flash[i].name, name) == 0)
			return i;
	return -1;
}

esp_err_t nvs_get_blob(nvs_handle_t handle, const char *name, void *bytes, size_t *length)
{
	call();
	int i = find(handle, name);
	if (!is_initialized || handle == 0)
		return ESP_ERR_NVS_INVALID_HANDLE;
	if (i < 0 || flash[i].blobs[0].state != INDEX)
		return ESP_ERR_NVS_NOT_FOUND;
	const struct blob *blob = &flash[i].blobs[0];
	if (bytes && blob->length > *length)
		return ESP_ERR_NVS_INVALID_LENGTH;
	*length = blob->length;
	if (bytes && blob->damage) {
		esp_err_t error = blob->damage;
		memset(&flash[i], 0, sizeof flash[i]);
		return error;
	}
	if (bytes && blob->is_stuck)
		return ESP_FAIL;
	if (bytes)
		memcpy(bytes, blob->bytes, blob->length);
	return fake_nvs.is_unreadable ? ESP_FAIL : ESP_OK;
}

esp_err_t nvs_set_blob(nvs_handle_t handle, const char *name, const void *bytes, size_t length)
{
	call();
	if (!is_initialized || handle == 0)
		return ESP_ERR_NVS_INVALID_HANDLE;
	int i = find(handle, name);
	if (fake_nvs.is_full && i >= 0)
		memset(&flash[i], 0, sizeof flash[i]);
	if (i < 0)
		i = find(0, "");
	if (i < 0 || fake_nvs.is_full)
		return ESP_ERR_NVS_NOT_ENOUGH_SPACE;
	flash[i].owner = handle;
	strcpy(flash[i].name, name);
	struct blob *older = &flash[i].blobs[0], *newer = &flash[i].blobs[1];
	memcpy(newer->bytes, bytes, length / 2);
	newer->length = length;
	newer->state = DATA;
	newer->damage = ESP_OK;
	newer->is_stuck = false;
	if (step())
		return ESP_ERR_FLASH_OP_FAIL;
	memcpy(newer->bytes, bytes, length);
	if (step())
		return ESP_ERR_FLASH_OP_FAIL;
	newer->state = INDEX;
	if (fake_nvs.is_silently_wrong)
		newer->bytes[length - 1] ^= 1;
	/* From here on the new blob counts after the next initialization; until then the old index is found first. */
	if (older->state == INDEX && step())
		return ESP_ERR_NVS_REMOVE_FAILED;
	*older = *newer;
	memset(newer, 0, sizeof *newer);
	return step() ? ESP_ERR_NVS_NOT_FOUND : ESP_OK;
}

/* One entry, written whole. */
esp_err_t nvs_set_u8(nvs_handle_t handle, const char *name, uint8_t value)
{
	call();
	if (!is_initialized || handle == 0)
		return ESP_ERR_NVS_INVALID_HANDLE;
	int i = find(handle, name);
	if (i < 0)
		i = find(0, "");
	if (i < 0 || fake_nvs.is_full)
		return ESP_ERR_NVS_NOT_ENOUGH_SPACE;
	if (step())
		return ESP_ERR_FLASH_OP_FAIL;
	memset(&flash[i], 0, sizeof flash[i]);
	flash[i].owner = handle;
	strcpy(flash[i].name, name);
	flash[i].blobs[0] = (struct blob){.bytes = {value}, .length = 1, .state = INDEX};
	return ESP_OK;
}

/* An entry of its own has one checksum for all of it: what decays is not found. */
esp_err_t nvs_get_u8(nvs_handle_t handle, const char *name, uint8_t *value)
{
	call();
	int i = find(handle, name);
	if (!is_initialized || handle == 0)
		return ESP_ERR_NVS_INVALID_HANDLE;
	if (i < 0 || flash[i].blobs[0].damage || flash[i].blobs[0].is_stuck)
		return ESP_ERR_NVS_NOT_FOUND;
	*value = flash[i].blobs[0].bytes[0];
	return ESP_OK;
}

esp_err_t nvs_erase_key(nvs_handle_t handle, const char *name)
{
	call();
	int i = find(handle, name);
	if (!is_initialized || handle == 0)
		return ESP_ERR_NVS_INVALID_HANDLE;
	if (i < 0 || flash[i].blobs[0].state != INDEX)
		return ESP_ERR_NVS_NOT_FOUND;
	if (step())
		return ESP_ERR_FLASH_OP_FAIL;
	flash[i].blobs[0].state = DATA;
	if (step())
		return ESP_ERR_FLASH_OP_FAIL;
	memset(&flash[i], 0, sizeof flash[i]);
	return ESP_OK;
}

esp_err_t nvs_commit(nvs_handle_t handle)
{
	call();
	return handle != 0 && !step() ? ESP_OK : ESP_ERR_NVS_INVALID_HANDLE;
}
