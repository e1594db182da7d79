/** The unit tests as test/unit.ts bundles them: a process a folder, and nothing to compile in it. */
export default { files: ["build/unit/*.test.mjs"], extensions: ["mjs"], timeout: "10m", workerThreads: false };
