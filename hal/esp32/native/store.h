/*
 * Bytes by key in NVS, each change atomic: after a power cut at any moment a key holds its old bytes or its new ones.
 *
 * NVS alone does not promise this for a blob. ESP-IDF 6.0 writes the new data beside the old, then an index, and then removes
 * the old. When power goes between data and index, the next initialization takes the old data for a duplicate of the new
 * one (Page::mLoadEntryTable), and then both for orphans: the key holds nothing. And an update that fails for lack of space
 * may lose the old data too (Storage::writeMultiPageBlob, espressif/esp-idf#18827).
 *
 * So nothing is ever overwritten. A store has two namespaces, and a key is in one of them, its value after a number that
 * grows by one with each write. A write goes to the namespace where the key is not; when it reads back as it should, the old
 * entry is erased. After a cut a key may be in both: the higher number counts, and the lower one goes with the next change.
 *
 * NVS erases a value whose checksum is wrong: the first read fails, later ones find nothing. Here they keep
 * failing until the key is written or erased, or the run ends. A value lost while the device is off is simply missing, which nothing here
 * can detect: values that must not be lost have copies or an index (src/wallet, src/console/settings_index.ts).
 *
 * An entry that NVS finds and cannot read may be the newer of the two, so the key cannot be read then. It can be written and
 * erased: otherwise the owner could not repair it. Until the new value is complete and alone, the key remains
 * unreadable, unless the other entry holds an older value, which then counts after a cut.
 */
#ifndef STORE_H
#define STORE_H

#include <stddef.h>
#include <stdint.h>

/* storage.ts has the same list. */
enum {
	STORE_OK = 0,
	STORE_MISSING = 1,
	/* Nothing has changed. */
	STORE_FULL = 2,
	STORE_NO_MEMORY = 3,
	STORE_UNREADABLE = 4,
	/* The change may be made or not: NVS must be initialized again. */
	STORE_DOUBT = 5,
};

enum { STORE_AGENT, STORE_WIFI, STORES };

/* Call once, with the partition "nvs" initialized. */
int store_open(void);
/* The caller frees `*bytes`. */
int store_read(int store, const char *key, uint8_t **bytes, size_t *length);
int store_write(int store, const char *key, const uint8_t *bytes, size_t length);
/* Returns STORE_OK also for a missing key. */
int store_erase(int store, const char *key);

#endif
