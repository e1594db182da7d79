/**
 * The owner's console: one line in, one line of JSON out. `{"ok":true,…}`, or `{"ok":false,"error":…,"message":…}`, whose
 * message has what was expected, what was found and what to do. One command at a time. No part of a line is kept after its
 * answer, and none is echoed: it may hold a secret.
 */

import { CONSOLE_LINE_LIMIT, type ConsoleLine } from "../device/console_line.js";
import { VERSION } from "../version.js";
import { answerOf, refusalOf } from "./answer.js";
import { Arguments } from "./arguments.js";
import type { ConsoleDeps, Session } from "./command.js";
import { commandOf } from "./commands.js";
import { Confirmation } from "./confirmation.js";
import { ConsoleError } from "./errors.js";

/** Bytes: more than a network's name and password as JSON strings. */
const LIGHT_LENGTH = 256;

export class Console {
	readonly #line: ConsoleLine;
	readonly #deps: () => ConsoleDeps;
	readonly #confirmation = new Confirmation();
	#isBusy = false;
	/** The reason for a pending restart. */
	#restart: string | undefined;

	constructor(line: ConsoleLine, deps: () => ConsoleDeps) {
		this.#line = line;
		this.#deps = deps;
	}

	/** Starts to listen, and announces it. */
	open(): void {
		// A purchase leaves too little memory for a long line, and no light command has one.
		const longest = () => (this.#isBuying() ? LIGHT_LENGTH : CONSOLE_LINE_LIMIT);
		this.#line.open((line) => this.#take(line), longest);
		this.#answer({ ready: `micropayer ${VERSION}`, help: 'type "help"' });
	}

	#take(line: string | undefined): void {
		if (line !== undefined && line.trim() === "") return;
		try {
			if (line === undefined) throw this.#isBuying() ? busyBuying() : unreadable();
			const answer = this.#run(new Arguments(line));
			if (answer instanceof Promise) this.#await(answer);
			else this.#answer(answer);
		} catch (error) {
			this.#refuse(error as Error);
		}
	}

	#run(args: Arguments): object | string | Promise<object | string> {
		const command = commandOf(args.expect("a command"));
		// A pause is accepted even while another command is pending.
		if (this.#isBusy && command.name !== "pause") {
			throw new ConsoleError("Busy", "busy: wait for the answer to the previous line");
		}
		const session = this.#session();
		if (!command.isLight && session.device.agent?.isBuying === true) {
			throw busyBuying();
		}
		// A command that takes memory runs after the line and the port's copies of it are released.
		return command.isLight ? command.run(args, session) : Promise.resolve().then(() => command.run(args, session));
	}

	#await(answer: Promise<object | string>): void {
		this.#isBusy = true;
		const done = (tell: () => void) => {
			this.#isBusy = false;
			tell();
		};
		answer.then(
			(fields) => done(() => this.#answer(fields)),
			(error: Error) => done(() => this.#refuse(error)),
		);
	}

	#isBuying(): boolean {
		return this.#deps().device.agent?.isBuying === true;
	}

	#session(): Session {
		return {
			...this.#deps(),
			confirmation: this.#confirmation,
			answer: (fields) => this.#answer(fields),
			refuse: (error) => this.#refuse(error),
			scheduleRestart: (reason) => {
				this.#restart = reason;
			},
		};
	}

	#answer(fields: object | string): void {
		const isLast = this.#restart !== undefined;
		try {
			const isWhole = typeof fields === "string";
			this.#line.write(isWhole ? fields : answerOf(isLast ? { ...fields, restarting: true } : fields));
		} catch (error) {
			this.#refuse(error as Error);
		}
		if (this.#restart !== undefined) this.#deps().restart(this.#restart);
	}

	#refuse(error: Error): void {
		this.#line.write(refusalOf(error));
	}
}

function unreadable(): ConsoleError {
	return new ConsoleError("LineUnreadable", `expected a line of at most ${CONSOLE_LINE_LIMIT} bytes of UTF-8`);
}

function busyBuying(): ConsoleError {
	return new ConsoleError("Busy", 'a purchase is in progress: retry when it ends, or "pause" first');
}
