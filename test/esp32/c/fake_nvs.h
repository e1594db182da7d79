/*
 * NVS in memory, as far as this firmware sees it: blobs by namespace and key, each change in the steps in which NVS takes it to
 * flash. At any step the power can be cut, or the flash can fail; what is left is put in order when the partition is initialized
 * again: a new index makes the new blob count. With neither NVS is as bad as ESP-IDF 6.0's can be (store.h): a cut between the data
 * of a new blob and its index takes the old one along, and so may an update for which there is no room.
 *
 * At any call flash can decay: an entry, or all entries of a partition's page, are lost, or a bit of their data flips. NVS sees
 * that by its checksums. A lost entry is not found. Of one whose data is wrong the length can still be read; whoever reads the
 * bytes is told "not found", or ESP_FAIL where it was in several chunks, and the entry is erased. An entry that is stuck fails
 * whenever it is read, for good.
 *
 * The partition "keys" is encrypted. Initialized with other keys than those that encrypted it, NVS erases all that is in it.
 */
#pragma once
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAKE_NVS_PAGE_KEYS = -1, FAKE_NVS_PAGE_NVS = -2 };

struct fake_nvs {
	/* Steps so far, and the step at which something happens; 0 for none. */
	unsigned steps, cut_at, fail_at;
	/* Where a cut goes. */
	jmp_buf power;
	/* How often the partition was initialized, with encryption and without. */
	unsigned secure, plain;
	bool has_partition, has_scheme, has_keys, has_other_keys, is_full, is_damaged, is_unreadable, is_silently_wrong;
	/* Calls of NVS so far, and the one before which flash decays; 0 for none. */
	unsigned calls, decay_at;
	enum { DECAY_LOST, DECAY_FLIPPED, DECAY_CHUNK, DECAY_STUCK } decay;
	/* The entry that decays, in the order in which entries were made; below 0 a page: FAKE_NVS_PAGE_KEYS, … */
	int decays;
	/* The mode of the last handle. */
	int mode;
};

extern struct fake_nvs fake_nvs;
/* What encrypts the partition. */
extern const uint8_t fake_nvs_key[32];

/* Empty, with a partition and encryption. */
void fake_nvs_reset(void);
/* The handle is gone and the partition not initialized. */
void fake_nvs_power_on(void);
/* One entry, of those that count, fails its CRC: NVS erases it without a word. False when there are fewer. */
bool fake_nvs_decay(unsigned entry);
/* An entry of that name decays as `decay` has it: the first that was made, the next; below 0 all of them. */
void fake_nvs_decay_key(const char *name, int which);
/* Whether the bytes are in flash, valid or not. */
bool fake_nvs_has(const uint8_t *bytes, size_t length);
