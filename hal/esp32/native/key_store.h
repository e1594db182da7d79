/*
 * The signer's key slots (signer_port.h) in an NVS partition of their own, `keys`, which JavaScript cannot reach.
 *
 * Encrypted by NVS itself (XTS-AES, CONFIG_NVS_ENCRYPTION), under keys that an HMAC key in an eFuse gives (ESP32-C3, C6, S3)
 * or that lie in the flash-encrypted partition `nvs_keys` (ESP32). The scheme is the one that CONFIG_NVS_SEC_KEY_PROTECTION_SCHEME
 * names, and its keys are there once app_main has called nvs_flash_init; nothing here makes them or burns a fuse.
 *
 * A profile with secure boot or flash encryption and without NVS encryption does not compile; one with none of the three
 * keeps the keys unencrypted, and key_store_is_encrypted says so.
 *
 * A slot that holds a record accepts no other before it is erased: NVS does not overwrite a blob atomically (store.h), but it
 * writes and erases one so that after a power cut the slot holds it or nothing. An error that leaves open which is
 * resolved here as NVS does after a cut: by a new initialization, and by reading the slot.
 *
 * NVS erases a record whose checksum is wrong, and then reports "not found". A slot that held a key must not look
 * empty, or it would get a new one: so each slot that holds a key is marked in the other partition, "nvs". A record that
 * is gone while its mark remains is a failure, not an empty slot; signer_port_erase removes the mark. A record without a
 * mark is marked when it is read: a cut came between the two, or an older firmware wrote it, or the mark has decayed.
 *
 * With other keys than those that encrypted it (flash of another chip, `nvs_keys` lost, an unencrypted profile), NVS initializes
 * the partition without an error, and erases each entry, since none has the right checksum. So the keys are tried first, by reading
 * only. A partition that they do not fit is left unchanged: its slots cannot be read and accept no key, until its owner restores the
 * right keys back or erases a slot, which then erases the partition.
 */
#ifndef KEY_STORE_H
#define KEY_STORE_H

#include <stdbool.h>

/* port.ts has the same list. */
enum {
	KEY_STORE_OPEN = 0,
	/* No partition `keys`: not this board's partition table. */
	KEY_STORE_MISSING = 1,
	/* The keys of NVS encryption are not available. */
	KEY_STORE_NO_ENCRYPTION = 2,
	/* The partition cannot be read: another version, or damage. It is left unchanged. */
	KEY_STORE_UNREADABLE = 3,
	/* Other keys encrypted it. It is left unchanged, and can be given up. */
	KEY_STORE_FOREIGN = 4,
};

int key_store_open(void);
bool key_store_is_encrypted(void);

#endif
