/* The firmware's half of the watchdog, with minutes that pass as they are told. */
#include "app_watchdog.h"
#include "check.h"
#include "esp_task_wdt.h"
#include "esp_timer.h"

static int64_t now;
static unsigned resets, users;
static esp_timer_cb_t callback;
static uint64_t period;
static bool has_room = true;

esp_err_t esp_task_wdt_add_user(const char *name, esp_task_wdt_user_handle_t *user)
{
	CHECK(strcmp(name, "firmware") == 0);
	*user = (esp_task_wdt_user_handle_t)&users;
	users++;
	return ESP_OK;
}

esp_err_t esp_task_wdt_reset_user(esp_task_wdt_user_handle_t user)
{
	CHECK(user == (esp_task_wdt_user_handle_t)&users);
	resets++;
	return ESP_OK;
}

esp_err_t esp_timer_create(const esp_timer_create_args_t *settings, esp_timer_handle_t *timer)
{
	callback = settings->callback;
	*timer = (esp_timer_handle_t)&callback;
	return has_room ? ESP_OK : ESP_FAIL;
}

esp_err_t esp_timer_start_periodic(esp_timer_handle_t timer, uint64_t microseconds)
{
	CHECK(timer == (esp_timer_handle_t)&callback);
	period = microseconds;
	return ESP_OK;
}

int64_t esp_timer_get_time(void)
{
	return now;
}

static void feeds(void)
{
	CHECK(app_watchdog_feed() && app_watchdog_feed() && users == 1);
	/* Often enough for a task watchdog of 20 seconds. */
	CHECK(period <= 10000000);
	for (int minute = 0; minute <= APP_WATCHDOG_MINUTES; minute++, now += 60000000)
		callback(NULL);
	CHECK(resets == APP_WATCHDOG_MINUTES + 1);
	callback(NULL);
	CHECK(resets == APP_WATCHDOG_MINUTES + 1);
	CHECK(app_watchdog_feed());
	callback(NULL);
	CHECK(resets == APP_WATCHDOG_MINUTES + 2);
}

static void refuses(void)
{
	has_room = false;
	CHECK(!app_watchdog_feed() && !app_watchdog_feed());
	has_room = true;
	CHECK(app_watchdog_feed() && users == 1);
}

int main(int count, char **arguments)
{
	return check_main(count, arguments, (const struct check_case[]){{"feeds", feeds}, {"refuses", refuses}, {0}});
}
