#include "wall_clock.h"
#include "esp_netif_sntp.h"
#include "esp_timer.h"
#include <sys/time.h>

#if CONFIG_LWIP_SNTP_MAX_SERVERS < 3
	#error "three time servers: CONFIG_LWIP_SNTP_MAX_SERVERS=3"
#endif

static bool is_asking;
/* Written by lwIP's task, read by the machine's. */
static volatile uint32_t answers;

static void on_answer(struct timeval *time)
{
	(void)time;
	answers = answers + 1;
}

bool wall_clock_ask(void)
{
	esp_sntp_config_t settings = ESP_NETIF_SNTP_DEFAULT_CONFIG_MULTIPLE(
		3, ESP_SNTP_SERVER_LIST("time.cloudflare.com", "pool.ntp.org", "time.nist.gov"));
	if (is_asking)
		return esp_netif_sntp_start() == ESP_OK;
	settings.wait_for_sync = false;
	settings.sync_cb = on_answer;
	is_asking = esp_netif_sntp_init(&settings) == ESP_OK;
	return is_asking;
}

uint32_t wall_clock_answers(void)
{
	return answers;
}

int64_t wall_clock_read(void)
{
	struct timeval now;
	gettimeofday(&now, NULL);
	return (int64_t)now.tv_sec * 1000 + now.tv_usec / 1000;
}

void wall_clock_set(int64_t milliseconds)
{
	struct timeval time = {.tv_sec = (time_t)(milliseconds / 1000), .tv_usec = (suseconds_t)(milliseconds % 1000 * 1000)};
	settimeofday(&time, NULL);
}

int64_t wall_clock_monotonic(void)
{
	return esp_timer_get_time() / 1000;
}
