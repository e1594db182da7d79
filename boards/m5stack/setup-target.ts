/**
 * What an M5Stack Core needs before the agent starts: a quiet speaker, and a battery that stays on.
 * @module
 */
import Digital from "pins/digital";
import SMBus from "pins/smbus";

/** The DAC's pin: left floating, the amplifier hisses with each transmission. */
const SPEAKER = 25;
/** The power controller, IP5306: its register map V1.21. */
const POWER = 0x75;
const SYSTEM_CONTROL = 0;
/** Without it the controller turns the board off after 32 s of little current: a waiting agent takes little. */
const BOOST_STAYS_ON = 0x02;

export default function (done: () => void): void {
	Digital.write(SPEAKER, 0);
	const bus = new SMBus({ address: POWER });
	try {
		bus.writeByte(SYSTEM_CONTROL, bus.readByte(SYSTEM_CONTROL) | BOOST_STAYS_ON);
	} catch {
		// The first boards have a controller that is not on the bus. They run from USB as well.
	}
	bus.close();
	done();
}
