#include "app_watchdog.h"
#include "esp_task_wdt.h"
#include "esp_timer.h"
#include "sdkconfig.h"
#include <stdint.h>

#if !CONFIG_ESP_TASK_WDT_EN || !CONFIG_ESP_TASK_WDT_INIT || !CONFIG_ESP_TASK_WDT_PANIC
	#error "the task watchdog must be on: set CONFIG_ESP_TASK_WDT_EN, _INIT and _PANIC"
#endif

#define MINUTE_US 60000000
#define CHECK_US ((uint64_t)CONFIG_ESP_TASK_WDT_TIMEOUT_S * 1000000 / 4)

static esp_task_wdt_user_handle_t firmware;
static bool is_watched;
/* Minutes, to fit one word: the machine's task writes it, esp_timer's reads it. */
static volatile uint32_t fed_at;

static uint32_t minutes_now(void)
{
	return (uint32_t)(esp_timer_get_time() / MINUTE_US);
}

static void check(void *nothing)
{
	(void)nothing;
	if (minutes_now() - fed_at <= APP_WATCHDOG_MINUTES)
		esp_task_wdt_reset_user(firmware);
}

static bool watch(void)
{
	esp_timer_create_args_t settings = {.callback = check, .name = "app_watchdog"};
	esp_timer_handle_t timer;
	return esp_timer_create(&settings, &timer) == ESP_OK && esp_timer_start_periodic(timer, CHECK_US) == ESP_OK &&
	       esp_task_wdt_add_user("firmware", &firmware) == ESP_OK;
}

bool app_watchdog_feed(void)
{
	fed_at = minutes_now();
	if (!is_watched)
		is_watched = watch();
	return is_watched;
}
