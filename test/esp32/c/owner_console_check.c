/* The owner's console with threads for tasks: what is typed as a key reaches its slot, and JavaScript never. */
#include "xsmc.h"
#include "xsHost.h"
#include "check.h"
#include "line_buffer.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "serial_line.h"
#include "signer_slot.h"
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

void xs_owner_console_start(xsMachine *the);
void xs_owner_console_open(xsMachine *the);
void xs_owner_console_read(xsMachine *the);
void xs_owner_console_take_key(xsMachine *the);
void xs_owner_console_write(xsMachine *the);

#define DIGITS "c0ffee254729296a45a3885639ac7e10f9d549790123456789abcdef01234567"

/* --- the serial line: a pipe --- */

static int wire[2];

bool serial_line_open(void)
{
	return pipe(wire) == 0;
}

size_t serial_line_read(uint8_t *bytes, size_t size)
{
	ssize_t count = read(wire[0], bytes, size);
	return count > 0 ? (size_t)count : 0;
}

static uint8_t written[16];

void serial_line_write(const uint8_t *bytes, size_t length)
{
	memcpy(written, bytes, length);
}

static void type(const char *bytes)
{
	CHECK(write(wire[1], bytes, strlen(bytes)) == (ssize_t)strlen(bytes));
}

/* --- tasks, semaphores, messages to the machine --- */

struct QueueDefinition {
	sem_t semaphore;
};

SemaphoreHandle_t xSemaphoreCreateBinary(void)
{
	static struct QueueDefinition made;
	sem_init(&made.semaphore, 0, 0);
	return &made;
}

BaseType_t xSemaphoreTake(SemaphoreHandle_t semaphore, TickType_t ticks)
{
	(void)ticks;
	sem_wait(&semaphore->semaphore);
	return pdTRUE;
}

BaseType_t xSemaphoreGive(SemaphoreHandle_t semaphore)
{
	sem_post(&semaphore->semaphore);
	return pdTRUE;
}

static void (*task)(void *);

static void *run_task(void *nothing)
{
	task(nothing);
	return NULL;
}

BaseType_t xTaskCreate(TaskFunction_t code, const char *name, const uint32_t stack, void *parameters, UBaseType_t priority, TaskHandle_t *created)
{
	pthread_t thread;
	(void)name, (void)stack, (void)parameters, (void)priority, (void)created;
	task = code;
	return pthread_create(&thread, NULL, run_task, NULL) == 0 ? pdPASS : 0;
}

void vTaskDelay(const TickType_t ticks)
{
	(void)ticks;
}

static sem_t posted;
static modMessageDeliver deliver;

/* Full the first time, as a queue of messages can be. */
int modMessagePostToMachine(xsMachine *to, uint8_t *message, uint16_t length, modMessageDeliver callback, void *refcon)
{
	static int times;
	(void)to, (void)message, (void)length, (void)refcon;
	if (times++ == 0)
		return -2;
	deliver = callback;
	sem_post(&posted);
	return 0;
}

static xsMachine machine;

static void service(void)
{
	sem_wait(&posted);
	deliver(&machine, NULL, NULL, 0);
}

/* --- JavaScript --- */

static char line[LINE_BUFFER_LIMIT + 1];
static bool was_too_long;
static int key_error = -1;
/* All bytes that were ever given to JavaScript. */
static char given[100000];
static size_t given_length;

void fake_buffer(xsSlot *slot, const void *bytes, size_t length)
{
	slot->kind = BYTES;
	slot->length = length;
	memcpy(slot->bytes, bytes, length);
	memcpy(given + given_length, bytes, length);
	given_length += length;
}

void fake_throw(const char *message)
{
	fprintf(stderr, "thrown: %s\n", message);
	exit(3);
}

static void on_line(const xsSlot *argument)
{
	was_too_long = argument->integer > LINE_BUFFER_LIMIT;
	if (was_too_long)
		return;
	xs_owner_console_read(&machine);
	CHECK((size_t)argument->integer == machine.result.length);
	memcpy(line, machine.result.bytes, machine.result.length);
	line[machine.result.length] = 0;
}

static void on_key(const xsSlot *argument)
{
	key_error = argument->integer;
}

static void open_console(void)
{
	sem_init(&posted, 0, 0);
	xs_owner_console_start(&machine);
	CHECK(machine.result.integer == 1);
	machine.arguments[0] = (xsSlot){.kind = FUNCTION, .function = on_line};
	xs_owner_console_open(&machine);
	CHECK(machine.remembered == 1);
}

static void take_key(int slot, int curve)
{
	machine.arguments[0] = (xsSlot){.kind = INTEGER, .integer = slot};
	machine.arguments[1] = (xsSlot){.kind = INTEGER, .integer = curve};
	machine.arguments[2] = (xsSlot){.kind = FUNCTION, .function = on_key};
	key_error = -1;
	xs_owner_console_take_key(&machine);
}

/* --- the signer --- */

static int stored_slot = -1, stored_curve = -1;

int signer_slot_import(int slot, int curve, uint8_t *bytes, size_t length)
{
	stored_slot = slot;
	stored_curve = curve;
	return length == 64 && memcmp(bytes, DIGITS, 64) == 0 ? 0 : SIGNER_SLOT_KEY_OUT_OF_RANGE;
}

void signer_slot_clear(void *bytes, size_t length)
{
	volatile uint8_t *at = bytes;
	while (length--)
		*at++ = 0;
}

/* --- the cases --- */

static void lines(void)
{
	open_console();
	type("status\nhelp\r\n");
	service();
	CHECK(strcmp(line, "status") == 0);
	service();
	CHECK(strcmp(line, "help") == 0);
	for (int i = 0; i <= LINE_BUFFER_LIMIT; i++)
		type("x");
	type("\nafter\n");
	service();
	CHECK(was_too_long);
	service();
	CHECK(!was_too_long && strcmp(line, "after") == 0);
	machine.arguments[0] = (xsSlot){.kind = BYTES, .bytes = "{}", .length = 2};
	xs_owner_console_write(&machine);
	CHECK(memcmp(written, "{}", 2) == 0);
}

/* The key may be on its way before it is asked for, in one piece with the command. */
static void key(void)
{
	open_console();
	type("import 3\n" DIGITS "\nstatus\n");
	service();
	take_key(3, 1);
	service();
	CHECK(key_error == 0 && stored_slot == 3 && stored_curve == 1 && machine.remembered == 1);
	service();
	CHECK(strcmp(line, "status") == 0);
	CHECK(given_length == strlen("import 3") + strlen("status"));
	for (size_t i = 0; i + 8 <= given_length; i++)
		CHECK(memmem(DIGITS, 64, given + i, 8) == NULL);
}

static void wrong_keys(void)
{
	open_console();
	take_key(0, 0);
	type("not a key\n");
	service();
	CHECK(key_error == SIGNER_SLOT_KEY_OUT_OF_RANGE);
	take_key(0, 0);
	stored_slot = -1;
	for (int i = 0; i < 100; i++)
		type(DIGITS);
	type("\n");
	service();
	CHECK(key_error == SIGNER_SLOT_KEY_OUT_OF_RANGE && stored_slot == -1 && given_length == 0);
}


int main(int count, char **arguments)
{
	return check_main(count, arguments, (const struct check_case[]){
		{"lines", lines}, {"key", key}, {"wrong keys", wrong_keys}, {0}});
}
