/* The store over NVS in memory, which is as bad as NVS can be (fake_nvs.h). */
#include "store.h"
#include "check.h"
#include "fake_nvs.h"
#include "nvs_flash/include/nvs_flash.h"
#include <stdbool.h>

static uint8_t long_value[4000];
static const uint8_t OLD[] = "old", NEW[] = "newer";

static void power_on(void)
{
	fake_nvs_power_on();
	CHECK(nvs_flash_init_partition("nvs") == ESP_OK && store_open() == STORE_OK);
}

static void open_new(void)
{
	fake_nvs_reset();
	power_on();
}

static bool key_is(const char *key, const void *expected, size_t expected_length)
{
	uint8_t *bytes = NULL;
	size_t length = 0;
	int result = store_read(STORE_AGENT, key, &bytes, &length);
	bool is = expected ? result == STORE_OK && length == expected_length && memcmp(bytes, expected, length) == 0
	                   : result == STORE_MISSING && !bytes;
	free(bytes);
	return is;
}

#define IS(key, value) key_is(key, value, sizeof value)
#define IS_NOTHING(key) key_is(key, NULL, 0)
#define WRITE(key, value) store_write(STORE_AGENT, key, value, sizeof value)
#define ERASE(key) store_erase(STORE_AGENT, key)

static void keeps(void)
{
	open_new();
	memset(long_value, 0xa5, sizeof long_value);
	CHECK(IS_NOTHING("key") && ERASE("key") == STORE_OK);
	CHECK(WRITE("key", OLD) == STORE_OK && WRITE("long", long_value) == STORE_OK);
	for (int times = 0; times < 5; times++) {
		CHECK(WRITE("key", NEW) == STORE_OK && IS("key", NEW));
		CHECK(WRITE("key", OLD) == STORE_OK && IS("key", OLD));
		power_on();
		CHECK(IS("key", OLD) && IS("long", long_value));
	}
	/* One key, one entry. */
	CHECK(!fake_nvs_has(NEW, sizeof NEW));
	CHECK(ERASE("key") == STORE_OK && IS_NOTHING("key") && IS("long", long_value));
	CHECK(!fake_nvs_has(OLD, sizeof OLD));
}

static void apart(void)
{
	uint8_t *bytes;
	size_t length;
	open_new();
	CHECK(WRITE("key", OLD) == STORE_OK);
	CHECK(store_read(STORE_WIFI, "key", &bytes, &length) == STORE_MISSING);
	CHECK(store_write(STORE_WIFI, "key", NEW, sizeof NEW) == STORE_OK && store_erase(STORE_WIFI, "key") == STORE_OK);
	CHECK(IS("key", OLD));
}

static int change_write(void)
{
	return WRITE("key", NEW);
}

static int change_erase(void)
{
	return ERASE("key");
}

/* Runs a change with the power cut at a step. Whether it was cut. */
static bool run_cut(int (*change)(void), unsigned at)
{
	fake_nvs.steps = 0;
	fake_nvs.cut_at = at;
	bool was_cut = setjmp(fake_nvs.power) != 0;
	if (!was_cut)
		CHECK(change() == STORE_OK);
	power_on();
	return was_cut;
}

/*
 * One change is cut at each of its steps, and then another, made with what the first cut left. At all times the key holds a
 * value that one of them may leave, and its neighbour keeps its own.
 */
static void cut_twice(int (*first)(void), int (*second)(void))
{
	for (unsigned at = 1, is_first_cut = 1; is_first_cut; at++) {
		for (unsigned again = 1, is_second_cut = 1; is_second_cut; again++) {
			open_new();
			CHECK(WRITE("key", OLD) == STORE_OK && WRITE("other", OLD) == STORE_OK);
			is_first_cut = run_cut(first, at);
			bool is_old = IS("key", OLD), is_new = IS("key", NEW);
			CHECK((first == change_write ? is_new : IS_NOTHING("key")) || (is_first_cut && is_old));
			is_second_cut = run_cut(second, again);
			bool is_made = second == change_write ? IS("key", NEW) : IS_NOTHING("key");
			bool is_as_before = is_old ? IS("key", OLD) : is_new ? IS("key", NEW) : IS_NOTHING("key");
			CHECK(is_made || (is_second_cut && is_as_before));
			CHECK(IS("other", OLD));
			CHECK(is_first_cut || at > 3);
			CHECK(is_second_cut || again > (second == change_write || is_old || is_new ? 3 : 0));
		}
	}
}

static void power_cuts(void)
{
	cut_twice(change_write, change_write);
	cut_twice(change_write, change_erase);
	cut_twice(change_erase, change_write);
	cut_twice(change_erase, change_erase);
}

/* Between the new entry and the end of the old one both are there: the new one counts, as often as it is looked at. */
static void both(void)
{
	static unsigned at, seen;
	for (at = 1, seen = 0; at < 8; at++) {
		open_new();
		CHECK(WRITE("key", OLD) == STORE_OK);
		if (!run_cut(change_write, at) || !fake_nvs_has(OLD, sizeof OLD) || !fake_nvs_has(NEW, sizeof NEW))
			continue;
		power_on();
		CHECK(IS("key", NEW) && IS("key", NEW));
		CHECK(ERASE("key") == STORE_OK && IS_NOTHING("key"));
		seen++;
	}
	CHECK(seen > 0);
}

/* After STORE_OK the change is made; after STORE_FULL nothing is; after STORE_DOUBT it is one or the other once NVS is new. */
static void failures(void)
{
	for (int erases = 0; erases < 2; erases++) {
		unsigned doubts = 0, done = 0;
		for (unsigned at = 1; at <= 8; at++) {
			open_new();
			CHECK(WRITE("key", OLD) == STORE_OK);
			fake_nvs.steps = 0;
			fake_nvs.fail_at = at;
			int result = erases ? ERASE("key") : WRITE("key", NEW);
			fake_nvs.fail_at = 0;
			CHECK(result == STORE_OK || result == STORE_DOUBT);
			*(result == STORE_OK ? &done : &doubts) += 1;
			power_on();
			bool is_made = erases ? IS_NOTHING("key") : IS("key", NEW);
			CHECK(is_made || (result == STORE_DOUBT && IS("key", OLD)));
		}
		CHECK(doubts >= 2 && done >= 1);
	}
}

/*
 * Whichever entry decays, at whichever step of a write: the key has its new value, its old one or none, and its neighbour keeps
 * its own, or has none. That an old value can come back is why records carry a revision (docs/flash.md).
 */
static void decays(void)
{
	unsigned older = 0, gone = 0;
	for (unsigned at = 1, is_cut = 1; is_cut; at++) {
		for (unsigned entry = 0;; entry++) {
			open_new();
			CHECK(WRITE("key", OLD) == STORE_OK && WRITE("other", OLD) == STORE_OK);
			is_cut = run_cut(change_write, at);
			bool was_new = IS("key", NEW);
			if (!fake_nvs_decay(entry))
				break;
			power_on();
			bool is_new = IS("key", NEW), is_old = IS("key", OLD), is_nothing = IS_NOTHING("key");
			CHECK(is_new || is_old || is_nothing);
			CHECK(IS("other", OLD) || (IS_NOTHING("other") && is_new == was_new));
			older += was_new && is_old;
			gone += is_nothing;
			CHECK(WRITE("key", NEW) == STORE_OK && IS("key", NEW));
		}
	}
	CHECK(older > 0 && gone > 0);
}

static void full(void)
{
	open_new();
	CHECK(WRITE("key", OLD) == STORE_OK && WRITE("key", NEW) == STORE_OK);
	fake_nvs.is_full = true;
	CHECK(WRITE("key", OLD) == STORE_FULL && IS("key", NEW) && WRITE("other", OLD) == STORE_FULL);
	power_on();
	CHECK(IS("key", NEW) && IS_NOTHING("other"));
}

static void read_back(void)
{
	open_new();
	CHECK(WRITE("key", OLD) == STORE_OK);
	fake_nvs.is_silently_wrong = true;
	CHECK(WRITE("key", NEW) == STORE_DOUBT);
}

static void unreadable(void)
{
	uint8_t *bytes = NULL;
	size_t length;
	open_new();
	CHECK(WRITE("key", OLD) == STORE_OK);
	fake_nvs.is_unreadable = true;
	CHECK(store_read(STORE_AGENT, "key", &bytes, &length) == STORE_UNREADABLE && !bytes);
	/* Nothing that is written then can be seen to be written. */
	CHECK(WRITE("key", NEW) == STORE_DOUBT);
	fake_nvs.is_unreadable = false;
	power_on();
	CHECK(IS("key", OLD) || IS("key", NEW));
}

/* A cut between the new entry and the end of the old one leaves both. */
static void leave_both(void)
{
	for (unsigned at = 1; at < 8 && !IS("key", NEW); at++)
		CHECK(run_cut(change_write, at));
	CHECK(IS("key", NEW) && fake_nvs_has(OLD, sizeof OLD));
}

/*
 * NVS finds an entry of the key, or both, and cannot read it. The key cannot be read; it can be written and erased, with the
 * power cut at each step: it then is unreadable, has the new value or none, or the older one that the other entry has.
 */
static void stuck(void)
{
	for (int which = 0; which < 3; which++)
		for (int erases = 0; erases < 2; erases++)
			for (unsigned at = 1, is_cut = 1; is_cut; at++) {
				uint8_t *bytes = NULL;
				size_t length;
				open_new();
				CHECK(WRITE("other", OLD) == STORE_OK && WRITE("key", OLD) == STORE_OK);
				if (which > 0)
					leave_both();
				fake_nvs.decay = DECAY_STUCK;
				fake_nvs_decay_key("key", which == 2 ? -1 : which);
				CHECK(store_read(STORE_AGENT, "key", &bytes, &length) == STORE_UNREADABLE && !bytes);
				is_cut = run_cut(erases ? change_erase : change_write, at);
				int result = store_read(STORE_AGENT, "key", &bytes, &length);
				bool is_older = result == STORE_OK && length == sizeof OLD && memcmp(bytes, OLD, length) == 0;
				bool is_new = result == STORE_OK && length == sizeof NEW && memcmp(bytes, NEW, length) == 0;
				free(bytes);
				CHECK(erases ? result == STORE_MISSING || is_cut : is_new || is_cut);
				CHECK(result == STORE_UNREADABLE || result == STORE_MISSING || is_new || (which == 1 && is_older));
				CHECK(IS("other", OLD));
				CHECK(is_cut || at > 2);
				CHECK(WRITE("key", NEW) == STORE_OK && IS("key", NEW));
				CHECK(ERASE("key") == STORE_OK && IS_NOTHING("key"));
			}
}

/*
 * Flash decays before any call of NVS while a key is read again and again. It holds its bytes, or cannot be read, or, after
 * the device was off, is missing; it never holds others, and is never missing in the run in which it was found to be lost.
 */
static void reads_while_decaying(void)
{
	unsigned unreadable = 0;
	for (int kind = DECAY_LOST; kind <= DECAY_STUCK; kind++)
		for (int which = FAKE_NVS_PAGE_NVS; which < 3; which++)
			for (unsigned at = 1; at < 24; at++) {
				open_new();
				CHECK(WRITE("key", OLD) == STORE_OK && WRITE("other", OLD) == STORE_OK && WRITE("key", NEW) == STORE_OK);
				fake_nvs.calls = 0;
				fake_nvs.decay_at = at;
				fake_nvs.decay = kind;
				fake_nvs.decays = which;
				bool was_unreadable = false;
				for (int look = 0; look < 6; look++) {
					uint8_t *bytes = NULL;
					size_t length = 0;
					int result = store_read(STORE_AGENT, "key", &bytes, &length);
					CHECK(result == STORE_OK ? length == sizeof NEW && memcmp(bytes, NEW, length) == 0 : !bytes);
					CHECK(result == STORE_OK || result == STORE_MISSING || result == STORE_UNREADABLE);
					CHECK(!was_unreadable || result == STORE_UNREADABLE);
					was_unreadable = result == STORE_UNREADABLE;
					unreadable += was_unreadable;
					free(bytes);
				}
				fake_nvs.decay_at = 0;
				if (at % 2 == 0) {
					power_on();
					CHECK(IS("key", NEW) || IS_NOTHING("key") || kind == DECAY_STUCK);
				}
				/* The owner's remedy, in the same run or in the next. */
				CHECK(WRITE("key", OLD) == STORE_OK && IS("key", OLD));
				CHECK(ERASE("key") == STORE_OK && IS_NOTHING("key"));
			}
	CHECK(unreadable > 20);
}

static void not_open(void)
{
	fake_nvs_reset();
	CHECK(store_open() == STORE_UNREADABLE);
}

int main(int count, char **arguments)
{
	return check_main(count, arguments, (const struct check_case[]){
		{"keeps", keeps},
		{"apart", apart},
		{"power cuts", power_cuts},
		{"both", both},
		{"decays", decays},
		{"failures", failures},
		{"full", full},
		{"read back", read_back},
		{"unreadable", unreadable},
		{"stuck", stuck},
		{"reads while decaying", reads_while_decaying},
		{"not open", not_open},
		{0},
	});
}
