#include "fake_nvs.h"
#include "nvs_flash/include/nvs_flash.h"
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
static bool is_initialized;
static nvs_sec_scheme_t scheme;
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
	is_initialized = false;
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
		bool is_of_keys = flash[i].owner && namespaces[flash[i].owner - 1].is_of_keys;
		if (fake_nvs.decays == (is_of_keys ? FAKE_NVS_PAGE_KEYS : FAKE_NVS_PAGE_NVS) || fake_nvs.decays == i)
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

static esp_err_t initialize(void)
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
	is_initialized = true;
	return ESP_OK;
}

esp_err_t nvs_flash_init_partition(const char *label)
{
	(void)label;
	fake_nvs.plain++;
	return initialize();
}

esp_err_t nvs_flash_secure_init_partition(const char *label, nvs_sec_cfg_t *keys)
{
	(void)label;
	fake_nvs.secure++;
	return memcmp(keys->eky, fake_nvs_key, 32) == 0 ? initialize() : ESP_ERR_NVS_CORRUPT_KEY_PART;
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
	memcpy(keys->eky, fake_nvs_key, 32);
	memcpy(keys->tky, fake_nvs_key, 32);
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
