import { parseDevice } from './device.ts';
import { findDevice } from './find.ts';
import { openSerial } from './serial.ts';
import { openTcp } from './tcp.ts';
import type { OpenPort } from './at/port.ts';

/**
 * Opens a device: a path or COM port, `tcp://host:port`, `imei:...` or `usb:VID:PID[:serial]`.
 *
 * Throws Fault `config.invalid` for a notation that is none of these, `gateway.down` for whatever a later try may mend.
 */
export const openPort: OpenPort = async (device, options) => {
  const parsed = parseDevice(device);
  if (parsed.kind === 'tcp') return openTcp(parsed.host, parsed.port, options);
  if (parsed.kind === 'path') return openSerial(parsed.path, options);
  return openSerial(await findDevice(parsed, options, { open: openSerial }), options);
};
