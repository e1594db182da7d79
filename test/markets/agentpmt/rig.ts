/** A device with AgentPMT's client, and a market of its own. */
import type { ExecutionContext } from "ava";
import type { AgentPmtOptions } from "../../../src/markets/agentpmt/agentpmt.js";
import { AgentPmtOperations } from "../../../src/markets/agentpmt/operations/agentpmt_operations.js";
import { isFinal } from "../../../src/wallet/record.js";
import { type Chain, usdc } from "../../../tools/world/chain.js";
import { type AgentPmt as LocalMarket, startAgentPmt, treasury } from "../../../tools/world/markets/agentpmt/market.js";
import { secret } from "../../../tools/world/secret_log.js";
import { type Boot, type BootOptions, Rig } from "../market_device.js";

/** The plan's cap where a test has no other: enough for packs. */
const CAP = 100_000_000;

export class AgentPmtRig extends Rig<AgentPmtOperations> {
	readonly local: LocalMarket;
	/** Secrets that the market did not give out. */
	readonly secrets: string[] = [];
	options: Partial<AgentPmtOptions> = {};

	constructor(chain: Chain, local: LocalMarket) {
		const asset = { ...usdc, address: usdc.address.toLowerCase(), network: chain.network, symbol: "USDC", decimals: 6 };
		const unit = { name: "", version: "", symbol: "credits", decimals: 0 };
		super({
			origin: local.url,
			rules: [
				{ asset, methods: ["eip3009"], payTo: [treasury.toLowerCase()] },
				{ asset: { ...unit, network: "account:agentpmt", address: "credit" }, methods: ["account"], payTo: [] },
			],
			make: (means) => {
				return new AgentPmtOperations(means, { slot: 0, host: local.url, chainId: chain.chainId, ...this.options });
			},
		});
		this.local = local;
	}

	override boot(options: BootOptions = {}): Boot<AgentPmtOperations> {
		return super.boot({ cap: CAP, ...options });
	}

	/** Whatever the market was still busy with when the power failed is done, or will not be. */
	async settled(): Promise<void> {
		const isBusy = () => this.local.requests.some(({ status }) => status === undefined);
		for (let looks = 0; looks < 400 && isBusy(); looks++) await new Promise((resolve) => setTimeout(resolve, 5));
		await new Promise((resolve) => setTimeout(resolve, 50));
	}

	isOpen(): boolean {
		const record = this.record();
		return record !== undefined && !isFinal(record.state);
	}

	/** What the market has taken from this wallet's credits, what it gave back subtracted. */
	charged(wallet: string): number {
		const mine = this.local.credits.entries.filter((entry) => entry.wallet === wallet);
		const taken = mine.filter(({ reason }) => reason === "charge" || reason === "refund");
		return taken.reduce((sum, { credits }) => sum - credits, 0);
	}

	/** What was said and kept holds no secret of the market's, of the device's, or of a test. */
	override isSilent(t: ExecutionContext): void {
		super.isSilent(t, [...this.local.secrets(), ...this.secrets.map(secret)]);
	}
}

/** A market and a device of the test's own. */
export async function open(t: ExecutionContext, chain: Chain): Promise<AgentPmtRig> {
	const local = await startAgentPmt(chain);
	t.teardown(local.stop);
	return new AgentPmtRig(chain, local);
}
