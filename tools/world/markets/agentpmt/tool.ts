/** A tool of the market, and its actions. */

export interface Action {
	readonly slug: string;
	readonly name: string;
	readonly credits: number;
	/** Names of the parameters that must be there. */
	readonly required: readonly string[];
	/** The member that `_credentials` must have unless the vendor has it. */
	readonly credential?: string;
	/** True if it can be paid by x402 on its own. */
	readonly direct: boolean;
	/** Returns the fault of parameters that has no error of its own; nothing if there is none. */
	readonly fault?: (parameters: Readonly<Record<string, unknown>>) => string | undefined;
	/** Given the parameters without `_workflow_session_id`; what it throws is a failed call. */
	run(parameters: Readonly<Record<string, unknown>>): object;
}

export interface Tool {
	readonly product_id: string;
	readonly slug: string;
	readonly name: string;
	readonly description: string;
	readonly categories: readonly string[];
	readonly actions: readonly Action[];
}
