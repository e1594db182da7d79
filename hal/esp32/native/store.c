#include "store.h"
#include "nvs_flash/include/nvs.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The number of the write, least significant byte first. */
#define HEAD 4
#define VALUE_MAX 4000

static const char *const NAMESPACES[STORES][2] = {{"agent.0", "agent.1"}, {"wifi.0", "wifi.1"}};
static nvs_handle_t halves[STORES][2];

/* Keys whose value could not be read in this run: NVS may have erased it because it had decayed. */
#define LOST_MAX 8
static struct {
	nvs_handle_t half;
	char key[16];
} lost[LOST_MAX];

/* An entry as NVS returns it; no bytes if there is none, or if it exists and cannot be read. */
struct entry {
	uint8_t *bytes;
	size_t length;
	bool is_unreadable;
};

/* A key's two entries; `current` is the one that counts, or -1. */
struct found {
	struct entry entries[2];
	int current;
};

int store_open(void)
{
	memset(lost, 0, sizeof lost);
	for (int store = 0; store < STORES; store++)
		for (int half = 0; half < 2; half++)
			if (nvs_open(NAMESPACES[store][half], NVS_READWRITE, &halves[store][half]) != ESP_OK)
				return STORE_UNREADABLE;
	return STORE_OK;
}

static bool is_lost(nvs_handle_t half, const char *key)
{
	for (int i = 0; i < LOST_MAX; i++)
		if (lost[i].half == half && strcmp(lost[i].key, key) == 0)
			return true;
	return false;
}

static void remember_lost(nvs_handle_t half, const char *key)
{
	int i = 0;
	while (i < LOST_MAX - 1 && lost[i].half)
		i++;
	lost[i].half = half;
	strncpy(lost[i].key, key, sizeof lost[i].key - 1);
}

/* Clears the failure: the owner of the key has given it up. */
static void forget_lost(nvs_handle_t half, const char *key)
{
	for (int i = 0; i < LOST_MAX; i++)
		if (lost[i].half == half && strcmp(lost[i].key, key) == 0)
			memset(&lost[i], 0, sizeof lost[i]);
}

/* STORE_OK or STORE_NO_MEMORY. */
static int read_entry(nvs_handle_t half, const char *key, struct entry *entry)
{
	memset(entry, 0, sizeof *entry);
	entry->is_unreadable = is_lost(half, key);
	if (entry->is_unreadable)
		return STORE_OK;
	esp_err_t error = nvs_get_blob(half, key, NULL, &entry->length);
	if (error == ESP_ERR_NVS_NOT_FOUND)
		return STORE_OK;
	entry->is_unreadable = error != ESP_OK || entry->length <= HEAD || entry->length > HEAD + VALUE_MAX;
	if (entry->is_unreadable)
		return STORE_OK;
	entry->bytes = malloc(entry->length);
	if (!entry->bytes)
		return STORE_NO_MEMORY;
	error = nvs_get_blob(half, key, entry->bytes, &entry->length);
	if (error == ESP_OK)
		return STORE_OK;
	/* Whatever the error, NVS may have erased the entry. */
	remember_lost(half, key);
	free(entry->bytes);
	entry->bytes = NULL;
	entry->is_unreadable = true;
	return STORE_OK;
}

static uint32_t number_of(const struct entry *entry)
{
	const uint8_t *at = entry->bytes;
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void release(struct found *found)
{
	free(found->entries[0].bytes);
	free(found->entries[1].bytes);
}

/* The caller frees it, unless this fails. */
static int find(int store, const char *key, struct found *found)
{
	memset(found, 0, sizeof *found);
	found->current = -1;
	for (int half = 0; half < 2; half++) {
		int error = read_entry(halves[store][half], key, &found->entries[half]);
		if (error) {
			release(found);
			return error;
		}
	}
	const struct entry *entries = found->entries;
	if (entries[0].bytes && entries[1].bytes)
		found->current = (int32_t)(number_of(&entries[1]) - number_of(&entries[0])) > 0;
	else if (entries[0].bytes || entries[1].bytes)
		found->current = entries[1].bytes != NULL;
	return STORE_OK;
}

int store_read(int store, const char *key, uint8_t **bytes, size_t *length)
{
	struct found found;
	int error = find(store, key, &found);
	if (error)
		return error;
	/* The unreadable one may be the newer one. */
	if (found.entries[0].is_unreadable || found.entries[1].is_unreadable) {
		release(&found);
		return STORE_UNREADABLE;
	}
	if (found.current < 0)
		return STORE_MISSING;
	struct entry *entry = &found.entries[found.current];
	*length = entry->length - HEAD;
	memmove(entry->bytes, entry->bytes + HEAD, *length);
	*bytes = entry->bytes;
	entry->bytes = NULL;
	release(&found);
	return STORE_OK;
}

static int erase_entry(nvs_handle_t half, const char *key)
{
	esp_err_t error = nvs_erase_key(half, key);
	if (error == ESP_OK)
		error = nvs_commit(half);
	if (error != ESP_OK && error != ESP_ERR_NVS_NOT_FOUND)
		return STORE_DOUBT;
	forget_lost(half, key);
	return STORE_OK;
}

/* Writes where nothing is, and reads it back. */
static int write_entry(nvs_handle_t half, const char *key, const struct entry *entry)
{
	struct entry back;
	esp_err_t error = nvs_set_blob(half, key, entry->bytes, entry->length);
	if (error == ESP_ERR_NVS_NOT_ENOUGH_SPACE)
		return STORE_FULL;
	if (error != ESP_OK || nvs_commit(half) != ESP_OK)
		return STORE_DOUBT;
	int result = read_entry(half, key, &back);
	bool is_same = back.bytes && back.length == entry->length && memcmp(back.bytes, entry->bytes, back.length) == 0;
	free(back.bytes);
	return result == STORE_OK && is_same ? STORE_OK : STORE_DOUBT;
}

/* Chooses where to write: an empty half if there is one; otherwise over the unreadable entry, or over the older one. */
static int half_for(const struct found *found)
{
	for (int half = 0; half < 2; half++)
		if (!found->entries[half].bytes && !found->entries[half].is_unreadable)
			return half;
	if (found->current < 0)
		return 0;
	return 1 - found->current;
}

int store_write(int store, const char *key, const uint8_t *bytes, size_t length)
{
	struct found found;
	struct entry entry = {.length = HEAD + length};
	int error = find(store, key, &found);
	if (error)
		return error;
	int half = half_for(&found), other = 1 - half;
	bool is_taken = found.entries[half].bytes || found.entries[half].is_unreadable;
	bool has_other = found.entries[other].bytes || found.entries[other].is_unreadable;
	uint32_t number = found.current < 0 ? 0 : number_of(&found.entries[found.current]) + 1;
	release(&found);
	entry.bytes = malloc(entry.length);
	if (!entry.bytes)
		return STORE_NO_MEMORY;
	for (int i = 0; i < HEAD; i++)
		entry.bytes[i] = (uint8_t)(number >> 8 * i);
	memcpy(entry.bytes + HEAD, bytes, length);
	if (is_taken)
		error = erase_entry(halves[store][half], key);
	if (!error)
		error = write_entry(halves[store][half], key, &entry);
	if (!error && has_other)
		error = erase_entry(halves[store][other], key);
	free(entry.bytes);
	return error;
}

int store_erase(int store, const char *key)
{
	struct found found;
	int error = find(store, key, &found);
	if (error)
		return error;
	release(&found);
	/* The entry that must not become current goes first: the older one, or the one that can be read. */
	int last = found.current;
	for (int half = 0; half < 2; half++)
		if (found.entries[half].is_unreadable)
			last = half;
	if (last < 0)
		return STORE_OK;
	error = erase_entry(halves[store][1 - last], key);
	return error ? error : erase_entry(halves[store][last], key);
}
