/** Returns the flash key of the data that a plan stores, from the plan as set; `undefined` if it stores none. */
export function sinkOf(plan: unknown): string | undefined {
	const { sink } = (plan ?? {}) as { readonly sink?: { readonly kind?: unknown; readonly key?: unknown } };
	return sink?.kind === "storage" && typeof sink.key === "string" ? `d.${sink.key}` : undefined;
}
