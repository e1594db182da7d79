/**
 * The day of `npm start`, but as an owner sets it, each part an entry in flash; the console asked all the while, and after
 * it for changes, which read the whole configuration anew beside the one that the agent works by.
 */
import type { ExecutionContext } from "ava";
import { Flash } from "../../hal/node/flash.js";
import { Power } from "../../hal/node/power.js";
import { hashes } from "../../modules/signer/portable.js";
import { KINDS, Settings } from "../../src/console/settings.js";
import type { HostError } from "../../tools/cli/host_error.js";
import { type Listener, openLocal } from "../../tools/console/channel.js";
import { Conversation } from "../../tools/console/conversation.js";
import { startDemonstration } from "../../tools/demonstration/demonstration.js";
import { type FirmwareEvent, type FirmwareResult, runFirmware } from "../../tools/firmware.js";
import type { XsBuild } from "../../tools/xs/build.js";

/** The longest line there may be, and no command. */
const LONGEST = "x".repeat(4_000);

type Parts = Readonly<Record<(typeof KINDS)[number], readonly { readonly name: string }[]>> & {
	readonly markets: Readonly<Record<string, unknown>>;
};

export interface FullDay {
	readonly result: FirmwareResult;
	readonly events: readonly FirmwareEvent[];
	/** Asked and answered while the agent bought. */
	readonly answers: number;
	readonly refusals: readonly unknown[];
}

export async function fullDay(t: ExecutionContext, build: XsBuild | undefined): Promise<FullDay> {
	const demonstration = await startDemonstration();
	t.teardown(() => demonstration.stop());
	const { flash, empty, configuration } = demonstration;
	const engine = build === undefined ? "node" : "xs";
	const events: FirmwareEvent[] = [];
	// The first boot makes the keys.
	await runFirmware({ engine, build, flash, configuration: empty, onEvent: (event) => events.push(event) });
	const textOf = (kind: string, name: string) => String(events.find(({ event }) => event === kind)?.[name]);
	await demonstration.fund(textOf("start", "address"), textOf("account", "agent"));
	const parts = JSON.parse(configuration) as Parts;
	provision(flash, parts);

	events.length = 0;
	let done = () => {};
	const isDone = new Promise<void>((resolve) => (done = resolve));
	const conversation = new Conversation({
		onEvent: (event) => {
			events.push(event);
			if (event.event === "spent" || event.event === "error") done();
		},
	});
	const onEnd = (listener: Listener) => (error: HostError) => {
		done();
		listener.onEnd(error);
	};
	const open = (listener: Listener) => openLocal({ engine, build, flash }, { ...listener, onEnd: onEnd(listener) });
	await conversation.open(open);
	const refusals: unknown[] = [];
	let answers = 0;
	const ask = async (line: string, mayBeBusy: boolean) => {
		const answer = await conversation.ask(line).catch((error: Error) => ({ ok: false, error: error.message }));
		const isExpected =
			(mayBeBusy && answer.error === "Busy") || (line === LONGEST && answer.error === "CommandUnknown");
		if (!answer.ok && !isExpected) refusals.push(answer);
		answers++;
	};
	let isOver = false;
	void isDone.then(() => {
		isOver = true;
	});
	const questions = ["status", "limits", "address", "export", "time", "ledger", "help", "rule", LONGEST];
	while (!isOver) {
		await ask(questions[answers % questions.length]!, true);
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
	const changes = parts.rules.map((rule) => `rule set ${JSON.stringify(rule)}`);
	for (const line of [...questions, "key", ...changes, ...changes, ...questions]) await ask(line, false);
	const result = (await conversation.close())!;
	return { result, events, answers, refusals };
}

function provision(flash: string, parts: Parts): void {
	const { storage } = new Flash(flash, new Power(undefined));
	const settings = new Settings(storage, hashes, Object.keys(parts.markets));
	for (const kind of KINDS) for (const part of parts[kind]) settings.commit(settings.changeTo(kind, part));
	for (const [name, account] of Object.entries(parts.markets)) settings.commit(settings.market(name, account));
}
