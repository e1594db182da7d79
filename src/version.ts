/** The version of the firmware: that of package.json. */
export const VERSION = "0.1.0";
