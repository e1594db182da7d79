/* The key store over NVS in memory (fake_nvs.h). */
#include "key_store.h"
#include "check.h"
#include "fake_nvs.h"
#include "nvs_flash/include/nvs_flash.h"
#include "own_stack.h"
#include "signer_port.h"

static const uint8_t OLD[SIGNER_RECORD] = "an expanded key, which is 97 bytes of secrets";
static const uint8_t NEW[33] = "\0another key: a curve, 32 bytes..";

static void open_store(void)
{
	fake_nvs_reset();
	CHECK(key_store_open() == KEY_STORE_OPEN);
	fake_nvs.steps = 0;
}

static bool slot_is(int slot, const uint8_t *record, size_t length)
{
	uint8_t found[SIGNER_RECORD];
	int count = signer_port_read(slot, found);
	return count == (int)length && (count == 0 || memcmp(found, record, length) == 0);
}

static void keeps(void)
{
	open_store();
	CHECK(slot_is(0, NULL, 0));
	CHECK(signer_port_write(0, OLD, sizeof OLD) == SIGNER_PORT_OK);
	CHECK(signer_port_write(255, NEW, sizeof NEW) == SIGNER_PORT_OK);
	fake_nvs_power_on();
	CHECK(key_store_open() == KEY_STORE_OPEN);
	CHECK(slot_is(0, OLD, sizeof OLD) && slot_is(255, NEW, sizeof NEW));
	CHECK(signer_port_erase(0) == SIGNER_PORT_OK && signer_port_erase(0) == SIGNER_PORT_OK);
	CHECK(slot_is(0, NULL, 0) && slot_is(255, NEW, sizeof NEW));
	CHECK(!fake_nvs_has(OLD, sizeof OLD));
}

/* Does `change` with the power cut at each of its steps, and looks what the slot holds then. */
static void cut_everywhere(bool has_old, void (*change)(void), const uint8_t *after, size_t length)
{
	static unsigned cuts, at;
	cuts = 0;
	for (at = 1;; at++) {
		open_store();
		if (has_old)
			CHECK(signer_port_write(7, OLD, sizeof OLD) == SIGNER_PORT_OK);
		fake_nvs.steps = 0;
		fake_nvs.cut_at = at;
		if (setjmp(fake_nvs.power) == 0) {
			change();
			CHECK(cuts >= 2 && cuts == at - 1);
			return;
		}
		cuts++;
		fake_nvs_power_on();
		CHECK(key_store_open() == KEY_STORE_OPEN);
		CHECK(slot_is(7, OLD, has_old ? sizeof OLD : 0) || slot_is(7, after, length));
	}
}

static void write_new(void)
{
	CHECK(signer_port_write(7, NEW, sizeof NEW) == SIGNER_PORT_OK);
}

static void erase_old(void)
{
	CHECK(signer_port_erase(7) == SIGNER_PORT_OK);
}

static void power_cuts(void)
{
	cut_everywhere(false, write_new, NEW, sizeof NEW);
	cut_everywhere(true, erase_old, NULL, 0);
}

/* After a failure at any step the result is true of what the slot holds, now and after a power cut. */
static void failures(void)
{
	for (int erases = 0; erases < 2; erases++) {
		unsigned failed = 0, finished = 0;
		for (unsigned at = 1; at <= 5; at++) {
			open_store();
			if (erases)
				CHECK(signer_port_write(7, OLD, sizeof OLD) == SIGNER_PORT_OK);
			fake_nvs.steps = 0;
			fake_nvs.fail_at = at;
			bool is_done = (erases ? signer_port_erase(7) : signer_port_write(7, OLD, sizeof OLD)) == SIGNER_PORT_OK;
			for (int again = 0; again < 2; again++) {
				CHECK(slot_is(7, OLD, is_done != erases ? sizeof OLD : 0));
				fake_nvs_power_on();
				CHECK(key_store_open() == KEY_STORE_OPEN);
			}
			*(is_done ? &finished : &failed) += 1;
		}
		CHECK(failed > 0 && finished > 0);
	}
}

static void taken(void)
{
	open_store();
	CHECK(signer_port_write(7, OLD, sizeof OLD) == SIGNER_PORT_OK);
	unsigned steps = fake_nvs.steps;
	CHECK(signer_port_write(7, NEW, sizeof NEW) == SIGNER_PORT_FAILED);
	CHECK(fake_nvs.steps == steps && slot_is(7, OLD, sizeof OLD));
}

static void full(void)
{
	open_store();
	fake_nvs.is_full = true;
	CHECK(signer_port_write(7, NEW, sizeof NEW) == SIGNER_PORT_FAILED);
	CHECK(slot_is(7, NULL, 0) && fake_nvs.secure == 1);
}

static void read_back(void)
{
	open_store();
	fake_nvs.is_silently_wrong = true;
	CHECK(signer_port_write(7, NEW, sizeof NEW) == SIGNER_PORT_FAILED);
}

static void encrypted(void)
{
	uint8_t record[SIGNER_RECORD];
	open_store();
	CHECK(key_store_is_encrypted());
	CHECK(fake_nvs.secure == 1 && fake_nvs.plain == 0);
	for (int what = 0; what < 4; what++) {
		fake_nvs_reset();
		fake_nvs.has_scheme = what != 0;
		fake_nvs.has_keys = what != 1;
		fake_nvs.has_partition = what != 2;
		fake_nvs.is_damaged = what == 3;
		int expected = what < 2 ? KEY_STORE_NO_ENCRYPTION : what == 2 ? KEY_STORE_MISSING : KEY_STORE_UNREADABLE;
		CHECK(key_store_open() == expected);
		CHECK(fake_nvs.plain == 0);
		CHECK(signer_port_read(0, record) < 0);
		CHECK(signer_port_write(0, NEW, sizeof NEW) == SIGNER_PORT_FAILED);
		CHECK(signer_port_erase(0) == SIGNER_PORT_FAILED);
	}
}

static void in_the_clear(void)
{
	open_store();
	CHECK(!key_store_is_encrypted());
	CHECK(fake_nvs.plain == 1 && fake_nvs.secure == 0);
}

static void purged(void)
{
	open_store();
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(6, 0, 1)
	CHECK(fake_nvs.mode == NVS_READWRITE_PURGE);
#else
	CHECK(fake_nvs.mode == NVS_READWRITE);
#endif
}

static void write_old(void)
{
	CHECK(signer_port_write(7, OLD, sizeof OLD) == SIGNER_PORT_OK);
}

static void erase_in_vain(void)
{
	fake_nvs.steps = 0;
	fake_nvs.fail_at = 1;
	CHECK(signer_port_erase(7) == SIGNER_PORT_FAILED);
}

static void unreadable(void)
{
	uint8_t record[SIGNER_RECORD], nothing[SIGNER_RECORD] = {0};
	open_store();
	write_old();
	fake_nvs.is_unreadable = true;
	CHECK(signer_port_read(7, record) < 0);
	CHECK(memcmp(record, nothing, sizeof record) == 0);
	CHECK(signer_port_write(7, NEW, sizeof NEW) == SIGNER_PORT_FAILED && signer_port_erase(8) == SIGNER_PORT_OK);
}

static void power_on(void)
{
	fake_nvs_power_on();
	CHECK(key_store_open() == KEY_STORE_OPEN);
}

/*
 * A key was written, and then flash decays: any entry of it, or any page, before any call of NVS. From then on the slot holds
 * the key or cannot be read; it is never empty, takes no other key, and is free again once its owner has erased it.
 */
static void decay(void)
{
	unsigned decayed = 0;
	for (int kind = DECAY_LOST; kind <= DECAY_STUCK; kind++)
		for (int which = FAKE_NVS_PAGE_NVS; which < 3; which++)
			for (unsigned at = 1; at < 16; at++) {
				open_store();
				write_old();
				fake_nvs.calls = 0;
				fake_nvs.decay_at = at;
				fake_nvs.decay = kind;
				fake_nvs.decays = which;
				for (int look = 0; look < 6; look++) {
					uint8_t record[SIGNER_RECORD];
					int length = signer_port_read(7, record);
					CHECK(length < 0 || (length == sizeof OLD && memcmp(record, OLD, sizeof OLD) == 0));
					decayed += length < 0;
					CHECK(signer_port_write(7, NEW, sizeof NEW) == SIGNER_PORT_FAILED);
					if (look % 2)
						power_on();
				}
				CHECK(signer_port_erase(7) == SIGNER_PORT_OK && slot_is(7, NULL, 0));
				CHECK(signer_port_write(7, NEW, sizeof NEW) == SIGNER_PORT_OK && slot_is(7, NEW, sizeof NEW));
			}
	CHECK(decayed > 50);
}

/* A record that an older firmware wrote has no mark until it is read. */
static void unmarked(void)
{
	open_store();
	write_old();
	for (int which = 0; which < 2; which++) {
		fake_nvs_power_on();
		fake_nvs.calls = 0;
		fake_nvs.decay_at = 1;
		fake_nvs.decay = DECAY_LOST;
		/* First the mark, then the record. */
		fake_nvs.decays = which == 0 ? FAKE_NVS_PAGE_NVS : FAKE_NVS_PAGE_KEYS;
		CHECK(key_store_open() == KEY_STORE_OPEN);
		uint8_t record[SIGNER_RECORD];
		CHECK(signer_port_read(7, record) == (which == 0 ? (int)sizeof OLD : -1));
	}
}

/*
 * The keys of NVS encryption are others than those by which the partition was written. Nothing of it is erased: no slot can be
 * read, none takes a key, and with the right keys again all is there. An owner who gives a slot up begins anew.
 */
static void foreign(void)
{
	uint8_t record[SIGNER_RECORD];
	open_store();
	write_old();
	for (int look = 0; look < 3; look++) {
		fake_nvs_power_on();
		fake_nvs.has_other_keys = true;
		CHECK(key_store_open() == KEY_STORE_FOREIGN);
		CHECK(signer_port_read(7, record) < 0 && signer_port_read(8, record) < 0);
		CHECK(signer_port_write(7, NEW, sizeof NEW) == SIGNER_PORT_FAILED);
		CHECK(signer_port_write(8, NEW, sizeof NEW) == SIGNER_PORT_FAILED);
		CHECK(fake_nvs_has(OLD, sizeof OLD));
	}
	fake_nvs.has_other_keys = false;
	power_on();
	CHECK(slot_is(7, OLD, sizeof OLD) && slot_is(8, NULL, 0));

	fake_nvs_power_on();
	fake_nvs.has_other_keys = true;
	CHECK(key_store_open() == KEY_STORE_FOREIGN && signer_port_erase(8) == SIGNER_PORT_OK);
	/* A slot that held a key says so until it is given up itself. */
	CHECK(!fake_nvs_has(OLD, sizeof OLD) && signer_port_read(7, record) < 0 && slot_is(8, NULL, 0));
	CHECK(signer_port_erase(7) == SIGNER_PORT_OK && slot_is(7, NULL, 0));
	CHECK(signer_port_write(7, NEW, sizeof NEW) == SIGNER_PORT_OK);
	power_on();
	CHECK(slot_is(7, NEW, sizeof NEW));
}

/* A partition that has nothing in it yet fits any keys, and so does one in which all was erased. */
static void empty_fits(void)
{
	open_store();
	fake_nvs_power_on();
	CHECK(key_store_open() == KEY_STORE_OPEN);
	fake_nvs_reset();
	fake_nvs.has_other_keys = true;
	CHECK(key_store_open() == KEY_STORE_OPEN);
}

static void open_without_keys(void)
{
	fake_nvs_reset();
	fake_nvs.has_keys = false;
	CHECK(key_store_open() == KEY_STORE_NO_ENCRYPTION);
}

static void open_foreign(void)
{
	fake_nvs_power_on();
	fake_nvs.has_other_keys = true;
	CHECK(key_store_open() == KEY_STORE_FOREIGN);
	fake_nvs.has_other_keys = false;
}

static void stack_is_clean(void)
{
	own_stack_run(open_store);
	CHECK(!own_stack_has(fake_nvs_key, 16));
	own_stack_run(open_without_keys);
	CHECK(!own_stack_has(fake_nvs_key, 16));
	open_store();
	write_old();
	own_stack_run(open_foreign);
	CHECK(!own_stack_has(fake_nvs_key, 16) && !own_stack_has((const uint8_t *)"a key that another chip has", 16));
	open_store();
	own_stack_run(write_old);
	CHECK(!own_stack_has(OLD, 16));
	own_stack_run(erase_in_vain);
	CHECK(!own_stack_has(OLD, 16));
}

int main(int count, char **arguments)
{
	return check_main(count, arguments, (const struct check_case[]){
		{"keeps", keeps},
		{"power cuts", power_cuts},
		{"failures", failures},
		{"taken", taken},
		{"full", full},
		{"read back", read_back},
		{"unreadable", unreadable},
		{"decay", decay},
		{"unmarked", unmarked},
		{"foreign", foreign},
		{"empty fits", empty_fits},
		{"encrypted", encrypted},
		{"in the clear", in_the_clear},
		{"purged", purged},
		{"stack is clean", stack_is_clean},
		{0},
	});
}
