/* What a run knows of the last one. The source is a part of this one: it gets the memory that a power cut leaves. */
#include "reset_reason.c"
#include "check.h"
#include <setjmp.h>

static esp_reset_reason_t how;
static jmp_buf reset;

esp_reset_reason_t esp_reset_reason(void)
{
	return how;
}

void esp_restart(void)
{
	how = ESP_RST_SW;
	longjmp(reset, 1);
}

static void restart(const char *reason)
{
	if (setjmp(reset) == 0)
		reset_reason_restart(reason);
	reset_reason_open();
}

static void started_by(esp_reset_reason_t reason, const char *expected)
{
	how = reason;
	reset_reason_open();
	CHECK(strcmp(reset_reason_text(), expected) == 0);
}

static void reasons(void)
{
	started_by(ESP_RST_POWERON, "power on");
	started_by(ESP_RST_BROWNOUT, "brown-out");
	started_by(ESP_RST_TASK_WDT, "watchdog");
	started_by(ESP_RST_SDIO, "unknown");
	restart("low memory");
	CHECK(strcmp(reset_reason_text(), "low memory") == 0);
	/* Said once: the next software reset is somebody else's. */
	started_by(ESP_RST_SW, "end of the JavaScript machine");
	restart("low memory");
	started_by(ESP_RST_PANIC, "panic");
	started_by(ESP_RST_SW, "end of the JavaScript machine");
}

static void long_reasons(void)
{
	char reason[200], expected[64];
	memset(reason, 'r', sizeof reason - 1);
	reason[sizeof reason - 1] = 0;
	memset(expected, 'r', 63);
	expected[63] = 0;
	restart(reason);
	CHECK(strcmp(reset_reason_text(), expected) == 0);
	/* A character of two bytes across the limit is left out whole. */
	memcpy(reason + 62, "\xc3\xa9", 2);
	expected[62] = 0;
	restart(reason);
	CHECK(strcmp(reset_reason_text(), expected) == 0);
}

static void power_cut(void)
{
	for (int fill = 0; fill < 256; fill++) {
		memset(&kept, fill, sizeof kept);
		started_by(ESP_RST_POWERON, "power on");
		CHECK(reset_reason_count() == 0);
		memset(&kept, fill, sizeof kept);
		restart("flash");
		CHECK(reset_reason_count() == 0 && strcmp(reset_reason_text(), "flash") == 0);
	}
}

static void counts(void)
{
	reset_reason_open();
	CHECK(reset_reason_count() == 0);
	reset_reason_set_count(2);
	restart("flash");
	CHECK(reset_reason_count() == 2);
}

static void crashes(void)
{
	const esp_reset_reason_t crashes[] = {ESP_RST_SW, ESP_RST_PANIC, ESP_RST_INT_WDT, ESP_RST_TASK_WDT, ESP_RST_WDT};
	uint32_t expected = 0;
	how = ESP_RST_POWERON;
	reset_reason_open();
	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
		how = crashes[i];
		reset_reason_open();
		CHECK(reset_reason_count() == ++expected);
	}
	/* What somebody asked for, and what the firmware has no part in, is none. */
	restart("the owner's word");
	how = ESP_RST_BROWNOUT;
	reset_reason_open();
	CHECK(reset_reason_count() == expected);
}

int main(int count, char **arguments)
{
	return check_main(count, arguments, (const struct check_case[]){
		{"reasons", reasons}, {"long reasons", long_reasons}, {"power cut", power_cut}, {"counts", counts}, {"crashes", crashes}, {0}});
}
