/** The key in flash of what a plan keeps there, by the plan as it was set; `undefined` when it keeps nothing. */
export function sinkOf(plan: unknown): string | undefined {
	const { sink } = (plan ?? {}) as { readonly sink?: { readonly kind?: unknown; readonly key?: unknown } };
	return sink?.kind === "storage" && typeof sink.key === "string" ? `d.${sink.key}` : undefined;
}
