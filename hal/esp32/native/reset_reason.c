#include "reset_reason.h"
#include "esp_attr.h"
#include "esp_system.h"
#include <stdbool.h>
#include <string.h>

#define REASON 64
#define MARK 0x6d706179

/* Random after a power cut: valid only with `MARK` and the count's complement. */
static RTC_NOINIT_ATTR struct {
	uint32_t mark, count, complement;
	char reason[REASON];
} kept;

static char reason[REASON];

static const char *in_words(esp_reset_reason_t why)
{
	switch (why) {
	case ESP_RST_POWERON:
		return "power on";
	case ESP_RST_EXT:
		return "reset pin";
	case ESP_RST_SW:
		return "end of the JavaScript machine";
	case ESP_RST_PANIC:
		return "panic";
	case ESP_RST_INT_WDT:
		return "interrupt watchdog";
	case ESP_RST_TASK_WDT:
		return "watchdog";
	case ESP_RST_WDT:
		return "other watchdog";
	case ESP_RST_DEEPSLEEP:
		return "deep sleep";
	case ESP_RST_BROWNOUT:
		return "brown-out";
	case ESP_RST_USB:
		return "USB";
	case ESP_RST_JTAG:
		return "JTAG";
	case ESP_RST_EFUSE:
		return "eFuse error";
	case ESP_RST_PWR_GLITCH:
		return "power glitch";
	case ESP_RST_CPU_LOCKUP:
		return "processor locked up";
	default:
		return "unknown";
	}
}

static bool is_crash(esp_reset_reason_t why)
{
	switch (why) {
	case ESP_RST_SW:
		return !kept.reason[0];
	case ESP_RST_PANIC:
	case ESP_RST_INT_WDT:
	case ESP_RST_TASK_WDT:
	case ESP_RST_WDT:
	case ESP_RST_CPU_LOCKUP:
		return true;
	default:
		return false;
	}
}

static bool is_kept(void)
{
	return kept.mark == MARK && kept.complement == ~kept.count;
}

static void copy_reason(char to[REASON], const char *from)
{
	size_t length = 0;
	while (length < REASON - 1 && from[length])
		length++;
	/* Whole characters of UTF-8. */
	while (from[length] && length && ((uint8_t)from[length] & 0xc0) == 0x80)
		length--;
	memcpy(to, from, length);
	to[length] = 0;
}

void reset_reason_open(void)
{
	esp_reset_reason_t why = esp_reset_reason();
	if (!is_kept())
		memset(&kept, 0, sizeof kept);
	kept.reason[REASON - 1] = 0;
	copy_reason(reason, why == ESP_RST_SW && kept.reason[0] ? kept.reason : in_words(why));
	reset_reason_set_count(kept.count + is_crash(why));
	kept.reason[0] = 0;
}

const char *reset_reason_text(void)
{
	return reason;
}

uint32_t reset_reason_count(void)
{
	return kept.count;
}

void reset_reason_set_count(uint32_t count)
{
	kept.count = count;
	kept.complement = ~count;
	kept.mark = MARK;
}

void reset_reason_restart(const char *why)
{
	reset_reason_set_count(is_kept() ? kept.count : 0);
	copy_reason(kept.reason, why);
	esp_restart();
}
